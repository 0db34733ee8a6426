import {
  ChildToParentMessageStatus,
  ChildTransactionReceipt,
  EthBridger,
  EthDepositMessageStatus,
  getArbitrumNetworkInformationFromRollup,
  ParentToChildMessageStatus,
  type ParentToChildMessageWriter,
  ParentTransactionReceipt,
  registerCustomArbitrumNetwork,
  type ArbitrumNetwork,
} from "@arbitrum/sdk";
import { expect } from "chai";
import {
  createWalletClient,
  erc20Abi,
  http,
  parseAbi,
  parseEther,
  type Address,
  type Hex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startDevnet, type Devnet } from "../../deploy/devnet.ts";
import { depositToAppchain } from "../../src/bridge/depositToAppchain.ts";
import { pushParameters } from "../../src/bridge/pushParameters.ts";
import { withdrawFromAppchain } from "../../src/bridge/withdrawFromAppchain.ts";
import { connectChain, type Chain } from "../../src/chain/connectChain.ts";
import { mintMockTokens } from "../../src/payers/mintMockTokens.ts";
import type { TokenSource } from "../../src/payers/spendTokens.ts";
import { wrapFeeTokens } from "../../src/payers/wrapFeeTokens.ts";
import { amount5, provider5, signer5, type Provider5, type Signer5 } from "../helpers/ethers5.ts";

/** Microdollars. */
const DOLLAR = 1_000_000n;
const WEEK = 7 * 24 * 60 * 60;
const RECEIVER = "0x00000000000000000000000000000000000000D5";

const inboxAbi = parseAbi([
  "function createRetryableTicket(address to, uint256 l2CallValue, uint256 maxSubmissionCost, address excessFeeRefundAddress, address callValueRefundAddress, uint256 gasLimit, uint256 maxFeePerGas, uint256 tokenTotalFeeAmount, bytes data) returns (uint256)",
]);

