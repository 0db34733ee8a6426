import { encodeFunctionData } from "viem";

import { appchainGatewayAbi, settlementParametersAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { ContractError } from "../errors/ContractError.ts";
import { decodeError } from "../errors/decodeError.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { estimateCall } from "./appchainGas.ts";
import { quoteMessage, type BridgeGas, type BridgeQuote } from "./quoteDeposit.ts";
import { readGateway, type Gateway } from "./readGateway.ts";

/** What the tools of production send along, at least. */
const BASE_GAS = 21_000n;
const GAS_PER_KEY = 120_000n;

export interface QuotePushParameters extends BridgeGas {
  /** The settlement chain; see `connectChain`. */
  readonly chain: Chain;
  readonly appchain: Chain;
  /** The gateway on the settlement chain, `SettlementGateway`. */
  readonly address: string;
  /** The parameters that are to go to the appchain. */
  readonly keys: readonly string[];
}

/**
 * Says what a push of parameters to the appchain has to pay for its delivery. The gas is an estimate with half as much
 * again, and at least 21,000 and 120,000 for each key.
 *
 * @throws {ContractError} `Paused`, `UnsupportedChainId`, `NoKeys`; `NotAdmin` if the appchain's gateway may not write to
 *   the registry there
 * @throws {XmtpError} `NO_CODE` if one of the two gateways is not there; `INVALID_ADDRESS`, `RPC_UNREACHABLE`
 */
export async function quotePush({
  chain,
  appchain,
  address: givenAddress,
  keys,
  ...gas
}: QuotePushParameters): Promise<BridgeQuote> {
  const address = parseAddress(givenAddress, "gateway of the settlement chain");
  const gateway = await readGateway(chain, address, BigInt(appchain.chainId));

  return quotePushOf(gateway, { chain, appchain, keys, ...gas });
}

/** The same, of a gateway that was read already. */
export async function quotePushOf(
  gateway: Gateway,
  { chain, appchain, keys, ...gas }: Omit<QuotePushParameters, "address">,
): Promise<BridgeQuote> {
  if (keys.length === 0) throw new ContractError({ errorName: "NoKeys" });

  return await quoteMessage(gateway, { chain, appchain, ...gas }, () =>
    estimatePush(chain, appchain, gateway, keys),
  );
}

async function estimatePush(
  chain: Chain,
  appchain: Chain,
  { alias, appchainGateway, parameterRegistry, nonce }: Gateway,
  keys: readonly string[],
): Promise<bigint> {
  const values = await chain.client
    .readContract({
      address: parameterRegistry,
      abi: settlementParametersAbi,
      functionName: "get",
      args: [keys],
    })
    .catch((error: unknown) => {
      throw decodeError(error);
    });
  const data = encodeFunctionData({
    abi: appchainGatewayAbi,
    functionName: "receiveParameters",
    args: [nonce + 1n, keys, values],
  });
  const estimate = await estimateCall(appchain, {
    from: alias,
    to: appchainGateway,
    value: 0n,
    data,
  });
  const least = BASE_GAS + GAS_PER_KEY * BigInt(keys.length);

  return estimate < least ? least : estimate;
}
