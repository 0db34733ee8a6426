/** Measures, prints and records in `snapshots/`. Arguments select benchmarks by name; without any, all of them run. */
import { runSteps, type Step } from "../hardhat/runSteps.ts";

const HARDHAT = "node_modules/hardhat/dist/src/cli.js";

const BENCHMARKS: readonly Step[] = [
  { name: "gas", command: "node", args: [HARDHAT, "run", "--no-compile", "bench/gas.ts"] },
  { name: "publish", command: "node", args: ["bench/publish.ts"] },
  { name: "bridge", command: "node", args: ["bench/bridge.ts"] },
  { name: "indexer", command: "node", args: ["bench/indexer.ts"] },
  { name: "merkle", command: "node", args: ["bench/merkle.ts"] },
  { name: "identity", command: "node", args: ["bench/identity.ts"] },
  { name: "start", command: "node", args: ["bench/start.ts"] },
];

const names = process.argv.slice(2);
const unknown = names.find((wanted) => !BENCHMARKS.some(({ name }) => name === wanted));

if (unknown !== undefined) {
  const known = BENCHMARKS.map(({ name }) => name).join(", ");
  console.error(`error: there is no benchmark "${unknown}". There are: ${known}.`);
  process.exitCode = 1;
} else {
  process.exitCode = await runSteps(
    BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name)),
  );
}
