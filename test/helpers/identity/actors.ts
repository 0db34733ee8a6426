import { create, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { ed25519ph } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { hashMessage, toBytes, type Hex } from "viem";
import { privateKeyToAddress } from "viem/accounts";

import { ethereum, installation, passkey } from "../../../src/indexer/identity/identifiers.ts";
import type { SignatureSchema } from "../../../src/indexer/identity/proto/associations_pb.ts";
import { UnsignedPublicKeySchema } from "../../../src/indexer/identity/proto/message_contents_pb.ts";
import type { Identifier } from "../../../src/indexer/identity/types.ts";

export type SignatureInit = MessageInitShape<typeof SignatureSchema>;

/** Somebody who signs updates. */
export interface Actor {
  readonly identifier: Identifier;
  readonly sign: (text: string) => SignatureInit;
}

export interface EcdsaSignature {
  readonly r: bigint;
  readonly s: bigint;
  /** 0 or 1. */
  readonly parity: number;
}

const ORDER = secp256k1.Point.Fn.ORDER;

/** A wallet, whose signatures may be written in other ways. */
export function createWallet(
  privateKey: Hex,
  write: (signature: EcdsaSignature) => Uint8Array = writeUsual,
): Actor {
  return {
    identifier: ethereum(privateKeyToAddress(privateKey).toLowerCase()),
    sign: (text) => ({
      signature: { case: "erc191", value: { bytes: write(signText(privateKey, text)) } },
    }),
  };
}

export function writeUsual(signature: EcdsaSignature): Uint8Array {
  return writeSignature(signature, 27 + signature.parity);
}

/** The other s with the same v: clients lower s and go on. */
export function writeHighS({ r, s, parity }: EcdsaSignature): Uint8Array {
  return writeSignature({ r, s: ORDER - s }, 27 + parity);
}

/** The other s with the v that belongs to it, as a library may write it: another address for everybody here. */
export function writeHighSAndV({ r, s, parity }: EcdsaSignature): Uint8Array {
  return writeSignature({ r, s: ORDER - s }, 28 - parity);
}

export function writeSignature({ r, s }: Pick<EcdsaSignature, "r" | "s">, v: number): Uint8Array {
  return Buffer.concat([toBytes(r, { size: 32 }), toBytes(s, { size: 32 }), Buffer.of(v)]);
}

export function signText(privateKey: Hex, text: string): EcdsaSignature {
  const bytes = secp256k1.sign(toBytes(hashMessage(text)), toBytes(privateKey), {
    prehash: false,
    format: "recovered",
  });
  const { r, s, recovery = 0 } = secp256k1.Signature.fromBytes(bytes, "recovered");

  return { r, s, parity: recovery };
}

export function createInstallation(seed: Uint8Array): Actor {
  const publicKey = ed25519ph.getPublicKey(seed);
  const context = Buffer.from("IDENTITY UPDATE SIGNATURE");

  return {
    identifier: installation(publicKey),
    sign: (text) => ({
      signature: {
        case: "installationKey",
        value: { bytes: ed25519ph.sign(Buffer.from(text), seed, { context }), publicKey },
      },
    }),
  };
}

export function createPasskey(
  secretKey: Uint8Array,
  {
    isCompressed = true,
    clientDataOf = (challenge) => JSON.stringify({ type: "webauthn.get", challenge, origin: "a" }),
    rewrite = (der) => der,
  }: {
    readonly isCompressed?: boolean;
    readonly clientDataOf?: (challenge: string) => string | Uint8Array;
    readonly rewrite?: (der: Uint8Array) => Uint8Array;
  } = {},
): Actor {
  const publicKey = p256.getPublicKey(secretKey, isCompressed);
  const authenticatorData = Buffer.alloc(37, 5);

  return {
    identifier: passkey(publicKey),
    sign: (text) => {
      const clientDataJson = Buffer.from(clientDataOf(Buffer.from(text).toString("base64url")));
      const message = Buffer.concat([authenticatorData, sha256(clientDataJson)]);
      const signature = rewrite(p256.sign(message, secretKey, { format: "der", prehash: true }));
      return {
        signature: {
          case: "passkey",
          value: { publicKey, signature, authenticatorData, clientDataJson },
        },
      };
    },
  };
}

/** A contract wallet, whose signature is bytes that its chain judges. */
export function createContractWallet(
  accountId: string,
  { blockNumber = 1n, bytes }: { readonly blockNumber?: bigint; readonly bytes: Uint8Array },
): Actor {
  return {
    identifier: ethereum((accountId.split(":")[2] ?? "").toLowerCase()),
    sign: () => ({
      signature: { case: "erc6492", value: { accountId, blockNumber, signature: bytes } },
    }),
  };
}

/** A wallet that speaks through a key of the time before inboxes. */
export function createLegacyWallet(
  walletKey: Hex,
  delegatedKey: Hex,
  {
    form = (key) => key,
    more = 0,
  }: {
    /** What becomes of the uncompressed key before the wallet signs it. */
    readonly form?: (key: Uint8Array) => Uint8Array;
    /** Added to the recovery number of the wallet's signature. */
    readonly more?: number;
  } = {},
): Actor {
  const keyBytes = toBinary(
    UnsignedPublicKeySchema,
    create(UnsignedPublicKeySchema, {
      createdNs: 1_705_629_286_927_000_000n,
      union: {
        case: "secp256k1Uncompressed",
        value: { bytes: form(secp256k1.getPublicKey(toBytes(delegatedKey), false)) },
      },
    }),
  );
  const hex = Buffer.from(keyBytes).toString("hex");
  const text = `XMTP : Create Identity\n${hex}\n\nFor more info: https://xmtp.org/signatures/`;
  const wallet = signText(walletKey, text);

  return {
    identifier: ethereum(privateKeyToAddress(walletKey).toLowerCase()),
    sign: (update) => ({
      signature: {
        case: "delegatedErc191",
        value: {
          delegatedKey: {
            keyBytes,
            signature: {
              union: {
                case: "walletEcdsaCompact",
                value: {
                  bytes: writeSignature(wallet, 0).subarray(0, 64),
                  recovery: wallet.parity + more,
                },
              },
            },
          },
          signature: { bytes: writeUsual(signText(delegatedKey, update)) },
        },
      },
    }),
  };
}
