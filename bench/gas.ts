/**
 * Prints gas beside production's and writes it to `snapshots/`. `hardhat run bench/gas.ts`, because it uses the bindings
 * for ethers, which only Hardhat's own loader resolves.
 */
import { writeFile } from "node:fs/promises";

import { renderGasTable } from "./gasTable.ts";
import { gasSnapshot, HARDFORKS, measureGasTable } from "./measureGasTable.ts";

for (const hardfork of HARDFORKS) {
  const table = await measureGasTable(hardfork);

  await writeFile(gasSnapshot(hardfork), `${JSON.stringify(table, null, 2)}\n`);
  console.log(`\nGas under the rules of ${hardfork}\n\n${renderGasTable(table)}`);
}
