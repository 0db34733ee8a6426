import { readFile } from "node:fs/promises";

import { gasTable, type GasTable, type OtherBuildGas, type ProductionGas } from "./gasTable.ts";
import { measureGas, type Hardfork } from "./measureGas.ts";

/** `osaka`: the rules that production's figures were taken by. `cancun`: those without the calldata floor. */
export const HARDFORKS: readonly Hardfork[] = ["osaka", "cancun"];

const PRODUCTION_GAS = new URL("productionGas.json", import.meta.url);

/** Where the figures of a hardfork are kept, in git. */
export function gasSnapshot(hardfork: Hardfork): URL {
  return new URL(`../snapshots/gas.${hardfork}.json`, import.meta.url);
}

/** Gas of every call beside production's. Takes some 3 s; needs a build. */
export async function measureGasTable(hardfork: Hardfork): Promise<GasTable> {
  const production = JSON.parse(await readFile(PRODUCTION_GAS, "utf8")) as Record<
    string,
    ProductionGas | OtherBuildGas
  >;

  return gasTable(await measureGas(hardfork), production, hardfork);
}
