// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { INodes } from "./interfaces/INodes.sol";

/**
 * @title What a submission asks the node registry, encoded by hand.
 * @dev   Assembly because a submission asks it for all nodes: Solidity copies and checks an array id by id on the way there,
 *        and account by account on the way back, which costs as much as what the registry does. Arrays of ids and accounts
 *        have the same words in memory, in calldata and in the ABI, so they can be copied at once. What the registry reverts
 *        with is passed on.
 */
library NodeCalls {
    /// @dev keccak256(abi.encode(ids_)). Does not check the ids; the registry does when it is asked.
    function hash(uint32[] calldata ids_) internal pure returns (bytes32 hash_) {
        assembly ("memory-safe") {
            let encoded_ := mload(0x40)
            // The length stands in front of the ids.
            let size_ := add(shl(5, ids_.length), 0x20)

            mstore(encoded_, 0x20)
            calldatacopy(add(encoded_, 0x20), sub(ids_.offset, 0x20), size_)
            hash_ := keccak256(encoded_, add(size_, 0x20))
        }
    }

    /// @dev Calls `isCanonicalSet`.
    function isCanonicalSet(address nodes_, uint32[] calldata ids_) internal view returns (bool isCanonicalSet_) {
        bytes32 selector_ = INodes.isCanonicalSet.selector;

        assembly ("memory-safe") {
            let callData_ := mload(0x40)
            let size_ := add(shl(5, ids_.length), 0x20)

            mstore(callData_, selector_)
            mstore(add(callData_, 0x04), 0x20)
            calldatacopy(add(callData_, 0x24), sub(ids_.offset, 0x20), size_)

            if iszero(staticcall(gas(), nodes_, callData_, add(size_, 0x24), 0x00, 0x20)) {
                returndatacopy(callData_, 0, returndatasize())
                revert(callData_, returndatasize())
            }

            // An account without code answers nothing.
            if lt(returndatasize(), 0x20) {
                revert(0, 0)
            }

            isCanonicalSet_ := eq(mload(0x00), 1)
        }
    }

    /// @dev Calls `getCanonicalSigners`. The answer is trusted to have an account for each id.
    function getCanonicalSigners(
        address nodes_,
        uint32[] memory ids_
    ) internal view returns (address[] memory signers_) {
        bytes32 selector_ = INodes.getCanonicalSigners.selector;

        assembly ("memory-safe") {
            let callData_ := mload(0x40)
            let size_ := add(shl(5, mload(ids_)), 0x20)

            mstore(callData_, selector_)
            mstore(add(callData_, 0x04), 0x20)
            mcopy(add(callData_, 0x24), ids_, size_)

            if iszero(staticcall(gas(), nodes_, callData_, add(size_, 0x24), 0x00, 0x00)) {
                returndatacopy(callData_, 0, returndatasize())
                revert(callData_, returndatasize())
            }

            if lt(returndatasize(), add(size_, 0x20)) {
                revert(0, 0)
            }

            // Over the calldata; behind the offset, the length and the accounts are an array.
            signers_ := callData_
            returndatacopy(signers_, 0x20, size_)
            mstore(0x40, add(signers_, size_))
        }
    }
}
