import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";

import { parseMarkdown, type MarkdownParts, type Mistake } from "./markdown.ts";

/** With a folder and either a known ending or a closing slash, code in backticks reads as a path of this repository. */
const PATH =
  /^(?![@~$/]|https?:|node:)[\w.*<>-]+(\/[\w.*<>-]+)*(\/|\.(ts|mjs|js|json5?|md|sol|txt|yml))$/;

/** Written by commands, so not there in every checkout. */
const WRITTEN = ["deployments/", "dist/", "coverage/", "cache/", "node_modules/"];

/** Finds links and paths that lead nowhere. `file` is relative to `root`. */
export function checkPaths(root: string, file: string, parts: MarkdownParts): Mistake[] {
  const folder = path.dirname(path.join(root, file));

  const links = parts.links.flatMap(({ text, line }): Mistake[] => {
    if (/^[a-z]+:/i.test(text)) return [];

    const [target = "", anchor] = text.split("#", 2);
    const targetFile = path.resolve(folder, target);
    if (target !== "" && !existsSync(targetFile)) {
      return [{ line, message: `the link leads nowhere: ${text}` }];
    }
    if (anchor === undefined || (target !== "" && !target.endsWith(".md"))) return [];

    const { anchors } = target === "" ? parts : parseMarkdown(readFileSync(targetFile, "utf8"));
    return anchors.has(anchor) ? [] : [{ line, message: `no heading has the anchor of ${text}` }];
  });

  const paths = parts.inlineCode
    .filter(({ text }) => text.includes("/") && PATH.test(text))
    .filter(({ text }) => !WRITTEN.some((written) => text.startsWith(written)))
    .filter(({ text }) => !isThere(root, text) && !isThere(folder, text))
    .map(({ text, line }) => ({ line, message: `there is no such path: ${text}` }));

  return [...links, ...paths];
}

/** `<network>` and `*` stand for any name. */
function isThere(folder: string, name: string): boolean {
  return globSync(name.replaceAll(/<[^>]+>/g, "*"), { cwd: folder }).length > 0;
}
