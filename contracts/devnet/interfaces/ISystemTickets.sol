// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title  What the chain itself does at 0x6e with the messages of its parent chain.
 * @notice A real chain does this outside of any contract. Here it is a few transactions in blocks of base fee zero, which
 *         nobody else is in, from the system account or, where it is an account's own money, from that account. All of
 *         them revert with `NotCallable` for anybody else.
 *
 *         A call is made by a transaction of its own, so that it has its true sender: `submitTicket`, `startRedeem` or
 *         `beginCall` comes before it and `finishCall` after it. What is under way is kept here, so that whoever goes on
 *         after an interruption knows which of these transactions is next.
 */
interface ISystemTickets {
    /// @notice Thrown when a message is not the next one.
    error UnexpectedMessage(uint256 index_, uint256 expectedIndex_);

    /// @notice Thrown when something is begun while a call is under way.
    error CallUnderWay();

    /// @notice Thrown when a call is finished that is not under way, or a redeem is run that is not scheduled.
    error NothingUnderWay();

    /// @notice Thrown when a transaction carries another value than it has to, in wei.
    error UnexpectedValue(uint256 value_, uint256 expectedValue_);

    /// @notice Thrown when a ticket is to expire before its time. In seconds since the epoch.
    error NotExpired(uint256 timeout_);

    /**
     * @notice Emitted when a transaction that a real chain knows by `hash` is in a block.
     * @param  transactionHash Its hash on this chain; zero: of the transaction that emits this.
     */
    event Executed(bytes32 indexed hash, bytes32 indexed transactionHash);

    /// @notice Emitted instead of `TicketCreated` when the sender lacks what the ticket takes.
    event SubmissionFailed(bytes32 indexed ticketId);

    /// @notice Emitted when a ticket expired and its value was paid to its beneficiary.
    event Expired(bytes32 indexed ticketId);

    /// @dev A message of the parent chain.
    struct Message {
        /// @dev Counted from 0; all smaller ones have been dealt with.
        uint64 index;
        /// @dev Of the parent chain, with the message.
        uint64 parentBlock;
        /// @dev Of the parent chain's bridge, after the message.
        bytes32 accumulator;
    }

    /// @dev A call to be made. A zero `to` creates a contract.
    struct Call {
        address from;
        address to;
        uint256 value;
        bytes data;
        uint64 gasLimit;
        /// @dev Of `from`, for the transaction that makes the call.
        uint64 nonce;
        /// @dev Wei per gas.
        uint256 baseFee;
    }

    /// @dev What else makes a ticket, amounts in wei.
    struct Submission {
        bytes32 ticketId;
        uint256 maxSubmissionFee;
        uint256 maxFeePerGas;
        address feeRefund;
        address beneficiary;
        /// @dev Whether the chain can take a transaction with this gas limit and data.
        bool isRunnable;
    }

    enum Step {
        /// @dev Nothing is under way.
        None,
        /// @dev The transaction that makes the call is next, unless the sender's nonce shows that it was made.
        Call,
        /// @dev There is no call to make, only the ticket's value to be brought by its sender.
        Escrow
    }

    /// @dev A call under way.
    struct Attempt {
        Step step;
        /// @dev Zero: the call is no ticket's.
        bytes32 ticketId;
        /// @dev By which a real chain knows the transaction that makes the call.
        bytes32 hash;
        address refundTo;
        /// @dev In wei.
        uint256 maxRefund;
        /// @dev The block in which it began.
        uint256 begunIn;
        Call request;
    }

    /// @dev A redeem that somebody scheduled.
    struct Redeem {
        bytes32 ticketId;
        bytes32 retryTxHash;
        address refundTo;
        uint40 gasLimit;
        /// @dev Wei per gas.
        uint56 baseFee;
    }

    /// @dev How far everything is.
    struct Progress {
        uint64 messageCount;
        /// @dev Of the parent chain, with the last message.
        uint64 parentBlock;
        uint64 redeemCount;
        /// @dev Of these, run or dropped.
        uint64 redeemsDone;
        bytes32 accumulator;
        Step step;
    }

    /// @notice Counts messages without effect, up to and including `message_`.
    function countMessages(Message calldata message_) external;

    /// @notice Pays the value of this call to `to_` without running its code. Emits `Executed`.
    function creditDeposit(Message calldata message_, address to_, bytes32 hash_) external payable;

    /// @notice Begins a call that is no ticket's. `hash_` is by what a real chain knows it.
    function beginCall(Message calldata message_, Call calldata call_, bytes32 hash_) external;

    /**
     * @notice Makes a ticket, with its deposit as the value of this call, and begins its first attempt if it has one.
     * @dev    Emits `Executed`, and `SubmissionFailed` or `TicketCreated` and, for an attempt, `RedeemScheduled`.
     */
    function submitTicket(
        Message calldata message_,
        Call calldata call_,
        Submission calldata submission_
    ) external payable;

    /**
     * @notice Begins the redeem that was scheduled first, or drops it if its ticket is gone or `isRunnable_` is false.
     * @dev    The value is the price of the donated gas; nothing, when it is dropped. Reverts with `UnexpectedValue`.
     * @param  nonce_ Of the ticket's sender.
     */
    function startRedeem(uint64 nonce_, bool isRunnable_) external payable;

    /**
     * @notice Ends what is under way: deletes the ticket of a call that succeeded; takes its value back from the sender of
     *         one that failed; passes on what gas is to be refunded to another than the sender.
     * @dev    The value is `amountToFinish`, from the sender of the call. Emits `Executed` when a call was made. Reverts
     *         with `NothingUnderWay`, `UnexpectedValue`.
     * @param  transactionHash_ Of the transaction that made the call; zero if the chain did not take it.
     */
    function finishCall(bool isSuccess_, uint64 gasUsed_, bytes32 transactionHash_) external payable;

    /// @notice Pays the value of an expired ticket to its beneficiary. Emits `Expired`. Reverts with `NotExpired`.
    function expireTicket(bytes32 ticketId_) external;

    function progress() external view returns (Progress memory progress_);

    /// @notice What is under way.
    function attempt() external view returns (Attempt memory attempt_);

    /// @notice What `finishCall` takes, in wei.
    function amountToFinish(bool isSuccess_, uint64 gasUsed_) external view returns (uint256 amount_);

    /// @notice The redeem that was scheduled first, and the call of its ticket; its `from` is zero if the ticket is gone.
    function nextRedeem() external view returns (Redeem memory redeem_, Call memory call_);

    /// @notice All tickets, and when they expire, in seconds since the epoch.
    function openTickets() external view returns (bytes32[] memory ticketIds_, uint256[] memory timeouts_);

    /// @notice What is kept for a ticket. All zero if there is none; one that expired stays until it is paid out.
    function ticket(
        bytes32 ticketId_
    ) external view returns (address from_, address to_, uint256 value_, address beneficiary_, bytes memory data_);

    /// @notice The block of the parent chain with the last message.
    function parentBlock() external view returns (uint256 number_);
}
