/** Runs all checks and tests, and ends with how many passed and failed. Arguments select parts by name. */
import { spawn } from "node:child_process";
import path from "node:path";

import { addCounts, countResults, type Counts } from "../hardhat/countResults.ts";
import { ensurePostgres } from "../hardhat/ensurePostgres.ts";

const HARDHAT = "node_modules/hardhat/dist/src/cli.js";

const PARTS: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: "check", args: ["scripts/check.ts"] },
  { name: "solidity", args: [HARDHAT, "test", "solidity", "--no-compile"] },
  { name: "mocha", args: [HARDHAT, "test", "mocha", "--no-compile"] },
];

const selected = process.argv.slice(2);
const parts = PARTS.filter(({ name }) => selected.length === 0 || selected.includes(name));
if (parts.length === 0) throw new Error(`Parts are: ${PARTS.map(({ name }) => name).join(", ")}.`);

// Before anything takes minutes: it may fail, and then says what to install.
if (parts.some(({ name }) => name === "mocha")) ensurePostgres();

const started = performance.now();
let total: Counts = { passed: 0, failed: 0 };
for (const { name, args } of parts) {
  console.log(`\n== ${name}\n`);
  total = addCounts(total, await runPart(args));
}

console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** Shows the part's output while counting its results. */
function runPart(args: readonly string[]): Promise<Counts> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, ...args], {
      cwd: path.resolve(import.meta.dirname, ".."),
      stdio: ["inherit", "pipe", "inherit"],
      env: { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: "1" }) },
    });
    const stop = (signal: NodeJS.Signals) => child.kill(signal);
    process.on("SIGINT", stop).on("SIGTERM", stop);

    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      process.stdout.write(chunk);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      resolve(countResults(output, code === 0));
    });
  });
}
