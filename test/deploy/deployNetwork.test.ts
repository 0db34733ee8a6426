import { expect } from "chai";
import {
  encodeFunctionData,
  erc20Abi,
  parseEther,
  toHex,
  zeroAddress,
  type Abi,
  type Address,
} from "viem";

import type { Eip1193Provider } from "../../deploy/chainConnection.ts";
import { firstParameter } from "../../deploy/firstParameter.ts";
import { keyProvider } from "../../deploy/keyProvider.ts";
import { previewNetwork } from "../../deploy/previewNetwork.ts";
import { waitForPending } from "../../deploy/waitForPending.ts";
import type { DeployProgress } from "../../deploy/progress.ts";
import {
  appchainParametersAbi,
  depositSplitterAbi,
  feeTokenAbi,
  groupMessagesAbi,
  mockUnderlyingFeeTokenAbi,
  nodesAbi,
  payerReportsAbi,
  payersAbi,
  proxyFactoryAbi,
  rewardsAbi,
  settlementGatewayAbi,
} from "../../src/abi/index.ts";
import {
  deterministicDeployData,
  DETERMINISTIC_DEPLOYER,
  DETERMINISTIC_DEPLOYER_COST,
  DETERMINISTIC_DEPLOYER_SENDER,
  DETERMINISTIC_DEPLOYER_TRANSACTION,
} from "../../src/deployment/deterministicDeployer.ts";
import {
  parseNetworkParameters,
  type NetworkParameters,
} from "../../src/deployment/networkParameters.ts";
import { readStatus } from "../../src/deployment/status.ts";
import { caughtError } from "../helpers/caughtError.ts";
import { emptyChains, remember, type EmptyChains } from "../helpers/emptyChains.ts";

