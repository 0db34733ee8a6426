import path from "node:path";

import ts from "typescript";

/** The compiler options of `tsconfig.json`. */
export function readCompilerOptions(root: string): ts.CompilerOptions {
  const file = path.join(root, "tsconfig.json");
  const read = ts.readConfigFile(file, (name) => ts.sys.readFile(name)) as { config: unknown };

  return ts.parseJsonConfigFileContent(read.config, ts.sys, root).options;
}
