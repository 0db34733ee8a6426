// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What is wrong with leaves that are offered as a part of a Merkle tree.
interface ISequentialMerkleProofs {
    /// @notice Thrown when there are no leaves, but the tree has some, or the window does not begin at its start.
    error NoLeaves();

    /// @notice Thrown when the tree that the proof speaks of has more than 2^32 - 1 leaves.
    error InvalidBitCount32Input();

    /// @notice Thrown when the leaves go on beyond the end of the tree, or lead to another root.
    error InvalidProof();

    /// @notice Thrown when the proof is empty; its first word is the number of leaves of the tree.
    error NoProofElements();

    /// @notice Thrown when the number of leaves does not fit 32 bits; the error above comes before it in every call.
    error InvalidLeafCount();
}
