import { expect } from "chai";
import type { LocalAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startDevnet, type Devnet } from "../../../deploy/devnet.ts";
import { connectChain, type Chain } from "../../../src/chain/connectChain.ts";
import { RATE_KEYS } from "../../../src/parameters/parameterKeys.ts";
import { getParameters, setParameters } from "../../../src/parameters/parameters.ts";
import { newRatesStart, RATES_NOTICE } from "../../../src/rates/newRatesStart.ts";
import type { Rates } from "../../../src/rates/rateAt.ts";
import { readRates } from "../../../src/rates/readRates.ts";
import { setRates, updateRates } from "../../../src/rates/setRates.ts";
import { caughtError } from "../../helpers/caughtError.ts";
import { chainControls } from "../../helpers/startNetwork.ts";

const YEAR = 365n * 86_400n;

describe("newRatesStart", () => {
  it("is now for the first prices, and in two hours for later ones", () => {
    expect(newRatesStart(1_000n, undefined)).to.equal(1_000n);
    expect(newRatesStart(1_000n, 900n)).to.equal(1_000n + RATES_NOTICE);
  });

  it("is after the last start, wherever that is", () => {
    expect(newRatesStart(1_000n, 999n + RATES_NOTICE)).to.equal(1_000n + RATES_NOTICE);
    expect(newRatesStart(1_000n, 1_000n + RATES_NOTICE)).to.equal(1_001n + RATES_NOTICE);
  });
});

