import { encodeFunctionData, isAddressEqual, parseEventLogs, type Address, type Hex } from "viem";

import { settlementGatewayAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, writeContract, type Change } from "../chain/writeContract.ts";
import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import type { TokenSource } from "../payers/spendTokens.ts";
import { NODE_INTERFACE, nodeInterfaceAbi, outboxAbi } from "./orbitAbi.ts";
import { readConfirmed, readRollup, type Confirmed } from "./readConfirmed.ts";
import { demandInbox, readGateway } from "./readGateway.ts";
import type { Withdrawal } from "./readWithdrawals.ts";

export interface ClaimWithdrawalParameters extends TransactParameters {
  readonly appchain: Chain;
  /** The gateway on the settlement chain, `SettlementGateway`. */
  readonly address: string;
  /** See `readWithdrawals`. */
  readonly withdrawal: Withdrawal;
}

export interface ClaimedWithdrawal extends Change {
  readonly position: bigint;
  readonly recipient: Address;
  /** Microdollars that were paid. */
  readonly amount: bigint;
  readonly into: TokenSource;
}

/**
 * Pays on the settlement chain what left the appchain, with a proof from the appchain's node. Anyone may; the tokens go to
 * the recipient whom the withdrawal names. `chain` is the settlement chain.
 *
 * @throws {XmtpError} `WITHDRAWAL_UNCONFIRMED` while the settlement chain does not know of it: nothing was sent.
 *   `INVALID_ADDRESS`, and those of `transact`
 * @throws {ContractError} `AlreadySpent` if it was claimed; `BridgeCallFailed`, or what the call is refused with, and then it
 *   can be claimed later: nothing was sent
 * @example
 * const gateway = addresses.settlementChainGateway;
 * const [withdrawal] = await waitForWithdrawals({ settlement, appchain, address: gateway, transactionHash });
 * await claimWithdrawal({ chain: settlement, appchain, account, address: gateway, withdrawal });
 */
export async function claimWithdrawal({
  appchain,
  address: givenAddress,
  withdrawal,
  ...parameters
}: ClaimWithdrawalParameters): Promise<ClaimedWithdrawal> {
  const { chain } = parameters;
  const address = parseAddress(givenAddress, "gateway of the settlement chain");
  const appchainId = BigInt(appchain.chainId);
  const { position } = withdrawal;

  const gateway = await readGateway(chain, address, appchainId);
  const { rollup, outbox } = await readRollup(chain, demandInbox(gateway, appchainId));
  const confirmed = await readConfirmed(chain, appchain, rollup);
  if (position >= confirmed.size) {
    throw libraryError(
      "WITHDRAWAL_UNCONFIRMED",
      `withdrawal ${position} is not confirmed yet, ${confirmed.size} are`,
    );
  }

  const { receipt } = await writeContract({
    ...parameters,
    to: outbox,
    data: encodeFunctionData({
      abi: outboxAbi,
      functionName: "executeTransaction",
      args: [
        await prove(appchain, position, confirmed),
        position,
        withdrawal.from,
        withdrawal.to,
        withdrawal.blockNumber,
        withdrawal.settlementBlockNumber,
        withdrawal.timestamp,
        withdrawal.value,
        withdrawal.data,
      ],
    }),
  });
  const paid = parseEventLogs({
    abi: settlementGatewayAbi,
    eventName: "WithdrawalReceived",
    logs: receipt.logs,
  }).find((log) => isAddressEqual(log.address, address));
  const { recipient, amount } = paid?.args ?? withdrawal;

  return { ...changeOf(receipt), position, recipient, amount, into: withdrawal.into };
}

/** The way from a withdrawal to the root that was confirmed: from the appchain's node, which knows the tree. */
async function prove(
  { client, url }: Chain,
  position: bigint,
  { size, sendRoot }: Confirmed,
): Promise<readonly Hex[]> {
  const [, root, proof] = await client
    .readContract({
      address: NODE_INTERFACE,
      abi: nodeInterfaceAbi,
      functionName: "constructOutboxProof",
      args: [size, position],
    })
    .catch((error: unknown) => {
      throw decodeError(error);
    });
  if (root === sendRoot) return proof;
  throw libraryError(
    "RPC_REFUSED",
    `the node at ${url} proves the root ${root}, the settlement chain confirmed ${sendRoot}`,
    { hint: "use a node of the appchain that is up to date" },
  );
}
