import { zeroAddress, type Address } from "viem";

import { feeTokenAbi, settlementGatewayAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { ContractError } from "../errors/ContractError.ts";
import { decodeError } from "../errors/decodeError.ts";

/** Decimals of the native currency of every appchain, whatever the fee token has. */
const NATIVE_DECIMALS = 18;

/** What decides whether, and how, a message goes to an appchain. */
export interface Gateway {
  readonly address: Address;
  /** On the appchain. */
  readonly appchainGateway: Address;
  /** Who sends this gateway's messages, on the appchain. */
  readonly alias: Address;
  readonly feeToken: Address;
  /** Wei of the appchain in a unit of the fee token, which is a microdollar. */
  readonly unit: bigint;
  /** The registry of the settlement chain's parameters. */
  readonly parameterRegistry: Address;
  readonly isPaused: boolean;
  /** Of the appchain; undefined if it has none. */
  readonly inbox: Address | undefined;
  /** The number of pushes so far. */
  readonly nonce: bigint;
}

/**
 * Reads the settlement chain's gateway, as far as one appchain is concerned.
 *
 * @throws {XmtpError} `RPC_UNREACHABLE`, `NO_CODE`, `REVERTED` if the address is not the gateway
 */
export async function readGateway(
  { client }: Chain,
  address: Address,
  appchainId: bigint,
): Promise<Gateway> {
  const contract = { address, abi: settlementGatewayAbi } as const;
  try {
    const [appchainGateway, alias, feeToken, parameterRegistry, isPaused, inbox, nonce] =
      await Promise.all([
        client.readContract({ ...contract, functionName: "appChainGateway" }),
        client.readContract({ ...contract, functionName: "appChainAlias" }),
        client.readContract({ ...contract, functionName: "feeToken" }),
        client.readContract({ ...contract, functionName: "parameterRegistry" }),
        client.readContract({ ...contract, functionName: "paused" }),
        client.readContract({ ...contract, functionName: "getInbox", args: [appchainId] }),
        client.readContract({ ...contract, functionName: "nonce" }),
      ]);
    const decimals = await client.readContract({
      address: feeToken,
      abi: feeTokenAbi,
      functionName: "decimals",
    });
    return {
      address,
      appchainGateway,
      alias,
      feeToken,
      unit: 10n ** BigInt(NATIVE_DECIMALS - decimals),
      parameterRegistry,
      isPaused,
      inbox: inbox === zeroAddress ? undefined : inbox,
      nonce,
    };
  } catch (error) {
    throw decodeError(error);
  }
}

/**
 * Refuses what the gateway would refuse, before an approval is sent for nothing.
 *
 * @throws {ContractError} `Paused`, `UnsupportedChainId`
 */
export function requireBridge(gateway: Gateway, appchainId: bigint): void {
  if (gateway.isPaused) {
    throw new ContractError({
      errorName: "Paused",
      message: `the gateway at ${gateway.address} is paused: neither deposits nor parameters go to the appchain`,
    });
  }
  demandInbox(gateway, appchainId);
}

/** @throws {ContractError} `UnsupportedChainId` */
export function demandInbox({ address, inbox }: Gateway, appchainId: bigint): Address {
  if (inbox !== undefined) return inbox;
  throw new ContractError({
    errorName: "UnsupportedChainId",
    errorArgs: [appchainId],
    message: `the gateway at ${address} knows no inbox of chain ${appchainId}`,
  });
}

/**
 * The least amount that pays for a message now, in microdollars, rounded up.
 *
 * @throws {XmtpError} `RPC_UNREACHABLE`
 */
export function readMinimumDeposit(
  { client }: Chain,
  address: Address,
  [appchainId, gasLimit, maxFeePerGas]: readonly [bigint, bigint, bigint],
): Promise<bigint> {
  return client
    .readContract({
      address,
      abi: settlementGatewayAbi,
      functionName: "calculateMinimumDeposit",
      args: [appchainId, gasLimit, maxFeePerGas],
    })
    .catch((error: unknown) => {
      throw decodeError(error);
    });
}
