import path from "node:path";

import Postgrator from "postgrator";

import { libraryError } from "../../errors/libraryErrors.ts";
import type { Database } from "./database.ts";

const MIGRATIONS = path.join(import.meta.dirname, "migrations", "*.sql");

/**
 * Brings the schema up to date; does nothing when it is.
 *
 * @throws {XmtpError} `DATABASE_MISMATCH` if the schema was made by a newer version, or its files were changed since
 */
export async function migrate(database: Database): Promise<void> {
  const postgrator = new Postgrator({
    driver: "pg",
    migrationPattern: MIGRATIONS,
    schemaTable: "schema_version",
    newline: "LF",
    execQuery: async (sql) => ({ rows: (await database.query(sql)) as unknown[] }),
  });

  try {
    await postgrator.migrate();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw libraryError("DATABASE_MISMATCH", `the schema cannot be brought up to date: ${said}`, {
      cause: error,
    });
  }
}
