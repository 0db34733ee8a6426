import { network } from "hardhat";

/**
 * One in-memory chain for all contract tests; `loadFixture` takes it back to where a fixture left it. It runs the
 * oldest hardfork that the contracts are built for, so nothing newer can slip in.
 */
const connection = await network.create({ override: { hardfork: "cancun" } });

export const { ethers, networkHelpers } = connection;
export const { loadFixture } = networkHelpers;
