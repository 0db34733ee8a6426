import path from "node:path";

import ts from "typescript";

import { readCompilerOptions } from "../compilerOptions.ts";

/** Name of each export of the library, and what it is. */
export type ExportsSnapshot = Record<string, string>;

/** Lists what a file of `src/` exports. */
export function readExports(root: string, entry: string): ExportsSnapshot {
  const file = path.join(root, "src", entry);
  const program = ts.createProgram([file], readCompilerOptions(root));
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`src/${entry} is missing or exports nothing.`);

  const entries = checker.getExportsOfModule(module).map((symbol) => {
    const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    return [symbol.name, kindOf(isAlias ? checker.getAliasedSymbol(symbol) : symbol)] as const;
  });

  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function kindOf({ flags }: ts.Symbol): string {
  if (flags & ts.SymbolFlags.Class) return "class";
  if (flags & ts.SymbolFlags.Function) return "function";
  if (flags & ts.SymbolFlags.Variable) return "constant";
  if (flags & ts.SymbolFlags.ValueModule) return "namespace";
  if (flags & ts.SymbolFlags.Interface) return "interface";
  return "type";
}
