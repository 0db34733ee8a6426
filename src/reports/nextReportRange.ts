/** What an originator sent within one minute. */
export interface UsageMinute {
  /** Minutes since the Unix epoch. */
  readonly minute: number;
  /** The highest sequence id of the minute. */
  readonly lastSequenceId: bigint;
  readonly messageCount: number;
}

/** Which messages a report covers: those after `startSequenceId`, up to and with `endSequenceId`. */
export interface ReportRange {
  readonly startSequenceId: bigint;
  readonly endSequenceId: bigint;
  /** The minute of the end: the report covers the minutes after the start minute, up to and with this one. */
  readonly endMinuteSinceEpoch: number;
}

/**
 * Chooses where the next report of an originator ends, as the production node software does: at the second newest minute
 * after the start, because messages may still come for the newest. Undefined if there are fewer than two such minutes.
 */
export function nextReportRange({
  minutes,
  startSequenceId,
  startMinute,
}: {
  /** The minutes of the originator in which it sent messages, in any order. */
  readonly minutes: readonly UsageMinute[];
  /** The end of the report before; 0 for the first. */
  readonly startSequenceId: bigint;
  /** The end minute of the report before; 0 for the first. */
  readonly startMinute: number;
}): ReportRange | undefined {
  const end = minutes
    .filter(({ minute }) => minute > startMinute)
    .sort((a, b) => a.minute - b.minute)
    .at(-2);

  return (
    end && {
      startSequenceId,
      endSequenceId: end.lastSequenceId,
      endMinuteSinceEpoch: end.minute,
    }
  );
}
