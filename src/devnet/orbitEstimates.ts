import {
  decodeFunctionData,
  decodeFunctionResult,
  encodeFunctionData,
  isAddress,
  isAddressEqual,
  numberToHex,
  parseAbi,
  zeroAddress,
  type Address,
  type Hex,
} from "viem";

import type { RpcLayer, RpcRequest } from "./devnetPlugin.ts";
import { SYSTEM_CONTRACTS, systemTicketsAbi } from "./relayer/systemContracts.ts";

const { ArbSys, ArbRetryableTx, NodeInterface } = SYSTEM_CONTRACTS;

/** Gas of a block: what a call may take at most. */
const BLOCK_GAS = 60_000_000n;
/** Gas of a transaction that does nothing. */
const MIN_GAS = 21_000n;
/** Gas that asking for the redeemer takes more in a ticket's call than in any other. */
const REDEEMER_GAS = 5_000n;
/** An estimate may be too high by one part in this many. */
const ESTIMATE_PARTS = 64n;

const estimatesAbi = parseAbi([
  "function mapL1SenderContractAddressToL2Alias(address sender, address unused) view returns (address)",
  "function redeem(bytes32 ticketId) returns (bytes32)",
  "function estimateRetryableTicket(address sender, uint256 deposit, address to, uint256 l2CallValue, address excessFeeRefundAddress, address callValueRefundAddress, bytes data)",
]);

type Ask = Parameters<RpcLayer>[1];
type Fields = Readonly<Record<string, unknown>>;

/** A call to be made, as clients send it. */
interface CallFields {
  readonly from?: Address;
  readonly to?: Address;
  readonly value?: Hex;
  readonly data?: Hex;
  readonly input?: Hex;
}

/**
 * Answers `eth_estimateGas` of an Arbitrum chain: a redeem takes the gas of the ticket's call as well, the estimate of a
 * ticket is that of its call, and what accounts have may be assumed.
 */
export async function estimateGas(request: RpcRequest, next: Ask): Promise<unknown> {
  const [call, block = "latest", overrides] = request.params as [CallFields, unknown?, Fields?];
  const { to, data = call.input ?? "0x" } = call;
  const isTo = (address: Address) =>
    to !== undefined && isAddress(to) && isAddressEqual(to, address);

  const asked = isTo(NodeInterface) || isTo(ArbRetryableTx) ? decodeCall(data) : undefined;

  if (asked?.functionName === "estimateRetryableTicket") {
    const [sender, , target, value, , , callData] = asked.args;
    const from = await aliasOf(sender, next);
    return numberToHex(await searchTicket({ from, to: target, value, data: callData }, next));
  }
  if (asked?.functionName === "redeem") {
    // The least that the transaction takes leaves the attempt as little as an attempt may have.
    const own = await searchGas(call, block, {}, next);
    const attempt = await searchTicket(await ticketOf(asked.args[0], next), next);
    return numberToHex(own + attempt - MIN_GAS);
  }
  return overrides === undefined
    ? next(request)
    : numberToHex(await searchGas(call, block, overrides, next));
}

function decodeCall(data: Hex) {
  try {
    return decodeFunctionData({ abi: estimatesAbi, data });
  } catch {
    return undefined;
  }
}

interface TicketCall {
  readonly from: Address;
  readonly to: Address;
  readonly value: bigint;
  readonly data: Hex;
}

async function ticketOf(ticketId: Hex, next: Ask): Promise<TicketCall> {
  const abi = systemTicketsAbi;
  const data = encodeFunctionData({ abi, functionName: "ticket", args: [ticketId] });
  const answer = await next({
    method: "eth_call",
    params: [{ to: ArbRetryableTx, data }, "latest"],
  });
  const [from, to, value, , callData] = decodeFunctionResult({
    ...{ abi, functionName: "ticket", data: answer as Hex },
  } as const);
  return { from, to, value, data: callData };
}

async function aliasOf(sender: Address, next: Ask): Promise<Address> {
  const functionName = "mapL1SenderContractAddressToL2Alias";
  const data = encodeFunctionData({ abi: estimatesAbi, functionName, args: [sender, zeroAddress] });
  const answer = await next({
    method: "eth_call",
    params: [{ to: ArbSys, data }, "latest"],
  });
  return decodeFunctionResult({ abi: estimatesAbi, functionName, data: answer as Hex });
}

/** The sender gets the value together with the call. */
async function searchTicket({ from, to, value, data }: TicketCall, next: Ask): Promise<bigint> {
  const call = {
    ...(!isAddressEqual(to, zeroAddress) && { to }),
    ...{ from, value: numberToHex(value), data },
  };
  return (
    REDEEMER_GAS +
    (await searchGas(call, "latest", { [from]: { balance: numberToHex(2n ** 128n) } }, next))
  );
}

/** The least gas with which a call succeeds, or little more. Throws what it fails with however much there is. */
async function searchGas(
  { from, to, value, data, input }: CallFields,
  block: unknown,
  overrides: Fields,
  next: Ask,
): Promise<bigint> {
  const call = (gas: bigint) =>
    next({
      method: "eth_call",
      params: [
        {
          ...(from && { from }),
          ...(to && { to }),
          ...(value && { value }),
          data: data ?? input ?? "0x",
          gas: numberToHex(gas),
        },
        block,
        overrides,
      ],
    });

  await call(BLOCK_GAS);
  let tooLow = MIN_GAS - 1n;
  let enough = BLOCK_GAS;
  while (enough - tooLow > 1n + tooLow / ESTIMATE_PARTS) {
    // Most calls take little: the first steps go down by large factors.
    const middle = tooLow * 4n < enough ? tooLow * 2n : (tooLow + enough) / 2n;
    const isEnough = await call(middle).then(
      () => true,
      () => false,
    );
    if (isEnough) enough = middle;
    else tooLow = middle;
  }
  return enough;
}
