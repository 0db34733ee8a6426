import { expect } from "chai";
import { parseAbi, parseEventLogs } from "viem";

import { depositSplitterAbi } from "../../../src/abi/index.ts";
import { parseDollars } from "../../../src/payers/microdollars.ts";
import { readPayer } from "../../../src/payers/readPayer.ts";
import { splitDeposit } from "../../../src/payers/splitDeposit.ts";
import { caughtError } from "../../helpers/caughtError.ts";
import { startPayersNetwork, type PayersNetwork } from "../../helpers/payersNetwork.ts";

const ESCROW = parseDollars("20");
const GAS = parseDollars("5");

describe("splitDeposit", () => {
  let network: PayersNetwork;
  before(async () => {
    network = await startPayersNetwork();
  });
  afterEach(() => network.reset());
  after(() => network.stop());

  const splitter = () => ({ ...network.escrow(), address: network.addresses.depositSplitter });
  const balance = async (payer = network.payer.address) =>
    (await readPayer({ ...network.escrow(), payer })).balance;
  const gatewayAddress = () =>
    network.chain.client.readContract({
      address: network.addresses.depositSplitter,
      abi: depositSplitterAbi,
      functionName: "settlementChainGateway",
    });
  /** Puts a bridge where the splitter expects one. */
  const deployBridge = async () => {
    const gateway = await network.deployMock("GatewayMocks", "TakingGateway", [
      network.addresses.feeToken,
    ]);
    const bytecode = await network.chain.client.getCode({ address: gateway });
    if (bytecode === undefined) throw new Error("no gateway");
    const address = await gatewayAddress();
    await network.controls.setCode({ address, bytecode });
    return address;
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
    const signed = await splitDeposit({ ...splitter(), escrowAmount: ESCROW });
    const approved = await splitDeposit({ ...splitter(), escrowAmount: ESCROW, permit: false });
    expect(signed).to.include({ source: "feeToken", approvalHash: undefined });
    expect(approved)
      .to.include({ source: "feeToken" })
      .and.not.include({ approvalHash: undefined });
    expect(await balance()).to.equal(2n * ESCROW);
  });

  it("refuses the appchain's part while there is no bridge, before anything is sent", async () => {
    await network.mint(network.payer.address, ESCROW + GAS);
    const before = await network.sentBy(network.payer);

    const error = await caughtError(
      splitDeposit({ ...splitter(), escrowAmount: ESCROW, appchainAmount: GAS, permit: false }),
    );

    expect(error.code).to.equal("NO_CODE");
    expect(error.message)
      .to.include(await gatewayAddress())
      .and.include("not deployed yet");
    expect(await network.sentBy(network.payer)).to.equal(before);
  });

  for (const source of ["feeToken", "underlying"] as const) {
    it(`serves both from ${source} once there is a bridge, in one transaction`, async () => {
      const { payer, other } = network;
      const gateway = await deployBridge();
      if (source === "feeToken") await network.give(payer.address, ESCROW + GAS);
      else await network.mint(payer.address, ESCROW + GAS);

      const { transactionHash } = await splitDeposit({
        ...splitter(),
        escrowAmount: ESCROW,
        appchainAmount: GAS,
        appchainRecipient: other.address,
        appchainGasLimit: 1_000_000n,
        appchainMaxFeePerGas: 7n,
      });

      expect(await balance()).to.equal(ESCROW);
      expect(await network.balanceOf(network.addresses.feeToken, gateway)).to.equal(GAS);
      const { logs } = await network.chain.client.getTransactionReceipt({ hash: transactionHash });
      const [crossed] = parseEventLogs({
        abi: parseAbi([
          "event Deposited(uint256 chainId, address recipient, uint256 amount, uint256 gasLimit, uint256 maxFeePerGas)",
        ]),
        logs,
      });
      expect(crossed?.args).to.deep.equal({
        chainId: BigInt(network.addresses.appChainId),
        recipient: other.address,
        amount: GAS,
        gasLimit: 1_000_000n,
        maxFeePerGas: 7n,
      });
    });
  }

  it("serves the appchain alone, even with less than the escrow's least deposit", async () => {
    const gateway = await deployBridge();
    await network.mint(network.payer.address, GAS);
    await splitDeposit({ ...splitter(), appchainAmount: GAS });
    expect(await network.balanceOf(network.addresses.feeToken, gateway)).to.equal(GAS);
    expect(await balance()).to.equal(0n);
  });

  it("refuses nothing at all, too little for the escrow, and what the account does not have", async () => {
    const split = (escrowAmount: bigint) =>
      caughtError(splitDeposit({ ...splitter(), escrowAmount }));
    expect((await split(0n)).code).to.equal("INVALID_AMOUNT");
    expect((await split(1n)).code).to.equal("InsufficientDeposit");
    expect((await split(ESCROW)).code).to.equal("ERC20InsufficientBalance");
    expect((await split(2n ** 96n)).code).to.equal("INVALID_AMOUNT");
  });
});
