// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ReportState, ReportStateLibrary } from "./ReportState.sol";

/**
 * @dev What a report pays out, and whether to a node, as one word; the upper fields are where `ReportState` has them:
 *
 *      | bits      | field           | type   | unit                                          |
 *      |-----------|-----------------|--------|-----------------------------------------------|
 *      | 0 - 7     | nodeCount       | uint8  | how many nodes share the fees                 |
 *      | 8         | namesNode       | bool   | whether the node that was asked for is one    |
 *      | 96 - 191  | feesSettled     | uint96 | microdollars, charged so far                  |
 *      | 224 - 237 | protocolFeeRate | uint14 | the protocol's part in basis points           |
 *      | 238       | isSettled       | bool   | whether all fees of the report are settled    |
 *
 *      All other bits are zero.
 */
type Settlement is uint256;

using SettlementLibrary for Settlement global;

/// @dev Every cast to a narrower type cuts out the field named by the table above.
library SettlementLibrary {
    uint256 private constant _NAMES_NODE_MASK = 1 << 8;

    /// @dev What of the state of a report decides what it pays out.
    uint256 private constant _STATE_MASK =
        ReportStateLibrary.FEES_MASK |
            (ReportStateLibrary.RATE_MAX << ReportStateLibrary.RATE_OFFSET) |
            ReportStateLibrary.SETTLED_MASK;

    /// @dev What the nodes of a report say, of which there are at most 255.
    function ofNodes(uint256 nodeCount_, bool namesNode_) internal pure returns (Settlement) {
        return Settlement.wrap(nodeCount_ | (namesNode_ ? _NAMES_NODE_MASK : 0));
    }

    /// @dev What the nodes say, and what the state of the report does.
    function withState(Settlement settlement_, ReportState state_) internal pure returns (Settlement) {
        return Settlement.wrap(Settlement.unwrap(settlement_) | (ReportState.unwrap(state_) & _STATE_MASK));
    }

    function nodeCount(Settlement settlement_) internal pure returns (uint8) {
        return uint8(Settlement.unwrap(settlement_));
    }

    function namesNode(Settlement settlement_) internal pure returns (bool) {
        return Settlement.unwrap(settlement_) & _NAMES_NODE_MASK != 0;
    }

    function feesSettled(Settlement settlement_) internal pure returns (uint96) {
        return uint96(Settlement.unwrap(settlement_) >> ReportStateLibrary.FEES_OFFSET);
    }

    function protocolFeeRate(Settlement settlement_) internal pure returns (uint16) {
        return uint16((Settlement.unwrap(settlement_) >> ReportStateLibrary.RATE_OFFSET) & ReportStateLibrary.RATE_MAX);
    }

    function isSettled(Settlement settlement_) internal pure returns (bool) {
        return Settlement.unwrap(settlement_) & ReportStateLibrary.SETTLED_MASK != 0;
    }
}
