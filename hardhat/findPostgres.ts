import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

/** Where Debian and its kin keep the server's programs, out of PATH, a folder for each major version. */
const DEBIAN_FOLDER = "/usr/lib/postgresql";
const PROGRAMS = ["initdb", "postgres"];

/** The folder with the programs of a PostgreSQL server, the newest of Debian's before those of PATH; or undefined. */
export function findPostgres(): string | undefined {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : [];
  const folders = [
    ...versions
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => path.join(DEBIAN_FOLDER, version, "bin")),
    ...(process.env["PATH"] ?? "").split(path.delimiter),
  ];

  return folders.find((folder) =>
    PROGRAMS.every((program) => existsSync(path.join(folder, program))),
  );
}
