/** Runs all checks and tests, and ends with how many passed and failed. Arguments select parts by name. */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";

import { addCounts, countResults, type Counts } from "../hardhat/countResults.ts";
import { ensurePostgres } from "../hardhat/ensurePostgres.ts";

process.chdir(path.resolve(import.meta.dirname, ".."));

const HARDHAT = "node_modules/hardhat/dist/src/cli.js";

interface Part {
  readonly name: string;
  readonly args: readonly string[];
}

/** What starts processes, which leave a core alone now and then; the other tests keep one busy. */
const WITH_PROCESSES = ["e2e", "scripts", "bench", "house", "package.test.ts"];

/** Two lanes, for most machines have two cores; each runs its parts one after the other. */
const LANES: readonly (readonly Part[])[] = [
  [
    { name: "check", args: ["scripts/check.ts"] },
    mocha("mocha: processes and shells", (folder) => WITH_PROCESSES.includes(folder)),
  ],
  [
    { name: "solidity", args: [HARDHAT, "test", "solidity", "--no-compile"] },
    mocha("mocha: contracts and library", (folder) => !WITH_PROCESSES.includes(folder)),
  ],
];

const selected = process.argv.slice(2);
const isSelected = ({ name }: Part): boolean =>
  selected.length === 0 || selected.includes(name.split(":")[0] ?? name);
const lanes = LANES.map((lane) => lane.filter(isSelected));
const parts = lanes.flat();
if (parts.length === 0) throw new Error("Parts are: check, solidity, mocha.");

// Before anything takes minutes: it may fail, and then says what to install.
if (parts.some(({ name }) => name.startsWith("mocha"))) ensurePostgres();

const started = performance.now();
const shown = createShownLanes(lanes.length);
const counts = await Promise.all(
  lanes.map(async (lane, index) => {
    let total: Counts = { passed: 0, failed: 0 };
    for (const { name, args } of lane) {
      shown.print(index, `\n== ${name}\n\n`);
      total = addCounts(total, await runPart(args, (text) => shown.print(index, text)));
    }
    shown.end(index);
    return total;
  }),
);
const total = counts.reduce(addCounts);

console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** The test files below some of the folders of `test/`. */
function mocha(name: string, isWanted: (folder: string) => boolean): Part {
  const files = readdirSync("test", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts") && isWanted(file.split(path.sep)[0] ?? file))
    .toSorted()
    .map((file) => path.join("test", file));

  return { name, args: [HARDHAT, "test", "mocha", "--no-compile", ...files] };
}

/** Shows one lane after the other, the first one live. */
function createShownLanes(count: number) {
  const held = Array.from({ length: count }, () => "");
  const ended = new Set<number>();
  let live = 0;

  return {
    print: (lane: number, text: string): void => {
      if (lane === live) process.stdout.write(text);
      else held[lane] += text;
    },
    end: (lane: number): void => {
      ended.add(lane);
      while (ended.has(live) && live < count - 1) {
        live += 1;
        process.stdout.write(held[live] ?? "");
      }
    },
  };
}

/** Passes the part's output on while counting its results. */
function runPart(args: readonly string[], print: (text: string) => void): Promise<Counts> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, ...args], {
      stdio: ["inherit", "pipe", "pipe"],
      env: { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: "1" }) },
    });
    const stop = (signal: NodeJS.Signals) => child.kill(signal);
    process.on("SIGINT", stop).on("SIGTERM", stop);

    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      print(chunk.toString());
    });
    child.stderr.on("data", (chunk: Buffer) => print(chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      resolve(countResults(output, code === 0));
    });
  });
}
