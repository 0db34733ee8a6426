// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev A parameter registry that is out of order.
contract RefusingRegistry {
    error OutOfOrder(uint256 reason);

    fallback() external {
        revert OutOfOrder(42);
    }
}
