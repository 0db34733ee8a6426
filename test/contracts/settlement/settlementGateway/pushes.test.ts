import { expect } from "chai";
import { MaxUint256, ZeroHash, toBeHex, type ContractTransactionResponse } from "ethers";

import { AppchainGateway__factory } from "../../../../typechain-types/index.ts";
import { aliasOf } from "../../../helpers/aliasOf.ts";
import {
  APPCHAIN_GATEWAY,
  APPCHAIN_ID,
  FUNDS,
  deployConfiguredMoney,
  deployFundedMoney,
  giveFeeTokens,
  type MoneyFixture,
} from "../../../helpers/deployMoney.ts";
import { COSTS, GAS_LIMIT, MAX_FEE, MAX_FEES, UNIT } from "../../../helpers/depositWays.ts";
import { deployLightBridge, ticketsOf, type LightBridge } from "../../../../bench/lightBridge.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import { USELESS_PERMIT, malleated, signPermit } from "../../../helpers/signPermit.ts";

const OTHER_CHAIN_ID = 7n;
const SET_KEY = "xmtp.groupMessageBroadcaster.minPayloadSize";
const KEYS = [SET_KEY, "xmtp.nobody.has.set.this"];

/** More than the message may cost. */
const AMOUNT = MAX_FEES + 5n;

interface Push {
  readonly chainIds: readonly bigint[];
  readonly keys: readonly string[];
  readonly gasLimit: bigint;
  readonly maxFeePerGas: bigint;
  readonly amount: bigint;
}

const PUSH: Push = {
  chainIds: [APPCHAIN_ID],
  keys: KEYS,
  gasLimit: GAS_LIMIT,
  maxFeePerGas: MAX_FEE,
  amount: AMOUNT,
};

function plain(changes: Partial<Push>): [bigint[], string[], bigint, bigint, bigint] {
  const { chainIds, keys, gasLimit, maxFeePerGas, amount } = { ...PUSH, ...changes };
  return [[...chainIds], [...keys], gasLimit, maxFeePerGas, amount];
}

interface Way {
  readonly name: "sendParameters" | "sendParametersFromUnderlying";
  readonly withPermit: "sendParametersWithPermit" | "sendParametersFromUnderlyingWithPermit";
  readonly from: "feeToken" | "underlying";
}

const WAYS: readonly Way[] = [
  { name: "sendParameters", withPermit: "sendParametersWithPermit", from: "feeToken" },
  {
    name: "sendParametersFromUnderlying",
    withPermit: "sendParametersFromUnderlyingWithPermit",
    from: "underlying",
  },
];

/** The ways without and with a permit, which does nothing here. */
const SENDERS = WAYS.flatMap(({ name, withPermit, from }) => [
  {
    name,
    from,
    send: ({ gateway }: Pick<MoneyFixture, "gateway">, changes: Partial<Push> = {}) =>
      gateway[name](...plain(changes)),
  },
  {
    name: withPermit,
    from,
    send: ({ gateway }: Pick<MoneyFixture, "gateway">, changes: Partial<Push> = {}) =>
      gateway[withPermit](...plain(changes), ...USELESS_PERMIT),
  },
]);

/** Two appchains, and a parameter to send. */
async function withTwoChains(): Promise<MoneyFixture & { otherBridge: LightBridge }> {
  const fixture = await deployFundedMoney();
  const otherBridge = await deployLightBridge(fixture.feeToken, ethers);
  await fixture.setGatewayParameters({
    [`inbox.${OTHER_CHAIN_ID}`]: await otherBridge.inbox.getAddress(),
  });
  await fixture.gateway.updateInbox(OTHER_CHAIN_ID);
  await fixture.registry.getFunction("set(string,bytes32)")(SET_KEY, toBeHex(78n, 32));

  return { ...fixture, otherBridge };
}

function receiveParameters(nonce: bigint): string {
  return AppchainGateway__factory.createInterface().encodeFunctionData("receiveParameters", [
    nonce,
    KEYS,
    [toBeHex(78n, 32), ZeroHash],
  ]);
}

async function ticketOf(bridge: LightBridge, transaction: ContractTransactionResponse) {
  const [ticket, ...more] = await ticketsOf(bridge, transaction);
  expect(more).to.deep.equal([]);
  return ticket;
}

