import {
  decodeFunctionResult,
  encodeFunctionData,
  hexToBigInt,
  isAddressEqual,
  numberToHex,
  size,
  zeroAddress,
  zeroHash,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  type Hex,
} from "viem";

import { nativeDepositHash, ticketId as idOfTicket } from "../../bridge/ticketId.ts";
import type { SystemReceipt, SystemSender } from "../blockProducer.ts";
import { DevnetError } from "../DevnetError.ts";
import { ARBOS_ACCOUNT, ORBIT_BASE_FEE } from "../orbit.ts";
import type { Provider } from "../rollup/sendSigned.ts";
import type { DelayedMessage } from "./delayedMessages.ts";
import {
  parseMessage,
  type DepositMessage,
  type TicketMessage,
  type TransactionMessage,
} from "./parseMessage.ts";
import { REDEEM_SCHEDULED, STEP, SYSTEM_CONTRACTS, systemTicketsAbi } from "./systemContracts.ts";
import { transactionHashOf } from "./transactionHashOf.ts";

type Abi = typeof systemTicketsAbi;
type ViewName = ContractFunctionName<Abi, "view">;
type WriteName = ContractFunctionName<Abi, "nonpayable" | "payable">;

/** Gas of a block: what a transaction that costs nothing may use, and the most that a ticket's call gets. */
const BLOCK_GAS = 60_000_000n;
/** Gas by the rules of the appchain's hardfork: a transaction, one that creates, and its data. */
const TRANSACTION_GAS = 21_000n;
const CREATION_GAS = 32_000n;
const INIT_CODE_WORD_GAS = 2n;
const ZERO_BYTE_GAS = 4n;
const BYTE_GAS = 16n;
/** Bytes: more is no creation code. */
const MAX_INIT_CODE = 49_152;

export type Progress = ContractFunctionReturnType<Abi, "view", "progress">;
type Attempt = ContractFunctionReturnType<Abi, "view", "attempt">;
type CallRequest = Attempt["request"];

/** What one transaction of the relayer was for. */
export type RelayStep =
  | "count"
  | "deposit"
  | "begin"
  | "submit"
  | "signed"
  | "startRedeem"
  | "call"
  | "finish"
  | "expire";

export interface ExecutorConfig {
  /** Of the appchain. */
  readonly provider: Provider;
  readonly chainId: number;
  /** Called before each transaction. What it throws keeps the transaction from being sent. */
  readonly beforeStep: (step: RelayStep) => void | Promise<void>;
}

/**
 * Does on the appchain what messages ask for, one transaction after the other. What has been done, and what is next, is
 * kept by the chain alone: after an interruption anywhere, `finishUnderWay` goes on with the next transaction.
 */
