import { decodeFunctionResult, encodeFunctionData, type Address, type Hex } from "viem";

import { groupMessagesAbi } from "../abi/index.ts";
import type { Rpc } from "../chain/createRpc.ts";
import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import type { PayloadLimits } from "../inputs/parsePayload.ts";

/** The payload sizes that a contract takes, as last read. */
export interface Limits {
  current(): PayloadLimits;
  /** Reads them again; concurrent calls share one reading. @throws {XmtpError} */
  refresh(): Promise<void>;
  /** Milliseconds since they were read. */
  age(): number;
}

/** Reads the limits of one of the logs. Both logs have the same functions for them. */
export async function createLimits(rpc: Rpc, contract: Address): Promise<Limits> {
  let limits: PayloadLimits = { minPayloadSize: 0, maxPayloadSize: 0 };
  let readAt = 0;
  let reading: Promise<void> | undefined;

  const read = async (functionName: "minPayloadSize" | "maxPayloadSize"): Promise<number> => {
    const data = encodeFunctionData({ abi: groupMessagesAbi, functionName });
    const result = await rpc.call("eth_call", { to: contract, data }, "latest");
    if (result === "0x") throw libraryError("NO_CODE", `there is no contract at ${contract}`);
    return decodeFunctionResult({ abi: groupMessagesAbi, functionName, data: result as Hex });
  };
  const refresh = async (): Promise<void> => {
    try {
      const [minPayloadSize, maxPayloadSize] = await Promise.all([
        read("minPayloadSize"),
        read("maxPayloadSize"),
      ]);
      limits = { minPayloadSize, maxPayloadSize };
      readAt = Date.now();
    } catch (error) {
      throw decodeError(error);
    } finally {
      reading = undefined;
    }
  };
  const share = (): Promise<void> => (reading ??= refresh());
  await share();

  return { current: () => limits, refresh: share, age: () => Date.now() - readAt };
}
