import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";

/** The folder of the schemas, and of what is generated from them and kept in git. */
const FOLDER = "src/indexer/identity/proto";
const GENERATED = "_pb.ts";

/** File path from the root, and the text of the file. */
export type ProtobufSnapshot = Readonly<Record<string, string>>;

/** Reads what is generated from the protobuf schemas as it is in git. */
export async function readCommittedProtobuf(root: string): Promise<ProtobufSnapshot> {
  return readGenerated(path.join(root, FOLDER));
}

/** Generates TypeScript from the protobuf schemas, elsewhere, and returns it. Needs no network. */
export async function generateProtobuf(root: string): Promise<ProtobufSnapshot> {
  const output = await mkdtemp(path.join(tmpdir(), "protobuf-"));
  try {
    const template = path.join(FOLDER, "buf.gen.yaml");
    const args = ["generate", FOLDER, "--template", template, "--output", output];
    const buf = spawn(path.join(root, "node_modules/.bin/buf"), args, { cwd: root, stdio: "inherit" });
    const [code] = (await once(buf, "close")) as [number | null];
    if (code !== 0) throw new Error(`buf generate ended with code ${code ?? "none"}`);

    return await readGenerated(path.join(output, FOLDER));
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

async function readGenerated(folder: string): Promise<ProtobufSnapshot> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(GENERATED)).sort();

  return Object.fromEntries(
    await Promise.all(
      files.map(
        async (file) =>
          [`${FOLDER}/${file}`, await readFile(path.join(folder, file), "utf8")] as const,
      ),
    ),
  );
}
