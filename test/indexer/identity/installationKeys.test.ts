import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";

import { installation } from "../../../src/indexer/identity/identifiers.ts";
import { createInstallation, type Actor } from "../../helpers/identity/actors.ts";
import { describeAlike, type SignerCase } from "../../helpers/identity/describeAlike.ts";

type Point = InstanceType<typeof ed25519.Point>;

const { BASE } = ed25519.Point;
const ORDER = ed25519.Point.Fn.ORDER;
const PRIME = ed25519.Point.Fp.ORDER;
const CONTEXT = Buffer.from("IDENTITY UPDATE SIGNATURE");
const DOMAIN = Buffer.concat([
  Buffer.from("SigEd25519 no Ed25519 collisions"),
  Buffer.of(1, CONTEXT.length),
  CONTEXT,
]);
/** A point of order 8. */
const TORSION = ed25519.Point.fromHex(
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
);

const genuine = createInstallation(new Uint8Array(32).fill(9));
const publicKey = Buffer.from(genuine.identifier.value, "hex");

/** Encodings of the identity, as whose key everybody can sign. */
const IDENTITIES = [
  ["the identity", littleEndian(1n)],
  ["the identity with a sign", withSign(littleEndian(1n))],
  ["the identity with y beyond the prime", littleEndian(PRIME + 1n)],
  ["the identity with y beyond the prime and a sign", withSign(littleEndian(PRIME + 1n))],
] as const;

const CASES: readonly SignerCase[] = [
  ["as clients write it", genuine, true],
  ["of 63 bytes", crafted(publicKey, (text) => genuineBytes(text).subarray(1)), false],
  [
    "of 65 bytes",
    crafted(publicKey, (text) => Buffer.concat([genuineBytes(text), Buffer.of(0)])),
    false,
  ],
  ["with the order added to s", crafted(publicKey, (text) => withOrder(genuineBytes(text))), false],
  ["by a key of 31 bytes", crafted(publicKey.subarray(1), genuineBytes), false],
  ["by a key that is no point", crafted(Buffer.alloc(32, 2), genuineBytes), false],
  ...IDENTITIES.flatMap(([what, key]): SignerCase[] => [
    [`by ${what}`, crafted(key, () => join(BASE.multiply(5n).toBytes(), 5n)), true],
    [`by ${what}, s of 0`, crafted(key, () => join(littleEndian(1n), 0n)), true],
    [`by ${what}, R not canonical`, crafted(key, () => join(littleEndian(PRIME + 1n), 0n)), false],
  ]),
  // A part of order 8 in the key vanishes with the cofactor, and without it only if the hash is a multiple of 8.
  ["by a key of mixed order, hash a multiple of 8", mixedOrder((k) => k % 8n === 0n), true],
  ["by a key of mixed order, hash no multiple of 8", mixedOrder((k) => k % 8n !== 0n), false],
];

describeAlike("signatures of an installation", CASES);

function crafted(key: Uint8Array, bytesOf: (text: string) => Uint8Array): Actor {
  return {
    identifier: installation(key),
    sign: (text) => ({
      signature: { case: "installationKey", value: { bytes: bytesOf(text), publicKey: key } },
    }),
  };
}

/** A key with a part of order 8, which tries until the hash is as wanted. */
function mixedOrder(isWanted: (k: bigint) => boolean): Actor {
  const secret = 12_345n;
  const key = BASE.multiply(secret).add(TORSION).toBytes();

  return crafted(key, (text) => {
    for (let r = 1n; ; r++) {
      const R: Point = BASE.multiply(r);
      const k = hashOf(R.toBytes(), key, text);
      if (isWanted(k)) return join(R.toBytes(), (r + k * secret) % ORDER);
    }
  });
}

function hashOf(R: Uint8Array, key: Uint8Array, text: string): bigint {
  return toBigInt(sha512(Buffer.concat([DOMAIN, R, key, sha512(Buffer.from(text))]))) % ORDER;
}

function genuineBytes(text: string): Uint8Array {
  const { signature } = genuine.sign(text);
  if (signature?.case !== "installationKey") throw new Error("an installation signs otherwise");

  return signature.value.bytes ?? new Uint8Array();
}

function withOrder(bytes: Uint8Array): Uint8Array {
  return join(bytes.subarray(0, 32), toBigInt(bytes.subarray(32)) + ORDER);
}

function join(R: Uint8Array, s: bigint): Uint8Array {
  return Buffer.concat([R, littleEndian(s)]);
}

function withSign(bytes: Uint8Array): Uint8Array {
  const signed = Uint8Array.from(bytes);
  signed[31] = (signed[31] ?? 0) | 0x80;

  return signed;
}

function littleEndian(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}
