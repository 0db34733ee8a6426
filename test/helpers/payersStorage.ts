import { AbiCoder, keccak256, toBeHex, type Addressable } from "ethers";

import type { Payers } from "../../typechain-types/index.ts";
import { ethers, networkHelpers } from "./network.ts";

/** ERC-7201 slot of `xmtp.storage.PayerRegistry`, which `storage.test.ts` recomputes. */
export const PAYERS_SLOT = 0x98606aa366980dbfce6aa523610c4eabfe62443511d67e10c2c7afde009fbf00n;

/** Where the word of a payer is. */
export function payerSlot(payer: string): bigint {
  const key = AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [payer, PAYERS_SLOT + 3n]);
  return BigInt(keccak256(key));
}

/** Overwrites the number of a payer's requests: for states that calls cannot reach in reasonable time. */
export async function setWithdrawalNonce(
  payers: Payers,
  payer: Addressable,
  nonce: bigint,
): Promise<void> {
  const slot = payerSlot(await payer.getAddress());
  const word = BigInt(await ethers.provider.getStorage(payers, slot));

  await networkHelpers.setStorageAt(
    await payers.getAddress(),
    toBeHex(slot),
    (word & (2n ** 232n - 1n)) | (nonce << 232n),
  );
}
