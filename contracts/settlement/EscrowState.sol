// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { SignedLane } from "./SignedLane.sol";

/**
 * @dev What nearly every call of the escrow reads, as one word:
 *
 *      | bits      | field              | type   | unit                                                       |
 *      |-----------|--------------------|--------|------------------------------------------------------------|
 *      | 0 - 103   | totalDeposits      | int104 | microdollars: all balances and all pending withdrawals     |
 *      | 104 - 199 | totalDebt          | uint96 | microdollars: all debts                                    |
 *      | 200 - 219 | withdrawLockPeriod | uint20 | seconds; enough for 604,800                                |
 *      | 220 - 254 | shortMinimum       | uint35 | microdollars: the least deposit if it is below 2^35 - 1,   |
 *      |           |                    |        | which is some 34,000 dollars, and otherwise 2^35 - 1       |
 *      | 255       | paused             | bool   |                                                            |
 */
type EscrowState is uint256;

using EscrowStateLibrary for EscrowState global;

/// @dev Every cast to a narrower type cuts out the field named by the table above.
library EscrowStateLibrary {
    /// @dev Stands for a least deposit that does not fit, and has to be read where it does.
    uint256 internal constant LONG_MINIMUM = 0x7ffffffff;

    uint256 private constant _DEBT_MASK = uint256(type(uint96).max) << 104;
    uint256 private constant _LOCK_MASK = 0xfffff << 200;
    uint256 private constant _MINIMUM_MASK = LONG_MINIMUM << 220;
    uint256 private constant _PAUSED_MASK = 1 << 255;

    function totalDeposits(EscrowState state_) internal pure returns (int104) {
        return SignedLane.value(EscrowState.unwrap(state_));
    }

    function totalDebt(EscrowState state_) internal pure returns (uint96) {
        return uint96(EscrowState.unwrap(state_) >> 104);
    }

    function withdrawLockPeriod(EscrowState state_) internal pure returns (uint32) {
        return uint32((EscrowState.unwrap(state_) >> 200) & 0xfffff);
    }

    function shortMinimum(EscrowState state_) internal pure returns (uint256) {
        return (EscrowState.unwrap(state_) >> 220) & LONG_MINIMUM;
    }

    function paused(EscrowState state_) internal pure returns (bool) {
        return EscrowState.unwrap(state_) >> 255 != 0;
    }

    /// @dev With deposits that are more by `amount_`, which fits into 96 bits.
    function deposited(EscrowState state_, uint256 amount_) internal pure returns (EscrowState) {
        return EscrowState.wrap(SignedLane.raised(EscrowState.unwrap(state_), amount_));
    }

    /// @dev With deposits that are less by `amount_`, which fits into 96 bits.
    function released(EscrowState state_, uint256 amount_) internal pure returns (EscrowState) {
        return EscrowState.wrap(SignedLane.lowered(EscrowState.unwrap(state_), amount_));
    }

    /// @dev With another debt, which must fit into 96 bits.
    function withTotalDebt(EscrowState state_, uint256 total_) internal pure returns (EscrowState) {
        return EscrowState.wrap((EscrowState.unwrap(state_) & ~_DEBT_MASK) | (total_ << 104));
    }

    /// @dev `seconds_` must fit into 20 bits.
    function withWithdrawLockPeriod(EscrowState state_, uint32 seconds_) internal pure returns (EscrowState) {
        return EscrowState.wrap((EscrowState.unwrap(state_) & ~_LOCK_MASK) | (uint256(seconds_) << 200));
    }

    function withMinimumDeposit(EscrowState state_, uint96 minimum_) internal pure returns (EscrowState) {
        uint256 short_ = minimum_ < LONG_MINIMUM ? minimum_ : LONG_MINIMUM;
        return EscrowState.wrap((EscrowState.unwrap(state_) & ~_MINIMUM_MASK) | (short_ << 220));
    }

    function withPaused(EscrowState state_, bool paused_) internal pure returns (EscrowState) {
        uint256 rest_ = EscrowState.unwrap(state_) & ~_PAUSED_MASK;
        return EscrowState.wrap(paused_ ? rest_ | _PAUSED_MASK : rest_);
    }
}
