// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC1363 } from "@openzeppelin/contracts/interfaces/IERC1363.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import { IVersioned } from "../common/interfaces/IVersioned.sol";
import { IDepositSplitter } from "./interfaces/IDepositSplitter.sol";
import { IFeeToken } from "./interfaces/IFeeToken.sol";
import { IPayers } from "./interfaces/IPayers.sol";
import { ISettlementGateway } from "./interfaces/ISettlementGateway.sol";

/**
 * @title  One deposit for escrow and gas.
 * @notice Tokens for the escrow go there straight from the caller: a fee token by a transfer that tells the escrow whose
 *         it is (ERC-1363), an underlying token by way of the fee token that it becomes.
 */
contract DepositSplitter is IDepositSplitter {
    using SafeERC20 for IERC20;

    /// @inheritdoc IDepositSplitter
    address public immutable feeToken;

    /// @inheritdoc IDepositSplitter
    address public immutable payerRegistry;

    /// @inheritdoc IDepositSplitter
    address public immutable settlementChainGateway;

    /// @inheritdoc IDepositSplitter
    uint256 public immutable appChainId;

    address private immutable _underlying;

    constructor(address feeToken_, address payerRegistry_, address settlementChainGateway_, uint256 appChainId_) {
        if (feeToken_ == address(0)) revert ZeroFeeToken();
        if (payerRegistry_ == address(0)) revert ZeroPayerRegistry();
        if (settlementChainGateway_ == address(0)) revert ZeroSettlementChainGateway();
        if (appChainId_ == 0) revert ZeroAppChainId();

        feeToken = feeToken_;
        payerRegistry = payerRegistry_;
        settlementChainGateway = settlementChainGateway_;
        appChainId = appChainId_;
        _underlying = IFeeToken(feeToken_).underlying();

        // Once and for ever: there is nothing here to be taken between calls.
        IERC20(feeToken_).forceApprove(settlementChainGateway_, type(uint256).max);
    }

    /// @inheritdoc IDepositSplitter
    function deposit(
        address payer_,
        uint96 payerRegistryAmount_,
        address appChainRecipient_,
        uint96 appChainAmount_,
        uint256 appChainGasLimit_,
        uint256 appChainMaxFeePerGas_
    ) external {
        _sum(payerRegistryAmount_, appChainAmount_);

        _split(payer_, payerRegistryAmount_, appChainAmount_);
        _cross(appChainRecipient_, appChainAmount_, appChainGasLimit_, appChainMaxFeePerGas_);
    }

    /// @inheritdoc IDepositSplitter
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
    ) external {
        _permit(feeToken, _sum(payerRegistryAmount_, appChainAmount_), deadline_, v_, r_, s_);

        _split(payer_, payerRegistryAmount_, appChainAmount_);
        _cross(appChainRecipient_, appChainAmount_, appChainGasLimit_, appChainMaxFeePerGas_);
    }

    /// @inheritdoc IDepositSplitter
    function depositFromUnderlying(
        address payer_,
        uint96 payerRegistryAmount_,
        address appChainRecipient_,
        uint96 appChainAmount_,
        uint256 appChainGasLimit_,
        uint256 appChainMaxFeePerGas_
    ) external {
        _splitUnderlying(payer_, payerRegistryAmount_, appChainAmount_, _sum(payerRegistryAmount_, appChainAmount_));
        _cross(appChainRecipient_, appChainAmount_, appChainGasLimit_, appChainMaxFeePerGas_);
    }

    /// @inheritdoc IDepositSplitter
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
    ) external {
        uint96 sum_ = _sum(payerRegistryAmount_, appChainAmount_);
        _permit(_underlying, sum_, deadline_, v_, r_, s_);

        _splitUnderlying(payer_, payerRegistryAmount_, appChainAmount_, sum_);
        _cross(appChainRecipient_, appChainAmount_, appChainGasLimit_, appChainMaxFeePerGas_);
    }

    /// @inheritdoc IVersioned
    function version() external pure returns (string memory version_) {
        return "1.0.0";
    }

    /// @inheritdoc IVersioned
    function contractName() external pure returns (string memory contractName_) {
        return "DepositSplitter";
    }

    function _sum(uint96 payerRegistryAmount_, uint96 appChainAmount_) private pure returns (uint96 sum_) {
        sum_ = payerRegistryAmount_ + appChainAmount_;
        if (sum_ == 0) revert ZeroTotalAmount();
    }

    /// @dev A permit that was used already has done its work, and one that is wrong does none: the allowance tells.
    function _permit(address token_, uint96 sum_, uint256 deadline_, uint8 v_, bytes32 r_, bytes32 s_) private {
        // solhint-disable-next-line no-empty-blocks
        try IERC20Permit(token_).permit(msg.sender, address(this), sum_, deadline_, v_, r_, s_) {} catch {}
    }

    /// @dev Fee tokens of the caller: the escrow's go there, the gateway's come here.
    function _split(address payer_, uint96 payerRegistryAmount_, uint96 appChainAmount_) private {
        if (payerRegistryAmount_ != 0) {
            // It reverts rather than returns false.
            IERC1363(feeToken).transferFromAndCall(msg.sender, payerRegistry, payerRegistryAmount_, abi.encode(payer_));
        }
        if (appChainAmount_ != 0) IERC20(feeToken).safeTransferFrom(msg.sender, address(this), appChainAmount_);
    }

    /// @dev The same from underlying tokens, which all go to the fee token first.
    function _splitUnderlying(
        address payer_,
        uint96 payerRegistryAmount_,
        uint96 appChainAmount_,
        uint96 sum_
    ) private {
        if (!IERC20(_underlying).trySafeTransferFrom(msg.sender, feeToken, sum_)) revert TransferFromFailed();

        if (payerRegistryAmount_ != 0) IPayers(payerRegistry).depositReceivedFor(payer_, payerRegistryAmount_);
        if (appChainAmount_ != 0) IFeeToken(feeToken).depositReceived(address(this), appChainAmount_);
    }

    function _cross(address recipient_, uint96 amount_, uint256 gasLimit_, uint256 maxFeePerGas_) private {
        if (amount_ == 0) return;

        ISettlementGateway(settlementChainGateway).deposit(appChainId, recipient_, amount_, gasLimit_, maxFeePerGas_);
    }
}
