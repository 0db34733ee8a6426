import { libraryError } from "../errors/libraryErrors.ts";
import { openDatabase, type DatabaseLocation } from "./database/database.ts";
import { LEADER_LOCK } from "./startIndexer.ts";

/** Milliseconds to wait for an indexer that is just ending. */
const PATIENCE_MS = 2_000;

/** Everything that migrations make, in an order in which it can be dropped; partitions go with their table. */
const TABLES = [
  "chains",
  "blocks",
  "undone_blocks",
  "group_messages",
  "identity_updates",
  "partitions",
  "events",
  "projections",
  "identity_verdicts",
  "inbox_members",
  "inbox_recoveries",
  "inbox_signatures",
  "contract_wallet_answers",
  "schema_version",
];

/**
 * Forgets everything that was indexed. The next indexer begins with the first block.
 *
 * @throws {XmtpError} `DATABASE_UNREACHABLE`, also while an indexer runs
 */
export async function resetIndex(location: DatabaseLocation): Promise<void> {
  const database = await openDatabase(location);
  try {
    const release = await database.lock(LEADER_LOCK, {
      signal: AbortSignal.timeout(PATIENCE_MS),
      onLost: () => undefined,
    });
    if (release === undefined) {
      throw libraryError("DATABASE_UNREACHABLE", "an indexer writes to the database", {
        hint: "stop every indexer of this database first",
      });
    }
    // Views go with the tables that they show.
    await database.query(`drop table if exists ${TABLES.join(", ")} cascade`);
    await release();
  } finally {
    await database.close();
  }
}
