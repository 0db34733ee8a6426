/** What is known when nonces are given out anew. `E` is an entry of the line. */
export interface Situation<E> {
  /** The entries that the node has certainly not taken. */
  readonly movable: readonly E[];
  /** The highest nonce of an entry that cannot move. */
  readonly top: number | undefined;
  /** The nonces of entries that left the line. */
  readonly removed: readonly number[];
  /** Nonces that somebody else's transactions have. */
  readonly taken: readonly number[];
  /** The account's next nonce as the node says, if it was asked. */
  readonly pendingNonce: number | undefined;
}

export interface NoncePlan<E> {
  /** Nonces to fill with empty transactions. */
  readonly fills: readonly number[];
  /** The entries that get another nonce than they have. */
  readonly moves: readonly { readonly entry: E; readonly nonce: number }[];
  /** The nonce of the next request. */
  readonly nextNonce: number;
}

/**
 * Gives nonces to everything that may move, in the order of the requests and without a gap. What stands below a fixed
 * entry stays there if it can, and nonces that became free there are filled: without them nothing above would ever be
 * mined.
 */
export function planNonces<E extends { readonly nonce: number; readonly order: number }>({
  movable,
  top,
  removed,
  taken,
  pendingNonce,
}: Situation<E>): NoncePlan<E> {
  // A nonce that was refused as taken is taken, even if the node's answer does not show it yet.
  const free =
    pendingNonce === undefined
      ? Math.min(...removed, ...movable.map(({ nonce }) => nonce))
      : Math.max(pendingNonce, ...taken.map((nonce) => nonce + 1));
  const first = top === undefined ? free : Math.max(free, top + 1);
  const isNeeded = (nonce: number): boolean =>
    top !== undefined && nonce < top && nonce >= (pendingNonce ?? 0) && !taken.includes(nonce);
  const moving = movable.filter(({ nonce }) => !isNeeded(nonce));

  return {
    fills: removed.filter(isNeeded),
    // The same nonce needs no new signature.
    moves: moving
      .sort((left, right) => left.order - right.order)
      .map((entry, index) => ({ entry, nonce: first + index }))
      .filter(({ entry, nonce }) => entry.nonce !== nonce),
    nextNonce: first + moving.length,
  };
}
