import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { DevnetError } from "./DevnetError.ts";
import { openJournal, type GenesisFacts, type Journal } from "./journal.ts";

const LOCK = "lock";

export interface StateFolder {
  /** @throws {DevnetError} `STATE_DIFFERS` */
  openJournal(chain: string, facts: GenesisFacts): Journal;
  /** Lets others have the folder. */
  close(): void;
}

/**
 * Takes a folder for the journals of a devnet, and makes it if it is not there.
 *
 * @throws {DevnetError} `STATE_IN_USE` if another devnet has it
 */
export function openStateFolder(folder: string): StateFolder {
  mkdirSync(folder, { recursive: true });
  // Of all that Node comes with, only a database can lock a file so that the system unlocks it when the process ends.
  const lock = new DatabaseSync(join(folder, LOCK));
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    throw new DevnetError("STATE_IN_USE", `another devnet keeps its state in ${folder}`, error);
  }
  const journals: Journal[] = [];

  return {
    openJournal: (chain, facts) => {
      const journal = openJournal(journalFile(folder, chain), facts);
      journals.push(journal);
      return journal;
    },
    close: () => {
      for (const journal of journals) journal.close();
      lock.close();
    },
  };
}

/** The chains whose state a folder has. */
export const CHAINS = ["settlement", "appchain"] as const;

/**
 * Forgets the state of a devnet, so that the next one with this folder starts anew. Touches no other file in it.
 *
 * @throws {DevnetError} `STATE_IN_USE` if a devnet has it
 */
export function resetState(folder: string): void {
  const state = openStateFolder(folder);
  for (const chain of CHAINS) rmSync(journalFile(folder, chain), { force: true });
  state.close();
}

function journalFile(folder: string, chain: string): string {
  return join(folder, `${chain}.journal`);
}
