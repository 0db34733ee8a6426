/** What a transaction offers per gas, in wei. Chains without a base fee take `maxFeePerGas` as their gas price. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** What the node says about fees, in wei. */
export interface FeeMarket {
  /** Base fee of the newest block; undefined on a chain without one. */
  readonly baseFee: bigint | undefined;
  /** The tip that the node suggests; the whole gas price on a chain without a base fee. */
  readonly tip: bigint;
}

/** Room for five blocks of rising base fees. */
const BASE_FEE_FACTOR = 2n;

/** The fees of a new transaction, never above the cap. */
export function suggestFees({ baseFee, tip }: FeeMarket, cap: bigint | undefined): Fees {
  return limit(
    {
      maxFeePerGas: baseFee === undefined ? tip : baseFee * BASE_FEE_FACTOR + tip,
      maxPriorityFeePerGas: tip,
    },
    cap,
  );
}

/** The fees that replace a transaction: an eighth more than before, rounded up, or what a new one would offer. */
export function bumpFees(previous: Fees, market: FeeMarket, cap: bigint | undefined): Fees {
  const suggested = suggestFees(market, undefined);

  return limit(
    {
      maxFeePerGas: larger(raise(previous.maxFeePerGas), suggested.maxFeePerGas),
      maxPriorityFeePerGas: larger(
        raise(previous.maxPriorityFeePerGas),
        suggested.maxPriorityFeePerGas,
      ),
    },
    cap,
  );
}

/** Whether fees are high enough to replace a transaction with the previous ones. */
export function canReplace(previous: Fees, next: Fees): boolean {
  return (
    next.maxFeePerGas >= raise(previous.maxFeePerGas) &&
    next.maxPriorityFeePerGas >= raise(previous.maxPriorityFeePerGas)
  );
}

/** Whether the next block could take a transaction with these fees. */
export function coversBaseFee({ maxFeePerGas }: Fees, { baseFee }: FeeMarket): boolean {
  return baseFee === undefined || maxFeePerGas >= baseFee;
}

function raise(value: bigint): bigint {
  return value === 0n ? 1n : (value * 9n + 7n) / 8n;
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function limit({ maxFeePerGas, maxPriorityFeePerGas }: Fees, cap: bigint | undefined): Fees {
  if (cap === undefined || maxFeePerGas <= cap) return { maxFeePerGas, maxPriorityFeePerGas };

  return {
    maxFeePerGas: cap,
    maxPriorityFeePerGas: maxPriorityFeePerGas > cap ? cap : maxPriorityFeePerGas,
  };
}
