/** Formats everything and repairs what the linters can repair. */
import { runSteps } from "../hardhat/runSteps.ts";

process.exitCode = await runSteps([
  { name: "lint TypeScript", command: "eslint", args: [".", "--fix"] },
  { name: "format", command: "prettier", args: [".", "--write", "--log-level", "warn"] },
]);
