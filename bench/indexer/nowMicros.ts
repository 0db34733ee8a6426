/** Microseconds of the machine's monotonic clock, which is one for all its processes. */
export function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
