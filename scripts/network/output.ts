/** Where a command prints: results to standard output, everything else to standard error. */
export interface Output {
  /** A result: the value as one line of JSON with `--json`, the text otherwise. */
  result(value: unknown, text: string): void;
  /** Progress or a remark, for people; never a result. */
  note(text: string): void;
}

export function createOutput({ json }: { readonly json: boolean }): Output {
  return {
    result: (value, text) => void process.stdout.write(`${json ? toJson(value) : text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
  };
}

/** One line of JSON; big integers as decimal strings, as JSON numbers lose digits. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "bigint" ? inner.toString() : inner,
  );
}

/** Rows as columns of equal width, two spaces apart. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();

  return rows.map(line).join("\n");
}
