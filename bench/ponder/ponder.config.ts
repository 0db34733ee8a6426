import { createConfig } from "ponder";
import { parseAbi } from "viem";

const { BENCH_RPC_URL, BENCH_WS_URL, BENCH_CHAIN_ID, BENCH_ADDRESS, BENCH_FOLDER, DATABASE_URL } =
  process.env;

export default createConfig({
  database:
    DATABASE_URL === undefined
      ? { kind: "pglite", directory: BENCH_FOLDER }
      : { kind: "postgres", connectionString: DATABASE_URL },
  chains: {
    appchain: {
      id: Number(BENCH_CHAIN_ID),
      rpc: BENCH_RPC_URL,
      ...(BENCH_WS_URL !== undefined && { ws: BENCH_WS_URL }),
    },
  },
  contracts: {
    GroupMessages: {
      chain: "appchain",
      abi: parseAbi([
        "event MessageSent(bytes16 indexed groupId, bytes message, uint64 indexed sequenceId)",
      ]),
      address: BENCH_ADDRESS as `0x${string}`,
      startBlock: 1,
    },
  },
});
