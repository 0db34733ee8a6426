import { access, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { AddressBook, Origins } from "../../src/deployment/addressBook.ts";
import { libraryError } from "../../src/errors/libraryErrors.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const ARTIFACTS = join(ROOT, "artifacts");
const PARAMETERS = join(ROOT, "deploy", "parameters");

interface NetworkFiles {
  readonly network: string;
  readonly deploymentsDir: string;
}

/** The file of a network's parameters. @throws {XmtpError} `INVALID_OPTION`, naming the networks that there are */
export async function parametersFile({ network }: Pick<NetworkFiles, "network">): Promise<string> {
  const file = join(PARAMETERS, `${network}.json5`);
  if (await exists(file)) return file;
  const known = (await readdir(PARAMETERS)).map((name) => basename(name, ".json5")).sort();
  throw libraryError(
    "INVALID_OPTION",
    `there are no parameters of a network "${network}" in deploy/parameters`,
    { hint: `there are ${known.join(", ")}; a new network is a new file beside them` },
  );
}

export function addressBookPath({ network, deploymentsDir }: NetworkFiles): string {
  return join(deploymentsDir, `${network}.json`);
}

/** Where a network began, if it was ever deployed from here. @throws {XmtpError} `INVALID_ADDRESS_BOOK` */
export async function findOrigins(files: NetworkFiles): Promise<Origins | undefined> {
  const path = addressBookPath(files);
  if (!(await exists(path))) return undefined;
  const { readOrigins } = await import("../../src/deployment/addressBookFile.ts");

  return await readOrigins(path);
}

/** The addresses of a network, if it was ever deployed from here. @throws {XmtpError} `INVALID_ADDRESS_BOOK` */
export async function findAddressBook(files: NetworkFiles): Promise<AddressBook | undefined> {
  const path = addressBookPath(files);
  if (!(await exists(path))) return undefined;
  const { readAddressBook } = await import("../../src/deployment/addressBookFile.ts");

  return await readAddressBook(path);
}

/** The addresses of a network. @throws {XmtpError} `INVALID_ADDRESS_BOOK`, also if there is none */
export async function requireAddressBook(files: NetworkFiles): Promise<AddressBook> {
  const addressBook = await findAddressBook(files);
  if (addressBook !== undefined) return addressBook;
  throw libraryError("INVALID_ADDRESS_BOOK", `there is no ${addressBookPath(files)}`, {
    hint:
      files.network === "devnet"
        ? "start the devnet: npm start; or pass --network"
        : `deploy the network: npm run network -- deploy --network ${files.network}`,
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
