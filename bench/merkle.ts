/**
 * Leaves per second of the tree of a payer report, beside as many raw calls of the hash function with inputs of the same
 * size, in turn in one process; proofs of settlement batches per second; and the memory of a process that builds one tree.
 *
 * `LEAVES=10000 npm run bench -- merkle` is quick, and records nothing.
 */
import { fork } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { keccak256 } from "viem";

import { merkleTree, type PackedLeaves } from "../src/reports/merkleTree.ts";
import { SETTLEMENT_BATCH_SIZE } from "../src/reports/settlementBatches.ts";

const SNAPSHOT = new URL("../snapshots/merkle.json", import.meta.url);

const RECORDED_LEAVES = 1_000_000;
const LEAVES = Number(process.env["LEAVES"] ?? RECORDED_LEAVES);
const ROUNDS = 3;
const PROOFS = 20_000;
const LEAF_BYTES = 64;
/** A prefix and a leaf, or a prefix and two nodes. */
const INPUT_BYTES = 5 + LEAF_BYTES;

/** Megabytes of memory: the most that a process used before and after it built a tree. */
interface Memory {
  readonly before: number;
  readonly after: number;
}

if (process.send !== undefined) {
  const leaves = randomLeaves();
  const before = peakMegabytes();
  const tree = merkleTree(leaves);
  process.send({ before, after: peakMegabytes(), root: tree.root });
  process.disconnect();
} else await compare();

async function compare(): Promise<void> {
  const leaves = randomLeaves();
  const rates = { tree: [] as number[], raw: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    rates.tree.push(perSecond(LEAVES, () => void merkleTree(leaves)));
    // A leaf node and an inner node for each leaf.
    rates.raw.push(perSecond(LEAVES, () => hashRaw(2 * LEAVES)));
  }
  const tree = merkleTree(leaves);
  const count = Math.min(SETTLEMENT_BATCH_SIZE, LEAVES);
  const proofs = perSecond(PROOFS, () => {
    for (let proof = 0; proof < PROOFS; proof++) {
      tree.proof(Math.floor(Math.random() * (LEAVES - count + 1)), count);
    }
  });
  const memory = await measureMemory();

  const result = {
    leaves: LEAVES,
    leavesPerSecond: Math.round(median(rates.tree)),
    rawLeavesPerSecond: Math.round(median(rates.raw)),
    treeToRaw: pairedRatio(rates.tree, rates.raw),
    proofLeaves: count,
    proofsPerSecond: Math.round(proofs),
    peakMegabytes: { withLeaves: memory.before, withTree: memory.after },
  };

  console.log(JSON.stringify(result, null, 2));
  if (LEAVES === RECORDED_LEAVES) await writeFile(SNAPSHOT, `${JSON.stringify(result, null, 2)}\n`);
}

/** What the hash function alone takes; on inputs that differ, as those of a tree do. */
function hashRaw(count: number): void {
  const input = new Uint8Array(INPUT_BYTES);
  const view = new DataView(input.buffer);
  for (let index = 0; index < count; index++) {
    view.setUint32(0, index);
    keccak256(input, "bytes");
  }
}

/** Of the size of payer leaves; what is in them makes no difference. */
function randomLeaves(): PackedLeaves {
  return { bytes: randomFillSync(new Uint8Array(LEAVES * LEAF_BYTES)), leafBytes: LEAF_BYTES };
}

async function measureMemory(): Promise<Memory> {
  const child = fork(fileURLToPath(import.meta.url), {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const [memory] = (await once(child, "message")) as [Memory];

  return memory;
}

/** The most memory that this process has used at once. */
function peakMegabytes(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

function perSecond(count: number, act: () => void): number {
  const began = performance.now();
  act();

  return (count / (performance.now() - began)) * 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** The median of the ratios of each round: drift of the machine falls out. */
function pairedRatio(values: readonly number[], others: readonly number[]): number {
  return Number(median(values.map((value, round) => value / (others[round] ?? 0))).toFixed(3));
}
