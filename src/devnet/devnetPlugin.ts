import { AsyncLocalStorage } from "node:async_hooks";

import type { NetworkConnection } from "hardhat/types/network";
import type { HardhatPlugin } from "hardhat/types/plugins";
import type { JsonRpcResponse } from "hardhat/types/providers";

import { nodeErrorText } from "./nodeErrorText.ts";

export interface RpcRequest {
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * Stands between the clients of a chain and the chain. Answers a request itself, or asks `next`, whatever and as often as
 * it likes. Throws what the client gets as an error.
 */
export type RpcLayer = (
  request: RpcRequest,
  next: (request: RpcRequest) => Promise<unknown>,
) => Promise<unknown>;

/** Asks the chain itself, past all layers. */
export type AskNode = (method: string, params?: readonly unknown[]) => Promise<unknown>;

/** An answer that is an error, with a code of EIP-1474. */
export class RpcRefusal extends Error {
  override readonly name = "RpcRefusal";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * A Hardhat plugin that keeps each new connection, which `createServer` does not hand out, puts layers in front of it,
 * knows which requests are being answered, and words the errors of `eth_send*` as geth does.
 */
export function createDevnetPlugin() {
  const connections = new Map<string, NetworkConnection<string>>();
  const layers = new Map<string, RpcLayer[]>();
  const requests = new Set<Promise<unknown>>();
  const own = new AsyncLocalStorage<true>();

  const plugin: HardhatPlugin = {
    id: "xmtp-devnet",
    hookHandlers: {
      network: async () => ({
        default: async () => ({
          newConnection: async (context, next) => {
            const connection = await next(context);
            connections.set(connection.networkName, connection);
            return connection;
          },
          onRequest: async (context, connection, request, next) => {
            if (own.getStore() === true) return next(context, connection, request);

            const ask = async ({ method, params }: RpcRequest): Promise<unknown> =>
              resultOf(
                await next(context, connection, { ...request, method, params: [...params] }),
              );
            const through = (layers.get(connection.networkName) ?? []).reduce<typeof ask>(
              (inner, layer) => async (outer) => layer(outer, inner),
              ask,
            );
            const params = Array.isArray(request.params) ? request.params : [];
            const answer = through({ method: request.method, params });
            requests.add(answer);
            try {
              return { jsonrpc: "2.0", id: request.id, result: await answer };
            } catch (error) {
              if (error instanceof RpcRefusal) {
                const { code, message } = error;
                return { jsonrpc: "2.0", id: request.id, error: { code, message } };
              }
              if (request.method.startsWith("eth_send") && error instanceof Error) {
                error.message = nodeErrorText(error.message);
              }
              throw error;
            } finally {
              requests.delete(answer);
            }
          },
        }),
      }),
    },
  };

  return {
    plugin,
    /** By network name. */
    connections,
    /** Puts a layer in front of those that a network has. */
    addLayer: (network: string, layer: RpcLayer): void => {
      layers.set(network, [...(layers.get(network) ?? []), layer]);
    },
    askNode:
      ({ provider }: NetworkConnection<string>): AskNode =>
      (method, params = []) =>
        own.run(true, (): Promise<unknown> => provider.request({ method, params: [...params] })),
    /** Passes on what the chain announces once `until` resolves, and nothing once it rejects. */
    holdEvents: ({ provider }: NetworkConnection<string>, until: () => Promise<void>): void => {
      const emit = provider.emit.bind(provider);
      provider.emit = (...event) => {
        void until().then(
          () => emit(...event),
          () => undefined,
        );
        return true;
      };
    },
    /** Resolves when no request is being answered. */
    idle: async (): Promise<void> => {
      while (requests.size > 0) await Promise.allSettled(requests);
    },
  };
}

/** A refusal of the node is thrown by Hardhat already; a layer of a plugin may still answer with one. */
function resultOf(response: JsonRpcResponse): unknown {
  if ("result" in response) return response.result;
  throw new RpcRefusal(response.error.code, response.error.message);
}

export type DevnetPlugin = ReturnType<typeof createDevnetPlugin>;
