import {
  encodeDeployData,
  erc6492SignatureValidatorAbi,
  erc6492SignatureValidatorByteCode,
  numberToHex,
  type Address,
  type Hex,
} from "viem";

import { createRpc, RpcNodeError, type Rpc } from "../../chain/createRpc.ts";
import { libraryError } from "../../errors/libraryErrors.ts";
import { describe } from "../../inputs/describe.ts";
import { parseHttpUrl } from "../../inputs/parseUrl.ts";
import { parseAccountId } from "./signatures/accountId.ts";
import type {
  ContractWalletAnswer,
  ContractWalletRequest,
  ContractWalletVerifier,
} from "./signatures/contractWallet.ts";

const EIP155_CHAIN = /^eip155:[1-9]\d*$/;
const TIMEOUT_MS = 30_000;
/** The one byte that the validator returns for a signature that the wallet accepts. */
const VALID: Hex = "0x01";
/** JSON-RPC's code of an execution that reverted. Not every node uses it. */
const REVERTED = 3;

/**
 * How nodes say that the call was executed and came to nothing, which it will for ever. Running out of gas is not among
 * them, as that depends on the node's limit.
 */
const FAILED_EXECUTION =
  /revert|invalid opcode|opcode .* not defined|invalid jump|stack (under|over)flow|stack limit|max initcode size/i;

/** A chain's node, and the check that it is of that chain. */
interface ChainNode {
  readonly rpc: Rpc;
  readonly chainId: bigint;
  check?: Promise<string | undefined>;
}

/**
 * Asks contract wallets over JSON-RPC, as ERC-6492 says: one call without an address, at the block that the signature
 * names, which answers for wallets that are deployed, that are not yet, and for plain accounts. The nodes must keep the
 * state of every block (archive nodes).
 *
 * What cannot be asked is undecided and never invalid: a chain that is not among `urls`, a node that does not answer or is
 * of another chain, a block that it does not have.
 *
 * @param urls HTTP URLs of nodes by chain, `eip155:1` for one
 * @param timeoutMs for each request
 * @throws {XmtpError} `INVALID_OPTION` if a key names no chain, `INVALID_URL`
 */
export function createContractWalletVerifier({
  urls,
  timeoutMs = TIMEOUT_MS,
}: {
  readonly urls: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}): ContractWalletVerifier {
  const nodes = new Map(
    Object.entries(urls).map(([chain, url]): [string, ChainNode] => {
      if (!EIP155_CHAIN.test(chain)) {
        throw libraryError("INVALID_OPTION", `the chain ${describe(chain)} is not eip155:<number>`);
      }
      const chainId = BigInt(chain.slice("eip155:".length));
      return [chain, { rpc: createRpc(parseHttpUrl(url, `URL of ${chain}`), timeoutMs), chainId }];
    }),
  );

  return async (request) => {
    const { chain } = parseAccountId(request.accountId);
    const node = nodes.get(chain);
    if (node === undefined) return { undecided: `${chain} is not configured` };

    node.check ??= checkChain(node);
    const problem = await node.check;
    if (problem === undefined) return ask(node.rpc, request, chain);

    // Perhaps it answers the next time.
    delete node.check;
    return { undecided: `${chain}: ${problem}` };
  };
}

/** What is wrong with a node, if anything is. */
async function checkChain({ rpc, chainId }: ChainNode): Promise<string | undefined> {
  try {
    const answer = await rpc.call("eth_chainId");
    return BigInt(String(answer)) === chainId
      ? undefined
      : `the node is of chain ${String(answer)}`;
  } catch (error) {
    return (error as Error).message;
  }
}

async function ask(
  rpc: Rpc,
  { accountId, hash, signature, blockNumber }: ContractWalletRequest,
  chain: string,
): Promise<ContractWalletAnswer> {
  const data = encodeDeployData({
    abi: erc6492SignatureValidatorAbi,
    bytecode: erc6492SignatureValidatorByteCode,
    args: [addressOf(accountId), hash, signature],
  });
  try {
    const answer = await rpc.call("eth_call", { data }, numberToHex(blockNumber));
    return answer === VALID ? "valid" : "invalid";
  } catch (error) {
    if (error instanceof RpcNodeError && isFailedExecution(error)) return "invalid";
    return { undecided: `${chain} at block ${blockNumber}: ${(error as Error).message}` };
  }
}

function isFailedExecution({ code, message }: RpcNodeError): boolean {
  return code === REVERTED || FAILED_EXECUTION.test(message);
}

/** Account ids carry addresses in any case, with or without `0x`. */
function addressOf(accountId: string): Address {
  const digits = parseAccountId(accountId).address.toLowerCase().replace(/^0x/, "");

  return `0x${digits}`;
}
