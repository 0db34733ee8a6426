import path from "node:path";

import Postgrator from "postgrator";

import { libraryError } from "../../errors/libraryErrors.ts";
import type { Database } from "./database.ts";
import { isPassing } from "./isPassing.ts";

const MIGRATIONS = path.join(import.meta.dirname, "migrations", "*.sql");

/**
 * Brings the schema up to date, all of it or none; does nothing when it is.
 *
 * @throws {XmtpError} `DATABASE_MISMATCH` if the schema was made by a newer version, or its files were changed since;
 *   `DATABASE_UNREACHABLE` if the server went away
 */
export async function migrate(database: Database): Promise<void> {
  try {
    // Postgrator notes a version after its script: whoever dies in between must leave neither.
    await database.transaction(async (tx) => {
      const postgrator = new Postgrator({
        driver: "pg",
        migrationPattern: MIGRATIONS,
        schemaTable: "schema_version",
        newline: "LF",
        execQuery: async (sql) => ({ rows: (await tx.query(sql)) as unknown[] }),
      });
      const newest = await postgrator.getMaxVersion();
      const found = await postgrator.getDatabaseVersion();
      if (found > newest) {
        throw new Error(`it has version ${found}, and this program knows up to ${newest}`);
      }
      await postgrator.migrate();
    });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    if (isPassing(error)) {
      throw libraryError("DATABASE_UNREACHABLE", `the database failed: ${said}`, { cause: error });
    }
    throw libraryError("DATABASE_MISMATCH", `the schema cannot be brought up to date: ${said}`, {
      cause: error,
    });
  }
}
