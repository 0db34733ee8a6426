// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";

import { IMigratable } from "../../common/interfaces/IMigratable.sol";
import { IParameterConsumer } from "../../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../../common/interfaces/IVersioned.sol";

/**
 * @title  The escrow of the payers: who has how much, who wants it back, who owes.
 * @notice Payers prepay in fee tokens. The settler, which is the contract of the payer reports, lowers balances by the
 *         fees of settled usage; what no payer can claim any more is the excess, and goes to the fee distributor.
 *         Anyone may deposit for anyone. A payer withdraws in two steps, with a lock between them in which usage that
 *         was reported late can still be charged.
 *
 *         All amounts are units of the fee token, which has six decimals: microdollars. Nothing is rounded here.
 *
 *         A balance is negative when more usage was settled than was paid for. That is a debt: it stops its payer's
 *         withdrawals, and the next deposit repays it first. There is no interest, and nobody writes it off.
 */
interface IPayers is IMigratable, IParameterConsumer, IVersioned, IERC1363Receiver {
    /**
     * @notice What a payer is charged.
     * @param  payer The account.
     * @param  fee   In microdollars.
     */
    struct PayerFee {
        address payer;
        uint96 fee;
    }

    /// @notice Thrown when somebody else than the settler settles.
    error NotSettler();

    /// @notice Thrown when somebody else than the fee token says that tokens were received.
    error NotFeeToken();

    /// @notice Thrown while the escrow is paused.
    error Paused();

    /// @notice Thrown when there is nothing that no payer can claim.
    error NoExcess();

    /// @notice Thrown when a payer with a debt finalizes a withdrawal.
    error PayerInDebt();

    /// @notice Thrown when a withdrawal is above the payer's balance.
    error InsufficientBalance();

    /// @notice Thrown when an implementation is constructed without a fee token.
    error ZeroFeeToken();

    /// @notice Thrown when the settler in the registry is zero.
    error ZeroSettler();

    /// @notice Thrown when the fee distributor, in the registry or here, is zero.
    error ZeroFeeDistributor();

    /// @notice Thrown when the least deposit in the registry is zero.
    error ZeroMinimumDeposit();

    /// @notice Thrown when a deposit names no payer.
    error ZeroPayer();

    /// @notice Thrown when a withdrawal would go to the zero address.
    error ZeroRecipient();

    /// @notice Thrown when a withdrawal of nothing is requested.
    error ZeroWithdrawalAmount();

    /// @notice Thrown when the underlying token does not move.
    error TransferFromFailed();

    /// @notice Thrown when a payer who has requested a withdrawal requests another.
    error PendingWithdrawalExists();

    /// @notice Thrown when there is no withdrawal to cancel or to finalize.
    error NoPendingWithdrawal();

    /// @notice Thrown when a deposit is below the least one; microdollars.
    error InsufficientDeposit(uint96 amount, uint96 minimumDeposit);

    /// @notice Thrown when a withdrawal is finalized before its time; Unix seconds.
    error WithdrawalNotReady(uint32 timestamp, uint32 withdrawableTimestamp, uint24 nonce);

    /// @notice Thrown when the lock in the registry is above its ceiling; seconds.
    error WithdrawLockPeriodTooHigh(uint32 withdrawLockPeriod, uint32 maxWithdrawLockPeriod);

    /// @notice Emitted when the settler changes.
    event SettlerUpdated(address indexed settler);

    /// @notice Emitted when the fee distributor changes.
    event FeeDistributorUpdated(address indexed feeDistributor);

    /// @notice Emitted when the least deposit changes; microdollars.
    event MinimumDepositUpdated(uint96 minimumDeposit);

    /// @notice Emitted when the lock changes; seconds. Withdrawals that are requested already keep their time.
    event WithdrawLockPeriodUpdated(uint32 withdrawLockPeriod);

    /// @notice Emitted when the escrow is paused or resumed.
    event PauseStatusUpdated(bool indexed paused);

    /// @notice Emitted when a balance rises by a deposit.
    event Deposit(address indexed payer, uint96 amount);

