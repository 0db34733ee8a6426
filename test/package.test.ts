import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";
import ts from "typescript";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "..");

/** What somebody who installed the package may write. */
const CONSUMER = `
import * as library from "xmtp-appchain";
import { groupMessagesAbi, nodesAbi } from "xmtp-appchain/abi";
import * as indexer from "xmtp-appchain/indexer";
import { Nodes__factory, type Nodes } from "xmtp-appchain/typechain";
import type { ContractEventName, ContractFunctionArgs } from "viem";

// Inferred from the constants: these lines fail to compile when the ABIs lose their literal types.
const event: ContractEventName<typeof groupMessagesAbi> = "MessageSent";
const args: ContractFunctionArgs<typeof nodesAbi, "view", "getNode"> = [100];
const signer: keyof Nodes & "getSigner" = "getSigner";

const fragments = [
  nodesAbi.some((item) => item.type === "function" && item.name === "getNode"),
  Nodes__factory.createInterface().getFunction(signer) !== null,
];

// What the package reads at run time is in it: the migrations, and the thread of the embedded database.
const database = await indexer.openDatabase({ folder: "temporary" });
const [{ answer } = {}] = await database.query("select 42 as answer");
await database.close();

console.log(
  JSON.stringify({
    exports: Object.keys(library).sort(),
    indexerExports: Object.keys(indexer).sort(),
    event,
    args,
    fragments,
    answer,
  }),
);
`;

describe("the package", function () {
  this.timeout(300_000);

  let project: string;

  before(async function () {
    project = await mkdtemp(path.join(tmpdir(), "xmtp-appchain-consumer-"));
    await run(process.execPath, ["scripts/build.ts"], { cwd: root });
    await run("npm", ["pack", "--ignore-scripts", "--pack-destination", project], { cwd: root });

    const { version, devDependencies } = await readJson(path.join(root, "package.json"));
    await writeFile(path.join(project, "package.json"), JSON.stringify({ type: "module" }));
    await writeFile(path.join(project, "consumer.ts"), CONSUMER);
    const packages = [`./xmtp-appchain-${version}.tgz`, `ethers@${devDependencies["ethers"]}`];
    const flags = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
    await run("npm", ["install", ...flags, ...packages], { cwd: project });
  });

  after(async function () {
    await rm(project, { recursive: true, force: true });
  });

  for (const resolution of ["bundler", "nodenext"] as const) {
    it(`type-checks under module resolution ${resolution}`, function () {
      expect(typeCheck(project, resolution)).to.deep.equal([]);
    });
  }

  it("runs, and exports what the snapshot says", async function () {
    const args = ["--disable-warning=ExperimentalWarning", "consumer.ts"];
    const { stdout } = await run(process.execPath, args, { cwd: project });

    expect(JSON.parse(stdout)).to.deep.equal({
      exports: await recordedValues("exports.json"),
      indexerExports: await recordedValues("exports.indexer.json"),
      answer: 42,
      event: "MessageSent",
      args: [100],
      fragments: [true, true],
    });
  });
});

/** Names of the exports that there are at run time. */
async function recordedValues(file: string): Promise<string[]> {
  const kinds = await readFile(path.join(root, "snapshots", file), "utf8");
  const recorded = Object.entries(JSON.parse(kinds) as Record<string, string>);

  return recorded
    .filter(([, kind]) => !["type", "interface"].includes(kind))
    .map(([name]) => name)
    .toSorted();
}

interface PackageJson {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

async function readJson(file: string): Promise<PackageJson> {
  return JSON.parse(await readFile(file, "utf8")) as PackageJson;
}

/** Checks the consumer and our declarations; those of viem and ethers would take half a minute and are theirs. */
function typeCheck(project: string, resolution: "bundler" | "nodenext"): string[] {
  const isBundler = resolution === "bundler";
  const program = ts.createProgram([path.join(project, "consumer.ts")], {
    module: isBundler ? ts.ModuleKind.ESNext : ts.ModuleKind.NodeNext,
    moduleResolution: isBundler
      ? ts.ModuleResolutionKind.Bundler
      : ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    types: [],
  });

  const sources = program
    .getSourceFiles()
    .filter(({ fileName }) => /consumer\.ts$|node_modules\/xmtp-appchain\//.test(fileName));
  expect(sources.length, "the declarations are found").to.be.greaterThan(10);

  const diagnostics = sources.flatMap((source) => [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ]);
  return [...program.getOptionsDiagnostics(), ...diagnostics].map(({ file, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, " ");
    return `${path.relative(project, file?.fileName ?? project)}: ${message}`;
  });
}
