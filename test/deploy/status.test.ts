import { expect } from "chai";
import { encodeFunctionData, pad } from "viem";

import { payersAbi, settlementParametersAbi } from "../../src/abi/index.ts";
import { readStatus } from "../../src/deployment/status.ts";
import { emptyChains, remember, type EmptyChains } from "../helpers/emptyChains.ts";

const IMPLEMENTATION_SLOT = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
const INITIALIZABLE_SLOT = "0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00";

describe("readStatus", () => {
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

  const unmet = async (plan = network.plan()): Promise<string[]> => {
    const { settlement, appchain } = network;
    const { items, done } = await readStatus({ plan, settlement, appchain });
    const reasons = items.flatMap(({ chain, subject, question, outcome }) =>
      outcome.done ? [] : [`${chain} ${subject} ${question}: ${outcome.why}`],
    );
    expect(done).to.equal(reasons.length === 0);
    return reasons;
  };

  it("says of empty chains that nothing is there, and sends nothing", async () => {
    const { settlement, appchain } = network;
    const plan = network.plan();
    const { items } = await readStatus({ plan, settlement, appchain });
    expect(items.every(({ outcome }) => !outcome.done)).to.equal(true);
    expect(await network.sent()).to.deep.equal([0, 0]);
    const reasons = await unmet(plan);
    expect(reasons).to.include(
      `settlement ProxyFactory code: no code at ${plan.settlement.proxyFactory.address}`,
    );
    expect(reasons).to.include(
      "settlement xmtp.nodeRegistry.maxCanonicalNodes registered: there is no parameter registry that answers",
    );
    expect(reasons).to.include(
      "settlement xmtp.nodeRegistry.maxCanonicalNodes applied: there is no Nodes contract that answers",
    );
  });

  it("has nothing to say of a network that stands", async () => {
    await network.deploy();
    expect(await unmet()).to.deep.equal([]);
  });

  it("names each parameter that differs from the configured one", async () => {
    await network.deploy();
    const { settlement, ...rest } = network.parameters;
    const nodes = { admin: "deployer", maxCanonicalNodes: 7 } as const;
    expect(
      await unmet(network.plan({ ...rest, settlement: { ...settlement, nodes } })),
    ).to.deep.equal([
      "settlement xmtp.nodeRegistry.maxCanonicalNodes registered: the registry holds 100, configured is 7",
      "settlement xmtp.nodeRegistry.maxCanonicalNodes applied: Nodes applies 100, configured is 7",
    ]);
  });

  it("names an admin whom the registry does not know", async () => {
    await network.deploy();
    const { settlement, ...rest } = network.parameters;
    const other = network.chains.accounts[3]?.address ?? "0x";
    const plan = network.plan({
      ...rest,
      settlement: { ...settlement, parameterAdmins: ["deployer", other] },
    });
    expect(await unmet(plan)).to.deep.equal([
      `settlement xmtp.settlementChainParameterRegistry.isAdmin.${other.toLowerCase()} registered: the registry holds 0, configured is true`,
    ]);
  });

  it("names a proxy that runs another implementation", async () => {
    const { addressBook } = await network.deploy();
    const [nodes] = network.plan().settlement.contracts.slice(1);
    const other = network.plan().appchain.proxyFactory.address;
    await set(
      "hardhat_setStorageAt",
      addressBook.nodeRegistry,
      IMPLEMENTATION_SLOT,
      `0x${other.slice(2).padStart(64, "0")}`,
    );
    expect((await unmetOf("implementation"))[0]).to.equal(
      `the proxy ${addressBook.nodeRegistry} runs ${other}, the local build makes ${nodes?.implementation}: migrate it, or build its version`,
    );
  });

  it("compares code with the build, immutables aside, and sees a single byte", async () => {
    await network.deploy();
    const nodes = network.plan().settlement.contracts[1];
    const implementation = nodes?.implementation ?? "0x";
    const code = (await network.settlement.getCode({ address: implementation })) ?? "0x";
    expect(code, "the chain's code has immutables").not.to.equal(nodes?.artifact.deployedBytecode);
    await set(
      "hardhat_setCode",
      implementation,
      `${code.slice(0, -2)}${code.endsWith("00") ? "01" : "00"}`,
    );
    expect((await unmetOf("code"))[0]).to.match(/^the code at .* is not that of the local build/);
  });

  it("sees a single byte of a contract without a proxy, too", async () => {
    const { addressBook } = await network.deploy();
    const address = addressBook.depositSplitter;
    const code = (await network.settlement.getCode({ address })) ?? "0x";
    await set("hardhat_setCode", address, `0xfe${code.slice(4)}`);
    expect(await unmetOf("code")).to.have.length(1);
    expect((await unmetOf("code"))[0]).to.include(`the code at ${address}`);
  });

  it("names a settler of the escrow that is not the network's, and the next deployment puts it back", async () => {
    const { deploy, sendFrom, deployer, chains } = network;
    const { addressBook } = await deploy();
    const other = chains.accounts[5]?.address ?? "0x";
    const send = sendFrom("settlement", deployer);
    await send({
      to: addressBook.settlementChainParameterRegistry,
      data: encodeFunctionData({
        abi: settlementParametersAbi,
        functionName: "set",
        args: ["xmtp.payerRegistry.settler", pad(other)],
      }),
    });
    await send({
      to: addressBook.payerRegistry,
      data: encodeFunctionData({ abi: payersAbi, functionName: "updateSettler" }),
    });
    const configured = addressBook.payerReportManager;
    expect(await unmet()).to.deep.equal([
      `settlement xmtp.payerRegistry.settler registered: the registry holds ${other.toLowerCase()}, configured is ${configured}`,
      `settlement xmtp.payerRegistry.settler applied: Payers applies ${other.toLowerCase()}, configured is ${configured}`,
    ]);
    const { transactions, status } = await deploy();
    expect(transactions).to.equal(2);
    expect(status.done).to.equal(true);
  });

  it("names a proxy that was never initialised", async () => {
    const { addressBook } = await network.deploy();
    await set(
      "hardhat_setStorageAt",
      addressBook.nodeRegistry,
      INITIALIZABLE_SLOT,
      `0x${"00".repeat(32)}`,
    );
    expect(await unmetOf("initialized")).to.deep.equal([
      `the proxy ${addressBook.nodeRegistry} was never initialised`,
    ]);
  });

  const set = (method: string, ...params: string[]) =>
    network.chains.settlement.provider.request({ method, params });
  const unmetOf = async (wanted: string): Promise<string[]> => {
    const { settlement, appchain } = network;
    const { items } = await readStatus({ plan: network.plan(), settlement, appchain }).catch(
      () => ({ items: [] }),
    );
    return items.flatMap(({ question, outcome }) =>
      question === wanted && !outcome.done ? [outcome.why] : [],
    );
  };
});
