/** Looks for everything that a reviewer should not have to find. Never writes; stops at the first failure. */
import { runSteps } from "../hardhat/runSteps.ts";

process.exitCode = await runSteps([
  { name: "format", command: "prettier", args: [".", "--check", "--log-level", "warn"] },
  {
    name: "lint Solidity",
    command: "solhint",
    args: ["--noPoster", "--max-warnings", "0", "contracts/**/*.sol", "test/**/*.sol"],
  },
  { name: "documents", command: "node", args: ["scripts/docs.ts"] },
  { name: "snapshots", command: "node", args: ["scripts/snapshot.ts", "--check"] },
  {
    name: "types",
    command: "tsc",
    args: ["--incremental", "--tsBuildInfoFile", "cache/tsc.json"],
  },
  { name: "lint TypeScript", command: "eslint", args: ["."] },
]);
