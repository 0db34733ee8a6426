import type { Hex } from "viem";

import type { RawLog } from "../../src/publisher/parseReceipt.ts";
import type { Fault, PassingCall } from "./faultyProxy.ts";

type Log = RawLog & { readonly removed?: boolean };

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: unknown;
}

interface LogFilter {
  readonly fromBlock?: string;
  readonly toBlock?: string;
  readonly blockHash?: string;
}

export type RpcFaultName = keyof ReturnType<typeof createRpcFaults>;

/** What goes wrong between an indexer and a node, by name; each decides about a call. The same for the same `random`. */
export function createRpcFaults(random: () => number) {
  const pick = (count: number): number => Math.floor(random() * count);
  const shuffled = <T>(list: readonly T[]): T[] =>
    list
      .map((item) => ({ item, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);

  return {
    unreachable: () => "drop",
    answerLost: () => "dropAnswer",
    answerCut: () => "cutAnswer",
    timeout: () => "hang",
    status429: () => ({ status: 429, body: "Too Many Requests" }),
    status503: () => ({ status: 503, body: "<html>upstream connect error</html>" }),
    rateLimit: () => ({
      error: { code: -32005, message: "daily request count exceeded, request rate limited" },
    }),
    headerNotFound: () => ({ error: { code: -32000, message: "header not found" } }),
    internalError: () => ({ error: { code: -32603, message: "internal error" } }),
    /** A provider that has something against ranges of more than two blocks. */
    wrongRange: (call: PassingCall) =>
      hasRange(call, 3)
        ? { error: { code: -32602, message: "exceed maximum block range: 2" } }
        : "pass",
    blockMissing: (call: PassingCall) =>
      editAnswers(call, ({ method }, answer) =>
        method === "eth_getBlockByNumber" && random() < 0.3 ? { ...answer, result: null } : answer,
      ),
    batchReordered: (): Fault => ({
      rewrite: (text) => {
        const answers = JSON.parse(text) as unknown;
        return JSON.stringify(Array.isArray(answers) ? shuffled(answers) : answers);
      },
    }),
    logsReordered: (call: PassingCall) => editLogs(call, shuffled),
    logsDuplicated: (call: PassingCall) =>
      editLogs(call, (logs) => logs.flatMap((log) => (random() < 0.5 ? [log, log] : [log]))),
    /** A log that a reorganisation took away, as some nodes list it. */
    logsRemoved: (call: PassingCall) =>
      editLogs(call, (logs) =>
        logs.flatMap((log, at) =>
          at === 0
            ? [log, { ...log, logIndex: hex(Number(log.logIndex) + 500), removed: true }]
            : [log],
        ),
      ),
    /** The list ends early, as if a limit had been reached in silence. */
    listCut: (call: PassingCall) =>
      editLogs(call, (logs, { blockHash }) =>
        blockHash === undefined ? logs.slice(0, pick(logs.length + 1)) : logs,
      ),
    /** The index of logs is three blocks behind the blocks. */
    logsLate: (call: PassingCall) =>
      editLogs(call, (logs, { toBlock }) =>
        toBlock === undefined
          ? logs
          : logs.filter(({ blockNumber }) => Number(blockNumber) <= Number(toBlock) - 3),
      ),
  } satisfies Record<string, (call: PassingCall) => Fault>;
}

/** A node that is so many blocks behind. */
export function nodeBehind(blocks: number) {
  return ({ body }: PassingCall): Fault => ({
    answer: async (ask) => {
      const { result } = JSON.parse(await ask(request("eth_blockNumber"))) as { result: string };
      const head = Math.max(0, Number(result) - blocks);
      return await answerEach(
        body,
        async (call) => {
          const [param] = call.params;
          if (call.method === "eth_getBlockByNumber") {
            if (param === "latest") return { ...call, params: [hex(head), false] };
            return Number(param) > head ? null : call;
          }
          if (call.method === "eth_getLogs") {
            const filter = param as LogFilter;
            if (Number(filter.fromBlock) > head) return [];
            if (Number(filter.toBlock) > head) {
              return { ...call, params: [{ ...filter, toBlock: hex(head) }] };
            }
          }
          return call;
        },
        ask,
      );
    },
  });
}

/** Edits each answer of a call, alone or in a batch. */
export function editAnswers(
  { body }: PassingCall,
  edit: (request: Request, answer: Answer) => Answer,
): Fault {
  const requests = new Map(listOf<Request>(JSON.parse(body)).map((one) => [one.id, one]));

  return {
    rewrite: (text) => {
      const answers = JSON.parse(text) as Answer | Answer[];
      const edited = listOf<Answer>(answers).map((answer) => {
        const asked = requests.get(answer.id);
        return asked === undefined ? answer : edit(asked, answer);
      });
      return JSON.stringify(Array.isArray(answers) ? edited : edited[0]);
    },
  };
}

/** Edits each list of logs. */
export function editLogs(
  call: PassingCall,
  edit: (logs: readonly Log[], filter: LogFilter) => readonly Log[],
): Fault {
  return editAnswers(call, ({ method, params }, answer) =>
    method === "eth_getLogs" && Array.isArray(answer.result)
      ? { ...answer, result: edit(answer.result as Log[], params[0] as LogFilter) }
      : answer,
  );
}

/** Answers each call of a body: with a result, or with what the node says to another call. */
export async function answerEach(
  body: string,
  answer: (call: Request) => Promise<unknown>,
  ask: (body: string) => Promise<string>,
): Promise<string> {
  const calls = JSON.parse(body) as Request | Request[];
  const answers = await Promise.all(
    listOf<Request>(calls).map(async (call): Promise<unknown> => {
      const result = await answer(call);
      const isCall = typeof result === "object" && result !== null && "method" in result;
      return isCall
        ? (JSON.parse(await ask(JSON.stringify(result))) as unknown)
        : { jsonrpc: "2.0", id: call.id, result };
    }),
  );

  return JSON.stringify(Array.isArray(calls) ? answers : answers[0]);
}

function hasRange({ body }: PassingCall, blocks: number): boolean {
  return listOf<Request>(JSON.parse(body)).some(({ method, params }) => {
    const { fromBlock, toBlock } = (params[0] ?? {}) as LogFilter;
    return method === "eth_getLogs" && Number(toBlock) - Number(fromBlock) + 1 >= blocks;
  });
}

export function request(method: string, ...params: unknown[]): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
}

function listOf<T>(value: unknown): T[] {
  return (Array.isArray(value) ? value : [value]) as T[];
}

function hex(number: number): Hex {
  return `0x${number.toString(16)}`;
}
