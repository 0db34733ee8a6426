import type { Member } from "./types.ts";

/** How the members of an inbox differ before and after an update as a whole: who came and went in between is not in it. */
export interface MemberChanges {
  readonly added: readonly Member[];
  /** As they were. */
  readonly removed: readonly Member[];
  /** Added once more, as they are now: with another parent, time or chain. */
  readonly changed: readonly Member[];
}

/** Compares the members before and after an update, each by its key. */
export function memberChanges(
  before: ReadonlyMap<string, Member>,
  after: ReadonlyMap<string, Member>,
): MemberChanges {
  const added: Member[] = [];
  const changed: Member[] = [];
  for (const [key, member] of after) {
    const former = before.get(key);
    if (former === undefined) added.push(member);
    else if (former !== member) changed.push(member);
  }
  const removed = [...before].filter(([key]) => !after.has(key)).map(([, member]) => member);

  return { added, removed, changed };
}
