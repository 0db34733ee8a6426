import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { accounts } from "../../../helpers/accounts.ts";
import { deployProxy } from "../../../helpers/deployProxy.ts";
import { deployRegistry } from "../../../helpers/deployRegistry.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import { parameterValue } from "../../../helpers/parameterValue.ts";

const NAMES = [
  "messageFee",
  "storageFee",
  "congestionFee",
  "targetRatePerMinute",
  "ratesInEffectAfter",
] as const;

/** Message, storage and congestion fee, target rate, start time. */
type Entry = readonly [bigint, bigint, bigint, bigint, bigint];

const FIRST: Entry = [100n, 200n, 300n, 6_000n, 1_000n];
const MAX = 2n ** 64n - 1n;

async function deployRates() {
  const { admin, stranger } = await accounts(["admin", "stranger"]);
  const { registry } = await deployRegistry("SettlementParameters", [admin.address]);
  const implementation = await ethers.deployContract("Rates", [registry]);
  const { address } = await deployProxy(
    await implementation.getAddress(),
    implementation.interface.encodeFunctionData("initialize"),
  );
  const rates = (await ethers.getContractAt("Rates", address)).connect(stranger);

  const set = async (values: readonly bigint[]): Promise<void> => {
    await registry.connect(admin).getFunction("set(string[],bytes32[])")(
      NAMES.slice(0, values.length).map((name) => `xmtp.rateRegistry.${name}`),
      values.map(parameterValue),
    );
  };
  const append = async (entry: readonly bigint[]) => {
    await set(entry);
    return rates.updateRates();
  };

  return { rates, registry, implementation, set, append };
}

/** Ten entries, which is more than two words of start times. */
async function withTenRates() {
  const fixture = await deployRates();
  const entries = Array.from({ length: 10 }, (_, index): Entry => [
    BigInt(index),
    MAX - BigInt(index),
    3n,
    4n,
    1_000n + BigInt(index),
  ]);
  for (const entry of entries) await fixture.append(entry);

  return { ...fixture, entries };
}

describe("Rates", () => {
  it("needs a registry, and locks its implementation", async () => {
    const { rates, implementation } = await loadFixture(deployRates);
    const factory = await ethers.getContractFactory("Rates");

    await expect(
      ethers.deployContract("Rates", [ethers.ZeroAddress]),
    ).to.be.revertedWithCustomError(factory, "ZeroParameterRegistry");
    await expect(implementation.initialize()).to.be.revertedWithCustomError(
      rates,
      "InvalidInitialization",
    );
    await expect(rates.initialize()).to.be.revertedWithCustomError(rates, "InvalidInitialization");
  });

  it("has the keys, the name and the version of production", async () => {
    const { rates } = await loadFixture(deployRates);

    expect(await rates.messageFeeParameterKey()).to.equal("xmtp.rateRegistry.messageFee");
    expect(await rates.storageFeeParameterKey()).to.equal("xmtp.rateRegistry.storageFee");
    expect(await rates.congestionFeeParameterKey()).to.equal("xmtp.rateRegistry.congestionFee");
    expect(await rates.targetRatePerMinuteParameterKey()).to.equal(
      "xmtp.rateRegistry.targetRatePerMinute",
    );
    expect(await rates.ratesInEffectAfterParameterKey()).to.equal(
      "xmtp.rateRegistry.ratesInEffectAfter",
    );
    expect(await rates.migratorParameterKey()).to.equal("xmtp.rateRegistry.migrator");
    expect(await rates.contractName()).to.equal("RateRegistry");
    expect(await rates.version()).to.equal("1.0.1");
  });

  it("appends what anyone applies, and says so", async () => {
    const { rates, append } = await loadFixture(deployRates);

    expect(await rates.getRatesCount()).to.equal(0n);
    expect(await eventsOf(await append(FIRST), rates)).to.deep.equal([["RatesUpdated", ...FIRST]]);
    const second: Entry = [MAX, MAX, MAX, MAX, MAX];
    expect(await eventsOf(await append(second), rates)).to.deep.equal([
      ["RatesUpdated", ...second],
    ]);

    expect(await rates.getRatesCount()).to.equal(2n);
    expect(await rates.getRates(0, 2)).to.deep.equal([FIRST, second]);
  });

  it("takes anything for the first entry, also nothing", async () => {
    const { rates } = await loadFixture(deployRates);

    expect(await eventsOf(await rates.updateRates(), rates)).to.deep.equal([
      ["RatesUpdated", 0n, 0n, 0n, 0n, 0n],
    ]);
    expect(await rates.getRates(0, 1)).to.deep.equal([[0n, 0n, 0n, 0n, 0n]]);
  });

  it("refuses the prices of the last entry, whatever the start time is", async () => {
    const { rates, append } = await loadFixture(deployRates);
    await append(FIRST);

    for (const start of [0n, 1_000n, 1_001n, MAX]) {
      await expect(append([...FIRST.slice(0, 4), start])).to.be.revertedWithCustomError(
        rates,
        "NoChange",
      );
    }
  });

  it("takes a change of any one price", async () => {
    const { rates, append } = await loadFixture(deployRates);
    await append(FIRST);
    let start = FIRST[4];

    for (let price = 0; price < 4; price++) {
      start += 1n;
      await append(
        FIRST.map((value, index) => (index === price ? value + 1n : value)).with(4, start),
      );
    }

    expect(await rates.getRatesCount()).to.equal(5n);
  });

  it("refuses to start with the last entry, or before it", async () => {
    const { rates, append } = await loadFixture(deployRates);
    await append(FIRST);

    for (const start of [0n, 999n, 1_000n]) {
      await expect(append([1n, 2n, 3n, 4n, start]))
        .to.be.revertedWithCustomError(rates, "InvalidStartTime")
        .withArgs(start, 1_000n);
    }
    await append([1n, 2n, 3n, 4n, 1_001n]);
  });

  it("refuses values of more than 64 bits, in any place, before it looks for a change", async () => {
    const { rates, append } = await loadFixture(deployRates);
    await append(FIRST);

    for (let index = 0; index < NAMES.length; index++) {
      for (const value of [MAX + 1n, MaxUint256]) {
        await expect(append([...FIRST].with(index, value))).to.be.revertedWithCustomError(
          rates,
          "ParameterOutOfTypeBounds",
        );
      }
    }
    expect(await rates.getRatesCount()).to.equal(1n);
  });

  describe("getRates", () => {
    it("reads every part of the list", async () => {
      const { rates, entries } = await loadFixture(withTenRates);

      for (let from = 0; from < entries.length; from++) {
        for (let count = 1; from + count <= entries.length; count++) {
          expect(await rates.getRates(from, count)).to.deep.equal(
            entries.slice(from, from + count),
          );
        }
      }
    });

    it("refuses an empty part, then one that begins beyond the end, then one that ends beyond it", async () => {
      const { rates } = await loadFixture(withTenRates);

      await expect(rates.getRates(10, 0)).to.be.revertedWithCustomError(rates, "ZeroCount");
      await expect(rates.getRates(10, MaxUint256)).to.be.revertedWithCustomError(
        rates,
        "FromIndexOutOfRange",
      );
      await expect(rates.getRates(9, 2)).to.be.revertedWithCustomError(rates, "EndIndexOutOfRange");
    });

    it("refuses a count that would overflow like any other that is too large", async () => {
      const { rates } = await loadFixture(withTenRates);

      for (const from of [0, 1, 9]) {
        await expect(rates.getRates(from, MaxUint256)).to.be.revertedWithCustomError(
          rates,
          "EndIndexOutOfRange",
        );
      }
    });
  });
});
