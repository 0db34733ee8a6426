import { concatHex, getContractAddress, type Address, type Hex } from "viem";

/**
 * The public deterministic-deployment proxy, at the same address on every chain that has it.
 *
 * Its calldata is a 32-byte salt and creation code; it deploys the code with CREATE2.
 */
export const DETERMINISTIC_DEPLOYER: Address = "0x4e59b44847b379578588920cA78FbF26c0B4956C";

/** Its runtime code. */
export const DETERMINISTIC_DEPLOYER_CODE: Hex =
  "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3";

/** Where the transaction below comes from. Nobody holds its key: the signature was chosen, not made. */
export const DETERMINISTIC_DEPLOYER_SENDER: Address = "0x3fAB184622Dc19b6109349B94811493BF2a45362";

/** Wei the sender needs: 100,000 gas at 100 gwei. */
export const DETERMINISTIC_DEPLOYER_COST = 10n ** 16n;

/** The transaction, without chain id, that deploys it on any chain. */
export const DETERMINISTIC_DEPLOYER_TRANSACTION: Hex =
  "0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a02222222222222222222222222222222222222222222222222222222222222222";

/** One salt for all: the creation code, arguments included, already tells contracts apart. */
export const DETERMINISTIC_SALT: Hex = `0x${"00".repeat(32)}`;

/** Where creation code lands when it is sent through the deterministic deployer. */
export function deterministicAddress(creationCode: Hex): Address {
  return getContractAddress({
    opcode: "CREATE2",
    from: DETERMINISTIC_DEPLOYER,
    salt: DETERMINISTIC_SALT,
    bytecode: creationCode,
  });
}

/** What to send to the deterministic deployer. */
export function deterministicDeployData(creationCode: Hex): Hex {
  return concatHex([DETERMINISTIC_SALT, creationCode]);
}
