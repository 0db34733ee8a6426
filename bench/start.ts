/**
 * Seconds until `npm start` has a network running and its main job done: from a clone that is installed, and from a bare
 * clone with an empty npm cache. The latter fetches everything from the npm registry, so it measures the line as well.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "..");
const SNAPSHOT = path.join(ROOT, "snapshots", "start.json");
const INSTALLED_RUNS = 3;
/** Any ports, so that nothing else on the machine is in the way. */
const START = ["start", "--", "--once", "--settlement-port", "0", "--appchain-port", "0"];

const folder = await mkdtemp(path.join(tmpdir(), "xmtp-appchain-"));
try {
  const clone = path.join(folder, "clone");
  await run("git", ["clone", "--quiet", ROOT, clone], folder, process.env);

  // A terminal would not have what npm sets for the scripts that it runs, this one among them.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith("npm_")),
  );
  const fresh = { ...env, npm_config_cache: path.join(folder, "npm-cache") };

  const bareClone = await run("npm", START, clone, fresh);
  const installed: number[] = [];
  for (let count = 0; count < INSTALLED_RUNS; count++) {
    installed.push(await run("npm", START, clone, fresh));
  }

  const result = { bareCloneSeconds: bareClone, installedSeconds: Math.min(...installed) };
  console.log(JSON.stringify(result, null, 2));
  await writeFile(SNAPSHOT, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Runs a program to its end and returns how long it took, in seconds with one decimal. */
async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const began = performance.now();
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}`);

  return Number(((performance.now() - began) / 1000).toFixed(1));
}
