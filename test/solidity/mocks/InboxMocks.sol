// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/**
 * @dev An inbox that does next to nothing: it takes the tokens of a message to a bridge, and counts. What a call costs with
 *      it is what the callers cost, which is how production's callers were measured.
 */
contract StandInInbox {
    IERC20 private immutable _token;

    address public immutable bridge;

    uint256 private _messageCount;

    constructor(IERC20 token_, address bridge_) {
        _token = token_;
        bridge = bridge_;
    }

    function createRetryableTicket(
        address,
        uint256,
        uint256,
        address,
        address,
        uint256,
        uint256,
        uint256 amount_,
        bytes calldata
    ) external returns (uint256 messageNumber_) {
        _token.transferFrom(msg.sender, bridge, amount_);

        // solhint-disable-next-line gas-increment-by-one
        return _messageCount++;
    }

    function calculateRetryableSubmissionFee(uint256, uint256) external pure returns (uint256) {
        return 0;
    }
}
