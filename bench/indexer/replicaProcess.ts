/**
 * Serves an index over HTTP in a process of its own, as a replica beside the indexer does. Argument: the database's URL.
 */
import { startApi } from "../../src/indexer/api/startApi.ts";
import { openDatabase } from "../../src/indexer/database/database.ts";

const [url = ""] = process.argv.slice(2);
const api = await startApi({ database: await openDatabase({ url }) });

process.on("disconnect", () => process.exit());
process.send?.(api.url);