/** The tools of Arbitrum as they are published take the devnet for an Orbit chain. */
describe("@arbitrum/sdk", () => {
  let devnet: Devnet;
  let settlement: Chain;
  let appchain: Chain;
  let parent: Provider5;
  let child: Provider5;
  let parentSigner: Signer5;
  let childSigner: Signer5;
  let network: ArbitrumNetwork;
  let account: ReturnType<typeof privateKeyToAccount>;

  before(async () => {
    devnet = await startDevnet({ blockTime: 50 });
    const connect = ({ url, chainId }: { url: string; chainId: number }) =>
      connectChain({ url, chainId });
    [settlement, appchain] = await Promise.all([
      connect(devnet.settlement),
      connect(devnet.appchain),
    ]);
    const { privateKey } = devnet.accounts[3]!;
    account = privateKeyToAccount(privateKey);
    parent = provider5(devnet.settlement.url);
    child = provider5(devnet.appchain.url);
    parentSigner = signer5(privateKey, parent);
    childSigner = signer5(privateKey, child);

    network = registerCustomArbitrumNetwork({
      ...(await getArbitrumNetworkInformationFromRollup(devnet.rollup.rollup, parent)),
      chainId: devnet.appchain.chainId,
      name: "devnet",
      isCustom: true,
      isTestnet: true,
      isBold: true,
    });
    const { underlyingFeeToken, feeToken } = devnet.addresses;
    const tokens = { chain: settlement, account, amount: 100n * DOLLAR };
    await mintMockTokens({ ...tokens, address: underlyingFeeToken, amount: 1_000n * DOLLAR });
    await wrapFeeTokens({ ...tokens, address: feeToken });
  });
  after(() => devnet.stop());

  const gateway = () => devnet.addresses.settlementChainGateway;
  const readBalance = (chain: Chain, address: Address) => chain.client.getBalance({ address });
  const readTokens = (token: Address, holder: Address) =>
    settlement.client.readContract({
      address: token,
      abi: erc20Abi,
      functionName: "balanceOf",
      args: [holder],
    });
  /** The one message that a transaction of the settlement chain sent. */
  const messageOf = async (hash: Hex): Promise<ParentToChildMessageWriter> => {
    const receipt = new ParentTransactionReceipt(await parent.waitForTransaction(hash));
    const [message] = await receipt.getParentToChildMessages(childSigner);
    return message!;
  };

  it("reads the network from the rollup", () => {
    const { rollup, bridge, inbox, outbox, sequencerInbox } = devnet.rollup;
    expect(network.ethBridge).to.deep.equal({ rollup, bridge, inbox, outbox, sequencerInbox });
    expect(network.parentChainId).to.equal(devnet.settlement.chainId);
    expect(network.nativeToken).to.equal(devnet.addresses.feeToken);
  });

  it("follows a deposit through the gateway from the settlement chain to the call", async () => {
    // Nothing is relayed while somebody else makes the blocks.
    const { message, value } = await devnet.appchain.producer.exclusive(async () => {
      const deposit = await depositToAppchain({
        chain: settlement,
        appchain,
        account,
        address: gateway(),
        recipient: RECEIVER,
        amount: 5n * DOLLAR,
      });
      const sent = await messageOf(deposit.transactionHash);
      expect(sent.retryableCreationId).to.equal(deposit.ticketId);
      expect(await sent.status()).to.equal(ParentToChildMessageStatus.NOT_YET_CREATED);
      return { message: sent, value: deposit.value };
    });

    const result = await message.waitForStatus();
    expect(result.status).to.equal(ParentToChildMessageStatus.REDEEMED);
    expect(await readBalance(appchain, RECEIVER)).to.be.at.least(value);
  });

  it("redeems a push that had too little gas", async () => {
    const push = await pushParameters({
      chain: settlement,
      appchain,
      account,
      address: gateway(),
      keys: ["xmtp.groupMessageBroadcaster.maxPayloadSize"],
      gasLimit: 40_000n,
    });
    const message = await messageOf(push.transactionHash);
    const { status } = await message.waitForStatus();
    expect(status).to.equal(ParentToChildMessageStatus.FUNDS_DEPOSITED_ON_CHILD);

    const redeem = await message.redeem();
    const { status: retried } = await redeem.waitForRedeem();
    expect(retried).to.equal(1);
    expect(await message.status()).to.equal(ParentToChildMessageStatus.REDEEMED);
  });

  it("keeps a ticket alive, and cancels it for its beneficiary", async () => {
    const wallet = createWalletClient({ account, transport: http(settlement.url) });
    const value = parseEther("2");
    const approve = await wallet.writeContract({
      chain: null,
      address: devnet.addresses.feeToken,
      abi: erc20Abi,
      functionName: "approve",
      args: [devnet.rollup.inbox, 2n * DOLLAR],
    });
    await settlement.client.waitForTransactionReceipt({ hash: approve });
    const hash = await wallet.writeContract({
      chain: null,
      address: devnet.rollup.inbox,
      abi: inboxAbi,
      functionName: "createRetryableTicket",
      // Without gas: nobody tries it.
      args: [RECEIVER, value, 0n, account.address, account.address, 0n, 0n, 2n * DOLLAR, "0x"],
    });
    const message = await messageOf(hash);
    const { status } = await message.waitForStatus();
    expect(status).to.equal(ParentToChildMessageStatus.FUNDS_DEPOSITED_ON_CHILD);

    const { timestamp } = await parent.getBlock("latest");
    expect(await message.getBeneficiary()).to.equal(account.address);
    const timeout = (await message.getTimeout()).toNumber();
    expect(timeout).to.be.within(timestamp + WEEK - 60, timestamp + WEEK + 60);
    await (await message.keepAlive({})).wait();
    expect((await message.getTimeout()).toNumber()).to.equal(timeout + WEEK);

    const before = await readBalance(appchain, account.address);
    const canceled = await (await message.cancel({})).wait();
    const gas = canceled.gasUsed.mul(canceled.effectiveGasPrice).toBigInt();
    expect(await readBalance(appchain, account.address)).to.equal(before + value - gas);
    expect(await message.status()).to.equal(ParentToChildMessageStatus.EXPIRED);
  });

  it("deposits the native token for an account without a call", async () => {
    const bridger = new EthBridger(network);
    await (await bridger.approveGasToken({ parentSigner })).wait();
    const before = await readBalance(appchain, account.address);
    const deposit = await bridger.deposit({ amount: amount5(3n * DOLLAR), parentSigner });
    const receipt = await deposit.wait();

    const [message] = await receipt.getEthDeposits(child);
    const arrived = await message!.wait();
    expect(arrived?.transactionHash).to.equal(message!.childTxHash);
    expect(await message!.status()).to.equal(EthDepositMessageStatus.DEPOSITED);
    expect(await readBalance(appchain, account.address)).to.equal(before + parseEther("3"));
  });

  it("proves withdrawals through the gateway, and executes them", async () => {
    const withdraw = (into: TokenSource) =>
      withdrawFromAppchain({
        chain: appchain,
        account,
        address: devnet.addresses.appChainGateway,
        value: parseEther("1"),
        recipient: RECEIVER,
        into,
      });
    for (const [into, token] of [
      ["feeToken", devnet.addresses.feeToken],
      ["underlying", devnet.addresses.underlyingFeeToken],
    ] as const) {
      // Nothing is asserted while somebody else makes the blocks.
      const message = await devnet.settlement.producer.exclusive(async () => {
        const { transactionHash } = await withdraw(into);
        const receipt = new ChildTransactionReceipt(
          await child.waitForTransaction(transactionHash),
        );
        const [sent] = await receipt.getChildToParentMessages(parentSigner);
        expect(await sent!.status(child)).to.equal(ChildToParentMessageStatus.UNCONFIRMED);
        return sent!;
      });
      expect(await message.waitUntilReadyToExecute(child, 50)).to.equal(
        ChildToParentMessageStatus.CONFIRMED,
      );

      await (await message.execute(child)).wait();
      expect(await message.status(child)).to.equal(ChildToParentMessageStatus.EXECUTED);
      expect(await readTokens(token, RECEIVER)).to.equal(DOLLAR);
    }
  });
});
