// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { PayerAccount } from "../../contracts/settlement/PayerAccount.sol";
import { SignedLane } from "../../contracts/settlement/SignedLane.sol";

import { Test } from "./utils/Test.sol";

contract PayerAccountTest is Test {
    /// @dev What the compiler makes of the table in `PayerAccount`.
    struct Layout {
        int104 balance;
        uint96 pendingWithdrawal;
        uint32 withdrawableTimestamp;
        uint24 withdrawalNonce;
    }

    Layout private _layout;

    function testFuzz_Fields_AreTheCompilersLayout(
        int104 balance_,
        uint96 pending_,
        uint32 timestamp_,
        uint24 nonce_
    ) public {
        PayerAccount account_ = _account(balance_, pending_, timestamp_, nonce_);

        _assertFields(account_, balance_, pending_, timestamp_, nonce_);
        assertTrue(account_.isInDebt() == (balance_ < 0), "in debt");
        assertEq(account_.debt(), balance_ < 0 ? uint256(-int256(balance_)) : 0, "debt");
        assertEq(account_.lane(), uint104(balance_), "lane");
    }

    function testFuzz_Credited_RaisesTheBalance_AndNothingElse(
        int104 balance_,
        uint96 pending_,
        uint32 timestamp_,
        uint24 nonce_,
        uint96 amount_
    ) public {
        PayerAccount account_ = _account(balance_, pending_, timestamp_, nonce_);
        int256 expected_ = int256(balance_) + int256(uint256(amount_));

        if (expected_ > type(int104).max) vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        PayerAccount newAccount_ = this.credited(account_, amount_);
        if (expected_ > type(int104).max) return;

        _assertFields(newAccount_, expected_, pending_, timestamp_, nonce_);
    }

    /// @dev As long as no debt is near 2^103: the sum of all is below 2^96.
    function testFuzz_Lowered_LowersTheBalance_AndNothingElse(
        int104 balance_,
        uint96 pending_,
        uint32 timestamp_,
        uint24 nonce_,
        uint96 amount_
    ) public {
        if (balance_ < -int104(uint104(type(uint96).max))) balance_ = -1 - balance_;
        PayerAccount account_ = _account(balance_, pending_, timestamp_, nonce_);

        _assertFields(
            PayerAccount.wrap(SignedLane.lowered(PayerAccount.unwrap(account_), amount_)),
            int256(balance_) - int256(uint256(amount_)),
            pending_,
            timestamp_,
            nonce_
        );
    }

    function testFuzz_WithRequest_CountsIt_AndReplacesTheRest(
        int104 balance_,
        uint24 nonce_,
        uint104 newBalance_,
        uint96 amount_,
        uint32 timestamp_
    ) public {
        // Nothing is pending when something is requested.
        PayerAccount account_ = _account(balance_, 0, 0, nonce_).withRequest(newBalance_, amount_, timestamp_);

        uint256 counted_ = (uint256(nonce_) + 1) % (1 << 24);
        _assertFields(account_, int104(newBalance_), amount_, timestamp_, counted_);
    }

    function test_WithRequest_BeginsToCountAgain_AfterTheLastNonce() public {
        PayerAccount account_ = _account(7, 0, 0, type(uint24).max).withRequest(5, 2, 3);

        _assertFields(account_, 5, 2, 3, 0);
    }

    function testFuzz_WithoutRequest_KeepsTheNonce(
        int104 balance_,
        uint96 pending_,
        uint32 timestamp_,
        uint24 nonce_,
        uint104 newBalance_
    ) public {
        PayerAccount account_ = _account(balance_, pending_, timestamp_, nonce_).withoutRequest(newBalance_);

        _assertFields(account_, int104(newBalance_), 0, 0, nonce_);
    }

    /// @dev A call of its own, which may revert.
    function credited(PayerAccount account_, uint96 amount_) external pure returns (PayerAccount) {
        return account_.credited(amount_);
    }

    /// @dev An account as the compiler stores it.
    function _account(
        int104 balance_,
        uint96 pending_,
        uint32 timestamp_,
        uint24 nonce_
    ) private returns (PayerAccount account_) {
        _layout = Layout(balance_, pending_, timestamp_, nonce_);
        assembly ("memory-safe") {
            account_ := sload(_layout.slot)
        }
    }

    function _assertFields(
        PayerAccount account_,
        int256 balance_,
        uint256 pending_,
        uint256 timestamp_,
        uint256 nonce_
    ) private pure {
        assertTrue(account_.balance() == balance_, "balance");
        assertEq(account_.pendingWithdrawal(), pending_, "pending withdrawal");
        assertEq(account_.withdrawableTimestamp(), timestamp_, "timestamp");
        assertEq(account_.withdrawalNonce(), nonce_, "nonce");
    }
}
