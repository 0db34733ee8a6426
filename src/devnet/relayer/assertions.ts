import {
  encodeFunctionData,
  erc20Abi,
  maxUint256,
  size,
  zeroAddress,
  zeroHash,
  type Address,
  type Hex,
} from "viem";

import type { DevnetAccount } from "../accounts.ts";
import { BASE_STAKE, MAX_DATA_SIZE, type RollupContracts } from "../rollup/planRollup.ts";
import { bridgeAbi, rollupAbi, sequencerInboxAbi } from "../rollup/rollupAbi.ts";
import { rollupAccounts } from "../rollup/rollupAccounts.ts";
import { clientOf, receiptOf, sendSigned, type Provider } from "../rollup/sendSigned.ts";
import { createAppchainReader, GENESIS } from "./appchainReader.ts";
import { batchesOf, encodeBatch, type Batch } from "./batches.ts";
import { createClaimer } from "./claims.ts";
import {
  assertionHashOf,
  configOf,
  createRollupReader,
  type AssertionCreated,
  type AssertionState,
} from "./rollupReader.ts";

/** Bytes that the sequencer inbox adds to a batch before it compares its length. */
const BATCH_HEADER_SIZE = 40n;
/** Gas of a batch besides its data, of which a byte costs at most 40, and of everything else that the rollup is sent. */
const CALL_GAS = 1_000_000n;
const GAS_PER_BYTE = 60n;

/** Of a machine that has read everything it was given. */
const FINISHED = 1;

export interface AssertionsParameters {
  readonly settlement: Provider;
  readonly appchain: Provider;
  readonly rollup: RollupContracts;
  /** `"fast"` (default): an assertion counts at once. `"slow"`: after a stake and the confirmation period, as on a chain that trusts nobody. */
  readonly confirm?: "fast" | "slow";
  /** Executes every withdrawal as soon as it can be, for whoever made it. Default false. */
  readonly autoClaim?: boolean;
  readonly signal?: AbortSignal;
}

export interface Assertions {
  /** Takes what there is to take: batches and assertions while there are messages to the settlement chain that no assertion covers. */
  run(): Promise<void>;
  /** Asserts the latest block, whether it holds such messages or not. */
  assertNow(): Promise<void>;
}

/**
 * Makes the withdrawals of the appchain claimable: posts the appchain's blocks as batches on the settlement chain, and
 * asserts the state after each. It keeps no state: whatever was done before is read from the chains, so it may be killed
 * between any two transactions.
 */
