import type { Address, PublicClient } from "viem";

import { ratesAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { decodeError } from "../errors/decodeError.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import type { Rates } from "./rateAt.ts";

/** Entries per call. */
const PAGE_SIZE = 100n;

/**
 * Reads the price list of the network, by ascending start time. It only ever grows: pass what is known already, and only
 * later entries are read.
 *
 * @param known what an earlier call returned
 * @throws {XmtpError} `INVALID_ADDRESS`, `RPC_UNREACHABLE`
 * @example
 * const rates = await readRates({ chain: settlement, address: addresses.rateRegistry });
 * const { messageFee } = rateAt(rates, BigInt(Math.floor(Date.now() / 1000)));
 */
export async function readRates({
  chain: { client },
  address,
  known = [],
}: {
  readonly chain: Chain;
  /** The contract `Rates`, `rateRegistry` in the address book. */
  readonly address: string;
  readonly known?: readonly Rates[];
}): Promise<Rates[]> {
  const contract = { address: parseAddress(address, "rate registry"), abi: ratesAbi } as const;
  try {
    const rates = [...known];
    const total = await client.readContract({ ...contract, functionName: "getRatesCount" });
    for (let index = BigInt(rates.length); index < total; index += PAGE_SIZE) {
      const left = total - index;
      const count = left < PAGE_SIZE ? left : PAGE_SIZE;
      const args = [index, count] as const;
      rates.push(...(await client.readContract({ ...contract, functionName: "getRates", args })));
    }
    return rates;
  } catch (error) {
    throw decodeError(error);
  }
}

/** The last entry of the price list; undefined if there is none. Errors are those of viem. */
export async function readLastRates(
  client: PublicClient,
  address: Address,
): Promise<Rates | undefined> {
  const contract = { address, abi: ratesAbi } as const;
  const total = await client.readContract({ ...contract, functionName: "getRatesCount" });
  if (total === 0n) return undefined;
  const args = [total - 1n, 1n] as const;
  const [last] = await client.readContract({ ...contract, functionName: "getRates", args });
  return last;
}
