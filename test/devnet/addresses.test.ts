import { expect } from "chai";

import { startDevnet } from "../../deploy/devnet.ts";
import { addresses } from "../../src/addresses.ts";

describe("the exported addresses", () => {
  it("are where a devnet has its contracts (after a change of bytecode, run npm start and build)", async () => {
    const devnet = await startDevnet({ blockTime: "automine" });

    expect(devnet.addresses).to.deep.equal(addresses.devnet);
    await devnet.stop();
  });
});