export function createAssertions({
  settlement,
  appchain,
  rollup: contracts,
  confirm = "fast",
  autoClaim = false,
  signal,
}: AssertionsParameters): Assertions {
  const parent = clientOf(settlement);
  const child = clientOf(appchain);
  const { sequencer, validator } = rollupAccounts();
  const { readConfirmed, readPending, readBatch } = createRollupReader(parent, contracts);
  const { readSends, readMessageCount, readBlocks } = createAppchainReader(child);
  const claimer = createClaimer({ parent, child, outbox: contracts.outbox, account: validator });
  const onRollup = { address: contracts.rollup, abi: rollupAbi } as const;
  const onBridge = { address: contracts.bridge, abi: bridgeAbi } as const;

  const send = async (
    { address, privateKey }: DevnetAccount,
    to: Address,
    data: Hex,
    gas = CALL_GAS,
  ): Promise<void> => {
    const nonce = await parent.getTransactionCount({ address, blockTag: "latest" });
    const [hash] = await sendSigned({
      client: parent,
      privateKey,
      nonce,
      calls: [{ to, data, gas }],
    });
    if (hash !== undefined) await receiptOf(parent, hash, signal);
  };

  // Batches

  const postBatch = async ({ batch, blocks }: NextBatch): Promise<void> => {
    const data = encodeBatch(batch);
    const [read, counted] = await Promise.all([
      parent.readContract({
        address: contracts.sequencerInbox,
        abi: sequencerInboxAbi,
        functionName: "totalDelayedMessagesRead",
      }),
      readMessageCount(blocks),
    ]);
    // The message that made the rollup was read when it was created; the appchain counts it with the first that follows.
    const delayedMessagesRead = counted > read ? counted : read;
    await send(
      sequencer,
      contracts.sequencerInbox,
      encodeFunctionData({
        abi: sequencerInboxAbi,
        functionName: "addSequencerL2Batch",
        args: [maxUint256, data, delayedMessagesRead, zeroAddress, 0n, 0n],
      }),
      CALL_GAS + GAS_PER_BYTE * BigInt(size(data)),
    );
  };

  interface NextBatch {
    readonly batch: Batch;
    /** The last block of which the batch chain then has everything. */
    readonly blocks: bigint;
  }

  /** What follows the batch that was posted last: the rest of its message, or a new one. Nothing, if there is no new block. */
  const nextBatch = async (posted: Batch | undefined): Promise<NextBatch | undefined> => {
    const isUnfinished = posted !== undefined && posted.part + 1 < posted.parts;
    const first = isUnfinished ? posted.first : lastBlockOf(posted) + 1n;
    const last = isUnfinished ? posted.last : await child.getBlockNumber();
    if (last < first) return undefined;

    const blocks = await readBlocks(first, last);
    const batches = batchesOf(first, blocks, Number(MAX_DATA_SIZE - BATCH_HEADER_SIZE));
    const batch = batches[isUnfinished ? posted.part + 1 : 0];
    if (batch === undefined) throw new Error(`blocks ${first} to ${last} make other batches now`);
    return { batch, blocks: lastBlockOf(batch) };
  };

  // Assertions

  const assertBatch = async (
    previous: AssertionCreated,
    batch: Batch | undefined,
  ): Promise<void> => {
    const blockNumber = lastBlockOf(batch);
    const [{ hash }, { root }] = await Promise.all([
      child.getBlock({ blockNumber }),
      readSends(blockNumber),
    ]);
    const afterState: AssertionState = {
      globalState: { bytes32Vals: [hash, root], u64Vals: [previous.inboxMaxCount, 0n] },
      machineStatus: FINISHED,
      endHistoryRoot: zeroHash,
    };
    const inputs = {
      beforeStateData: {
        prevPrevAssertionHash: previous.parentAssertionHash,
        sequencerBatchAcc: previous.afterInboxBatchAcc,
        configData: configOf(previous),
      },
      beforeState: previous.assertion.afterState,
      afterState,
    };
    const accumulator = await parent.readContract({
      ...onBridge,
      functionName: "sequencerInboxAccs",
      args: [previous.inboxMaxCount - 1n],
    });
    const expected = assertionHashOf(previous.assertionHash, afterState, accumulator);

    if (confirm === "slow") return stakeOn(inputs, expected);
    await send(
      validator,
      contracts.rollup,
      encodeFunctionData({
        abi: rollupAbi,
        functionName: "fastConfirmNewAssertion",
        args: [inputs, expected],
      }),
    );
  };

  const stakeOn = async (inputs: AssertionCreated["assertion"], expected: Hex): Promise<void> => {
    const isStaked = await parent.readContract({
      ...onRollup,
      functionName: "isStaked",
      args: [validator.address],
    });
    if (isStaked) {
      const data = encodeFunctionData({
        abi: rollupAbi,
        functionName: "stakeOnNewAssertion",
        args: [inputs, expected],
      });
      return send(validator, contracts.rollup, data);
    }
    const stakeToken = await parent.readContract({ ...onBridge, functionName: "nativeToken" });
    const approve = encodeFunctionData({
      abi: erc20Abi,
      functionName: "approve",
      args: [contracts.rollup, BASE_STAKE],
    });
    await send(validator, stakeToken, approve);
    const data = encodeFunctionData({
      abi: rollupAbi,
      functionName: "newStakeOnNewAssertion",
      args: [BASE_STAKE, inputs, expected, validator.address],
    });
    await send(validator, contracts.rollup, data);
  };

  /** Confirms an assertion that waits, if it need not wait any more. */
  const confirmPending = async (
    previous: AssertionCreated,
    pending: AssertionCreated,
  ): Promise<boolean> => {
    if (confirm === "fast") {
      const data = encodeFunctionData({
        abi: rollupAbi,
        functionName: "fastConfirmNewAssertion",
        args: [pending.assertion, pending.assertionHash],
      });
      await send(validator, contracts.rollup, data);
      return true;
    }
    const [{ createdAtBlock }, blockNumber] = await Promise.all([
      parent.readContract({
        ...onRollup,
        functionName: "getAssertion",
        args: [pending.assertionHash],
      }),
      parent.getBlockNumber(),
    ]);
    if (blockNumber + 1n < createdAtBlock + previous.confirmPeriodBlocks) return false;
    const data = encodeFunctionData({
      abi: rollupAbi,
      functionName: "confirmAssertion",
      args: [
        pending.assertionHash,
        previous.assertionHash,
        pending.assertion.afterState,
        zeroHash,
        configOf(previous),
        pending.afterInboxBatchAcc,
      ],
    });
    await send(validator, contracts.rollup, data);
    return true;
  };

  /** Does one step towards an assertion of `target`. False, if there is nothing to do, or nothing yet. */
  const step = async (target: bigint): Promise<boolean> => {
    const confirmed = await readConfirmed();
    const pending = await readPending(confirmed);
    if (pending !== undefined) return confirmPending(confirmed, pending);

    const posted = await parent.readContract({
      ...onBridge,
      functionName: "sequencerMessageCount",
    });
    const batch = await readBatch(posted - 1n);
    if (posted >= confirmed.inboxMaxCount) {
      await assertBatch(confirmed, batch);
      return true;
    }
    if (lastBlockOf(batch) >= target) return false;
    const next = await nextBatch(batch);
    if (next === undefined) return false;
    await postBatch(next);
    return true;
  };

  let claimable: { readonly assertionHash: Hex; readonly size: bigint } | undefined;
  /** How many messages the last confirmed assertion covers. */
  const readClaimable = async (): Promise<bigint> => {
    const assertionHash = await parent.readContract({
      ...onRollup,
      functionName: "latestConfirmed",
    });
    if (claimable?.assertionHash !== assertionHash) {
      const { assertion } = await readConfirmed();
      const [blockHash] = assertion.afterState.globalState.bytes32Vals;
      const { number } =
        blockHash === zeroHash ? { number: GENESIS } : await child.getBlock({ blockHash });
      claimable = { assertionHash, size: (await readSends(number)).size };
    }
    return claimable.size;
  };

  const run = async (): Promise<void> => {
    const latest = await child.getBlockNumber();
    const sends = await readSends(latest);
    if (sends.size > (await readClaimable())) while (await step(latest));
    if (autoClaim) await claimer.claim(await readClaimable());
  };
  const assertNow = async (): Promise<void> => {
    const latest = await child.getBlockNumber();
    while (await step(latest));
  };

  // One at a time: each step begins with what the step before has left on the chain.
  let previous: Promise<unknown> = Promise.resolve();
  const alone = (work: () => Promise<void>): Promise<void> => {
    const done = previous.then(work);
    previous = done.catch(() => {});
    return done;
  };
  return { run: () => alone(run), assertNow: () => alone(assertNow) };
}

/** The last block of which the batches up to this one hold everything; what came before the first message is the first block. */
function lastBlockOf(batch: Batch | undefined): bigint {
  if (batch === undefined) return GENESIS;
  return batch.part + 1 === batch.parts ? batch.last : batch.first - 1n;
}
