/** Checks every Markdown file: links, paths in backticks, and TypeScript samples. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";

import { checkPaths } from "../hardhat/docs/checkPaths.ts";
import { checkSamples } from "../hardhat/docs/checkSamples.ts";
import { parseMarkdown } from "../hardhat/docs/markdown.ts";

const root = path.resolve(import.meta.dirname, "..");
const files = globSync("**/*.md", { cwd: root, exclude: ["**/node_modules", "dist", "artifacts"] });

const documents = files.toSorted().map((file) => {
  const parts = parseMarkdown(readFileSync(path.join(root, file), "utf8"));
  return { file, samples: parts.samples, mistakes: checkPaths(root, file, parts) };
});
const sampleMistakes = checkSamples(root, documents);

let count = 0;
for (const { file, mistakes } of documents) {
  for (const { line, message } of [...mistakes, ...(sampleMistakes.get(file) ?? [])]) {
    console.error(`${file}:${line}: ${message}`);
    count++;
  }
}

if (count > 0) process.exitCode = 1;
