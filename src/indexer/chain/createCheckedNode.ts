import type { Hex } from "viem";

import type { Rpc } from "../../chain/createRpc.ts";
import { libraryError } from "../../errors/libraryErrors.ts";
import type { XmtpError } from "../../errors/XmtpError.ts";
import { readHeaders } from "../../events/blocks.ts";
import type { IndexedChain } from "./contracts.ts";
import type { Endpoints } from "./createEndpoints.ts";

/** The node that is asked at the moment, once it was seen to have the chain that is meant. */
export interface CheckedNode {
  /** Hash of the chain's first block. */
  readonly genesisHash: Hex;
  /** @throws {XmtpError} `WRONG_CHAIN`, `CHAIN_CHANGED` */
  get(): Promise<Rpc>;
  /** Looks again, at a node that was seen before: its chain may have been reset. @throws as `get` */
  check(): Promise<void>;
}

/** @throws {XmtpError} `WRONG_CHAIN`, `RPC_UNREACHABLE` */
export async function createCheckedNode(
  endpoints: Endpoints,
  chain: IndexedChain,
): Promise<CheckedNode> {
  const checked = new Set<Rpc>([endpoints.rpc()]);
  const genesisHash = await readGenesis(endpoints, chain);
  const check = async (): Promise<void> => {
    if ((await readGenesis(endpoints, chain)) !== genesisHash) {
      throw otherGenesis(endpoints, chain, genesisHash);
    }
  };

  return {
    genesisHash,
    check,
    get: async () => {
      const rpc = endpoints.rpc();
      if (checked.has(rpc)) return rpc;
      await check();
      checked.add(rpc);
      return rpc;
    },
  };
}

function otherGenesis(endpoints: Endpoints, { name }: IndexedChain, genesisHash: Hex): XmtpError {
  return libraryError(
    "CHAIN_CHANGED",
    `the node ${endpoints.name()} has another block 0 of the ${name} than the one that is indexed, ${genesisHash}`,
  );
}

async function readGenesis(endpoints: Endpoints, chain: IndexedChain): Promise<Hex> {
  const rpc = endpoints.rpc();
  const chainId = Number(await rpc.call("eth_chainId"));
  if (chainId !== chain.chainId) {
    throw libraryError(
      "WRONG_CHAIN",
      `the node ${endpoints.name()} serves chain ${chainId}, not ${chain.chainId}`,
    );
  }
  const [genesis] = await readHeaders(rpc, [0]);
  if (genesis === undefined) {
    throw libraryError("RPC_REFUSED", `the node ${endpoints.name()} does not have block 0`);
  }

  return genesis.hash;
}
