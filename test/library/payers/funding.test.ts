import { expect } from "chai";
import { parseEventLogs, type Address } from "viem";

import { feeTokenAbi, payersAbi } from "../../../src/abi/index.ts";
import { fundPayer } from "../../../src/payers/fundPayer.ts";
import { parseDollars } from "../../../src/payers/microdollars.ts";
import { readPayer } from "../../../src/payers/readPayer.ts";
import { unwrapFeeTokens, wrapFeeTokens } from "../../../src/payers/wrapFeeTokens.ts";
import { caughtError } from "../../helpers/caughtError.ts";
import {
  foreignEscrow,
  mintOf,
  startPayersNetwork,
  unwilling,
  type PayersNetwork,
} from "../../helpers/payersNetwork.ts";

const AMOUNT = parseDollars("25");

describe("fundPayer", () => {
  let network: PayersNetwork;
  before(async () => {
    network = await startPayersNetwork();
  });
  afterEach(() => network.reset());
  after(() => network.stop());

  const balance = async (payer: Address = network.payer.address) =>
    (await readPayer({ ...network.escrow(), payer })).balance;
  const allowance = async (token: Address) =>
    network.chain.client.readContract({
      address: token,
      abi: feeTokenAbi,
      functionName: "allowance",
      args: [network.payer.address, network.addresses.payerRegistry],
    });
  /** Transactions that the payer sends meanwhile. */
  const counting = async <Result>(act: () => Promise<Result>) => {
    const before = await network.sentBy(network.payer);
    const result = await act();
    return { result, sent: (await network.sentBy(network.payer)) - before };
  };

  it("deposits fee tokens in one transaction, without any approval", async () => {
    await network.give(network.payer.address, AMOUNT);

    const { result, sent } = await counting(() =>
      fundPayer({ ...network.escrow(), amount: AMOUNT }),
    );

    expect(sent).to.equal(1);
    expect(result).to.include({
      payer: network.payer.address,
      deposited: AMOUNT,
      balance: AMOUNT,
      source: "feeToken",
      approvalHash: undefined,
    });
    expect(await balance()).to.equal(AMOUNT);
    expect(await allowance(network.addresses.feeToken)).to.equal(0n);
    const { logs } = await network.chain.client.getTransactionReceipt({
      hash: result.transactionHash,
    });
    const [event] = parseEventLogs({ abi: payersAbi, eventName: "Deposit", logs });
    expect(event?.args).to.deep.equal({ payer: network.payer.address, amount: AMOUNT });
  });

  it("deposits underlying tokens in one transaction, with a permit that it signs", async () => {
    await network.mint(network.payer.address, AMOUNT);

    const { result, sent } = await counting(() =>
      fundPayer({ ...network.escrow(), amount: AMOUNT }),
    );

    expect(sent).to.equal(1);
    expect(result).to.include({ deposited: AMOUNT, source: "underlying", approvalHash: undefined });
    expect(await balance()).to.equal(AMOUNT);
    expect(await allowance(network.addresses.underlyingFeeToken)).to.equal(0n);
  });

  it("approves exactly the amount where it is not to sign a permit, and uses it up", async () => {
    await network.mint(network.payer.address, 2n * AMOUNT);

    const { result, sent } = await counting(() =>
      fundPayer({ ...network.escrow(), amount: AMOUNT, permit: false }),
    );

    expect(sent).to.equal(2);
    expect(result.approvalHash).to.match(/^0x[0-9a-f]{64}$/u);
    expect(await balance()).to.equal(AMOUNT);
    expect(await allowance(network.addresses.underlyingFeeToken)).to.equal(0n);
  });

  it("neither signs nor approves where an allowance is there already", async () => {
    await network.mint(network.payer.address, AMOUNT);
    await network.approve(AMOUNT);

    const { result, sent } = await counting(() =>
      fundPayer({ ...network.escrow(), account: unwilling(network), amount: AMOUNT }),
    );

    expect({ sent, approval: result.approvalHash }).to.deep.equal({ sent: 1, approval: undefined });
    expect(await balance()).to.equal(AMOUNT);
  });

  it("prefers fee tokens, takes underlying tokens when those are too few, and obeys a wish", async () => {
    await network.give(network.payer.address, AMOUNT);
    await network.mint(network.payer.address, 2n * AMOUNT);
    const fund = (amount: bigint, source?: "underlying") =>
      fundPayer({ ...network.escrow(), amount, ...(source && { source }) });

    expect((await fund(AMOUNT, "underlying")).source).to.equal("underlying");
    expect((await fund(AMOUNT)).source).to.equal("feeToken");
    expect((await fund(AMOUNT)).source).to.equal("underlying");
    expect(await balance()).to.equal(3n * AMOUNT);
  });

  it("funds another payer, and repays a debt first", async () => {
    const { payer, other } = network;
    await network.settle([{ payer: other.address, fee: AMOUNT / 2n }]);
    await network.mint(payer.address, AMOUNT);

    const funded = await fundPayer({ ...network.escrow(), payer: other.address, amount: AMOUNT });

    expect(funded).to.include({ payer: other.address, deposited: AMOUNT, balance: AMOUNT / 2n });
    expect(await balance()).to.equal(0n);
  });

  it("signs for the domain of a token that only says its version, as USDC does", async () => {
    const { token, escrow } = await foreignEscrow(network, "PermitTokenMocks", "VersionTwoToken");
    await network.send(mintOf(token, network.payer.address, AMOUNT));

    const { result, sent } = await counting(() =>
      fundPayer({ ...network.escrow(), address: escrow, amount: AMOUNT }),
    );

    expect({ sent, approval: result.approvalHash }).to.deep.equal({ sent: 1, approval: undefined });
    expect(result.balance).to.equal(AMOUNT);
  });

  it("approves where the token takes no permits", async () => {
    const { token, escrow } = await foreignEscrow(network, "UnderlyingTokenMocks", "MintableToken");
    await network.send(mintOf(token, network.payer.address, AMOUNT));

    const { result, sent } = await counting(() =>
      fundPayer({ ...network.escrow(), address: escrow, amount: AMOUNT }),
    );

    expect(sent).to.equal(2);
    expect(result).to.include({ balance: AMOUNT }).and.not.include({ approvalHash: undefined });
  });

  describe("before anything is sent", () => {
    const refused = async (
      changes: Partial<Parameters<typeof fundPayer>[0]>,
      code: string,
      words: RegExp,
    ) => {
      const { result: error, sent } = await counting(() =>
        caughtError(fundPayer({ ...network.escrow(), amount: AMOUNT, permit: false, ...changes })),
      );
      expect(error.code).to.equal(code);
      expect(error.message).to.match(words);
      expect(sent).to.equal(0);
    };

    it("refuses what the account does not have, and says what it has", async () => {
      await network.mint(network.payer.address, AMOUNT - 1n);
      const code = "ERC20InsufficientBalance";
      await refused(
        {},
        code,
        /has 0\.00 dollars in fee tokens and 24\.999999 dollars in underlying tokens; 25\.00/u,
      );
      await refused({ source: "feeToken" }, code, /has 0\.00 dollars in fee tokens; 25\.00/u);
      await refused(
        { source: "underlying" },
        code,
        /has 24\.999999 dollars in underlying tokens; 25\.00/u,
      );
    });

    it("refuses less than the least deposit, and takes that", async () => {
      await network.mint(network.payer.address, AMOUNT);
      const least = parseDollars("10");
      await refused({ amount: least - 1n }, "InsufficientDeposit", /9\.999999 .* 10\.00/u);
      expect((await fundPayer({ ...network.escrow(), amount: least })).deposited).to.equal(least);
    });

    it("refuses while the escrow is paused", async () => {
      await network.mint(network.payer.address, AMOUNT);
      await network.setEscrow({ paused: true });
      await refused({}, "Paused", /the escrow at 0x\w{40} is paused/u);
    });

    it("refuses zero payers, amounts that do not fit, and addresses that are no escrow", async () => {
      const zero = `0x${"0".repeat(40)}`;
      await refused({ payer: zero }, "INVALID_ADDRESS", /payer/u);
      await refused({ amount: 2n ** 96n }, "INVALID_AMOUNT", /2\^96/u);
      await refused({ amount: 0n }, "INVALID_AMOUNT", /is 0/u);
      await refused({ address: network.payer.address }, "NO_CODE", /no such contract/u);
    });
  });
});

