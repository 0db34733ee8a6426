import type { Database, Transaction } from "../database/database.ts";
import type { ContractWalletVerifier } from "../identity/signatures/contractWallet.ts";
import { compareTable, type Comparison } from "../store/compareTable.ts";
import { createIdentityProjection } from "./createIdentityProjection.ts";
import { rememberAnswers } from "./rememberAnswers.ts";

/** What the projection writes, and what of it must come out the same. */
const COLUMNS = {
  // Why a chain did not answer may be another reason each time.
  identity_verdicts: `position, sequence_id, inbox_id, outcome, error, flags,
                      case when outcome <> 'undecided' then detail end as detail`,
  inbox_members: "*",
  inbox_recoveries: "*",
  inbox_signatures: "*",
};

/**
 * Decides every identity update anew and compares what comes of it with what is stored. Temporary tables stand before the
 * real ones meanwhile, so what runs is what always runs.
 */
export async function replayIdentity(
  database: Database,
  verifyContractWallet: ContractWalletVerifier,
  found: Comparison,
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query("set transaction isolation level repeatable read");
    for (const table of [...Object.keys(COLUMNS), "projections"]) {
      await tx.query(
        `create temporary table ${table} (like public.${table} including all) on commit drop`,
      );
    }
    await tx.query("create temporary table chains on commit drop as select * from public.chains");
    // What the projection has not come to yet is nothing to compare.
    await tx.query(
      `create temporary view identity_updates as select * from public.identity_updates
        where position <= (select position from public.projections where name = 'identity')`,
    );

    const projection = createIdentityProjection({
      database: insideOf(tx, database),
      verifyContractWallet: rememberAnswers(tx, verifyContractWallet),
      signal: new AbortController().signal,
      retryMs: 0,
      onDecided: () => undefined,
      onFailure: () => undefined,
    });
    await projection.decideAll();

    for (const [table, columns] of Object.entries(COLUMNS)) {
      await compareTable(
        tx,
        table,
        `(select ${columns} from pg_temp.${table})`,
        `(select ${columns} from public.${table})`,
        found,
      );
    }
    await tx.query("drop view pg_temp.identity_updates");
  });
}

/** A database whose every transaction is part of this one. */
function insideOf(tx: Transaction, database: Database): Database {
  return {
    ...database,
    query: (sql, parameters) => tx.query(sql, parameters),
    transaction: (work) => work(tx),
  };
}
