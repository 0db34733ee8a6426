import type { Address } from "viem";

import { decodeError } from "../errors/decodeError.ts";
import type { Chain } from "./connectChain.ts";

/** Whether there is code at an address. @throws {XmtpError} `RPC_UNREACHABLE` */
export async function hasContract(client: Chain["client"], address: Address): Promise<boolean> {
  const code = await client.getCode({ address }).catch((error: unknown) => {
    throw decodeError(error);
  });

  return code !== undefined && code !== "0x";
}
