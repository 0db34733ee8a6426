import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import {
  MINIMUM_DEPOSIT,
  USD,
  WITHDRAW_LOCK_PERIOD,
  deployConfiguredMoney,
  deployFundedMoney,
  deployMoney,
  type PayersParameters,
} from "../../../helpers/deployMoney.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { loadFixture } from "../../../helpers/network.ts";
import { settleUsage } from "../../../helpers/settleUsage.ts";
import { USELESS_PERMIT } from "../../../helpers/signPermit.ts";

const ADDRESS = "0x1111111111111111111111111111111111111111";

/** The five settings: who applies and reads each, what is announced, and what is refused. */
const SETTINGS = [
  {
    parameter: "paused",
    update: "updatePauseStatus",
    getter: "paused",
    event: "PauseStatusUpdated",
    initially: false,
    configured: false,
    accepted: [true, false, true],
    tooLarge: [2n, 256n, MaxUint256],
    refused: [],
  },
  {
    parameter: "settler",
    update: "updateSettler",
    getter: "settler",
    event: "SettlerUpdated",
    initially: ZeroAddress,
    configured: "settler",
    accepted: [ADDRESS, "0x2222222222222222222222222222222222222222"],
    tooLarge: [2n ** 160n, MaxUint256],
    refused: [{ value: 0n, error: "ZeroSettler", args: [] }],
  },
  {
    parameter: "feeDistributor",
    update: "updateFeeDistributor",
    getter: "feeDistributor",
    event: "FeeDistributorUpdated",
    initially: ZeroAddress,
    configured: "distributor",
    accepted: [ADDRESS, "0x2222222222222222222222222222222222222222"],
    tooLarge: [2n ** 160n, MaxUint256],
    refused: [{ value: 0n, error: "ZeroFeeDistributor", args: [] }],
  },
  {
    parameter: "minimumDeposit",
    update: "updateMinimumDeposit",
    getter: "minimumDeposit",
    event: "MinimumDepositUpdated",
    initially: 0n,
    configured: MINIMUM_DEPOSIT,
    accepted: [1n, 2n ** 35n, 2n ** 96n - 1n, 2n],
    tooLarge: [2n ** 96n, 2n ** 96n + MINIMUM_DEPOSIT, MaxUint256],
    refused: [{ value: 0n, error: "ZeroMinimumDeposit", args: [] }],
  },
  {
    parameter: "withdrawLockPeriod",
    update: "updateWithdrawLockPeriod",
    getter: "withdrawLockPeriod",
    event: "WithdrawLockPeriodUpdated",
    initially: 0n,
    configured: WITHDRAW_LOCK_PERIOD,
    accepted: [604_800n, 0n, 1n],
    tooLarge: [2n ** 32n, 2n ** 32n + WITHDRAW_LOCK_PERIOD, MaxUint256],
    refused: [604_801n, 2n ** 20n + WITHDRAW_LOCK_PERIOD, 2n ** 32n - 1n].map((value) => ({
      value,
      error: "WithdrawLockPeriodTooHigh",
      args: [value, 604_800n],
    })),
  },
] as const;

