import { spawn } from "node:child_process";
import path from "node:path";

/** A program of this project's dependencies, and what it is run for. */
export interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const BINARIES = path.resolve(import.meta.dirname, "..", "node_modules", ".bin");

/** Runs steps one after another, each announced and timed, and returns the exit code of the first that fails, or 0. */
export async function runSteps(steps: readonly Step[]): Promise<number> {
  for (const step of steps) {
    const started = performance.now();
    process.stdout.write(`${step.name} ...\n`);

    const code = await runStep(step);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${step.name}: ${code === 0 ? "passed" : "FAILED"} (${seconds} s)\n`);
    if (code !== 0) return code;
  }

  return 0;
}

function runStep({ command, args }: Step): Promise<number> {
  const file = command === "node" ? process.execPath : path.join(BINARIES, command);
  // `node` without arguments of its own would warn about every TypeScript file.
  const nodeArgs = command === "node" ? process.execArgv : [];

  return new Promise((resolve, reject) => {
    const child = spawn(file, [...nodeArgs, ...args], { stdio: "inherit" });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}
