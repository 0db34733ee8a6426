// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IVersioned } from "../../common/interfaces/IVersioned.sol";

/**
 * @title  One deposit for both things a payer needs: escrow on this chain, and gas on the appchain.
 * @notice Holds nothing between calls, has no owner, cannot be upgraded. Amounts are microdollars. A leg with an amount
 *         of zero is skipped, and its other arguments are not looked at. If one leg fails, neither happens.
 *
 *         Errors of all four functions in order: Panic 0x11 when the sum passes 2^96 - 1, `ZeroTotalAmount`, then those
 *         of the tokens, of the escrow, and of the gateway.
 */
interface IDepositSplitter is IVersioned {
    /// @notice Thrown when a splitter is constructed without a fee token.
    error ZeroFeeToken();

    /// @notice Thrown when a splitter is constructed without an escrow.
    error ZeroPayerRegistry();

    /// @notice Thrown when a splitter is constructed without a gateway.
    error ZeroSettlementChainGateway();

    /// @notice Thrown when a splitter is constructed without an appchain.
    error ZeroAppChainId();

    /// @notice Thrown when both amounts are zero.
    error ZeroTotalAmount();

    /// @notice Thrown when the underlying token does not move.
    error TransferFromFailed();

    /**
     * @notice Takes fee tokens of the caller, who has approved this contract for the sum.
     * @param  payer_                Whose escrow grows.
     * @param  payerRegistryAmount_  By how much; at least the escrow's least deposit, or zero.
     * @param  appChainRecipient_    Whose gas on the appchain grows.
     * @param  appChainAmount_       By how much, or zero.
     * @param  appChainGasLimit_     Gas for the message on the appchain.
     * @param  appChainMaxFeePerGas_ The most to pay for a unit of that gas.
     */
    function deposit(
        address payer_,
        uint96 payerRegistryAmount_,
        address appChainRecipient_,
        uint96 appChainAmount_,
        uint256 appChainGasLimit_,
        uint256 appChainMaxFeePerGas_
    ) external;

    /// @notice The same after an EIP-2612 permit of the caller for this contract and the sum. One that fails is ignored.
    function depositWithPermit(
        address payer_,
        uint96 payerRegistryAmount_,
        address appChainRecipient_,
        uint96 appChainAmount_,
        uint256 appChainGasLimit_,
        uint256 appChainMaxFeePerGas_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external;

    /// @notice The same with underlying tokens of the caller.
    function depositFromUnderlying(
        address payer_,
        uint96 payerRegistryAmount_,
        address appChainRecipient_,
        uint96 appChainAmount_,
        uint256 appChainGasLimit_,
        uint256 appChainMaxFeePerGas_
    ) external;

    /// @notice The same with underlying tokens, after a permit of theirs.
    function depositFromUnderlyingWithPermit(
        address payer_,
        uint96 payerRegistryAmount_,
        address appChainRecipient_,
        uint96 appChainAmount_,
        uint256 appChainGasLimit_,
        uint256 appChainMaxFeePerGas_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external;

    /// @notice The chain that the gas is for.
    function appChainId() external view returns (uint256);

    /// @notice The token that both legs take.
    function feeToken() external view returns (address);

    /// @notice The escrow.
    function payerRegistry() external view returns (address);

    /// @notice The bridge.
    function settlementChainGateway() external view returns (address);
}
