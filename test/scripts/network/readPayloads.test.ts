import { PassThrough } from "node:stream";

import { expect } from "chai";

import { formatCursor, parseFrom } from "../../../src/events/cursorText.ts";
import { readPayloads } from "../../../scripts/network/readPayloads.ts";

const ID = "0x00112233445566778899aabbccddeeff";

describe("readPayloads", () => {
  it("takes one payload from --hex, and the bytes of a file from --file", async () => {
    expect(await readPayloads({ id: ID, hex: "0x12", stdin: piped("") })).to.deep.equal([
      { id: ID, payload: "0x12" },
    ]);
    const [fromFile] = await readPayloads({ id: ID, file: "LICENSE", stdin: piped("") });
    expect(Buffer.from(fromFile?.payload ?? "").toString()).to.match(/^MIT License/u);
  });

  it("takes a payload per line: <id> <hex>, or <hex> where the id is given", async () => {
    const lines = await readPayloads({ id: undefined, stdin: piped("a 12\n\n  b\t34 \r\n") });
    expect(lines).to.deep.equal([
      { id: "a", payload: "12" },
      { id: "b", payload: "34" },
    ]);
    expect(await readPayloads({ id: ID, stdin: piped("12\n34") })).to.deep.equal([
      { id: ID, payload: "12" },
      { id: ID, payload: "34" },
    ]);
  });

  const refused = [
    ["--hex and --file", { id: ID, hex: "12", file: "LICENSE" }, "", "INVALID_OPTION"],
    ["--hex without an id", { id: undefined, hex: "12" }, "", "INVALID_OPTION"],
    ["a file that is not there", { id: ID, file: "no/such/file" }, "", "INVALID_OPTION"],
    ["no input", { id: ID }, "\n \n", "INVALID_OPTION"],
    ["an id on the command line and in the line", { id: ID }, "a 12", "INVALID_PAYLOAD"],
    ["a line without an id", { id: undefined }, "a 12\n34", "INVALID_PAYLOAD"],
  ] as const;

  for (const [name, given, input, code] of refused) {
    it(`refuses ${name}`, async () => {
      const error: unknown = await readPayloads({ ...given, stdin: piped(input) }).catch(
        (reason: unknown) => reason,
      );
      expect(error).to.include({ code });
    });
  }

  it("refuses a terminal, where nobody would know that it waits", async () => {
    const stdin = Object.assign(piped(""), { isTTY: true });
    const error: unknown = await readPayloads({ id: ID, stdin }).catch((reason: unknown) => reason);
    expect(error).to.include({ code: "INVALID_OPTION" });
  });
});

describe("parseFrom", () => {
  const cursor = { blockNumber: 12, logIndex: 3, blockHash: `0x${"ab".repeat(32)}` } as const;

  it("reads what formatCursor writes", () => {
    expect(parseFrom(formatCursor(cursor))).to.deep.equal({ after: cursor });
  });

  it("reads a block number", () => {
    expect(parseFrom("12")).to.deep.equal({ fromBlock: 12 });
  });

  for (const text of ["", "x", "-1", "1.5", "12:3", `12:3:0x${"ab".repeat(31)}`, "12:3:latest"]) {
    it(`does not take ${JSON.stringify(text)}`, () => {
      expect(parseFrom(text)).to.equal(undefined);
    });
  }
});

function piped(text: string): PassThrough & { isTTY?: boolean } {
  return new PassThrough().end(text);
}
