import type { LibraryErrorEntry } from "../errors/libraryErrors.ts";

/** Everything that keeps the devnet from starting or stopping. `docs/errors.md` is generated from this table. */
export const DEVNET_ERRORS = {
  PORT_TAKEN: {
    meaning: "Another process listens on a port of the devnet.",
    hint: "stop that process (a devnet may still be running), or choose another port; 0 picks a free one",
    retryable: false,
  },
  PORT_REFUSED: {
    meaning: "The system does not let this process listen on a port of the devnet.",
    hint: "choose a port above 1023, or 0 for a free one",
    retryable: false,
  },
  STATE_DIFFERS: {
    meaning: "What is kept of a devnet does not make the chains again that it was.",
    hint: "start with the version and the options it was made with, or forget it: npm start -- --reset",
    retryable: false,
  },
  STATE_IN_USE: {
    meaning: "Another devnet keeps its state in the same folder.",
    hint: "stop that devnet, or choose another folder",
    retryable: false,
  },
  STATE_NOT_WRITTEN: {
    meaning: "A chain of the devnet cannot write what it would have to make again.",
    hint: "look for room on the disk and rights to the folder, then start the devnet again; nothing that was answered is lost",
    retryable: false,
  },
  STOP_TIMEOUT: {
    meaning: "The devnet did not stop in time.",
    hint: "end the process; its ports are freed with it",
    retryable: false,
  },
  SETTLEMENT_REORGANISED: {
    meaning:
      "The settlement chain took back a message that the relayer had carried to the appchain already.",
    hint: "start the devnet afresh; the appchain cannot take back what it did. Relay with more confirmations where the settlement chain reorganises",
    retryable: false,
  },
  RELAY_FAILED: {
    meaning: "The relayer cannot carry a message to the appchain at the moment.",
    hint: "the relayer goes on trying; nothing is lost meanwhile",
    retryable: true,
  },
} as const satisfies Record<string, LibraryErrorEntry>;

export type DevnetErrorCode = keyof typeof DEVNET_ERRORS;
