import { decodeErrorResult, type Abi, type Hex } from "viem";

import * as abis from "../abi/index.ts";
import { orbitErrorsAbi } from "../bridge/orbitAbi.ts";
import { ContractError } from "./ContractError.ts";
import { XmtpError } from "./XmtpError.ts";
import { libraryError } from "./libraryErrors.ts";

/** No chain of causes is deeper; a cycle would otherwise never end. */
const MAX_CAUSES = 32;

/** Every error of every contract, once; those of others last, for they may have the same names. */
const KNOWN_ERRORS: Abi = [...Object.values(abis), orbitErrorsAbi].flatMap((abi: Abi) =>
  abi.filter((item) => item.type === "error"),
);

/**
 * Turns whatever a call threw into an error of this package.
 *
 * Takes any error of viem or ethers, a JSON-RPC error object, or raw revert data. A revert becomes a `ContractError`
 * with the contract's own name of the error and its arguments; anything else becomes an `XmtpError` that says whether
 * trying again can help.
 *
 * @param abi errors of contracts that are not ours, looked at first
 * @example
 * decodeError("0xa88ee577").code; // "NoChange"
 */
export function decodeError(error: unknown, abi: Abi = []): XmtpError {
  if (error instanceof XmtpError) return error;

  const data = findRevertData(error);
  if (data !== undefined) return decodeRevertData(data, error, abi);

  return decodeNodeError(error);
}

function decodeRevertData(data: Hex, cause: unknown, abi: Abi): XmtpError {
  const source = cause === data ? undefined : cause;
  try {
    const { errorName, args } = decodeErrorResult({ abi: [...abi, ...KNOWN_ERRORS], data });
    return new ContractError({ errorName, errorArgs: args ?? [], data, cause: source });
  } catch {
    const shown = data.length > 74 ? `${data.slice(0, 74)}...` : data;
    return libraryError("REVERTED", `the contract refused the call with data ${shown}`, {
      cause: source,
    });
  }
}

function decodeNodeError(error: unknown): XmtpError {
  const chain = causes(error);
  const text = chain.map((link) => textOf(link)).join(" | ");
  const message = textOf(chain.at(-1) ?? error);
  const status = chain
    .map((link) => read(link, "status"))
    .find((value) => typeof value === "number");
  const names = chain.map((link) => read(link, "name"));

  if (/insufficient funds|doesn't have enough funds/iu.test(text)) {
    return libraryError("INSUFFICIENT_FUNDS", `the node refused the transaction: ${message}`, {
      cause: error,
    });
  }
  if (status === 429 || /rate limit|too many requests|limit exceeded/iu.test(text)) {
    return libraryError("RPC_BUSY", `the node refused the call: ${message}`, { cause: error });
  }
  if (
    names.includes("AbiDecodingZeroDataError") ||
    names.includes("ContractFunctionZeroDataError")
  ) {
    const address = chain
      .map((link) => read(link, "contractAddress"))
      .find((value) => typeof value === "string");
    const where = typeof address === "string" ? ` at ${address}` : "";
    return libraryError("NO_CODE", `there is no such contract${where}: the call returned nothing`, {
      cause: error,
    });
  }
  if (names.includes("RpcRequestError")) {
    return /revert/iu.test(text)
      ? libraryError("REVERTED", `the contract refused the call: ${message}`, { cause: error })
      : libraryError("RPC_REFUSED", `the node refused the call: ${message}`, { cause: error });
  }
  if (names.some((name) => UNREACHABLE_NAMES.has(String(name))) || UNREACHABLE_TEXT.test(text)) {
    const url = chain.map((link) => read(link, "url")).find((value) => typeof value === "string");
    const where = typeof url === "string" ? ` at ${url}` : "";
    return libraryError("RPC_UNREACHABLE", `the node${where} does not answer: ${message}`, {
      cause: error,
    });
  }

  return libraryError("RPC_REFUSED", `the call failed: ${message}`, { cause: error });
}

const UNREACHABLE_NAMES: ReadonlySet<string> = new Set([
  "HttpRequestError",
  "TimeoutError",
  "WebSocketRequestError",
  "SocketClosedError",
]);
const UNREACHABLE_TEXT =
  /fetch failed|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|socket hang up|other side closed/u;

/** Revert data is looked for from the outermost error inwards, in every field that a client or node puts it in. */
function findRevertData(error: unknown): Hex | undefined {
  if (isHex(error)) return error;

  for (const link of causes(error)) {
    for (const field of ["raw", "data"] as const) {
      const value = read(link, field);
      if (isHex(value) && value.length >= 10) return value;
      const nested = read(value, "data");
      if (isHex(nested) && nested.length >= 10) return nested;
    }
    const inText = /return data: (0x[0-9a-f]{8,})/iu.exec(textOf(link))?.[1];
    if (isHex(inText)) return inText;
  }

  return undefined;
}

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  let link = error;
  while (link !== undefined && link !== null && chain.length < MAX_CAUSES) {
    chain.push(link);
    link = read(link, "cause") ?? read(link, "error");
  }

  return chain;
}

function textOf(error: unknown): string {
  const text = read(error, "details") ?? read(error, "shortMessage") ?? read(error, "message");

  return typeof text === "string" && text !== "" ? text : String(error);
}

function read(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null && field in value
    ? (value as Record<string, unknown>)[field]
    : undefined;
}

function isHex(value: unknown): value is Hex {
  return typeof value === "string" && /^0x[0-9a-f]*$/iu.test(value);
}
