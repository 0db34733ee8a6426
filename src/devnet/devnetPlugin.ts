import type { NetworkConnection } from "hardhat/types/network";
import type { HardhatPlugin } from "hardhat/types/plugins";

import { nodeErrorText } from "./nodeErrorText.ts";

/**
 * A Hardhat plugin that keeps each new connection, which `createServer` does not hand out, knows which requests are
 * being answered, and words the errors of `eth_send*` as geth does.
 */
export function createDevnetPlugin() {
  const connections = new Map<string, NetworkConnection<string>>();
  const requests = new Set<Promise<unknown>>();

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
            const answer = next(context, connection, request);
            requests.add(answer);
            try {
              return await answer;
            } catch (error) {
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
    /** Resolves when no request is being answered. */
    idle: async (): Promise<void> => {
      while (requests.size > 0) await Promise.allSettled(requests);
    },
  };
}

export type DevnetPlugin = ReturnType<typeof createDevnetPlugin>;
