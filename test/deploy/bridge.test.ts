import { expect } from "chai";
import { encodeFunctionData, toHex, type Address } from "viem";

import type { Eip1193Provider } from "../../deploy/chainConnection.ts";
import type { DeployNetworkConfig } from "../../deploy/prepareNetwork.ts";
import { previewNetwork } from "../../deploy/previewNetwork.ts";
import type { DeployProgress } from "../../deploy/progress.ts";
import { waitForArrival } from "../../deploy/waitForArrival.ts";
import {
  appchainGatewayAbi,
  appchainParametersAbi,
  groupMessagesAbi,
  mockUnderlyingFeeTokenAbi,
  settlementGatewayAbi,
} from "../../src/abi/index.ts";
import { aliasOf } from "../../src/bridge/aliasOf.ts";
import type { NetworkParameters } from "../../src/deployment/networkParameters.ts";
import { networkPlan } from "../../src/deployment/networkPlan.ts";
import { readStatus } from "../../src/deployment/status.ts";
import { awaitingBridge, bridgedChains, type BridgedChains } from "../helpers/bridgedChains.ts";
import { caughtError } from "../helpers/caughtError.ts";

describe("deployNetwork over a bridge", () => {
  let network: BridgedChains;
  let forget: () => Promise<void>;
  before(async () => {
    network = await bridgedChains();
  });
  after(() => network.stop());
  beforeEach(async () => {
    forget = await network.remember();
  });
  afterEach(async () => {
    await forget();
    expect(network.errors).to.deep.equal([]);
  });

  const withMinimum = (minPayloadSize: number): NetworkParameters => {
    const { parameters } = network;
    const { appchain } = parameters;
    const groupMessages = { ...appchain.groupMessages, minPayloadSize };
    return { ...parameters, appchain: { ...appchain, groupMessages } };
  };
  const withAppchain = (changes: Partial<NetworkParameters["appchain"]>): NetworkParameters => ({
    ...network.parameters,
    appchain: { ...network.parameters.appchain, ...changes },
  });
  const nothingSent = async (
    changes: Partial<DeployNetworkConfig>,
    code: string,
  ): Promise<string> => {
    const before = await network.sent();
    const error = await caughtError(network.deploy(changes));
    expect(error).to.include({ code });
    expect(await network.sent()).to.deep.equal(before);
    return error.message;
  };
  const balanceOn = (chain: "settlement" | "appchain", address: Address) =>
    network[chain].getBalance({ address });

  describe("while there is no rollup", () => {
    it("deploys the settlement chain and says what is to be done next", async () => {
      const { first, plan } = network;
      const { addressBook, status } = first;
      expect(addressBook).to.include({
        appChainDeploymentBlock: 0,
        appChainGateway: plan.bridge.appchainGateway,
        settlementChainGateway: plan.bridge.settlementGateway,
      });
      expect(addressBook).not.to.have.property("appChainInbox");
      const left = status.items.filter(({ outcome }) => !outcome.done);
      expect(left).to.deep.equal([
        {
          chain: "settlement",
          subject: "bridge",
          question: "joined",
          outcome: {
            done: false,
            why: `create the Orbit rollup of chain 31339 with the fee token ${addressBook.feeToken} as its native token, name its contracts in appchain.bridge, and run again`,
          },
        },
      ]);
    });

    it("has nothing more to do, needs no endpoint of the appchain, and says that it waits", async () => {
      const { deploy, parameters } = network;
      const events: DeployProgress[] = [];
      const waiting = { parameters: awaitingBridge(parameters), appchain: undefined };
      const { transactions } = await deploy({
        ...waiting,
        onProgress: (event) => events.push(event),
      });
      expect(transactions).to.equal(0);
      const told = events.find(({ kind }) => kind === "awaitsBridge");
      expect(told).to.have.property("nextStep").that.includes(network.plan.bridge.feeToken);
      expect(await previewNetwork({ ...network.config, ...waiting })).to.deep.equal([]);
    });

    it("demands an endpoint of the appchain as soon as there is a bridge", async () => {
      await nothingSent({ appchain: undefined }, "INVALID_OPTION");
    });
  });

  it("moves gas money to a deployer who has none, deploys the appchain, and pushes its parameters", async () => {
    const { deploy, deployer, plan, appchain, settlement, rollup } = network;
    expect(await balanceOn("appchain", deployer)).to.equal(0n);
    const sent: string[] = [];
    const { status, addressBook } = await deploy({
      onProgress: (event) => event.kind === "sent" && sent.push(`${event.chain} ${event.what}`),
    });

    expect(status.items.filter(({ outcome }) => !outcome.done)).to.deep.equal([]);
    const { inbox, bridge, outbox, rollup: ofRollup } = rollup;
    expect(addressBook).to.include({
      appChainInbox: inbox,
      appChainBridge: bridge,
      appChainOutbox: outbox,
      appChainRollup: ofRollup,
    });
    expect(sent).to.include.members([
      "settlement move gas money to the appchain",
      "settlement push parameters to the appchain",
      "appchain configure GroupMessages",
    ]);
    const gateway = { address: addressBook.appChainGateway, abi: appchainGatewayAbi } as const;
    expect(
      await appchain.readContract({ ...gateway, functionName: "settlementChainGatewayAlias" }),
    ).to.equal(aliasOf(addressBook.settlementChainGateway));
    expect(
      await settlement.readContract({
        address: addressBook.settlementChainGateway,
        abi: settlementGatewayAbi,
        functionName: "getInbox",
        args: [31_339n],
      }),
    ).to.equal(inbox);
    const isAdmin = (account: Address) =>
      appchain.readContract({
        address: addressBook.appChainParameterRegistry,
        abi: appchainParametersAbi,
        functionName: "isAdmin",
        args: [account],
      });
    expect(await isAdmin(plan.bridge.appchainGateway), "the gateway").to.equal(true);
    expect(await isAdmin(deployer), "the deployer").to.equal(false);
  });

  it("sends nothing the second time, and previews nothing", async () => {
    const first = await network.deploy();
    const before = await network.sent();
    const second = await network.deploy();
    expect(second.transactions).to.equal(0);
    expect(await network.sent()).to.deep.equal(before);
    expect(second.addressBook).to.deep.equal(first.addressBook);
    expect(await previewNetwork(network.config)).to.deep.equal([]);
  });

  it("previews what crosses the bridge", async () => {
    const steps = (await previewNetwork(network.config)).map(({ chain, what }) => [chain, what]);
    expect(steps).to.deep.include(["appchain", "move 10000000 microdollars here for gas"]);
    expect(steps).to.deep.include([
      "appchain",
      "push xmtp.groupMessageBroadcaster.minPayloadSize = 78 over the bridge",
    ]);
  });

  it("carries a parameter that changes: set, allowed, pushed, applied; surplus gas money comes back", async () => {
    const { deploy, deployer, appchain, plan } = network;
    const { addressBook } = await deploy();
    const before = await balanceOn("appchain", deployer);
    const sent: string[] = [];
    const { status } = await deploy({
      parameters: withMinimum(100),
      onProgress: (event) => event.kind === "sent" && sent.push(`${event.chain} ${event.what}`),
    });
    expect(status.done).to.equal(true);
    expect(sent).to.deep.equal([
      "settlement configure SettlementParameters",
      "settlement mint mock tokens",
      "settlement approve tokens",
      "settlement wrap tokens",
      "settlement approve tokens",
      "settlement push parameters to the appchain",
      "appchain configure GroupMessages",
    ]);
    expect(
      await appchain.readContract({
        address: addressBook.groupMessageBroadcaster,
        abi: groupMessagesAbi,
        functionName: "minPayloadSize",
      }),
    ).to.equal(100);
    expect(await balanceOn("appchain", aliasOf(plan.bridge.settlementGateway))).to.equal(0n);
    expect(Number(await balanceOn("appchain", deployer))).to.be.greaterThan(Number(before) - 1e15);
  });

  it("names the ticket that failed, and the next run sends another", async () => {
    const { deploy, chains } = network;
    await deploy();
    const { provider }: { readonly provider: Eip1193Provider } = chains.appchain;
    const cheap: Eip1193Provider = {
      request: async (request) =>
        request.method === "eth_gasPrice" ? "0x1" : provider.request(request),
    };
    const error = await caughtError(deploy({ parameters: withMinimum(100), appchain: cheap }));
    expect(error).to.include({ code: "PUSH_FAILED", retryable: true });
    expect(error.message).to.match(/^the ticket 0x[0-9a-f]{64} had no attempt/u);

    expect((await deploy({ parameters: withMinimum(100) })).status.done).to.equal(true);
  });

  it("pays with tokens that the deployer holds where it may not mint any, and refuses before it lacks them", async () => {
    const { deploy, sendFrom, deployer, plan, parameters } = network;
    const token = plan.settlement.underlyingToken;
    const foreign: NetworkParameters = {
      ...parameters,
      settlement: { ...parameters.settlement, underlyingToken: token },
    };
    const message = await nothingSent({ parameters: foreign }, "DEPLOYER_LACKS_TOKENS");
    expect(message).to.include("holds 0 dollars");
    const [, needed = ""] = /may need ([\d.]+)/u.exec(message) ?? [];
    const units = BigInt(Math.round(Number(needed) * 1e6));
    const mint = (amount: bigint) =>
      sendFrom(
        "settlement",
        deployer,
      )({
        to: token,
        data: encodeFunctionData({
          abi: mockUnderlyingFeeTokenAbi,
          functionName: "mint",
          args: [deployer, amount],
        }),
      });
    await mint(units - 1n);
    await nothingSent({ parameters: foreign }, "DEPLOYER_LACKS_TOKENS");
    await mint(1n);
    expect((await deploy({ parameters: foreign })).status.done).to.equal(true);
  });

  it("refuses a deployer whom the configured gas money does not help, before anything is sent", async () => {
    const message = await nothingSent(
      { parameters: withAppchain({ deployerGas: 1 }) },
      "DEPLOYER_POOR",
    );
    expect(message).to.include("on the appchain chain, can bring 0.000001 there,");
  });

  it("refuses a deployer who cannot pay for the messages on the settlement chain", async () => {
    await network.chains.settlement.provider.request({
      method: "hardhat_setBalance",
      params: [network.deployer, toHex(10n ** 12n)],
    });
    await nothingSent({}, "DEPLOYER_POOR");
  });

  describe("refuses, before anything is sent, a bridge", () => {
    const bridgeOf = (changes: Partial<NonNullable<NetworkParameters["appchain"]["bridge"]>>) => {
      const { inbox, bridge, outbox, rollup } = network.rollup;
      return withAppchain({ bridge: { inbox, bridge, outbox, rollup, ...changes } });
    };
    const refused = (parameters: NetworkParameters) => nothingSent({ parameters }, "BRIDGE_UNFIT");

    it("without contracts", async () => {
      const nowhere = "0x00000000000000000000000000000000000000aa";
      expect(await refused(bridgeOf({ inbox: nowhere }))).to.include("answers for no bridge");
      expect(await refused(bridgeOf({ rollup: nowhere }))).to.include("has the rollup");
    });

    it("whose contracts belong elsewhere, each by name", async () => {
      const { outbox, inbox, rollup } = network.rollup;
      expect(await refused(bridgeOf({ inbox: outbox }))).to.include(
        `takes nothing of inbox ${outbox}`,
      );
      expect(await refused(bridgeOf({ outbox: inbox }))).to.include(`obeys no outbox ${inbox}`);
      expect(await refused(bridgeOf({ bridge: rollup }))).to.include("expected is");
    });

    it("that runs on another token than the fee token of this edition", async () => {
      const parameters = { ...network.parameters, edition: 1 };
      expect(await refused(parameters)).to.match(/has the native token 0x\w+, expected is 0x\w+/u);
    });

    it("to another appchain", async () => {
      const plan = networkPlan({
        deployer: network.deployer,
        parameters: withAppchain({ chainId: 31_340 }),
        artifacts: network.artifacts,
      });
      const { settlement } = network;
      const { items } = await readStatus({
        plan: { ...plan, bridge: { ...plan.bridge, appchainId: 31_340 } },
        settlement,
        appchain: network.appchain,
      });
      const joined = items.find(({ subject }) => subject === "bridge");
      expect(joined?.outcome)
        .to.have.property("why")
        .that.includes("is that of chain 31339, not of 31340");
    });
  });

  it("waits no longer than it is told to", async () => {
    const error = await caughtError(
      waitForArrival({
        what: "the parameters",
        isThere: () => Promise.resolve(false),
        pollingInterval: 1,
        timeout: 5,
      }),
    );
    expect(error).to.include({ code: "MESSAGE_LATE", retryable: true });
  });
});
