import { expect } from "chai";
import type { Hex } from "viem";

import { compareParameters } from "../../../src/bridge/compareParameters.ts";
import { pushParameters } from "../../../src/bridge/pushParameters.ts";
import { quotePush } from "../../../src/bridge/quotePush.ts";
import { redeemTicket } from "../../../src/bridge/ticketActions.ts";
import { waitForTickets } from "../../../src/bridge/waitForTickets.ts";
import { APPCHAIN_PARAMETER_KEYS } from "../../../src/parameters/parameterKeys.ts";
import { getParameters } from "../../../src/parameters/parameters.ts";
import { parseDollars } from "../../../src/payers/microdollars.ts";
import { startBridgeNetwork, UNIT, type BridgeNetwork } from "../../helpers/bridgeNetwork.ts";
import { caughtError } from "../../helpers/caughtError.ts";

const PAUSED = "xmtp.groupMessageBroadcaster.paused";
const MAX_SIZE = "xmtp.groupMessageBroadcaster.maxPayloadSize";
const FUNDS = parseDollars("1");

describe("pushParameters", () => {
  let network: BridgeNetwork;
  before(async () => {
    network = await startBridgeNetwork();
  });
  after(() => network.stop());

  const between = () => ({ settlement: network.settlement, appchain: network.appchain });
  const arrive = async (transactionHash: Hex) => {
    const [ticket] = await waitForTickets({ ...between(), transactionHash, pollIntervalMs: 20 });
    if (ticket === undefined) throw new Error("no ticket");
    return ticket;
  };
  const differing = async (keys?: readonly string[]) => {
    const compared = await compareParameters({
      ...between(),
      address: network.gateway,
      ...(keys && { keys }),
    });
    return compared.filter(({ isEqual }) => !isEqual).map(({ key }) => key);
  };
  const held = (key: string) =>
    getParameters({
      chain: network.appchain,
      address: network.addresses.appChainParameterRegistry,
      keys: [key],
    });

  it("quotes by key, and at least what production sends", async () => {
    const one = await quotePush({ ...network.crossing(), keys: [PAUSED] });
    const all = await quotePush({ ...network.crossing(), keys: APPCHAIN_PARAMETER_KEYS });
    expect(one.gasLimit).to.equal(141_000n);
    expect(all.gasLimit >= 21_000n + 120_000n * BigInt(APPCHAIN_PARAMETER_KEYS.length)).to.equal(
      true,
    );
    expect(one.maxFee).to.equal((one.gasLimit * one.maxFeePerGas + UNIT - 1n) / UNIT);
  });

  it("says what differs, sends it for whoever pays, and the appchain obeys", async () => {
    const { payer, addresses } = network;
    await network.mint(payer.address, FUNDS);
    expect(await differing()).to.deep.equal([]);
    await network.setParameters({ [PAUSED]: true });
    expect(await differing()).to.deep.equal([PAUSED]);
    const before = await network.balanceOn(payer.address);

    const pushed = await pushParameters({ ...network.crossing(), keys: await differing() });

    expect(pushed).to.include({ source: "underlying", approvalHash: undefined });
    expect(pushed.keys).to.deep.equal([PAUSED]);
    expect(await network.balanceOf(addresses.underlyingFeeToken, payer.address)).to.equal(
      FUNDS - pushed.maxFee,
    );
    expect(await arrive(pushed.transactionHash)).to.include({
      ticketId: pushed.ticketId,
      status: "redeemed",
      value: 0n,
    });
    expect(await differing()).to.deep.equal([]);
    expect(await held(PAUSED)).to.deep.equal({ [PAUSED]: true });
    const { updates } = await network.applyOnAppchain(addresses.groupMessageBroadcaster);
    expect(updates.map(({ eventName }) => eventName)).to.deep.equal(["PauseStatusUpdated"]);
    // What the gas did not take is the payer's.
    expect((await network.balanceOn(payer.address)) > before).to.equal(true);
  });

  for (const permit of [true, false]) {
    it(`takes fee tokens ${permit ? "with a permit" : "after an approval"}`, async () => {
      const { payer } = network;
      await network.give(payer.address, FUNDS);
      const pushed = await pushParameters({
        ...network.crossing(),
        keys: [PAUSED],
        source: "feeToken",
        permit,
      });
      expect(pushed.approvalHash === undefined).to.equal(permit);
      expect(await arrive(pushed.transactionHash)).to.include({ status: "redeemed" });
    });
  }

  it("does not undo a later push by one that arrives late", async () => {
    await network.give(network.payer.address, FUNDS);
    await network.setParameters({ [MAX_SIZE]: 1_000 });
    const early = await pushParameters({
      ...network.crossing(),
      keys: [MAX_SIZE],
      gasLimit: 30_000n,
    });
    await network.setParameters({ [MAX_SIZE]: 2_000 });
    const late = await pushParameters({ ...network.crossing(), keys: [MAX_SIZE] });
    const failed = await arrive(early.transactionHash);
    expect(failed).to.include({ status: "funded" });
    expect(await arrive(late.transactionHash)).to.include({ status: "redeemed" });
    expect(late.nonce).to.equal(early.nonce + 1n);

    await redeemTicket({ chain: network.appchain, account: network.payer, ticket: failed });

    expect(await held(MAX_SIZE)).to.deep.equal({ [MAX_SIZE]: 2_000 });
    expect(await differing([MAX_SIZE])).to.deep.equal([]);
  });

  it("refuses nothing to push, what is no gateway, and an account that cannot pay", async () => {
    const pusher = network.newcomer();
    const before = await network.sentBy(pusher);
    const refused = async (changes: object) =>
      caughtError(pushParameters({ ...network.crossing(pusher), keys: [PAUSED], ...changes }));
    expect((await refused({})).code).to.equal("ERC20InsufficientBalance");
    expect((await refused({ keys: [] })).code).to.equal("NoKeys");
    expect((await refused({ address: pusher.address })).code).to.equal("NO_CODE");
    expect((await refused({ appchain: network.settlement })).code).to.equal("UnsupportedChainId");
    expect(await network.sentBy(pusher)).to.equal(before);
  });
});
