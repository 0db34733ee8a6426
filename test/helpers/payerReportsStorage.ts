import { AbiCoder, keccak256, toBeHex } from "ethers";

import type { PayerReports } from "../../typechain-types/index.ts";
import { ethers, networkHelpers } from "./network.ts";

/** ERC-7201 slot of `xmtp.storage.PayerReportManager`, which `storage.test.ts` recomputes. */
export const PAYER_REPORTS_SLOT =
  0x26b057ee8e4d60685198828fdf1c618ab8e36b0ab85f54a47b18319f6f718e00n;

/** Where the originator's end and number of reports are; the mapping of the reports comes behind. */
export function originatorSlot(originator: number): bigint {
  return mappingSlot(BigInt(originator), PAYER_REPORTS_SLOT + 1n);
}

/** The first of the two words of a report. */
export function reportSlot(originator: number, index: number): bigint {
  return mappingSlot(BigInt(index), originatorSlot(originator) + 1n);
}

/** The first word of a set of nodes; their ids come behind. */
export function nodeSetSlot(number: number): bigint {
  return mappingSlot(BigInt(number), PAYER_REPORTS_SLOT + 2n);
}

/** Overwrites what the first report of originator 100 has settled so far, past all checks. */
export async function setFeesSettled(payerReports: PayerReports, fees: bigint): Promise<void> {
  await setBits(payerReports, reportSlot(100, 0), { from: 96n, count: 96n, value: fees });
}

/** Overwrites how many sets of nodes there are, past all checks. */
export async function setNodeSetCount(payerReports: PayerReports, count: bigint): Promise<void> {
  await setBits(payerReports, PAYER_REPORTS_SLOT, { from: 16n, count: 32n, value: count });
}

async function setBits(
  payerReports: PayerReports,
  slot: bigint,
  { from, count, value }: { from: bigint; count: bigint; value: bigint },
): Promise<void> {
  const word = BigInt(await ethers.provider.getStorage(payerReports, slot));
  const mask = (2n ** count - 1n) << from;

  await networkHelpers.setStorageAt(
    await payerReports.getAddress(),
    toBeHex(slot),
    (word & ~mask) | (value << from),
  );
}

function mappingSlot(key: bigint, slot: bigint): bigint {
  return BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "uint256"], [key, slot])));
}
