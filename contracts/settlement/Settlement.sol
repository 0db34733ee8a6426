// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ReportState } from "./ReportState.sol";

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
    uint256 private constant _FEES_OFFSET = 96;
    uint256 private constant _RATE_OFFSET = 224;
    uint256 private constant _SETTLED_OFFSET = 238;

    uint256 private constant _FEES_MASK = uint256(type(uint96).max) << _FEES_OFFSET;
    uint256 private constant _RATE_MAX = (1 << (_SETTLED_OFFSET - _RATE_OFFSET)) - 1;
    uint256 private constant _SETTLED_MASK = 1 << _SETTLED_OFFSET;

    uint256 private constant _STATE_MASK = _FEES_MASK | (_RATE_MAX << _RATE_OFFSET) | _SETTLED_MASK;

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
        return uint96(Settlement.unwrap(settlement_) >> _FEES_OFFSET);
    }

    function protocolFeeRate(Settlement settlement_) internal pure returns (uint16) {
        return uint16((Settlement.unwrap(settlement_) >> _RATE_OFFSET) & _RATE_MAX);
    }

    function isSettled(Settlement settlement_) internal pure returns (bool) {
        return Settlement.unwrap(settlement_) & _SETTLED_MASK != 0;
    }
}
