import type { AddressBook } from "../../src/deployment/addressBook.ts";
import type { ReplayedChain } from "./startChain.ts";

/** Where an engine puts what it indexes: a database of a server, or a folder. */
export type Place = { readonly url: string } | { readonly folder: string };

export interface EngineOptions {
  readonly chain: ReplayedChain;
  readonly addresses: AddressBook;
  readonly place: Place;
}

/** An indexer under test, in a process of its own. */
export interface Engine {
  readonly name: string;
  /** Returns as soon as the process is started. */
  readonly start: (options: EngineOptions) => RunningEngine;
}

export interface RunningEngine {
  readonly pid: number;
  /** Of the messages: quoted for SQL, with a row for each event and a column `sequence_id`. */
  readonly table: string;
  /** SQL for the bytes of all payloads together. */
  readonly payloadBytes: string;
  /** Resolves when the engine says that it has all that the chain has. @throws {Error} if its process ended before */
  readonly caughtUp: Promise<void>;
  /** The rows that an engine with a folder has; it cannot be asked from outside. */
  readonly countRows: () => Promise<number>;
  readonly stop: () => Promise<void>;
}
