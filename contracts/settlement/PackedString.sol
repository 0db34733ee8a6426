// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @dev A string whose length stands in the same word as its first 29 bytes; the rest is in the words of `tail`, the
 *      last one padded with zeros. A string of Solidity gives a word to the length as soon as it is longer than 31
 *      bytes, so a 37-byte address takes three words there, and two here.
 */
struct PackedString {
    // 29 bytes of the string, then its length in 3 bytes
    bytes32 head;
    mapping(uint256 index => bytes32 word) tail;
}

using PackedStringLibrary for PackedString global;

library PackedStringLibrary {
    uint256 private constant _HEAD_LENGTH = 29;
    uint256 private constant _LENGTH_MASK = 0xffffff;

    /// @dev Stores `value_` over the string that is there. Returns whether it is another one.
    function store(PackedString storage self, string calldata value_) internal returns (bool changed_) {
        bytes calldata value = bytes(value_);

        bytes32 oldHead_ = self.head;
        // The length fits: 16 MiB cost 67 million gas as calldata and 538 million as memory, more than a transaction has.
        bytes32 head_ = bytes32(bytes29(value)) | bytes32(value.length);

        if (head_ != oldHead_) {
            self.head = head_;
            changed_ = true;
        }

        uint256 words_ = _tailWords(head_);

        for (uint256 index_; index_ < words_; ++index_) {
            // A slice shorter than a word is padded with zeros on the right.
            bytes32 word_ = bytes32(value[_HEAD_LENGTH + 32 * index_:]);

            if (self.tail[index_] == word_) continue;

            self.tail[index_] = word_;
            changed_ = true;
        }

        // What the old string leaves behind beyond the new one.
        uint256 oldWords_ = _tailWords(oldHead_);

        for (uint256 index_ = words_; index_ < oldWords_; ++index_) {
            delete self.tail[index_];
        }
    }

    function load(PackedString storage self) internal view returns (string memory value_) {
        bytes32 head_ = self.head;
        uint256 words_ = _tailWords(head_);

        // The words are written at 0, 29, 61, 93 and so on: each over the zeros, or the length, behind the one before.
        // The last may end 31 bytes after the string does; the allocation covers that.
        bytes memory buffer_ = new bytes(_HEAD_LENGTH + 32 * words_ + 3);

        assembly ("memory-safe") {
            mstore(buffer_, and(head_, _LENGTH_MASK))
            mstore(add(buffer_, 0x20), and(head_, not(_LENGTH_MASK)))
        }

        for (uint256 index_; index_ < words_; ++index_) {
            bytes32 word_ = self.tail[index_];

            assembly ("memory-safe") {
                mstore(add(add(buffer_, 0x3d), shl(5, index_)), word_)
            }
        }

        return string(buffer_);
    }

    /// @dev How many words of tail the string with this head has.
    function _tailWords(bytes32 head_) private pure returns (uint256) {
        uint256 length_ = uint256(head_) & _LENGTH_MASK;
        return length_ > _HEAD_LENGTH ? (length_ - _HEAD_LENGTH + 31) / 32 : 0;
    }
}
