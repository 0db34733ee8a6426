import type { Hardfork, Measurement } from "./measureGas.ts";

/** Gas of the production contracts for the same call; `floor` is what no contract of the same design can go below. */
export interface ProductionGas {
  readonly osaka: number;
  readonly cancun: number;
  readonly floor?: number;
}

export interface GasRow {
  readonly what: string;
  readonly ours: number;
  readonly production?: number;
  readonly floor?: number;
  /** Ours / production, to four decimals. */
  readonly ratio?: number;
}

/** By key; the same keys as in `productionGas.json` where production has the call. */
export type GasTable = Readonly<Record<string, GasRow>>;

/** A batch is compared, per payload, with one call of production for each: `addMessages.100x200` with `addMessage.200`. */
const BATCH =
  /^(?<contract>\w+)\.(?<call>addMessage|addIdentityUpdate)s\.(?<count>\d+)x(?<size>\d+)$/;

const DEPLOYMENT = /\.(?:implementation|proxy)$/;

export function gasTable(
  measurements: readonly Measurement[],
  production: Readonly<Record<string, ProductionGas>>,
  hardfork: Hardfork,
): GasTable {
  return Object.fromEntries(
    measurements.map(({ key, what, gas }) => {
      const { contract, call, count, size } = BATCH.exec(key)?.groups ?? {};
      const payloads = count === undefined ? 1 : Number(count);
      const baseline = production[payloads === 1 ? key : `${contract}.${call}.${size}`];
      const ours = Math.round(gas / payloads);

      return [
        key,
        {
          what: payloads === 1 ? what : `${what}, per payload`,
          ours,
          ...(baseline && {
            production: baseline[hardfork],
            ratio: Number((gas / payloads / baseline[hardfork]).toFixed(4)),
          }),
          // The floor counts the base cost of a transaction of its own, which a batch shares.
          ...(baseline?.floor !== undefined && payloads === 1 && { floor: baseline.floor }),
        },
      ];
    }),
  );
}

/** Geometric mean of the ratios of all calls that production has too: neither deployments nor batches. */
export function geometricMean(table: GasTable): number {
  const logarithms = Object.entries(table).flatMap(([key, { ratio }]) =>
    ratio === undefined || DEPLOYMENT.test(key) || BATCH.test(key) ? [] : [Math.log(ratio)],
  );

  return Math.exp(logarithms.reduce((sum, logarithm) => sum + logarithm, 0) / logarithms.length);
}

/** The table in Markdown, and below it the geometric mean. */
export function renderGasTable(table: GasTable): string {
  const number = (value: number | undefined): string => value?.toLocaleString("en-US") ?? "-";
  const rows = Object.values(table).map(({ what, ours, production, floor, ratio }) =>
    [what, number(ours), number(production), number(floor), ratio?.toFixed(4) ?? "-"].join(" | "),
  );

  return [
    "| Call | Ours | Production | Floor | Ratio |",
    "|---|--:|--:|--:|--:|",
    ...rows.map((row) => `| ${row} |`),
    "",
    `Geometric mean of all calls that production has too: ${geometricMean(table).toFixed(4)}`,
    "",
  ].join("\n");
}
