import { encodeAbiParameters, keccak256, stringToHex, toHex } from "viem";

/** A struct annotated with `@custom:storage-location erc7201:<id>`, as the syntax tree has it. */
export interface StorageNamespace {
  readonly id: string;
  /** `Contract.Struct`. */
  readonly struct: string;
  /** Values of all `bytes32` constants of the same contract: one of them has to be the slot. */
  readonly constants: readonly string[];
}

/** The slot that ERC-7201 gives to a namespace: keccak256(uint256(keccak256(id)) - 1), last byte cleared. */
export function slotOfNamespace(id: string): `0x${string}` {
  const hash = BigInt(keccak256(stringToHex(id)));
  const slot = BigInt(keccak256(encodeAbiParameters([{ type: "uint256" }], [hash - 1n])));

  return toHex(slot & ~0xffn, { size: 32 });
}

/** All namespaces in a set of syntax trees, sorted by id. */
export function findNamespaces(asts: Iterable<unknown>): StorageNamespace[] {
  const namespaces = new Map<string, StorageNamespace>();

  for (const ast of asts) {
    for (const contract of nodesOf(ast).filter(({ nodeType }) => nodeType === "ContractDefinition")) {
      const members = nodesOf(contract);
      const constants = members.filter(isBytes32Constant).map(valueOf);

      for (const struct of members.filter(({ nodeType }) => nodeType === "StructDefinition")) {
        const id = /erc7201:(\S+)/.exec(textOf(struct["documentation"]))?.[1];
        if (id === undefined) continue;
        namespaces.set(id, { id, struct: `${nameOf(contract)}.${nameOf(struct)}`, constants });
      }
    }
  }

  return [...namespaces.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

type AstNode = Readonly<Record<string, unknown>>;

function nodesOf(node: unknown): AstNode[] {
  const children = isNode(node) ? node["nodes"] : undefined;
  return Array.isArray(children) ? children.filter(isNode) : [];
}

function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null;
}

function nameOf(node: AstNode): string {
  return String(node["name"]);
}

/** A documentation node, or none. */
function textOf(documentation: unknown): string {
  return isNode(documentation) ? String(documentation["text"]) : "";
}

function isBytes32Constant({ nodeType, constant, typeDescriptions }: AstNode): boolean {
  const isBytes32 = isNode(typeDescriptions) && typeDescriptions["typeString"] === "bytes32";
  return nodeType === "VariableDeclaration" && constant === true && isBytes32;
}

function valueOf({ value }: AstNode): string {
  return isNode(value) ? String(value["value"]) : "";
}
