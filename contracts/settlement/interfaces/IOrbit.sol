// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title An Orbit chain's inbox on its settlement chain, for a chain whose gas is paid in an ERC-20: what we call of it.
interface IERC20Inbox {
    /**
     * @notice Sends a message to the appchain, which anyone may run again there for a week if it fails.
     * @param  to_                     Account to call.
     * @param  callValue_              In wei of the appchain.
     * @param  maxSubmissionCost_      In wei of the appchain; what the submission does not cost is refunded.
     * @param  excessFeeRefundAddress_ Account on the appchain that gets what is left of the fees.
     * @param  callValueRefundAddress_ Account that may cancel the message, and that gets its value when it expires.
     * @param  gasLimit_               Gas for the call.
     * @param  maxFeePerGas_           The most to pay for a unit of it, in wei of the appchain.
     * @param  tokenTotalFeeAmount_    What is taken from the caller for all of this, in units of the token.
     * @param  data_                   The call.
     * @return messageNumber_          Position in the order of all messages to the appchain.
     * @dev    An account with code on this chain is replaced by its alias in both refund addresses.
     */
    function createRetryableTicket(
        address to_,
        uint256 callValue_,
        uint256 maxSubmissionCost_,
        address excessFeeRefundAddress_,
        address callValueRefundAddress_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_,
        uint256 tokenTotalFeeAmount_,
        bytes calldata data_
    ) external returns (uint256 messageNumber_);

    /// @notice What submitting a message of so many bytes costs, in wei of the appchain.
    function calculateRetryableSubmissionFee(
        uint256 dataLength_,
        uint256 baseFee_
    ) external view returns (uint256 submissionFee_);

    /// @notice The bridge behind the inbox: it holds the tokens, and makes the calls that come back.
    function bridge() external view returns (address bridge_);
}

/// @title What makes the calls that come from an Orbit chain.
interface IOrbitBridge {
    /// @notice The outbox on whose behalf a call is being made; zero if there is none.
    function activeOutbox() external view returns (address outbox_);
}

/// @title What proves the messages that come from an Orbit chain.
interface IERC20Outbox {
    /// @notice Of the message that is being executed: what it brings, in units of the token.
    function l2ToL1WithdrawalAmount() external view returns (uint256 amount_);
}
