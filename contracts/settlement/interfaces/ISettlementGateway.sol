// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";

import { IMigratable } from "../../common/interfaces/IMigratable.sol";
import { IParameterConsumer } from "../../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../../common/interfaces/IVersioned.sol";

/**
 * @title  The settlement chain's end of the bridge: fee tokens and parameters go to appchains, withdrawals come back.
 * @notice Fee tokens become native currency of an appchain, with 18 decimals whatever the token has. Amounts of tokens are
 *         in units of the fee token, which are microdollars; costs on an appchain are in wei of its native currency.
 *
 *         A message takes `gasLimit_` gas at up to `maxFeePerGas_`; what it leaves of that goes to the recipient of a
 *         deposit, or to the caller of a push. Is that account a contract on this chain, the appchain pays its alias
 *         instead, which the contract commands through the inbox. A message that fails can be redeemed on the appchain by
 *         anyone within a week; then a deposit belongs to the same account, without a call.
 *
 *         Between calls nothing is held here. Tokens that were sent by mistake do not belong to whoever calls next, see
 *         `recoverTokens`.
 */
interface ISettlementGateway is IMigratable, IParameterConsumer, IVersioned, IERC1363Receiver {
    /// @notice Thrown when an implementation is constructed without an appchain's gateway.
    error ZeroAppChainGateway();

    /// @notice Thrown when an implementation is constructed without a fee token.
    error ZeroFeeToken();

    /// @notice Thrown when an implementation is constructed with a fee token of more than 18 decimals.
    error InvalidFeeTokenDecimals();

    /// @notice Thrown when deposits and pushes are paused.
    error Paused();

    /// @notice Thrown when parameters are sent to no chain.
    error NoChainIds();

    /// @notice Thrown when no parameter is sent.
    error NoKeys();

    /// @notice Thrown when an appchain has no inbox here.
    error UnsupportedChainId(uint256 chainId);

    /// @notice Thrown when tokens would go to the zero address.
    error ZeroRecipient();

    /// @notice Thrown when nothing is deposited.
    error ZeroAmount();

    /// @notice Thrown when the tokens do not pay for the message; both in wei of the appchain.
    error InsufficientAmount(uint256 appChainAmount, uint256 maxTotalCosts);

    /// @notice Thrown when the underlying token cannot be taken.
    error TransferFromFailed();

    /// @notice Thrown when there are no tokens to recover.
    error ZeroBalance();

    /// @notice Thrown when another token than the fee token announces a transfer.
    error NotFeeToken();

    /**
     * @notice Emitted when tokens go to an appchain.
     * @param  chainId       The appchain.
     * @param  messageNumber Position in the order of all messages to it.
     * @param  recipient     Account on the appchain.
     * @param  amount        What was taken, in units of the fee token, `maxFees` included.
     * @param  maxFees       The most that the message may cost, in units of the fee token, rounded up.
     */
    event Deposit(
        uint256 indexed chainId,
        uint256 indexed messageNumber,
        address indexed recipient,
        uint256 amount,
        uint256 maxFees
    );

    /**
     * @notice Emitted when parameters go to an appchain.
     * @param  nonce Orders the pushes of this contract, over all chains: a later one wins, whenever it arrives.
     */
    event ParametersSent(uint256 indexed chainId, uint256 indexed messageNumber, uint256 nonce, string[] keys);

    /// @notice Emitted when the inbox of an appchain is taken from the registry; zero for none.
    event InboxUpdated(uint256 indexed chainId, address indexed inbox);

    /// @notice Emitted when tokens have come back from an appchain.
    event WithdrawalReceived(address indexed recipient, uint256 amount);

    /// @notice Emitted when the pause begins or ends.
    event PauseStatusUpdated(bool indexed paused);

    /// @notice Emitted when tokens that were sent here by mistake are paid out.
    event TokensRecovered(address indexed recipient, uint256 amount);

    // Deposits

    /**
     * @notice Takes fee tokens of the caller, and gives `recipient_` native currency of the appchain for them.
     * @param  chainId_      The appchain.
     * @param  recipient_    Account on the appchain.
     * @param  amount_       In units of the fee token. What `gasLimit_` and `maxFeePerGas_` do not take out of it is what
     *                       `receiveDeposit` of the appchain's gateway passes on.
     * @param  gasLimit_     Gas for the message on the appchain. With less than it takes, the message waits to be redeemed.
     * @param  maxFeePerGas_ The most to pay for a unit of that gas, in wei of the appchain.
     * @dev    Errors in order: `Paused`, `UnsupportedChainId`, `ZeroRecipient`, `ZeroAmount`, `InsufficientAmount`, then
     *         those of the token and of the inbox: `RetryableData` when `gasLimit_` or `maxFeePerGas_` is 1,
     *         `GasLimitTooLarge` from 2^64.
     */
    function deposit(
        uint256 chainId_,
        address recipient_,
        uint256 amount_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_
    ) external;

