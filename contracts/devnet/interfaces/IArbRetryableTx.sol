// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title  Tickets: calls that the parent chain asked for, and that stay until they succeed, at 0x6e.
 * @notice The functions, events and errors of the real system contract. Where the real one fails without data, this one
 *         names a reason.
 */
interface IArbRetryableTx {
    /// @notice Thrown when there is no such ticket, or it has expired.
    error NoTicketWithID();

    /// @notice Thrown by what nobody may call, or only the chain itself.
    error NotCallable();

    /// @notice Thrown when a ticket is to be redeemed or cancelled while its call runs.
    error SelfModifyingRetryable();

    /// @notice Thrown when somebody else than its beneficiary cancels a ticket.
    error NotBeneficiary(address caller_, address beneficiary_);

    /// @notice Thrown when a ticket already lasts longer than a lifetime from now. In seconds since the epoch.
    error TimeoutTooFar(uint256 timeout_, uint256 limit_);

    /// @notice Thrown when the gas of `redeem` leaves less than any call takes.
    error TooLittleGasToDonate(uint256 gas_, uint256 minimum_);

    event TicketCreated(bytes32 indexed ticketId);

    event LifetimeExtended(bytes32 indexed ticketId, uint256 newTimeout);

    /**
     * @notice Emitted when the call of a ticket is going to be tried.
     * @param  retryTxHash         The hash under which the attempt is known.
     * @param  sequenceNum         0 for the first attempt, and so on.
     * @param  donatedGas          The gas limit of the attempt.
     * @param  gasDonor            Who gets back what gas the attempt does not use.
     * @param  maxRefund           At most this much, in wei.
     * @param  submissionFeeRefund In wei.
     */
    event RedeemScheduled(
        bytes32 indexed ticketId,
        bytes32 indexed retryTxHash,
        uint64 indexed sequenceNum,
        uint64 donatedGas,
        address gasDonor,
        uint256 maxRefund,
        uint256 submissionFeeRefund
    );

    event Canceled(bytes32 indexed ticketId);

    /**
     * @notice Schedules another attempt with all gas of this call that is left. Callable by anyone.
     * @dev    The attempt comes after this transaction, so that this one succeeds says nothing about the attempt.
     *         Emits `RedeemScheduled`. Reverts with `SelfModifyingRetryable`, `NoTicketWithID`, `TooLittleGasToDonate`.
     * @return retryTxHash_ The hash under which the attempt is known.
     */
    function redeem(bytes32 ticketId_) external returns (bytes32 retryTxHash_);

    /**
     * @notice Lets a ticket last one lifetime longer. Callable by anyone.
     * @dev    Emits `LifetimeExtended`. Reverts with `NoTicketWithID`, `TimeoutTooFar`.
     * @return timeout_ In seconds since the epoch.
     */
    function keepalive(bytes32 ticketId_) external returns (uint256 timeout_);

    /**
     * @notice Ends a ticket and pays its value to its beneficiary, who has to be the caller.
     * @dev    Emits `Canceled`. Reverts with `SelfModifyingRetryable`, `NoTicketWithID`, `NotBeneficiary`.
     */
    function cancel(bytes32 ticketId_) external;

    /// @notice Always reverts with `NotCallable`: explorers show the submission of a ticket as a call of this function.
    function submitRetryable(
        bytes32 requestId_,
        uint256 l1BaseFee_,
        uint256 deposit_,
        uint256 callvalue_,
        uint256 gasFeeCap_,
        uint64 gasLimit_,
        uint256 maxSubmissionFee_,
        address feeRefundAddress_,
        address beneficiary_,
        address retryTo_,
        bytes calldata retryData_
    ) external;

    /// @notice When a ticket expires, in seconds since the epoch. Reverts with `NoTicketWithID`.
    function getTimeout(bytes32 ticketId_) external view returns (uint256 timeout_);

    /// @notice Who gets the value of a ticket that is cancelled or expires. Reverts with `NoTicketWithID`.
    function getBeneficiary(bytes32 ticketId_) external view returns (address beneficiary_);

    /// @notice How long a ticket lasts, in seconds.
    function getLifetime() external pure returns (uint256 seconds_);

    /// @notice Who gets back the gas that the call of a ticket does not use, during that call; zero otherwise.
    function getCurrentRedeemer() external view returns (address redeemer_);
}
