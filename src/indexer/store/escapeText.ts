/**
 * PostgreSQL's text cannot hold the character U+0000, and an update may carry any text. It is stored as `\0`, a backslash
 * as `\\`, everything else as it is.
 */
export function escapeText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\0", "\\0");
}

export function unescapeText(text: string): string {
  return text.replaceAll(/\\([\\0])/gu, (_, escaped: string) => (escaped === "0" ? "\0" : "\\"));
}