    /// @notice Emitted when a payer sets an amount apart; it can be had from `withdrawableTimestamp`, Unix seconds.
    event WithdrawalRequested(address indexed payer, uint96 amount, uint32 withdrawableTimestamp, uint24 nonce);

    /// @notice Emitted when a payer takes a request back.
    event WithdrawalCancelled(address indexed payer, uint24 nonce);

    /// @notice Emitted when a requested amount leaves the escrow.
    event WithdrawalFinalized(address indexed payer, uint24 nonce);

    /// @notice Emitted for every fee that is charged, also for one of zero.
    event UsageSettled(bytes32 indexed payerReportId, address indexed payer, uint96 amount);

    /// @notice Emitted when the excess goes to the fee distributor.
    event ExcessTransferred(uint96 amount);

    // Deposits

    /**
     * @notice Takes fee tokens of the caller into a payer's account.
     * @dev    The tokens move first, so errors of the token come before `Paused`, `ZeroPayer`, `InsufficientDeposit`.
     */
    function deposit(address payer_, uint96 amount_) external;

    /**
     * @notice The same after an EIP-2612 permit of the caller for this contract and that amount.
     * @dev    A permit that fails is ignored: somebody may have used it first. The allowance decides.
     */
    function depositWithPermit(
        address payer_,
        uint96 amount_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external;

    /**
     * @notice Takes underlying tokens of the caller, who has approved this contract, wraps them, and deposits them.
     * @dev    Errors in order: `TransferFromFailed`, the fee token's `ZeroAmount`, then as in `deposit`.
     */
    function depositFromUnderlying(address payer_, uint96 amount_) external;

    /// @notice The same after an EIP-2612 permit, for this contract and that amount, on the underlying token.
    function depositFromUnderlyingWithPermit(
        address payer_,
        uint96 amount_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external;

    /**
     * @notice Deposits underlying tokens that the caller has sent to the fee token earlier in the same transaction.
     * @dev    For contracts, which save a transfer. See `IFeeToken.depositReceived`: what is left there for the next
     *         transaction is anybody's. Errors: those of that function, then as in `deposit`.
     */
    function depositReceivedFor(address payer_, uint96 amount_) external;

    // Withdrawals

    /**
     * @notice Sets an amount of the caller's balance apart, to be withdrawn after the lock. One at a time.
     * @dev    Errors in order: `Paused`, `ZeroWithdrawalAmount`, `PendingWithdrawalExists`, `InsufficientBalance`.
     */
    function requestWithdrawal(uint96 amount_) external;

    /**
     * @notice Takes the caller's request back, at any time: the amount returns to the balance, and repays a debt first.
     * @dev    Errors in order: `Paused`, `NoPendingWithdrawal`.
     */
    function cancelWithdrawal() external;

    /**
     * @notice Pays the amount that the caller requested, once the lock is over.
     * @dev    Errors in order: `Paused`, `ZeroRecipient`, `NoPendingWithdrawal`, `PayerInDebt`, `WithdrawalNotReady`.
     */
    function finalizeWithdrawal(address recipient_) external;

    /// @notice The same in underlying tokens.
    function finalizeWithdrawalIntoUnderlying(address recipient_) external;

    // Settlement

    /**
     * @notice Charges payers for usage. Settler only. A payer may be named repeatedly, or be unknown, or be zero.
     * @param  payerReportId_ What the fees are for, in the events. Not remembered: that nothing is charged twice is the
     *                        settler's part.
     * @param  payerFees_     In microdollars. Requested withdrawals are not touched: the balance goes below zero.
     * @return feesSettled_   Their sum.
     * @dev    Errors in order: `NotSettler`, `Paused`; Panic 0x11 when the sum, or the sum of all debts, passes 2^96 - 1.
     */
    function settleUsage(bytes32 payerReportId_, PayerFee[] calldata payerFees_) external returns (uint96 feesSettled_);

    /**
     * @notice Sends what no payer can claim any more to the fee distributor. Callable by anyone.
     * @dev    Errors in order: `Paused`, `NoExcess`, `ZeroFeeDistributor`.
     */
    function sendExcessToFeeDistributor() external returns (uint96 excess_);

    // Settings

    /// @notice Applies the settler of the registry. Errors: `ParameterOutOfTypeBounds`, `ZeroSettler`, `NoChange`.
    function updateSettler() external;

    /// @notice Applies the distributor of the registry. Errors: `ParameterOutOfTypeBounds`, `ZeroFeeDistributor`, `NoChange`.
    function updateFeeDistributor() external;

    /// @notice Applies the least deposit of the registry. Errors: `ParameterOutOfTypeBounds`, `ZeroMinimumDeposit`, `NoChange`.
    function updateMinimumDeposit() external;

    /// @notice Applies the lock of the registry. Errors: `ParameterOutOfTypeBounds`, `WithdrawLockPeriodTooHigh`, `NoChange`.
    function updateWithdrawLockPeriod() external;

    /// @notice Applies the pause of the registry. Errors: `ParameterOutOfTypeBounds`, `NoChange`.
    function updatePauseStatus() external;

    /**
     * @notice Applies whatever differs from the registry, the pause first, and nothing else. Callable by anyone.
     * @dev    Parameters that were never set stay as they are after `initialize`. Errors as in the single functions, in
     *         the order pause, settler, distributor, minimum, lock, but never `NoChange`; on an error nothing is applied.
     */
    function updateAll() external;

    // Getters

    /// @notice The token of the escrow.
    function feeToken() external view returns (address);

    /// @notice The contract that may charge payers.
    function settler() external view returns (address settler_);

    /// @notice Where the excess goes.
    function feeDistributor() external view returns (address feeDistributor_);

    /// @notice Whether deposits, withdrawals and settlements are refused.
    function paused() external view returns (bool paused_);

    /// @notice The sum of all balances, negative ones too, and of all requested withdrawals.
    function totalDeposits() external view returns (int104 totalDeposits_);

    /// @notice The sum of all debts.
    function totalDebt() external view returns (uint96 totalDebt_);

    /// @notice What payers could withdraw: the sum of the positive balances and of all requested withdrawals.
    function totalWithdrawable() external view returns (uint96 totalWithdrawable_);

    /// @notice Tokens that no payer can claim; at most 2^96 - 1, even when there are more.
    function excess() external view returns (uint96 excess_);

    /// @notice The least deposit.
    function minimumDeposit() external view returns (uint96 minimumDeposit_);

    /// @notice Seconds between requesting and finalizing a withdrawal; at most 604,800, seven days.
    function withdrawLockPeriod() external view returns (uint32 withdrawLockPeriod_);

    /// @notice A payer's balance, without a requested withdrawal; negative is a debt.
    function getBalance(address payer_) external view returns (int104 balance_);

    /// @notice The balances of several payers, in the order they are asked for.
    function getBalances(address[] calldata payers_) external view returns (int104[] memory balances_);

    /**
     * @notice A payer's requested withdrawal.
     * @return pendingWithdrawal_     Zero when there is none.
     * @return withdrawableTimestamp_ From when it can be finalized, Unix seconds; zero when there is none.
     * @return nonce_                 The number of this payer's requests so far, modulo 2^24.
     */
    function getPendingWithdrawal(
        address payer_
    ) external view returns (uint96 pendingWithdrawal_, uint32 withdrawableTimestamp_, uint24 nonce_);

    /// @notice Key of the settler (address).
    function settlerParameterKey() external pure returns (string memory key_);

    /// @notice Key of the fee distributor (address).
    function feeDistributorParameterKey() external pure returns (string memory key_);

    /// @notice Key of the least deposit (uint96, microdollars).
    function minimumDepositParameterKey() external pure returns (string memory key_);

    /// @notice Key of the lock (uint32, seconds).
    function withdrawLockPeriodParameterKey() external pure returns (string memory key_);

    /// @notice Key of the pause (bool).
    function pausedParameterKey() external pure returns (string memory key_);
}
