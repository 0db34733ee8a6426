import { setTimeout as pause } from "node:timers/promises";

import {
  decodeFunctionResult,
  encodeFunctionData,
  hexToBigInt,
  numberToHex,
  toEventSelector,
  zeroHash,
  type Address,
  type Hex,
} from "viem";

import type { RpcLayer } from "./devnetPlugin.ts";
import { ORBIT_BASE_FEE } from "./orbit.ts";
import { estimateGas } from "./orbitEstimates.ts";
import {
  arbSysAbi,
  REDEEM_SCHEDULED,
  STEP,
  SYSTEM_CONTRACTS,
  systemTicketsAbi,
} from "./relayer/systemContracts.ts";

const EXECUTED = toEventSelector("Executed(bytes32,bytes32)");
const SUBMISSION_FAILED = toEventSelector("SubmissionFailed(bytes32)");

/** Milliseconds that a receipt waits for the attempts that it schedules; they are made at once if anybody relays. */
const ATTEMPT_TIMEOUT = 1_000;
const ATTEMPT_POLL = 5;
/** Blocks whose extra fields are remembered. */
const REMEMBERED_BLOCKS = 4_096;

type Ask = Parameters<RpcLayer>[1];
type Fields = Readonly<Record<string, unknown>>;

/** What blocks of an Arbitrum chain say besides. */
interface BlockExtras {
  /** Messages to the parent chain so far. */
  readonly sendCount: Hex;
  /** Root of the tree over them. */
  readonly sendRoot: Hex;
  /** Newest block of the parent chain that this chain knows. */
  readonly l1BlockNumber: Hex;
}

/**
 * Answers as a node of an Arbitrum chain does, where that differs from the node of the devnet:
 *
 * - transactions and receipts are found by the hashes that such a chain gives to tickets, their attempts and deposits;
 * - the receipt of what schedules an attempt at a ticket is shown together with that of the attempt;
 * - blocks say how many messages to the parent chain there are, under which root, and which parent block they know;
 * - estimates of a redeem, and of a ticket, are of the gas that the ticket's call takes, and balances may be assumed;
 * - nobody is asked for a tip, and the latest block never shows the base fee of the chain's own transactions, which is 0.
 *
 * Nothing is kept that the chain does not say.
 */
export function createOrbitRpc(): RpcLayer {
  const findTransaction = createTransactionFinder();
  const extrasOf = createBlockReader();

  return async (request, next) => {
    const { method, params } = request;
    switch (method) {
      case "eth_getTransactionByHash":
      case "eth_getTransactionReceipt": {
        const [hash] = params as [Hex];
        const found = (await next(request)) as Fields | null;
        if (method === "eth_getTransactionByHash") return found ?? transactionBehind(hash, next);
        const receipt = found ?? (await receiptBehind(hash, next));
        if (receipt === null) return null;
        await attemptsOf(receipt, next);
        return { ...receipt, ...(await receiptExtras(receipt, next)) };
      }
      case "eth_getBlockByHash":
      case "eth_getBlockByNumber": {
        const block = (await next(request)) as Fields | null;
        return (
          block && { ...block, ...(await extrasOf(block, next)), ...shownFee(block, params[0]) }
        );
      }
      case "eth_gasPrice":
        return numberToHex(ORBIT_BASE_FEE);
      case "eth_maxPriorityFeePerGas":
        return "0x0";
      case "eth_feeHistory":
        return feeHistory((await next(request)) as Fields);
      case "eth_estimateGas":
        return estimateGas(request, next);
      default:
        return next(request);
    }
  };

  async function transactionBehind(hash: Hex, next: Ask): Promise<Fields | null> {
    const found = await findTransaction(hash, next);
    if (found === undefined) return null;
    const transaction = await next({ method: "eth_getTransactionByHash", params: [found] });
    return { ...(transaction as Fields), hash };
  }

  async function receiptBehind(hash: Hex, next: Ask): Promise<Fields | null> {
    const found = await findTransaction(hash, next);
    if (found === undefined) return null;
    const receipt = (await next({
      method: "eth_getTransactionReceipt",
      params: [found],
    })) as Fields & {
      readonly logs: readonly { readonly topics: readonly Hex[] }[];
    };
    const hasFailed = receipt.logs.some(({ topics }) => topics[0] === SUBMISSION_FAILED);
    return {
      ...receipt,
      transactionHash: hash,
      ...(hasFailed && { status: "0x0" }),
      logs: receipt.logs.map((log) => ({ ...log, transactionHash: hash })),
    };
  }

  /** On an Arbitrum chain an attempt is in the block that schedules it: who sees one is to see the other. */
  async function attemptsOf({ logs }: Fields, next: Ask): Promise<void> {
    const scheduled = (logs as readonly { readonly topics: readonly Hex[] }[]).flatMap(
      ({ topics: [event, , attempt] }) =>
        event === REDEEM_SCHEDULED && attempt !== undefined ? [attempt] : [],
    );
    const deadline = performance.now() + ATTEMPT_TIMEOUT;
    while (performance.now() < deadline) {
      const found = await Promise.all(scheduled.map((attempt) => findTransaction(attempt, next)));
      if (!found.includes(undefined)) return;
      // One that is dropped, because its ticket was gone by then, never shows.
      const { step, redeemCount, redeemsDone } = await readProgress(next);
      if (step === STEP.none && redeemsDone === redeemCount) return;
      await pause(ATTEMPT_POLL);
    }
  }

  async function receiptExtras({ blockNumber, blockHash }: Fields, next: Ask): Promise<Fields> {
    const { l1BlockNumber } = await extrasOf({ number: blockNumber, hash: blockHash }, next);
    return { l1BlockNumber, gasUsedForL1: "0x0" };
  }
}

