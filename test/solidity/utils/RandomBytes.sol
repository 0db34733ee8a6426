// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Bytes that a seed decides, of any length; cheaper for the runner than to make up every byte.
library RandomBytes {
    function generate(uint256 seed_, uint256 length_) internal pure returns (bytes memory bytes_) {
        bytes_ = new bytes(length_);

        bytes32 word_;

        for (uint256 index_; index_ < length_; ++index_) {
            if (index_ % 32 == 0) word_ = keccak256(abi.encode(seed_, index_));
            bytes_[index_] = word_[index_ % 32];
        }
    }
}
