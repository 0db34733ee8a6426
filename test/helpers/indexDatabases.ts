import { openDatabase, type Database } from "../../src/indexer/database/database.ts";
import { migrate } from "../../src/indexer/database/migrate.ts";
import { startPostgres } from "./startPostgres.ts";

/** A database of the indexer for tests, made anew by `reset`. */
export interface TestDatabase {
  readonly database: Database;
  /** Opens the same database again, as another process would; the embedded one has only this process. */
  open(): Promise<Database>;
  /** Empties every table. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Both databases, by name: what holds of one is tested with the other too. */
export const INDEX_DATABASES: Readonly<Record<string, () => Promise<TestDatabase>>> = {
  embedded: async () => {
    const database = await openDatabase({ folder: "temporary" });
    await migrate(database);
    return {
      database,
      open: async () => ({ ...database, close: async () => undefined }),
      reset: () => empty(database),
      stop: () => database.close(),
    };
  },
  postgres: async () => {
    const server = await startPostgres({ fsync: false });
    const url = await server.createDatabase();
    const database = await openDatabase({ url });
    await migrate(database);
    return {
      database,
      open: () => openDatabase({ url }),
      reset: () => empty(database),
      stop: async () => {
        await database.close();
        await server.stop();
      },
    };
  },
};

async function empty(database: Database): Promise<void> {
  const partitions = await database.query<{ name: string }>("select name from partitions");
  for (const { name } of partitions) await database.query(`drop table if exists ${name}`);
  const tables = await database.query<{ name: string }>(
    `select tablename as name from pg_tables
      where schemaname = 'public' and tablename <> 'schema_version'`,
  );
  await database.query(`truncate ${tables.map(({ name }) => name).join(", ")} restart identity`);
}
