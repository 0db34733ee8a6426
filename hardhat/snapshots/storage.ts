import {
  findArtifacts,
  readBuiltContract,
  type BuiltContract,
  type StorageLayout,
} from "../buildOutput.ts";
import { PUBLIC_CONTRACTS } from "../publicContracts.ts";
import { findNamespaces, slotOfNamespace } from "./storageNamespaces.ts";

const HARNESS = "test/solidity/harness/StorageLayouts.sol";

/** Where each field of each upgradeable contract is stored: by namespace, then by struct, one line a field. */
export type StorageSnapshot = Record<string, { slot: string; structs: Record<string, string[]> }>;

/**
 * Reads the storage layouts from the last build.
 *
 * @throws Error  when a namespaced struct is missing in the harness, when a slot constant is not the one that ERC-7201
 *                gives, or when an upgradeable contract has storage outside of namespaces
 */
export async function readStorageLayouts(root: string): Promise<StorageSnapshot> {
  const files = await findArtifacts(root, PUBLIC_CONTRACTS);
  const contracts = await Promise.all(files.map((file) => readBuiltContract(root, file)));
  const harness = await readBuiltContract(root, `${HARNESS}/StorageLayouts.json`);

  contracts.forEach(requireNoPlainStorage);

  const namespaces = findNamespaces(contracts.flatMap(({ asts }) => [...asts.values()]));
  return Object.fromEntries(
    namespaces.map(({ id, struct, constants }) => {
      const slot = slotOfNamespace(id);
      if (!constants.includes(slot)) {
        throw new Error(`${struct}: no constant has ${slot}, the ERC-7201 slot of ${id}. Correct the constant.`);
      }

      return [id, { slot, structs: describeStruct(struct, harness.storageLayout) }];
    }),
  );
}

function requireNoPlainStorage({ artifact, storageLayout }: BuiltContract): void {
  const [variable] = storageLayout.storage;
  if (variable === undefined) return;

  throw new Error(
    `${artifact.contractName}.${variable.label} is an ordinary state variable. ` +
      "Move it into the contract's ERC-7201 struct: a base that grows would shift it.",
  );
}

/** The struct and, below it, every struct that it reaches, in order of appearance. */
function describeStruct(struct: string, { types }: StorageLayout): Record<string, string[]> {
  const label = `struct ${struct}`;
  const byId = new Map(Object.entries(types ?? {}));
  const root = [...byId.values()].find((type) => type.label === label);
  if (root === undefined) throw new Error(`Declare a variable of type ${struct} in ${HARNESS}.`);

  const structs: Record<string, string[]> = {};
  const visit = (type: typeof root | undefined): void => {
    if (type === undefined) return;

    for (const id of [type.key, type.value, type.base]) if (id !== undefined) visit(byId.get(id));
    if (type.members === undefined || structs[type.label] !== undefined) return;

    structs[type.label] = type.members.map(({ slot, offset, label, type: id }) => {
      const { label: typeLabel, numberOfBytes } = byId.get(id) ?? { label: id, numberOfBytes: "?" };
      return `slot ${slot}, byte ${offset}: ${typeLabel} ${label} (${numberOfBytes} bytes)`;
    });
    for (const { type: id } of type.members) visit(byId.get(id));
  };
  visit(root);

  return structs;
}
