/** The answer of a predicate: done, or the reason why not. */
export type Outcome = { readonly done: true } | { readonly done: false; readonly why: string };

export const DONE: Outcome = { done: true };

export function notDone(why: string): Outcome {
  return { done: false, why };
}

/** Done if the condition holds; `why` is only asked for if it does not. */
export function doneIf(condition: boolean, why: () => string): Outcome {
  return condition ? DONE : notDone(why());
}
