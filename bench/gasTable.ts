import type { Hardfork, Measurement } from "./measureGas.ts";

/**
 * Gas of production's sources for the same call, but built with another compiler than the contracts that are deployed
 * (solc 0.8.37 by way of its intermediate language, 1,000 runs): that says how far apart we are, and no more. The payloads
 * are alike rather than the same.
 */
export interface OtherBuildGas {
  readonly otherBuild: number;
}

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
  /** Of another build of production's sources; not part of any mean. */
  readonly otherBuild?: number;
}

/** By key; the same keys as in `productionGas.json` where production has the call. */
export type GasTable = Readonly<Record<string, GasRow>>;

/** A batch is compared, per payload, with one call of production for each: `addMessages.100x200` with `addMessage.200`. */
const BATCH =
  /^(?<contract>\w+)\.(?<call>addMessage|addIdentityUpdate)s\.(?<count>\d+)x(?<size>\d+)$/;

const DEPLOYMENT = /\.(?:implementation|proxy)$/;

export function gasTable(
  measurements: readonly Measurement[],
  production: Readonly<Record<string, ProductionGas | OtherBuildGas>>,
  hardfork: Hardfork,
): GasTable {
  return Object.fromEntries(
    measurements.map(({ key, what, gas }): [string, GasRow] => {
      const { contract, call, count, size } = BATCH.exec(key)?.groups ?? {};
      const payloads = count === undefined ? 1 : Number(count);
      const baseline = production[payloads === 1 ? key : `${contract}.${call}.${size}`];
      const ours = Math.round(gas / payloads);
      if (baseline !== undefined && "otherBuild" in baseline) {
        return [key, { what, ours, otherBuild: baseline.otherBuild }];
      }

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

/** The table in Markdown, and below it the geometric mean, and what is compared with another build. */
export function renderGasTable(table: GasTable): string {
  const number = (value: number | undefined): string => value?.toLocaleString("en-US") ?? "-";
  const all = Object.values(table);
  const rows = all
    .filter(({ otherBuild }) => otherBuild === undefined)
    .map(({ what, ours, production, floor, ratio }) =>
      [what, number(ours), number(production), number(floor), ratio?.toFixed(4) ?? "-"].join(" | "),
    );
  const others = all.flatMap(({ what, ours, otherBuild }) =>
    otherBuild === undefined
      ? []
      : [[what, number(ours), number(otherBuild), (ours / otherBuild).toFixed(4)].join(" | ")],
  );

  return [
    "| Call | Ours | Production | Floor | Ratio |",
    "|---|--:|--:|--:|--:|",
    ...rows.map((row) => `| ${row} |`),
    "",
    `Geometric mean of all calls that production has too: ${geometricMean(table).toFixed(4)}`,
    "",
    "With Arbitrum's own bridge. Production's sources are built with another compiler here, so no mean counts these:",
    "",
    "| Call | Ours | Production, other build | Ratio |",
    "|---|--:|--:|--:|",
    ...others.map((row) => `| ${row} |`),
    "",
  ].join("\n");
}
