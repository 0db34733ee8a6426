import { toBeHex } from "ethers";

import type { PayloadLog } from "./deployLog.ts";
import { ethers, networkHelpers } from "./network.ts";

/** ERC-7201 slot of `xmtp.storage.PayloadBroadcaster`, which `storage.test.ts` recomputes. */
export const LOG_STATE_SLOT = 0xeda186f2b85b2c197e0a3ff15dc0c5c16c74d00b5c7f432acaa215db84203b00n;

/** The packed word of a log, field by field. */
export interface LogState {
  readonly minPayloadSize: bigint;
  readonly maxPayloadSize: bigint;
  readonly sequenceId: bigint;
  readonly paused: boolean;
}

/** Reads the packed word of a log and takes it apart. */
export async function readLogState(log: PayloadLog): Promise<LogState> {
  const word = BigInt(await ethers.provider.getStorage(log, LOG_STATE_SLOT));

  return {
    minPayloadSize: word & 0xffff_ffffn,
    maxPayloadSize: (word >> 32n) & 0xffff_ffffn,
    sequenceId: (word >> 64n) & 0xffff_ffff_ffff_ffffn,
    paused: word >> 128n === 1n,
  };
}

/** Overwrites some fields of a log, past all checks: for states that calls cannot reach in reasonable time. */
export async function setLogState(log: PayloadLog, fields: Partial<LogState>): Promise<void> {
  const state = { ...(await readLogState(log)), ...fields };
  const word =
    state.minPayloadSize |
    (state.maxPayloadSize << 32n) |
    (state.sequenceId << 64n) |
    (state.paused ? 1n << 128n : 0n);

  await networkHelpers.setStorageAt(await log.getAddress(), toBeHex(LOG_STATE_SLOT), word);
}
