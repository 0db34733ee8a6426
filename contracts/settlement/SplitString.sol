// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title Strings that begin in the spare 12 bytes of a word that their owner reads anyway.
 * @dev   A string of Solidity takes a word for its length and another for each 32 bytes. Here the head takes 12 bytes:
 *        the length (4 bytes; calldata cannot carry more) and the first 8 bytes, `https://` for most addresses. The
 *        rest is in the words of `tail`, the last one padded with zeros. A 37-byte address takes one word, not three.
 */
library SplitString {
    uint256 private constant _HEAD_LENGTH = 8;

    /**
     * @dev    Stores a string over the one that is there, whose head is `oldHead_`, and clears words it leaves behind.
     * @return head_    What the owner must store.
     * @return changed_ Whether the string is another one than before.
     */
    function store(
        mapping(uint256 index => bytes32 word) storage tail,
        uint96 oldHead_,
        string calldata value_
    ) internal returns (uint96 head_, bool changed_) {
        bytes calldata value = bytes(value_);

        // The casts cut out the four bytes of a length that fits, and move the first eight bytes of a short word.
        head_ = (uint96(uint32(value.length)) << 64) | uint96(uint64(bytes8(value)));
        changed_ = head_ != oldHead_;

        uint256 words_ = _tailWords(value.length);

        for (uint256 index_; index_ < words_; ++index_) {
            // A slice shorter than a word is padded with zeros on the right.
            bytes32 word_ = bytes32(value[_HEAD_LENGTH + 32 * index_:]);

            if (tail[index_] == word_) continue;

            tail[index_] = word_;
            changed_ = true;
        }

        uint256 oldWords_ = _tailWords(oldHead_ >> 64);

        for (uint256 index_ = words_; index_ < oldWords_; ++index_) {
            delete tail[index_];
        }
    }

    /// @dev The string whose head is `head_`.
    function load(
        mapping(uint256 index => bytes32 word) storage tail,
        uint96 head_
    ) internal view returns (string memory value_) {
        uint256 length_ = head_ >> 64;
        uint256 words_ = _tailWords(length_);

        // A word is written at 0, 8, 40, 72 and so on, so the last one may end 31 bytes after the string does: those
        // bytes are zero, and the allocation covers them.
        bytes memory buffer_ = new bytes(_HEAD_LENGTH + 32 * words_);

        assembly ("memory-safe") {
            mstore(buffer_, length_)
            mstore(add(buffer_, 0x20), shl(192, head_))
        }

        for (uint256 index_; index_ < words_; ++index_) {
            bytes32 word_ = tail[index_];

            assembly ("memory-safe") {
                mstore(add(add(buffer_, 0x28), shl(5, index_)), word_)
            }
        }

        return string(buffer_);
    }

    /// @dev How many words of tail a string of this length has.
    function _tailWords(uint256 length_) private pure returns (uint256) {
        return length_ > _HEAD_LENGTH ? (length_ - _HEAD_LENGTH + 31) / 32 : 0;
    }
}
