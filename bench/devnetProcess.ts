/** A devnet in a process of its own, for benchmarks: the node must not share a thread with what is measured. */
import { startDevnet } from "../deploy/devnet.ts";

const devnet = await startDevnet({ blockTime: Number(process.argv[2]) });
const { appchain, addresses, accounts } = devnet;

process.send?.({
  url: appchain.url,
  webSocketUrl: appchain.wsUrl,
  chainId: appchain.chainId,
  addresses,
  privateKeys: accounts.map(({ privateKey }) => privateKey),
});
process.on("disconnect", () => void devnet.stop());
