// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SequentialMerkleProofs } from "../../../contracts/settlement/SequentialMerkleProofs.sol";

/// @title The library of Merkle proofs by itself.
contract MerkleProofsHarness {
    function verify(
        bytes32 root_,
        uint256 start_,
        bytes[] calldata leaves_,
        bytes32[] calldata proofElements_
    ) external pure {
        SequentialMerkleProofs.verify(root_, start_, leaves_, proofElements_);
    }

    function getLeafCount(bytes32[] calldata proofElements_) external pure returns (uint32 leafCount_) {
        return SequentialMerkleProofs.getLeafCount(proofElements_);
    }

    /// @notice Whether a verification leaves the free memory where it is, and what was allocated before as it was.
    function keepsMemory(
        bytes32 root_,
        uint256 start_,
        bytes[] calldata leaves_,
        bytes32[] calldata proofElements_
    ) external pure returns (bool keepsMemory_) {
        bytes memory before_ = abi.encode(root_, start_, leaves_, proofElements_);
        bytes32 hash_ = keccak256(before_);
        uint256 free_ = _freeMemory();

        SequentialMerkleProofs.verify(root_, start_, leaves_, proofElements_);

        return keccak256(before_) == hash_ && _freeMemory() == free_;
    }

    function _freeMemory() private pure returns (uint256 free_) {
        assembly ("memory-safe") {
            free_ := mload(0x40)
        }
    }
}