describe("Payers: settings", () => {
  it("reads the keys of the production network", async () => {
    const { payers } = await loadFixture(deployMoney);

    expect(await payers.settlerParameterKey()).to.equal("xmtp.payerRegistry.settler");
    expect(await payers.feeDistributorParameterKey()).to.equal("xmtp.payerRegistry.feeDistributor");
    expect(await payers.minimumDepositParameterKey()).to.equal("xmtp.payerRegistry.minimumDeposit");
    expect(await payers.withdrawLockPeriodParameterKey()).to.equal(
      "xmtp.payerRegistry.withdrawLockPeriod",
    );
    expect(await payers.pausedParameterKey()).to.equal("xmtp.payerRegistry.paused");
    expect(await payers.migratorParameterKey()).to.equal("xmtp.payerRegistry.migrator");
  });

  it("names its fee token", async () => {
    const { payers, feeToken } = await loadFixture(deployMoney);

    expect(await payers.feeToken()).to.equal(await feeToken.getAddress());
  });

  for (const setting of SETTINGS) {
    const { parameter, update, getter, event, accepted, tooLarge, refused } = setting;

    describe(update, () => {
      it("applies the value and announces it, on anybody's call, also during a pause", async () => {
        const { payers, stranger, setParameters } = await loadFixture(deployMoney);
        expect(await payers[getter]()).to.equal(setting.initially);
        if (parameter !== "paused") {
          await setParameters({ paused: true });
          await payers.updatePauseStatus();
        }

        for (const value of accepted) {
          await setParameters({ [parameter]: value });
          expect(await eventsOf(await payers.connect(stranger)[update](), payers)).to.deep.equal([
            [event, value],
          ]);
          expect(await payers[getter]()).to.equal(value);
        }
      });

      it("leaves every other setting alone", async () => {
        const fixture = await loadFixture(deployConfiguredMoney);
        const { payers, setParameters } = fixture;
        const others = SETTINGS.filter((other) => other.parameter !== parameter);

        for (const value of accepted) {
          await setParameters({ [parameter]: value });
          await payers[update]();
          for (const { getter: otherGetter, configured } of others) {
            expect(await payers[otherGetter](), otherGetter).to.equal(
              configured === "settler" || configured === "distributor"
                ? fixture[configured].address
                : configured,
            );
          }
        }
      });

      it("refuses what does not fit its type, also when its low bits are the applied value", async () => {
        const { payers, setParameters } = await loadFixture(deployConfiguredMoney);

        for (const value of tooLarge) {
          await setParameters({ [parameter]: value });
          await expect(payers[update](), String(value)).to.be.revertedWithCustomError(
            payers,
            "ParameterOutOfTypeBounds",
          );
        }
      });

      for (const { value, error, args } of refused) {
        it(`refuses ${value}, and tells so before that it is unchanged`, async () => {
          for (const fixture of [deployMoney, deployConfiguredMoney]) {
            const { payers, setParameters } = await loadFixture(fixture);
            await setParameters({ [parameter]: value });

            await expect(payers[update](), fixture.name)
              .to.be.revertedWithCustomError(payers, error)
              .withArgs(...args);
          }
        });
      }

      it("refuses a value that is applied already", async () => {
        const { payers } = await loadFixture(deployConfiguredMoney);

        await expect(payers[update]()).to.be.revertedWithCustomError(payers, "NoChange");
      });
    });
  }

  describe("updateAll", () => {
    it("does nothing when no parameter is set, or when all are applied", async () => {
      for (const fixture of [deployMoney, deployConfiguredMoney]) {
        const { payers } = await loadFixture(fixture);
        expect(await eventsOf(await payers.updateAll(), payers), fixture.name).to.deep.equal([]);
      }
    });

    it("applies every combination of changes, and emits exactly those", async () => {
      for (let combination = 0; combination < 2 ** SETTINGS.length; combination++) {
        const chosen = SETTINGS.filter((_, index) => (combination >> index) & 1);
        const label = chosen.map(({ parameter }) => parameter).join() || "none";
        const { payers, stranger, setParameters } = await loadFixture(deployConfiguredMoney);
        const values = chosen.map(({ parameter, accepted }) => [parameter, accepted[0]] as const);
        // The migrator is there because the registry refuses to set nothing.
        await setParameters({ migrator: 0n, ...Object.fromEntries(values) });

        expect(
          await eventsOf(await payers.connect(stranger).updateAll(), payers),
          label,
        ).to.deep.equal(chosen.map(({ event, accepted }) => [event, accepted[0]]));
        for (const { getter, accepted } of chosen) {
          expect(await payers[getter](), label).to.equal(accepted[0]);
        }
      }
    });

    // Each case breaks also what comes after it, so the order of the errors is tested along the way.
    const cases: readonly [PayersParameters, string][] = [
      [{ paused: 2n, settler: 0n }, "ParameterOutOfTypeBounds"],
      [{ settler: 0n, feeDistributor: 0n }, "ZeroSettler"],
      [{ feeDistributor: 0n, minimumDeposit: 0n }, "ZeroFeeDistributor"],
      [{ minimumDeposit: 0n, withdrawLockPeriod: 604_801n }, "ZeroMinimumDeposit"],
      [{ withdrawLockPeriod: 604_801n }, "WithdrawLockPeriodTooHigh"],
      [{ withdrawLockPeriod: 2n ** 32n }, "ParameterOutOfTypeBounds"],
    ];

    for (const [parameters, error] of cases) {
      it(`refuses the whole, and applies nothing of it, on ${error} of ${Object.keys(parameters).join()}`, async () => {
        const { payers, settler, setParameters } = await loadFixture(deployConfiguredMoney);
        await setParameters({ settler: ADDRESS, paused: true, minimumDeposit: 5n, ...parameters });

        await expect(payers.updateAll()).to.be.revertedWithCustomError(payers, error);

        expect(await payers.settler()).to.equal(settler.address);
        expect(await payers.paused()).to.equal(false);
        expect(await payers.minimumDeposit()).to.equal(MINIMUM_DEPOSIT);
      });
    }

    it("applies what is set while other parameters never were", async () => {
      const { payers, setParameters } = await loadFixture(deployMoney);
      await setParameters({ minimumDeposit: 3n });

      expect(await eventsOf(await payers.updateAll(), payers)).to.deep.equal([
        ["MinimumDepositUpdated", 3n],
      ]);
    });
  });
});

