import { expect } from "chai";
import { encodeFunctionData } from "viem";

import { feeTokenAbi, settlementGatewayAbi } from "../../../src/abi/index.ts";
import { depositToAppchain } from "../../../src/bridge/depositToAppchain.ts";
import { quoteDeposit } from "../../../src/bridge/quoteDeposit.ts";
import { waitForTickets } from "../../../src/bridge/waitForTickets.ts";
import { parseDollars } from "../../../src/payers/microdollars.ts";
import { startBridgeNetwork, UNIT, type BridgeNetwork } from "../../helpers/bridgeNetwork.ts";
import { caughtError } from "../../helpers/caughtError.ts";

const AMOUNT = parseDollars("5");
/** The appchain's, in wei. */
const BASE_FEE = 100_000_000n;

describe("depositToAppchain", () => {
  let network: BridgeNetwork;
  before(async () => {
    network = await startBridgeNetwork();
  });
  after(() => network.stop());

  const arrive = async (transactionHash: `0x${string}`) => {
    const { settlement, appchain } = network;
    const [ticket] = await waitForTickets({
      settlement,
      appchain,
      transactionHash,
      pollIntervalMs: 20,
    });
    if (ticket === undefined) throw new Error("no ticket");
    return ticket;
  };
  /** Transactions that the payer sends meanwhile. */
  const counting = async <Result>(act: () => Promise<Result>) => {
    const before = await network.sentBy(network.payer);
    const result = await act();
    return { result, sent: (await network.sentBy(network.payer)) - before };
  };

  it("quotes half as much gas again as it takes, and twice the base fee, rounded up", async () => {
    const { payer } = network;
    const quote = await quoteDeposit({ ...network.crossing(), recipient: payer.address });

    expect(quote.maxFeePerGas).to.equal(2n * BASE_FEE);
    expect(Number(quote.gasLimit)).to.be.within(60_000, 200_000);
    expect(quote.maxFee).to.equal((quote.gasLimit * quote.maxFeePerGas + UNIT - 1n) / UNIT);
  });

  it("turns fee tokens into native currency in one transaction; what gas does not take comes on top", async () => {
    const { payer } = network;
    const recipient = network.newcomer().address;
    await network.give(payer.address, AMOUNT);

    const { result, sent } = await counting(() =>
      depositToAppchain({ ...network.crossing(), recipient, amount: AMOUNT }),
    );

    expect(sent).to.equal(1);
    expect(result).to.include({
      recipient,
      amount: AMOUNT,
      value: AMOUNT * UNIT - result.gasLimit * result.maxFeePerGas,
      source: "feeToken",
      approvalHash: undefined,
    });
    const ticket = await arrive(result.transactionHash);
    expect(ticket).to.include({
      ticketId: result.ticketId,
      status: "redeemed",
      value: result.value,
    });
    const { retryHash } = ticket;
    if (retryHash === undefined) throw new Error("no attempt");
    const { gasUsed } = await network.appchain.client.getTransactionReceipt({ hash: retryHash });
    expect(await network.balanceOn(recipient)).to.equal(AMOUNT * UNIT - gasUsed * BASE_FEE);
    expect(await network.balanceOf(network.addresses.feeToken, payer.address)).to.equal(0n);
  });

  it("takes underlying tokens with a permit that it signs, and to the account itself", async () => {
    const { payer } = network;
    await network.mint(payer.address, AMOUNT);
    const before = await network.balanceOn(payer.address);

    const { result, sent } = await counting(() =>
      depositToAppchain({ ...network.crossing(), amount: AMOUNT }),
    );
    await arrive(result.transactionHash);

    expect(sent).to.equal(1);
    expect(result).to.include({ source: "underlying", recipient: payer.address });
    const gained = (await network.balanceOn(payer.address)) - before;
    expect(gained >= result.value && gained < AMOUNT * UNIT).to.equal(true);
  });

  it("approves exactly the amount where it is not to sign a permit", async () => {
    const { payer, addresses, gateway } = network;
    await network.mint(payer.address, AMOUNT);
    const { result, sent } = await counting(() =>
      depositToAppchain({ ...network.crossing(), amount: AMOUNT, permit: false }),
    );

    expect(sent).to.equal(2);
    expect(result.approvalHash).to.match(/^0x[0-9a-f]{64}$/u);
    const allowance = await network.settlement.client.readContract({
      address: addresses.underlyingFeeToken,
      abi: feeTokenAbi,
      functionName: "allowance",
      args: [payer.address, gateway],
    });
    expect(allowance).to.equal(0n);
  });

  it("takes the gas that the caller says, and a deposit of exactly the fee", async () => {
    const { payer } = network;
    await network.give(payer.address, AMOUNT);
    const gas = { gasLimit: 200_000n, maxFeePerGas: 2_000_000_000n };
    const { maxFee } = await quoteDeposit({
      ...network.crossing(),
      recipient: payer.address,
      ...gas,
    });
    const deposited = await depositToAppchain({ ...network.crossing(), amount: maxFee, ...gas });
    expect(deposited).to.include({ maxFee: 400n, amount: 400n, value: 0n, ...gas });
    expect(await arrive(deposited.transactionHash)).to.include({ status: "redeemed" });
  });

  describe("before anything is sent", () => {
    const refused = async (changes: object) => {
      const { result, sent } = await counting(() =>
        caughtError(depositToAppchain({ ...network.crossing(), amount: AMOUNT, ...changes })),
      );
      expect(sent).to.equal(0);
      return result;
    };
    beforeEach(() => network.give(network.payer.address, AMOUNT));

    it("refuses what does not pay for its message, and says what would", async () => {
      const { maxFee } = await quoteDeposit({
        ...network.crossing(),
        recipient: network.payer.address,
      });
      const error = await refused({ amount: maxFee - 1n });
      expect(error.code).to.equal("InsufficientAmount");
      expect(error.message).to.match(/do not pay for the message to the appchain/u);
    });

    it("refuses zero recipients, amounts that are none, and more than the account has", async () => {
      const wrong = [
        [{ recipient: `0x${"0".repeat(40)}` }, "INVALID_ADDRESS"],
        [{ amount: 0n }, "INVALID_AMOUNT"],
        [{ amount: parseDollars("1000000") }, "ERC20InsufficientBalance"],
        [{ gasLimit: 1n }, "RetryableData"],
      ] as const;
      for (const [changes, code] of wrong) expect((await refused(changes)).code).to.equal(code);
    });

    it("refuses recipients that take no native currency", async () => {
      const recipient = network.addresses.appChainParameterRegistry;
      expect((await refused({ recipient })).code).to.equal("TransferFailed");
    });

    it("refuses what is no gateway, and a chain that it does not know", async () => {
      const { settlement, payer, addresses } = network;
      expect((await refused({ address: payer.address })).code).to.equal("NO_CODE");
      expect((await refused({ address: addresses.feeToken })).code).to.equal("REVERTED");
      const error = await refused({ appchain: settlement });
      expect(error.code).to.equal("UnsupportedChainId");
      expect(error.message).to.include(String(settlement.chainId));
    });

    it("refuses while the gateway is paused", async () => {
      const pause = async (isPaused: boolean) => {
        await network.setParameters({ "xmtp.settlementChainGateway.paused": isPaused });
        await network.send({
          to: network.gateway,
          data: encodeFunctionData({
            abi: settlementGatewayAbi,
            functionName: "updatePauseStatus",
          }),
        });
      };
      await pause(true);
      expect((await refused({})).code).to.equal("Paused");
      await pause(false);
      const { transactionHash } = await depositToAppchain({
        ...network.crossing(),
        amount: AMOUNT,
      });
      expect(await arrive(transactionHash)).to.include({ status: "redeemed" });
    });
  });
});
