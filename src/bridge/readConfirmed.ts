import { parseEventLogs, zeroHash, type Address, type Hex } from "viem";

import type { Chain } from "../chain/connectChain.ts";
import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { bridgeAbi, inboxAbi, rollupAbi } from "./orbitAbi.ts";

/** The contracts of the settlement chain that know what left an appchain. */
export interface Rollup {
  readonly rollup: Address;
  readonly outbox: Address;
}

/** Finds them by the inbox. @throws {XmtpError} `RPC_UNREACHABLE`, `NO_CODE`, `REVERTED` */
export async function readRollup({ client }: Chain, inbox: Address): Promise<Rollup> {
  try {
    const bridge = await client.readContract({
      address: inbox,
      abi: inboxAbi,
      functionName: "bridge",
    });
    const rollup = await client.readContract({
      address: bridge,
      abi: bridgeAbi,
      functionName: "rollup",
    });
    const outbox = await client.readContract({
      address: rollup,
      abi: rollupAbi,
      functionName: "outbox",
    });
    return { rollup, outbox };
  } catch (error) {
    throw decodeError(error);
  }
}

/** How much of what left an appchain can be claimed. */
export interface Confirmed {
  /** Withdrawals, from the first on. */
  readonly size: bigint;
  /** The root of their tree, which proofs have to lead to. */
  readonly sendRoot: Hex;
}

/**
 * Reads what the settlement chain has confirmed of an appchain: the newest confirmed assertion names a block of the
 * appchain, and that block says how many withdrawals there were.
 *
 * @throws {XmtpError} `RPC_UNREACHABLE`; `RPC_REFUSED` if the node of the appchain is none of an Orbit chain
 */
export async function readConfirmed(
  settlement: Chain,
  appchain: Chain,
  rollup: Address,
): Promise<Confirmed> {
  const { blockHash, sendRoot } = await readConfirmedState(settlement, rollup);
  if (blockHash === zeroHash) return { size: 0n, sendRoot };

  return { size: await readSendCount(appchain, blockHash), sendRoot };
}

async function readConfirmedState(
  { client }: Chain,
  rollup: Address,
): Promise<{ readonly blockHash: Hex; readonly sendRoot: Hex }> {
  const contract = { address: rollup, abi: rollupAbi } as const;
  try {
    const assertionHash = await client.readContract({
      ...contract,
      functionName: "latestConfirmed",
    });
    const blockNumber = await client.readContract({
      ...contract,
      functionName: "getAssertionCreationBlockForLogLookup",
      args: [assertionHash],
    });
    const logs = await client.getLogs({
      address: rollup,
      fromBlock: blockNumber,
      toBlock: blockNumber,
    });
    const created = parseEventLogs({ abi: rollupAbi, eventName: "AssertionCreated", logs }).find(
      ({ args }) => args.assertionHash === assertionHash,
    );
    if (created === undefined) {
      throw libraryError(
        "RPC_REFUSED",
        `the node has no event of the assertion ${assertionHash} in block ${blockNumber}`,
        { hint: "use a node that serves logs of old blocks" },
      );
    }
    const [blockHash, sendRoot] = created.args.assertion.afterState.globalState.bytes32Vals;
    return { blockHash, sendRoot };
  } catch (error) {
    throw decodeError(error);
  }
}

/** How many withdrawals there were up to a block; none that can be proven while the node does not know the block. */
async function readSendCount({ client, url }: Chain, blockHash: Hex): Promise<bigint> {
  // A field that only Orbit chains have; viem keeps what it does not know.
  const block = (await client
    .request({ method: "eth_getBlockByHash", params: [blockHash, false] })
    .catch((error: unknown) => {
      throw decodeError(error);
    })) as { readonly sendCount?: Hex } | null;
  if (block === null) return 0n;
  if (block.sendCount !== undefined) return BigInt(block.sendCount);
  throw libraryError("RPC_REFUSED", `the blocks of ${url} lack the sendCount of an Orbit chain`, {
    hint: "pass the node of the appchain as appchain",
  });
}
