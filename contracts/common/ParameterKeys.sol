// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Strings } from "@openzeppelin/contracts/utils/Strings.sol";

/// @title Builds the keys of a parameter registry: components joined by dots, such as `xmtp.nodeRegistry.admin`.
library ParameterKeys {
    /// @dev `left_`, a dot, `right_`; neither is validated.
    function combineKeyComponents(
        string memory left_,
        string memory right_
    ) internal pure returns (string memory key_) {
        return string.concat(left_, ".", right_);
    }

    /// @dev `0x` and forty lowercase hex digits, never checksummed.
    function addressToKeyComponent(address account_) internal pure returns (string memory keyComponent_) {
        (bytes32 high_, bytes8 low_) = hexDigits(account_);
        return string(abi.encodePacked("0x", high_, low_));
    }

    /// @dev Shortest decimal form.
    function uint256ToKeyComponent(uint256 value_) internal pure returns (string memory keyComponent_) {
        return Strings.toString(value_);
    }

    /// @dev The forty lowercase hex digits of an address: the first 32, then the last 8.
    function hexDigits(address account_) internal pure returns (bytes32 high_, bytes8 low_) {
        uint256 account = uint160(account_);
        high_ = bytes32(_hexDigits(account >> 32));
        // Only the low eight digits are kept; the cast cuts them out of the right end of the word.
        low_ = bytes8(uint64(_hexDigits(account & 0xffffffff)));
    }

    /**
     * @dev  The 32 hex digits of a number below 2^128. Each step halves the groups of digits and moves them apart,
     *       until every digit has a byte of its own; then all digits become ASCII at once: `0` is 0x30, and the letters
     *       stand 0x27 further than the digits would go on. No byte carries into the next: the largest is 0x66.
     */
    function _hexDigits(uint256 value_) private pure returns (uint256 digits_) {
        unchecked {
            digits_ = (value_ | (value_ << 64)) & 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
            digits_ = (digits_ | (digits_ << 32)) & 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
            digits_ = (digits_ | (digits_ << 16)) & 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
            digits_ = (digits_ | (digits_ << 8)) & 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
            digits_ = (digits_ | (digits_ << 4)) & 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f;

            uint256 letters_ =
                ((digits_ + 0x0606060606060606060606060606060606060606060606060606060606060606) >> 4) &
                    0x0101010101010101010101010101010101010101010101010101010101010101;

            digits_ += 0x3030303030303030303030303030303030303030303030303030303030303030 + letters_ * 0x27;
        }
    }
}
