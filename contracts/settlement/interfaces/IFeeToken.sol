// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IMigratable } from "../../common/interfaces/IMigratable.sol";
import { IParameterConsumer } from "../../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../../common/interfaces/IVersioned.sol";

/**
 * @title  The token that fees are paid in: one underlying token is one of it, and back, at any time.
 * @notice Nobody can mint without depositing, freeze, or pause. The underlying token is trusted: if it takes a fee on a
 *         transfer, or freezes this contract's balance, fee tokens are no longer covered. Whatever is sent here without
 *         a deposit belongs to whoever calls `depositReceived` first. The token is ERC-20 with EIP-2612 and ERC-1363, so
 *         it can be paid and used in one transaction: `transferAndCall(payers, amount, abi.encode(payer))`.
 */
interface IFeeToken is IMigratable, IParameterConsumer, IVersioned {
    /// @notice Thrown when an implementation is constructed without an underlying token.
    error ZeroUnderlying();

    /// @notice Thrown when nothing is deposited or withdrawn.
    error ZeroAmount();

    /// @notice Thrown when tokens would go to the zero address.
    error ZeroRecipient();

    /// @notice Thrown when the underlying token cannot be paid out.
    error TransferFailed();

    /// @notice Thrown when the underlying token cannot be taken, or has not arrived.
    error TransferFromFailed();

    /// @notice Takes underlying tokens of the caller, and gives it as many fee tokens. Errors as in `depositFor`.
    function deposit(uint256 amount_) external;

    /**
     * @notice The same after an EIP-2612 permit of the caller for this contract on the underlying token.
     * @dev    A permit that fails is ignored: somebody may have used it first. The allowance decides.
     */
    function depositWithPermit(uint256 amount_, uint256 deadline_, uint8 v_, bytes32 r_, bytes32 s_) external;

    /**
     * @notice Takes underlying tokens of the caller, and gives `recipient_` as many fee tokens.
     * @dev    Errors in order: `ZeroAmount`, `ZeroRecipient`, `TransferFromFailed`.
     *
     *         WARNING: fee tokens given to this contract itself can never be moved.
     */
    function depositFor(address recipient_, uint256 amount_) external returns (bool success_);

    /// @notice The same after a permit, as in `depositWithPermit`.
    function depositForWithPermit(
        address recipient_,
        uint256 amount_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external returns (bool success_);

    /**
     * @notice Gives fee tokens for underlying tokens that are here already and belong to nobody.
     * @dev    For contracts that send underlying tokens here and call this in the same transaction, which saves a
     *         transfer. In a transaction of its own, somebody else may come first.
     *         Errors in order: `ZeroAmount`, `ZeroRecipient`, `TransferFromFailed` when fewer have arrived.
     */
    function depositReceived(address recipient_, uint256 amount_) external;

    /// @notice Burns fee tokens of the caller, and pays it as many underlying tokens. Errors as in `withdrawTo`.
    function withdraw(uint256 amount_) external;

    /**
     * @notice Burns fee tokens of the caller, and pays `recipient_` as many underlying tokens.
     * @dev    Errors in order: `ZeroAmount`, `ZeroRecipient`, `ERC20InsufficientBalance`, `TransferFailed`.
     */
    function withdrawTo(address recipient_, uint256 amount_) external returns (bool success_);

    /// @notice The token that fee tokens stand for.
    function underlying() external view returns (address);

    /// @notice Type hash of a permit (EIP-2612).
    // solhint-disable-next-line func-name-mixedcase
    function PERMIT_TYPEHASH() external view returns (bytes32);

    /// @notice What an owner signs to permit; `nonce_` need not be the owner's next.
    function getPermitDigest(
        address owner_,
        address spender_,
        uint256 value_,
        uint256 nonce_,
        uint256 deadline_
    ) external view returns (bytes32 digest_);
}
