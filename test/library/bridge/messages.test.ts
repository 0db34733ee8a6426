import { expect } from "chai";
import {
  concat,
  encodeAbiParameters,
  encodeEventTopics,
  getAddress,
  keccak256,
  numberToHex,
  padHex,
  zeroAddress,
  zeroHash,
  type Address,
  type Hex,
  type Log,
} from "viem";

import { bridgeAbi, inboxAbi } from "../../../src/bridge/orbitAbi.ts";
import { parseMessages, parseTicketMessage } from "../../../src/bridge/parseMessages.ts";
import { nativeDepositHash, ticketId, type TicketMessage } from "../../../src/bridge/ticketId.ts";

const FROM = getAddress("0x2e7b49c2f3d4e5a6b7c8d9e0f1a2b3c4d5e6f708");
const OTHER = getAddress("0x1111000000000000000000000000000000002222");
const BRIDGE = getAddress("0x00000000000000000000000000000000000b41d9");
const INBOX = getAddress("0x00000000000000000000000000000000001b0123");
const DATA = "0x4578474d00000000000000000000000070997970c51812dc3a010c7d01b50e0d17dc79c8";

const DEPOSIT: TicketMessage = {
  messageNumber: 0n,
  from: FROM,
  to: OTHER,
  value: 4_999_601_000_000_000_000n,
  data: DATA,
  deposit: 5_000_001_000_000_000_000n,
  maxSubmissionFee: 0n,
  feeRefundAddress: FROM,
  beneficiary: FROM,
  gasLimit: 200_000n,
  maxFeePerGas: 2_000_000_000n,
  baseFee: 0n,
};
const CREATION: TicketMessage = {
  messageNumber: 256n,
  from: OTHER,
  to: zeroAddress,
  value: 0n,
  data: "0x",
  deposit: 0n,
  maxSubmissionFee: 1n,
  feeRefundAddress: FROM,
  beneficiary: OTHER,
  gasLimit: 0n,
  maxFeePerGas: 0n,
  baseFee: 7n,
};

describe("ids of messages to an appchain", () => {
  // Computed with calculateSubmitRetryableId and calculateDepositTxId of @arbitrum/sdk 4.1.0.
  it("gives a ticket the hash that Arbitrum gives it", () => {
    expect(ticketId(DEPOSIT, 31_339)).to.equal(
      "0xfcfd1ebad72f98cee5fb2337051027f55f25ea29ebaddc566d8933292187a8fe",
    );
    expect(ticketId(CREATION, 241_320_162)).to.equal(
      "0x1d3119a15d41ae43ee8d817fea9442ed0c54d2b4f12769a11796ac7d5246998b",
    );
  });

  it("gives a native deposit the hash that Arbitrum gives it", () => {
    const deposit = { messageNumber: 1n, from: FROM, recipient: OTHER, value: 10n ** 18n };
    expect(nativeDepositHash(deposit, 31_339)).to.equal(
      "0x2912f746727a3d0ed0d0e4fbcb08b4872bfe4b650e0bb2fa3bb9a0dd9256e588",
    );
  });
});

describe("parseMessages", () => {
  it("reads the tickets of a receipt, whatever else is in it", () => {
    const logs = [
      logOf(OTHER, [keccak256("0x1234")], "0x"),
      ...logsOf(DEPOSIT),
      ...logsOf(CREATION),
    ];
    const messages = parseMessages(logs);

    expect(messages.map(({ bridge, inbox, kind }) => ({ bridge, inbox, kind }))).to.deep.equal([
      { bridge: BRIDGE, inbox: INBOX, kind: 9 },
      { bridge: BRIDGE, inbox: INBOX, kind: 9 },
    ]);
    expect(messages.map(parseTicketMessage)).to.deep.equal([DEPOSIT, CREATION]);
  });

  it("matches the two events whichever comes first", () => {
    expect(parseMessages(logsOf(DEPOSIT).toReversed())).to.have.lengthOf(1);
  });

  const strangers = [
    ["another account than the inbox", { inbox: OTHER }],
    ["data with another hash", { payload: "0x00" }],
    ["another number", { messageNumber: 1n }],
  ] as const;
  for (const [name, wrong] of strangers) {
    it(`does not take the data of ${name}`, () => {
      const [delivered] = logsOf(DEPOSIT);
      expect(
        parseMessages([delivered, payloadLog({ ...payloadOf(DEPOSIT), ...wrong })]),
      ).to.deep.equal([]);
    });
  }

  it("takes no other message for a ticket", () => {
    const [message] = parseMessages(logsOf(DEPOSIT));
    if (message === undefined) throw new Error("no message");
    const { data } = message;
    const others = [
      { ...message, kind: 12 },
      { ...message, data: concat([data, "0x00"]) },
      { ...message, data: `0x${data.slice(2, 2 + 2 * 287)}` as const },
      { ...message, data: "0x" as const },
    ];
    expect(others.map(parseTicketMessage)).to.deep.equal(others.map(() => undefined));
  });
});

/** What the inbox writes: nine words and the call data. */
function encodeTicket(ticket: TicketMessage): Hex {
  const words = [
    ticket.to,
    ticket.value,
    ticket.deposit,
    ticket.maxSubmissionFee,
    ticket.feeRefundAddress,
    ticket.beneficiary,
    ticket.gasLimit,
    ticket.maxFeePerGas,
    BigInt(ticket.data.length / 2 - 1),
  ];

  return concat([
    ...words.map((word) =>
      typeof word === "string" ? padHex(word, { size: 32 }) : numberToHex(word, { size: 32 }),
    ),
    ticket.data,
  ]);
}

function payloadOf(ticket: TicketMessage) {
  return { inbox: INBOX, messageNumber: ticket.messageNumber, payload: encodeTicket(ticket) };
}

function logsOf(ticket: TicketMessage): [Log, Log] {
  const payload = encodeTicket(ticket);
  const topics = encodeEventTopics({
    abi: bridgeAbi,
    eventName: "MessageDelivered",
    args: { messageIndex: ticket.messageNumber, beforeInboxAcc: zeroHash },
  });
  const data = encodeAbiParameters(
    [
      { type: "address" },
      { type: "uint8" },
      { type: "address" },
      { type: "bytes32" },
      { type: "uint256" },
      { type: "uint64" },
    ],
    [INBOX, 9, ticket.from, keccak256(payload), ticket.baseFee, 1_700_000_000n],
  );

  return [logOf(BRIDGE, topics, data), payloadLog(payloadOf(ticket))];
}

function payloadLog({
  inbox,
  messageNumber,
  payload,
}: {
  readonly inbox: Address;
  readonly messageNumber: bigint;
  readonly payload: Hex;
}): Log {
  const topics = encodeEventTopics({
    abi: inboxAbi,
    eventName: "InboxMessageDelivered",
    args: { messageNum: messageNumber },
  });

  return logOf(inbox, topics, encodeAbiParameters([{ type: "bytes" }], [payload]));
}

function logOf(address: Address, topics: readonly (Hex | Hex[] | null)[], data: Hex): Log {
  return {
    address,
    topics: topics as [Hex, ...Hex[]], // every indexed argument is given
    data,
    blockHash: zeroHash,
    blockNumber: 1n,
    blockTimestamp: undefined,
    logIndex: 0,
    transactionHash: zeroHash,
    transactionIndex: 0,
    removed: false,
  };
}
