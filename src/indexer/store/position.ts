/** Room for the logs of a block. The base cost of a log, 375 gas, puts a million of them beyond any gas limit. */
const LOG_BITS = 20;
const LOGS = 2 ** LOG_BITS;

/** The place of a log among all of its chain: `block * 2^20 + log`. Exact below block 2^33. */
export function positionOf(blockNumber: number, logIndex: number): number {
  if (logIndex >= LOGS) throw new Error(`block ${blockNumber} has a log with index ${logIndex}`);

  return blockNumber * LOGS + logIndex;
}

/** Before the first log of a block. */
export function firstPosition(blockNumber: number): number {
  return blockNumber * LOGS;
}

export function blockOf(position: number | bigint): number {
  return Math.floor(Number(position) / LOGS);
}

export function logIndexOf(position: number | bigint): number {
  return Number(position) % LOGS;
}
