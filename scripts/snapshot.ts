/**
 * Writes `snapshots/` and what else is generated and kept in git, or with `--check` compares it with what the sources
 * give now and explains what differs. Gas takes a chain: `bench/gas.ts` writes it, `test/bench/gas.test.ts` compares it.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { explainDifferences } from "../hardhat/snapshots/explainDifferences.ts";
import { readExports } from "../hardhat/snapshots/exports.ts";
import { readOpenApi } from "../hardhat/snapshots/openApi.ts";
import { generateProtobuf, readCommittedProtobuf } from "../hardhat/snapshots/protobuf.ts";
import { readSizes } from "../hardhat/snapshots/sizes.ts";
import { runSteps } from "../hardhat/runSteps.ts";
import { readStorageLayouts } from "../hardhat/snapshots/storage.ts";
import { renderErrorDocs } from "../src/errors/renderErrorDocs.ts";

interface Snapshot {
  readonly file: string;
  readonly read: () => unknown;
  /** What a difference means for others. */
  readonly meaning: string;
}

const root = path.resolve(import.meta.dirname, "..");

const SNAPSHOTS: readonly Snapshot[] = [
  {
    file: "storage.json",
    read: () => readStorageLayouts(root),
    meaning:
      "A field that moved, went or changed its type breaks deployed proxies at their next upgrade; one added last does not.",
  },
  {
    file: "sizes.json",
    read: () => readSizes(root),
    meaning:
      "Code changed. With another creation code hash of the proxy, every proxy gets another address.",
  },
  {
    file: "exports.json",
    read: () => readExports(root, "index.ts"),
    meaning: "An export that went or changed its kind breaks the programs that import it.",
  },
  {
    file: "exports.indexer.json",
    read: () => readExports(root, "indexer/index.ts"),
    meaning: "An export that went or changed its kind breaks the programs that import it.",
  },
  {
    file: "openapi.json",
    read: () => readOpenApi(),
    meaning:
      "The indexer's HTTP interface changed. A route or field that went breaks its clients; a new one does not.",
  },
];

const isCheck = process.argv.includes("--check");
let differs = false;

for (const { file, read, meaning } of SNAPSHOTS) {
  const snapshotFile = path.join(root, "snapshots", file);
  const current = await read();
  const recorded: unknown = existsSync(snapshotFile)
    ? JSON.parse(await readFile(snapshotFile, "utf8"))
    : {};

  const differences = explainDifferences(recorded, current);
  for (const line of differences) console.log(`snapshots/${file}: ${line}`);

  if (differences.length > 0 && isCheck) console.log(`  ${meaning}`);
  if (!isCheck) {
    await mkdir(path.dirname(snapshotFile), { recursive: true });
    await writeFile(snapshotFile, `${JSON.stringify(current, null, 2)}\n`);
  }
  differs ||= differences.length > 0;
}

const errorDocs = path.join(root, "docs", "errors.md");
if (isCheck && (await readFile(errorDocs, "utf8").catch(() => "")) !== renderErrorDocs()) {
  console.log("docs/errors.md is not what the catalogues in src/errors give.");
  differs = true;
}

const protobuf = await generateProtobuf(root);
const committed = await readCommittedProtobuf(root);
for (const file of Object.keys({ ...committed, ...protobuf })) {
  if (committed[file] === protobuf[file]) continue;
  if (isCheck) {
    console.log(`${file} is not what the schemas beside it give.`);
    differs = true;
  } else if (protobuf[file] === undefined) await rm(path.join(root, file));
  else await writeFile(path.join(root, file), protobuf[file]);
}

if (!isCheck) {
  await writeFile(errorDocs, renderErrorDocs());
  const hardhat = "node_modules/hardhat/dist/src/cli.js";
  process.exitCode = await runSteps([
    { name: "gas", command: "node", args: [hardhat, "run", "--no-compile", "bench/gas.ts"] },
  ]);
} else if (differs) {
  console.error("If that is meant, `npm run snapshot` records it; review the change like code.");
  process.exitCode = 1;
}
