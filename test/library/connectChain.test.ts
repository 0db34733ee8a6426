import { expect } from "chai";

import { connectChain } from "../../src/chain/connectChain.ts";
import { caughtError } from "../helpers/caughtError.ts";
import { startFaultyProxy, type FaultyProxy } from "../helpers/faultyProxy.ts";
import { startNetwork, type TestNetwork } from "../helpers/startNetwork.ts";

describe("connectChain", () => {
  let network: TestNetwork;
  let proxy: FaultyProxy;

  before(async () => {
    network = await startNetwork();
    proxy = await startFaultyProxy(network.appchain.url);
  });
  after(async () => {
    await proxy.stop();
    await network.stop();
  });

  it("connects to the chain with its contracts", async () => {
    const { url, chainId } = network.appchain;
    const chain = await connectChain({
      url,
      chainId,
      contracts: { log: network.addresses.groupMessages },
    });
    expect(await chain.client.getChainId()).to.equal(chainId);
  });

  it("refuses another chain, and names both", async () => {
    const { url } = network.appchain;
    const error = await caughtError(connectChain({ url, chainId: 1 }));
    expect(error.code).to.equal("WRONG_CHAIN");
    expect(error.message).to.match(/serves chain 31339, not 1/u);
  });

  it("refuses an address without code, and names it", async () => {
    const { url, chainId } = network.appchain;
    const address = network.accounts[0]?.address ?? "";
    const error = await caughtError(
      connectChain({ url, chainId, contracts: { groupMessages: address } }),
    );
    expect(error.code).to.equal("NO_CODE");
    expect(error.message).to.include(address).and.include("groupMessages");
  });

  it("says that a node does not answer, and where", async () => {
    proxy.setFault(() => "drop");
    const { chainId } = network.appchain;
    const error = await caughtError(connectChain({ url: proxy.url, chainId, timeoutMs: 500 }));
    expect(error).to.include({ code: "RPC_UNREACHABLE", retryable: true });
    expect(error.message).to.include(new URL(proxy.url).host);
  });

  const bad = [
    [{ url: "localhost:1" }, "INVALID_URL"],
    [{ url: "ws://127.0.0.1:1" }, "INVALID_URL"],
    [{ webSocketUrl: "http://127.0.0.1:1" }, "INVALID_URL"],
    [{ chainId: 0 }, "INVALID_OPTION"],
    [{ timeoutMs: Number.NaN }, "INVALID_OPTION"],
    [{ contracts: { log: "0x12" } }, "INVALID_ADDRESS"],
  ] as const;
  for (const [options, code] of bad) {
    it(`refuses ${JSON.stringify(options)}`, async () => {
      const { url, chainId } = network.appchain;
      expect((await caughtError(connectChain({ url, chainId, ...options }))).code).to.equal(code);
    });
  }
});
