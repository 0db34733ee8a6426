import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

import { checkPaths } from "../../hardhat/docs/checkPaths.ts";
import { checkSamples } from "../../hardhat/docs/checkSamples.ts";
import { parseMarkdown } from "../../hardhat/docs/markdown.ts";

const root = path.resolve(import.meta.dirname, "..", "..");

const DOCUMENT = [
  "# Title, with `code`",
  "[ours](LICENSE) [web](https://example.com) [gone](gone.md) [up](#title-with-code) [down](#nope)",
  "`hardhat/runSteps.ts`, `hardhat/gone.ts`, `hardhat/config`, `contracts/*/Nodes.sol`",
  "```ts",
  'import { nodesAbi } from "xmtp-appchain/abi";',
  "const count: number = nodesAbi.length;",
  "const name: string = nodesAbi.length;",
  "```",
  "```text",
  "[not](a-link)",
  "```",
].join("\n");

describe("the documents check", function () {
  it("finds links and paths that lead nowhere", function () {
    const mistakes = checkPaths(root, "DOCUMENT.md", parseMarkdown(DOCUMENT));

    expect(mistakes).to.deep.equal([
      { line: 2, message: "the link leads nowhere: gone.md" },
      { line: 2, message: "no heading has the anchor of #nope" },
      { line: 3, message: "there is no such path: hardhat/gone.ts" },
    ]);
  });

  it("looks for anchors in the file that is linked", async function () {
    const folder = await mkdtemp(path.join(root, "cache", "documents-"));
    try {
      await writeFile(path.join(folder, "DOCUMENT.md"), DOCUMENT);
      const mistakes = checkPaths(folder, "DOCUMENT.md", parseMarkdown("[a](DOCUMENT.md#nope)"));

      expect(mistakes.map(({ message }) => message)).to.deep.equal([
        "no heading has the anchor of DOCUMENT.md#nope",
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("type-checks samples with this package installed", function () {
    this.timeout(60_000);
    const { samples } = parseMarkdown(DOCUMENT);
    const mistakes = checkSamples(root, [{ file: "DOCUMENT.md", samples }]);

    expect(mistakes.get("DOCUMENT.md")).to.deep.equal([
      {
        line: 7,
        message:
          "the sample does not type-check: Type 'number' is not assignable to type 'string'.",
      },
    ]);
  });
});
