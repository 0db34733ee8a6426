import { setTimeout as pause } from "node:timers/promises";

import { expect } from "chai";
import {
  concatHex,
  encodeFunctionData,
  encodePacked,
  numberToHex,
  type Address,
  type Hex,
} from "viem";

import type { RelayOutcome } from "../../../src/devnet/relayer/executeMessages.ts";
import { parseMessage } from "../../../src/devnet/relayer/parseMessage.ts";
import { expectConserved } from "../../helpers/expectConserved.ts";
import {
  aliasOf,
  BASE_FEE,
  freshAddress,
  inboxAbi,
  SCALE,
  startBridge,
  type TestBridge,
  type TestRelayer,
} from "../../helpers/startBridge.ts";

describe("relayed messages that are no tickets", () => {
  let bridge: TestBridge;
  let relayer: TestRelayer;
  const outcomes: RelayOutcome[] = [];
  const named: Address[] = [];

  before(async () => {
    bridge = await startBridge();
    relayer = bridge.relay({ onMessage: (_, outcome) => outcomes.push(outcome) });
    await bridge.settled();
  });
  after(async () => {
    await relayer.stop();
    await bridge.chains.stop();
  });
  beforeEach(() => void outcomes.splice(0));
  afterEach(async () => {
    expect(relayer.errors).to.deep.equal([]);
    await expectConserved(bridge, named);
  });

  function fresh(): Address {
    const address = freshAddress();
    named.push(address);
    return address;
  }

  /** Puts a message into the inbox, and waits until it was dealt with. */
  async function put(from: number, data: Hex): Promise<void> {
    const count = outcomes.length;
    await bridge.send("settlement", from, { to: bridge.rollup.inbox, data });
    await bridge.settled();
    while (outcomes.length === count) await pause(1);
  }

  function unsigned(nonce: bigint, to: Address, value: bigint, gasLimit = 21_000n): Hex {
    return encodeFunctionData({
      ...{ abi: inboxAbi, functionName: "sendUnsignedTransaction" },
      args: [gasLimit, BASE_FEE, nonce, to, value, "0x"],
    } as const);
  }

  function fromContract(to: Address, value: bigint, gasLimit = 21_000n, maxFee = BASE_FEE): Hex {
    return encodeFunctionData({
      ...{ abi: inboxAbi, functionName: "sendContractTransaction" },
      args: [gasLimit, maxFee, to, value, "0x"],
    } as const);
  }

  async function deposit(from: number, units: bigint): Promise<void> {
    await put(
      from,
      encodeFunctionData({ abi: inboxAbi, functionName: "depositERC20", args: [units] }),
    );
  }

  it("credits a deposit to the account itself, and not to its alias", async () => {
    const { address } = bridge.accounts[1]!;
    await deposit(1, 3_000_000n);
    expect(await bridge.balanceOf(address)).to.equal(3_000_000n * SCALE);
    expect(await bridge.balanceOf(aliasOf(address))).to.equal(0n);
    expect(outcomes).to.deep.equal(["deposit"]);
  });

  it("makes a transaction of the alias, with the nonce that it names or with any", async () => {
    const alias = aliasOf(bridge.accounts[2]!.address);
    const to = fresh();
    await bridge.createTicket(2, { to: alias, value: SCALE });
    await bridge.settled();
    while (outcomes.length === 0) await pause(1);
    const nonce = await bridge.clients.appchain.client.getTransactionCount({ address: alias });
    const before = await bridge.balanceOf(alias);

    await put(2, unsigned(BigInt(nonce), to, 5n));
    await put(2, fromContract(to, 7n));

    expect(await bridge.balanceOf(to)).to.equal(12n);
    expect(await bridge.balanceOf(alias)).to.equal(before - 12n - 2n * 21_000n * BASE_FEE);
    expect(outcomes.slice(1)).to.deep.equal(["transaction", "transaction"]);
  });

  it("drops a transaction that no chain would take", async () => {
    const alias = aliasOf(bridge.accounts[2]!.address);
    const to = fresh();
    const nonce = BigInt(
      await bridge.clients.appchain.client.getTransactionCount({ address: alias }),
    );
    for (const data of [
      unsigned(nonce + 1n, to, 1n),
      unsigned(nonce - 1n, to, 1n),
      unsigned(nonce, to, 1n, 20_999n),
      fromContract(to, 10n ** 30n),
      fromContract(to, 1n, 21_000n, BASE_FEE - 1n),
    ]) {
      await put(2, data);
    }
    expect(outcomes).to.deep.equal(Array.from({ length: 5 }, () => "dropped"));
    expect(await bridge.balanceOf(to)).to.equal(0n);
  });

  it("takes a signed transaction as any node does, once", async () => {
    const account = bridge.accounts[1]!;
    const to = fresh();
    const nonce = await bridge.clients.appchain.client.getTransactionCount(account);
    const transaction = await account.signTransaction({
      ...{ type: "eip1559", chainId: bridge.chains.appchain.chainId, nonce, to, value: 9n },
      ...{ gas: 21_000n, maxFeePerGas: BASE_FEE, maxPriorityFeePerGas: 0n },
    });
    const messageData = concatHex(["0x04", transaction]);
    const args = [messageData] as const;
    await put(3, encodeFunctionData({ abi: inboxAbi, functionName: "sendL2Message", args }));
    await put(
      3,
      encodeFunctionData({ abi: inboxAbi, functionName: "sendL2MessageFromOrigin", args }),
    );
    expect(await bridge.balanceOf(to)).to.equal(9n);
    expect(outcomes).to.deep.equal(["signed", "signed"]);
  });

  it("reads a message from the transaction that carries it", async () => {
    const to = fresh();
    const messageData = encodePacked(
      ["uint8", "uint256", "uint256", "uint256", "uint256", "bytes"],
      [1, 21_000n, BASE_FEE, BigInt(to), 4n, "0x"],
    );
    const args = [messageData] as const;
    await put(
      2,
      encodeFunctionData({ abi: inboxAbi, functionName: "sendL2MessageFromOrigin", args }),
    );
    expect(await bridge.balanceOf(to)).to.equal(4n);
    expect(outcomes).to.deep.equal(["transaction"]);
  });

  it("counts what it does not know, and goes on", async () => {
    const { messageCount } = await bridge.progress();
    for (const messageData of ["0x", "0x03", "0x0400", "0x07", "0x0100", "0x00"] as const) {
      await put(
        3,
        encodeFunctionData({ abi: inboxAbi, functionName: "sendL2Message", args: [messageData] }),
      );
    }
    await deposit(3, 1n);
    expect((await bridge.progress()).messageCount).to.equal(messageCount + 7n);
    expect(outcomes.at(-1)).to.equal("deposit");
    expect(outcomes.filter((outcome) => outcome === "counted").length).to.equal(5);
  });
});

