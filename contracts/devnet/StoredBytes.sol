// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @dev Bytes kept as the code of accounts that nobody can call with any effect: call data of a ticket may have 100,000
 *      bytes, which no block has the gas to write into storage. The code stays when the list of accounts is deleted.
 */
library StoredBytes {
    error NotStored();

    /// @dev The most code that an account can have, less the first byte, an invalid instruction.
    uint256 private constant _CHUNK = 24_575;

    /// @dev Instructions that return all of the code after their own 11 bytes, and the first byte of that.
    bytes private constant _PREFIX = hex"600b5981380380925939f300";

    function store(bytes calldata data_) internal returns (address[] memory chunks_) {
        uint256 count_ = (data_.length + _CHUNK - 1) / _CHUNK;
        chunks_ = new address[](count_);

        for (uint256 index_; index_ < count_; ++index_) {
            uint256 start_ = index_ * _CHUNK;
            uint256 end_ = index_ + 1 == count_ ? data_.length : start_ + _CHUNK;
            bytes memory code_ = bytes.concat(_PREFIX, data_[start_:end_]);
            address chunk_;

            assembly ("memory-safe") {
                chunk_ := create(0, add(code_, 0x20), mload(code_))
            }

            if (chunk_ == address(0)) revert NotStored();

            chunks_[index_] = chunk_;
        }
    }

    function read(address[] storage chunks_) internal view returns (bytes memory data_) {
        data_ = new bytes(size(chunks_));
        uint256 offset_;

        for (uint256 index_; index_ < chunks_.length; ++index_) {
            address chunk_ = chunks_[index_];
            uint256 length_ = chunk_.code.length - 1;

            // Within `data_`, whose size is the sum of these lengths.
            assembly ("memory-safe") {
                extcodecopy(chunk_, add(add(data_, 0x20), offset_), 1, length_)
            }

            offset_ += length_;
        }
    }

    function size(address[] storage chunks_) internal view returns (uint256 size_) {
        for (uint256 index_; index_ < chunks_.length; ++index_) size_ += chunks_[index_].code.length - 1;
    }
}
