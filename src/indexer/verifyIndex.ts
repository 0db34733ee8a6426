import { libraryError } from "../errors/libraryErrors.ts";
import { bloomBits } from "../events/blocks.ts";
import { pauseAfterFailure } from "../chain/pauseAfterFailure.ts";
import { classifyFailure } from "./chain/classifyFailure.ts";
import { indexedChain, type ChainName, type IndexedChain } from "./chain/contracts.ts";
import { createEndpoints, type Endpoints } from "./chain/createEndpoints.ts";
import { createRangePlanner } from "./chain/createRangePlanner.ts";
import { readWindow, type Window } from "./chain/readWindow.ts";
import { parseChainConfig, type IndexerConfig } from "./config.ts";
import { openDatabase, type Database } from "./database/database.ts";
import { createContractWalletVerifier } from "./identity/createContractWalletVerifier.ts";
import { replayIdentity } from "./projection/replayIdentity.ts";
import { compareTable, type Comparison } from "./store/compareTable.ts";
import { TABLES, type TableName } from "./store/createWindowRows.ts";
import { firstPosition } from "./store/position.ts";
import { hasSchema } from "./store/hasSchema.ts";
import { readProgress } from "./store/progress.ts";

const TARGET_BYTES = 4_000_000;
const MAX_ATTEMPTS = 8;
export interface VerifyIndexParameters extends IndexerConfig {
  /** The first and the last block, both included. Default: all that is indexed, or all that is final. */
  readonly fromBlock?: number | undefined;
  readonly toBlock?: number | undefined;
  /** Whether to compare blocks that may still change. Only right while no indexer runs. Default false. */
  readonly includesUnfinalized?: boolean | undefined;
  readonly onProgress?: (chain: ChainName, nextBlock: number, toBlock: number) => void;
}

/**
 * Reads a range of blocks from the chains again and compares every row, in both directions; and, if the range begins with
 * the first block, decides every identity update again and compares what came of it.
 *
 * @throws {XmtpError} `NOT_INDEXED`; as `startIndexer`
 */
export async function verifyIndex({
  database: location,
  addresses,
  chains,
  fromBlock,
  toBlock,
  includesUnfinalized = false,
  contractWalletRpcUrls = {},
  onProgress = () => undefined,
}: VerifyIndexParameters): Promise<Comparison> {
  const askWallets = createContractWalletVerifier({ urls: contractWalletRpcUrls });
  const database = await openDatabase(location);
  const found: Comparison = { tables: new Map(), differences: [] };
  try {
    for (const name of ["settlement", "appchain"] as const) {
      const config = chains[name];
      if (config === undefined) continue;
      const parsed = parseChainConfig(name, config);
      const chain = indexedChain(name, addresses);
      const progress = (await hasSchema(database))
        ? await readProgress(database, chain)
        : undefined;
      if (progress === undefined) {
        throw libraryError("NOT_INDEXED", `the database holds nothing of the ${name} yet`);
      }
      const last = Math.min(
        toBlock ?? Infinity,
        includesUnfinalized ? progress.nextBlock - 1 : progress.finalizedBlock,
      );
      const first = fromBlock ?? parsed.fromBlock ?? chain.fromBlock;
      const endpoints = createEndpoints(parsed.rpcUrls, parsed.timeoutMs);

      for await (const window of readWindows(endpoints, chain, first, last)) {
        await compareWindow(database, chain, window, found);
        onProgress(name, window.toBlock + 1, last);
      }
      if (name === "appchain" && fromBlock === undefined) {
        await replayIdentity(database, askWallets, found);
      }
    }
  } finally {
    await database.close();
  }

  return found;
}

/** Reads with every block's header: what was missed because a node left it out is to be found. */
async function* readWindows(
  endpoints: Endpoints,
  chain: IndexedChain,
  first: number,
  last: number,
): AsyncGenerator<Window> {
  const addressBits = chain.contracts.map(({ address }) => bloomBits(address));
  const planner = createRangePlanner({ targetBytes: TARGET_BYTES, maxBlocks: 500 });
  let start = first;
  let failures = 0;
  while (start <= last) {
    const end = Math.min(last, start + planner.blocks() - 1);
    try {
      const window = await readWindow({
        rpc: endpoints.rpc(),
        chain,
        addressBits,
        fromBlock: start,
        toBlock: end,
        hasAllHeaders: true,
      });
      planner.succeeded(end - start + 1, window.bytes);
      failures = 0;
      start = end + 1;
      yield window;
    } catch (thrown) {
      const failure = classifyFailure(thrown);
      if (failure.kind === "tooLarge" && end > start) {
        planner.refused(end - start + 1, failure.maxBlocks);
        continue;
      }
      failures += 1;
      if (failure.kind === "final") throw failure.error;
      if (failures > MAX_ATTEMPTS) throw thrown;
      endpoints.rotate();
      await pauseAfterFailure(failures, undefined);
    }
  }
}

/** Puts what should be there into temporary tables, and lets the database compare. */
async function compareWindow(
  database: Database,
  chain: IndexedChain,
  window: Window,
  found: Comparison,
): Promise<void> {
  const copies = new Map(window.rows.copies().map(({ table, bytes }) => [table, bytes]));
  const from = firstPosition(window.fromBlock);
  const to = firstPosition(window.toBlock + 1);
  const conditions: Readonly<Record<TableName, string>> = {
    // Blocks without events are kept here and there; the ones that are have to be right.
    blocks: `chain = '${chain.name}' and number between ${window.fromBlock} and ${window.toBlock}`,
    group_messages: `position >= ${from} and position < ${to}`,
    identity_updates: `position >= ${from} and position < ${to}`,
    events: `chain = '${chain.name}' and position >= ${from} and position < ${to}`,
  };

  await database.transaction(async (tx) => {
    for (const table of TABLES_OF[chain.name]) {
      const expected = `expected_${table}`;
      const columns = TABLES[table].join(", ");
      await tx.query(
        `create temporary table ${expected} on commit drop as select ${columns} from ${table} limit 0`,
      );
      const bytes = copies.get(table);
      if (bytes !== undefined) await tx.copy(expected, TABLES[table], bytes);
      if (table === "blocks") {
        await tx.query(
          `delete from ${expected} e where not exists
             (select 1 from blocks b where b.chain = e.chain and b.number = e.number)
             and not exists (${LOGGED[chain.name].join(" union all ")})`,
        );
      }
      const actual = `(select ${columns} from ${table} where ${conditions[table]})`;
      await compareTable(tx, table, `(select ${columns} from ${expected})`, actual, found);
    }
  });
}

const TABLES_OF: Readonly<Record<ChainName, readonly TableName[]>> = {
  settlement: ["blocks", "events"],
  appchain: ["blocks", "events", "group_messages", "identity_updates"],
};

/** Rows that need the block `e`. */
const OF_BLOCK = "position >= e.number << 20 and position < (e.number + 1) << 20";
const LOGGED: Readonly<Record<ChainName, readonly string[]>> = {
  settlement: [`select 1 from events where chain = e.chain and ${OF_BLOCK}`],
  appchain: [
    `select 1 from events where chain = e.chain and ${OF_BLOCK}`,
    `select 1 from group_messages where ${OF_BLOCK}`,
    `select 1 from identity_updates where ${OF_BLOCK}`,
  ],
};
