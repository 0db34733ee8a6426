// A deposit in a process of its own, for tests that kill it: `fundProcess.ts <URL> <escrow> <key> <microdollars>`.
import { connectChain } from "../../src/chain/connectChain.ts";
import { SETTLEMENT_CHAIN_ID } from "../../src/devnet/chains.ts";
import { parsePrivateKey } from "../../src/inputs/parsePrivateKey.ts";
import { fundPayer } from "../../src/payers/fundPayer.ts";

// Test runners import every file below `test`; only a process of its own has arguments.
if (process.argv[1] === import.meta.filename) {
  const [url = "", address = "", privateKey = "", amount = ""] = process.argv.slice(2);
  await fundPayer({
    chain: await connectChain({ url, chainId: SETTLEMENT_CHAIN_ID }),
    account: parsePrivateKey(privateKey),
    address,
    amount: BigInt(amount),
    permit: false,
  });
}
