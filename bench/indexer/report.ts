import type { measureGrowth } from "./measureGrowth.ts";
import type { Rate, SetRates } from "./measureSet.ts";

/** What is asked of the indexer, beside what it does. */
export interface Target {
  readonly target: string;
  readonly wanted: string;
  readonly measured: number;
  readonly isMet: boolean;
}

const TIMES_PONDER: Readonly<Record<string, number>> = { A: 8, B: 8, C: 20, D: 8 };
const TIMES_PONDER_EMBEDDED = 8;
const SHARE_OF_FLOOR = 0.5;
const MAX_MEGABYTES = 400;
/** How much slower than with the fewest rows it may be with the most. */
const GROWTH_TOLERANCE = 0.15;

export function printSets(sets: Readonly<Record<string, SetRates>>): void {
  for (const [name, rates] of Object.entries(sets)) {
    console.log(`\nset ${name}: ${rates.events} events of ${rates.payloadBytes} bytes`);
    const { drainFloor } = rates;
    console.table(
      Object.fromEntries(
        Object.entries(rates)
          .filter((entry): entry is [string, Rate] => typeof entry[1] === "object")
          .map(([engine, rate]) => [
            engine,
            {
              "events/s": rate.eventsPerSecond,
              "from start": rate.eventsPerSecondFromStart,
              "share of floor": share(rate.eventsPerSecond, drainFloor.eventsPerSecond),
              "times Ponder": share(rate.eventsPerSecond, bestPonder(rates)?.eventsPerSecond),
              MB: rate.peakMegabytes,
              "processor s": rate.processorSeconds,
            },
          ]),
      ),
    );
  }
}

/** Compares with what is asked. Beside Ponder, that is the faster of its two ways to store bytes. */
export function checkTargets({
  sets,
  growth,
}: {
  readonly sets: Readonly<Record<string, SetRates>>;
  readonly growth: Awaited<ReturnType<typeof measureGrowth>> | undefined;
}): readonly Target[] {
  const targets: Target[] = [];
  const atLeast = (target: string, measured: number | undefined, limit: number): void => {
    if (measured === undefined) return;
    targets.push({ target, wanted: `>= ${limit}`, measured, isMet: measured >= limit });
  };
  const atMost = (target: string, measured: number, limit: number | undefined): void => {
    if (limit === undefined) return;
    targets.push({ target, wanted: `<= ${limit}`, measured, isMet: measured <= limit });
  };

  for (const [name, rates] of Object.entries(sets)) {
    const { postgres, embedded, ponderEmbedded, drainFloor } = rates;
    const ponder = bestPonder(rates);
    atLeast(
      `${name}: times Ponder, PostgreSQL`,
      share(postgres.eventsPerSecond, ponder?.eventsPerSecond),
      TIMES_PONDER[name] ?? 1,
    );
    atLeast(
      `${name}: times Ponder, embedded`,
      share(embedded.eventsPerSecond, ponderEmbedded?.eventsPerSecond),
      TIMES_PONDER_EMBEDDED,
    );
    atLeast(
      `${name}: share of the drain floor`,
      share(postgres.eventsPerSecond, drainFloor.eventsPerSecond),
      SHARE_OF_FLOOR,
    );
    atMost(`${name}: MB with PostgreSQL`, postgres.peakMegabytes, MAX_MEGABYTES);
    atMost(`${name}: MB embedded`, embedded.peakMegabytes, ponderEmbedded?.peakMegabytes);
  }
  const [first, ...later] = growth?.rates ?? [];
  for (const { rows, eventsPerSecond } of later) {
    atLeast(
      `rate with ${rows} rows to that with ${first?.rows ?? 0}`,
      share(eventsPerSecond, first?.eventsPerSecond),
      1 - GROWTH_TOLERANCE,
    );
  }

  return targets;
}

function bestPonder(rates: SetRates): Rate | undefined {
  return [rates.ponderPostgresBytes, rates.ponderPostgresText]
    .filter((rate) => rate !== undefined)
    .toSorted((a, b) => b.eventsPerSecond - a.eventsPerSecond)[0];
}

function share(value: number, of: number | undefined): number | undefined {
  return of === undefined || of === 0 ? undefined : Number((value / of).toFixed(2));
}
