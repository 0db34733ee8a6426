import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import { FUNDS, USD, deployFundedMoney, deployMoney } from "../../../helpers/deployMoney.ts";
import { encodeCall, encodeError } from "../../../helpers/encode.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { logsOf } from "../../../helpers/logsOf.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import { revertData } from "../../../helpers/revertData.ts";

const ON_TRANSFER_RECEIVED = "0x88a7ca5c";
const ON_APPROVAL_RECEIVED = "0x7b04a2d0";

describe("FeeToken: the token", () => {
  it("has the name, the symbol and the decimals of the production network", async () => {
    const { feeToken } = await loadFixture(deployMoney);

    expect(await feeToken.name()).to.equal("XMTP USD Fee Token");
    expect(await feeToken.symbol()).to.equal("xUSD");
    expect(await feeToken.decimals()).to.equal(6n);
  });

  it("names its underlying token and the key of its migrator", async () => {
    const { feeToken, underlying } = await loadFixture(deployMoney);

    expect(await feeToken.underlying()).to.equal(await underlying.getAddress());
    expect(await feeToken.migratorParameterKey()).to.equal("xmtp.feeToken.migrator");
  });

  it("refuses to be constructed without a registry, and then without an underlying token", async () => {
    const { registry } = await loadFixture(deployMoney);
    const factory = await ethers.getContractFactory("FeeToken");

    await expect(factory.deploy(ZeroAddress, ZeroAddress)).to.be.revertedWithCustomError(
      factory,
      "ZeroParameterRegistry",
    );
    await expect(factory.deploy(registry, ZeroAddress)).to.be.revertedWithCustomError(
      factory,
      "ZeroUnderlying",
    );
  });

  it("says which interfaces it supports", async () => {
    const { feeToken } = await loadFixture(deployMoney);

    for (const [interfaceId, expected] of [
      ["0x01ffc9a7", true],
      ["0xb0202a11", true],
      ["0xffffffff", false],
    ] as const) {
      expect(await feeToken.supportsInterface(interfaceId), interfaceId).to.equal(expected);
    }
  });

  describe("transfer", () => {
    it("moves tokens, also none, also to oneself, and announces it", async () => {
      const { feeToken, payer, other } = await loadFixture(deployFundedMoney);

      for (const [to, amount] of [
        [other, USD],
        [other, 0n],
        [payer, USD],
      ] as const) {
        expect(await feeToken.transfer.staticCall(to, amount)).to.equal(true);
        expect(await eventsOf(await feeToken.transfer(to, amount), feeToken)).to.deep.equal([
          ["Transfer", payer.address, to.address, amount],
        ]);
      }
      expect(await feeToken.balanceOf(payer)).to.equal(FUNDS - USD);
      expect(await feeToken.balanceOf(other)).to.equal(USD);
      expect(await feeToken.totalSupply()).to.equal(FUNDS);
    });

    it("refuses, in this order, nobody as receiver, and more than there is", async () => {
      const { feeToken, payer, other } = await loadFixture(deployFundedMoney);

      await expect(feeToken.transfer(ZeroAddress, MaxUint256))
        .to.be.revertedWithCustomError(feeToken, "ERC20InvalidReceiver")
        .withArgs(ZeroAddress);
      await expect(feeToken.transfer(other, FUNDS + 1n))
        .to.be.revertedWithCustomError(feeToken, "ERC20InsufficientBalance")
        .withArgs(payer.address, FUNDS, FUNDS + 1n);
    });
  });

  describe("transferFrom", () => {
    it("uses up an allowance, announcing the transfer only", async () => {
      const { feeToken, payer, other, stranger } = await loadFixture(deployFundedMoney);
      await feeToken.approve(stranger, 3n * USD);

      expect(
        await eventsOf(await feeToken.connect(stranger).transferFrom(payer, other, USD), feeToken),
      ).to.deep.equal([["Transfer", payer.address, other.address, USD]]);
      expect(await feeToken.allowance(payer, stranger)).to.equal(2n * USD);
    });

    it("does not use up one of 2^256 - 1", async () => {
      const { feeToken, payer, other, stranger } = await loadFixture(deployFundedMoney);
      await feeToken.approve(stranger, MaxUint256);

      await feeToken.connect(stranger).transferFrom(payer, other, FUNDS);

      expect(await feeToken.allowance(payer, stranger)).to.equal(MaxUint256);
    });

    it("refuses, in this order, a lack of allowance, nobody as sender or receiver, and a lack of tokens", async () => {
      const { feeToken, payer, other, stranger } = await loadFixture(deployFundedMoney);
      const strangerToken = feeToken.connect(stranger);

      await expect(strangerToken.transferFrom(payer, ZeroAddress, 1n))
        .to.be.revertedWithCustomError(feeToken, "ERC20InsufficientAllowance")
        .withArgs(stranger.address, 0n, 1n);
      await expect(strangerToken.transferFrom(ZeroAddress, ZeroAddress, 0n))
        .to.be.revertedWithCustomError(feeToken, "ERC20InvalidApprover")
        .withArgs(ZeroAddress);
      await feeToken.approve(stranger, MaxUint256);
      await expect(strangerToken.transferFrom(payer, ZeroAddress, MaxUint256))
        .to.be.revertedWithCustomError(feeToken, "ERC20InvalidReceiver")
        .withArgs(ZeroAddress);
      await expect(strangerToken.transferFrom(payer, other, FUNDS + 1n))
        .to.be.revertedWithCustomError(feeToken, "ERC20InsufficientBalance")
        .withArgs(payer.address, FUNDS, FUNDS + 1n);
    });
  });

  describe("approve", () => {
    it("sets an allowance, and announces it", async () => {
      const { feeToken, payer, other } = await loadFixture(deployFundedMoney);

      for (const amount of [MaxUint256, USD, 0n]) {
        expect(await eventsOf(await feeToken.approve(other, amount), feeToken)).to.deep.equal([
          ["Approval", payer.address, other.address, amount],
        ]);
        expect(await feeToken.allowance(payer, other)).to.equal(amount);
      }
    });

    it("refuses nobody as spender", async () => {
      const { feeToken } = await loadFixture(deployFundedMoney);

      await expect(feeToken.approve(ZeroAddress, 0n))
        .to.be.revertedWithCustomError(feeToken, "ERC20InvalidSpender")
        .withArgs(ZeroAddress);
    });
  });

  describe("with a call of the receiver (ERC-1363)", () => {
    const TRANSFER = "transferAndCall(address,uint256,bytes)";
    const TRANSFER_FROM = "transferFromAndCall(address,address,uint256,bytes)";
    const APPROVE = "approveAndCall(address,uint256,bytes)";

    it("transferAndCall tells the receiver who sent how much, after it has it", async () => {
      const { feeToken, payer } = await loadFixture(deployFundedMoney);
      const receiver = await ethers.deployContract("AnsweringPayee", [ON_TRANSFER_RECEIVED]);
      const address = await receiver.getAddress();

      for (const [transaction, data] of [
        [await feeToken[TRANSFER](receiver, USD, "0x1234"), "0x1234"],
        [await feeToken["transferAndCall(address,uint256)"](receiver, USD), "0x"],
      ] as const) {
        expect(await logsOf(transaction, { feeToken, receiver })).to.deep.equal([
          ["feeToken.Transfer", payer.address, address, USD],
          ["receiver.Received", payer.address, payer.address, USD, data],
        ]);
      }
      expect(await feeToken.balanceOf(receiver)).to.equal(2n * USD);
    });

    it("transferFromAndCall tells it who moved whose tokens, and uses up the allowance", async () => {
      const { feeToken, payer, stranger } = await loadFixture(deployFundedMoney);
      const receiver = await ethers.deployContract("AnsweringPayee", [ON_TRANSFER_RECEIVED]);
      const address = await receiver.getAddress();
      await feeToken.approve(stranger, 2n * USD);
      const strangerToken = feeToken.connect(stranger);

      for (const [transaction, data] of [
        [await strangerToken[TRANSFER_FROM](payer, receiver, USD, "0x1234"), "0x1234"],
        [
          await strangerToken["transferFromAndCall(address,address,uint256)"](payer, receiver, USD),
          "0x",
        ],
      ] as const) {
        expect(await logsOf(transaction, { feeToken, receiver })).to.deep.equal([
          ["feeToken.Transfer", payer.address, address, USD],
          ["receiver.Received", stranger.address, payer.address, USD, data],
        ]);
      }
      await expect(strangerToken[TRANSFER_FROM](payer, receiver, 1n, "0x"))
        .to.be.revertedWithCustomError(feeToken, "ERC20InsufficientAllowance")
        .withArgs(stranger.address, 0n, 1n);
    });

    it("approveAndCall tells the spender who approved how much", async () => {
      const { feeToken, payer } = await loadFixture(deployFundedMoney);
      const spender = await ethers.deployContract("AnsweringPayee", [ON_APPROVAL_RECEIVED]);
      const address = await spender.getAddress();

      for (const [transaction, data] of [
        [await feeToken[APPROVE](spender, USD, "0x1234"), "0x1234"],
        [await feeToken["approveAndCall(address,uint256)"](spender, USD), "0x"],
      ] as const) {
        expect(await logsOf(transaction, { feeToken, spender })).to.deep.equal([
          ["feeToken.Approval", payer.address, address, USD],
          ["spender.Approved", payer.address, USD, data],
        ]);
      }
    });

    it("refuses a receiver that is an account, says nothing, or gives a wrong answer", async () => {
      const { feeToken, payer, other } = await loadFixture(deployFundedMoney);
      await feeToken.approve(payer, MaxUint256);
      const wrong = await ethers.deployContract("AnsweringPayee", ["0x12345678"]);

      for (const receiver of [other, feeToken, wrong]) {
        const address = await receiver.getAddress();
        for (const call of [
          () => feeToken[TRANSFER](receiver, USD, "0x"),
          () => feeToken[TRANSFER_FROM](payer, receiver, USD, "0x"),
        ]) {
          await expect(call())
            .to.be.revertedWithCustomError(feeToken, "ERC1363InvalidReceiver")
            .withArgs(address);
        }
        await expect(feeToken[APPROVE](receiver, USD, "0x"))
          .to.be.revertedWithCustomError(feeToken, "ERC1363InvalidSpender")
          .withArgs(address);
      }
      expect(await feeToken.balanceOf(payer)).to.equal(FUNDS);
    });

    it("passes on what a receiver reverts with", async () => {
      const { feeToken, payer } = await loadFixture(deployFundedMoney);
      const refusing = await ethers.deployContract("RefusingPayee");
      const args = [await refusing.getAddress(), USD, "0x"];

      for (const data of [
        encodeCall(feeToken, TRANSFER, args),
        encodeCall(feeToken, APPROVE, args),
      ]) {
        expect(await revertData({ from: payer, to: feeToken, data })).to.equal(
          encodeError(refusing, "Refused", [42]),
        );
      }
    });
  });
});

describe("MockUnderlyingFeeToken", () => {
  it("has the name, the symbol and the decimals of the one on test networks", async () => {
    const { underlying } = await loadFixture(deployMoney);

    expect(await underlying.name()).to.equal("Mock USD");
    expect(await underlying.symbol()).to.equal("mUSD");
    expect(await underlying.decimals()).to.equal(6n);
    expect(await underlying.totalSupply()).to.equal(0n);
    expect(await underlying.migratorParameterKey()).to.equal(
      "xmtp.mockUnderlyingFeeToken.migrator",
    );
  });

  it("is minted by anybody, for anybody, up to 2^256 - 1", async () => {
    const { underlying, other, stranger } = await loadFixture(deployMoney);
    const strangerToken = underlying.connect(stranger);

    expect(await eventsOf(await strangerToken.mint(other, MaxUint256), underlying)).to.deep.equal([
      ["Transfer", ZeroAddress, other.address, MaxUint256],
    ]);
    await expect(strangerToken.mint(other, 1n)).to.be.revertedWithPanic(0x11);
    await expect(strangerToken.mint(ZeroAddress, 1n))
      .to.be.revertedWithCustomError(underlying, "ERC20InvalidReceiver")
      .withArgs(ZeroAddress);
  });
});
