import { expect } from "chai";
import { encodeDeployData, getAbiItem, size } from "viem";

import { readNitroArtifacts } from "../../../src/devnet/rollup/nitroArtifacts.ts";

describe("artifacts of the Arbitrum bridge", () => {
  it("have an ABI and creation code that needs no linking", async () => {
    const { ERC20Inbox, UpgradeExecutor, TransparentUpgradeableProxy, Reader4844 } =
      await readNitroArtifacts([
        "ERC20Inbox",
        "UpgradeExecutor",
        "TransparentUpgradeableProxy",
        "Reader4844",
      ]);

    expect(getAbiItem({ abi: ERC20Inbox.abi, name: "createRetryableTicket" })).to.include({
      type: "function",
    });
    const code = encodeDeployData({ ...ERC20Inbox, args: [104_857n] });
    expect(size(code)).to.equal(size(ERC20Inbox.bytecode) + 32);
    for (const { bytecode } of [UpgradeExecutor, TransparentUpgradeableProxy, Reader4844])
      expect(bytecode).to.match(/^0x[0-9a-f]+$/);
    expect(size(Reader4844.bytecode)).to.equal(0x5b + 12);
  });
});
