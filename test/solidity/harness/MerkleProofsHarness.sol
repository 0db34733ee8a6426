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

    /// @notice The gas that a verification takes by itself.
    function measure(
        bytes32 root_,
        uint256 start_,
        bytes[] calldata leaves_,
        bytes32[] calldata proofElements_
    ) external view returns (uint256 gas_) {
        gas_ = gasleft();
        SequentialMerkleProofs.verify(root_, start_, leaves_, proofElements_);
        gas_ -= gasleft();
    }
}