describe("parseMessage", () => {
  const word = (value: bigint) => numberToHex(value, { size: 32 });
  const ticket = (gasLimit: bigint, length: bigint, data: Hex) =>
    concatHex([...[1n, 2n, 3n, 4n, 5n, 6n, gasLimit, 8n, length].map(word), data]);

  it("reads a ticket word by word", () => {
    const address = (value: number): Address => numberToHex(value, { size: 20 });
    expect(parseMessage(9, ticket(7n, 2n, "0xabcd"))).to.deep.equal({
      ...{ kind: "ticket", to: address(1), value: 2n, deposit: 3n, maxSubmissionFee: 4n },
      ...{ feeRefund: address(5), beneficiary: address(6), gasLimit: 7n, maxFeePerGas: 8n },
      data: "0xabcd",
    });
  });

  it("takes nothing from a message that makes no sense", () => {
    for (const [kind, data] of [
      [9, "0x"],
      [9, ticket(2n ** 64n, 0n, "0x")],
      [9, ticket(7n, 1n, "0x")],
      [9, ticket(7n, 1n, "0xabcd")],
      [12, `0x${"00".repeat(51)}`],
      [3, "0x"],
      [8, "0x"],
      [11, "0x1234"],
      [13, "0x1234"],
      [255, "0x1234"],
    ] as const) {
      expect(parseMessage(kind, data), `${kind} ${data.length}`).to.deep.equal({ kind: "idle" });
    }
  });
});