describe("deployNetwork", () => {
  let network: EmptyChains;
  let forget: () => Promise<void>;
  before(async () => {
    network = await emptyChains();
  });
  after(() => network.stop());
  beforeEach(async () => {
    forget = await remember(network.chains);
  });
  afterEach(() => forget());

  it("brings empty chains to the configured state, at the predicted addresses", async () => {
    const { deploy, plan, settlement, appchain, deployer } = network;
    const { addressBook, status } = await deploy();

    expect(status.items.filter(({ outcome }) => !outcome.done)).to.deep.equal([]);
    const predicted = plan();
    const proxies = new Map(
      [...predicted.settlement.contracts, ...predicted.appchain.contracts].map(
        ({ name, proxy }) => [name, proxy] as const,
      ),
    );
    const nodes = predicted.settlement.contracts.find(({ name }) => name === "Nodes");
    expect(addressBook).to.deep.equal({
      appChainDeploymentBlock: addressBook.appChainDeploymentBlock,
      appChainFactory: predicted.appchain.proxyFactory.address,
      appChainGateway: proxies.get("AppchainGateway"),
      appChainId: 31339,
      appChainParameterRegistry: proxies.get("AppchainParameters"),
      deployer,
      depositSplitter: predicted.settlement.unproxied[0]?.address,
      distributionManager: proxies.get("Rewards"),
      feeToken: proxies.get("FeeToken"),
      groupMessageBroadcaster: proxies.get("GroupMessages"),
      identityUpdateBroadcaster: proxies.get("IdentityUpdates"),
      nodeRegistry: proxies.get("Nodes"),
      payerRegistry: proxies.get("Payers"),
      payerReportManager: proxies.get("PayerReports"),
      rateRegistry: proxies.get("Rates"),
      settlementChainDeploymentBlock: addressBook.settlementChainDeploymentBlock,
      settlementChainFactory: predicted.settlement.proxyFactory.address,
      settlementChainGateway: proxies.get("SettlementGateway"),
      settlementChainId: 31338,
      settlementChainParameterRegistry: proxies.get("SettlementParameters"),
      underlyingFeeToken: proxies.get("MockUnderlyingFeeToken"),
    });
    const log = { address: addressBook.groupMessageBroadcaster, abi: groupMessagesAbi } as const;
    expect(await appchain.readContract({ ...log, functionName: "minPayloadSize" })).to.equal(78);
    expect(await appchain.readContract({ ...log, functionName: "maxPayloadSize" })).to.equal(
      262_144,
    );
    const registry = { address: addressBook.nodeRegistry, abi: nodesAbi } as const;
    expect(await settlement.readContract({ ...registry, functionName: "admin" })).to.equal(
      deployer,
    );
    expect(
      await settlement.readContract({ ...registry, functionName: "maxCanonicalNodes" }),
    ).to.equal(100);
    expect(
      await settlement.readContract({
        address: addressBook.settlementChainFactory,
        abi: proxyFactoryAbi,
        functionName: "computeProxyAddress",
        args: [deployer, nodes?.salt ?? "0x"],
      }),
      "the factory predicts the same",
    ).to.equal(nodes?.proxy);
  });

  it("wires the money: every contract knows the others, and its settings are applied", async () => {
    const { deploy, settlement, deployer } = network;
    const { addressBook } = await deploy();
    const read = async (address: Address, abi: Abi, functionName: string): Promise<unknown> =>
      settlement.readContract({ address, abi, functionName });
    const readAll = async (address: Address, abi: Abi, expected: Record<string, unknown>) => {
      for (const [getter, value] of Object.entries(expected)) {
        expect(await read(address, abi, getter), getter).to.equal(value);
      }
    };

    await readAll(addressBook.feeToken, feeTokenAbi, {
      underlying: addressBook.underlyingFeeToken,
      parameterRegistry: addressBook.settlementChainParameterRegistry,
    });
    await readAll(addressBook.payerRegistry, payersAbi, {
      feeToken: addressBook.feeToken,
      settler: addressBook.payerReportManager,
      feeDistributor: addressBook.distributionManager,
      minimumDeposit: 10_000_000n,
      withdrawLockPeriod: 172_800,
      paused: false,
    });
    await readAll(addressBook.payerReportManager, payerReportsAbi, {
      nodeRegistry: addressBook.nodeRegistry,
      payerRegistry: addressBook.payerRegistry,
      protocolFeeRate: 100,
    });
    await readAll(addressBook.distributionManager, rewardsAbi, {
      nodeRegistry: addressBook.nodeRegistry,
      payerReportManager: addressBook.payerReportManager,
      payerRegistry: addressBook.payerRegistry,
      feeToken: addressBook.feeToken,
      paused: false,
      protocolFeesRecipient: deployer,
    });
    const splitter = addressBook.depositSplitter;
    await readAll(splitter, depositSplitterAbi, {
      feeToken: addressBook.feeToken,
      payerRegistry: addressBook.payerRegistry,
      appChainId: 31_339n,
      settlementChainGateway: addressBook.settlementChainGateway,
    });
    await readAll(addressBook.settlementChainGateway, settlementGatewayAbi, {
      appChainGateway: addressBook.appChainGateway,
      feeToken: addressBook.feeToken,
      parameterRegistry: addressBook.settlementChainParameterRegistry,
      paused: false,
    });
  });

  it("takes a deposit through the splitter, from the underlying token to the escrow", async () => {
    const { deploy, sendFrom, settlement, chains } = network;
    const { addressBook } = await deploy();
    const payer = chains.accounts[4]?.address ?? zeroAddress;
    const send = sendFrom("settlement", payer);
    const amount = 10_000_000n;
    const token = addressBook.underlyingFeeToken;
    await send({
      to: token,
      data: encodeFunctionData({
        abi: mockUnderlyingFeeTokenAbi,
        functionName: "mint",
        args: [payer, amount],
      }),
    });
    await send({
      to: token,
      data: encodeFunctionData({
        abi: erc20Abi,
        functionName: "approve",
        args: [addressBook.depositSplitter, amount],
      }),
    });
    await send({
      to: addressBook.depositSplitter,
      data: encodeFunctionData({
        abi: depositSplitterAbi,
        functionName: "depositFromUnderlying",
        args: [payer, amount, zeroAddress, 0n, 0n, 0n],
      }),
    });
    expect(
      await settlement.readContract({
        address: addressBook.payerRegistry,
        abi: payersAbi,
        functionName: "getBalance",
        args: [payer],
      }),
    ).to.equal(amount);
  });

  it("names deployment blocks that hold the first proxy, so that no event is older", async () => {
    const { addressBook } = await network.deploy();
    const block = BigInt(addressBook.appChainDeploymentBlock);
    const logs = await network.appchain.getLogs({
      address: addressBook.appChainParameterRegistry,
      fromBlock: 0n,
    });
    expect(logs[0]?.blockNumber).to.equal(block);
    for (const address of [
      addressBook.groupMessageBroadcaster,
      addressBook.identityUpdateBroadcaster,
    ]) {
      const [first] = await network.appchain.getLogs({ address, fromBlock: 0n });
      expect(Number(first?.blockNumber), address).to.be.greaterThan(Number(block));
    }
  });

  it("sends nothing the second time, and returns the same address book", async () => {
    const { deploy, sent } = network;
    const first = await deploy();
    const before = await sent();
    const second = await deploy();
    expect(await sent()).to.deep.equal(before);
    expect(second.transactions).to.equal(0);
    expect(second.addressBook).to.deep.equal(first.addressBook);
  });

  it("announces each transaction, and counts them", async () => {
    const events: DeployProgress[] = [];
    const { transactions } = await network.deploy({ onProgress: (event) => events.push(event) });
    const sentEvents = events.filter((event) => event.kind === "sent");
    expect(sentEvents.length).to.equal(transactions);
    expect(sentEvents.map(({ what }) => what)).to.include.members([
      "deploy Nodes, proxy",
      "configure GroupMessages",
    ]);
    expect(events.filter(({ kind }) => kind === "finished").length).to.equal(2);
  });

  it("applies the minimum of deposits within four transactions of the escrow's deployment", async () => {
    const sent: string[] = [];
    await network.deploy({
      onProgress: (event) =>
        event.kind === "sent" && event.chain === "settlement" && sent.push(event.what),
    });
    expect(sent.slice(sent.indexOf("deploy Payers, proxy"), sent.indexOf("configure Payers") + 1))
      .to.include("configure SettlementParameters")
      .and.to.have.length.at.most(4);
  });

  it("takes implementations that somebody else has deployed", async () => {
    const { deploy, plan, sendFrom, chains } = network;
    const stranger = chains.accounts[9]?.address ?? zeroAddress;
    // The deterministic deployer comes with a deployment of another edition.
    await deploy({ parameters: { ...network.parameters, edition: 7 } });
    const nodes = plan().settlement.contracts[1];
    await sendFrom(
      "settlement",
      stranger,
    )({ to: DETERMINISTIC_DEPLOYER, data: deterministicDeployData(nodes?.creationCode ?? "0x") });

    const events: DeployProgress[] = [];
    const { status } = await deploy({ onProgress: (event) => events.push(event) });
    expect(status.done).to.equal(true);
    expect(
      events.filter(
        (event) => event.kind === "sent" && event.what === "deploy Nodes, implementation",
      ),
    ).to.deep.equal([]);
  });

  it("waits for the deterministic deployer when it is on its way already", async () => {
    const { deploy, chains } = network;
    const { provider }: { readonly provider: Eip1193Provider } = chains.settlement;
    await provider.request({
      method: "hardhat_setBalance",
      params: [DETERMINISTIC_DEPLOYER_SENDER, toHex(DETERMINISTIC_DEPLOYER_COST)],
    });
    // Sent and not mined, as a run leaves it that was killed right after.
    await chains.settlement.setBlockTime(0);
    await provider.request({
      method: "eth_sendRawTransaction",
      params: [DETERMINISTIC_DEPLOYER_TRANSACTION],
    });
    let refusals = 0;
    const settlement: Eip1193Provider = {
      request: (request) =>
        provider.request(request).catch(async (error: unknown) => {
          if (request.method === "eth_sendRawTransaction") {
            refusals += 1;
            await chains.settlement.setBlockTime("automine");
            await provider.request({ method: "evm_mine" });
          }
          throw error;
        }),
    };

    const { status } = await deploy({ settlement });
    expect(refusals).to.equal(1);
    expect(status.done).to.equal(true);
  });

  it("goes on when somebody deploys an implementation first, between its look and its transaction", async () => {
    const { deploy, plan, sendFrom, chains } = network;
    await deploy({ parameters: { ...network.parameters, edition: 7 } });
    const groupMessages = plan().appchain.contracts[1];
    const data = deterministicDeployData(groupMessages?.creationCode ?? "0x");
    let overtaken = false;
    const { provider }: { readonly provider: Eip1193Provider } = chains.appchain;
    const appchain: Eip1193Provider = {
      request: async (request) => {
        if (
          !overtaken &&
          request.method === "eth_sendTransaction" &&
          firstParameter<{ data?: unknown }>(request.params).data === data
        ) {
          overtaken = true;
          await sendFrom(
            "appchain",
            chains.accounts[9]?.address ?? zeroAddress,
          )({ to: DETERMINISTIC_DEPLOYER, data });
        }
        return provider.request(request);
      },
    };
    const { status } = await deploy({ appchain });
    expect(overtaken).to.equal(true);
    expect(status.done).to.equal(true);
  });

  it("puts back a parameter that was changed by hand; status names it before", async () => {
    const { deploy, plan, sendFrom, deployer, settlement, appchain } = network;
    const { addressBook } = await deploy();
    const send = sendFrom("appchain", deployer);
    await send({
      to: addressBook.appChainParameterRegistry,
      data: encodeFunctionData({
        abi: appchainParametersAbi,
        functionName: "set",
        args: ["xmtp.groupMessageBroadcaster.minPayloadSize", toHex(1_000, { size: 32 })],
      }),
    });
    await send({
      to: addressBook.groupMessageBroadcaster,
      data: encodeFunctionData({ abi: groupMessagesAbi, functionName: "updateMinPayloadSize" }),
    });

    const status = await readStatus({ plan: plan(), settlement, appchain });
    expect(status.items.filter(({ outcome }) => !outcome.done)).to.deep.equal([
      {
        chain: "appchain",
        subject: "xmtp.groupMessageBroadcaster.minPayloadSize",
        question: "registered",
        outcome: { done: false, why: "the registry holds 1000, configured is 78" },
      },
      {
        chain: "appchain",
        subject: "xmtp.groupMessageBroadcaster.minPayloadSize",
        question: "applied",
        outcome: { done: false, why: "GroupMessages applies 1000, configured is 78" },
      },
    ]);
    const second = await deploy();
    expect(second.status.done).to.equal(true);
    expect(second.transactions, "one set, one update").to.equal(2);
  });

  it("applies parameters that somebody registered without applying", async () => {
    const { deploy, parameters } = network;
    await deploy();
    const changed = withGroupMessages(parameters, { paused: true });
    // Registered by a run that dies before it applies anything.
    await deploy({
      parameters: changed,
      appchain: failingAfter(network.chains.appchain.provider, 1),
    }).catch(() => {});
    const { status, transactions } = await deploy({ parameters: changed });
    expect(status.done).to.equal(true);
    expect(transactions).to.equal(1);
  });

  it("follows parameters that change: both size limits at once, in either direction, and the pause", async () => {
    const { deploy, parameters } = network;
    await deploy();
    for (const sizes of [
      { minPayloadSize: 1_000, maxPayloadSize: 2_000 },
      { minPayloadSize: 10, maxPayloadSize: 20 },
      { minPayloadSize: 5_000, maxPayloadSize: 5_000, paused: true },
    ]) {
      const { status, transactions } = await deploy({
        parameters: withGroupMessages(parameters, sizes),
      });
      expect(
        status.items.filter(({ outcome }) => !outcome.done),
        JSON.stringify(sizes),
      ).to.deep.equal([]);
      expect(transactions, JSON.stringify(sizes)).to.equal(2);
    }
  });

  it("starts paused, with a bootstrapper, where the parameters say so", async () => {
    const { deploy, parameters, deployer, appchain } = network;
    const { addressBook } = await deploy({
      parameters: withGroupMessages(parameters, { paused: true, payloadBootstrapper: "deployer" }),
    });
    const log = { address: addressBook.groupMessageBroadcaster, abi: groupMessagesAbi } as const;
    expect(await appchain.readContract({ ...log, functionName: "paused" })).to.equal(true);
    expect(await appchain.readContract({ ...log, functionName: "payloadBootstrapper" })).to.equal(
      deployer,
    );
  });

  it("deploys a second suite of the same deployer under another edition", async () => {
    const first = await network.deploy();
    const second = await network.deploy({ parameters: { ...network.parameters, edition: 1 } });
    expect(second.addressBook.nodeRegistry).not.to.equal(first.addressBook.nodeRegistry);
    expect(second.addressBook.settlementChainFactory).to.equal(
      first.addressBook.settlementChainFactory,
    );
    expect(second.status.done).to.equal(true);
  });

  it("works over HTTP with a key that the endpoints do not hold, while blocks come at an interval", async () => {
    const { deploy, chains } = network;
    const privateKey = chains.accounts[0]?.privateKey ?? "0x";
    await Promise.all([chains.settlement.setBlockTime(20), chains.appchain.setBlockTime(20)]);
    try {
      const { status } = await deploy({
        settlement: keyProvider({ url: chains.settlement.url, privateKey }),
        appchain: keyProvider({ url: chains.appchain.url, privateKey }),
      });
      expect(status.done).to.equal(true);
    } finally {
      await Promise.all([
        chains.settlement.setBlockTime("automine"),
        chains.appchain.setBlockTime("automine"),
      ]);
    }
  });

  it("waits for earlier transactions of the deployer, and says so", async () => {
    const { deploy, chains, deployer } = network;
    const { provider } = chains.appchain;
    await chains.appchain.setBlockTime(0);
    await provider.request({
      method: "eth_sendTransaction",
      params: [{ from: deployer, to: deployer, gas: "0x5208" }],
    });
    const events: DeployProgress[] = [];
    const { status } = await deploy({
      onProgress: (event) => {
        events.push(event);
        if (event.kind === "waiting")
          void chains.appchain
            .setBlockTime("automine")
            .then(() => provider.request({ method: "evm_mine" }));
      },
    });
    expect(events).to.deep.include({ kind: "waiting", chain: "appchain", pendingTransactions: 1 });
    expect(status.done).to.equal(true);
  });

  it("previews every step without sending anything", async () => {
    const steps = await previewNetwork(network.config);
    expect(await network.sent()).to.deep.equal([0, 0]);

    const sent: string[] = [];
    const { addressBook } = await network.deploy({
      onProgress: (event) => event.kind === "sent" && sent.push(`${event.chain} ${event.what}`),
    });
    const deployments = steps.filter(({ what }) => what.startsWith("deploy "));
    expect(deployments.map(({ chain, what }) => `${chain} ${what}`)).to.have.members(
      sent.filter((text) => text.includes(" deploy ")),
    );
    expect(steps).to.deep.include({
      chain: "settlement",
      what: "set xmtp.nodeRegistry.maxCanonicalNodes to 100",
      address: addressBook.settlementChainParameterRegistry,
    });
    expect(steps).to.deep.include({
      chain: "settlement",
      what: "let Nodes apply its parameters",
      address: addressBook.nodeRegistry,
    });
    expect(await previewNetwork(network.config)).to.deep.equal([]);
  });

  it("keeps the known deployment blocks where a node has forgotten old states", async () => {
    const { deploy, chains } = network;
    const { addressBook: known } = await deploy();
    const { provider }: { readonly provider: Eip1193Provider } = chains.appchain;
    const appchain: Eip1193Provider = {
      request: async (request) => {
        const block = Array.isArray(request.params) ? (request.params.at(1) as unknown) : undefined;
        const old =
          request.method === "eth_getCode" && typeof block === "string" && block.startsWith("0x");
        if (old) throw new Error("missing trie node");
        return provider.request(request);
      },
    };
    expect((await deploy({ appchain, known })).addressBook).to.deep.equal(known);
    expect(await deploy({ appchain }).catch((reason: unknown) => reason)).to.include({
      code: "DEPLOYMENT_BLOCK_UNKNOWN",
    });
    const other = { ...known, appChainParameterRegistry: known.nodeRegistry };
    expect(await deploy({ appchain, known: other }).catch((reason: unknown) => reason)).to.include({
      code: "DEPLOYMENT_BLOCK_UNKNOWN",
    });
  });

  it("says so when a chain refuses the transaction of the deterministic deployer", async () => {
    const { provider }: { readonly provider: Eip1193Provider } = network.chains.appchain;
    const appchain: Eip1193Provider = {
      request: async (request) => {
        if (request.method === "eth_sendRawTransaction")
          throw new Error("only replay-protected transactions allowed");
        return provider.request(request);
      },
    };
    expect(await network.deploy({ appchain }).catch((reason: unknown) => reason)).to.include({
      code: "DETERMINISTIC_DEPLOYER_REFUSED",
    });
    expect((await network.deploy()).status.done).to.equal(true);
  });

  it("gives up when earlier transactions of the deployer are not mined in time", async () => {
    const { chains, deployer, appchain, plan } = network;
    const { provider } = chains.appchain;
    await chains.appchain.setBlockTime(0);
    const transaction = { from: deployer, to: deployer, gas: "0x5208" };
    await provider.request({ method: "eth_sendTransaction", params: [transaction] });
    const error = await waitForPending({
      client: appchain,
      plan: plan().appchain,
      pollingInterval: 1,
      onProgress: () => {},
      timeout: 5,
    }).catch((reason: unknown) => reason);
    await provider.request({ method: "evm_mine" });
    await chains.appchain.setBlockTime("automine");
    expect(error).to.include({ code: "DEPLOYER_BUSY", retryable: true });
  });

  describe("refuses before anything is sent", () => {
    const nothingSent = async (expected: Record<string, unknown>, deployment: Promise<unknown>) => {
      const error = await deployment.then(
        () => expect.fail("expected a refusal"),
        (reason: unknown) => reason,
      );
      expect(error).to.include(expected);
      expect(await network.sent()).to.deep.equal([0, 0]);
    };

    it("the wrong chain, on either side", async () => {
      const { chains, deploy } = network;
      await nothingSent(
        { code: "WRONG_CHAIN", retryable: false },
        deploy({ appchain: chains.settlement.provider }),
      );
      await nothingSent({ code: "WRONG_CHAIN" }, deploy({ settlement: chains.appchain.provider }));
    });

    it("an endpoint that does not answer", async () => {
      const privateKey = network.chains.accounts[0]?.privateKey ?? "0x";
      const appchain = keyProvider({ url: "http://127.0.0.1:9", privateKey });
      await nothingSent({ code: "RPC_UNREACHABLE", retryable: true }, network.deploy({ appchain }));
    });

    it("a deployer that the endpoint cannot sign for", async () => {
      const deployer: Address = "0x00000000000000000000000000000000000000aa";
      await nothingSent({ code: "DEPLOYER_UNAVAILABLE" }, network.deploy({ deployer }));
    });

    it("another deployer than the parameters name", async () => {
      const parameters = {
        ...network.parameters,
        deployer: network.chains.accounts[1]?.address ?? zeroAddress,
      };
      await nothingSent({ code: "DEPLOYER_MISMATCH" }, network.deploy({ parameters }));
    });

    it("a deployer without enough money", async () => {
      await network.chains.appchain.provider.request({
        method: "hardhat_setBalance",
        params: [network.deployer, "0x1000"],
      });
      await nothingSent({ code: "DEPLOYER_POOR" }, network.deploy());
    });

    it("a deployer with less than it asks for; with just that it succeeds", async () => {
      const { provider } = network.chains.settlement;
      const setBalance = (wei: bigint) =>
        provider.request({
          method: "hardhat_setBalance",
          params: [network.deployer, toHex(wei)],
        });
      await setBalance(1n);
      const { message } = await caughtError(network.deploy());
      const [, needed = ""] = /may need ([\d.]+)/u.exec(message) ?? [];
      await setBalance(parseEther(needed) - 1n);
      await nothingSent({ code: "DEPLOYER_POOR" }, network.deploy());
      await setBalance(parseEther(needed));
      expect((await network.deploy()).status.done).to.equal(true);
    });

    it("a deployer who could not write the parameters it deploys", async () => {
      const other = network.chains.accounts[1]?.address ?? zeroAddress;
      const { settlement, ...rest } = network.parameters;
      const parameters = { ...rest, settlement: { ...settlement, parameterAdmins: [other] } };
      await nothingSent({ code: "NOT_ADMIN" }, network.deploy({ parameters }));
    });
  });

  it("refuses a limit below the number of canonical nodes, before anything is sent", async () => {
    const { deploy, sendFrom, deployer, parameters, sent } = network;
    const { addressBook } = await deploy();
    const send = sendFrom("settlement", deployer);
    const key = `0x04${"11".repeat(64)}` as const;
    for (const nodeId of [100, 200]) {
      const args = [deployer, key, "http://127.0.0.1:5050"] as const;
      await send({
        to: addressBook.nodeRegistry,
        data: encodeFunctionData({ abi: nodesAbi, functionName: "addNode", args }),
      });
      await send({
        to: addressBook.nodeRegistry,
        data: encodeFunctionData({ abi: nodesAbi, functionName: "addToNetwork", args: [nodeId] }),
      });
    }
    const before = await sent();
    const limited = (maxCanonicalNodes: number): NetworkParameters => ({
      ...parameters,
      settlement: { ...parameters.settlement, nodes: { admin: "deployer", maxCanonicalNodes } },
    });
    const error = await deploy({ parameters: limited(1) }).catch((reason: unknown) => reason);
    expect(error).to.include({ code: "TOO_MANY_CANONICAL_NODES" });
    expect(await sent()).to.deep.equal(before);
    expect((await deploy({ parameters: limited(2) })).status.done).to.equal(true);
  });
});

function withGroupMessages(
  parameters: NetworkParameters,
  changes: Partial<NetworkParameters["appchain"]["groupMessages"]>,
): NetworkParameters {
  const { appchain } = parameters;
  return parseNetworkParameters({
    ...parameters,
    appchain: { ...appchain, groupMessages: { ...appchain.groupMessages, ...changes } },
  });
}

function failingAfter(provider: Eip1193Provider, transactions: number): Eip1193Provider {
  let left = transactions;
  return {
    request: async (request) => {
      if (request.method === "eth_sendTransaction" && left-- <= 0)
        throw new Error("the connection is gone");
      return provider.request(request);
    },
  };
}
