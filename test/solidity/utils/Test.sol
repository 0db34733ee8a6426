// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Vm } from "./Vm.sol";

/**
 * @title Base of the Solidity tests: the cheatcodes, and assertions that print what they compared.
 * @dev   Written here because no package that we trust brings it; the address of the cheatcodes is that of the runner.
 */
abstract contract Test {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    error NotEqual(string label, uint256 actual, uint256 expected);
    error NotEqualSigned(string label, int256 actual, int256 expected);
    error NotEqualBytes(string label, bytes actual, bytes expected);
    error NotTrue(string label);

    function assertEq(uint256 actual_, uint256 expected_, string memory label_) internal pure {
        if (actual_ != expected_) revert NotEqual(label_, actual_, expected_);
    }

    function assertEq(int256 actual_, int256 expected_, string memory label_) internal pure {
        if (actual_ != expected_) revert NotEqualSigned(label_, actual_, expected_);
    }

    function assertEq(bytes32 actual_, bytes32 expected_, string memory label_) internal pure {
        if (actual_ != expected_) revert NotEqual(label_, uint256(actual_), uint256(expected_));
    }

    function assertEq(address actual_, address expected_, string memory label_) internal pure {
        if (actual_ != expected_) revert NotEqual(label_, uint160(actual_), uint160(expected_));
    }

    function assertEq(bytes memory actual_, bytes memory expected_, string memory label_) internal pure {
        if (keccak256(actual_) != keccak256(expected_)) revert NotEqualBytes(label_, actual_, expected_);
    }

    function assertEq(string memory actual_, string memory expected_, string memory label_) internal pure {
        assertEq(bytes(actual_), bytes(expected_), label_);
    }

    function assertTrue(bool condition_, string memory label_) internal pure {
        if (!condition_) revert NotTrue(label_);
    }

    /// @dev A number from `min_` to `max_`, both included; the runner's numbers near a bound stay near it.
    function bound(uint256 value_, uint256 min_, uint256 max_) internal pure returns (uint256) {
        if (value_ >= min_ && value_ <= max_) return value_;

        unchecked {
            uint256 size_ = max_ - min_ + 1;
            return size_ == 0 ? value_ : min_ + (value_ % size_);
        }
    }
}
