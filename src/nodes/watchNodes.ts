import { numberToHex } from "viem";

import type { Chain } from "../chain/connectChain.ts";
import { createRpc, RpcNodeError } from "../chain/createRpc.ts";
import { pauseAfterFailure } from "../chain/pauseAfterFailure.ts";
import { watchHeads } from "../chain/watchHeads.ts";
import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import type { XmtpError } from "../errors/XmtpError.ts";
import { readHeaders, type BlockHeader } from "../events/blocks.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseInteger } from "../inputs/parseOption.ts";
import { readNodes, type Node } from "./readNodes.ts";

const TIMEOUT_MS = 10_000;
/** A look at everything that no event asked for, in case a node left one out. */
const FULL_READ_MS = 60_000;

/** A difference between two states of the network. */
export type NodeChange =
  | { readonly type: "added"; readonly node: Node }
  | { readonly type: "removed"; readonly node: Node }
  | { readonly type: "changed"; readonly node: Node; readonly previous: Node };

export interface WatchNodesParameters {
  /** The settlement chain; see `connectChain`. */
  readonly chain: Chain;
  /** The node registry. */
  readonly address: string;
  /** Milliseconds between two looks at the chain when the WebSocket says nothing. Default 4,000. */
  readonly pollIntervalMs?: number;
  /** Ends the watch. */
  readonly signal?: AbortSignal;
  /** Called for each difference, after the view has changed, with the block of the new state. */
  readonly onChange?: (change: NodeChange, blockNumber: number) => void;
  /** Called with each error that is being worked around; the view stays as it was. */
  readonly onRetry?: (error: XmtpError) => void;
}

/** The canonical nodes, kept up to date. */
export interface NodeWatch {
  /** The canonical nodes by ascending id, as of `blockNumber`. */
  nodes(): readonly Node[];
  /** One canonical node; undefined when it is not part of the network. */
  node(nodeId: number): Node | undefined;
  /** The block that the view was last compared with. */
  blockNumber(): number;
  /** Whether new blocks are announced over WebSocket at the moment, rather than polled for. */
  isLive(): boolean;
  /** Resolves once the view is that of this block or of a later one; rejects with `ABORTED` when the watch stops. */
  reaches(blockNumber: number): Promise<void>;
  stop(): void;
}

/**
 * Keeps a live view of the nodes that are part of the network. Nodes that leave are dropped.
 *
 * Each state is read whole at one block, so it was the state of the registry at some moment; after an event, a lost
 * connection or a reorganisation it is read again and compared.
 *
 * @throws {XmtpError} from the first reading: `INVALID_ADDRESS`, `RPC_UNREACHABLE`, `REVERTED`
 * @example
 * const watch = await watchNodes({ chain: settlement, address: addresses.nodeRegistry, onChange: reconnect });
 * const urls = watch.nodes().map(({ httpAddress }) => httpAddress);
 * watch.stop();
 */
export async function watchNodes({
  chain,
  address,
  pollIntervalMs = 4_000,
  signal,
  onChange = () => undefined,
  onRetry = () => undefined,
}: WatchNodesParameters): Promise<NodeWatch> {
  const registry = parseAddress(address, "node registry");
  parseInteger(pollIntervalMs, "pollIntervalMs", 1);
  const rpc = createRpc(chain.url, TIMEOUT_MS);

  let view = new Map<number, Node>();
  let seen: BlockHeader;
  let fullReadAt = 0;
  let waiters: {
    readonly blockNumber: number;
    readonly resolve: () => void;
    readonly reject: (e: Error) => void;
  }[] = [];

  /** Reads everything at the newest block; if that block is replaced meanwhile, once more at the new one. */
  const readAll = async (): Promise<void> => {
    for (;;) {
      const [head] = await readHeaders(rpc, ["latest"]);
      if (head === undefined) throw new RpcNodeError(0, "the node has no newest block", undefined);
      const nodes = await readNodes({
        chain,
        address: registry,
        canonicalOnly: true,
        blockNumber: BigInt(head.number),
      });
      const [again] = await readHeaders(rpc, [head.number]);
      if (again?.hash !== head.hash) continue;
      const previous = view;
      view = new Map(nodes.map((node) => [node.nodeId, node]));
      seen = head;
      fullReadAt = Date.now();
      if (isStarted) for (const change of compare(previous, view)) onChange(change, head.number);
      return;
    }
  };

  const look = async (): Promise<void> => {
    const [head, last] = await readHeaders(rpc, ["latest", seen.number]);
    if (head === undefined) return;
    const isContinuous = last?.hash === seen.hash;
    if (isContinuous && head.hash === seen.hash && Date.now() - fullReadAt < FULL_READ_MS) return;
    if (
      !isContinuous ||
      Date.now() - fullReadAt >= FULL_READ_MS ||
      (await hasEvents(head.number))
    ) {
      await readAll();
    } else seen = head;
  };

  const hasEvents = async (toBlock: number): Promise<boolean> => {
    const range = { fromBlock: numberToHex(seen.number + 1), toBlock: numberToHex(toBlock) };
    try {
      const logs = await rpc.call("eth_getLogs", { address: registry, ...range });
      return !Array.isArray(logs) || logs.length > 0;
    } catch (error) {
      // After a long silence the range may be too large for the node: then everything is read again.
      if (error instanceof RpcNodeError) return true;
      throw error;
    }
  };

  let isStarted = false;
  await readAll();
  isStarted = true;
  const heads = watchHeads({ webSocketUrl: chain.webSocketUrl, pollIntervalMs, signal });
  void follow();

  async function follow(): Promise<void> {
    let failures = 0;
    while (await heads.next()) {
      try {
        await look();
        failures = 0;
        const reached = waiters.filter(({ blockNumber }) => blockNumber <= seen.number);
        waiters = waiters.filter(({ blockNumber }) => blockNumber > seen.number);
        for (const { resolve } of reached) resolve();
      } catch (error) {
        failures += 1;
        onRetry(decodeError(error));
        await pauseAfterFailure(failures, signal);
      }
    }
    for (const { reject } of waiters.splice(0))
      reject(libraryError("ABORTED", "the watch was stopped"));
  }

  return {
    nodes: () => [...view.values()],
    node: (nodeId) => view.get(nodeId),
    blockNumber: () => seen.number,
    isLive: () => heads.isLive(),
    reaches: (blockNumber) =>
      blockNumber <= seen.number
        ? Promise.resolve()
        : new Promise((resolve, reject) => waiters.push({ blockNumber, resolve, reject })),
    stop: () => heads.stop(),
  };
}

function compare(
  before: ReadonlyMap<number, Node>,
  after: ReadonlyMap<number, Node>,
): NodeChange[] {
  const changes: NodeChange[] = [];
  for (const [nodeId, node] of after) {
    const previous = before.get(nodeId);
    if (previous === undefined) changes.push({ type: "added", node });
    else if (!isSame(previous, node)) changes.push({ type: "changed", node, previous });
  }
  for (const [nodeId, node] of before)
    if (!after.has(nodeId)) changes.push({ type: "removed", node });

  return changes;
}

function isSame(left: Node, right: Node): boolean {
  return (
    left.httpAddress === right.httpAddress &&
    left.signingPublicKey === right.signingPublicKey &&
    left.signer === right.signer
  );
}
