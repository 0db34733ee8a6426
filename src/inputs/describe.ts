const MAX_SHOWN = 80;

/** Prints a value that was refused, cut short; strings in quotes. Never call it with a secret. */
export function describe(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;

  const text = typeof value === "string" ? JSON.stringify(value) : String(value);

  return text.length > MAX_SHOWN
    ? `${text.slice(0, MAX_SHOWN)}... (${text.length} characters)`
    : text;
}
