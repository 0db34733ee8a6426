import { index, onchainTable } from "ponder";

const asText = process.env.BENCH_BYTES === "text";

/** What the indexer's own table of messages has. */
export const message = onchainTable(
  "message",
  (t) => ({
    sequenceId: t.bigint().primaryKey(),
    groupId: asText ? t.hex().notNull() : t.bytes().notNull(),
    payload: asText ? t.hex().notNull() : t.bytes().notNull(),
    blockNumber: t.bigint().notNull(),
    blockTimestamp: t.bigint().notNull(),
    transactionHash: asText ? t.hex().notNull() : t.bytes().notNull(),
    logIndex: t.integer().notNull(),
  }),
  (table) => ({ byGroup: index().on(table.groupId, table.sequenceId) }),
);
