import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

const run = promisify(execFile);
const launcher = path.resolve(import.meta.dirname, "..", "..", "scripts", "launch.mjs");

async function launch(...args: string[]): Promise<{ code: number; stderr: string }> {
  const failure: unknown = await run(process.execPath, [launcher, ...args], {
    cwd: tmpdir(),
  }).catch((error: unknown) => error);
  const { code, stderr } = failure as { code: number; stderr: string };
  return { code, stderr };
}

describe("the launcher", function () {
  it("names the commands there are, from whatever folder it is called", async function () {
    const { code, stderr } = await launch("nonsense");

    expect(code).to.equal(1);
    expect(stderr)
      .to.contain('No command "nonsense".')
      .and.to.contain("check, ")
      .and.to.contain("test");
  });
});
