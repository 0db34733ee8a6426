import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";

const ROOT = path.resolve(import.meta.dirname, "../..");
const PROOF = /`(test\/[^`]+)`: "([^"]+)"/g;

describe("docs/compatibility.md", () => {
  const document = readFileSync(path.join(ROOT, "docs/compatibility.md"), "utf8");
  const rowsWithTest = tableRows(document).filter((row) => row.includes("`test/"));

  it("names a test for every deviation and every addition", () => {
    for (const heading of ["## What ours does otherwise", "## What ours has besides"]) {
      const section = document.split(heading)[1]?.split("\n## ")[0] ?? "";
      const [, ...rows] = tableRows(section);

      expect(rows, heading).to.not.be.empty;
      for (const row of rows) expect(row).to.match(new RegExp(PROOF.source));
    }
  });

  it("names tests that exist", () => {
    const proofs = rowsWithTest.flatMap((row) => [...row.matchAll(PROOF)]);

    expect(proofs).to.not.be.empty;
    for (const [, file = "", name = ""] of proofs) {
      expect(readFileSync(path.join(ROOT, file), "utf8"), file).to.include(`"${name}"`);
    }
  });
});

/** The rows of all tables, headings included, separators left out. */
function tableRows(text: string): string[] {
  return text.split("\n").filter((line) => line.startsWith("|") && !/^[|\s-]+$/.test(line));
}
