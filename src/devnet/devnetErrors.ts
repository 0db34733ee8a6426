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
