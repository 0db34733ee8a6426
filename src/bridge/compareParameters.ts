import type { Address, Hex } from "viem";

import { appchainGatewayAbi, appchainParametersAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { decodeError } from "../errors/decodeError.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { APPCHAIN_PARAMETER_KEYS } from "../parameters/parameterKeys.ts";
import { requireAppchainGateway } from "./quoteDeposit.ts";
import { readGateway } from "./readGateway.ts";

/** What both registries hold for a key, as 32 bytes; see `decodeParameter`. */
export interface ComparedParameter {
  readonly key: string;
  readonly settlement: Hex;
  readonly appchain: Hex;
  readonly isEqual: boolean;
}

/**
 * Compares parameters of the settlement chain's registry with those of the appchain's: what differs is to be pushed, or
 * is on its way.
 *
 * @throws {ContractError} `NoKeys`
 * @throws {XmtpError} `NO_CODE` if one of the two gateways is not there; `INVALID_ADDRESS`, `RPC_UNREACHABLE`
 * @example
 * const compared = await compareParameters({
 *   settlement, appchain, address: addresses.settlementChainGateway,
 * });
 * const keys = compared.filter(({ isEqual }) => !isEqual).map(({ key }) => key);
 */
export async function compareParameters({
  settlement,
  appchain,
  address: givenAddress,
  keys = APPCHAIN_PARAMETER_KEYS,
}: {
  /** The settlement chain; see `connectChain`. */
  readonly settlement: Chain;
  readonly appchain: Chain;
  /** The gateway on the settlement chain, `SettlementGateway`. */
  readonly address: string;
  /** Default: every key that a contract of the appchain reads. */
  readonly keys?: readonly string[];
}): Promise<ComparedParameter[]> {
  const address = parseAddress(givenAddress, "gateway of the settlement chain");
  const gateway = await readGateway(settlement, address, BigInt(appchain.chainId));
  await requireAppchainGateway(appchain, gateway);

  try {
    const appchainRegistry = await appchain.client.readContract({
      address: gateway.appchainGateway,
      abi: appchainGatewayAbi,
      functionName: "parameterRegistry",
    });
    const [here, there] = await Promise.all([
      readWords(settlement, gateway.parameterRegistry, keys),
      readWords(appchain, appchainRegistry, keys),
    ]);
    return keys.map((key, index) => {
      const [sent = "0x", held = "0x"] = [here[index], there[index]];
      return { key, settlement: sent, appchain: held, isEqual: sent === held };
    });
  } catch (error) {
    throw decodeError(error);
  }
}

function readWords(
  { client }: Chain,
  address: Address,
  keys: readonly string[],
): Promise<readonly Hex[]> {
  return client.readContract({
    address,
    abi: appchainParametersAbi,
    functionName: "get",
    args: [keys],
  });
}
