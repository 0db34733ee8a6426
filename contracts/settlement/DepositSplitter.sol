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
 * @notice Tokens go straight from the caller to where they belong: fee tokens by transfers that say what they are for
 *         (ERC-1363), underlying tokens by way of the fee tokens that they become.
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

        _fund(payer_, payerRegistryAmount_);
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

        _fund(payer_, payerRegistryAmount_);
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
        _takeUnderlying(_sum(payerRegistryAmount_, appChainAmount_));

        _fundReceived(payer_, payerRegistryAmount_);
        _crossReceived(appChainRecipient_, appChainAmount_, appChainGasLimit_, appChainMaxFeePerGas_);
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

        _takeUnderlying(sum_);

        _fundReceived(payer_, payerRegistryAmount_);
        _crossReceived(appChainRecipient_, appChainAmount_, appChainGasLimit_, appChainMaxFeePerGas_);
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

    /// @dev Fee tokens of the caller for the escrow. Here and below: the token reverts rather than returns false.
    function _fund(address payer_, uint96 amount_) private {
        if (amount_ == 0) return;

        IERC1363(feeToken).transferFromAndCall(msg.sender, payerRegistry, amount_, abi.encode(payer_));
    }

    /// @dev Fee tokens of the caller for the appchain.
    function _cross(address recipient_, uint96 amount_, uint256 gasLimit_, uint256 maxFeePerGas_) private {
        if (amount_ == 0) return;

        IERC1363(feeToken).transferFromAndCall(
            msg.sender,
            settlementChainGateway,
            amount_,
            abi.encode(appChainId, recipient_, gasLimit_, maxFeePerGas_)
        );
    }

    /// @dev Underlying tokens of the caller, which all go to the fee token first.
    function _takeUnderlying(uint96 sum_) private {
        if (!IERC20(_underlying).trySafeTransferFrom(msg.sender, feeToken, sum_)) revert TransferFromFailed();
    }

    function _fundReceived(address payer_, uint96 amount_) private {
        if (amount_ != 0) IPayers(payerRegistry).depositReceivedFor(payer_, amount_);
    }

    function _crossReceived(address recipient_, uint96 amount_, uint256 gasLimit_, uint256 maxFeePerGas_) private {
        if (amount_ == 0) return;

        ISettlementGateway(settlementChainGateway).depositReceived(
            appChainId,
            recipient_,
            amount_,
            gasLimit_,
            maxFeePerGas_
        );
    }
}
