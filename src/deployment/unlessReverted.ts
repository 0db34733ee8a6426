import { BaseError, ContractFunctionZeroDataError, ExecutionRevertedError } from "viem";

/** EIP-1474 and geth: the error code of a call that reverted. */
const REVERTED = 3;

/** The answer of a call, or undefined if the contract refuses it or does not know it. Other errors pass through. */
export async function unlessReverted<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    // `walk` answers null when no cause fits.
    if (error instanceof BaseError && error.walk(isRevert) !== null) return undefined;
    throw error;
  }
}

function isRevert(cause: unknown): boolean {
  return (
    cause instanceof ExecutionRevertedError ||
    cause instanceof ContractFunctionZeroDataError ||
    (cause instanceof Error && "code" in cause && cause.code === REVERTED)
  );
}
