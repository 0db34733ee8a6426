import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { libraryError } from "../errors/libraryErrors.ts";
import { parseAddressBook, parseOrigins, type AddressBook, type Origins } from "./addressBook.ts";

/** Reads an address book from a file. @throws {XmtpError} `INVALID_ADDRESS_BOOK` */
export async function readAddressBook(path: string): Promise<AddressBook> {
  return parseAddressBook(await readJson(path), path);
}

/** Reads where a network began from its address book. @throws {XmtpError} `INVALID_ADDRESS_BOOK` */
export async function readOrigins(path: string): Promise<Origins> {
  return parseOrigins(await readJson(path), path);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw libraryError("INVALID_ADDRESS_BOOK", `${path} cannot be read as JSON`, { cause: error });
  }
}

/** Writes an address book whole or not at all: a reader never sees half a file. Keys come in alphabetical order. */
export async function writeAddressBook(path: string, addressBook: AddressBook): Promise<void> {
  const sorted = Object.fromEntries(
    Object.entries(addressBook).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const temporary = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, `${JSON.stringify(sorted, null, 2)}\n`);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
