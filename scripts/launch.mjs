/**
 * Runs a command of this project, whatever the state of the checkout:
 *
 *     node scripts/launch.mjs <command> [arguments]     runs scripts/<command>.ts
 *
 * In order, and only where needed: fetches a current Node, installs the dependencies, builds the contracts and their
 * bindings. It runs before anything is installed, on Node 20: hence plain JavaScript without a dependency.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Fetched from the npm registry where the Node at hand is too old. */
const NODE_VERSION = "24.21.0";
const NPM_VERSION = "11.21.2";

const INSTALL_STAMP = "node_modules/.launch.json";
const BUILD_STAMP = "cache/launch.json";
const LOCK = ".launch.lock";

/** What a build reads, and what it writes: an edit of either calls for a build. */
const BUILD_INPUTS = ["contracts", "deployments", "test/solidity", "hardhat", "hardhat.config.ts"];
const BUILD_OUTPUTS = [
  "artifacts/artifacts.d.ts",
  "typechain-types",
  "src/abi",
  "src/addresses.ts",
];
/** Hardhat touches it in every build, so it tells when somebody built by another way. */
const COMPILE_CACHE = "cache/compile-cache.json";

/** How long a command may take to stop before it is killed. What installs and builds has nothing to save. */
const GRACE_MS = 15_000;
const STEP_GRACE_MS = 1_000;

/** Without a network npm would go on trying for over a minute. */
const PATIENCE = ["--fetch-retry-mintimeout=2000", "--fetch-retry-maxtimeout=10000"];

const NETWORK_HINT =
  "Is the npm registry reachable? `npm ping` tells; behind a proxy, set HTTPS_PROXY.";

class LaunchError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const stopSignal = catchSignals();

try {
  process.exitCode = await launch(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof LaunchError)) throw error;
  console.error(`\nerror: ${error.message}`);
  process.exitCode = error.exitCode;
}

async function launch([command, ...args]) {
  const script = `scripts/${command}.ts`;
  const [major] = versionOf(process.versions.node);

  if (command === undefined || !existsSync(script)) throw new LaunchError(usage(command));
  if (major < 20) {
    throw new LaunchError(`Node ${process.versions.node} is too old. Install Node 20 or newer.`);
  }
  if (!runsHardhat(process.versions.node)) return await launchUnderCurrentNode();

  if (!isInstalled() || !isBuilt()) {
    await withLock(async (lock) => {
      if (!isInstalled()) await install(lock);
      if (!isBuilt()) await build(lock);
    });
  }

  return await run(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...args]);
}

function usage(command) {
  const known = readdirSync("scripts")
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.basename(file, ".ts"));

  return `${command === undefined ? "No command" : `No command "${command}"`}. There are: ${known.join(", ")}.`;
}

// Node

