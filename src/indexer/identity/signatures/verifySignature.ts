import { ethereum, installation, passkey } from "../identifiers.ts";
import type { CarriedSignature, VerifiedSignature } from "../types.ts";
import type { ContractWalletSignature } from "./contractWallet.ts";
import { recoverAddress } from "./recoverAddress.ts";
import type { SignedText } from "./signedText.ts";
import { verifyInstallationKey } from "./verifyInstallationKey.ts";
import { verifyLegacyKey } from "./verifyLegacyKey.ts";
import { verifyPasskey } from "./verifyPasskey.ts";

/** A signature that needs no chain to be verified. */
export type SelfContainedSignature = Exclude<CarriedSignature, ContractWalletSignature>;

/** @throws {RejectedUpdate} `Signature`, or `Decode` for an installation key that is no point of the curve */
export function verifySignature(
  signature: SelfContainedSignature,
  text: SignedText,
): VerifiedSignature {
  const { kind, bytes } = signature;
  switch (kind) {
    case "erc-191": {
      const { address, raw } = recoverAddress(bytes, text.eip191Digest());
      return { kind, signer: ethereum(address), raw };
    }
    case "installation-key": {
      const { publicKey } = signature;
      verifyInstallationKey(bytes, publicKey, text.sha512());
      return { kind, signer: installation(publicKey), raw: Uint8Array.from(bytes) };
    }
    case "legacy-delegated": {
      const { keyBytes, keySignature } = signature;
      const digest = text.eip191Digest();
      const wallet = verifyLegacyKey({ keyBytes, keySignature, signature: bytes, digest });
      return { kind, signer: ethereum(wallet.address), raw: wallet.raw };
    }
    case "p256": {
      const { publicKey, authenticatorData, clientData } = signature;
      const raw = verifyPasskey({
        publicKey,
        signature: bytes,
        authenticatorData,
        clientData,
        challenge: text.challenge(),
      });
      return { kind, signer: passkey(publicKey), raw };
    }
  }
}
