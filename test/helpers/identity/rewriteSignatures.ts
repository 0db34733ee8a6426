import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { p256 } from "@noble/curves/nist.js";

import {
  IdentityUpdateSchema,
  type Signature,
} from "../../../src/indexer/identity/proto/associations_pb.ts";

/** The same update with its wallets' v written in another way, and the other s in its passkeys' signatures. */
export function rewriteSignatures(bytes: Uint8Array): Uint8Array {
  const update = fromBinary(IdentityUpdateSchema, bytes);
  for (const { kind } of update.actions) {
    switch (kind.case) {
      case "createInbox":
        rewrite(kind.value.initialIdentifierSignature);
        break;
      case "add":
        rewrite(kind.value.existingMemberSignature);
        rewrite(kind.value.newMemberSignature);
        break;
      case "revoke":
        rewrite(kind.value.recoveryIdentifierSignature);
        break;
      case "changeRecoveryAddress":
        rewrite(kind.value.existingRecoveryIdentifierSignature);
        break;
      case undefined:
    }
  }

  return toBinary(IdentityUpdateSchema, update);
}

function rewrite(carried: Signature | undefined): void {
  const signature = carried?.signature;
  if (signature?.case === "erc191") {
    const bytes = Uint8Array.from(signature.value.bytes);
    const last = bytes.length - 1;
    bytes[last] = otherV(bytes[last] ?? 0);
    signature.value.bytes = bytes;
  }
  if (signature?.case === "passkey") {
    const { r, s } = p256.Signature.fromBytes(signature.value.signature, "der");
    signature.value.signature = new p256.Signature(r, p256.Point.Fn.neg(s)).toBytes("der");
  }
}

/** 27 and 28 become 0 and 1, those become 35 and 36, and every other one that of the next chain. */
function otherV(v: number): number {
  if (v === 27 || v === 28) return v - 27;

  return v < 27 ? v + 35 : (v + 2) % 256;
}
