// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title Who a message is from, on the other side of an Orbit bridge.
 * @dev   Whatever account puts a message into the inbox of the settlement chain, its alias sends it on the appchain: no
 *        contract can pass for an account that has the same address there. The offset is Arbitrum's.
 */
library AddressAlias {
    uint160 private constant _OFFSET = uint160(0x1111000000000000000000000000000000001111);

    /// @dev The sender on the appchain, of an account of the settlement chain; modulo 2^160.
    function toAlias(address account_) internal pure returns (address alias_) {
        unchecked {
            return address(uint160(account_) + _OFFSET);
        }
    }
}
