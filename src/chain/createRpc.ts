import { decodeError } from "../errors/decodeError.ts";

/** What the node answered instead of a result. Everything else that is thrown is the network's failure. */
export class RpcNodeError extends Error {
  override readonly name = "RpcRequestError";
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export interface RpcRequest {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** JSON-RPC over HTTP without retries: the caller decides what may be sent twice. */
export interface Rpc {
  /** @throws {RpcNodeError} what the node answered; or an `XmtpError` if it did not answer */
  call(method: string, ...params: unknown[]): Promise<unknown>;
  /** Sends several calls in one request. Each answer is a result or the node's error. */
  batch(requests: readonly RpcRequest[]): Promise<(unknown | RpcNodeError)[]>;
}

/** Requests in one HTTP body; nodes refuse more than some hundreds. */
const MAX_BATCH = 50;

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** Posts a body and reads the answer, whatever its status. @throws if there is none in time */
export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
) => Promise<HttpAnswer>;

/** Talks JSON-RPC with one node. viem's client copies and hashes every request, which large payloads pay for. */
export function createRpc(url: string, timeoutMs: number, send: Post = sendByFetch): Rpc {
  let nextId = 1;
  let canBatch = true;
  const { target, headers } = splitCredentials(url);

  const post = async (body: unknown): Promise<unknown> => {
    try {
      const { status, text } = await send(target, headers, JSON.stringify(body), timeoutMs);
      if ((status < 200 || status > 299) && !isJsonRpc(text)) {
        throw Object.assign(new Error(`HTTP status ${status}`), { status });
      }
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw decodeError(
        Object.assign(new Error(textOf(error), { cause: error }), {
          name: "HttpRequestError",
          url,
        }),
      );
    }
  };
  const frame = ({ method, params }: RpcRequest) => ({
    jsonrpc: "2.0",
    id: nextId++,
    method,
    params,
  });

  const callOne = async (request: RpcRequest): Promise<unknown> => {
    const answer = readAnswer(await post(frame(request)));
    if (answer instanceof RpcNodeError) throw answer;
    return answer;
  };
  const settleOne = (request: RpcRequest): Promise<unknown> =>
    callOne(request).catch((error: unknown) => {
      if (error instanceof RpcNodeError) return error;
      throw error;
    });

  const batchSome = async (requests: readonly RpcRequest[]): Promise<unknown[]> => {
    if (!canBatch || requests.length === 1) return Promise.all(requests.map(settleOne));
    const frames = requests.map(frame);
    const answers = await post(frames);
    if (!Array.isArray(answers)) {
      canBatch = false;
      return Promise.all(requests.map(settleOne));
    }
    const byId = new Map(
      answers.map((answer: unknown) => [(answer as { id?: unknown } | null)?.id, answer]),
    );
    return frames.map(({ id }) => readAnswer(byId.get(id)));
  };

  return {
    call: (method, ...params) => callOne({ method, params }),
    batch: async (requests) => {
      const results: unknown[] = [];
      for (let start = 0; start < requests.length; start += MAX_BATCH) {
        results.push(...(await batchSome(requests.slice(start, start + MAX_BATCH))));
      }
      return results;
    },
  };
}

const sendByFetch: Post = async (url, headers, body, timeoutMs) => {
  const response = await fetch(url, {
    method: "POST",
    headers,
    body,
    signal: AbortSignal.timeout(timeoutMs),
  });

  return { status: response.status, text: await response.text() };
};

/** `fetch` refuses URLs with a user name; nodes behind basic authentication need it as a header. */
function splitCredentials(url: string): { target: string; headers: Record<string, string> } {
  const target = new URL(url);
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (target.username !== "" || target.password !== "") {
    const pair = `${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`;
    headers["authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
    target.username = "";
    target.password = "";
  }

  return { target: target.href, headers };
}

function readAnswer(answer: unknown): unknown {
  const { result, error } = (answer ?? {}) as { result?: unknown; error?: Record<string, unknown> };
  if (error !== undefined && error !== null) {
    return new RpcNodeError(Number(error["code"]), String(error["message"]), error["data"]);
  }
  if (result === undefined)
    return new RpcNodeError(-32603, "the node answered without a result", undefined);

  return result;
}

function isJsonRpc(text: string): boolean {
  return text.includes('"jsonrpc"') && text.includes('"error"');
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);

  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
