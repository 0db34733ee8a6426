import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { parseAbi, toEventSelector, type Address, type Hex } from "viem";
import { z } from "zod";

import { DeploymentError } from "../../deployment/DeploymentError.ts";

/** Where the contracts of ArbOS are on every Arbitrum chain, and what the devnet puts there. */
export const SYSTEM_CONTRACTS = {
  ArbSys: "0x0000000000000000000000000000000000000064",
  ArbRetryableTx: "0x000000000000000000000000000000000000006E",
  NodeInterface: "0x00000000000000000000000000000000000000C8",
} as const satisfies Record<string, Address>;

const schema = z.object({
  deployedBytecode: z.custom<Hex>((value) => typeof value === "string" && value.startsWith("0x")),
});

/**
 * Runtime code by address, from what the build left in `folder`, normally `artifacts` of the repository.
 *
 * @throws {DeploymentError} `ARTIFACTS_MISSING`
 */
export async function readSystemCode(folder: string): Promise<Readonly<Record<Address, Hex>>> {
  const read = async ([name, address]: [string, Address]): Promise<[Address, Hex]> => {
    const path = join(folder, "contracts", "devnet", `${name}.sol`, `${name}.json`);
    try {
      const { deployedBytecode } = schema.parse(JSON.parse(await readFile(path, "utf8")));
      return [address, deployedBytecode];
    } catch (error) {
      throw new DeploymentError("ARTIFACTS_MISSING", `${path} is not a compiled contract`, error);
    }
  };
  return Object.fromEntries(await Promise.all(Object.entries(SYSTEM_CONTRACTS).map(read)));
}

/** `ArbRetryableTx` announces an attempt of a ticket. */
export const REDEEM_SCHEDULED = toEventSelector(
  "RedeemScheduled(bytes32,bytes32,uint64,uint64,address,uint256,uint256)",
);

/** What the devnet reads of `ArbSys`. */
export const arbSysAbi = parseAbi([
  "function sendMerkleTreeState() view returns (uint256 size, bytes32 root, bytes32[] partials)",
]);

/** What the relayer does at `ArbRetryableTx`; `ISystemTickets.sol` describes it. */
export const systemTicketsAbi = parseAbi([
  "struct Message { uint64 index; uint64 parentBlock; bytes32 accumulator; }",
  "struct Call { address from; address to; uint256 value; bytes data; uint64 gasLimit; uint64 nonce; uint256 baseFee; }",
  "struct Submission { bytes32 ticketId; uint256 maxSubmissionFee; uint256 maxFeePerGas; address feeRefund; address beneficiary; bool isRunnable; }",
  "struct Attempt { uint8 step; bytes32 ticketId; bytes32 hash; address refundTo; uint256 maxRefund; uint256 begunIn; Call request; }",
  "struct Redeem { bytes32 ticketId; bytes32 retryTxHash; address refundTo; uint40 gasLimit; uint56 baseFee; }",
  "struct Progress { uint64 messageCount; uint64 parentBlock; uint64 redeemCount; uint64 redeemsDone; bytes32 accumulator; uint8 step; }",
  "function countMessages(Message message)",
  "function creditDeposit(Message message, address to, bytes32 hash) payable",
  "function beginCall(Message message, Call call, bytes32 hash)",
  "function submitTicket(Message message, Call call, Submission submission) payable",
  "function startRedeem(uint64 nonce, bool isRunnable) payable",
  "function finishCall(bool isSuccess, uint64 gasUsed, bytes32 transactionHash) payable",
  "function expireTicket(bytes32 ticketId)",
  "function progress() view returns (Progress)",
  "function attempt() view returns (Attempt)",
  "function amountToFinish(bool isSuccess, uint64 gasUsed) view returns (uint256)",
  "function nextRedeem() view returns (Redeem, Call)",
  "function openTickets() view returns (bytes32[] ticketIds, uint256[] timeouts)",
  "function ticket(bytes32 ticketId) view returns (address from, address to, uint256 value, address beneficiary, bytes data)",
  "function parentBlock() view returns (uint256)",
  "event Executed(bytes32 indexed hash, bytes32 indexed transactionHash)",
  "event SubmissionFailed(bytes32 indexed ticketId)",
  "event Expired(bytes32 indexed ticketId)",
]);

/** `Step` of `ISystemTickets.sol`: what is under way. */
export const STEP = { none: 0, call: 1, escrow: 2 } as const;
