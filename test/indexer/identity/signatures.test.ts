import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { toBytes, type Hex } from "viem";

import { passkey } from "../../../src/indexer/identity/identifiers.ts";
import {
  createContractWallet,
  createLegacyWallet,
  createPasskey,
  createWallet,
  writeHighS,
  writeHighSAndV,
  writeSignature,
  writeUsual,
  type Actor,
} from "../../helpers/identity/actors.ts";
import { describeAlike, type SignerCase } from "../../helpers/identity/describeAlike.ts";

const KEY: Hex = `0x${"11".repeat(32)}`;
const SEED = new Uint8Array(32).fill(0xc1);
const ORDER = secp256k1.Point.Fn.ORDER;
const ADDRESS = "0xABCDEFabcdef0123456789abcdef0123456789ab";

const WALLETS: readonly SignerCase[] = [
  ["the higher s with v as it was", createWallet(KEY, writeHighS), true],
  ["the higher s with its own v", createWallet(KEY, writeHighSAndV), false],
  ["66 bytes", createWallet(KEY, (signature) => withBytes(writeUsual(signature), 0)), false],
  ["64 bytes", createWallet(KEY, (signature) => writeUsual(signature).subarray(0, 64)), false],
  ["no bytes", createWallet(KEY, () => new Uint8Array()), false],
  ["r of 0", createWallet(KEY, ({ s }) => writeSignature({ r: 0n, s }, 27)), false],
  ["s of 0", createWallet(KEY, ({ r }) => writeSignature({ r, s: 0n }, 27)), false],
  ["s of the order", createWallet(KEY, ({ r }) => writeSignature({ r, s: ORDER }, 27)), false],
  ["r of the order", createWallet(KEY, ({ s }) => writeSignature({ r: ORDER, s }, 27)), false],
  ["r that is no x", createWallet(KEY, ({ s }) => writeSignature({ r: 5n, s }, 27)), false],
  ...[0, 27, 35, 37, 253].map((first): SignerCase => {
    const write = createWallet(KEY, (signature) =>
      writeSignature(signature, first + signature.parity),
    );
    return [`v from ${first}`, write, true];
  }),
  ...[2, 3, 26, 29, 30, 34].map((v): SignerCase => {
    return [`v ${v}`, createWallet(KEY, (signature) => writeSignature(signature, v)), false];
  }),
];

const P256: readonly SignerCase[] = [
  ["as DER with more behind it", rewritten((der) => withBytes(der, 0)), false],
  ["as DER with a long length", rewritten((der) => longLength(der)), false],
  ["as DER with a zero too many", rewritten((der) => zeroBeforeR(der)), false],
  ["of no bytes", rewritten(() => new Uint8Array()), false],
  ["of an uncompressed key", createPasskey(SEED, { isCompressed: false }), true],
  // Found by trial: the y of these keys is low and odd, and high and even.
  ["of a compact key with low y", compactOf(5), true],
  ["of a compact key with high y", compactOf(3), false],
  ["of a key with the other y", keyed((key) => withForm(5 - (key[0] ?? 0), key)), false],
  ["of a hybrid key", keyed((key) => withForm(6, key), { isCompressed: false }), false],
  ["of a key without its form", keyed((key) => key.subarray(1), { isCompressed: false }), false],
  ["of the point at infinity", keyed(() => Uint8Array.of(0)), false],
];

const LEGACY: readonly SignerCase[] = [
  ["as clients wrote it", createLegacyWallet(KEY, keyFrom(2)), true],
  [
    "with a compressed key of even y",
    legacyOf(keyFrom(2), (key) => withForm(2, key.subarray(0, 33))),
    true,
  ],
  [
    "with a compact key of even y",
    legacyOf(keyFrom(2), (key) => withForm(5, key.subarray(0, 33))),
    true,
  ],
  [
    "with a compact key of odd y",
    legacyOf(keyFrom(1), (key) => withForm(5, key.subarray(0, 33))),
    false,
  ],
  ["with a hybrid key", legacyOf(keyFrom(2), (key) => withForm(6, key)), false],
  [
    "with a key off the curve",
    legacyOf(keyFrom(2), (key) => withBytes(key.subarray(0, 64), 1)),
    false,
  ],
  [
    "with another's key",
    legacyOf(keyFrom(2), () => secp256k1.getPublicKey(toBytes(keyFrom(3)), false)),
    false,
  ],
  ...[27, 35, 256, 283].map((more): SignerCase => [
    `with ${more} more in its recovery number`,
    createLegacyWallet(KEY, keyFrom(2), { more }),
    true,
  ]),
  ["with 2 more in its recovery number", createLegacyWallet(KEY, keyFrom(2), { more: 2 }), false],
];

