// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { RLP } from "@openzeppelin/contracts/utils/RLP.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IArbRetryableTx } from "./interfaces/IArbRetryableTx.sol";
import { ISystemTickets } from "./interfaces/ISystemTickets.sol";

import { StoredBytes } from "./StoredBytes.sol";
import { SystemAddresses } from "./SystemAddresses.sol";

/**
 * @title  Tickets of the devnet's appchain, and how far the messages of its settlement chain have been dealt with.
 * @notice Its code is placed at 0x6e of a chain without ArbOS: it has neither constructor nor immutables. Its balance is
 *         the value of all tickets whose call is not under way. Amounts are paid without running the receiver's code, as
 *         ArbOS pays, so that no receiver can refuse them.
 */
contract ArbRetryableTx is IArbRetryableTx, ISystemTickets {
    using Math for uint256;
    using RLP for RLP.Encoder;

    struct Ticket {
        address from;
        uint64 timeout;
        address to;
        uint64 attempts;
        address beneficiary;
        /// @dev In the list of all tickets.
        uint64 place;
        uint256 value;
        address[] data;
    }

    /// @dev Seconds; fixed in ArbOS.
    uint256 private constant _LIFETIME = 7 days;

    /// @dev The gas of a transaction that does nothing.
    uint256 private constant _MIN_GAS = 21_000;

    /// @dev The type of a transaction that makes the call of a ticket.
    bytes1 private constant _RETRY_TYPE = 0x68;

    /// @dev Gas that `redeem` keeps for its own writes, and for each byte of the call data, which it hashes.
    uint256 private constant _REDEEM_GAS = 250_000;
    uint256 private constant _REDEEM_GAS_PER_BYTE = 10;

    uint64 private _messageCount;
    uint64 private _parentBlock;
    uint64 private _redeemsDone;
    bytes32 private _accumulator;

    Redeem[] private _redeems;

    /// @dev Under way, without the call data, and of a ticket without what else is in the ticket.
    Attempt private _attempt;

    /// @dev Of a call under way that is no ticket's.
    address[] private _callData;

    mapping(bytes32 ticketId => Ticket ticket) private _tickets;

    /// @dev Of all tickets there are, in no order.
    bytes32[] private _ticketIds;

    /// @dev Blocks of base fee zero are made for the chain's own transactions and hold nothing else.
    modifier onlySystem() {
        if (block.basefee != 0 || msg.sender != SystemAddresses.ARB_OS) revert NotCallable();
        _;
    }

    // Messages of the parent chain

    /// @inheritdoc ISystemTickets
    function countMessages(Message calldata message_) external onlySystem {
        if (message_.index < _messageCount) revert UnexpectedMessage(message_.index, _messageCount);

        _count(message_);
    }

    /// @inheritdoc ISystemTickets
    function creditDeposit(Message calldata message_, address to_, bytes32 hash_) external payable onlySystem {
        _countNext(message_);

        emit Executed(hash_, bytes32(0));

        _pay(to_, msg.value);
    }

    /// @inheritdoc ISystemTickets
    function beginCall(Message calldata message_, Call calldata call_, bytes32 hash_) external onlySystem {
        _countNext(message_);

        _attempt.step = Step.Call;
        _attempt.hash = hash_;
        _attempt.refundTo = call_.from;
        _attempt.begunIn = block.number;
        _attempt.request.from = call_.from;
        _attempt.request.to = call_.to;
        _attempt.request.value = call_.value;
        _attempt.request.gasLimit = call_.gasLimit;
        _attempt.request.nonce = call_.nonce;
        _attempt.request.baseFee = call_.baseFee;
        _callData = StoredBytes.store(call_.data);
    }

    /// @inheritdoc ISystemTickets
    function submitTicket(
        Message calldata message_,
        Call calldata call_,
        Submission calldata submission_
    ) external payable onlySystem {
        _countNext(message_);

        emit Executed(submission_.ticketId, bytes32(0));

        // What is paid back to the refund address comes out of the deposit, and of that only out of what is left of it.
        uint256 available_ = msg.value.saturatingSub(call_.value);
        uint256 balance_ = call_.from.balance + msg.value;

        if (balance_ < submission_.maxSubmissionFee) return _fail(call_, submission_, 0);

        // The submission itself is free where the fees of data are not charged.
        uint256 refund_ = available_.min(submission_.maxSubmissionFee);
        available_ -= refund_;
        if (submission_.feeRefund != call_.from) balance_ -= refund_;

        if (balance_ < call_.value) return _fail(call_, submission_, refund_);

        _create(call_, submission_);

        if (_hasAttempt(call_, submission_, balance_ - call_.value)) {
            _attemptFirst(call_, submission_, available_, refund_);
        } else {
            _keep(call_, submission_, refund_ + available_.min(_maxGasCost(call_, submission_)));
        }
    }

    /// @dev The sender has to have the whole price that was offered for the gas.
    function _hasAttempt(
        Call calldata call_,
        Submission calldata submission_,
        uint256 balance_
    ) private pure returns (bool hasAttempt_) {
        return
            balance_ >= _maxGasCost(call_, submission_) &&
            call_.gasLimit >= _MIN_GAS &&
            submission_.maxFeePerGas >= call_.baseFee &&
            submission_.isRunnable;
    }

    function _maxGasCost(
        Call calldata call_,
        Submission calldata submission_
    ) private pure returns (uint256 maxGasCost_) {
        return submission_.maxFeePerGas.saturatingMul(call_.gasLimit);
    }

    /// @dev The call is next. `available_` is what is left of the deposit, without the value and the refund so far.
    function _attemptFirst(
        Call calldata call_,
        Submission calldata submission_,
        uint256 available_,
        uint256 refund_
    ) private {
        // The gas comes first, then what its price is below the offer.
        uint256 withheld_ = available_.min(call_.baseFee * call_.gasLimit);
        uint256 priceRefund_ = (available_ - withheld_).min(
            (submission_.maxFeePerGas - call_.baseFee).saturatingMul(call_.gasLimit)
        );

        _begin(
            submission_.ticketId,
            call_.gasLimit,
            call_.nonce,
            call_.baseFee,
            submission_.feeRefund,
            available_ - priceRefund_
        );

        _pay(submission_.feeRefund, refund_ + priceRefund_);
        _pay(call_.from, msg.value - refund_ - priceRefund_);
    }

    /// @dev The sender cannot pay for the ticket: there is none, and the sender keeps the deposit.
    function _fail(Call calldata call_, Submission calldata submission_, uint256 refund_) private {
        emit SubmissionFailed(submission_.ticketId);

        _pay(submission_.feeRefund, refund_);
        _pay(call_.from, msg.value - refund_);
    }

    /// @dev The ticket waits for somebody to redeem it.
    function _keep(Call calldata call_, Submission calldata submission_, uint256 refund_) private {
        uint256 left_ = msg.value - refund_;

        if (left_ >= call_.value) {
            left_ -= call_.value;
        } else {
            // The sender brings what the deposit lacks, together with the deposit.
            _attempt.step = Step.Escrow;
            _attempt.ticketId = submission_.ticketId;
            _attempt.refundTo = call_.from;
            _attempt.begunIn = block.number;
        }

        _pay(submission_.feeRefund, refund_);
        _pay(call_.from, left_);
    }

    function _create(Call calldata call_, Submission calldata submission_) private {
        _tickets[submission_.ticketId] = Ticket({
            from: call_.from,
            timeout: SafeCast.toUint64(block.timestamp + _LIFETIME),
            to: call_.to,
            attempts: 0,
            beneficiary: submission_.beneficiary,
            place: SafeCast.toUint64(_ticketIds.length),
            value: call_.value,
            data: StoredBytes.store(call_.data)
        });
        _ticketIds.push(submission_.ticketId);

        emit TicketCreated(submission_.ticketId);
    }

    function _countNext(Message calldata message_) private {
        if (message_.index != _messageCount) revert UnexpectedMessage(message_.index, _messageCount);

        _count(message_);
    }

    function _count(Message calldata message_) private {
        if (_attempt.step != Step.None) revert CallUnderWay();

        _messageCount = message_.index + 1;
        _parentBlock = message_.parentBlock;
        _accumulator = message_.accumulator;
    }

    // Attempts

    /// @inheritdoc ISystemTickets
    function startRedeem(uint64 nonce_, bool isRunnable_) external payable onlySystem {
        if (_attempt.step != Step.None) revert CallUnderWay();
        if (_redeemsDone >= _redeems.length) revert NothingUnderWay();

        Redeem memory redeem_ = _redeems[_redeemsDone];
        ++_redeemsDone;

        // What is not run any more has cost its gas, as on a real chain.
        bool isRun_ = isRunnable_ && _isOpen(redeem_.ticketId);
        uint256 price_ = isRun_ ? uint256(redeem_.gasLimit) * redeem_.baseFee : 0;

        if (msg.value != price_) revert UnexpectedValue(msg.value, price_);
        if (!isRun_) return;

        Ticket storage ticket_ = _tickets[redeem_.ticketId];

        _attempt.step = Step.Call;
        _attempt.ticketId = redeem_.ticketId;
        _attempt.hash = redeem_.retryTxHash;
        _attempt.refundTo = redeem_.refundTo;
        _attempt.maxRefund = type(uint256).max;
        _attempt.begunIn = block.number;
        _attempt.request.gasLimit = redeem_.gasLimit;
        _attempt.request.nonce = nonce_;
        _attempt.request.baseFee = redeem_.baseFee;

        _pay(ticket_.from, ticket_.value + price_);
    }

    /// @dev Begins the first attempt of a new ticket.
    function _begin(
        bytes32 ticketId_,
        uint64 gasLimit_,
        uint64 nonce_,
        uint256 baseFee_,
        address refundTo_,
        uint256 maxRefund_
    ) private {
        uint64 sequence_ = _nextSequence(ticketId_);
        bytes32 hash_ = _retryHash(ticketId_, sequence_, gasLimit_, baseFee_, refundTo_, maxRefund_);

        _attempt.step = Step.Call;
        _attempt.ticketId = ticketId_;
        _attempt.hash = hash_;
        _attempt.refundTo = refundTo_;
        _attempt.maxRefund = maxRefund_;
        _attempt.begunIn = block.number;
        _attempt.request.gasLimit = gasLimit_;
        _attempt.request.nonce = nonce_;
        _attempt.request.baseFee = baseFee_;

        emit RedeemScheduled(ticketId_, hash_, sequence_, gasLimit_, refundTo_, maxRefund_, 0);
    }

    /// @inheritdoc ISystemTickets
    function finishCall(bool isSuccess_, uint64 gasUsed_, bytes32 transactionHash_) external payable {
        if (_attempt.step == Step.None) revert NothingUnderWay();

        bytes32 ticketId_ = _attempt.ticketId;
        address from_ = ticketId_ == 0 ? _attempt.request.from : _tickets[ticketId_].from;

        if (block.basefee != 0 || (msg.sender != from_ && msg.sender != SystemAddresses.ARB_OS)) revert NotCallable();

        uint256 amount_ = amountToFinish(isSuccess_, gasUsed_);
        if (msg.value != amount_) revert UnexpectedValue(msg.value, amount_);

        address refundTo_ = _attempt.refundTo;
        uint256 refund_ = _gasRefund(gasUsed_);

        if (transactionHash_ != 0) emit Executed(_attempt.hash, transactionHash_);

        delete _attempt;
        delete _callData;
        if (isSuccess_ && ticketId_ != 0) _remove(ticketId_);

        _pay(refundTo_, refund_);
    }

    /// @inheritdoc ISystemTickets
    function amountToFinish(bool isSuccess_, uint64 gasUsed_) public view returns (uint256 amount_) {
        if (_attempt.ticketId == 0) return 0;

        return (isSuccess_ ? 0 : _tickets[_attempt.ticketId].value) + _gasRefund(gasUsed_);
    }

    /// @dev What of the price of unused gas, which is with the sender, goes to somebody else.
    function _gasRefund(uint64 gasUsed_) private view returns (uint256 refund_) {
        bytes32 ticketId_ = _attempt.ticketId;
        if (ticketId_ == 0 || _attempt.refundTo == _tickets[ticketId_].from) return 0;

        uint256 baseFee_ = _attempt.request.baseFee;
        uint256 unused_ = uint256(_attempt.request.gasLimit).saturatingSub(gasUsed_);

        return (unused_ * baseFee_).min(_attempt.maxRefund.saturatingSub(gasUsed_ * baseFee_));
    }

    function _nextSequence(bytes32 ticketId_) private returns (uint64 sequence_) {
        sequence_ = _tickets[ticketId_].attempts;
        _tickets[ticketId_].attempts = sequence_ + 1;
    }

    /// @dev keccak256 of a transaction that makes a ticket's call, as ArbOS encodes it.
    function _retryHash(
        bytes32 ticketId_,
        uint64 sequence_,
        uint64 gasLimit_,
        uint256 baseFee_,
        address refundTo_,
        uint256 maxRefund_
    ) private view returns (bytes32 hash_) {
        Ticket storage ticket_ = _tickets[ticketId_];

        RLP.Encoder memory list_ = RLP
            .encoder()
            .push(block.chainid)
            .push(uint256(sequence_))
            .push(ticket_.from)
            .push(baseFee_)
            .push(uint256(gasLimit_));
        list_ = ticket_.to == address(0) ? list_.push(bytes("")) : list_.push(ticket_.to);
        list_ = list_
            .push(ticket_.value)
            .push(StoredBytes.read(ticket_.data))
            .push(ticketId_)
            .push(refundTo_)
            .push(maxRefund_)
            .push(uint256(0));

        return keccak256(abi.encodePacked(_RETRY_TYPE, list_.encode()));
    }

    // What anybody may do with a ticket

    /// @inheritdoc IArbRetryableTx
    function redeem(bytes32 ticketId_) external returns (bytes32 retryTxHash_) {
        _requireIdle(ticketId_);

        Ticket storage ticket_ = _openTicket(ticketId_);
        uint256 ownGas_ = _REDEEM_GAS + StoredBytes.size(ticket_.data) * _REDEEM_GAS_PER_BYTE;
        uint256 gas_ = gasleft();

        if (gas_ < ownGas_ + _MIN_GAS) revert TooLittleGasToDonate(gas_.saturatingSub(ownGas_), _MIN_GAS);

        uint64 donated_ = uint64(gas_ - ownGas_);
        uint64 sequence_ = _nextSequence(ticketId_);
        uint256 maxRefund_ = type(uint256).max;

        retryTxHash_ = _retryHash(ticketId_, sequence_, donated_, block.basefee, msg.sender, maxRefund_);
        _redeems.push(
            Redeem({
                ticketId: ticketId_,
                retryTxHash: retryTxHash_,
                refundTo: msg.sender,
                gasLimit: SafeCast.toUint40(donated_),
                baseFee: SafeCast.toUint56(block.basefee)
            })
        );

        emit RedeemScheduled(ticketId_, retryTxHash_, sequence_, donated_, msg.sender, maxRefund_, 0);

        _burnGas(donated_);
    }

    /// @dev The caller pays for the gas of the attempt here. A call of invalid code uses up all that it is given.
    function _burnGas(uint256 amount_) private view {
        uint256 end_ = gasleft() - amount_;

        while (gasleft() > end_) {
            try this.burn{ gas: gasleft() - end_ }() {} catch {}
        }
    }

    /// @notice Uses up all gas of the call.
    function burn() external pure {
        assembly ("memory-safe") {
            invalid()
        }
    }

    /// @inheritdoc IArbRetryableTx
    function keepalive(bytes32 ticketId_) external returns (uint256 timeout_) {
        Ticket storage ticket_ = _openTicket(ticketId_);
        uint256 limit_ = block.timestamp + _LIFETIME;

        if (ticket_.timeout > limit_) revert TimeoutTooFar(ticket_.timeout, limit_);

        timeout_ = ticket_.timeout + _LIFETIME;
        ticket_.timeout = SafeCast.toUint64(timeout_);

        emit LifetimeExtended(ticketId_, timeout_);
    }

    /// @inheritdoc IArbRetryableTx
    function cancel(bytes32 ticketId_) external {
        _requireIdle(ticketId_);

        Ticket storage ticket_ = _openTicket(ticketId_);
        (address beneficiary_, uint256 value_) = (ticket_.beneficiary, ticket_.value);

        if (msg.sender != beneficiary_) revert NotBeneficiary(msg.sender, beneficiary_);

        _remove(ticketId_);

        emit Canceled(ticketId_);

        _pay(beneficiary_, value_);
    }

    /// @inheritdoc ISystemTickets
    function expireTicket(bytes32 ticketId_) external onlySystem {
        _requireIdle(ticketId_);

        if (_tickets[ticketId_].timeout == 0) revert NoTicketWithID();
        if (_isOpen(ticketId_)) revert NotExpired(_tickets[ticketId_].timeout);

        (address beneficiary_, uint256 value_) = (_tickets[ticketId_].beneficiary, _tickets[ticketId_].value);
        _remove(ticketId_);

        emit Expired(ticketId_);

        _pay(beneficiary_, value_);
    }

    /// @inheritdoc IArbRetryableTx
    function submitRetryable(
        bytes32,
        uint256,
        uint256,
        uint256,
        uint256,
        uint64,
        uint256,
        address,
        address,
        address,
        bytes calldata
    ) external pure {
        revert NotCallable();
    }

    function _remove(bytes32 ticketId_) private {
        uint64 place_ = _tickets[ticketId_].place;
        bytes32 lastId_ = _ticketIds[_ticketIds.length - 1];

        // The last of the list takes the place that becomes free.
        _ticketIds[place_] = lastId_;
        _tickets[lastId_].place = place_;
        _ticketIds.pop();
        delete _tickets[ticketId_];
    }

    /// @dev While its call is under way a ticket does not hold its value.
    function _requireIdle(bytes32 ticketId_) private view {
        if (_attempt.step != Step.None && _attempt.ticketId == ticketId_) revert SelfModifyingRetryable();
    }

    function _openTicket(bytes32 ticketId_) private view returns (Ticket storage ticket_) {
        if (!_isOpen(ticketId_)) revert NoTicketWithID();

        return _tickets[ticketId_];
    }

    function _isOpen(bytes32 ticketId_) private view returns (bool isOpen_) {
        uint256 timeout_ = _tickets[ticketId_].timeout;

        return timeout_ != 0 && timeout_ >= block.timestamp;
    }

    /// @dev Code that destroys itself in its constructor pays whoever it names, and asks nobody.
    function _pay(address to_, uint256 amount_) private {
        if (amount_ == 0) return;

        assembly ("memory-safe") {
            mstore(0x00, to_)
            mstore8(0x0b, 0x73) // PUSH20 to_
            mstore8(0x20, 0xff) // SELFDESTRUCT
            if iszero(create(amount_, 0x0b, 0x16)) {
                revert(0x00, 0x00)
            }
        }
    }

    // Getters

    /// @inheritdoc IArbRetryableTx
    function getTimeout(bytes32 ticketId_) external view returns (uint256 timeout_) {
        return _openTicket(ticketId_).timeout;
    }

    /// @inheritdoc IArbRetryableTx
    function getBeneficiary(bytes32 ticketId_) external view returns (address beneficiary_) {
        return _openTicket(ticketId_).beneficiary;
    }

    /// @inheritdoc IArbRetryableTx
    function getLifetime() external pure returns (uint256 seconds_) {
        return _LIFETIME;
    }

    /// @inheritdoc IArbRetryableTx
    function getCurrentRedeemer() external view returns (address redeemer_) {
        bytes32 ticketId_ = _attempt.ticketId;

        // The sender of a ticket makes no transaction but those that make its calls.
        // solhint-disable-next-line avoid-tx-origin
        return ticketId_ != 0 && tx.origin == _tickets[ticketId_].from ? _attempt.refundTo : address(0);
    }

    /// @inheritdoc ISystemTickets
    function progress() external view returns (Progress memory progress_) {
        return
            Progress({
                messageCount: _messageCount,
                parentBlock: _parentBlock,
                accumulator: _accumulator,
                redeemCount: SafeCast.toUint64(_redeems.length),
                redeemsDone: _redeemsDone,
                step: _attempt.step
            });
    }

    /// @inheritdoc ISystemTickets
    function attempt() external view returns (Attempt memory attempt_) {
        attempt_ = _attempt;

        if (attempt_.ticketId == 0) {
            attempt_.request.data = StoredBytes.read(_callData);
            return attempt_;
        }

        Ticket storage ticket_ = _tickets[attempt_.ticketId];
        attempt_.request.from = ticket_.from;
        attempt_.request.to = ticket_.to;
        attempt_.request.value = ticket_.value;
        attempt_.request.data = StoredBytes.read(ticket_.data);
    }

    /// @inheritdoc ISystemTickets
    function nextRedeem() external view returns (Redeem memory redeem_, Call memory call_) {
        if (_redeemsDone >= _redeems.length) revert NothingUnderWay();

        redeem_ = _redeems[_redeemsDone];
        if (!_isOpen(redeem_.ticketId)) return (redeem_, call_);

        Ticket storage ticket_ = _tickets[redeem_.ticketId];
        call_.from = ticket_.from;
        call_.to = ticket_.to;
        call_.value = ticket_.value;
        call_.data = StoredBytes.read(ticket_.data);
        call_.gasLimit = redeem_.gasLimit;
        call_.baseFee = redeem_.baseFee;
    }

    /// @inheritdoc ISystemTickets
    function openTickets() external view returns (bytes32[] memory ticketIds_, uint256[] memory timeouts_) {
        ticketIds_ = _ticketIds;
        timeouts_ = new uint256[](ticketIds_.length);

        for (uint256 index_; index_ < ticketIds_.length; ++index_) {
            timeouts_[index_] = _tickets[ticketIds_[index_]].timeout;
        }
    }

    /// @inheritdoc ISystemTickets
    function ticket(
        bytes32 ticketId_
    ) external view returns (address from_, address to_, uint256 value_, address beneficiary_, bytes memory data_) {
        Ticket storage ticket_ = _tickets[ticketId_];

        return (ticket_.from, ticket_.to, ticket_.value, ticket_.beneficiary, StoredBytes.read(ticket_.data));
    }

    /// @inheritdoc ISystemTickets
    function parentBlock() external view returns (uint256 number_) {
        return _parentBlock;
    }
}
