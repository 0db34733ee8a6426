// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { LogState } from "../../contracts/common/LogState.sol";

import { Test } from "./utils/Test.sol";

contract LogStateTest is Test {
    /// @dev What the compiler makes of the table in `LogState`.
    struct Layout {
        uint32 minPayloadSize;
        uint32 maxPayloadSize;
        uint64 sequenceId;
        bool paused;
    }

    Layout private _layout;

    function testFuzz_Fields_AreIndependent(
        uint256 word_,
        uint32 min_,
        uint32 max_,
        uint64 sequenceId_,
        bool paused_
    ) public pure {
        // Above the pause, a word has nothing.
        LogState before_ = LogState.wrap(word_ % (1 << 129));

        _assertOtherFields(before_, before_.withMinPayloadSize(min_), true, false, false, false);
        _assertOtherFields(before_, before_.withMaxPayloadSize(max_), false, true, false, false);
        _assertOtherFields(before_, before_.withSequenceId(sequenceId_), false, false, true, false);
        _assertOtherFields(before_, before_.withPaused(paused_), false, false, false, true);

        assertEq(before_.withMinPayloadSize(min_).minPayloadSize(), min_, "minimum");
        assertEq(before_.withMaxPayloadSize(max_).maxPayloadSize(), max_, "maximum");
        assertEq(before_.withSequenceId(sequenceId_).sequenceId(), sequenceId_, "sequence id");
        assertTrue(before_.withPaused(paused_).paused() == paused_, "pause");
    }

    function testFuzz_Word_IsTheCompilersLayout(uint32 min_, uint32 max_, uint64 sequenceId_, bool paused_) public {
        _layout = Layout(min_, max_, sequenceId_, paused_);
        uint256 word_;
        assembly ("memory-safe") {
            word_ := sload(_layout.slot)
        }

        LogState state_ = LogState
            .wrap(0)
            .withMinPayloadSize(min_)
            .withMaxPayloadSize(max_)
            .withSequenceId(sequenceId_)
            .withPaused(paused_);

        assertEq(LogState.unwrap(state_), word_, "word");
    }

    function testFuzz_Accepts_SizesBetweenTheLimits_ButNeverZero(uint32 min_, uint32 max_, uint256 size_) public pure {
        LogState state_ = LogState.wrap(0).withMinPayloadSize(min_).withMaxPayloadSize(max_);
        // Near one of the limits, or anything.
        uint256[5] memory sizes_ = [size_, min_, uint256(min_) + 1, max_, uint256(max_) + 1];

        for (uint256 index_; index_ < 5; ++index_) {
            bool expected_ = sizes_[index_] > 0 && min_ <= sizes_[index_] && sizes_[index_] <= max_;
            assertTrue(state_.accepts(sizes_[index_]) == expected_, "accepts");
        }
        assertTrue(!state_.accepts(0), "zero");
    }

    function testFuzz_AfterPayloads_CountsUp_OrIsPaused(
        uint32 min_,
        uint32 max_,
        uint64 sequenceId_,
        bool paused_,
        uint64 count_
    ) public pure {
        LogState before_ = LogState
            .wrap(0)
            .withMinPayloadSize(min_)
            .withMaxPayloadSize(max_)
            .withSequenceId(sequenceId_)
            .withPaused(paused_);

        LogState after_ = before_.afterPayloads(count_);

        bool fits_ = uint256(sequenceId_) + count_ <= type(uint64).max;
        assertTrue(after_.paused() == (paused_ || !fits_), "pause");
        if (fits_) assertEq(after_.sequenceId(), uint256(sequenceId_) + count_, "sequence id");
        assertEq(after_.minPayloadSize(), min_, "minimum");
        assertEq(after_.maxPayloadSize(), max_, "maximum");
    }

    function _assertOtherFields(
        LogState before_,
        LogState after_,
        bool minChanges_,
        bool maxChanges_,
        bool sequenceIdChanges_,
        bool pausedChanges_
    ) private pure {
        if (!minChanges_) assertEq(after_.minPayloadSize(), before_.minPayloadSize(), "other minimum");
        if (!maxChanges_) assertEq(after_.maxPayloadSize(), before_.maxPayloadSize(), "other maximum");
        if (!sequenceIdChanges_) assertEq(after_.sequenceId(), before_.sequenceId(), "other sequence id");
        if (!pausedChanges_) assertTrue(after_.paused() == before_.paused(), "other pause");
    }
}