const ACCOUNTS: readonly (readonly [accountId: string, isAccepted: boolean])[] = [
  [`eip155:1:${ADDRESS}`, true],
  [`eip155:1:${ADDRESS.toLowerCase()}`, true],
  [`eip155:18446744073709551615:${ADDRESS}`, true],
  [`eip155:18446744073709551616:${ADDRESS}`, false],
  [`eip155:-1:${ADDRESS}`, false],
  [`eip155:1x:${ADDRESS}`, false],
  [`eip156:1:${ADDRESS}`, false],
  [`eip155:1:${ADDRESS}0`, false],
  [`eip155:1:${ADDRESS.slice(0, -1)}`, false],
  [`eip155:1:${ADDRESS.slice(0, -1)}g`, false],
  [`eip155:1:0X${ADDRESS.slice(2)}`, false],
  [`eip155:1:${ADDRESS}\n`, false],
  [`eip155:${"1".repeat(33)}:${ADDRESS}`, false],
  [`eip155:1:${ADDRESS}:`, false],
  [`1:${ADDRESS}`, false],
  ["", false],
];

describeAlike("signatures of a wallet", WALLETS);
describeAlike("signatures of a passkey", P256);
describeAlike("signatures of a legacy key", LEGACY);
describeAlike(
  "accounts of contract wallets",
  ACCOUNTS.map(([accountId, isAccepted]) => [
    JSON.stringify(accountId),
    createContractWallet(accountId, { blockNumber: 0n, bytes: SEED }),
    isAccepted,
  ]),
  () => ({ kind: "ethereum", value: ADDRESS.toLowerCase() }),
);

function withBytes(bytes: Uint8Array, ...more: number[]): Uint8Array {
  return Uint8Array.of(...bytes, ...more);
}

/** A key with another byte in front, which says what form it has. */
function withForm(form: number, key: Uint8Array): Uint8Array {
  return Uint8Array.of(form, ...key.subarray(1));
}

function keyFrom(byte: number): Hex {
  return `0x${byte.toString(16).padStart(2, "0").repeat(32)}`;
}

/** A passkey whose signatures have other bytes. */
function rewritten(rewrite: (der: Uint8Array) => Uint8Array): Actor {
  return createPasskey(SEED, { rewrite });
}

function longLength(der: Uint8Array): Uint8Array {
  return Uint8Array.of(0x30, 0x81, ...der.subarray(1));
}

function zeroBeforeR(der: Uint8Array): Uint8Array {
  const [sequence = 0, length = 0, integer = 0, rLength = 0, ...rest] = der;

  return Uint8Array.of(sequence, length + 1, integer, rLength + 1, 0, ...rest);
}

/** A passkey that gives its key in another form. */
function keyed(
  form: (key: Uint8Array) => Uint8Array,
  { isCompressed = true, secret = SEED }: { isCompressed?: boolean; secret?: Uint8Array } = {},
): Actor {
  const genuine = createPasskey(secret, { isCompressed });
  const publicKey = form(p256.getPublicKey(secret, isCompressed));

  return {
    identifier: passkey(publicKey),
    sign: (text) => {
      const { signature } = genuine.sign(text);
      if (signature?.case !== "passkey") throw new Error("a passkey signs otherwise");
      return { signature: { case: "passkey", value: { ...signature.value, publicKey } } };
    },
  };
}

/** A passkey that gives the x of its key alone. */
function compactOf(byte: number): Actor {
  return keyed((key) => withForm(5, key), { secret: new Uint8Array(32).fill(byte) });
}

/** A legacy wallet whose delegated key is written in another form, and signed so. */
function legacyOf(delegatedKey: Hex, form: (key: Uint8Array) => Uint8Array): Actor {
  return createLegacyWallet(KEY, delegatedKey, { form });
}
