import type { BaseContract } from "ethers";

/** Calldata of a call; for contracts of which the type is one of several. */
export function encodeCall(contract: BaseContract, name: string, args: unknown[] = []): string {
  return contract.interface.encodeFunctionData(name, args);
}

/** What a contract reverts with when it throws this error. */
export function encodeError(contract: BaseContract, name: string, args: unknown[] = []): string {
  return contract.interface.encodeErrorResult(name, args);
}
