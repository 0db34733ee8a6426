// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { Panic } from "@openzeppelin/contracts/utils/Panic.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import { IParameterConsumer } from "../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../common/interfaces/IVersioned.sol";
import { IFeeToken } from "./interfaces/IFeeToken.sol";
import { IPayers } from "./interfaces/IPayers.sol";

import { RegistryParameters } from "../common/RegistryParameters.sol";
import { EscrowState, EscrowStateLibrary } from "./EscrowState.sol";
import { PayerAccount } from "./PayerAccount.sol";
import { SignedLane } from "./SignedLane.sol";

import { ParameterConsumer } from "../common/ParameterConsumer.sol";

/**
 * @title  The escrow of the payers.
 * @notice Two words carry the money: one for each payer, and one for all. A call reads and writes each once.
 * @dev    The fee token is trusted: it is ours, and calls nobody but this contract while tokens move.
 */
contract Payers is IPayers, ParameterConsumer {
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:xmtp.storage.PayerRegistry
    struct PayersStorage {
        // slot 0
        EscrowState state;
        // slot 1
        uint96 minimumDeposit;
        address settler;
        // slot 2
        address feeDistributor;
        // slot 3
        mapping(address payer => PayerAccount account) accounts;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("xmtp.storage.PayerRegistry")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant PAYERS_STORAGE_LOCATION =
        0x98606aa366980dbfce6aa523610c4eabfe62443511d67e10c2c7afde009fbf00;

    /// @dev `WithdrawalRequested.selector` and `WithdrawalCancelled.selector`: assembly takes literals only.
    bytes32 private constant _WITHDRAWAL_REQUESTED_TOPIC =
        0xf58acd49e565133c2118fbd48b272cbd2b361d9fb82d48c281e2585eb679fad5;
    bytes32 private constant _WITHDRAWAL_CANCELLED_TOPIC =
        0x87b9bf32c6231e6f231616545e22d90fdc042811338515c906b9fbe184fbc47b;

    /// @dev In seconds: seven days.
    uint32 private constant _MAX_WITHDRAW_LOCK_PERIOD = 604_800;

    /// @inheritdoc IPayers
    address public immutable feeToken;

    /// @dev What the fee token stood for when this implementation was made.
    address private immutable _underlying;

    constructor(address parameterRegistry_, address feeToken_) ParameterConsumer(parameterRegistry_) {
        if (feeToken_ == address(0)) revert ZeroFeeToken();
        feeToken = feeToken_;
        _underlying = IFeeToken(feeToken_).underlying();
    }

    // Deposits

    /// @inheritdoc IPayers
    function deposit(address payer_, uint96 amount_) external {
        _take(amount_);
        _credit(payer_, amount_);
    }

    /// @inheritdoc IPayers
    function depositWithPermit(
        address payer_,
        uint96 amount_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external {
        _permit(feeToken, amount_, deadline_, v_, r_, s_);
        _take(amount_);
        _credit(payer_, amount_);
    }

    /// @inheritdoc IPayers
    function depositFromUnderlying(address payer_, uint96 amount_) external {
        _takeUnderlying(amount_);
        _credit(payer_, amount_);
    }

    /// @inheritdoc IPayers
    function depositFromUnderlyingWithPermit(
        address payer_,
        uint96 amount_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external {
        _permit(_underlying, amount_, deadline_, v_, r_, s_);
        _takeUnderlying(amount_);
        _credit(payer_, amount_);
    }

    /// @inheritdoc IPayers
    function depositReceivedFor(address payer_, uint96 amount_) external {
        IFeeToken(feeToken).depositReceived(address(this), amount_);
        _credit(payer_, amount_);
    }

    /**
     * @notice Deposits fee tokens that were sent with `transferAndCall` or `transferFromAndCall` (ERC-1363).
     * @param  data_ The payer, ABI-encoded; empty for the account that the tokens came from.
     * @dev    Errors in order: `NotFeeToken`, `SafeCastOverflowedUintDowncast` above 2^96 - 1, then as in `deposit`.
     */
    function onTransferReceived(
        address,
        address from_,
        uint256 amount_,
        bytes calldata data_
    ) external returns (bytes4 selector_) {
        if (msg.sender != feeToken) revert NotFeeToken();

        _credit(data_.length == 0 ? from_ : abi.decode(data_, (address)), SafeCast.toUint96(amount_));

        return IERC1363Receiver.onTransferReceived.selector;
    }

    function _take(uint96 amount_) private {
        IERC20(feeToken).safeTransferFrom(msg.sender, address(this), amount_);
    }

    /// @dev The underlying tokens go to the fee token at once, not through here: one transfer instead of two.
    function _takeUnderlying(uint96 amount_) private {
        if (!IERC20(_underlying).trySafeTransferFrom(msg.sender, feeToken, amount_)) revert TransferFromFailed();

        IFeeToken(feeToken).depositReceived(address(this), amount_);
    }

    /// @dev A permit that was used already has done its work, and one that is wrong does none: the allowance tells.
    function _permit(address token_, uint96 amount_, uint256 deadline_, uint8 v_, bytes32 r_, bytes32 s_) private {
        // solhint-disable-next-line no-empty-blocks
        try IERC20Permit(token_).permit(msg.sender, address(this), amount_, deadline_, v_, r_, s_) {} catch {}
    }

    function _credit(address payer_, uint96 amount_) private {
        PayersStorage storage escrow = _getPayersStorage();
        EscrowState state_ = escrow.state;

        if (state_.paused()) revert Paused();
        if (payer_ == address(0)) revert ZeroPayer();
        if (amount_ < state_.shortMinimum() || state_.shortMinimum() == EscrowStateLibrary.LONG_MINIMUM) {
            uint96 minimumDeposit_ = escrow.minimumDeposit;
            if (amount_ < minimumDeposit_) revert InsufficientDeposit(amount_, minimumDeposit_);
        }

        bytes32 slot_ = _accountSlot(payer_);
        PayerAccount account_ = _load(slot_);
        PayerAccount newAccount_ = account_.credited(amount_);

        _store(slot_, newAccount_);
        if (account_.isInDebt()) state_ = _withRepayment(state_, account_, newAccount_);
        escrow.state = state_.deposited(amount_);

        emit Deposit(payer_, amount_);
    }

    /// @dev The state when the balance of an account with a debt has risen.
    function _withRepayment(
        EscrowState state_,
        PayerAccount account_,
        PayerAccount newAccount_
    ) private pure returns (EscrowState newState_) {
        // Neither wraps: a debt that is repaid is part of all debts, and gets less.
        unchecked {
            return state_.withTotalDebt(state_.totalDebt() - (account_.debt() - newAccount_.debt()));
        }
    }

    // Withdrawals

    /// @inheritdoc IPayers
    function requestWithdrawal(uint96 amount_) external {
        EscrowState state_ = _getPayersStorage().state;

        // A whole word, because Solidity cleans the narrower one at each use.
        uint256 value_ = amount_;

        if (state_.paused()) revert Paused();
        if (value_ == 0) revert ZeroWithdrawalAmount();

        bytes32 slot_ = _accountSlot(msg.sender);
        PayerAccount account_ = _load(slot_);
        if (account_.pendingWithdrawal() != 0) revert PendingWithdrawalExists();

        unchecked {
            uint256 timestamp_ = uint256(uint32(block.timestamp)) + state_.withdrawLockPeriod();
            if (timestamp_ > type(uint32).max) Panic.panic(Panic.UNDER_OVERFLOW);

            uint256 balance_ = account_.lane() - value_;
            if (!SignedLane.isOrdinary(balance_)) revert InsufficientBalance();

            account_ = account_.withRequest(balance_, value_, timestamp_);

            assembly {
                sstore(slot_, account_)

                // Ends the call, so the block may use all memory.
                mstore(0x00, value_)
                mstore(0x20, timestamp_)
                mstore(0x40, shr(232, account_))
                log2(0x00, 0x60, _WITHDRAWAL_REQUESTED_TOPIC, caller())
                stop()
            }
        }
    }

    /// @inheritdoc IPayers
    function cancelWithdrawal() external {
        EscrowState state_ = _getPayersStorage().state;

        if (state_.paused()) revert Paused();

        bytes32 slot_ = _accountSlot(msg.sender);
        PayerAccount account_ = _load(slot_);
        uint256 amount_ = account_.pendingWithdrawal();
        if (amount_ == 0) revert NoPendingWithdrawal();

        uint256 balance_;
        unchecked {
            balance_ = account_.lane() + amount_;
        }

        // A debt is the exception.
        if (!SignedLane.isOrdinary(balance_)) {
            PayerAccount newAccount_ = account_.credited(amount_);
            _getPayersStorage().state = _withRepayment(state_, account_, newAccount_);
            balance_ = newAccount_.lane();
        }

        account_ = account_.withoutRequest(balance_);

        assembly {
            sstore(slot_, account_)

            // Ends the call, so the block may use all memory.
            mstore(0x00, shr(232, account_))
            log2(0x00, 0x20, _WITHDRAWAL_CANCELLED_TOPIC, caller())
            stop()
        }
    }

    /// @inheritdoc IPayers
    function finalizeWithdrawal(address recipient_) external {
        IERC20(feeToken).safeTransfer(recipient_, _finalizeWithdrawal(recipient_));
    }

    /// @inheritdoc IPayers
    function finalizeWithdrawalIntoUnderlying(address recipient_) external {
        IFeeToken(feeToken).withdrawTo(recipient_, _finalizeWithdrawal(recipient_));
    }

    /// @dev All but the payment.
    function _finalizeWithdrawal(address recipient_) private returns (uint96 amount_) {
        PayersStorage storage escrow = _getPayersStorage();
        EscrowState state_ = escrow.state;

        if (state_.paused()) revert Paused();
        if (recipient_ == address(0)) revert ZeroRecipient();

        bytes32 slot_ = _accountSlot(msg.sender);
        PayerAccount account_ = _load(slot_);
        amount_ = account_.pendingWithdrawal();
        if (amount_ == 0) revert NoPendingWithdrawal();
        if (account_.isInDebt()) revert PayerInDebt();

        uint32 timestamp_ = account_.withdrawableTimestamp();
        uint24 nonce_ = account_.withdrawalNonce();
        if (block.timestamp < timestamp_) revert WithdrawalNotReady(uint32(block.timestamp), timestamp_, nonce_);

        _store(slot_, account_.withoutRequest(account_.lane()));
        escrow.state = state_.released(amount_);

        emit WithdrawalFinalized(msg.sender, nonce_);
    }

    // Settlement

    /// @inheritdoc IPayers
    function settleUsage(
        bytes32 payerReportId_,
        PayerFee[] calldata payerFees_
    ) external returns (uint96 feesSettled_) {
        PayersStorage storage escrow = _getPayersStorage();

        if (msg.sender != escrow.settler) revert NotSettler();

        EscrowState state_ = escrow.state;
        if (state_.paused()) revert Paused();

        (uint256 fees_, uint256 newDebt_) = _charge(payerReportId_, payerFees_);
        uint256 totalDebt_ = state_.totalDebt() + newDebt_;

        // Neither sum has overflowed: both are sums of 96-bit numbers that were passed to this call.
        if (fees_ > type(uint96).max || totalDebt_ > type(uint96).max) Panic.panic(Panic.UNDER_OVERFLOW);

        escrow.state = state_.withTotalDebt(totalDebt_).released(fees_);

        return uint96(fees_);
    }

    /**
     * @dev  Charges each payer; returns the sum of the fees, and by how much debts have grown. The caller checks both: where
     *       a balance falls below what 104 bits hold, a sum is above what 96 bits hold. In assembly because this is what a
     *       settlement consists of: the slot of each account is computed once, and nothing else is done but what must be.
     */
    function _charge(
        bytes32 payerReportId_,
        PayerFee[] calldata payerFees_
    ) private returns (uint256 fees_, uint256 newDebt_) {
        bytes32 topic_ = UsageSettled.selector;
        uint256 mask_ = SignedLane.MASK;

        assembly ("memory-safe") {
            // The slot of the mapping; what is written to 0x00 before it is first a payer, then a fee.
            mstore(0x20, add(PAYERS_STORAGE_LOCATION, 3))

            let end_ := add(payerFees_.offset, shl(6, payerFees_.length))

            for {
                let entry_ := payerFees_.offset
            } lt(entry_, end_) {
                entry_ := add(entry_, 0x40)
            } {
                let payer_ := calldataload(entry_)
                let fee_ := calldataload(add(entry_, 0x20))

                // As Solidity's decoder: dirty bits revert without data.
                if or(shr(160, payer_), shr(96, fee_)) {
                    revert(0, 0)
                }

                mstore(0x00, payer_)
                let slot_ := keccak256(0x00, 0x40)
                let account_ := sload(slot_)
                let balance_ := and(account_, mask_)
                let newBalance_ := sub(balance_, fee_)

                fees_ := add(fees_, fee_)

                // Below zero, now or before: the debt grows by the fee, or by what the balance does not cover of it.
                if shr(103, newBalance_) {
                    newDebt_ := add(newDebt_, sub(fee_, mul(balance_, iszero(shr(103, balance_)))))
                    newBalance_ := and(newBalance_, mask_)
                }

                sstore(slot_, or(xor(account_, balance_), newBalance_))

                mstore(0x00, fee_)
                log3(0x00, 0x20, topic_, payerReportId_, payer_)
            }
        }
    }

    /// @inheritdoc IPayers
    function sendExcessToFeeDistributor() external returns (uint96 excess_) {
        PayersStorage storage escrow = _getPayersStorage();

        if (escrow.state.paused()) revert Paused();

        excess_ = excess();
        if (excess_ == 0) revert NoExcess();

        address feeDistributor_ = escrow.feeDistributor;
        if (feeDistributor_ == address(0)) revert ZeroFeeDistributor();

        emit ExcessTransferred(excess_);

        IERC20(feeToken).safeTransfer(feeDistributor_, excess_);
    }

    // Settings

    /// @inheritdoc IPayers
    function updateSettler() external {
        if (!_applySettler(RegistryParameters.getAddress(parameterRegistry, settlerParameterKey()))) revert NoChange();
    }

    /// @inheritdoc IPayers
    function updateFeeDistributor() external {
        address feeDistributor_ = RegistryParameters.getAddress(parameterRegistry, feeDistributorParameterKey());

        if (!_applyFeeDistributor(feeDistributor_)) revert NoChange();
    }

    /// @inheritdoc IPayers
    function updateMinimumDeposit() external {
        uint96 minimumDeposit_ = RegistryParameters.getUint96(parameterRegistry, minimumDepositParameterKey());

        if (!_applyMinimumDeposit(minimumDeposit_)) revert NoChange();
    }

    /// @inheritdoc IPayers
    function updateWithdrawLockPeriod() external {
        uint32 seconds_ = RegistryParameters.getUint32(parameterRegistry, withdrawLockPeriodParameterKey());

        if (!_applyWithdrawLockPeriod(seconds_)) revert NoChange();
    }

    /// @inheritdoc IPayers
    function updatePauseStatus() external {
        if (!_applyPauseStatus(RegistryParameters.getBool(parameterRegistry, pausedParameterKey()))) revert NoChange();
    }

    /// @inheritdoc IPayers
    function updateAll() external {
        string[] memory keys_ = new string[](5);
        keys_[0] = pausedParameterKey();
        keys_[1] = settlerParameterKey();
        keys_[2] = feeDistributorParameterKey();
        keys_[3] = minimumDepositParameterKey();
        keys_[4] = withdrawLockPeriodParameterKey();

        bytes32[] memory values_ = RegistryParameters.getParameters(parameterRegistry, keys_);

        _applyPauseStatus(RegistryParameters.toBool(values_[0]));

        // What was never set, here or there, is no error.
        PayersStorage storage escrow = _getPayersStorage();
        address settler_ = RegistryParameters.toAddress(values_[1]);
        address feeDistributor_ = RegistryParameters.toAddress(values_[2]);
        uint96 minimumDeposit_ = RegistryParameters.toUint96(values_[3]);

        if (settler_ != escrow.settler) _applySettler(settler_);
        if (feeDistributor_ != escrow.feeDistributor) _applyFeeDistributor(feeDistributor_);
        if (minimumDeposit_ != escrow.minimumDeposit) _applyMinimumDeposit(minimumDeposit_);

        _applyWithdrawLockPeriod(RegistryParameters.toUint32(values_[4]));
    }

    function _applySettler(address settler_) private returns (bool changed_) {
        PayersStorage storage escrow = _getPayersStorage();

        if (settler_ == address(0)) revert ZeroSettler();
        if (settler_ == escrow.settler) return false;

        escrow.settler = settler_;

        emit SettlerUpdated(settler_);

        return true;
    }

    function _applyFeeDistributor(address feeDistributor_) private returns (bool changed_) {
        PayersStorage storage escrow = _getPayersStorage();

        if (feeDistributor_ == address(0)) revert ZeroFeeDistributor();
        if (feeDistributor_ == escrow.feeDistributor) return false;

        escrow.feeDistributor = feeDistributor_;

        emit FeeDistributorUpdated(feeDistributor_);

        return true;
    }

    function _applyMinimumDeposit(uint96 minimumDeposit_) private returns (bool changed_) {
        PayersStorage storage escrow = _getPayersStorage();

        if (minimumDeposit_ == 0) revert ZeroMinimumDeposit();
        if (minimumDeposit_ == escrow.minimumDeposit) return false;

        escrow.minimumDeposit = minimumDeposit_;
        escrow.state = escrow.state.withMinimumDeposit(minimumDeposit_);

        emit MinimumDepositUpdated(minimumDeposit_);

        return true;
    }

    function _applyWithdrawLockPeriod(uint32 seconds_) private returns (bool changed_) {
        PayersStorage storage escrow = _getPayersStorage();

        if (seconds_ > _MAX_WITHDRAW_LOCK_PERIOD) revert WithdrawLockPeriodTooHigh(seconds_, _MAX_WITHDRAW_LOCK_PERIOD);
        if (seconds_ == escrow.state.withdrawLockPeriod()) return false;

        escrow.state = escrow.state.withWithdrawLockPeriod(seconds_);

        emit WithdrawLockPeriodUpdated(seconds_);

        return true;
    }

    function _applyPauseStatus(bool paused_) private returns (bool changed_) {
        PayersStorage storage escrow = _getPayersStorage();

        if (paused_ == escrow.state.paused()) return false;

        escrow.state = escrow.state.withPaused(paused_);

        emit PauseStatusUpdated(paused_);

        return true;
    }

    // Getters

    /// @inheritdoc IPayers
    function settler() external view returns (address settler_) {
        return _getPayersStorage().settler;
    }

    /// @inheritdoc IPayers
    function feeDistributor() external view returns (address feeDistributor_) {
        return _getPayersStorage().feeDistributor;
    }

    /// @inheritdoc IPayers
    function paused() external view returns (bool paused_) {
        return _getPayersStorage().state.paused();
    }

    /// @inheritdoc IPayers
    function totalDeposits() external view returns (int104 totalDeposits_) {
        return _getPayersStorage().state.totalDeposits();
    }

    /// @inheritdoc IPayers
    function totalDebt() external view returns (uint96 totalDebt_) {
        return _getPayersStorage().state.totalDebt();
    }

    /// @inheritdoc IPayers
    function totalWithdrawable() external view returns (uint96 totalWithdrawable_) {
        return _saturated(_totalWithdrawable());
    }

    /// @inheritdoc IPayers
    function excess() public view returns (uint96 excess_) {
        uint256 held_ = IERC20(feeToken).balanceOf(address(this));
        uint256 withdrawable_ = _totalWithdrawable();

        return held_ > withdrawable_ ? _saturated(held_ - withdrawable_) : 0;
    }

    /// @inheritdoc IPayers
    function minimumDeposit() external view returns (uint96 minimumDeposit_) {
        return _getPayersStorage().minimumDeposit;
    }

    /// @inheritdoc IPayers
    function withdrawLockPeriod() external view returns (uint32 withdrawLockPeriod_) {
        return _getPayersStorage().state.withdrawLockPeriod();
    }

    /// @inheritdoc IPayers
    function getBalance(address payer_) external view returns (int104 balance_) {
        return _getPayersStorage().accounts[payer_].balance();
    }

    /// @inheritdoc IPayers
    function getBalances(address[] calldata payers_) external view returns (int104[] memory balances_) {
        balances_ = new int104[](payers_.length);

        for (uint256 index_; index_ < payers_.length; ++index_) {
            balances_[index_] = _getPayersStorage().accounts[payers_[index_]].balance();
        }
    }

    /// @inheritdoc IPayers
    function getPendingWithdrawal(
        address payer_
    ) external view returns (uint96 pendingWithdrawal_, uint32 withdrawableTimestamp_, uint24 nonce_) {
        PayerAccount account_ = _getPayersStorage().accounts[payer_];

        return (account_.pendingWithdrawal(), account_.withdrawableTimestamp(), account_.withdrawalNonce());
    }

    /// @inheritdoc IPayers
    function settlerParameterKey() public pure returns (string memory key_) {
        return "xmtp.payerRegistry.settler";
    }

    /// @inheritdoc IPayers
    function feeDistributorParameterKey() public pure returns (string memory key_) {
        return "xmtp.payerRegistry.feeDistributor";
    }

    /// @inheritdoc IPayers
    function minimumDepositParameterKey() public pure returns (string memory key_) {
        return "xmtp.payerRegistry.minimumDeposit";
    }

    /// @inheritdoc IPayers
    function withdrawLockPeriodParameterKey() public pure returns (string memory key_) {
        return "xmtp.payerRegistry.withdrawLockPeriod";
    }

    /// @inheritdoc IPayers
    function pausedParameterKey() public pure returns (string memory key_) {
        return "xmtp.payerRegistry.paused";
    }

    /// @inheritdoc IParameterConsumer
    function migratorParameterKey()
        public
        pure
        override(IParameterConsumer, ParameterConsumer)
        returns (string memory key_)
    {
        return "xmtp.payerRegistry.migrator";
    }

    /// @inheritdoc IVersioned
    function version() external pure returns (string memory version_) {
        return "1.0.0";
    }

    /// @inheritdoc IVersioned
    function contractName() external pure returns (string memory contractName_) {
        return "PayerRegistry";
    }

    /// @dev The slot of `PayersStorage.accounts[payer_]`, for reading and writing: Solidity computes it for each of both.
    function _accountSlot(address payer_) private pure returns (bytes32 slot_) {
        assembly ("memory-safe") {
            mstore(0x00, payer_)
            mstore(0x20, add(PAYERS_STORAGE_LOCATION, 3))
            slot_ := keccak256(0x00, 0x40)
        }
    }

    function _load(bytes32 slot_) private view returns (PayerAccount account_) {
        assembly ("memory-safe") {
            account_ := sload(slot_)
        }
    }

    function _store(bytes32 slot_, PayerAccount account_) private {
        assembly ("memory-safe") {
            sstore(slot_, account_)
        }
    }

    /// @dev Never negative: whatever lowers a balance below zero adds the same to the debt.
    function _totalWithdrawable() private view returns (uint256 totalWithdrawable_) {
        EscrowState state_ = _getPayersStorage().state;

        return uint256(int256(state_.totalDeposits()) + int256(uint256(state_.totalDebt())));
    }

    function _saturated(uint256 value_) private pure returns (uint96) {
        return value_ < type(uint96).max ? uint96(value_) : type(uint96).max;
    }

    function _getPayersStorage() private pure returns (PayersStorage storage escrow) {
        assembly ("memory-safe") {
            escrow.slot := PAYERS_STORAGE_LOCATION
        }
    }
}
