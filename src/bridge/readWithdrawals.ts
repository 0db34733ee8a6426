import {
  decodeFunctionData,
  isAddressEqual,
  numberToHex,
  parseEventLogs,
  type Address,
  type Hex,
} from "viem";

import { settlementGatewayAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { decodeError } from "../errors/decodeError.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import type { TokenSource } from "../payers/spendTokens.ts";
import { ARB_SYS, arbSysAbi, outboxAbi } from "./orbitAbi.ts";
import { readConfirmed, readRollup } from "./readConfirmed.ts";
import { demandInbox, readGateway } from "./readGateway.ts";
import { demandReceipt } from "./receipts.ts";

/** `unconfirmed`: the settlement chain does not know of it yet; `confirmed`: it can be claimed; `claimed`: it was paid. */
export type WithdrawalStatus = "unconfirmed" | "confirmed" | "claimed";

/** Something that left the appchain. */
export interface Withdrawal {
  /** Which of all withdrawals it is, from 0. */
  readonly position: bigint;
  readonly hash: Hex;
  readonly status: WithdrawalStatus;
  /** Who gets the tokens on the settlement chain. */
  readonly recipient: Address;
  /** Microdollars that are paid. */
  readonly amount: bigint;
  readonly into: TokenSource;
  /** Wei of the appchain that left it. */
  readonly value: bigint;
  /** Who sent it, on the appchain: its gateway, for those of `withdrawFromAppchain`. */
  readonly from: Address;
  /** What is called on the settlement chain, and with what. */
  readonly to: Address;
  readonly data: Hex;
  /** Of the appchain. */
  readonly blockNumber: bigint;
  /** Of the settlement chain, as the appchain knew it. */
  readonly settlementBlockNumber: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
}

export interface ReadWithdrawalsParameters {
  /** The settlement chain; see `connectChain`. */
  readonly settlement: Chain;
  readonly appchain: Chain;
  /** The gateway on the settlement chain, `SettlementGateway`. */
  readonly address: string;
  /** A transaction of the appchain. */
  readonly transactionHash: Hex;
}

/**
 * Reads what a transaction of the appchain withdrew, in order. Works for what left the appchain without its gateway too:
 * fee tokens go straight to the destination then.
 *
 * @throws {XmtpError} `TRANSACTION_NOT_FOUND` while no block holds the transaction; `INVALID_ADDRESS`, `RPC_UNREACHABLE`
 * @throws {ContractError} `UnsupportedChainId`
 * @example
 * const [withdrawal] = await readWithdrawals({
 *   settlement, appchain, address: addresses.settlementChainGateway, transactionHash,
 * });
 */
export async function readWithdrawals({
  settlement,
  appchain,
  address: givenAddress,
  transactionHash,
}: ReadWithdrawalsParameters): Promise<Withdrawal[]> {
  const address = parseAddress(givenAddress, "gateway of the settlement chain");
  const { logs } = await demandReceipt(appchain, transactionHash);
  const sent = parseEventLogs({ abi: arbSysAbi, eventName: "L2ToL1Tx", logs }).filter((log) =>
    isAddressEqual(log.address, ARB_SYS),
  );
  if (sent.length === 0) return [];

  const appchainId = BigInt(appchain.chainId);
  const gateway = await readGateway(settlement, address, appchainId);
  const { rollup, outbox } = await readRollup(settlement, demandInbox(gateway, appchainId));
  const { size } = await readConfirmed(settlement, appchain, rollup);

  return Promise.all(
    sent.map(async ({ args }) => ({
      position: args.position,
      hash: numberToHex(args.hash, { size: 32 }),
      status: await readStatus(settlement, outbox, args.position, size),
      ...payeeOf(args.data, args.destination, address),
      amount: args.callvalue / gateway.unit,
      value: args.callvalue,
      from: args.caller,
      to: args.destination,
      data: args.data,
      blockNumber: args.arbBlockNum,
      settlementBlockNumber: args.ethBlockNum,
      timestamp: args.timestamp,
    })),
  );
}

async function readStatus(
  { client }: Chain,
  outbox: Address,
  position: bigint,
  size: bigint,
): Promise<WithdrawalStatus> {
  if (position >= size) return "unconfirmed";
  const isSpent = await client
    .readContract({ address: outbox, abi: outboxAbi, functionName: "isSpent", args: [position] })
    .catch((error: unknown) => {
      throw decodeError(error);
    });

  return isSpent ? "claimed" : "confirmed";
}

/** Who gets which tokens: what the gateway is told, or else what is called. */
function payeeOf(
  data: Hex,
  destination: Address,
  gateway: Address,
): Pick<Withdrawal, "recipient" | "into"> {
  if (!isAddressEqual(destination, gateway)) return { recipient: destination, into: "feeToken" };
  try {
    const { functionName, args } = decodeFunctionData({ abi: settlementGatewayAbi, data });
    if (functionName === "receiveWithdrawal") return { recipient: args[0], into: "feeToken" };
    if (functionName === "receiveWithdrawalIntoUnderlying") {
      return { recipient: args[0], into: "underlying" };
    }
  } catch {
    // Somebody sent the gateway what it does not know.
  }

  return { recipient: destination, into: "feeToken" };
}