describe("Payers: a pause", () => {
  async function paused() {
    const fixture = await deployFundedMoney();
    const { payers, payer, setParameters } = fixture;
    await payers.deposit(payer, 100n * USD);
    await payers.requestWithdrawal(USD);
    await settleUsage(fixture, [[payer, USD]]);
    await setParameters({ paused: true });
    await payers.updatePauseStatus();
    return fixture;
  }

  it("stops every way in and out, settling, and sending the excess", async () => {
    const fixture = await loadFixture(paused);
    const { underlying, feeToken, payers, payer } = fixture;
    await underlying.transfer(feeToken, 10n * USD);
    const held = await feeToken.balanceOf(payers);

    for (const call of [
      () => payers.deposit(payer, 10n * USD),
      () => payers.depositWithPermit(payer, 10n * USD, ...USELESS_PERMIT),
      () => payers.depositFromUnderlying(payer, 10n * USD),
      () => payers.depositFromUnderlyingWithPermit(payer, 10n * USD, ...USELESS_PERMIT),
      () => payers.depositReceivedFor(payer, 10n * USD),
      () => feeToken["transferAndCall(address,uint256)"](payers, 10n * USD),
      () => payers.requestWithdrawal(USD),
      () => payers.cancelWithdrawal(),
      () => payers.finalizeWithdrawal(payer),
      () => payers.finalizeWithdrawalIntoUnderlying(payer),
      () => settleUsage(fixture, []),
      () => payers.sendExcessToFeeDistributor(),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(payers, "Paused");
    }
    expect(await feeToken.balanceOf(payers)).to.equal(held);
    expect(await payers.totalDeposits()).to.equal(99n * USD);
  });

  it("stops neither reading nor settings, and ends", async () => {
    const { payers, payer, setParameters } = await loadFixture(paused);

    expect(await payers.getBalance(payer)).to.equal(98n * USD);
    expect(await payers.excess()).to.equal(USD);
    expect((await payers.getPendingWithdrawal(payer)).slice(0, 1)).to.deep.equal([USD]);
    await setParameters({ minimumDeposit: 3n, paused: false });
    await payers.updateMinimumDeposit();
    await payers.updatePauseStatus();

    await payers.deposit(payer, 3n);
    await payers.cancelWithdrawal();
    expect(await payers.getBalance(payer)).to.equal(99n * USD + 3n);
  });
});

describe("Payers: reading", () => {
  it("knows nothing of an unknown payer", async () => {
    const { payers, stranger } = await loadFixture(deployConfiguredMoney);

    expect(await payers.getBalance(stranger)).to.equal(0n);
    expect(await payers.getPendingWithdrawal(stranger)).to.deep.equal([0n, 0n, 0n]);
  });

  it("reads the balances of many, of some twice, or of none", async () => {
    const fixture = await loadFixture(deployFundedMoney);
    const { payers, payer, other, stranger } = fixture;
    await payers.deposit(payer, 10n * USD);
    await settleUsage(fixture, [[other, 3n]]);

    expect(await payers.getBalances([])).to.deep.equal([]);
    expect(await payers.getBalances([other, payer, stranger, other, ZeroAddress])).to.deep.equal([
      -3n,
      10n * USD,
      0n,
      -3n,
      0n,
    ]);
  });
});
