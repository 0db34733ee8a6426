// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IMigratable } from "../../common/interfaces/IMigratable.sol";
import { IParameterConsumer } from "../../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../../common/interfaces/IVersioned.sol";

/**
 * @title  The appchain's end of the bridge: deposits and parameters arrive, withdrawals leave.
 * @notice Amounts are in wei of the appchain's native currency, of which one unit of the fee token is many.
 */
interface IAppchainGateway is IMigratable, IParameterConsumer, IVersioned {
    /// @notice Thrown when an implementation is constructed without the settlement chain's gateway.
    error ZeroSettlementChainGateway();

    /// @notice Thrown when an implementation is constructed for a fee token of more than 18 decimals.
    error InvalidFeeTokenDecimals();

    /// @notice Thrown when somebody else than the settlement chain's gateway sends parameters.
    error NotSettlementChainGateway();

    /// @notice Thrown when parameters come with another number of values than keys.
    error ArrayLengthMismatch();

    /// @notice Thrown when a deposit or a withdrawal would go to the zero address.
    error ZeroRecipient();

    /// @notice Thrown when less than one unit of the fee token is withdrawn.
    error ZeroWithdrawalAmount();

    /// @notice Thrown when withdrawals are paused.
    error Paused();

    /// @notice Thrown when an account does not take what it is paid.
    error TransferFailed();

    /// @notice Emitted when parameters arrive, also for those that came too late to be set; the registry says which were.
    event ParametersReceived(uint256 indexed nonce, string[] keys);

    /// @notice Emitted when a deposit arrives.
    event DepositReceived(address indexed recipient, uint256 amount);

    /**
     * @notice Emitted when a withdrawal leaves.
     * @param  messageId Position in the order of all messages that left the appchain, from 0.
     * @param  amount    In wei; whole units of the fee token.
     */
    event Withdrawal(uint256 indexed messageId, address indexed recipient, uint256 amount);

    /// @notice Emitted when the pause begins or ends.
    event PauseStatusUpdated(bool indexed paused);

    /**
     * @notice Passes on what it is sent. What the settlement chain's gateway calls; anyone else may. Not pausable.
     * @dev    Errors in order: `ZeroRecipient`, `TransferFailed`. The bridge keeps a message that failed for a week.
     */
    function receiveDeposit(address recipient_) external payable;

    /**
     * @notice Sets parameters, each only if it was sent after the value that it replaces. Not pausable.
     * @param  nonce_ Orders what the settlement chain's gateway sends. A key that stands twice in a message counts once.
     * @dev    Errors in order: `NotSettlementChainGateway`, `ArrayLengthMismatch`.
     */
    function receiveParameters(uint256 nonce_, string[] calldata keys_, bytes32[] calldata values_) external;

    /**
     * @notice Sends native currency back to the settlement chain: `recipient_` gets fee tokens there, as soon as the block is
     *         confirmed and anyone executes the message. What is no whole unit of the fee token comes back to the caller.
     * @dev    Errors in order: `Paused`, `ZeroRecipient`, `ZeroWithdrawalAmount`, `TransferFailed` if the caller does not take
     *         the rest.
     */
    function withdraw(address recipient_) external payable;

    /// @notice The same, but `recipient_` gets underlying tokens.
    function withdrawIntoUnderlying(address recipient_) external payable;

    /// @notice Takes the pause from the registry. Callable by anyone. Errors `ParameterOutOfTypeBounds`, `NoChange`.
    function updatePauseStatus() external;

    /// @notice The other end of the bridge.
    function settlementChainGateway() external view returns (address);

    /// @notice Who sends that contract's messages on this chain.
    function settlementChainGatewayAlias() external view returns (address);

    /// @notice Whether withdrawals are refused.
    function paused() external view returns (bool paused_);

    /// @notice Which push the value of a parameter came with; 0 if none did.
    function nonceOf(string calldata key_) external view returns (uint256 nonce_);

    /// @notice Key of the pause (bool), in the registry of this chain.
    function pausedParameterKey() external pure returns (string memory key_);
}
