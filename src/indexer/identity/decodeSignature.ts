import type * as proto from "./proto/associations_pb.ts";
import { RejectedUpdate } from "./RejectedUpdate.ts";
import { parseAccountId } from "./signatures/accountId.ts";
import type { CarriedSignature } from "./types.ts";

const ED25519_KEY_BYTES = 32;

/** @throws {RejectedUpdate} `Decode` if something is missing, malformed or of a kind that is not known */
export function decodeSignature(signature: proto.Signature | undefined): CarriedSignature {
  const arm = signature?.signature;
  switch (arm?.case) {
    case "erc191":
      return { kind: "erc-191", bytes: arm.value.bytes };
    case "erc6492": {
      const { accountId, blockNumber } = arm.value;
      parseAccountId(accountId);
      return { kind: "erc-1271", accountId, blockNumber, bytes: arm.value.signature };
    }
    case "installationKey": {
      const { bytes, publicKey } = arm.value;
      if (publicKey.length !== ED25519_KEY_BYTES) {
        throw new RejectedUpdate("Decode", `an installation key has ${publicKey.length} bytes`);
      }
      return { kind: "installation-key", bytes, publicKey };
    }
    case "delegatedErc191":
      return decodeDelegated(arm.value);
    case "passkey": {
      const { publicKey, authenticatorData, clientDataJson } = arm.value;
      const { signature: bytes } = arm.value;
      return { kind: "p256", publicKey, bytes, authenticatorData, clientData: clientDataJson };
    }
    case undefined:
      throw new RejectedUpdate("Decode", "a signature is missing or of no known kind");
  }
}

function decodeDelegated({
  delegatedKey,
  signature,
}: proto.LegacyDelegatedSignature): CarriedSignature {
  const wallets = delegatedKey?.signature?.union.value;
  if (delegatedKey === undefined || wallets === undefined || signature === undefined) {
    throw new RejectedUpdate("Decode", "a legacy signature lacks its key or a signature");
  }

  return {
    kind: "legacy-delegated",
    keyBytes: delegatedKey.keyBytes,
    // The number counts with its low byte only.
    keySignature: Uint8Array.of(...wallets.bytes, wallets.recovery & 0xff),
    bytes: signature.bytes,
  };
}
