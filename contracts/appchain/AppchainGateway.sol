// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterConsumer } from "../common/interfaces/IParameterConsumer.sol";
import { IParameterRegistry } from "../common/interfaces/IParameterRegistry.sol";
import { IVersioned } from "../common/interfaces/IVersioned.sol";
import { ISettlementGateway } from "../settlement/interfaces/ISettlementGateway.sol";
import { IAppchainGateway } from "./interfaces/IAppchainGateway.sol";
import { IArbSys } from "./interfaces/IArbSys.sol";

import { AddressAlias } from "../common/AddressAlias.sol";
import { RegistryParameters } from "../common/RegistryParameters.sol";

import { ParameterConsumer } from "../common/ParameterConsumer.sol";

/// @title The appchain's end of the bridge to the settlement chain, and the only admin of the appchain's parameters.
contract AppchainGateway is IAppchainGateway, ParameterConsumer {
    /// @custom:storage-location erc7201:xmtp.storage.AppChainGateway
    struct AppchainGatewayStorage {
        // slot 0
        bool paused;
        // slot 1
        mapping(string key => uint256 nonce) nonces;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("xmtp.storage.AppChainGateway")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant APPCHAIN_GATEWAY_STORAGE_LOCATION =
        0xf7630100a9c96f7b07fb982ff1e6dad8abbb961bacff2e820fac4ea93b280300;

    uint8 private constant _MAX_FEE_TOKEN_DECIMALS = 18;

    IArbSys private constant _ARB_SYS = IArbSys(address(0x64));

    /// @inheritdoc IAppchainGateway
    address public immutable settlementChainGateway;

    /// @inheritdoc IAppchainGateway
    address public immutable settlementChainGatewayAlias;

    /// @dev Wei in a unit of the fee token. The bridge pays whole units, and drops the rest.
    uint256 private immutable _unit;

    constructor(
        address parameterRegistry_,
        address settlementChainGateway_,
        uint8 feeTokenDecimals_
    ) ParameterConsumer(parameterRegistry_) {
        if (settlementChainGateway_ == address(0)) revert ZeroSettlementChainGateway();
        if (feeTokenDecimals_ > _MAX_FEE_TOKEN_DECIMALS) revert InvalidFeeTokenDecimals();

        settlementChainGateway = settlementChainGateway_;
        settlementChainGatewayAlias = AddressAlias.toAlias(settlementChainGateway_);
        _unit = 10 ** (_MAX_FEE_TOKEN_DECIMALS - feeTokenDecimals_);
    }

    /// @inheritdoc IAppchainGateway
    function receiveDeposit(address recipient_) external payable {
        if (recipient_ == address(0)) revert ZeroRecipient();

        emit DepositReceived(recipient_, msg.value);

        _pay(recipient_, msg.value);
    }

    /// @inheritdoc IAppchainGateway
    function receiveParameters(uint256 nonce_, string[] calldata keys_, bytes32[] calldata values_) external {
        if (msg.sender != settlementChainGatewayAlias) revert NotSettlementChainGateway();
        if (keys_.length != values_.length) revert ArrayLengthMismatch();

        emit ParametersReceived(nonce_, keys_);

        mapping(string key => uint256 nonce) storage nonces = _getAppchainGatewayStorage().nonces;

        for (uint256 index_; index_ < keys_.length; ++index_) {
            string calldata key_ = keys_[index_];

            if (nonces[key_] >= nonce_) continue;

            nonces[key_] = nonce_;
            IParameterRegistry(parameterRegistry).set(key_, values_[index_]);
        }
    }

    /// @inheritdoc IAppchainGateway
    function withdraw(address recipient_) external payable {
        _withdraw(recipient_, ISettlementGateway.receiveWithdrawal.selector);
    }

    /// @inheritdoc IAppchainGateway
    function withdrawIntoUnderlying(address recipient_) external payable {
        _withdraw(recipient_, ISettlementGateway.receiveWithdrawalIntoUnderlying.selector);
    }

    function _withdraw(address recipient_, bytes4 selector_) private {
        if (_getAppchainGatewayStorage().paused) revert Paused();
        if (recipient_ == address(0)) revert ZeroRecipient();

        uint256 rest_ = msg.value % _unit;
        uint256 amount_ = msg.value - rest_;
        if (amount_ == 0) revert ZeroWithdrawalAmount();

        uint256 messageId_ = _ARB_SYS.sendTxToL1{ value: amount_ }(
            settlementChainGateway,
            abi.encodeWithSelector(selector_, recipient_)
        );

        emit Withdrawal(messageId_, recipient_, amount_);

        if (rest_ != 0) _pay(msg.sender, rest_);
    }

    /// @inheritdoc IAppchainGateway
    function updatePauseStatus() external {
        AppchainGatewayStorage storage gateway = _getAppchainGatewayStorage();
        bool paused_ = RegistryParameters.getBool(parameterRegistry, pausedParameterKey());

        if (paused_ == gateway.paused) revert NoChange();
        gateway.paused = paused_;

        emit PauseStatusUpdated(paused_);
    }

    /// @inheritdoc IAppchainGateway
    function paused() external view returns (bool paused_) {
        return _getAppchainGatewayStorage().paused;
    }

    /// @inheritdoc IAppchainGateway
    function nonceOf(string calldata key_) external view returns (uint256 nonce_) {
        return _getAppchainGatewayStorage().nonces[key_];
    }

    /// @inheritdoc IAppchainGateway
    function pausedParameterKey() public pure returns (string memory key_) {
        return "xmtp.appChainGateway.paused";
    }

    /// @inheritdoc IParameterConsumer
    function migratorParameterKey()
        public
        pure
        override(IParameterConsumer, ParameterConsumer)
        returns (string memory key_)
    {
        return "xmtp.appChainGateway.migrator";
    }

    /// @inheritdoc IVersioned
    function version() external pure returns (string memory version_) {
        return "1.0.0";
    }

    /// @inheritdoc IVersioned
    function contractName() external pure returns (string memory contractName_) {
        return "AppChainGateway";
    }

    /// @dev Assembly because Solidity copies what the recipient answers, however long that is.
    function _pay(address recipient_, uint256 amount_) private {
        bool success_;

        assembly ("memory-safe") {
            success_ := call(gas(), recipient_, amount_, 0, 0, 0, 0)
        }

        if (!success_) revert TransferFailed();
    }

    function _getAppchainGatewayStorage() private pure returns (AppchainGatewayStorage storage gateway) {
        assembly ("memory-safe") {
            gateway.slot := APPCHAIN_GATEWAY_STORAGE_LOCATION
        }
    }
}