/** Hardhat 3 needs Node 22.13; running TypeScript files as they are needs 22.18 or 23.6. */
function runsHardhat(version) {
  const [major, minor] = versionOf(version);

  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

function versionOf(version) {
  return version.split(".").map(Number);
}

async function launchUnderCurrentNode() {
  const { node, npmFolder } =
    rememberedNode() ?? (await withLock((lock) => rememberedNode() ?? fetchNode(lock)));
  const env = { ...process.env, PATH: [npmFolder, process.env.PATH].join(path.delimiter) };

  // The inner launcher kills what does not stop in time; this one waits a little longer for it.
  return await run(node, process.argv.slice(1), { env, graceMs: GRACE_MS + 5_000 });
}

/** The Node of the last install: asking npx for it again takes a second. */
function rememberedNode() {
  const { node, npmFolder } = readJson(INSTALL_STAMP);

  const isThere = node !== undefined && existsSync(node) && existsSync(npmFolder);
  return isThere && node !== process.execPath ? { node, npmFolder } : undefined;
}

async function fetchNode(lock) {
  const { versions, platform, arch } = process;
  say(
    `Node ${versions.node} is too old for Hardhat 3; fetching Node ${NODE_VERSION} (about 10 s, once)`,
  );

  // The packages that the package "node" stands for: unlike it, they need no install script.
  const prefix = platform === "darwin" && arch === "arm64" ? "node-bin" : "node";
  const packages = [`${prefix}-${platform}-${arch}@${NODE_VERSION}`, `npm@${NPM_VERSION}`];
  const question = "JSON.stringify([process.versions.node, process.execPath, process.env.PATH])";
  const args = [
    "-y",
    ...PATIENCE,
    ...packages.flatMap((name) => ["-p", name]),
    "--",
    "node",
    "-p",
    question,
  ];

  for (let attempt = 1; attempt <= 2; attempt++) {
    const chunks = [];
    const onOutput = (chunk) => chunks.push(chunk);
    const code = await runNoting(lock, "fetching", "npx", args, { onOutput });
    if (code !== 0)
      throw new LaunchError(`npx could not fetch a current Node. ${NETWORK_HINT}`, code);

    const [version, node, PATH] = JSON.parse(Buffer.concat(chunks).toString());
    if (runsHardhat(version)) return { node, npmFolder: folderOfNpm(PATH) };

    // An earlier fetch was killed half-way, and npx takes what it left for complete.
    const leftover = PATH.split(path.delimiter).find((folder) =>
      /_npx.\w+.node_modules..bin$/.test(folder),
    );
    if (leftover !== undefined)
      rmSync(path.resolve(leftover, "../.."), { recursive: true, force: true });
  }

  throw new LaunchError("npx answered with an old Node twice. Install Node 24 and try again.");
}

function folderOfNpm(PATH) {
  return PATH.split(path.delimiter).find((folder) => existsSync(path.join(folder, "npm")));
}

// Install

/** Of a complete install: the stamp is written last, and npm removes it first. */
function isInstalled() {
  return readJson(INSTALL_STAMP).key === installKey();
}

function installKey() {
  const [major] = versionOf(process.versions.node);

  return digest([
    readFileSync("package-lock.json"),
    `${process.platform} ${process.arch} ${major}`,
  ]);
}

async function install(lock) {
  say("installing the dependencies with npm (about 30 s)");
  rmSync(INSTALL_STAMP, { force: true });

  const args = ["ci", "--include=dev", "--no-audit", "--no-fund", ...PATIENCE];
  const code = await runNoting(lock, "installing", "npm", args);
  if (code !== 0) {
    throw new LaunchError(
      `npm could not install the dependencies. ${NETWORK_HINT} Then run the same command again.`,
      code,
    );
  }

  const npmFolder = folderOfNpm(process.env.PATH);
  writeJson(INSTALL_STAMP, { key: installKey(), node: process.execPath, npmFolder });
}

// Build

function isBuilt() {
  return (
    BUILD_OUTPUTS.every((file) => existsSync(file)) && readJson(BUILD_STAMP).key === buildKey()
  );
}

function buildKey() {
  const inputs = [...BUILD_INPUTS, ...BUILD_OUTPUTS].filter((input) => existsSync(input));
  const files = inputs.flatMap(filesUnder);
  const built = existsSync(COMPILE_CACHE) ? statSync(COMPILE_CACHE).mtimeMs : 0;

  return digest([
    installKey(),
    String(built),
    ...files.flatMap((file) => [file, readFileSync(file)]),
  ]);
}

function filesUnder(file) {
  if (!statSync(file).isDirectory()) return [file];

  return readdirSync(file)
    .sort()
    .flatMap((name) => filesUnder(path.join(file, name)));
}

async function build(lock) {
  say("building the contracts and their bindings (about 20 s the first time)");

  const code = await runNoting(lock, "building", process.execPath, [
    "node_modules/hardhat/dist/src/cli.js",
    "build",
  ]);
  if (code !== 0) throw new LaunchError("The build failed; the compiler's message is above.", code);

  writeJson(BUILD_STAMP, { key: buildKey() });
}

// One launch at a time installs and builds

async function withLock(work) {
  const mine = `${LOCK}.${process.pid}`;
  const note = (pid) => {
    writeFileSync(mine, `${process.pid} ${pid}`);
    renameSync(mine, LOCK);
  };
  const release = () => {
    if (readText(LOCK).startsWith(`${process.pid} `)) rmSync(LOCK, { force: true });
    rmSync(mine, { force: true });
  };

  writeFileSync(mine, `${process.pid} `);
  process.once("exit", release);

  let told = false;
  while (!tryLink(mine, LOCK)) {
    const holder = readText(LOCK);
    const alive = holder.trim().split(" ").find(isOurs);

    if (alive === undefined) {
      takeAway(holder, mine);
    } else {
      if (!told)
        say(`waiting for another launch to finish installing or building (process ${alive})`);
      told = true;
      await sleep(250);
    }
    throwIfInterrupted();
  }

  // The lock stays; a note replaces it as a whole.
  rmSync(mine);

  try {
    return await work({ note });
  } finally {
    release();
  }
}

/** A link appears with its text already in it, so nobody reads a lock half written. */
function tryLink(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** Removes the lock of a dead launch, unless another launch has done so and holds it now. */
function takeAway(holder, mine) {
  try {
    renameSync(LOCK, `${mine}.stale`);
    if (readText(`${mine}.stale`) !== holder) renameSync(`${mine}.stale`, LOCK);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  rmSync(`${mine}.stale`, { force: true });
  rmSync(`${LOCK}.${holder.split(" ")[0]}`, { force: true });
}

/** Process ids are used again: where the system says what a process runs, it has to be one of ours. */
function isOurs(pid) {
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return error.code === "EPERM";
  }

  const commandLine = readText(`/proc/${pid}/cmdline`);
  return !existsSync("/proc/self/cmdline") || /launch\.mjs|npm|hardhat/.test(commandLine);
}

// Processes

/** Runs a long step: notes its process in the lock, and says now and then that it goes on. */
async function runNoting(lock, doing, file, args, options) {
  const started = Date.now();
  const reporting = setInterval(() => {
    say(`still ${doing} (${Math.round((Date.now() - started) / 1000)} s)`);
  }, 10_000);

  try {
    return await run(file, args, { ...options, graceMs: STEP_GRACE_MS, onStart: lock.note });
  } finally {
    clearInterval(reporting);
    throwIfInterrupted();
  }
}

/**
 * Runs a program to its end and returns its exit code.
 *
 * The program leads a process group of its own: a Ctrl-C in the terminal, which goes to the whole group and which npm
 * repeats, reaches it through `catchSignals` alone, once.
 */
function run(file, args, { env = process.env, graceMs = GRACE_MS, onStart, onOutput } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = ["inherit", onOutput === undefined ? "inherit" : "pipe", "inherit"];
    const child = spawn(file, args, { stdio, detached: true, env: withoutNpm(env) });

    child.once("spawn", () => {
      stopSignal.passTo(child, graceMs);
      onStart?.(child.pid);
    });
    child.stdout?.on("data", onOutput);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      stopSignal.passTo(undefined);
      resolve(code ?? exitCodeOf(signal));
    });
  });
}

