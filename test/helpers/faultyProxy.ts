import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

/** One call on its way through the proxy. A batch counts as the methods in it, joined. */
export interface PassingCall {
  readonly method: string;
  readonly body: string;
}

/**
 * What happens to a call: it passes; it is dropped before it reaches the node; it reaches the node and the answer is
 * dropped, or cut off in the middle of its body; it is never answered; it gets an error or an HTTP status for an answer;
 * its answer is rewritten; something else answers, which may ask the node as often as it likes.
 */
export type Fault =
  | "pass"
  | "drop"
  | "dropAnswer"
  | "cutAnswer"
  | "hang"
  | { readonly error: { readonly code: number; readonly message: string } }
  | { readonly status: number; readonly body?: string }
  | { readonly rewrite: (answer: string) => string }
  | { readonly answer: (ask: (body: string) => Promise<string>) => Promise<string> };

export interface FaultyProxy {
  readonly url: string;
  readonly webSocketUrl: string;
  /** Decides about each call from now on; the call waits for a decision that takes time. */
  setFault(decide: (call: PassingCall) => Fault | Promise<Fault>): void;
  /** Every method that came in. */
  readonly calls: string[];
  /** Cuts every WebSocket; in the middle of a message, if told so. */
  cutWebSockets(options?: { readonly inMessage?: boolean }): void;
  /** Whether new WebSockets are let through. */
  allowWebSockets(isAllowed: boolean): void;
  /** Resolves once so many WebSockets are open. */
  webSocketsOpen(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** A text frame that says it has 120 bytes (RFC 6455, section 5.2), and the first of them. */
const HALF_MESSAGE = Buffer.from([0x81, 120, ...Buffer.from('{"jsonrpc":"2.0","met')]);

/** An HTTP and WebSocket proxy in front of a node, which fails on demand. */
export async function startFaultyProxy(targetUrl: string): Promise<FaultyProxy> {
  const target = new URL(targetUrl);
  let decide: (call: PassingCall) => Fault | Promise<Fault> = () => "pass";
  let webSocketsAllowed = true;
  const calls: string[] = [];
  const tunnels = new Set<Socket>();
  const waiters = new Set<() => void>();

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString("utf8");
    const parsed = JSON.parse(body) as
      { id: number; method: string } | { id: number; method: string }[];
    const method = (Array.isArray(parsed) ? parsed : [parsed]).map((call) => call.method).join("+");
    calls.push(method);

    const fault = await decide({ method, body });
    if (fault === "drop") {
      request.socket.destroy();
      return;
    }
    if (typeof fault === "object" && "error" in fault) {
      const answer = (call: { id: number }) => ({
        jsonrpc: "2.0",
        id: call.id,
        error: fault.error,
      });
      response.end(JSON.stringify(Array.isArray(parsed) ? parsed.map(answer) : answer(parsed)));
      return;
    }
    if (typeof fault === "object" && "status" in fault) {
      response.writeHead(fault.status).end(fault.body ?? "");
      return;
    }
    if (fault === "hang") return;
    const text = await (typeof fault === "object" && "answer" in fault
      ? fault.answer(ask)
      : ask(body));
    if (fault === "dropAnswer") request.socket.destroy();
    else if (fault === "cutAnswer") {
      response.writeHead(200, { "content-length": Buffer.byteLength(text) });
      response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
    } else {
      response.end(typeof fault === "object" && "rewrite" in fault ? fault.rewrite(text) : text);
    }
  };
  const ask = async (body: string): Promise<string> => {
    const answer = await fetch(target, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    return await answer.text();
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.on("upgrade", (request, socket: Socket, head) => {
    if (!webSocketsAllowed) {
      socket.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname, () => {
      const headers = Object.entries(request.headers).map(
        ([name, value]) => `${name}: ${String(value)}`,
      );
      upstream.write(`GET / HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`);
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
      tunnels.add(socket);
      for (const waiter of waiters) waiter();
    });
    const close = (): void => {
      tunnels.delete(socket);
      socket.destroy();
      upstream.destroy();
    };
    for (const end of [socket, upstream]) end.on("close", close).on("error", close);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    webSocketUrl: `ws://127.0.0.1:${port}`,
    calls,
    setFault: (next) => {
      decide = next;
    },
    cutWebSockets: ({ inMessage = false } = {}) => {
      for (const socket of [...tunnels]) {
        if (!inMessage) socket.destroy();
        else socket.write(HALF_MESSAGE, () => socket.destroy());
      }
    },
    allowWebSockets: (isAllowed) => {
      webSocketsAllowed = isAllowed;
    },
    webSocketsOpen: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (tunnels.size < count) return;
          waiters.delete(check);
          resolve();
        };
        waiters.add(check);
        check();
      }),
    stop: async () => {
      for (const socket of [...tunnels]) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
