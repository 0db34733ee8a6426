// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20Upgradeable } from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import { IParameterConsumer } from "../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../common/interfaces/IVersioned.sol";
import { IFeeToken } from "./interfaces/IFeeToken.sol";

import { ParameterConsumer } from "../common/ParameterConsumer.sol";
import { PermitToken } from "./PermitToken.sol";

/// @title The token that fees are paid in, wrapped one to one around an underlying token.
contract FeeToken is IFeeToken, PermitToken, ParameterConsumer {
    using SafeERC20 for IERC20;

    string private constant _NAME = "XMTP USD Fee Token";

    /// @inheritdoc IFeeToken
    address public immutable underlying;

    constructor(address parameterRegistry_, address underlying_) ParameterConsumer(parameterRegistry_) {
        if (underlying_ == address(0)) revert ZeroUnderlying();
        underlying = underlying_;
    }

    // Deposits

    /// @inheritdoc IFeeToken
    function deposit(uint256 amount_) external {
        _deposit(msg.sender, amount_);
    }

    /// @inheritdoc IFeeToken
    function depositWithPermit(uint256 amount_, uint256 deadline_, uint8 v_, bytes32 r_, bytes32 s_) external {
        _permitUnderlying(amount_, deadline_, v_, r_, s_);
        _deposit(msg.sender, amount_);
    }

    /// @inheritdoc IFeeToken
    function depositFor(address recipient_, uint256 amount_) external returns (bool success_) {
        _deposit(recipient_, amount_);
        return true;
    }

    /// @inheritdoc IFeeToken
    function depositForWithPermit(
        address recipient_,
        uint256 amount_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external returns (bool success_) {
        _permitUnderlying(amount_, deadline_, v_, r_, s_);
        _deposit(recipient_, amount_);
        return true;
    }

    /// @inheritdoc IFeeToken
    function depositReceived(address recipient_, uint256 amount_) external {
        if (amount_ == 0) revert ZeroAmount();
        if (recipient_ == address(0)) revert ZeroRecipient();

        uint256 supply_ = _raiseSupply(amount_);
        if (IERC20(underlying).balanceOf(address(this)) < supply_) revert TransferFromFailed();

        _give(recipient_, amount_);
    }

    // Withdrawals

    /// @inheritdoc IFeeToken
    function withdraw(uint256 amount_) external {
        _withdraw(msg.sender, amount_);
    }

    /// @inheritdoc IFeeToken
    function withdrawTo(address recipient_, uint256 amount_) external returns (bool success_) {
        _withdraw(recipient_, amount_);
        return true;
    }

    // The token

    /// @inheritdoc IFeeToken
    function getPermitDigest(
        address owner_,
        address spender_,
        uint256 value_,
        uint256 nonce_,
        uint256 deadline_
    ) external view returns (bytes32 digest_) {
        return _permitDigest(owner_, spender_, value_, nonce_, deadline_);
    }

    /// @inheritdoc IFeeToken
    // solhint-disable-next-line func-name-mixedcase
    function PERMIT_TYPEHASH() external pure returns (bytes32) {
        return _PERMIT_TYPEHASH;
    }

    /// @inheritdoc ERC20Upgradeable
    function name() public pure override returns (string memory) {
        return _NAME;
    }

    /// @inheritdoc ERC20Upgradeable
    function symbol() public pure override returns (string memory) {
        return "xUSD";
    }

    /// @inheritdoc ERC20Upgradeable
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function _nameHash() internal pure override returns (bytes32 nameHash_) {
        return keccak256(bytes(_NAME));
    }

    function _deposit(address recipient_, uint256 amount_) private {
        if (amount_ == 0) revert ZeroAmount();
        if (recipient_ == address(0)) revert ZeroRecipient();

        // The supply grows before the tokens come, and shrinks after they went: an underlying token that calls somebody
        // while it moves never shows more than the supply, which `depositReceived` would give away.
        _raiseSupply(amount_);
        if (!IERC20(underlying).trySafeTransferFrom(msg.sender, address(this), amount_)) revert TransferFromFailed();

        _give(recipient_, amount_);
    }

    function _withdraw(address recipient_, uint256 amount_) private {
        if (amount_ == 0) revert ZeroAmount();
        if (recipient_ == address(0)) revert ZeroRecipient();

        _take(msg.sender, amount_);

        if (!IERC20(underlying).trySafeTransfer(recipient_, amount_)) revert TransferFailed();
        _lowerSupply(amount_);
    }

    /// @dev A permit that was used already has done its work, and one that is wrong does none: the allowance tells.
    function _permitUnderlying(uint256 amount_, uint256 deadline_, uint8 v_, bytes32 r_, bytes32 s_) private {
        // solhint-disable-next-line no-empty-blocks
        try IERC20Permit(underlying).permit(msg.sender, address(this), amount_, deadline_, v_, r_, s_) {} catch {}
    }

    // What it is

    /// @inheritdoc IParameterConsumer
    function migratorParameterKey()
        public
        pure
        override(IParameterConsumer, ParameterConsumer)
        returns (string memory key_)
    {
        return "xmtp.feeToken.migrator";
    }

    /// @inheritdoc IVersioned
    function version() external pure returns (string memory version_) {
        return "1.0.0";
    }

    /// @inheritdoc IVersioned
    function contractName() external pure returns (string memory contractName_) {
        return "FeeToken";
    }
}