/**
 * npm passes its settings on to what it runs. Those of this run would steer an npm inside it: which packages npx takes,
 * what to leave out, which folder is the project.
 */
function withoutNpm(env) {
  const steering =
    /^npm_(package_|lifecycle_|command$|execpath$|config_(package|call|yes|omit|include|only|production|global|local_prefix|prefix|workspaces?|dry_run|json)$)/i;

  return Object.fromEntries(Object.entries(env).filter(([name]) => !steering.test(name)));
}

function throwIfInterrupted() {
  const { received } = stopSignal;
  if (received !== undefined)
    throw new LaunchError("Interrupted. The next run continues.", exitCodeOf(received));
}

/** As shells have it. */
function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}

/** Passes the first signal on to the running program and swallows further ones, so that cleaning up is not cut short. */
function catchSignals() {
  const state = { received: undefined, passTo };
  const parent = process.ppid;
  let child, graceMs;

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(signal));
  process.once("exit", () => kill("SIGKILL"));

  // A killed npm tells nobody; what it started must not go on without it.
  const startedByNpm = process.env.npm_lifecycle_event !== undefined;
  if (startedByNpm) setInterval(() => process.ppid !== parent && stop("SIGTERM"), 500).unref();

  return state;

  function passTo(next, nextGraceMs) {
    child = next;
    graceMs = nextGraceMs;
    if (state.received !== undefined) pass();
  }

  function stop(signal) {
    if (state.received !== undefined) return;
    state.received = signal;
    pass();
  }

  function pass() {
    if (child === undefined) return;
    child.kill(state.received);
    setTimeout(() => kill("SIGKILL"), graceMs).unref();
  }

  /** Of the whole group: the program and what it started. */
  function kill(signal) {
    try {
      if (child !== undefined) process.kill(-child.pid, signal);
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }
}

// Small things

function say(text) {
  console.error(`> ${text}`);
}

function digest(parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ESRCH") return "";
    throw error;
  }
}

/** Absent and half-written files read as empty. */
function readJson(file) {
  try {
    return JSON.parse(readText(file));
  } catch {
    return {};
  }
}

function writeJson(file, value) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value));
}
