import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { acceptWebSocket, type WebSocketConnection } from "./acceptWebSocket.ts";
import type { Block, Chain } from "./createChain.ts";
import { RpcError, showHeader, type createChainRpc, type Request } from "./createChainRpc.ts";

const HOST = "127.0.0.1";
const KEEP_ALIVE_MS = 600_000;

interface Subscription {
  readonly connection: WebSocketConnection;
  readonly kind: "newHeads" | "logs";
}

/** Serves JSON-RPC over HTTP and WebSocket on a free port of the loopback interface. */
export async function serveChain(chain: Chain, rpc: ReturnType<typeof createChainRpc>) {
  const subscriptions = new Map<string, Subscription>();
  let nextSubscription = 1;

  const server = createServer((request, response) => void serve(request, response));
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on("upgrade", (request, socket) => {
    const own = new Set<string>();
    const connection = acceptWebSocket(request, socket, {
      onText: (text) => {
        const message = JSON.parse(text) as Request | Request[];
        connection.send(
          respond(message, (one) => subscribe(one, connection, own) ?? rpc.answer(one)),
        );
      },
      onClose: () => own.forEach((id) => subscriptions.delete(id)),
    });
  });
  server.listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://${HOST}:${port}`,
    webSocketUrl: `ws://${HOST}:${port}`,
    /** Adds a block and tells subscribers of it. */
    mine: (events: number): Block => {
      const block = chain.mine(events);
      const header = Buffer.from(JSON.stringify(showHeader(block)));
      const logs = JSON.parse(`[${block.logs.toString("latin1")}]`) as unknown[];
      for (const [id, { connection, kind }] of subscriptions) {
        const results =
          kind === "newHeads" ? [header] : logs.map((log) => Buffer.from(JSON.stringify(log)));
        for (const result of results) connection.send(notification(id, result));
      }
      return block;
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    if (body === "") {
      response.writeHead(400).end();
      return;
    }

    const pieces = respond(JSON.parse(body) as Request | Request[], (one) => rpc.answer(one));
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": pieces.reduce((sum, { length }) => sum + length, 0),
    });
    response.cork();
    for (const piece of pieces) response.write(piece);
    response.end();
    response.uncork();
  }

  function subscribe(
    { method, params = [] }: Request,
    connection: WebSocketConnection,
    own: Set<string>,
  ): Buffer[] | undefined {
    if (method === "eth_unsubscribe") {
      const isKnown = own.delete(String(params[0])) && subscriptions.delete(String(params[0]));
      return [Buffer.from(String(isKnown))];
    }
    if (method !== "eth_subscribe") return undefined;

    const [kind] = params;
    if (kind !== "newHeads" && kind !== "logs") {
      throw new RpcError(-32601, `no "${String(kind)}" subscription in eth namespace`);
    }
    const id = `0x${(nextSubscription++).toString(16).padStart(32, "0")}`;
    own.add(id);
    subscriptions.set(id, { connection, kind });
    return [Buffer.from(JSON.stringify(id))];
  }
}

function respond(
  message: Request | readonly Request[],
  answer: (request: Request) => Buffer[],
): Buffer[] {
  if (!Array.isArray(message)) return respondOne(message as Request, answer);

  const answers = (message as readonly Request[]).flatMap((request, index) => [
    ...(index === 0 ? [] : [Buffer.from(",")]),
    ...respondOne(request, answer),
  ]);
  return [Buffer.from("["), ...answers, Buffer.from("]")];
}

function respondOne(request: Request, answer: (request: Request) => Buffer[]): Buffer[] {
  const head = `{"jsonrpc":"2.0","id":${JSON.stringify(request.id ?? null)}`;
  try {
    return [Buffer.from(`${head},"result":`), ...answer(request), Buffer.from("}")];
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    const { code, message } = error;
    return [Buffer.from(`${head},"error":${JSON.stringify({ code, message })}}`)];
  }
}

function notification(id: string, result: Buffer): Buffer[] {
  return [
    Buffer.from(
      `{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"${id}","result":`,
    ),
    result,
    Buffer.from("}}"),
  ];
}
