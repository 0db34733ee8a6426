/** Repairs what the linters can repair and formats everything; fails when something is left to do by hand. */
import { runSteps } from "../hardhat/runSteps.ts";

const lint = await runSteps([{ name: "lint TypeScript", command: "eslint", args: [".", "--fix"] }]);
const format = await runSteps([
  { name: "format", command: "prettier", args: [".", "--write", "--log-level", "warn"] },
]);

process.exitCode = Math.max(lint, format);