async function readProgress(next: Ask) {
  const request = { abi: systemTicketsAbi, functionName: "progress" } as const;
  const call = { to: SYSTEM_CONTRACTS.ArbRetryableTx, data: encodeFunctionData(request) };
  const data = (await next({ method: "eth_call", params: [call, "latest"] })) as Hex;
  return decodeFunctionResult({ ...request, data });
}

/** Finds the transaction of this chain that stands for one of an Arbitrum chain, by the events that name both. */
function createTransactionFinder() {
  const transactions = new Map<Hex, Hex>();
  let readTo = 0n;

  return async (hash: Hex, next: Ask): Promise<Hex | undefined> => {
    const known = transactions.get(hash);
    if (known !== undefined) {
      const found = await next({ method: "eth_getTransactionByHash", params: [known] });
      if (found !== null) return known;
    }

    const latest = hexToBigInt((await next({ method: "eth_blockNumber", params: [] })) as Hex);
    // Taken back: what was known may be gone.
    if (known !== undefined || latest < readTo) {
      transactions.clear();
      readTo = 0n;
    }
    if (latest === readTo) return undefined;
    const filter = {
      address: SYSTEM_CONTRACTS.ArbRetryableTx,
      topics: [EXECUTED],
      fromBlock: numberToHex(readTo + 1n),
      toBlock: numberToHex(latest),
    };
    const logs = (await next({ method: "eth_getLogs", params: [filter] })) as readonly {
      readonly topics: readonly [Hex, Hex, Hex];
      readonly transactionHash: Hex;
    }[];
    for (const { topics, transactionHash } of logs) {
      transactions.set(topics[1], topics[2] === zeroHash ? transactionHash : topics[2]);
    }
    readTo = latest;
    return transactions.get(hash);
  };
}

function createBlockReader() {
  const remembered = new Map<unknown, BlockExtras>();

  return async ({ number, hash }: Fields, next: Ask): Promise<BlockExtras> => {
    const known = remembered.get(hash);
    if (known !== undefined) return known;

    const at = typeof number === "string" ? number : "pending";
    const call = (to: Address, data: Hex) =>
      next({ method: "eth_call", params: [{ to, data }, at] }) as Promise<Hex>;
    const { ArbSys, ArbRetryableTx } = SYSTEM_CONTRACTS;
    const [state, parentBlock] = await Promise.all([
      call(ArbSys, encodeFunctionData({ abi: arbSysAbi, functionName: "sendMerkleTreeState" })),
      call(
        ArbRetryableTx,
        encodeFunctionData({ abi: systemTicketsAbi, functionName: "parentBlock" }),
      ),
    ]);
    const [size, sendRoot] = decodeFunctionResult({
      abi: arbSysAbi,
      functionName: "sendMerkleTreeState",
      data: state,
    });
    const extras = {
      sendCount: numberToHex(size),
      sendRoot,
      l1BlockNumber: numberToHex(hexToBigInt(parentBlock)),
    };
    if (typeof hash === "string") remember(hash, extras);
    return extras;
  };

  function remember(hash: string, extras: BlockExtras): void {
    remembered.set(hash, extras);
    const [oldest] = remembered.keys();
    if (remembered.size > REMEMBERED_BLOCKS) remembered.delete(oldest);
  }
}

/** Clients take the latest base fee for that of the next block. */
function shownFee({ baseFeePerGas }: Fields, block: unknown): Fields {
  const isNewest = block === "latest" || block === "pending";
  return isNewest && baseFeePerGas === "0x0" ? { baseFeePerGas: numberToHex(ORBIT_BASE_FEE) } : {};
}

function feeHistory(history: Fields): Fields {
  const { baseFeePerGas = [], reward } = history as {
    readonly baseFeePerGas?: readonly Hex[];
    readonly reward?: readonly (readonly Hex[])[];
  };
  return {
    ...history,
    baseFeePerGas: baseFeePerGas.map(() => numberToHex(ORBIT_BASE_FEE)),
    ...(reward && { reward: reward.map((rewards) => rewards.map(() => "0x0")) }),
  };
}
