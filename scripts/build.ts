/** Compiles what the package holds into `dist/`: the library, and the bindings for ethers. */
import { cpSync, rmSync } from "node:fs";
import path from "node:path";

import { runSteps } from "../hardhat/runSteps.ts";

const root = path.resolve(import.meta.dirname, "..");
const MIGRATIONS = "indexer/database/migrations";

rmSync(path.join(root, "dist"), { recursive: true, force: true });

process.exitCode = await runSteps([
  { name: "library", command: "tsc", args: ["-p", "tsconfig.build.json"] },
  { name: "bindings for ethers", command: "tsc", args: ["-p", "tsconfig.typechain.json"] },
]);

// SQL is read at run time, beside the code that runs it.
cpSync(path.join(root, "src", MIGRATIONS), path.join(root, "dist", MIGRATIONS), {
  recursive: true,
});
