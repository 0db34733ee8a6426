/** Compiles what the package holds into `dist/`: the library, and the bindings for ethers. */
import { rmSync } from "node:fs";
import path from "node:path";

import { runSteps } from "../hardhat/runSteps.ts";

rmSync(path.resolve(import.meta.dirname, "..", "dist"), { recursive: true, force: true });

process.exitCode = await runSteps([
  { name: "library", command: "tsc", args: ["-p", "tsconfig.build.json"] },
  { name: "bindings for ethers", command: "tsc", args: ["-p", "tsconfig.typechain.json"] },
]);