describe("SettlementGateway: parameters", () => {
  for (const { name, from, send } of SENDERS) {
    describe(name, () => {
      it("orders one call of the appchain's gateway with what the registry holds now, zero for what is not set", async () => {
        const fixture = await loadFixture(withTwoChains);
        const { gateway, bridge, payer } = fixture;

        expect(await ticketOf(bridge, await send(fixture))).to.deep.include({
          sender: await aliasOf(gateway),
          to: APPCHAIN_GATEWAY,
          callValue: 0n,
          deposit: AMOUNT * UNIT,
          gasLimit: GAS_LIMIT,
          maxFeePerGas: MAX_FEE,
          data: receiveParameters(1n),
          excessFeeRefundAddress: payer.address,
        });
      });

      it("gives back to the caller what the message does not cost, and lets nobody cancel it", async () => {
        const fixture = await loadFixture(withTwoChains);
        const { gateway, bridge, payer } = fixture;

        for (const amount of [MAX_FEES, AMOUNT, 1_000_000n]) {
          const ticket = await ticketOf(bridge, await send(fixture, { amount }));

          // What the submission does not cost goes to the same account as what the gas does not cost: so nothing is left.
          expect(ticket?.maxSubmissionCost).to.equal(amount * UNIT - COSTS);
          expect(ticket?.excessFeeRefundAddress).to.equal(payer.address);
          expect(ticket?.callValueRefundAddress).to.equal(await aliasOf(gateway));
        }
      });

      it("takes the amount once for each chain, and announces each message, with one nonce for all", async () => {
        const fixture = await loadFixture(withTwoChains);
        const { feeToken, gateway, bridge, otherBridge, payer } = fixture;
        const chainIds = [OTHER_CHAIN_ID, APPCHAIN_ID, OTHER_CHAIN_ID];

        const transaction = await send(fixture, { chainIds });

        for (const [chainId, messageNumber] of [
          [OTHER_CHAIN_ID, 0n],
          [APPCHAIN_ID, 0n],
          [OTHER_CHAIN_ID, 1n],
        ] as const) {
          await expect(transaction)
            .to.emit(gateway, "ParametersSent")
            .withArgs(chainId, messageNumber, 1n, KEYS);
        }
        expect((await ticketsOf(otherBridge, transaction)).map(({ data }) => data)).to.deep.equal([
          receiveParameters(1n),
          receiveParameters(1n),
        ]);
        expect(await fixture[from].balanceOf(payer)).to.equal(FUNDS - 3n * AMOUNT);
        expect(await feeToken.balanceOf(bridge.bridge)).to.equal(AMOUNT);
        expect(await feeToken.balanceOf(otherBridge.bridge)).to.equal(2n * AMOUNT);
        expect(await feeToken.balanceOf(gateway)).to.equal(0n);
      });

      it("counts the pushes over all chains", async () => {
        const fixture = await loadFixture(withTwoChains);
        const { gateway, bridge, otherBridge } = fixture;
        expect(await gateway.nonce()).to.equal(0n);

        await send(fixture);
        const second = await send(fixture, { chainIds: [OTHER_CHAIN_ID] });
        const third = await send(fixture);

        expect((await ticketOf(otherBridge, second))?.data).to.equal(receiveParameters(2n));
        expect((await ticketOf(bridge, third))?.data).to.equal(receiveParameters(3n));
        expect(await gateway.nonce()).to.equal(3n);
      });

      it("refuses in this order: a pause, no chain, no key, a sum too large, a chain without a bridge, too little", async () => {
        const fixture = await loadFixture(withTwoChains);
        const { gateway, setGatewayParameters } = fixture;
        await setGatewayParameters({ paused: true });
        await gateway.updatePauseStatus();
        await expect(
          send(fixture, { chainIds: [], keys: [], amount: 0n }),
        ).to.be.revertedWithCustomError(gateway, "Paused");

        await setGatewayParameters({ paused: false });
        await gateway.updatePauseStatus();
        await expect(
          send(fixture, { chainIds: [], keys: [], amount: 0n }),
        ).to.be.revertedWithCustomError(gateway, "NoChainIds");
        await expect(send(fixture, { keys: [], amount: 0n })).to.be.revertedWithCustomError(
          gateway,
          "NoKeys",
        );
        await expect(
          send(fixture, { chainIds: [8n, 9n], amount: MaxUint256 }),
        ).to.be.revertedWithPanic(0x11);
        await expect(send(fixture, { chainIds: [APPCHAIN_ID, 8n], amount: AMOUNT }))
          .to.be.revertedWithCustomError(gateway, "UnsupportedChainId")
          .withArgs(8n);
        await expect(send(fixture, { amount: MAX_FEES - 1n }))
          .to.be.revertedWithCustomError(gateway, "InsufficientAmount")
          .withArgs((MAX_FEES - 1n) * UNIT, COSTS);
        expect(await gateway.nonce()).to.equal(0n);
      });

      it("panics when the costs are above 2^256 - 1", async () => {
        const fixture = await loadFixture(withTwoChains);

        await expect(
          send(fixture, { gasLimit: 2n ** 128n, maxFeePerGas: 2n ** 128n }),
        ).to.be.revertedWithPanic(0x11);
      });

      it("refuses more than the caller has approved, and sends nothing then", async () => {
        const fixture = await loadFixture(withTwoChains);
        const { feeToken, gateway, stranger } = fixture;
        const error = from === "feeToken" ? "ERC20InsufficientAllowance" : "TransferFromFailed";

        await expect(send({ gateway: gateway.connect(stranger) })).to.be.revertedWithCustomError(
          feeToken,
          error,
        );
        expect(await gateway.nonce()).to.equal(0n);
      });

      it("passes on what the inbox refuses, and sends to no chain then", async () => {
        const fixture = await loadFixture(withTwoChains);
        const { gateway, bridge, otherBridge } = fixture;
        await otherBridge.inbox.getFunction("pause")();

        await expect(send(fixture, { chainIds: [APPCHAIN_ID, OTHER_CHAIN_ID] })).to.be.revertedWith(
          "Pausable: paused",
        );
        await expect(send(fixture, { gasLimit: 1n })).to.be.revertedWithCustomError(
          bridge.inbox,
          "RetryableData",
        );
        expect(await gateway.nonce()).to.equal(0n);
        expect(await bridge.bridge.getFunction("delayedMessageCount")()).to.equal(0n);
      });
    });
  }

  it("returns what it took", async () => {
    const { gateway } = await loadFixture(withTwoChains);
    const args = plain({ chainIds: [APPCHAIN_ID, OTHER_CHAIN_ID, APPCHAIN_ID] });

    for (const { name, withPermit } of WAYS) {
      expect(await gateway[name].staticCall(...args)).to.equal(3n * AMOUNT);
      expect(await gateway[withPermit].staticCall(...args, ...USELESS_PERMIT)).to.equal(
        3n * AMOUNT,
      );
    }
  });

  it("is anybody's who pays: what it says comes from the registry alone", async () => {
    const fixture = await loadFixture(withTwoChains);
    const { gateway, bridge, stranger, feeToken } = fixture;
    await giveFeeTokens(fixture, stranger, AMOUNT);
    await feeToken.connect(stranger).approve(gateway, AMOUNT);

    const ticket = await ticketOf(
      bridge,
      await gateway.connect(stranger).sendParameters(...plain({})),
    );

    expect(ticket?.data).to.equal(receiveParameters(1n));
    expect(ticket?.excessFeeRefundAddress).to.equal(stranger.address);
  });

  it("sends messages without fees where gas is free", async () => {
    const fixture = await loadFixture(withTwoChains);
    const { gateway, bridge } = fixture;

    const ticket = await ticketOf(
      bridge,
      await gateway.sendParameters(...plain({ maxFeePerGas: 0n, amount: 0n })),
    );

    expect(ticket).to.deep.include({ deposit: 0n, maxSubmissionCost: 0n });
  });

  describe("with a permit for all messages", () => {
    async function unapproved(): Promise<MoneyFixture> {
      const fixture = await deployConfiguredMoney();
      await giveFeeTokens(fixture, fixture.payer, FUNDS);
      await fixture.underlying.mint(fixture.payer, FUNDS);
      return fixture;
    }

    for (const { withPermit, from } of WAYS) {
      it(`${withPermit} needs no allowance beforehand, whoever uses the permit first`, async () => {
        const fixture = await loadFixture(unapproved);
        const { [from]: token, gateway, bridge, payer, stranger } = fixture;
        const args = plain({ chainIds: [APPCHAIN_ID, APPCHAIN_ID] });

        for (const isUsedBefore of [false, true]) {
          const permit = await signPermit(token, payer, gateway, 2n * AMOUNT);
          if (isUsedBefore) {
            await token.connect(stranger).permit(payer, gateway, 2n * AMOUNT, ...permit);
          }
          await gateway[withPermit](...args, ...permit);
          expect(await token.allowance(payer, gateway)).to.equal(0n);
        }
        expect(await bridge.bridge.getFunction("delayedMessageCount")()).to.equal(4n);
      });

      it(`${withPermit} refuses a permit that is wrong when there is no allowance`, async () => {
        const fixture = await loadFixture(unapproved);
        const { [from]: token, feeToken, gateway, payer, stranger } = fixture;
        const args = plain({ chainIds: [APPCHAIN_ID, APPCHAIN_ID] });
        const valid = await signPermit(token, payer, gateway, 2n * AMOUNT);
        const error = from === "feeToken" ? "ERC20InsufficientAllowance" : "TransferFromFailed";

        for (const [fault, permit] of [
          ["of nobody", USELESS_PERMIT],
          ["of somebody else", await signPermit(token, stranger, gateway, 2n * AMOUNT)],
          ["for one message alone", await signPermit(token, payer, gateway, AMOUNT)],
          ["too late", await signPermit(token, payer, gateway, 2n * AMOUNT, { deadline: 1n })],
          ["with a high s", malleated(valid)],
        ] as const) {
          await expect(
            gateway[withPermit](...args, ...permit),
            fault,
          ).to.be.revertedWithCustomError(feeToken, error);
        }
      });
    }
  });

  it("has a caller with code refunded at its alias", async () => {
    const fixture = await loadFixture(withTwoChains);
    const { gateway, bridge, feeToken } = fixture;
    const account = await ethers.deployContract("HookedAccount");
    await giveFeeTokens(fixture, await account.getAddress(), AMOUNT);
    const execute = account.getFunction("execute");
    const approval = feeToken.interface.encodeFunctionData("approve", [
      await gateway.getAddress(),
      AMOUNT,
    ]);
    await execute(feeToken, approval);

    const transaction = (await execute(
      gateway,
      gateway.interface.encodeFunctionData("sendParameters", plain({})),
    )) as ContractTransactionResponse;

    expect((await ticketOf(bridge, transaction))?.excessFeeRefundAddress).to.equal(
      await aliasOf(account),
    );
  });
});
