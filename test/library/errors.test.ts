import { expect } from "chai";
import { encodeErrorResult, type Abi } from "viem";

import * as abis from "../../src/abi/index.ts";
import { orbitErrorsAbi } from "../../src/bridge/orbitAbi.ts";
import { ContractError } from "../../src/errors/ContractError.ts";
import { CONTRACT_ERRORS } from "../../src/errors/contractErrors.ts";
import { XmtpError } from "../../src/errors/XmtpError.ts";
import { decodeError } from "../../src/errors/decodeError.ts";
import { libraryError } from "../../src/errors/libraryErrors.ts";
import { renderErrorDocs } from "../../src/errors/renderErrorDocs.ts";

const SIZE_ERROR = encodeErrorResult({
  abi: abis.groupMessagesAbi,
  errorName: "InvalidPayloadSize",
  args: [1n, 78n, 262_144n],
});

describe("error catalogue", () => {
  const declared = new Set(
    [...Object.values(abis), orbitErrorsAbi].flatMap((abi: Abi) =>
      abi.flatMap((item) => (item.type === "error" ? [item.name] : [])),
    ),
  );

  it("has a hint for every error of every contract", () => {
    const missing = [...declared].filter((name) => CONTRACT_ERRORS[name] === undefined);
    expect(missing).to.deep.equal([]);
  });

  it("names no error that no contract has", () => {
    const stray = Object.keys(CONTRACT_ERRORS).filter((name) => !declared.has(name));
    expect(stray).to.deep.equal([]);
  });

  it("renders a row for every code", () => {
    const docs = renderErrorDocs();
    for (const name of declared) expect(docs, name).to.include(`| \`${name}\` |`);
    expect(docs).to.include("| `RPC_UNREACHABLE` |");
  });
});

describe("decodeError", () => {
  const wrapped = [
    ["raw revert data", SIZE_ERROR],
    ["a JSON-RPC error", { code: 3, message: "execution reverted", data: SIZE_ERROR }],
    ["an error with an object as data", { code: -32603, data: { data: SIZE_ERROR } }],
    ["a nested cause", new Error("outer", { cause: { data: SIZE_ERROR } })],
    [
      "a text that names the data",
      new Error(`unrecognized custom error (return data: ${SIZE_ERROR})`),
    ],
  ] as const;

  for (const [name, error] of wrapped) {
    it(`finds the contract's error in ${name}`, () => {
      const decoded = decodeError(error);
      expect(decoded).to.be.instanceOf(ContractError);
      expect(decoded.code).to.equal("InvalidPayloadSize");
      expect((decoded as ContractError).errorArgs).to.deep.equal([1n, 78n, 262_144n]);
      expect(decoded.hint).to.equal(CONTRACT_ERRORS["InvalidPayloadSize"]?.hint);
    });
  }

  it("leaves its own errors alone", () => {
    const error = libraryError("INVALID_NODE_ID", "7 is not a node id");
    expect(decodeError(error)).to.equal(error);
  });

  it("looks at the ABI that is passed first", () => {
    const abi = [{ type: "error", name: "Strange", inputs: [] }] as const;
    expect(decodeError(encodeErrorResult({ abi, errorName: "Strange" }), abi).code).to.equal(
      "Strange",
    );
  });

  const others = [
    ["unknown revert data", "0xdeadbeef", "REVERTED", false],
    ["a refused connection", new TypeError("fetch failed"), "RPC_UNREACHABLE", true],
    [
      "an empty account",
      new Error("insufficient funds for gas * price + value"),
      "INSUFFICIENT_FUNDS",
      true,
    ],
    [
      "a rate limit",
      Object.assign(new Error("Too Many Requests"), { status: 429 }),
      "RPC_BUSY",
      true,
    ],
    ["anything else", new Error("boom"), "RPC_REFUSED", false],
    ["no error at all", undefined, "RPC_REFUSED", false],
  ] as const;

  for (const [name, error, code, retryable] of others) {
    it(`calls ${name} ${code}`, () => {
      const decoded = decodeError(error);
      expect({ code: decoded.code, retryable: decoded.retryable }).to.deep.equal({
        code,
        retryable,
      });
    });
  }
});

describe("XmtpError", () => {
  it("strips credentials from URLs in its message", () => {
    const error = new XmtpError({
      code: "X",
      message:
        "no answer from https://user:pass@node.example:1/v2/0123456789abcdef0123?key=abc and wss://h/x",
      hint: "see http://me:secret@h2",
    });
    expect(error.message).to.equal(
      "no answer from https://node.example:1/v2/***?*** and wss://h/x; see http://h2",
    );
  });
});
