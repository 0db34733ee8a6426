// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title A signed number of 104 bits at the low end of a word: a balance, or a sum of balances.
 * @dev   As a rule the number is not negative, neither before nor after. One test tells: the lane less, or more, an amount
 *        is below 2^103 then. Everything else takes the long way, Solidity's checked arithmetic (Panic 0x11).
 */
library SignedLane {
    uint256 internal constant MASK = type(uint104).max;

    uint256 private constant _SIGN_BIT = 103;

    function value(uint256 word_) internal pure returns (int104) {
        // The cast cuts out the lane.
        return int104(uint104(word_));
    }

    /// @dev Whether a lane, more or less an amount of 96 bits, is a number of its own that is not negative: neither carried
    ///      into the sign bit or beyond it, nor borrowed.
    function isOrdinary(uint256 sum_) internal pure returns (bool) {
        return sum_ >> _SIGN_BIT == 0;
    }

    function isNegative(uint256 word_) internal pure returns (bool) {
        return (word_ >> _SIGN_BIT) & 1 != 0;
    }

    /// @dev The word with a number that is larger by `amount_`, which fits into 96 bits.
    function raised(uint256 word_, uint256 amount_) internal pure returns (uint256) {
        unchecked {
            if (isOrdinary((word_ & MASK) + amount_)) return word_ + amount_;
        }

        return (word_ & ~MASK) | uint104(value(word_) + int104(uint104(amount_)));
    }

    /// @dev The word with a number that is smaller by `amount_`, which fits into 96 bits.
    function lowered(uint256 word_, uint256 amount_) internal pure returns (uint256) {
        unchecked {
            if (isOrdinary((word_ & MASK) - amount_)) return word_ - amount_;
        }

        return (word_ & ~MASK) | uint104(value(word_) - int104(uint104(amount_)));
    }

    /// @dev How far the number is below zero.
    function debt(uint256 word_) internal pure returns (uint256) {
        unchecked {
            return isNegative(word_) ? (MASK + 1) - (word_ & MASK) : 0;
        }
    }
}
