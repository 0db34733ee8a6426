/**
 * Many may share a lock, or one has it alone. Everybody gets it in the order of asking, so nobody waits for ever.
 *
 * Not re-entrant: work that asks again for the lock it holds never ends.
 */
export function createLock() {
  let last: Promise<unknown> = Promise.resolve();
  const sharing = new Set<Promise<unknown>>();

  return {
    /** Runs `work` after all that was asked for before, and before all that is asked for later. */
    alone: <T>(work: () => Promise<T>): Promise<T> => {
      const run = Promise.allSettled([last, ...sharing]).then(work);
      last = run.catch(() => {});
      return run;
    },
    /** Runs `work` beside others that share, but never beside one that is alone. */
    shared: <T>(work: () => Promise<T>): Promise<T> => {
      const run = last.then(work);
      const forget = () => sharing.delete(run);
      sharing.add(run);
      run.then(forget, forget);
      return run;
    },
  };
}