describe("the price list", () => {
  let devnet: Devnet;
  let chain: Chain;
  let admin: LocalAccount;
  let stranger: LocalAccount;
  let id: `0x${string}`;
  before(async () => {
    devnet = await startDevnet({ blockTime: "automine" });
    const { url, chainId } = devnet.settlement;
    chain = await connectChain({ url, chainId });
    const accounts = devnet.accounts.map(({ privateKey }) => privateKeyToAccount(privateKey));
    if (accounts[0] === undefined || accounts[1] === undefined) throw new Error("no accounts");
    [admin, stranger] = accounts as [LocalAccount, LocalAccount];
  });
  after(() => devnet.stop());
  beforeEach(async () => {
    id = await chainControls(chain).snapshot();
  });
  afterEach(() => chainControls(chain).revert({ id }));

  const PRICES = {
    messageFee: 101n,
    storageFee: 202n,
    congestionFee: 303n,
    targetRatePerMinute: 404n,
  };
  const list = (known?: readonly Rates[]) =>
    readRates({ chain, address: devnet.addresses.rateRegistry, ...(known && { known }) });
  const set = (
    rates: Partial<Rates> = {},
    account: LocalAccount = admin,
  ): ReturnType<typeof setRates> =>
    setRates({
      chain,
      account,
      parameterRegistry: devnet.addresses.settlementChainParameterRegistry,
      rateRegistry: devnet.addresses.rateRegistry,
      rates: { ...PRICES, ...rates },
    });
  const update = (account: LocalAccount) =>
    updateRates({ chain, account, address: devnet.addresses.rateRegistry });
  const now = async () => (await chain.client.getBlock()).timestamp;
  const sent = () => chain.client.getTransactionCount({ address: admin.address });

  it("grows by what setRates appends, two hours ahead", async () => {
    const first = await list();
    const before = await now();
    const { rates, transactionHash, blockNumber } = await set();

    expect(rates).to.deep.equal({ ...PRICES, startTime: rates.startTime });
    expect(Number(rates.startTime)).to.be.within(
      Number(before + RATES_NOTICE),
      Number((await now()) + RATES_NOTICE),
    );
    expect(await list()).to.deep.equal([...first, rates]);
    const receipt = await chain.client.getTransactionReceipt({ hash: transactionHash });
    expect(receipt.blockNumber).to.equal(blockNumber);
    const keys = Object.values(RATE_KEYS);
    const address = devnet.addresses.settlementChainParameterRegistry;
    expect(Object.values(await getParameters({ chain, address, keys }))).to.deep.equal(
      Object.values(rates),
    );
  });

  it("is read on from what is known", async () => {
    const known = await list();
    await set();
    const marked = known.map((entry) => ({ ...entry, messageFee: 1n }));
    expect((await list(marked)).map(({ messageFee }) => messageFee)).to.deep.equal([1n, 101n]);
    expect(await list(await list())).to.deep.equal(await list());
  });

  it("is read in pages that the contract can answer, each entry once", async () => {
    const all = Array.from({ length: 250 }, (_, index) => ({
      ...PRICES,
      startTime: BigInt(index),
    }));
    const asked: (readonly bigint[])[] = [];
    const readContract = ({ args = [] }: { readonly args?: readonly bigint[] }) => {
      const [from, count] = args;
      if (from === undefined || count === undefined) return Promise.resolve(250n);
      asked.push(args);
      return Promise.resolve(all.slice(Number(from), Number(from + count)));
    };
    const paged = { ...chain, client: { ...chain.client, readContract } } as unknown as Chain; // all that is called
    const read = (known: readonly Rates[]) =>
      readRates({ chain: paged, address: devnet.addresses.rateRegistry, known });

    expect(await read([])).to.deep.equal(all);
    expect(await read(all.slice(0, 149))).to.deep.equal(all);
    expect(asked).to.deep.equal([
      [0n, 100n],
      [100n, 100n],
      [200n, 50n],
      [149n, 100n],
      [249n, 1n],
    ]);
  });

  it("takes starts from a second from now, and up to a year ahead", async () => {
    for (const [offset, isTaken] of [
      [0n, false],
      [YEAR + 60n, false],
      [60n, true],
      [YEAR - 60n, true],
    ] as const) {
      const startTime = (await now()) + offset;
      if (isTaken)
        expect((await set({ messageFee: offset, startTime })).rates).to.include({ startTime });
      else expect((await caughtError(set({ startTime }))).code).to.equal("INVALID_PARAMETER");
    }
  });

  it("takes no start that is not after the last one, and sends nothing", async () => {
    const startTime = (await now()) + 5_000n;
    await set({ startTime });
    const before = await sent();
    expect((await caughtError(set({ messageFee: 1n, startTime }))).code).to.equal(
      "INVALID_PARAMETER",
    );
    expect(await sent()).to.equal(before);
    await set({ messageFee: 1n, startTime: startTime + 1n });
  });

  it("takes no prices that hold already, no numbers that nodes cannot keep, and no strangers", async () => {
    const [{ startTime: _, ...held } = { startTime: 0n }] = await list();
    const refused = [
      [() => set(held), "INVALID_PARAMETER"],
      [() => set({ targetRatePerMinute: 2n ** 31n }), "INVALID_PARAMETER"],
      [() => set({ targetRatePerMinute: -1n }), "INVALID_PARAMETER"],
      [() => set({ messageFee: 2n ** 63n }), "INVALID_FEE"],
      [() => set({ storageFee: -1n }), "INVALID_FEE"],
      [() => set({ congestionFee: 2n ** 63n }), "INVALID_FEE"],
      [() => set({}, stranger), "NotAdmin"],
      [() => update(stranger), "NoChange"],
    ] as const;
    const before = await sent();
    for (const [attempt, code] of refused)
      expect((await caughtError(attempt())).code).to.equal(code);
    expect(await sent()).to.equal(before);
    expect((await list()).length).to.equal(1);
  });

  it("gets by anyone's hand what an admin has written", async () => {
    const startTime = (await now()) + 60n;
    await setParameters({
      chain,
      account: admin,
      address: devnet.addresses.settlementChainParameterRegistry,
      values: Object.fromEntries(
        Object.entries(RATE_KEYS).map(([name, key]) => [
          key,
          name === "startTime" ? startTime : 9n,
        ]),
      ),
    });
    const { rates } = await update(stranger);
    expect(rates).to.include({ messageFee: 9n, startTime });
    expect((await list()).at(-1)).to.deep.equal(rates);
  });

  it("is as setRates says when somebody else appends the entry first", async () => {
    let signed = 0;
    const overtaken: LocalAccount = {
      ...admin,
      signTransaction: async (...args) => {
        signed += 1;
        if (signed === 2) await update(stranger);
        return admin.signTransaction(...args);
      },
    };
    const { rates, transactionHash } = await set({}, overtaken);
    expect(rates).to.include(PRICES);
    const { from } = await chain.client.getTransaction({ hash: transactionHash });
    expect(from).to.equal(stranger.address.toLowerCase());
    expect((await list()).slice(1)).to.deep.equal([rates]);
  });
});