describe("wrapFeeTokens, unwrapFeeTokens", () => {
  let network: PayersNetwork;
  before(async () => {
    network = await startPayersNetwork();
  });
  afterEach(() => network.reset());
  after(() => network.stop());

  it("wraps with a permit, one to one, and unwraps for somebody else", async () => {
    const { payer, other, addresses } = network;
    await network.mint(payer.address, AMOUNT);
    const token = { ...network.escrow(), address: addresses.feeToken };

    const before = await network.sentBy(payer);
    const wrapped = await wrapFeeTokens({ ...token, amount: AMOUNT });
    expect((await network.sentBy(payer)) - before).to.equal(1);
    expect(wrapped).to.include({ recipient: payer.address, amount: AMOUNT });
    expect(await network.balanceOf(addresses.feeToken, payer.address)).to.equal(AMOUNT);
    expect(await network.balanceOf(addresses.underlyingFeeToken, payer.address)).to.equal(0n);

    const amount = AMOUNT - 1n;
    const unwrapped = await unwrapFeeTokens({ ...token, amount, recipient: other.address });
    expect(unwrapped).to.include({ recipient: other.address, amount });
    expect(await network.balanceOf(addresses.feeToken, payer.address)).to.equal(1n);
    expect(await network.balanceOf(addresses.underlyingFeeToken, other.address)).to.equal(amount);
  });

  it("wraps after an approval where it is not to sign", async () => {
    await network.mint(network.payer.address, AMOUNT);
    const wrapped = await wrapFeeTokens({
      ...network.escrow(),
      address: network.addresses.feeToken,
      amount: AMOUNT,
      permit: false,
    });
    expect(wrapped).to.include({ amount: AMOUNT }).and.not.include({ approvalHash: undefined });
  });

  it("refuses what is not there, and tokens for the fee token itself", async () => {
    const token = { ...network.escrow(), address: network.addresses.feeToken, amount: AMOUNT };
    const lost = { ...token, recipient: network.addresses.feeToken };
    const errors = await Promise.all(
      [
        wrapFeeTokens(token),
        unwrapFeeTokens(token),
        wrapFeeTokens(lost),
        unwrapFeeTokens(lost),
      ].map(caughtError),
    );
    expect(errors.map(({ code }) => code)).to.deep.equal([
      "ERC20InsufficientBalance",
      "ERC20InsufficientBalance",
      "INVALID_ADDRESS",
      "INVALID_ADDRESS",
    ]);
  });
});
