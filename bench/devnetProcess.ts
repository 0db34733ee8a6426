/**
 * A devnet in a process of its own, for benchmarks: the node must not share a thread with what is measured. Arguments:
 * block time in milliseconds and, to keep it, a folder for its state.
 */
import { startDevnet } from "../deploy/devnet.ts";

const [blockTime, state] = process.argv.slice(2);
const devnet = await startDevnet({
  blockTime: Number(blockTime),
  ...(state !== undefined && { state }),
});
const { settlement, appchain, addresses, accounts } = devnet;

process.send?.({
  url: appchain.url,
  webSocketUrl: appchain.wsUrl,
  chainId: appchain.chainId,
  settlement: { url: settlement.url, chainId: settlement.chainId },
  addresses,
  privateKeys: accounts.map(({ privateKey }) => privateKey),
});
process.on("disconnect", () => void devnet.stop());