export function createExecutor({ provider, chainId, beforeStep }: ExecutorConfig) {
  return { view, finishUnderWay, execute, redeem, expire };

  /** Reads the contract that keeps the state. */
  async function view<Name extends ViewName>(
    functionName: Name,
    args: ContractFunctionArgs<Abi, "view", Name>,
  ): Promise<ContractFunctionReturnType<Abi, "view", Name>> {
    // The types of viem do not follow a name that is a type parameter.
    const call = { abi: systemTicketsAbi, functionName, args } as Parameters<
      typeof encodeFunctionData
    >[0];
    const data = (await provider.request({
      method: "eth_call",
      params: [{ to: SYSTEM_CONTRACTS.ArbRetryableTx, data: encodeFunctionData(call) }, "latest"],
    })) as Hex;
    return decodeFunctionResult({ ...call, data } as Parameters<
      typeof decodeFunctionResult
    >[0]) as ContractFunctionReturnType<Abi, "view", Name>;
  }

  async function nonceOf(account: Address): Promise<bigint> {
    const params = [account, "latest"];
    return hexToBigInt(
      (await provider.request({ method: "eth_getTransactionCount", params })) as Hex,
    );
  }

  async function balanceOf(account: Address): Promise<bigint> {
    const params = [account, "latest"];
    return hexToBigInt((await provider.request({ method: "eth_getBalance", params })) as Hex);
  }

  /** A transaction of the chain itself, free of charge. */
  async function system<Name extends WriteName>(
    sender: SystemSender,
    step: RelayStep,
    functionName: Name,
    args: ContractFunctionArgs<Abi, "nonpayable" | "payable", Name>,
    { from = ARBOS_ACCOUNT, value = 0n }: { from?: Address; value?: bigint } = {},
  ): Promise<SystemReceipt> {
    await beforeStep(step);
    const receipt = await sender.send({
      from,
      to: SYSTEM_CONTRACTS.ArbRetryableTx,
      value,
      data: encodeFunctionData({ abi: systemTicketsAbi, functionName, args } as Parameters<
        typeof encodeFunctionData
      >[0]),
      gas: BLOCK_GAS,
      free: true,
    });
    if (receipt.status === "reverted") {
      const transaction = `${functionName} in ${receipt.transactionHash}`;
      throw new DevnetError(
        "RELAY_FAILED",
        `the appchain reverted its own transaction ${transaction}`,
      );
    }
    return receipt;
  }

  /** Makes the call that is under way, unless it was made, and closes it. Does nothing when nothing is under way. */
  async function finishUnderWay(sender: SystemSender): Promise<void> {
    const attempt = await view("attempt", []);
    if (attempt.step === STEP.none) return;
    const outcome =
      attempt.step === STEP.call
        ? ((await findCall(attempt)) ?? (await makeCall(sender, attempt.request)))
        : NOT_MADE;
    await finish(sender, attempt.request.from, outcome);
  }

  /** Closes the call that is under way, whose sender pays what there is to pay back. */
  async function finish(
    sender: SystemSender,
    caller: Address,
    { isSuccess, gasUsed, transactionHash }: CallOutcome,
  ): Promise<void> {
    const value = await view("amountToFinish", [isSuccess, gasUsed]);
    const from = value > 0n ? caller : ARBOS_ACCOUNT;
    const args = [isSuccess, gasUsed, transactionHash] as const;
    await system(sender, "finish", "finishCall", args, { from, value });
  }

  async function makeCall(sender: SystemSender, request: CallRequest): Promise<CallOutcome> {
    const { from, to, value, data, gasLimit } = request;
    await beforeStep("call");
    try {
      const receipt = await sender.send({
        from,
        ...(!isAddressEqual(to, zeroAddress) && { to }),
        value,
        data,
        gas: gasLimit < BLOCK_GAS ? gasLimit : BLOCK_GAS,
        free: false,
      });
      return outcomeOf(receipt);
    } catch (error) {
      // A call that the chain refuses has failed, like one that reverts. One that was made is found later.
      if ((await nonceOf(from)) !== request.nonce) throw error;
      return NOT_MADE;
    }
  }

  /** The transaction that made the call before an interruption: the first one of the sender with that nonce. */
  async function findCall({ request, begunIn }: Attempt): Promise<CallOutcome | undefined> {
    if ((await nonceOf(request.from)) === request.nonce) return undefined;

    for (let number = begunIn + 1n; ; number += 1n) {
      const params = [numberToHex(number), true];
      const block = (await provider.request({
        method: "eth_getBlockByNumber",
        params,
      })) as RpcBlock | null;
      if (block === null) {
        const account = `${request.from} after block ${begunIn}`;
        throw new DevnetError("RELAY_FAILED", `no transaction ${request.nonce} of ${account}`);
      }
      const made = block.transactions.find(
        ({ from, nonce }) =>
          isAddressEqual(from, request.from) && hexToBigInt(nonce) === request.nonce,
      );
      if (made === undefined) continue;
      const receipt = (await provider.request({
        method: "eth_getTransactionReceipt",
        params: [made.hash],
      })) as RpcReceipt;
      return {
        isSuccess: receipt.status === "0x1",
        gasUsed: hexToBigInt(receipt.gasUsed),
        transactionHash: made.hash,
      };
    }
  }

  /** Does what one message asks for, after all those before it. Returns what it was. */
  async function execute(sender: SystemSender, message: DelayedMessage): Promise<RelayOutcome> {
    const parsed = parseMessage(message.kind, message.data);

    switch (parsed.kind) {
      case "ticket":
        return submit(sender, message, parsed);
      case "deposit":
        return credit(sender, message, parsed);
      case "transaction":
        return transact(sender, message, parsed);
      case "signed":
      case "idle":
        await system(sender, "count", "countMessages", [placeOf(message)]);
        return parsed.kind === "idle" ? "counted" : "signed";
    }
  }

  async function submit(
    sender: SystemSender,
    message: DelayedMessage,
    ticket: TicketMessage,
  ): Promise<RelayOutcome> {
    const { to, value, data, gasLimit, maxSubmissionFee, maxFeePerGas, feeRefund, beneficiary } =
      ticket;
    const { index: messageNumber, sender: from, baseFee } = message;
    const ticketId = idOfTicket(
      { ...ticket, messageNumber, from, baseFee, feeRefundAddress: feeRefund },
      chainId,
    );
    const request = {
      ...{ from: message.sender, to, value, data, gasLimit },
      nonce: await nonceOf(message.sender),
      baseFee: ORBIT_BASE_FEE,
    };
    const isRunnable = isTransaction(request);
    const submission = {
      ...{ ticketId, maxSubmissionFee, maxFeePerGas, feeRefund, beneficiary, isRunnable },
    };
    const args = [placeOf(message), request, submission] as const;
    const { logs } = await system(sender, "submit", "submitTicket", args, {
      value: ticket.deposit,
    });
    // What is under way could be asked for, as after an interruption; here it is known.
    if (logs.some(({ topics }) => topics[0] === REDEEM_SCHEDULED)) {
      await finish(sender, request.from, await makeCall(sender, request));
    } else {
      await finishUnderWay(sender);
    }
    return "ticket";
  }

  async function credit(
    sender: SystemSender,
    message: DelayedMessage,
    deposit: DepositMessage,
  ): Promise<RelayOutcome> {
    const { index: messageNumber, sender: from } = message;
    const { to: recipient, value } = deposit;
    const hash = nativeDepositHash({ messageNumber, from, recipient, value }, chainId);
    const args = [placeOf(message), deposit.to, hash] as const;
    await system(sender, "deposit", "creditDeposit", args, { value: deposit.value });
    return "deposit";
  }

  /** A transaction that the sender cannot pay for, or whose nonce is not next, is dropped, as on any chain. */
  async function transact(
    sender: SystemSender,
    message: DelayedMessage,
    transaction: TransactionMessage,
  ): Promise<RelayOutcome> {
    const { to, value, data, gasLimit, maxFeePerGas } = transaction;
    const nonce = await nonceOf(message.sender);
    const request = {
      ...{ from: message.sender, to, value, data, gasLimit, nonce },
      baseFee: ORBIT_BASE_FEE,
    };
    const isTaken =
      (transaction.nonce === undefined || transaction.nonce === nonce) &&
      maxFeePerGas >= ORBIT_BASE_FEE &&
      isTransaction(request) &&
      (await balanceOf(message.sender)) >= gasLimit * maxFeePerGas + value;
    if (!isTaken) {
      await system(sender, "count", "countMessages", [placeOf(message)]);
      return "dropped";
    }

    const hash = transactionHashOf(transaction, { chainId, ...message });
    await system(sender, "begin", "beginCall", [placeOf(message), request, hash]);
    await finishUnderWay(sender);
    return "transaction";
  }

  /** Runs the redeem that was scheduled first. */
  async function redeem(sender: SystemSender): Promise<void> {
    const [{ gasLimit, baseFee }, request] = await view("nextRedeem", []);
    const isOpen = !isAddressEqual(request.from, zeroAddress);
    const isRun = isOpen && isTransaction(request);
    const nonce = isRun ? await nonceOf(request.from) : 0n;
    const value = isRun ? BigInt(gasLimit) * BigInt(baseFee) : 0n;
    await system(sender, "startRedeem", "startRedeem", [nonce, isRun], { value });
    await finishUnderWay(sender);
  }

  async function expire(sender: SystemSender, ticketId: Hex): Promise<void> {
    await system(sender, "expire", "expireTicket", [ticketId]);
  }
}

