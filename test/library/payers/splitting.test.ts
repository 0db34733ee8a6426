import { expect } from "chai";
import type { Hex } from "viem";

import { readTickets } from "../../../src/bridge/readTickets.ts";
import { waitForTickets } from "../../../src/bridge/waitForTickets.ts";
import { parseDollars } from "../../../src/payers/microdollars.ts";
import { readPayer } from "../../../src/payers/readPayer.ts";
import { splitDeposit } from "../../../src/payers/splitDeposit.ts";
import { startBridgeNetwork, UNIT, type BridgeNetwork } from "../../helpers/bridgeNetwork.ts";
import { caughtError } from "../../helpers/caughtError.ts";

const ESCROW = parseDollars("20");
const GAS = parseDollars("5");

describe("splitDeposit", () => {
  let network: BridgeNetwork;
  before(async () => {
    network = await startBridgeNetwork();
  });
  after(() => network.stop());

  const splitter = () => ({ ...network.escrow(), address: network.addresses.depositSplitter });
  const between = () => ({ settlement: network.settlement, appchain: network.appchain });
  const balance = async (payer = network.payer.address) =>
    (await readPayer({ ...network.escrow(), payer })).balance;
  /** Transactions that the payer sends meanwhile. */
  const counting = async <Result>(act: () => Promise<Result>) => {
    const before = await network.sentBy(network.payer);
    const result = await act();
    return { result, sent: (await network.sentBy(network.payer)) - before };
  };
  const arrived = async (transactionHash: Hex) => {
    const parameters = { ...between(), transactionHash, pollIntervalMs: 20 };
    return (await waitForTickets(parameters)).map(({ ticketId, status }) => ({ ticketId, status }));
  };

  it("fills the escrow from underlying tokens in one transaction", async () => {
    const { payer, other } = network;
    await network.mint(payer.address, ESCROW);
    const before = await network.sentBy(payer);

    const split = await splitDeposit({ ...splitter(), payer: other.address, escrowAmount: ESCROW });

    expect((await network.sentBy(payer)) - before).to.equal(1);
    expect(split)
      .to.include({ payer: other.address, escrowAmount: ESCROW, appchainAmount: 0n })
      .and.to.include({ source: "underlying", approvalHash: undefined });
    expect(await balance(other.address)).to.equal(ESCROW);
  });

  it("fills it from fee tokens, with a permit or an approval", async () => {
    await network.give(network.payer.address, 2n * ESCROW);
    const before = await balance();
    const signed = await splitDeposit({ ...splitter(), escrowAmount: ESCROW });
    const approved = await splitDeposit({ ...splitter(), escrowAmount: ESCROW, permit: false });
    expect(signed).to.include({ source: "feeToken", approvalHash: undefined });
    expect(approved)
      .to.include({ source: "feeToken" })
      .and.not.include({ approvalHash: undefined });
    expect(await balance()).to.equal(before + 2n * ESCROW);
  });

  for (const source of ["feeToken", "underlying"] as const) {
    it(`serves both from ${source}, in one transaction`, async () => {
      const { payer } = network;
      const appchainRecipient = network.newcomer().address;
      const before = await balance();
      if (source === "feeToken") await network.give(payer.address, ESCROW + GAS);
      else await network.mint(payer.address, ESCROW + GAS);

      const { result, sent } = await counting(() =>
        splitDeposit({
          ...splitter(),
          escrowAmount: ESCROW,
          appchainAmount: GAS,
          appchainRecipient,
          appchain: network.appchain,
          source,
        }),
      );

      expect(sent).to.equal(1);
      expect(await balance()).to.equal(before + ESCROW);
      expect(await arrived(result.transactionHash)).to.deep.equal([
        { ticketId: result.ticketId, status: "redeemed" },
      ]);
      const credited = await network.balanceOn(appchainRecipient);
      expect(Number(GAS * UNIT - credited)).to.be.within(1, 2e13);
    });
  }

  it("serves the appchain alone, with the gas that production allows, or the caller", async () => {
    const before = await balance();
    await network.mint(network.payer.address, 2n * GAS);
    const usual = await splitDeposit({ ...splitter(), appchainAmount: GAS });
    const chosen = await splitDeposit({
      ...splitter(),
      appchainAmount: GAS,
      appchainGasLimit: 200_000n,
      appchainMaxFeePerGas: 300_000_000n,
    });

    expect(await balance()).to.equal(before);
    const [first] = await readTickets({ ...between(), transactionHash: usual.transactionHash });
    expect(first).to.include({ gasLimit: 3_000_000n, maxFeePerGas: 2_000_000_000n });
    const [second] = await readTickets({ ...between(), transactionHash: chosen.transactionHash });
    expect(second).to.include({ gasLimit: 200_000n, maxFeePerGas: 300_000_000n });
    for (const { transactionHash, ticketId } of [usual, chosen]) {
      expect(await arrived(transactionHash)).to.deep.equal([{ ticketId, status: "redeemed" }]);
    }
  });

  it("refuses what the bridge would refuse, before anything is sent", async () => {
    await network.mint(network.payer.address, ESCROW + GAS);
    const refused = async (changes: object) => {
      const { result, sent } = await counting(() =>
        caughtError(
          splitDeposit({
            ...splitter(),
            escrowAmount: ESCROW,
            appchainAmount: GAS,
            permit: false,
            ...changes,
          }),
        ),
      );
      expect(sent).to.equal(0);
      return result.code;
    };
    // 3,000,000 gas at 2 gwei.
    expect(await refused({ appchainAmount: 5_999n })).to.equal("InsufficientAmount");
    expect(await refused({ appchain: network.settlement })).to.equal("WRONG_CHAIN");
    const { appchain, addresses } = network;
    const appchainRecipient = addresses.appChainParameterRegistry;
    expect(await refused({ appchain, appchainRecipient })).to.equal("TransferFailed");
  });

  it("refuses the appchain's part where there is no bridge", async () => {
    const { addresses, payer } = network;
    const address = await network.deployContract(
      "settlement/DepositSplitter.sol/DepositSplitter.json",
      [addresses.feeToken, addresses.payerRegistry, payer.address, addresses.appChainId],
    );
    const error = await caughtError(splitDeposit({ ...splitter(), address, appchainAmount: GAS }));
    expect(error.code).to.equal("NO_CODE");
    expect(error.message).to.include(payer.address).and.include("not deployed yet");
  });

  it("refuses nothing at all, too little for the escrow, and what the account does not have", async () => {
    const split = (escrowAmount: bigint) =>
      caughtError(splitDeposit({ ...splitter(), escrowAmount }));
    expect((await split(0n)).code).to.equal("INVALID_AMOUNT");
    expect((await split(1n)).code).to.equal("InsufficientDeposit");
    expect((await split(2n ** 95n)).code).to.equal("ERC20InsufficientBalance");
    expect((await split(2n ** 96n)).code).to.equal("INVALID_AMOUNT");
  });
});
