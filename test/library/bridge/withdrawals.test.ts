import { expect } from "chai";
import { encodeFunctionData, parseAbi, type Hex } from "viem";

import { claimWithdrawal } from "../../../src/bridge/claimWithdrawal.ts";
import { readWithdrawals, type Withdrawal } from "../../../src/bridge/readWithdrawals.ts";
import { waitForWithdrawals } from "../../../src/bridge/waitForWithdrawals.ts";
import { withdrawFromAppchain } from "../../../src/bridge/withdrawFromAppchain.ts";
import { transact } from "../../../src/chain/transact.ts";
import { parseDollars } from "../../../src/payers/microdollars.ts";
import type { TokenSource } from "../../../src/payers/spendTokens.ts";
import { startBridgeNetwork, UNIT, type BridgeNetwork } from "../../helpers/bridgeNetwork.ts";
import { caughtError } from "../../helpers/caughtError.ts";

const AMOUNT = parseDollars("5");
const ARB_SYS = "0x0000000000000000000000000000000000000064";

describe("withdrawals from the appchain", () => {
  let network: BridgeNetwork;
  before(async () => {
    network = await startBridgeNetwork();
  });
  after(() => network.stop());

  const crossing = () => ({
    settlement: network.settlement,
    appchain: network.appchain,
    address: network.gateway,
  });
  const withdraw = (changes: object = {}) =>
    withdrawFromAppchain({
      chain: network.appchain,
      account: network.payer,
      address: network.addresses.appChainGateway,
      value: AMOUNT * UNIT,
      ...changes,
    });
  const only = ([withdrawal, ...others]: readonly Withdrawal[]): Withdrawal => {
    if (withdrawal === undefined || others.length > 0) throw new Error("not one withdrawal");
    return withdrawal;
  };
  const confirmed = async (transactionHash: Hex) =>
    only(await waitForWithdrawals({ ...crossing(), transactionHash, pollIntervalMs: 20 }));
  const claim = (withdrawal: Withdrawal) => claimWithdrawal({ ...network.crossing(), withdrawal });

  for (const into of ["underlying", "feeToken"] as const satisfies readonly TokenSource[]) {
    it(`pays ${into} once it is confirmed, to the recipient whoever claims`, async () => {
      const recipient = network.newcomer().address;
      const token = network.addresses[into === "underlying" ? "underlyingFeeToken" : "feeToken"];

      const withdrawn = await withdraw({ into, recipient });
      expect(withdrawn).to.include({ recipient, into, value: AMOUNT * UNIT, rest: 0n });

      const { transactionHash } = withdrawn;
      const withdrawal = await confirmed(transactionHash);
      expect(withdrawal).to.include({
        position: withdrawn.position,
        status: "confirmed",
        recipient,
        into,
        amount: AMOUNT,
        value: AMOUNT * UNIT,
      });
      const claimed = await claim(withdrawal);
      expect(claimed).to.include({
        position: withdrawn.position,
        recipient,
        into,
        amount: AMOUNT,
      });
      expect(await network.balanceOf(token, recipient)).to.equal(AMOUNT);
      expect(only(await readWithdrawals({ ...crossing(), transactionHash }))).to.include({
        status: "claimed",
      });
      const again = await caughtError(claim(withdrawal));
      expect(again.code).to.equal("AlreadySpent");
    });
  }

  it("gives back what is less than a unit of the token", async () => {
    const before = await network.balanceOn(network.payer.address);
    const { value, rest, transactionHash } = await withdraw({ value: UNIT + 7n });
    const { gasUsed, effectiveGasPrice } = await network.appchain.client.getTransactionReceipt({
      hash: transactionHash,
    });

    expect({ value, rest }).to.deep.equal({ value: UNIT, rest: 7n });
    expect(await network.balanceOn(network.payer.address)).to.equal(
      before - UNIT - gasUsed * effectiveGasPrice,
    );
    expect((await caughtError(withdraw({ value: UNIT - 1n }))).code).to.equal(
      "ZeroWithdrawalAmount",
    );
  });

  it("reads and claims what left the appchain without its gateway", async () => {
    const recipient = network.newcomer().address;
    const { transactionHash } = await transact({
      chain: network.appchain,
      account: network.payer,
      to: ARB_SYS,
      data: encodeFunctionData({
        abi: parseAbi(["function withdrawEth(address destination) payable returns (uint256)"]),
        args: [recipient],
      }),
      value: AMOUNT * UNIT,
    });
    const withdrawal = await confirmed(transactionHash);
    expect(withdrawal).to.include({ recipient, to: recipient, into: "feeToken", amount: AMOUNT });
    await claim(withdrawal);
    expect(await network.balanceOf(network.addresses.feeToken, recipient)).to.equal(AMOUNT);
  });

  it("claims the older of two with the proof for all that are confirmed", async () => {
    const first = await withdraw();
    const second = await withdraw();
    const newest = await confirmed(second.transactionHash);
    const oldest = await confirmed(first.transactionHash);
    expect(newest.position).to.equal(oldest.position + 1n);
    expect(await claim(oldest)).to.include({ amount: AMOUNT });
    expect(await claim(newest)).to.include({ amount: AMOUNT });
  });

  it("says that the settlement chain does not know of it yet, and waits for it", async () => {
    const { transactionHash } = await withdraw();
    const withdrawal = await confirmed(transactionHash);
    const unheard = { ...withdrawal, position: withdrawal.position + 1_000n };
    const error = await caughtError(claim(unheard));
    expect(error).to.include({ code: "WITHDRAWAL_UNCONFIRMED", retryable: true });
    expect(error.message).to.include("is not confirmed yet");
  });

  it("refuses a claim that was tampered with", async () => {
    const { transactionHash } = await withdraw();
    const withdrawal = await confirmed(transactionHash);
    const error = await caughtError(claim({ ...withdrawal, value: 2n * withdrawal.value }));
    expect(error.code).to.equal("UnknownRoot");
    await claim(withdrawal);
  });

  it("finds nothing in transactions that are none, and in those that withdraw nothing", async () => {
    const transactionHash = `0x${"12".repeat(32)}` as const;
    const unknown = await caughtError(readWithdrawals({ ...crossing(), transactionHash }));
    expect(unknown.code).to.equal("TRANSACTION_NOT_FOUND");

    const { transactionHash: other } = await network.applyOnAppchain(
      network.addresses.groupMessageBroadcaster,
    );
    expect(await readWithdrawals({ ...crossing(), transactionHash: other })).to.deep.equal([]);
    const none = await caughtError(waitForWithdrawals({ ...crossing(), transactionHash: other }));
    expect(none.code).to.equal("UNEXPECTED_RECEIPT");
  });

  it("refuses what the account does not have, and values that are none", async () => {
    const refused = async (changes: object) => (await caughtError(withdraw(changes))).code;
    expect(await refused({ value: 10n ** 30n })).to.equal("INSUFFICIENT_FUNDS");
    expect(await refused({ value: 0n })).to.equal("INVALID_AMOUNT");
    expect(await refused({ recipient: `0x${"0".repeat(40)}` })).to.equal("INVALID_ADDRESS");
  });
});
