// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @dev All of a payer report but its root, as one word:
 *
 *      | bits      | field               | type   | unit                                                  |
 *      |-----------|---------------------|--------|-------------------------------------------------------|
 *      | 0 - 63    | endSequenceId       | uint64 | id of the last message that the report covers         |
 *      | 64 - 95   | endMinuteSinceEpoch | uint32 | minutes since 1970                                    |
 *      | 96 - 191  | feesSettled         | uint96 | microdollars                                          |
 *      | 192 - 223 | offset              | uint32 | leaves settled                                        |
 *      | 224 - 237 | protocolFeeRate     | uint14 | basis points, at most 10,000                          |
 *      | 238       | isSettled           | bool   |                                                       |
 *      | 239 - 255 | nodeSet             | uint17 | number of the set of nodes; 0: there is no such report |
 *
 *      The first message is not here: a report begins where the one before it ends.
 */
type ReportState is uint256;

using ReportStateLibrary for ReportState global;

/// @dev Every cast to a narrower type cuts out the field named by the table above.
library ReportStateLibrary {
    /// @dev The greatest number of a set of nodes.
    uint256 internal constant MAX_NODE_SET = type(uint256).max >> _NODE_SET_OFFSET;

    uint256 private constant _END_MINUTE_OFFSET = 64;
    uint256 internal constant FEES_OFFSET = 96;
    uint256 private constant _OFFSET_OFFSET = 192;
    uint256 internal constant RATE_OFFSET = 224;
    uint256 private constant _SETTLED_OFFSET = 238;
    uint256 private constant _NODE_SET_OFFSET = 239;

    uint256 internal constant FEES_MASK = uint256(type(uint96).max) << FEES_OFFSET;
    uint256 private constant _OFFSET_MASK = uint256(type(uint32).max) << _OFFSET_OFFSET;
    uint256 internal constant RATE_MAX = (1 << (_SETTLED_OFFSET - RATE_OFFSET)) - 1;
    uint256 internal constant SETTLED_MASK = 1 << _SETTLED_OFFSET;

    /// @dev A report of which nothing is settled yet. The rate is at most 10,000, the node set at most `MAX_NODE_SET`.
    function create(
        uint64 endSequenceId_,
        uint32 endMinuteSinceEpoch_,
        uint16 protocolFeeRate_,
        bool isSettled_,
        uint256 nodeSet_
    ) internal pure returns (ReportState) {
        return
            ReportState.wrap(
                endSequenceId_ |
                    (uint256(endMinuteSinceEpoch_) << _END_MINUTE_OFFSET) |
                    (uint256(protocolFeeRate_) << RATE_OFFSET) |
                    (isSettled_ ? SETTLED_MASK : 0) |
                    (nodeSet_ << _NODE_SET_OFFSET)
            );
    }

    /// @dev Every report has a set of nodes, so a word without one was never written.
    function exists(ReportState state_) internal pure returns (bool) {
        return ReportState.unwrap(state_) != 0;
    }

    function endSequenceId(ReportState state_) internal pure returns (uint64) {
        return uint64(ReportState.unwrap(state_));
    }

    function endMinuteSinceEpoch(ReportState state_) internal pure returns (uint32) {
        return uint32(ReportState.unwrap(state_) >> _END_MINUTE_OFFSET);
    }

    function feesSettled(ReportState state_) internal pure returns (uint96) {
        return uint96(ReportState.unwrap(state_) >> FEES_OFFSET);
    }

    function offset(ReportState state_) internal pure returns (uint32) {
        return uint32(ReportState.unwrap(state_) >> _OFFSET_OFFSET);
    }

    function protocolFeeRate(ReportState state_) internal pure returns (uint16) {
        return uint16((ReportState.unwrap(state_) >> RATE_OFFSET) & RATE_MAX);
    }

    function isSettled(ReportState state_) internal pure returns (bool) {
        return ReportState.unwrap(state_) & SETTLED_MASK != 0;
    }

    function nodeSet(ReportState state_) internal pure returns (uint256) {
        return ReportState.unwrap(state_) >> _NODE_SET_OFFSET;
    }

    /// @dev The state, which was not settled, when that many leaves are; the last of them or not.
    function withOffset(ReportState state_, uint32 offset_, bool isSettled_) internal pure returns (ReportState) {
        return
            ReportState.wrap(
                (ReportState.unwrap(state_) & ~_OFFSET_MASK) |
                    (uint256(offset_) << _OFFSET_OFFSET) |
                    (isSettled_ ? SETTLED_MASK : 0)
            );
    }

    function withFeesSettled(ReportState state_, uint96 feesSettled_) internal pure returns (ReportState) {
        return ReportState.wrap((ReportState.unwrap(state_) & ~FEES_MASK) | (uint256(feesSettled_) << FEES_OFFSET));
    }
}
