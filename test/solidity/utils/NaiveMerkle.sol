// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The tree of `SequentialMerkleProofs` by its definition: from the top down, a node at a time, nothing kept.
library NaiveMerkle {
    function rootOf(bytes[] memory leaves_) internal pure returns (bytes32) {
        if (leaves_.length == 0) return 0;

        return keccak256(abi.encodePacked("root|", leaves_.length, nodeOf(leaves_, levels(leaves_.length), 0)));
    }

    /// @dev Proof of the leaves from index `start_` to before index `end_`.
    function proofOf(
        bytes[] memory leaves_,
        uint256 start_,
        uint256 end_
    ) internal pure returns (bytes32[] memory proof_) {
        bytes32[] memory words_ = new bytes32[](65);
        uint256 last_;
        words_[0] = bytes32(leaves_.length);

        for (uint256 level_; level_ < levels(leaves_.length); ++level_) {
            uint256 left_ = start_ >> level_;
            uint256 right_ = (end_ - 1) >> level_;

            if (right_ % 2 == 0 && right_ + 1 < width(leaves_.length, level_)) {
                words_[++last_] = nodeOf(leaves_, level_, right_ + 1);
            }
            if (left_ % 2 == 1) words_[++last_] = nodeOf(leaves_, level_, left_ - 1);
        }

        proof_ = new bytes32[](last_ + 1);
        for (uint256 index_; index_ <= last_; ++index_) proof_[index_] = words_[index_];
    }

    function nodeOf(bytes[] memory leaves_, uint256 level_, uint256 index_) internal pure returns (bytes32) {
        if (level_ == 0) return keccak256(abi.encodePacked("leaf|", leaves_[index_]));

        bytes32 left_ = nodeOf(leaves_, level_ - 1, 2 * index_);

        return
            2 * index_ + 1 < width(leaves_.length, level_ - 1)
                ? keccak256(abi.encodePacked("node|", left_, nodeOf(leaves_, level_ - 1, 2 * index_ + 1)))
                : keccak256(abi.encodePacked("node|", left_));
    }

    /// @dev Nodes of a level, of which the lowest, 0, are the leaves.
    function width(uint256 leafCount_, uint256 level_) internal pure returns (uint256) {
        return (leafCount_ + (1 << level_) - 1) >> level_;
    }

    /// @dev Levels above the leaves, of which there is at least one.
    function levels(uint256 leafCount_) internal pure returns (uint256 levels_) {
        do ++levels_; while (width(leafCount_, levels_) > 1);
    }
}
