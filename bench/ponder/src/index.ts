import { ponder } from "ponder:registry";
import { message } from "ponder:schema";
import { hexToBytes } from "viem";

const store = process.env.BENCH_BYTES === "text" ? (hex: `0x${string}`) => hex : hexToBytes;

ponder.on("GroupMessages:MessageSent", async ({ event, context }) => {
  await context.db.insert(message).values({
    sequenceId: event.args.sequenceId,
    groupId: store(event.args.groupId),
    payload: store(event.args.message),
    blockNumber: event.block.number,
    blockTimestamp: event.block.timestamp,
    transactionHash: store(event.transaction.hash),
    logIndex: event.log.logIndex,
  });
});
