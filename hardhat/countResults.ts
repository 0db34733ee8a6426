import { stripVTControlCharacters } from "node:util";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Counts results in the output of a test runner (`12 passing`, `1 failing`) or of `runSteps` (`types: passed`).
 * A run that failed without saying what counts as one failure.
 */
export function countResults(output: string, succeeded: boolean): Counts {
  const text = stripVTControlCharacters(output);
  const sum = (pattern: RegExp) =>
    [...text.matchAll(pattern)].reduce((count, [, number = "1"]) => count + Number(number), 0);

  const passed = sum(/^\s*(\d+) passing\b/gm) + sum(/^.+: passed \([\d.]+ s\)$/gm);
  const failed = sum(/^\s*(\d+) failing\b/gm) + sum(/^.+: FAILED \([\d.]+ s\)$/gm);

  return { passed, failed: succeeded ? failed : Math.max(failed, 1) };
}

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed };
}
