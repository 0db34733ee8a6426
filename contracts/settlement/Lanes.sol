// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title A word as an array of small numbers, the first of them at its low end.
 * @dev   Solidity packs arrays of small numbers alike, but reads and writes storage for each of them. Indices may run on
 *        over several words: `wordOf` says which one, the other functions take the index as it is.
 */
library Lanes {
    /// @dev The word that a lane of this width is in.
    function wordOf(uint256 index_, uint256 bits_) internal pure returns (uint256 word_) {
        unchecked {
            return (index_ * bits_) >> 8;
        }
    }

    function get(uint256 word_, uint256 index_, uint256 bits_) internal pure returns (uint256 value_) {
        unchecked {
            return (word_ >> ((index_ * bits_) & 0xff)) & ((1 << bits_) - 1);
        }
    }

    /// @dev The word with another value, which must fit into a lane.
    function set(
        uint256 word_,
        uint256 index_,
        uint256 bits_,
        uint256 value_
    ) internal pure returns (uint256 newWord_) {
        unchecked {
            uint256 shift_ = (index_ * bits_) & 0xff;
            return (word_ & ~(((1 << bits_) - 1) << shift_)) | (value_ << shift_);
        }
    }
}
