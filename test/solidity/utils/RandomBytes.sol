// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Bytes that a seed decides, of any length; cheaper for the runner than to make up every byte.
library RandomBytes {
    function generate(uint256 seed_, uint256 length_) internal pure returns (bytes memory bytes_) {
        bytes_ = new bytes(length_);

        for (uint256 index_; index_ < length_; ++index_) {
            // A byte of a word that the seed decides; the cast takes the lowest.
            bytes_[index_] = bytes1(uint8(uint256(keccak256(abi.encode(seed_, index_ / 32))) >> (8 * (index_ % 32))));
        }
    }
}
