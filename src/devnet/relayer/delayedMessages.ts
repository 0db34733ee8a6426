import {
  concatHex,
  decodeFunctionData,
  encodePacked,
  isAddressEqual,
  keccak256,
  parseAbi,
  zeroHash,
  type Address,
  type Hex,
  type PublicClient,
} from "viem";

/** What the relayer reads of the bridge and its inboxes. The signatures are facts about contracts of others. */
export const delayedAbi = parseAbi([
  "event MessageDelivered(uint256 indexed messageIndex, bytes32 indexed beforeInboxAcc, address inbox, uint8 kind, address sender, bytes32 messageDataHash, uint256 baseFeeL1, uint64 timestamp)",
  "event InboxMessageDelivered(uint256 indexed messageNum, bytes data)",
  "event InboxMessageDeliveredFromOrigin(uint256 indexed messageNum)",
  "function delayedMessageCount() view returns (uint256)",
  "function delayedInboxAccs(uint256 index) view returns (bytes32)",
  "function sendL2MessageFromOrigin(bytes messageData) returns (uint256)",
]);

const [DELIVERED, INBOX_DELIVERED, FROM_ORIGIN] = delayedAbi;

/** A message of the bridge, exactly as its accumulator covers it. */
export interface DelayedMessage {
  readonly index: bigint;
  readonly kind: number;
  /** As the appchain sees it: aliased. */
  readonly sender: Address;
  readonly data: Hex;
  /** Wei per gas of the parent chain, as far as the bridge charges for data. */
  readonly baseFee: bigint;
  /** Block of the settlement chain. */
  readonly blockNumber: bigint;
  /** Of the bridge, after this message. */
  readonly accumulator: Hex;
}

export interface ReadDelayedMessagesParameters {
  /** Of the settlement chain. */
  readonly client: PublicClient;
  readonly bridge: Address;
  /** Inboxes that are known; those that a message names are added. */
  readonly inboxes: Set<Address>;
  /** Index of the first message to read, and the accumulator before it. */
  readonly first: { readonly index: bigint; readonly accumulator: Hex };
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
}

/**
 * The messages from `first` on, in order, each proven to be the next by the accumulator. It ends before the first one of
 * which the node gives no events, or other data than the bridge took: repeated and foreign events change nothing.
 */
export async function readDelayedMessages({
  client,
  bridge,
  inboxes,
  first,
  fromBlock,
  toBlock,
}: ReadDelayedMessagesParameters): Promise<DelayedMessage[]> {
  const range = { fromBlock, toBlock, strict: true } as const;
  const delivered = await client.getLogs({ address: bridge, event: DELIVERED, ...range });
  const wanted = delivered.filter(
    ({ address, args, removed }) =>
      !removed && isAddressEqual(address, bridge) && args.messageIndex >= first.index,
  );
  if (wanted.length === 0) return [];

  for (const { args } of wanted) inboxes.add(args.inbox);
  const payloads = await client.getLogs({
    address: [...inboxes],
    events: [INBOX_DELIVERED, FROM_ORIGIN],
    ...range,
  });
  const byIndex = Map.groupBy(wanted, ({ args }) => args.messageIndex);
  const payloadsByIndex = Map.groupBy(payloads, ({ args }) => args.messageNum);

  const messages: DelayedMessage[] = [];
  let { index, accumulator } = first;
  for (; ; index += 1n) {
    const message = await next();
    if (message === undefined) return messages;
    messages.push(message);
    accumulator = message.accumulator;
  }

  async function next(): Promise<DelayedMessage | undefined> {
    const candidates = new Map<Hex, DelayedMessage>();
    for (const { args, blockNumber } of byIndex.get(index) ?? []) {
      if (args.beforeInboxAcc !== accumulator) continue;
      const data = await dataOf(args.inbox, args.messageDataHash);
      if (data === undefined) continue;

      const { kind, sender, timestamp, baseFeeL1: baseFee, messageDataHash } = args;
      const hash = keccak256(
        encodePacked(
          ["uint8", "address", "uint64", "uint64", "uint256", "uint256", "bytes32"],
          [kind, sender, blockNumber, timestamp, index, baseFee, messageDataHash],
        ),
      );
      const after = keccak256(concatHex([accumulator, hash]));
      const message = { index, kind, sender, data, baseFee, blockNumber, accumulator: after };
      candidates.set(after, message);
    }

    if (candidates.size < 2) return candidates.values().next().value;
    // Events contradict each other: the bridge knows which one is its own.
    const bridgeNow = await readBridge(client, bridge, toBlock, index + 1n);
    return bridgeNow.accumulator && candidates.get(bridgeNow.accumulator);
  }

  async function dataOf(inbox: Address, dataHash: Hex): Promise<Hex | undefined> {
    for (const log of payloadsByIndex.get(index) ?? []) {
      if (log.removed || !isAddressEqual(log.address, inbox)) continue;
      const data =
        log.eventName === "InboxMessageDelivered"
          ? log.args.data
          : await dataFromOrigin(log.transactionHash);
      if (data !== undefined && keccak256(data) === dataHash) return data;
    }
    return undefined;
  }

  /** The event names no data where the transaction itself is the call with the data. */
  async function dataFromOrigin(hash: Hex): Promise<Hex | undefined> {
    const { input } = await client.getTransaction({ hash });
    try {
      const { args } = decodeFunctionData({ abi: delayedAbi, data: input });
      return typeof args[0] === "string" ? args[0] : undefined;
    } catch {
      return undefined;
    }
  }
}

/** How many messages the bridge has at a block, and its accumulator after the first `count` of them, zero for none. */
export async function readBridge(
  client: PublicClient,
  bridge: Address,
  blockNumber: bigint,
  count: bigint,
): Promise<{ readonly messageCount: bigint; readonly accumulator: Hex | undefined }> {
  const contract = { address: bridge, abi: delayedAbi, blockNumber } as const;
  const messageCount = await client.readContract({
    ...contract,
    functionName: "delayedMessageCount",
  });
  if (count === 0n) return { messageCount, accumulator: zeroHash };
  if (count > messageCount) return { messageCount, accumulator: undefined };

  const accumulator = await client.readContract({
    ...contract,
    functionName: "delayedInboxAccs",
    args: [count - 1n],
  });
  return { messageCount, accumulator };
}
