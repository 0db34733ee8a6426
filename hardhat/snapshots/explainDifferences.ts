/** Says, line by line, how a value differs from the recorded one; nothing when it does not. */
export function explainDifferences(recorded: unknown, current: unknown): string[] {
  const before = flatten(recorded);
  const after = flatten(current);
  const paths = [...new Set([...before.keys(), ...after.keys()])];

  return paths.flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was === is) return [];
    if (was === undefined) return [`added    ${path}: ${is}`];
    if (is === undefined) return [`removed  ${path}: ${was}`];
    return [`changed  ${path}: ${was} -> ${is}${inPercent(was, is)}`];
  });
}

/** Leaves by their path. Equal lists of lines, such as the fields of a struct, stay readable that way. */
function flatten(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null) return new Map([[path, String(value)]]);

  const entries = Object.entries(value).map(([key, child]: [string, unknown]) =>
    flatten(child, path === "" ? key : `${path} / ${key}`),
  );
  return new Map(entries.flatMap((entry) => [...entry]));
}

function inPercent(was: string, is: string): string {
  const change = (Number(is) / Number(was) - 1) * 100;
  return Number.isFinite(change) ? ` (${change > 0 ? "+" : ""}${change.toFixed(2)} %)` : "";
}
