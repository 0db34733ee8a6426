import { expect } from "chai";
import { encodeFunctionData, toHex } from "viem";

import type { Eip1193Provider } from "../../deploy/chainConnection.ts";
import { firstParameter } from "../../deploy/firstParameter.ts";
import { previewNetwork } from "../../deploy/previewNetwork.ts";
import { ratesAbi, settlementParametersAbi } from "../../src/abi/index.ts";
import {
  parseNetworkParameters,
  type NetworkParameters,
} from "../../src/deployment/networkParameters.ts";
import { readStatus } from "../../src/deployment/status.ts";
import { RATE_KEYS } from "../../src/parameters/parameterKeys.ts";
import type { Rates } from "../../src/rates/rateAt.ts";
import { RATES_NOTICE } from "../../src/rates/newRatesStart.ts";
import { emptyChains, remember, type EmptyChains } from "../helpers/emptyChains.ts";

type Configured = NetworkParameters["settlement"]["rates"];

describe("the rates of a deployed network", () => {
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

  const withRates = (changes: Partial<Configured>): NetworkParameters => {
    const { settlement, ...rest } = network.parameters;
    return parseNetworkParameters({
      ...rest,
      settlement: { ...settlement, rates: { ...settlement.rates, ...changes } },
    });
  };
  const readList = async (): Promise<readonly Rates[]> => {
    const address = network.plan().settlement.contracts.find(({ name }) => name === "Rates")?.proxy;
    const contract = { address: address ?? "0x", abi: ratesAbi } as const;
    const { settlement } = network;
    const count = await settlement.readContract({ ...contract, functionName: "getRatesCount" });
    return settlement.readContract({ ...contract, functionName: "getRates", args: [0n, count] });
  };
  const now = async () => (await network.settlement.getBlock()).timestamp;
  const unmet = async (parameters: NetworkParameters): Promise<string[]> => {
    const { plan, settlement, appchain } = network;
    const { items } = await readStatus({ plan: plan(parameters), settlement, appchain });
    return items.flatMap(({ subject, question, outcome }) =>
      outcome.done ? [] : [`${subject} ${question}: ${outcome.why}`],
    );
  };

  it("begin with one entry as configured, which holds from the deployment", async () => {
    const began = await now();
    await network.deploy();
    const [entry, ...others] = await readList();
    expect(others).to.deep.equal([]);
    expect(entry).to.deep.include({
      messageFee: 100n,
      storageFee: 200n,
      congestionFee: 300n,
      targetRatePerMinute: 6_000n,
    });
    expect(Number(entry?.startTime)).to.be.within(Number(began), Number(await now()));
  });

  it("begin at the configured time, where there is one", async () => {
    await network.deploy({ parameters: withRates({ ratesInEffectAfter: 1_000_000_000 }) });
    expect((await readList()).map(({ startTime }) => startTime)).to.deep.equal([1_000_000_000n]);
  });

  it("get one more entry when a price changes, in two transactions, with two hours' notice", async () => {
    const { deploy } = network;
    await deploy();
    const changed = withRates({ messageFee: 101 });
    expect(await unmet(changed)).to.deep.equal([
      "xmtp.rateRegistry.messageFee registered: the registry holds 100, configured is 101",
      `xmtp.rateRegistry.ratesInEffectAfter registered: the registry holds ${(await readList())[0]?.startTime}, which is no start for new prices`,
      "xmtp.rateRegistry.messageFee applied: Rates applies 100, configured is 101",
    ]);
    const before = await now();
    const { transactions, status } = await deploy({ parameters: changed });
    expect(transactions).to.equal(2);
    expect(status.done).to.equal(true);
    const [first, second] = await readList();
    expect(second).to.deep.include({ ...first, messageFee: 101n, startTime: second?.startTime });
    expect(Number(second?.startTime)).to.be.within(
      Number(before + RATES_NOTICE),
      Number((await now()) + RATES_NOTICE),
    );
    expect((await deploy({ parameters: changed })).transactions, "and nothing more").to.equal(0);
  });

  it("change again before a change holds, each entry after the one before", async () => {
    const { deploy } = network;
    for (const storageFee of [200, 201, 202, 200]) {
      const { status } = await deploy({ parameters: withRates({ storageFee }) });
      expect(status.done, String(storageFee)).to.equal(true);
    }
    const list = await readList();
    expect(list.map(({ storageFee }) => storageFee)).to.deep.equal([200n, 201n, 202n, 200n]);
    list.slice(1).forEach(({ startTime }, index) => {
      expect(Number(startTime), String(index)).to.be.greaterThan(Number(list[index]?.startTime));
    });
  });

  it("keep their start when only the configured start changes: the contract takes no such change", async () => {
    const { deploy } = network;
    await deploy();
    const moved = withRates({ ratesInEffectAfter: 2_000_000_000 });
    expect(await unmet(moved)).to.deep.equal([]);
    expect((await deploy({ parameters: moved })).transactions).to.equal(0);
  });

  it("are put back whole when one of their keys was changed by hand, and nothing is appended", async () => {
    const { deploy, sendFrom, deployer, settlement } = network;
    const { addressBook } = await deploy();
    const registry = {
      address: addressBook.settlementChainParameterRegistry,
      abi: settlementParametersAbi,
    } as const;
    await sendFrom(
      "settlement",
      deployer,
    )({
      to: registry.address,
      data: encodeFunctionData({
        abi: settlementParametersAbi,
        functionName: "set",
        args: [RATE_KEYS.congestionFee, toHex(5, { size: 32 })],
      }),
    });
    const { transactions, status } = await deploy();
    expect(transactions).to.equal(1);
    expect(status.done).to.equal(true);
    const [entry, ...others] = await readList();
    expect(others).to.deep.equal([]);
    const keys = Object.values(RATE_KEYS);
    const values = await settlement.readContract({
      ...registry,
      functionName: "get",
      args: [keys],
    });
    expect(values.map(BigInt)).to.deep.equal([100n, 200n, 300n, 6_000n, entry?.startTime]);
  });

  it("are appended with the start that an interrupted run has registered", async () => {
    const { deploy } = network;
    await deploy();
    const changed = withRates({ targetRatePerMinute: 1 });
    let sent = 0;
    const { provider }: { readonly provider: Eip1193Provider } = network.chains.settlement;
    const dying: Eip1193Provider = {
      request: async (request) => {
        if (request.method === "eth_sendTransaction" && sent++ > 0) throw new Error("gone");
        return provider.request(request);
      },
    };
    const error = await deploy({ parameters: changed, settlement: dying }).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.include({ code: "DEPLOY_INTERRUPTED" });
    expect((await readList()).length).to.equal(1);

    await provider.request({ method: "evm_increaseTime", params: [60] });
    await provider.request({ method: "evm_mine" });
    const { transactions } = await deploy({ parameters: changed });
    expect(transactions, "one update, no other set").to.equal(1);
    const [, second] = await readList();
    expect(Number(second?.startTime)).to.be.at.most(Number((await now()) - 60n + RATES_NOTICE));
  });

  it("get a later start when an interrupted run is taken up only after its start", async () => {
    const { deploy, sendFrom, deployer } = network;
    const { addressBook } = await deploy();
    const keys = Object.values(RATE_KEYS);
    const stale = (await now()) + 1n;
    const { provider }: { readonly provider: Eip1193Provider } = network.chains.settlement;
    await sendFrom(
      "settlement",
      deployer,
    )({
      to: addressBook.settlementChainParameterRegistry,
      data: encodeFunctionData({
        abi: settlementParametersAbi,
        functionName: "set",
        args: [keys, [1n, 200n, 300n, 6_000n, stale].map((value) => toHex(value, { size: 32 }))],
      }),
    });
    await provider.request({ method: "evm_increaseTime", params: [60] });
    await provider.request({ method: "evm_mine" });
    const { transactions } = await deploy({ parameters: withRates({ messageFee: 1 }) });
    expect(transactions).to.equal(2);
    expect(Number((await readList())[1]?.startTime)).to.be.greaterThan(Number(await now()));
  });

  it("go on when somebody else has them appended first", async () => {
    const { deploy, sendFrom, chains } = network;
    const { addressBook } = await deploy();
    const data = encodeFunctionData({ abi: ratesAbi, functionName: "updateRates" });
    const { provider }: { readonly provider: Eip1193Provider } = chains.settlement;
    let overtaken = false;
    const settlement: Eip1193Provider = {
      request: async (request) => {
        if (
          !overtaken &&
          request.method === "eth_sendTransaction" &&
          firstParameter<{ data?: unknown }>(request.params).data === data
        ) {
          overtaken = true;
          const stranger = chains.accounts[9]?.address ?? "0x";
          await sendFrom("settlement", stranger)({ to: addressBook.rateRegistry, data });
        }
        return provider.request(request);
      },
    };
    const { status } = await deploy({ parameters: withRates({ messageFee: 7 }), settlement });
    expect(overtaken).to.equal(true);
    expect(status.done).to.equal(true);
    expect((await readList()).length).to.equal(2);
  });

  it("refuse new prices at a configured time that is not after the last start, before anything is sent", async () => {
    const { deploy, sent, config } = network;
    await deploy();
    const [first] = await readList();
    const before = await sent();
    const start = Number(first?.startTime);
    const late = withRates({ messageFee: 1, ratesInEffectAfter: start });
    for (const attempt of [
      deploy({ parameters: late }),
      previewNetwork({ ...config, parameters: late }),
    ]) {
      const error = await attempt.catch((reason: unknown) => reason);
      expect(error).to.include({ code: "RATES_START_PASSED", retryable: false });
    }
    expect(await sent()).to.deep.equal(before);
    const inTime = withRates({ messageFee: 1, ratesInEffectAfter: start + 1 });
    expect((await deploy({ parameters: inTime })).status.done).to.equal(true);
    expect((await readList())[1]?.startTime).to.equal(BigInt(start + 1));
  });

  it("are written all five at once, as a preview tells", async () => {
    const steps = await previewNetwork(network.config);
    const keys = steps.flatMap(
      ({ what }) => /set (xmtp\.rateRegistry\.\w+)/u.exec(what)?.[1] ?? [],
    );
    expect(keys).to.deep.equal(Object.values(RATE_KEYS));
  });
});
