import { readFile, writeFile } from "node:fs/promises";

/** Writes a generated file, unless its text is right already: what watches it is not disturbed. */
export async function writeIfChanged(file: string, text: string): Promise<void> {
  if ((await readFile(file, "utf8").catch(() => undefined)) !== text) await writeFile(file, text);
}
