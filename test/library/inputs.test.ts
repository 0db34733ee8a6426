import { expect } from "chai";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

import { XmtpError } from "../../src/errors/XmtpError.ts";
import { parseAddress } from "../../src/inputs/parseAddress.ts";
import { parseGroupId, parseInboxId, parseNodeId } from "../../src/inputs/parseIds.ts";
import { parseInteger } from "../../src/inputs/parseOption.ts";
import { checkPayloadSize, parsePayload } from "../../src/inputs/parsePayload.ts";
import { parsePrivateKey } from "../../src/inputs/parsePrivateKey.ts";
import { parseSigningPublicKey, signingAddress } from "../../src/inputs/parseSigningPublicKey.ts";
import { parseHttpAddress, parseHttpUrl, parseWebSocketUrl } from "../../src/inputs/parseUrl.ts";

type Parse = (value: never) => unknown;

const ADDRESS = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045";
const KEY_ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const LIMITS = { minPayloadSize: 2, maxPayloadSize: 4 };

const REFUSED: readonly (readonly [Parse, string, readonly unknown[]])[] = [
  [
    parsePrivateKey,
    "INVALID_PRIVATE_KEY",
    [
      undefined,
      "",
      "0x",
      "0x12",
      "g".repeat(64),
      `0x${"0".repeat(64)}`,
      KEY_ORDER,
      "f".repeat(65),
      7,
    ],
  ],
  [
    parseAddress,
    "INVALID_ADDRESS",
    [
      "",
      "0x",
      ADDRESS.slice(2),
      `${ADDRESS}0`,
      ADDRESS.replace("dA6B", "da6B"),
      `0x${"0".repeat(40)}`,
      null,
      1n,
    ],
  ],
  [
    parseGroupId,
    "INVALID_GROUP_ID",
    ["", "0x", "zz", "0x123", "ab".repeat(15), "ab".repeat(17), new Uint8Array(15), 5],
  ],
  [
    parseInboxId,
    "INVALID_INBOX_ID",
    ["", "0x", "ab".repeat(31), "ab".repeat(33), new Uint8Array(16), {}],
  ],
  [
    parseNodeId,
    "INVALID_NODE_ID",
    [0, 1, 99, 101, -100, 100.5, NaN, 4_294_967_300, "1e2", "0x64", " 100", null],
  ],
  [
    parseHttpUrl,
    "INVALID_URL",
    ["", "localhost:8545", "ws://h", "ftp://h", "http://", " http://h", undefined],
  ],
  [parseWebSocketUrl, "INVALID_URL", ["", "http://h", "h:1"]],
  [parseHttpAddress, "INVALID_URL", ["", "node.example", "ws://h", "HTTP://h", "https:/h"]],
  [parsePayload, "INVALID_PAYLOAD", ["", "0x", "0x1", "0xzz", "ab", new Uint8Array(0), 5, null]],
  [
    parseSigningPublicKey,
    "INVALID_SIGNING_KEY",
    [
      "",
      "0x04",
      `0x04${"11".repeat(64)}`,
      `0x02${"ff".repeat(32)}`,
      `0x02${"00".repeat(31)}05`,
      `0x04${"ff".repeat(64)}`,
      `0x05${"11".repeat(64)}`,
      new Uint8Array(65),
    ],
  ],
];

describe("inputs", () => {
  for (const [parse, code, values] of REFUSED) {
    for (const value of values) {
      const shown = value instanceof Uint8Array ? `${value.length} bytes` : String(value);
      it(`${parse.name} refuses ${shown.slice(0, 40) || "nothing"}`, () => {
        expect(() => parse(value as never))
          .to.throw(XmtpError)
          .with.property("code", code);
      });
    }
  }

  it("never prints a private key", () => {
    const almost = `0x${"ab".repeat(31)}xy`;
    const error = caught(() => parsePrivateKey(almost, "PRIVATE_KEY"));
    expect(error.message).to.include("PRIVATE_KEY").and.not.to.include("abab");
    expect(error.cause).to.equal(undefined);
  });

  it("names the value and what to do", () => {
    expect(caught(() => parseNodeId(101)).message).to.match(
      /^101 is not a node id; .*100, 200, 300/u,
    );
    expect(caught(() => parseHttpUrl("ftp://me:pw@h")).message)
      .to.include("http://host:8545")
      .and.not.include("pw@");
  });

  it("accepts what it should and returns one form", () => {
    const key = generatePrivateKey();
    expect(parsePrivateKey(key.slice(2)).address).to.equal(privateKeyToAccount(key).address);
    expect(parseAddress(ADDRESS.toLowerCase())).to.equal(ADDRESS);
    expect(parseAddress(`0x${ADDRESS.slice(2).toUpperCase()}`)).to.equal(ADDRESS);
    expect(parseGroupId("AB".repeat(16))).to.equal(`0x${"ab".repeat(16)}`);
    expect(parseGroupId(new Uint8Array(16).fill(1))).to.equal(`0x${"01".repeat(16)}`);
    expect(parseInboxId(`0x${"cd".repeat(32)}`)).to.equal(`0x${"cd".repeat(32)}`);
    expect(parseNodeId("100")).to.equal(100);
    expect(parseNodeId(4_294_967_200)).to.equal(4_294_967_200);
    expect(parseHttpAddress("https://node.example:5050")).to.equal("https://node.example:5050");
    expect(parsePayload(Uint8Array.of(0, 255))).to.equal("0x00ff");
    expect(parseInteger(5, "x", 5, 5)).to.equal(5);
  });

  it("expands compressed signing keys of either parity", () => {
    for (let index = 0; index < 8; index += 1) {
      const { publicKey, address } = privateKeyToAccount(generatePrivateKey());
      const isOdd = BigInt(`0x${publicKey.slice(68)}`) % 2n === 1n;
      const compressed = `0x${isOdd ? "03" : "02"}${publicKey.slice(4, 68)}`;
      expect(parseSigningPublicKey(compressed), "expanded").to.equal(publicKey);
      expect(parseSigningPublicKey(publicKey), "full").to.equal(publicKey);
      expect(signingAddress(publicKey), "address").to.equal(address);
    }
  });

  it("checks payload sizes at the bounds and one past them", () => {
    checkPayloadSize("0x0000", LIMITS);
    checkPayloadSize("0x00000000", LIMITS);
    for (const payload of ["0x00", "0x0000000000"] as const) {
      expect(caught(() => checkPayloadSize(payload, LIMITS)).code, payload).to.equal(
        "INVALID_PAYLOAD_SIZE",
      );
    }
  });

  it("checks options at the bounds and one past them", () => {
    for (const value of [4, 11, 5.5, Number.NaN]) {
      expect(caught(() => parseInteger(value, "x", 5, 10)).code, String(value)).to.equal(
        "INVALID_OPTION",
      );
    }
  });
});

function caught(action: () => unknown): XmtpError {
  try {
    action();
  } catch (error) {
    if (error instanceof XmtpError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
