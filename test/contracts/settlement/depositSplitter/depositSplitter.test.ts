import { expect } from "chai";
import { ZeroAddress, type AddressLike, type ContractTransactionResponse } from "ethers";

import type { DepositSplitter } from "../../../../typechain-types/index.ts";
import {
  APPCHAIN_ID,
  FUNDS,
  MINIMUM_DEPOSIT,
  USD,
  deployConfiguredMoney,
  deployFundedMoney,
  deployMoney,
  giveFeeTokens,
  type MoneyFixture,
} from "../../../helpers/deployMoney.ts";
import type { EventRecord } from "../../../helpers/eventsOf.ts";
import { ticketsOf } from "../../../../bench/lightBridge.ts";
import { logsOf } from "../../../helpers/logsOf.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import { USELESS_PERMIT, malleated, signPermit } from "../../../helpers/signPermit.ts";

const MAX_UINT96 = 2n ** 96n - 1n;
/** Of the message to the appchain: some 100 gwei in all, so that a single microdollar pays for it. */
const GAS_LIMIT = 123_456n;
const MAX_FEE = 789n;
const COSTS = GAS_LIMIT * MAX_FEE;

/** Wei of the appchain in a microdollar. */
const UNIT = 10n ** 12n;

/** Whose escrow grows by how much, and whose gas. */
type Legs = readonly [payer: AddressLike, escrow: bigint, recipient: AddressLike, gas: bigint];

interface Way {
  readonly name: string;
  readonly from: "feeToken" | "underlying";
  deposit(splitter: DepositSplitter, ...legs: Legs): Promise<ContractTransactionResponse>;
}

/** The permits do nothing here, because the payer has approved already. */
const WAYS: readonly Way[] = [
  {
    name: "deposit",
    from: "feeToken",
    deposit: (splitter, ...legs) => splitter.deposit(...legs, GAS_LIMIT, MAX_FEE),
  },
  {
    name: "depositWithPermit",
    from: "feeToken",
    deposit: (splitter, ...legs) =>
      splitter.depositWithPermit(...legs, GAS_LIMIT, MAX_FEE, ...USELESS_PERMIT),
  },
  {
    name: "depositFromUnderlying",
    from: "underlying",
    deposit: (splitter, ...legs) => splitter.depositFromUnderlying(...legs, GAS_LIMIT, MAX_FEE),
  },
  {
    name: "depositFromUnderlyingWithPermit",
    from: "underlying",
    deposit: (splitter, ...legs) =>
      splitter.depositFromUnderlyingWithPermit(...legs, GAS_LIMIT, MAX_FEE, ...USELESS_PERMIT),
  },
];

/** Nothing stays on the way. */
async function expectEmpty(fixture: MoneyFixture): Promise<void> {
  const { underlying, feeToken, splitter, gateway, bridge } = fixture;
  for (const holder of [splitter, gateway, bridge.inbox]) {
    expect(await feeToken.balanceOf(holder)).to.equal(0n);
    expect(await underlying.balanceOf(holder)).to.equal(0n);
  }
  expect(await underlying.balanceOf(feeToken)).to.equal(await feeToken.totalSupply());
}