export type Executor = ReturnType<typeof createExecutor>;

/**
 * What became of a message: `counted` had no effect by its kind, `dropped` was a transaction that no chain takes.
 */
export type RelayOutcome = "ticket" | "deposit" | "transaction" | "signed" | "counted" | "dropped";

interface CallOutcome {
  readonly isSuccess: boolean;
  readonly gasUsed: bigint;
  readonly transactionHash: Hex;
}

const NOT_MADE: CallOutcome = { isSuccess: false, gasUsed: 0n, transactionHash: zeroHash };

interface RpcBlock {
  readonly transactions: readonly {
    readonly hash: Hex;
    readonly from: Address;
    readonly nonce: Hex;
  }[];
}

interface RpcReceipt {
  readonly status: Hex;
  readonly gasUsed: Hex;
}

function outcomeOf({ status, gasUsed, transactionHash }: SystemReceipt): CallOutcome {
  return { isSuccess: status === "success", gasUsed, transactionHash };
}

function placeOf({ index, blockNumber: parentBlock, accumulator }: DelayedMessage) {
  return { index, parentBlock, accumulator };
}

/** Whether the gas limit covers what a transaction costs before it does anything. */
function isTransaction({
  to,
  data,
  gasLimit,
}: Pick<CallRequest, "to" | "data" | "gasLimit">): boolean {
  let gas = TRANSACTION_GAS;
  for (let at = 2; at < data.length; at += 2) {
    gas += data.startsWith("00", at) ? ZERO_BYTE_GAS : BYTE_GAS;
  }
  if (isAddressEqual(to, zeroAddress)) {
    if (size(data) > MAX_INIT_CODE) return false;
    gas += CREATION_GAS + INIT_CODE_WORD_GAS * BigInt(Math.ceil(size(data) / 32));
  }
  return gasLimit >= gas;
}
