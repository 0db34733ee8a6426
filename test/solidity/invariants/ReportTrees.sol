// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * @title The trees of payer reports, by their definition: each node is computed from all the leaves below it.
 * @dev   Nothing is kept and nothing is quick, so that it has little in common with what it is compared to.
 */
library ReportTrees {
    function root(bytes[] memory leaves_) internal pure returns (bytes32 root_) {
        if (leaves_.length == 0) return 0;

        return keccak256(abi.encodePacked("root|", leaves_.length, _node(leaves_, _height(leaves_.length), 0)));
    }

    /// @dev The proof that leaves are at these places.
    function proof(
        bytes[] memory leaves_,
        uint256 start_,
        uint256 count_
    ) internal pure returns (bytes32[] memory proof_) {
        proof_ = new bytes32[](1 + 2 * _height(leaves_.length));
        proof_[0] = bytes32(leaves_.length);

        // Index of the word that was used last: the number of leaves.
        uint256 used_ = 0;
        uint256 last_ = start_ + count_ - 1;

        for (uint256 level_; level_ < _height(leaves_.length); ++level_) {
            if (last_ % 2 == 0 && last_ + 1 < _width(leaves_.length, level_)) {
                proof_[++used_] = _node(leaves_, level_, last_ + 1);
            }
            if (start_ % 2 == 1) proof_[++used_] = _node(leaves_, level_, start_ - 1);

            start_ /= 2;
            last_ /= 2;
        }

        assembly ("memory-safe") {
            mstore(proof_, add(used_, 1))
        }
    }

    function _node(bytes[] memory leaves_, uint256 level_, uint256 index_) private pure returns (bytes32 node_) {
        if (level_ == 0) return keccak256(abi.encodePacked("leaf|", leaves_[index_]));

        bytes32 left_ = _node(leaves_, level_ - 1, 2 * index_);
        if (2 * index_ + 1 >= _width(leaves_.length, level_ - 1)) return keccak256(abi.encodePacked("node|", left_));

        return keccak256(abi.encodePacked("node|", left_, _node(leaves_, level_ - 1, 2 * index_ + 1)));
    }

    /// @dev How many nodes a level has.
    function _width(uint256 leafCount_, uint256 level_) private pure returns (uint256 width_) {
        return (leafCount_ + (1 << level_) - 1) >> level_;
    }

    /// @dev The level of the top node: the first with one node, but not that of the leaves.
    function _height(uint256 leafCount_) private pure returns (uint256 height_) {
        height_ = 1;
        while (_width(leafCount_, height_) != 1) ++height_;
    }
}
