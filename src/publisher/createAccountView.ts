import type { Address, Hex } from "viem";

import { RpcNodeError, type Rpc } from "../chain/createRpc.ts";
import { decodeError } from "../errors/decodeError.ts";
import type { XmtpError } from "../errors/XmtpError.ts";
import type { Contact } from "./createContact.ts";
import type { SendRequest } from "./createEntry.ts";
import type { FeeMarket } from "./fees.ts";

/** What the node says about the chain and the account. The reading calls throw what `Rpc.call` throws. */
export interface AccountView {
  /** Fees, as last read. */
  market(): FeeMarket;
  /** Number of the newest block, as last read. */
  head(): number;
  /** Reads block and fees. Returns the next nonce after all that waits, or why the node does not say. */
  refresh(): Promise<number | RpcNodeError>;
  /** Reads the newest block. Returns its number, and how many nonces are used up to it. */
  readMined(): Promise<{ readonly head: number; readonly count: number }>;
  /** The next nonce after all that waits. */
  readPendingNonce(): Promise<number>;
  isKnown(hash: Hex | undefined): Promise<boolean>;
  /** Gas limit, or the error that the call runs into. */
  estimateGas(request: SendRequest): Promise<number | XmtpError>;
}

/** Gas estimated by the node, times this over a hundred, is what is sent. */
const ESTIMATE_MARGIN_PERCENT = 125;

export function createAccountView(rpc: Rpc, address: Address, contact: Contact): AccountView {
  let market: FeeMarket = { baseFee: undefined, tip: 0n };
  let headNumber = 0;

  return {
    market: () => market,
    head: () => headNumber,
    refresh: async () => {
      const [blockAnswer, pendingNonce, tip, gasPrice] = await rpc.batch([
        { method: "eth_getBlockByNumber", params: ["latest", false] },
        { method: "eth_getTransactionCount", params: [address, "pending"] },
        { method: "eth_maxPriorityFeePerGas", params: [] },
        { method: "eth_gasPrice", params: [] },
      ]);
      const block = demand(blockAnswer);
      headNumber = readNumber(block);
      contact.noteAnswer();
      const baseFee = readBaseFee(block);
      market = {
        baseFee,
        tip: baseFee === undefined ? readQuantity(demand(gasPrice)) : readQuantity(tip),
      };
      return pendingNonce instanceof RpcNodeError ? pendingNonce : Number(pendingNonce);
    },
    readMined: async () => {
      const [blockAnswer, countAnswer] = await rpc.batch([
        { method: "eth_getBlockByNumber", params: ["latest", false] },
        { method: "eth_getTransactionCount", params: [address, "latest"] },
      ]);
      const block = demand(blockAnswer);
      const count = Number(demand(countAnswer));
      headNumber = readNumber(block);
      contact.noteAnswer();
      market = { ...market, baseFee: readBaseFee(block) };
      return { head: headNumber, count };
    },
    readPendingNonce: async () =>
      Number(await rpc.call("eth_getTransactionCount", address, "pending")),
    isKnown: async (hash) => (await rpc.call("eth_getTransactionByHash", hash)) !== null,
    estimateGas: async ({ to, data }) => {
      try {
        const gas = await rpc.call("eth_estimateGas", { from: address, to, data });
        return Math.ceil((Number(gas) * ESTIMATE_MARGIN_PERCENT) / 100);
      } catch (error) {
        return decodeError(error);
      }
    },
  };
}

/** The result of a call of a batch. @throws {RpcNodeError} if it failed */
function demand(answer: unknown): unknown {
  if (answer instanceof RpcNodeError) throw answer;

  return answer;
}

function readNumber(block: unknown): number {
  return Number(readField(block, "number"));
}

function readBaseFee(block: unknown): bigint | undefined {
  const baseFee = readField(block, "baseFeePerGas");

  return typeof baseFee === "string" ? BigInt(baseFee) : undefined;
}

/** A quantity of wei; what the node does not know counts as 0. */
function readQuantity(answer: unknown): bigint {
  return typeof answer === "string" ? BigInt(answer) : 0n;
}

function readField(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[field]
    : undefined;
}
