// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The lowercase hex form of an address, digit by digit: the opposite of how `ParameterKeys` makes it.
library HexDigits {
    bytes16 private constant _DIGITS = "0123456789abcdef";

    function ofAddress(address account_) internal pure returns (string memory) {
        bytes memory form_ = new bytes(42);
        form_[0] = "0";
        form_[1] = "x";

        for (uint256 index_; index_ < 40; ++index_) {
            form_[41 - index_] = _DIGITS[(uint160(account_) >> (4 * index_)) % 16];
        }

        return string(form_);
    }
}
