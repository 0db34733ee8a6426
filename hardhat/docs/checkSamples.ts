import path from "node:path";

import ts from "typescript";

import { readCompilerOptions } from "../compilerOptions.ts";
import type { Located, Mistake } from "./markdown.ts";

/** A Markdown file with samples; `file` is relative to the root. */
export interface Sampled {
  readonly file: string;
  readonly samples: readonly Located[];
}

/**
 * Type-checks samples as if each were a module beside its Markdown file, with this package installed.
 * Returns the mistakes by file.
 */
export function checkSamples(root: string, documents: readonly Sampled[]): Map<string, Mistake[]> {
  const virtual = new Map<string, { file: string; sample: Located }>();
  for (const { file, samples } of documents) {
    for (const sample of samples) {
      virtual.set(path.join(root, `${file}.${sample.line}.ts`), { file, sample });
    }
  }

  const options = readCompilerOptions(root);
  const entries = {
    "": "src/index.ts",
    "/abi": "src/abi/index.ts",
    "/indexer": "src/indexer/index.ts",
    "/typechain": "typechain-types/index.ts",
  };
  const paths = Object.fromEntries(
    Object.entries(entries).map(([entry, file]) => [
      `xmtp-appchain${entry}`,
      [path.join(root, file)],
    ]),
  );

  const program = ts.createProgram([...virtual.keys()], { ...options, paths }, hostOver(virtual));

  const mistakes = new Map<string, Mistake[]>();
  for (const [name, { file, sample }] of virtual) {
    const source = program.getSourceFile(name);
    const found = ts
      .getPreEmitDiagnostics(program, source)
      .filter((diagnostic) => diagnostic.file === source)
      .map(({ start = 0, messageText }) => ({
        line: sample.line + (source?.getLineAndCharacterOfPosition(start).line ?? 0),
        message: `the sample does not type-check: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
      }));
    mistakes.set(file, [...(mistakes.get(file) ?? []), ...found]);
  }

  return mistakes;
}

/** The file system with the samples in it. */
function hostOver(virtual: ReadonlyMap<string, { sample: Located }>): ts.CompilerHost {
  const host = ts.createCompilerHost({});
  // Without an import or export, a sample would share its names with all others.
  const read = (name: string) => {
    const text = virtual.get(name)?.sample.text;
    return text === undefined ? undefined : `${text}\nexport {};\n`;
  };

  return {
    ...host,
    fileExists: (name) => virtual.has(name) || host.fileExists(name),
    readFile: (name) => read(name) ?? host.readFile(name),
    getSourceFile: (name, target, ...rest) => {
      const text = read(name);
      return text === undefined
        ? host.getSourceFile(name, target, ...rest)
        : ts.createSourceFile(name, text, target);
    },
  };
}
