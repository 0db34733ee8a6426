import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { MaxUint256, Signature, toBeHex, type Addressable } from "ethers";

import type { FeeToken, MockUnderlyingFeeToken } from "../../typechain-types/index.ts";
import { ethers } from "./network.ts";

/** The last arguments of every function that takes a permit: deadline, v, r, s. */
export type Permit = readonly [deadline: bigint, v: 27 | 28, r: string, s: string];

export const PERMIT_TYPES = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

/** A permit that belongs to nobody's token: a signature, but of nothing. */
export const USELESS_PERMIT: Permit = [MaxUint256, 27, toBeHex(1, 32), toBeHex(1, 32)];

/** The domain that a wallet signs for, written down apart from the contract. */
export async function permitDomain(token: FeeToken | MockUnderlyingFeeToken, name: string) {
  const { chainId } = await ethers.provider.getNetwork();

  return { name, version: "1", chainId, verifyingContract: await token.getAddress() };
}

/** Signs an EIP-2612 permit as a wallet does; the nonce is the owner's next, unless said otherwise. */
export async function signPermit(
  token: FeeToken | MockUnderlyingFeeToken,
  owner: HardhatEthersSigner,
  spender: Addressable,
  value: bigint,
  { deadline = MaxUint256, nonce }: { deadline?: bigint; nonce?: bigint } = {},
): Promise<Permit> {
  const signature = await owner.signTypedData(
    await permitDomain(token, await token.name()),
    PERMIT_TYPES,
    {
      owner: owner.address,
      spender: await spender.getAddress(),
      value,
      nonce: nonce ?? (await token.nonces(owner)),
      deadline,
    },
  );
  const { v, r, s } = Signature.from(signature);

  return [deadline, v, r, s];
}

/** Order of the group that signatures are made in. */
const SECP256K1_N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The other signature of the same key for the same message, which anybody can compute. */
export function malleated([deadline, v, r, s]: Permit): Permit {
  return [deadline, v === 27 ? 28 : 27, r, toBeHex(SECP256K1_N - BigInt(s), 32)];
}