describe("DepositSplitter", () => {
  it("names what it was made with", async () => {
    const { splitter, feeToken, payers, gateway } = await loadFixture(deployMoney);

    expect(await splitter.feeToken()).to.equal(await feeToken.getAddress());
    expect(await splitter.payerRegistry()).to.equal(await payers.getAddress());
    expect(await splitter.settlementChainGateway()).to.equal(await gateway.getAddress());
    expect(await splitter.appChainId()).to.equal(APPCHAIN_ID);
    expect(await splitter.contractName()).to.equal("DepositSplitter");
    expect(await splitter.version()).to.equal("1.0.0");
  });

  it("refuses to be made, in this order, without a token, an escrow, a gateway or an appchain", async () => {
    const { feeToken, payers } = await loadFixture(deployMoney);
    const factory = await ethers.getContractFactory("DepositSplitter");

    for (const [token, escrow, gateway, error] of [
      [ZeroAddress, ZeroAddress, ZeroAddress, "ZeroFeeToken"],
      [feeToken, ZeroAddress, ZeroAddress, "ZeroPayerRegistry"],
      [feeToken, payers, ZeroAddress, "ZeroSettlementChainGateway"],
      [feeToken, payers, payers, "ZeroAppChainId"],
    ] as const) {
      await expect(factory.deploy(token, escrow, gateway, 0n), error).to.be.revertedWithCustomError(
        factory,
        error,
      );
    }
  });

  it("can be made before its gateway is", async () => {
    const { feeToken, payers, payer, other } = await loadFixture(deployFundedMoney);
    const splitter = await ethers.deployContract("DepositSplitter", [
      feeToken,
      payers,
      "0x0000000000000000000000000000000000001234",
      APPCHAIN_ID,
    ]);
    await feeToken.approve(splitter, FUNDS);

    await splitter.connect(payer).deposit(other, 10n * USD, ZeroAddress, 0n, 0n, 0n);

    expect(await payers.getBalance(other)).to.equal(10n * USD);
    await expect(
      splitter.connect(payer).deposit(other, 10n * USD, other, 1n, 0n, 0n),
    ).to.be.revertedWithCustomError(feeToken, "ERC1363InvalidReceiver");
    expect(await feeToken.balanceOf(payer)).to.equal(FUNDS - 10n * USD);
  });

  for (const { name, from, deposit } of WAYS) {
    describe(name, () => {
      it("fills an escrow, buys gas, and keeps nothing", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { underlying, feeToken, payers, splitter, gateway, payer, other, stranger } = fixture;
        const { bridge, inbox } = fixture.bridge;
        const [token, escrow, here, entry, end] = await Promise.all(
          [feeToken, payers, gateway, inbox, bridge].map((contract) => contract.getAddress()),
        );
        const deposited = ["payers.Deposit", other.address, 25n * USD];
        const moves: Record<typeof from, EventRecord[]> = {
          feeToken: [
            ["feeToken.Transfer", payer.address, escrow, 25n * USD],
            deposited,
            ["feeToken.Transfer", payer.address, here, 7n * USD],
          ],
          underlying: [
            ["underlying.Transfer", payer.address, token, 32n * USD],
            ["feeToken.Transfer", ZeroAddress, escrow, 25n * USD],
            deposited,
            ["feeToken.Transfer", ZeroAddress, here, 7n * USD],
          ],
        };

        const transaction = await deposit(splitter, other, 25n * USD, stranger, 7n * USD);

        const logs = await logsOf(transaction, {
          ...{ underlying, feeToken, payers, gateway },
          ...{ bridge, inbox },
        });
        const [ticket] = await ticketsOf(fixture.bridge, transaction);
        expect(
          logs.filter(([name]) => !/^(inbox|bridge)\./.test(String(name))),
          "of the Arbitrum bridge, the ticket says all",
        ).to.deep.equal([
          ...moves[from],
          ["feeToken.Transfer", here, entry, 7n * USD],
          ["feeToken.Transfer", entry, end, 7n * USD],
          ["gateway.Deposit", APPCHAIN_ID, 0n, stranger.address, 7n * USD, 1n],
        ]);
        expect(ticket).to.deep.include({
          callValue: 7n * USD * UNIT - COSTS,
          deposit: 7n * USD * UNIT,
          excessFeeRefundAddress: stranger.address,
          callValueRefundAddress: stranger.address,
          gasLimit: GAS_LIMIT,
          maxFeePerGas: MAX_FEE,
        });
        expect(await payers.getBalance(other)).to.equal(25n * USD);
        expect(await payers.totalDeposits()).to.equal(25n * USD);
        expect(await payers.excess()).to.equal(0n);
        expect(await feeToken.balanceOf(bridge)).to.equal(7n * USD);
        expect(await fixture[from].balanceOf(payer)).to.equal(FUNDS - 32n * USD);
        await expectEmpty(fixture);
      });

      it("fills an escrow alone, whatever is said of the gas", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { payers, feeToken, splitter, bridge, other } = fixture;

        await deposit(splitter, other, 25n * USD, ZeroAddress, 0n);

        expect(await payers.getBalance(other)).to.equal(25n * USD);
        expect(await feeToken.balanceOf(bridge.bridge)).to.equal(0n);
        await expectEmpty(fixture);
      });

      it("buys gas alone, whatever is said of the escrow, also during a pause of it", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { payers, feeToken, splitter, bridge, other, setParameters } = fixture;
        await setParameters({ paused: true });
        await payers.updatePauseStatus();

        await deposit(splitter, ZeroAddress, 0n, other, 1n);

        expect(await payers.totalDeposits()).to.equal(0n);
        expect(await feeToken.balanceOf(bridge.bridge)).to.equal(1n);
        await expectEmpty(fixture);
      });

      it("leaves what somebody sent to it by mistake", async () => {
        const { underlying, feeToken, splitter, other } = await loadFixture(deployFundedMoney);
        await underlying.transfer(splitter, 3n);
        await feeToken.transfer(splitter, 5n);

        await deposit(splitter, other, 25n * USD, other, 7n * USD);

        expect(await underlying.balanceOf(splitter)).to.equal(3n);
        expect(await feeToken.balanceOf(splitter)).to.equal(5n);
      });

      it("splits up to 2^96 - 1, and panics above, before anything else", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { payers, feeToken, splitter, bridge, payer, other, stranger } = fixture;

        await expect(
          deposit(splitter.connect(stranger), ZeroAddress, MAX_UINT96, ZeroAddress, 1n),
        ).to.be.revertedWithPanic(0x11);

        if (from === "feeToken") await giveFeeTokens(fixture, payer, MAX_UINT96);
        else await fixture.underlying.mint(payer, MAX_UINT96);
        await deposit(splitter, other, MAX_UINT96 - 1n, other, 1n);
        expect(await payers.getBalance(other)).to.equal(MAX_UINT96 - 1n);
        expect(await feeToken.balanceOf(bridge.bridge)).to.equal(1n);
      });

      it("refuses two amounts of zero before it asks any token", async () => {
        const { splitter, stranger } = await loadFixture(deployMoney);

        await expect(
          deposit(splitter.connect(stranger), ZeroAddress, 0n, ZeroAddress, 0n),
        ).to.be.revertedWithCustomError(splitter, "ZeroTotalAmount");
      });

      it("refuses what the escrow refuses, and takes no token then", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { payers, splitter, payer, other, setParameters } = fixture;

        await expect(deposit(splitter, other, MINIMUM_DEPOSIT - 1n, other, 5n * USD))
          .to.be.revertedWithCustomError(payers, "InsufficientDeposit")
          .withArgs(MINIMUM_DEPOSIT - 1n, MINIMUM_DEPOSIT);
        await expect(
          deposit(splitter, ZeroAddress, 1n, other, 5n * USD),
        ).to.be.revertedWithCustomError(payers, "ZeroPayer");
        await setParameters({ paused: true });
        await payers.updatePauseStatus();
        await expect(
          deposit(splitter, ZeroAddress, 1n, other, 5n * USD),
        ).to.be.revertedWithCustomError(payers, "Paused");
        expect(await fixture[from].balanceOf(payer)).to.equal(FUNDS);
        await expectEmpty(fixture);
      });

      it("undoes the escrow's part when the gateway refuses: without a recipient, during a pause", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { payers, splitter, gateway, payer, other, setGatewayParameters } = fixture;

        await expect(
          deposit(splitter, other, 25n * USD, ZeroAddress, 7n * USD),
        ).to.be.revertedWithCustomError(gateway, "ZeroRecipient");
        await setGatewayParameters({ paused: true });
        await gateway.updatePauseStatus();
        await expect(
          deposit(splitter, other, 25n * USD, other, 7n * USD),
        ).to.be.revertedWithCustomError(gateway, "Paused");
        expect(await payers.totalDeposits()).to.equal(0n);
        expect(await fixture[from].balanceOf(payer)).to.equal(FUNDS);
      });

      it("undoes the escrow's part when the gateway refuses, and passes on with what", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { feeToken, payers, payer, other } = fixture;
        const refusing = await ethers.deployContract("RefusingGateway");
        const splitter = await ethers.deployContract("DepositSplitter", [
          feeToken,
          payers,
          refusing,
          APPCHAIN_ID,
        ]);
        await fixture[from].approve(splitter, FUNDS);

        await expect(deposit(splitter.connect(payer), other, 25n * USD, other, 7n * USD))
          .to.be.revertedWithCustomError(refusing, "Refused")
          .withArgs(42n);
        expect(await payers.totalDeposits()).to.equal(0n);
      });

      it("refuses more than the caller has approved or has", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { feeToken, payers, splitter, stranger, other } = fixture;
        const error = from === "feeToken" ? "ERC20InsufficientAllowance" : "TransferFromFailed";

        for (const [escrow, gas] of [
          [25n * USD, 0n],
          [0n, 7n * USD],
          [25n * USD, 7n * USD],
        ] as const) {
          await expect(
            deposit(splitter.connect(stranger), other, escrow, other, gas),
          ).to.be.revertedWithCustomError(feeToken, error);
        }
        await fixture[from].approve(splitter, 32n * USD - 1n);
        await expect(
          deposit(splitter, other, 25n * USD, other, 7n * USD),
        ).to.be.revertedWithCustomError(feeToken, error);
        expect(await payers.totalDeposits()).to.equal(0n);
      });
    });
  }

  it("undoes the escrow's part when the rest does not pay for the message", async () => {
    const { payers, splitter, gateway, other } = await loadFixture(deployFundedMoney);

    await expect(splitter.deposit(other, 25n * USD, other, 7n, 1_000_000n, 8_000_000n))
      .to.be.revertedWithCustomError(gateway, "InsufficientAmount")
      .withArgs(7n * UNIT, 8n * UNIT);
    expect(await payers.totalDeposits()).to.equal(0n);
  });

  describe("with a permit for the sum", () => {
    async function unapproved(): Promise<MoneyFixture> {
      const fixture = await deployConfiguredMoney();
      await giveFeeTokens(fixture, fixture.payer, FUNDS);
      await fixture.underlying.mint(fixture.payer, FUNDS);
      return fixture;
    }

    for (const [name, from] of [
      ["depositWithPermit", "feeToken"],
      ["depositFromUnderlyingWithPermit", "underlying"],
    ] as const) {
      it(`${name} needs no allowance beforehand, whoever uses the permit first`, async () => {
        const fixture = await loadFixture(unapproved);
        const { [from]: token, payers, splitter, payer, other, stranger } = fixture;

        for (const isUsedBefore of [false, true]) {
          const permit = await signPermit(token, payer, splitter, 32n * USD);
          if (isUsedBefore) {
            await token.connect(stranger).permit(payer, splitter, 32n * USD, ...permit);
          }
          await splitter[name](other, 25n * USD, other, 7n * USD, GAS_LIMIT, MAX_FEE, ...permit);
          expect(await token.allowance(payer, splitter)).to.equal(0n);
        }

        expect(await payers.getBalance(other)).to.equal(50n * USD);
        await expectEmpty(fixture);
      });

      it(`${name} refuses a permit that is wrong in any way when there is no allowance`, async () => {
        const fixture = await loadFixture(unapproved);
        const { [from]: token, feeToken, payers, splitter, payer, other, stranger } = fixture;
        const valid = await signPermit(token, payer, splitter, 32n * USD);
        const error = from === "feeToken" ? "ERC20InsufficientAllowance" : "TransferFromFailed";

        for (const [fault, permit] of [
          ["of nobody", USELESS_PERMIT],
          ["of somebody else", await signPermit(token, stranger, splitter, 32n * USD)],
          ["for somebody else", await signPermit(token, payer, payers, 32n * USD)],
          ["for one part alone", await signPermit(token, payer, splitter, 25n * USD)],
          ["too late", await signPermit(token, payer, splitter, 32n * USD, { deadline: 1n })],
          ["with a high s", malleated(valid)],
        ] as const) {
          await expect(
            splitter[name](other, 25n * USD, other, 7n * USD, GAS_LIMIT, MAX_FEE, ...permit),
            fault,
          ).to.be.revertedWithCustomError(feeToken, error);
        }
        const strangerSplitter = splitter.connect(stranger);
        await expect(
          strangerSplitter[name](
            stranger,
            25n * USD,
            stranger,
            7n * USD,
            GAS_LIMIT,
            MAX_FEE,
            ...valid,
          ),
        ).to.be.revertedWithCustomError(feeToken, error);
      });
    }
  });
});
