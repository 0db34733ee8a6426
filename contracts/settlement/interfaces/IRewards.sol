// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IMigratable } from "../../common/interfaces/IMigratable.sol";
import { IParameterConsumer } from "../../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../../common/interfaces/IVersioned.sol";

/**
 * @title  Who earned what of the fees that were settled.
 * @notice Of a settled report, the nodes that it names get equal shares of what the protocol's rate leaves, and the
 *         protocol gets the rest, with what the divisions leave over: shares and rest always add up to what was settled.
 *         A claim books a share; a withdrawal pays what is booked. Whoever owns a node's token then may do both, also for
 *         what was earned under an earlier owner. Amounts are microdollars.
 *
 *         Payment is first come, first served: what payers owe beyond their balances comes in when they pay. A withdrawal
 *         pays what is there, and the rest stays owed.
 */
interface IRewards is IMigratable, IParameterConsumer, IVersioned {
    /// @notice Thrown when an implementation is constructed without a registry of nodes.
    error ZeroNodeRegistry();

    /// @notice Thrown when an implementation is constructed without payer reports.
    error ZeroPayerReportManager();

    /// @notice Thrown when an implementation is constructed without an escrow.
    error ZeroPayerRegistry();

    /// @notice Thrown when an implementation is constructed without a fee token.
    error ZeroFeeToken();

    /// @notice Thrown when the caller does not own the node's token.
    error NotNodeOwner();

    /// @notice Thrown when there are more originators than indices, or fewer.
    error ArrayLengthMismatch();

    /// @notice Thrown when a report is claimed again.
    error AlreadyClaimed(uint32 originatorNodeId, uint256 payerReportIndex);

    /// @notice Thrown when a report is claimed of which leaves are still to be settled.
    error PayerReportNotSettled(uint32 originatorNodeId, uint256 payerReportIndex);

    /// @notice Thrown when a report is claimed for a node that it does not name.
    error NotInPayerReport(uint32 originatorNodeId, uint256 payerReportIndex);

    /// @notice Thrown when tokens would go to the zero address.
    error ZeroRecipient();

    /// @notice Thrown when nothing is owed.
    error NoFeesOwed();

    /// @notice Thrown when something is owed, and there is nothing to pay it with.
    error ZeroAvailableBalance();

    /// @notice Thrown while claims and withdrawals are paused.
    error Paused();

    /// @notice Thrown when the protocol's fees are withdrawn, and no recipient is set.
    error ZeroProtocolFeeRecipient();

    /// @notice Emitted when the protocol's part of a report is booked.
    event ProtocolFeesClaim(uint32 indexed originatorNodeId, uint256 indexed payerReportIndex, uint96 amount);

    /// @notice Emitted when a node's share of a report is booked, also one of zero.
    event Claim(
        uint32 indexed nodeId,
        uint32 indexed originatorNodeId,
        uint256 indexed payerReportIndex,
        uint96 amount
    );

    /// @notice Emitted when fees of the protocol are paid.
    event ProtocolFeesWithdrawal(uint96 amount);

    /// @notice Emitted when fees of a node are paid.
    event Withdrawal(uint32 indexed nodeId, uint96 amount);

    /// @notice Emitted when claims and withdrawals are paused or resumed.
    event PauseStatusUpdated(bool indexed paused);

    /// @notice Emitted when the recipient of the protocol's fees changes; zero when there is none any more.
    event ProtocolFeesRecipientUpdated(address protocolFeesRecipient);

    /**
     * @notice Books a node's shares of reports. Only the owner of its token.
     * @return claimed_ Their sum.
     * @dev    Errors in order: `Paused`, `ERC721NonexistentToken`, `NotNodeOwner`, `ArrayLengthMismatch`,
     *         `NoReportsForOriginator`, `PayerReportIndexOutOfBounds`; for each report in turn `AlreadyClaimed`,
     *         `PayerReportNotSettled`, `NotInPayerReport`.
     */
    function claim(
        uint32 nodeId_,
        uint32[] calldata originatorNodeIds_,
        uint256[] calldata payerReportIndices_
    ) external returns (uint96 claimed_);

    /// @notice Books the protocol's part of reports. Callable by anyone. Errors as in `claim`, where they apply.
    function claimProtocolFees(
        uint32[] calldata originatorNodeIds_,
        uint256[] calldata payerReportIndices_
    ) external returns (uint96 claimed_);

    /**
     * @notice Pays what a node is owed, as far as there are tokens, here or in the escrow's excess. Only the owner of its
     *         token.
     * @return withdrawn_ What was paid; the rest stays owed.
     * @dev    Errors in order: `Paused`, `ZeroRecipient`, `ERC721NonexistentToken`, `NotNodeOwner`, `NoFeesOwed`, those of
     *         the escrow when its excess is needed (but not `NoExcess`), `ZeroAvailableBalance`.
     */
    function withdraw(uint32 nodeId_, address recipient_) external returns (uint96 withdrawn_);

    /// @notice The same in underlying tokens.
    function withdrawIntoUnderlying(uint32 nodeId_, address recipient_) external returns (uint96 withdrawn_);

    /**
     * @notice Pays what the protocol is owed to its recipient. Callable by anyone.
     * @dev    Errors in order: `Paused`, `ZeroProtocolFeeRecipient`, then as in `withdraw` from `NoFeesOwed` on.
     */
    function withdrawProtocolFees() external returns (uint96 withdrawn_);

    /// @notice The same in underlying tokens.
    function withdrawProtocolFeesIntoUnderlying() external returns (uint96 withdrawn_);

    /// @notice Applies the pause of the registry. Errors: `ParameterOutOfTypeBounds`, `NoChange`.
    function updatePauseStatus() external;

    /// @notice Applies the recipient of the registry, which may be zero. Errors: `ParameterOutOfTypeBounds`, `NoChange`.
    function updateProtocolFeesRecipient() external;

    /// @notice Applies whatever differs from the registry, the pause first. Errors as above, but never `NoChange`.
    function updateAll() external;

    /// @notice The registry of nodes.
    function nodeRegistry() external view returns (address);

    /// @notice The payer reports.
    function payerReportManager() external view returns (address);

    /// @notice The escrow.
    function payerRegistry() external view returns (address);

    /// @notice The token that is paid.
    function feeToken() external view returns (address);

    /// @notice Who gets the protocol's fees.
    function protocolFeesRecipient() external view returns (address protocolFeesRecipient_);

    /// @notice What is booked for the protocol and not paid.
    function owedProtocolFees() external view returns (uint96 owedProtocolFees_);

    /// @notice What is booked for all nodes and not paid, without the protocol's.
    function totalOwedFees() external view returns (uint96 totalOwedFees_);

    /// @notice Whether claims and withdrawals are refused.
    function paused() external view returns (bool paused_);

    /// @notice What is booked for a node and not paid.
    function getOwedFees(uint32 nodeId_) external view returns (uint96 owedFees_);

    /// @notice Whether the protocol's part of a report is booked.
    function areProtocolFeesClaimed(
        uint32 originatorNodeId_,
        uint256 payerReportIndex_
    ) external view returns (bool areClaimed_);

    /// @notice Whether a node's share of a report is booked.
    function areFeesClaimed(
        uint32 nodeId_,
        uint32 originatorNodeId_,
        uint256 payerReportIndex_
    ) external view returns (bool hasClaimed_);

    /// @notice Key of the pause (bool).
    function pausedParameterKey() external pure returns (string memory key_);

    /// @notice Key of the recipient of the protocol's fees (address).
    function protocolFeesRecipientParameterKey() external pure returns (string memory key_);
}