    /// @notice The same after an EIP-2612 permit of the caller on the fee token. One that fails is ignored.
    function depositWithPermit(
        uint256 chainId_,
        address recipient_,
        uint256 amount_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external;

    /// @notice As `deposit`, but takes underlying tokens. Error `TransferFromFailed` if they do not move.
    function depositFromUnderlying(
        uint256 chainId_,
        address recipient_,
        uint256 amount_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_
    ) external;

    /// @notice The same after a permit of the caller on the underlying token. One that fails is ignored.
    function depositFromUnderlyingWithPermit(
        uint256 chainId_,
        address recipient_,
        uint256 amount_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external;

    /**
     * @notice Deposits underlying tokens that are at the fee token already and belong to nobody.
     * @dev    For contracts that send them there and call this in the same transaction; see `IFeeToken.depositReceived`.
     */
    function depositReceived(
        uint256 chainId_,
        address recipient_,
        uint256 amount_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_
    ) external;

    // Parameters

    /**
     * @notice Sends what the registry of this chain holds now to the registries of appchains, for any keys: what an
     *         appchain's contracts obey is decided by who may write here, not by who pays for the message.
     * @param  chainIds_     The appchains; one named twice gets two messages.
     * @param  keys_         The parameters. One that is not set is sent as zero.
     * @param  gasLimit_     Gas for each message on its appchain.
     * @param  maxFeePerGas_ The most to pay for a unit of that gas, in wei of the appchain.
     * @param  amountToSend_ Fee tokens for each message.
     * @return totalSent_    Fee tokens that were taken from the caller.
     * @dev    Errors in order: `Paused`, `NoChainIds`, `NoKeys`, Panic 0x11 if the sum is too large, those of the token, then
     *         for each chain `UnsupportedChainId`, `InsufficientAmount` and those of the inbox. All messages or none.
     */
    function sendParameters(
        uint256[] calldata chainIds_,
        string[] calldata keys_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_,
        uint256 amountToSend_
    ) external returns (uint256 totalSent_);

    /// @notice The same after a permit of the caller on the fee token, for all messages. One that fails is ignored.
    function sendParametersWithPermit(
        uint256[] calldata chainIds_,
        string[] calldata keys_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_,
        uint256 amountToSend_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external returns (uint256 totalSent_);

    /// @notice As `sendParameters`, but takes underlying tokens.
    function sendParametersFromUnderlying(
        uint256[] calldata chainIds_,
        string[] calldata keys_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_,
        uint256 amountToSend_
    ) external returns (uint256 totalSent_);

    /// @notice The same after a permit of the caller on the underlying token, for all messages. One that fails is ignored.
    function sendParametersFromUnderlyingWithPermit(
        uint256[] calldata chainIds_,
        string[] calldata keys_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_,
        uint256 amountToSend_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external returns (uint256 totalSent_);

    // Withdrawals

    /**
     * @notice Passes on what the bridge of an appchain has brought with this very call.
     * @return amount_ In fee tokens. Zero for any other caller: nothing is paid, the event says zero.
     * @dev    Not pausable. Old bridges stay known: a withdrawal is paid out, whatever became of its chain since.
     */
    function receiveWithdrawal(address recipient_) external returns (uint256 amount_);

    /// @notice The same in underlying tokens. Errors are those of `IFeeToken.withdrawTo`, so any other caller is refused.
    function receiveWithdrawalIntoUnderlying(address recipient_) external returns (uint256 amount_);

    // Settings

    /**
     * @notice Takes the inbox of an appchain from the registry, and lets it take fee tokens of this contract. Zero ends
     *         deposits to that chain. Callable by anyone. An inbox that is already known is approved anew.
     * @dev    Error `ParameterOutOfTypeBounds`; reverts without data if the account is no inbox.
     */
    function updateInbox(uint256 chainId_) external;

    /// @notice Takes the pause from the registry. Callable by anyone. Errors `ParameterOutOfTypeBounds`, `NoChange`.
    function updatePauseStatus() external;

    /**
     * @notice Pays the fee tokens that lie here to the recipient that the registry names: somebody sent them by mistake, or
     *         to the inbox, which then took less for a message. Callable by anyone.
     * @dev    Errors in order: `ParameterOutOfTypeBounds`, `ZeroRecipient`, `ZeroBalance`.
     */
    function recoverTokens() external returns (uint256 amount_);

    // Views

    /**
     * @notice What a deposit may cost, in wei of the appchain.
     * @param  maxBaseFee_ Of this chain, in wei. On chains whose gas is paid in tokens it does not matter.
     */
    function calculateMaxDepositFee(
        uint256 chainId_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_,
        uint256 maxBaseFee_
    ) external view returns (uint256 fees_);

    /// @notice The least deposit that pays for its message now, in units of the fee token; it credits nothing, or dust.
    function calculateMinimumDeposit(
        uint256 chainId_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_
    ) external view returns (uint256 amount_);

    /// @notice The inbox of an appchain; zero for none.
    function getInbox(uint256 chainId_) external view returns (address inbox_);

    /// @notice Who this contract's messages are from, on every appchain.
    function appChainAlias() external view returns (address alias_);

    /// @notice The other end of the bridge, on every appchain.
    function appChainGateway() external view returns (address);

    /// @notice The token that is sent.
    function feeToken() external view returns (address);

    /// @notice The number of pushes so far, over all appchains.
    function nonce() external view returns (uint64 nonce_);

    /// @notice Whether deposits and pushes are refused.
    function paused() external view returns (bool paused_);

    /// @notice The part of an inbox's key (address) that stands before the chain's id.
    function inboxParameterKey() external pure returns (string memory key_);

    /// @notice Key of the pause (bool).
    function pausedParameterKey() external pure returns (string memory key_);

    /// @notice Key of who gets recovered tokens (address).
    function strayTokensRecipientParameterKey() external pure returns (string memory key_);
}
