// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { EscrowState, EscrowStateLibrary } from "../../contracts/settlement/EscrowState.sol";

import { Test } from "./utils/Test.sol";

contract EscrowStateTest is Test {
    /// @dev The fields of the table in `EscrowState`; two of them are of no width that the compiler knows.
    struct Fields {
        uint256 shortMinimum;
        int104 totalDeposits;
        uint96 totalDebt;
        uint32 withdrawLockPeriod;
        bool paused;
    }

    function testFuzz_Fields_AreWhereTheTableSays(uint256 word_) public pure {
        EscrowState state_ = EscrowState.wrap(word_);

        // The casts cut out the lowest bits.
        assertTrue(state_.totalDeposits() == int104(uint104(word_)), "deposits");
        assertEq(state_.totalDebt(), (word_ / 2 ** 104) % 2 ** 96, "debt");
        assertEq(state_.withdrawLockPeriod(), (word_ / 2 ** 200) % 2 ** 20, "lock");
        assertEq(state_.shortMinimum(), (word_ / 2 ** 220) % 2 ** 35, "minimum");
        assertTrue(state_.paused() == (word_ >= 2 ** 255), "pause");
    }

    function testFuzz_WithTotalDebt_ChangesNothingElse(uint256 word_, uint96 debt_) public pure {
        Fields memory expected_ = _fieldsOf(EscrowState.wrap(word_));
        expected_.totalDebt = debt_;

        _assertFields(EscrowState.wrap(word_).withTotalDebt(debt_), expected_);
    }

    function testFuzz_WithWithdrawLockPeriod_ChangesNothingElse(uint256 word_, uint32 seconds_) public pure {
        // The cast is safe below the ceiling, which fits into 20 bits.
        seconds_ = uint32(bound(seconds_, 0, 604_800));
        Fields memory expected_ = _fieldsOf(EscrowState.wrap(word_));
        expected_.withdrawLockPeriod = seconds_;

        _assertFields(EscrowState.wrap(word_).withWithdrawLockPeriod(seconds_), expected_);
    }

    function testFuzz_WithPaused_ChangesNothingElse(uint256 word_, bool paused_) public pure {
        Fields memory expected_ = _fieldsOf(EscrowState.wrap(word_));
        expected_.paused = paused_;

        _assertFields(EscrowState.wrap(word_).withPaused(paused_), expected_);
    }

    function testFuzz_WithMinimumDeposit_KeepsIt_OrSaysThatItIsLong(uint256 word_, uint96 minimum_) public pure {
        // As it comes, and near the greatest that fits.
        uint96[5] memory minima_ = [minimum_, minimum_ % 2 ** 35, 2 ** 35 - 2, 2 ** 35 - 1, 2 ** 35];

        for (uint256 index_; index_ < 5; ++index_) {
            Fields memory expected_ = _fieldsOf(EscrowState.wrap(word_));
            expected_.shortMinimum = minima_[index_] < 2 ** 35 ? minima_[index_] : 2 ** 35 - 1;

            _assertFields(EscrowState.wrap(word_).withMinimumDeposit(minima_[index_]), expected_);
        }
        assertEq(EscrowStateLibrary.LONG_MINIMUM, 2 ** 35 - 1, "long minimum");
    }

    function testFuzz_Deposited_RaisesTheDeposits_AndNothingElse(uint256 word_, uint96 amount_) public {
        Fields memory expected_ = _fieldsOf(EscrowState.wrap(word_));
        int256 total_ = int256(expected_.totalDeposits) + int256(uint256(amount_));

        if (total_ > type(int104).max) vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        EscrowState state_ = this.deposited(EscrowState.wrap(word_), amount_);
        if (total_ > type(int104).max) return;

        // The cast is safe: the sum was compared with the bound above, and it is no less than a number of this type.
        expected_.totalDeposits = int104(total_);
        _assertFields(state_, expected_);
    }

    /// @dev As long as the deposits are not near -2^103: no more than all debts, which are below 2^96, makes them negative.
    function testFuzz_Released_LowersTheDeposits_AndNothingElse(uint256 word_, uint96 amount_) public pure {
        Fields memory before_ = _fieldsOf(EscrowState.wrap(word_));
        if (before_.totalDeposits < -int104(uint104(type(uint96).max))) word_ ^= type(uint104).max;
        Fields memory expected_ = _fieldsOf(EscrowState.wrap(word_));
        expected_.totalDeposits -= int104(uint104(amount_));

        _assertFields(EscrowState.wrap(word_).released(amount_), expected_);
    }

    /// @dev A call of its own, which may revert.
    function deposited(EscrowState state_, uint96 amount_) external pure returns (EscrowState) {
        return state_.deposited(amount_);
    }

    function _fieldsOf(EscrowState state_) private pure returns (Fields memory) {
        return
            Fields(
                state_.shortMinimum(),
                state_.totalDeposits(),
                state_.totalDebt(),
                state_.withdrawLockPeriod(),
                state_.paused()
            );
    }

    function _assertFields(EscrowState state_, Fields memory expected_) private pure {
        assertTrue(state_.totalDeposits() == expected_.totalDeposits, "deposits");
        assertEq(state_.totalDebt(), expected_.totalDebt, "debt");
        assertEq(state_.withdrawLockPeriod(), expected_.withdrawLockPeriod, "lock");
        assertEq(state_.shortMinimum(), expected_.shortMinimum, "minimum");
        assertTrue(state_.paused() == expected_.paused, "pause");
    }
}
