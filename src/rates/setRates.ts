import { encodeFunctionData, parseEventLogs, type Address, type Hex } from "viem";

import { ratesAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { transact, type TransactParameters } from "../chain/transact.ts";
import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { RATE_KEYS } from "../parameters/parameterKeys.ts";
import { setParameters } from "../parameters/parameters.ts";
import { newRatesStart } from "./newRatesStart.ts";
import { parseFee } from "./picodollars.ts";
import type { Rates } from "./rateAt.ts";
import { readLastRates } from "./readRates.ts";

/** Node software keeps the target in a signed 32-bit number. */
const MAX_TARGET_RATE = 2n ** 31n - 1n;
/** Seconds: the furthest that a start may lie ahead. One far in the future would be the last entry of the list for ever. */
const YEAR = 365n * 86_400n;

export interface SetRatesParameters extends TransactParameters {
  /** The parameter registry of the settlement chain; the account must be one of its admins. */
  readonly parameterRegistry: string;
  /** The contract `Rates`, `rateRegistry` in the address book. */
  readonly rateRegistry: string;
  readonly rates: Omit<Rates, "startTime"> & {
    /** Unix seconds, in the future. Default: two hours from now; at once for the first entry, which may be in the past. */
    readonly startTime?: bigint | undefined;
  };
}

/** An entry that is in the list now. */
export interface AppendedRates {
  readonly rates: Rates;
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
}

/**
 * Changes the prices of the network: writes all five parameters in one transaction, and has the contract append them.
 * What stops in between is finished by the same call, or by `updateRates`.
 *
 * @throws {XmtpError} before anything is sent: `INVALID_FEE`; `INVALID_PARAMETER` (the target, a start that is not after
 *   the last entry's, not in the future or over a year ahead, prices that hold already); `INVALID_ADDRESS`; and those of
 *   `transact`
 * @throws {ContractError} `NotAdmin`
 * @example
 * await setRates({
 *   chain: settlement, account,
 *   parameterRegistry: addresses.settlementChainParameterRegistry,
 *   rateRegistry: addresses.rateRegistry,
 *   rates: { messageFee: 100n, storageFee: 200n, congestionFee: 300n, targetRatePerMinute: 6000n },
 * });
 */
export async function setRates({
  parameterRegistry,
  rateRegistry,
  rates: { startTime, ...prices },
  ...parameters
}: SetRatesParameters): Promise<AppendedRates> {
  const contract = parseAddress(rateRegistry, "rate registry");
  parseFee(prices.messageFee, "message fee");
  parseFee(prices.storageFee, "storage fee");
  parseFee(prices.congestionFee, "congestion fee");
  if (prices.targetRatePerMinute < 0n || prices.targetRatePerMinute > MAX_TARGET_RATE) {
    throw libraryError("INVALID_PARAMETER", `the target is ${prices.targetRatePerMinute}`, {
      hint: `pass 0 to ${MAX_TARGET_RATE} messages per minute`,
    });
  }
  const { client } = parameters.chain;
  const [last, { timestamp: now }] = await Promise.all([
    readLastRates(client, contract),
    client.getBlock(),
  ]).catch((error: unknown) => {
    throw decodeError(error);
  });
  requireOtherPrices(prices, last);
  const start = startTime ?? newRatesStart(now, last?.startTime);
  requireStart({ start, now, last });

  const written = await setParameters({
    ...parameters,
    address: parameterRegistry,
    values: {
      [RATE_KEYS.messageFee]: prices.messageFee,
      [RATE_KEYS.storageFee]: prices.storageFee,
      [RATE_KEYS.congestionFee]: prices.congestionFee,
      [RATE_KEYS.targetRatePerMinute]: prices.targetRatePerMinute,
      [RATE_KEYS.startTime]: start,
    },
  });

  return updateRates({ ...parameters, address: contract }).catch(async (error: unknown) => {
    const appended = await findAppended({
      client,
      contract,
      fromBlock: written.blockNumber,
      start,
    });
    if (appended === undefined) throw error;
    return appended;
  });
}

/**
 * Has the contract append the prices that the registry holds to its list. Anyone may.
 *
 * @throws {ContractError} `NoChange` if the last entry has these prices, `InvalidStartTime`, `ParameterOutOfTypeBounds`
 * @throws {XmtpError} `INVALID_ADDRESS`, and those of `transact`
 */
export async function updateRates({
  address,
  ...parameters
}: TransactParameters & {
  /** The contract `Rates`, `rateRegistry` in the address book. */
  readonly address: string;
}): Promise<AppendedRates> {
  const to = parseAddress(address, "rate registry");
  const data = encodeFunctionData({ abi: ratesAbi, functionName: "updateRates" });
  const { logs, transactionHash, blockNumber } = await transact({ ...parameters, to, data });
  const own = logs.filter((log) => log.address.toLowerCase() === to.toLowerCase());
  const [event] = parseEventLogs({ abi: ratesAbi, eventName: "RatesUpdated", logs: own });
  if (event !== undefined) return { rates: event.args, transactionHash, blockNumber };
  throw libraryError("UNEXPECTED_RECEIPT", `the receipt of ${transactionHash} lacks RatesUpdated`);
}

type Prices = Omit<Rates, "startTime">;

function requireOtherPrices(prices: Prices, last: Rates | undefined): void {
  const isSame =
    last !== undefined &&
    prices.messageFee === last.messageFee &&
    prices.storageFee === last.storageFee &&
    prices.congestionFee === last.congestionFee &&
    prices.targetRatePerMinute === last.targetRatePerMinute;
  if (!isSame) return;
  throw libraryError("INVALID_PARAMETER", "the last entry of the list has these prices already", {
    hint: `nothing to do: they hold from ${last.startTime}, and a start alone cannot change`,
  });
}

function requireStart({
  start,
  now,
  last,
}: {
  start: bigint;
  now: bigint;
  last: Rates | undefined;
}): void {
  const earliest = last === undefined ? 0n : last.startTime < now ? now + 1n : last.startTime + 1n;
  const latest = now + YEAR;
  if (start >= earliest && start <= latest) return;
  throw libraryError("INVALID_PARAMETER", `new rates cannot start at ${start}`, {
    hint: `pass Unix seconds from ${earliest} to ${latest}; the chain's clock says ${now}`,
  });
}

/** The entry, if somebody else had it appended after it was written: anyone may. */
async function findAppended({
  client,
  contract,
  fromBlock,
  start,
}: {
  client: Chain["client"];
  contract: Address;
  fromBlock: bigint;
  start: bigint;
}): Promise<AppendedRates | undefined> {
  const events = await client.getContractEvents({
    address: contract,
    abi: ratesAbi,
    eventName: "RatesUpdated",
    fromBlock,
    strict: true,
  });
  const event = events.find(({ args }) => args.startTime === start);

  return (
    event && {
      rates: event.args,
      transactionHash: event.transactionHash,
      blockNumber: event.blockNumber,
    }
  );
}
