import { hash as digestOf } from "node:crypto";
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";

import type { Hex } from "viem";

import { DevnetError } from "./DevnetError.ts";

/** Changed when older journals can no longer be read. */
const FORMAT = 1;
const NEWLINE = 10;

/** What a chain starts from. The same facts and the same entries make the same blocks. */
export type GenesisFacts = Readonly<Record<string, string | number>>;

/** A transaction whose hash a client was given. */
export interface SentEntry {
  readonly sent: Hex;
  readonly raw: Hex;
}

export interface BlockEntry {
  /** Its hash. */
  readonly block: Hex;
  /** Unix seconds. */
  readonly timestamp: number;
  /** Its base fee is 0, on a chain with a constant one. */
  readonly free?: true;
  /** In order: the hash of what was sent before, or the request of a system transaction. */
  readonly transactions: readonly (Hex | SystemRequest)[];
}

/** Parameters of `eth_sendTransaction`, none left to the node. */
export type SystemRequest = Readonly<
  Record<"from" | "value" | "data" | "gas" | "gasPrice", Hex> & { to?: Hex }
>;

export type JournalEntry = SentEntry | BlockEntry;

export interface Journal {
  /** Unix seconds of the first block. */
  readonly genesisTime: number;
  /** What earlier runs wrote, in order. */
  entries(): Iterable<JournalEntry>;
  /** Hands an entry to the system in one piece. It then survives the end of the process, though not that of the machine. */
  append(entry: JournalEntry): void;
  close(): void;
}

/**
 * A file with one line for each entry, which rebuilds a chain. Every line begins with a digest of itself and of all lines
 * before it. A last line without an end was being written when the process was killed; nobody has seen what it says, and
 * it is cut off.
 *
 * @throws {DevnetError} `STATE_DIFFERS` if a line was changed, or the chain starts from other facts
 */
export function openJournal(path: string, facts: GenesisFacts): Journal {
  const file = openSync(path, "a+");
  try {
    const content = readFileSync(path);
    const end = content.lastIndexOf(NEWLINE) + 1;
    if (end < content.length) ftruncateSync(file, end);
    const lines = function* (): Generator<string> {
      for (let start = 0, stop; start < end; start = stop + 1) {
        stop = content.indexOf(NEWLINE, start);
        yield content.toString("utf8", start, stop);
      }
    };

    let digest = "";
    const stamp = (json: string): string => (digest = digestOf("sha256", digest + json, "base64"));
    const append = (value: unknown): void => {
      const json = JSON.stringify(value);
      const line = Buffer.from(`${stamp(json)} ${json}\n`);
      if (writeSync(file, line) < line.length) throw new Error(`no room left for ${path}`);
    };

    let count = 0;
    for (const line of lines()) {
      count++;
      if (stamp(jsonOf(line)) !== line.slice(0, digest.length)) {
        throw new DevnetError("STATE_DIFFERS", `line ${count} of ${path} was changed`);
      }
    }

    const expected = { format: FORMAT, ...facts };
    if (count === 0) append({ ...expected, genesisTime: Math.floor(Date.now() / 1000) });
    const [first = ""] = count === 0 ? [readFileSync(path, "utf8")] : lines();
    const genesis = JSON.parse(jsonOf(first)) as GenesisFacts & { readonly genesisTime: number };
    for (const [name, value] of Object.entries(expected)) {
      if (genesis[name] === value) continue;
      throw new DevnetError(
        "STATE_DIFFERS",
        `the chain in ${path} was started with ${name} ${genesis[name]}, not ${value}`,
      );
    }

    return {
      genesisTime: genesis.genesisTime,
      entries: function* () {
        let isFirst = true;
        for (const line of lines()) {
          if (!isFirst) yield JSON.parse(jsonOf(line)) as JournalEntry; // as written: its digest is right
          isFirst = false;
        }
      },
      append,
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function jsonOf(line: string): string {
  return line.slice(line.indexOf(" ") + 1);
}
