import { Signature } from "ethers";
import type { AddressLike, BigNumberish } from "ethers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import type { FeeToken, MockUnderlyingFeeToken } from "../../typechain-types/index.js";

/** Unix seconds, in some hundred years: the same in every run, so that signatures are the same. */
const DEADLINE = 4_000_000_000;

/** The arguments with which permits end. */
export type Permit = [deadline: number, v: number, r: string, s: string];

/** A permit for the owner's next nonce (EIP-2612). */
export async function signPermit(
  owner: HardhatEthersSigner,
  token: FeeToken | MockUnderlyingFeeToken,
  spender: AddressLike,
  value: BigNumberish,
): Promise<Permit> {
  const domain = await token.eip712Domain();

  const { v, r, s } = Signature.from(
    await owner.signTypedData(
      {
        name: domain.name,
        version: domain.version,
        chainId: domain.chainId,
        verifyingContract: domain.verifyingContract,
      },
      {
        Permit: [
          { name: "owner", type: "address" },
          { name: "spender", type: "address" },
          { name: "value", type: "uint256" },
          { name: "nonce", type: "uint256" },
          { name: "deadline", type: "uint256" },
        ],
      },
      {
        owner: owner.address,
        spender: await resolve(spender),
        value,
        nonce: await token.nonces(owner),
        deadline: DEADLINE,
      },
    ),
  );

  return [DEADLINE, v, r, s];
}

async function resolve(address: AddressLike): Promise<string> {
  const resolved = await address;
  return typeof resolved === "string" ? resolved : resolved.getAddress();
}
