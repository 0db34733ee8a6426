import {
  encodeAbiParameters,
  encodePacked,
  getAbiItem,
  keccak256,
  type GetEventArgs,
  type Hex,
  type PublicClient,
} from "viem";

import type { RollupContracts } from "../rollup/planRollup.ts";
import { rollupAbi, sequencerInboxAbi } from "../rollup/rollupAbi.ts";
import { decodeBatch, type Batch } from "./batches.ts";

/** What is known of an assertion from the event of its creation: all that the next one is made from. */
export type AssertionCreated = GetEventArgs<
  typeof rollupAbi,
  "AssertionCreated",
  { EnableUnion: false; IndexedOnly: false; Required: true }
>;
export type AssertionState = AssertionCreated["assertion"]["afterState"];

/** What stands of a rollup on the settlement chain. */
export function createRollupReader(parent: PublicClient, contracts: RollupContracts) {
  const onRollup = { address: contracts.rollup, abi: rollupAbi } as const;

  const readConfirmed = async (): Promise<AssertionCreated> => {
    const assertionHash = await parent.readContract({
      ...onRollup,
      functionName: "latestConfirmed",
    });
    const block = await parent.readContract({
      ...onRollup,
      functionName: "getAssertionCreationBlockForLogLookup",
      args: [assertionHash],
    });
    const [created] = await parent.getContractEvents({
      ...onRollup,
      eventName: "AssertionCreated",
      args: { assertionHash },
      fromBlock: block,
      toBlock: block,
      strict: true,
    });
    if (created === undefined) throw new Error(`block ${block} lacks assertion ${assertionHash}`);
    return created.args;
  };

  /** The assertion that was made after `confirmed` and waits for its period to end. */
  const readPending = async ({
    assertionHash,
  }: AssertionCreated): Promise<AssertionCreated | undefined> => {
    const { firstChildBlock } = await parent.readContract({
      ...onRollup,
      functionName: "getAssertion",
      args: [assertionHash],
    });
    if (firstChildBlock === 0n) return undefined;
    const [created] = await parent.getContractEvents({
      ...onRollup,
      eventName: "AssertionCreated",
      args: { parentAssertionHash: assertionHash },
      fromBlock: firstChildBlock,
      toBlock: firstChildBlock,
      strict: true,
    });
    return created?.args;
  };

  /** A batch by its index; nothing for the one that the rollup posts itself. */
  const readBatch = async (index: bigint): Promise<Batch | undefined> => {
    const [posted] = await parent.getContractEvents({
      address: contracts.sequencerInbox,
      abi: sequencerInboxAbi,
      eventName: "SequencerBatchData",
      args: { batchSequenceNumber: index },
      fromBlock: 0n,
      strict: true,
    });
    if (posted === undefined) throw new Error(`the chain has no data of batch ${index}`);
    return decodeBatch(posted.args.data);
  };

  return { readConfirmed, readPending, readBatch };
}

/** What the contract noted down for the assertion that follows. */
export function configOf({
  wasmModuleRoot,
  requiredStake,
  challengeManager,
  confirmPeriodBlocks,
  inboxMaxCount,
}: AssertionCreated) {
  return {
    wasmModuleRoot,
    requiredStake,
    challengeManager,
    confirmPeriodBlocks,
    nextInboxPosition: inboxMaxCount,
  };
}

/** What the rollup knows an assertion by; `accumulator` is that of the last batch it has read. */
export function assertionHashOf(parent: Hex, afterState: AssertionState, accumulator: Hex): Hex {
  const { inputs } = getAbiItem({ abi: rollupAbi, name: "confirmAssertion" });
  const state = encodeAbiParameters([inputs[2]], [afterState]);
  return keccak256(
    encodePacked(["bytes32", "bytes32", "bytes32"], [parent, keccak256(state), accumulator]),
  );
}
