// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import { IAppchainGateway } from "../appchain/interfaces/IAppchainGateway.sol";
import { IParameterConsumer } from "../common/interfaces/IParameterConsumer.sol";
import { IParameterRegistry } from "../common/interfaces/IParameterRegistry.sol";
import { IVersioned } from "../common/interfaces/IVersioned.sol";
import { IFeeToken } from "./interfaces/IFeeToken.sol";
import { IERC20Inbox, IERC20Outbox, IOrbitBridge } from "./interfaces/IOrbit.sol";
import { ISettlementGateway } from "./interfaces/ISettlementGateway.sol";

import { AddressAlias } from "../common/AddressAlias.sol";
import { ParameterKeys } from "../common/ParameterKeys.sol";
import { RegistryParameters } from "../common/RegistryParameters.sol";
import { InboxCalls } from "./InboxCalls.sol";

import { ParameterConsumer } from "../common/ParameterConsumer.sol";

/**
 * @title  The settlement chain's end of the bridge to the appchains.
 * @dev    Inboxes and their bridges are trusted: the registry names them. Each inbox may take fee tokens of this contract
 *         without limit, once and for all, because there are none here but those of the message that is being sent.
 */
contract SettlementGateway is ISettlementGateway, ParameterConsumer {
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:xmtp.storage.SettlementChainGateway
    struct SettlementGatewayStorage {
        // slot 0
        bool paused;
        uint64 nonce;
        // slot 1
        mapping(uint256 chainId => address inbox) inboxes;
        // slot 2: of every inbox that ever was one; what is withdrawn comes through them
        mapping(address account => bool isBridge) bridges;
    }

    /// @dev What a message to an appchain is made of; see `IERC20Inbox`.
    struct Ticket {
        address inbox;
        uint256 callValue;
        uint256 maxSubmissionCost;
        address excessFeeRefundAddress;
        address callValueRefundAddress;
        uint256 gasLimit;
        uint256 maxFeePerGas;
        uint256 amount;
        bytes data;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("xmtp.storage.SettlementChainGateway")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant SETTLEMENT_GATEWAY_STORAGE_LOCATION =
        0xa66588577d68bb28d3fa2c7238607341f39141e4eaf5f706037ae5c1c2a15700;

    uint8 private constant _MAX_FEE_TOKEN_DECIMALS = 18;

    /// @inheritdoc ISettlementGateway
    address public immutable appChainGateway;

    /// @inheritdoc ISettlementGateway
    address public immutable feeToken;

    /// @dev What the fee token stood for when this implementation was made.
    address private immutable _underlying;

    /// @dev Wei of an appchain in a unit of the fee token.
    uint256 private immutable _unit;

    constructor(
        address parameterRegistry_,
        address appChainGateway_,
        address feeToken_
    ) ParameterConsumer(parameterRegistry_) {
        if (appChainGateway_ == address(0)) revert ZeroAppChainGateway();
        if (feeToken_ == address(0)) revert ZeroFeeToken();

        uint8 decimals_ = IERC20Metadata(feeToken_).decimals();
        if (decimals_ > _MAX_FEE_TOKEN_DECIMALS) revert InvalidFeeTokenDecimals();

        appChainGateway = appChainGateway_;
        feeToken = feeToken_;
        _underlying = IFeeToken(feeToken_).underlying();
        _unit = 10 ** (_MAX_FEE_TOKEN_DECIMALS - decimals_);
    }

    // Deposits

    /// @inheritdoc ISettlementGateway
    function deposit(
        uint256 chainId_,
        address recipient_,
        uint256 amount_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_
    ) external {
        _deposit(chainId_, recipient_, amount_, gasLimit_, maxFeePerGas_, _take);
    }

    /// @inheritdoc ISettlementGateway
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
    ) external {
        _permit(feeToken, amount_, deadline_, v_, r_, s_);
        _deposit(chainId_, recipient_, amount_, gasLimit_, maxFeePerGas_, _take);
    }

    /// @inheritdoc ISettlementGateway
    function depositFromUnderlying(
        uint256 chainId_,
        address recipient_,
        uint256 amount_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_
    ) external {
        _deposit(chainId_, recipient_, amount_, gasLimit_, maxFeePerGas_, _takeUnderlying);
    }

    /// @inheritdoc ISettlementGateway
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
    ) external {
        _permit(_underlying, amount_, deadline_, v_, r_, s_);
        _deposit(chainId_, recipient_, amount_, gasLimit_, maxFeePerGas_, _takeUnderlying);
    }

    /// @inheritdoc ISettlementGateway
    function depositReceived(
        uint256 chainId_,
        address recipient_,
        uint256 amount_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_
    ) external {
        _deposit(chainId_, recipient_, amount_, gasLimit_, maxFeePerGas_, _takeReceived);
    }

    /**
     * @notice Deposits fee tokens that were sent with `transferAndCall` or `transferFromAndCall` (ERC-1363).
     * @param  data_ The arguments of `deposit` but the amount, ABI-encoded: chain id, recipient, gas limit, fee per gas.
     * @dev    Errors in order: `NotFeeToken`, then as in `deposit`; reverts without data if `data_` is something else.
     */
    function onTransferReceived(
        address,
        address,
        uint256 amount_,
        bytes calldata data_
    ) external returns (bytes4 selector_) {
        if (msg.sender != feeToken) revert NotFeeToken();

        (uint256 chainId_, address recipient_, uint256 gasLimit_, uint256 maxFeePerGas_) = abi.decode(
            data_,
            (uint256, address, uint256, uint256)
        );
        _deposit(chainId_, recipient_, amount_, gasLimit_, maxFeePerGas_, _takeNothing);

        return IERC1363Receiver.onTransferReceived.selector;
    }

    function _deposit(
        uint256 chainId_,
        address recipient_,
        uint256 amount_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_,
        function(uint256) internal take_
    ) private {
        if (_getSettlementGatewayStorage().paused) revert Paused();

        address inbox_ = _getInbox(chainId_);

        if (recipient_ == address(0)) revert ZeroRecipient();
        if (amount_ == 0) revert ZeroAmount();

        uint256 submissionFee_ = InboxCalls.submissionFee(inbox_, InboxCalls.RECEIVE_DEPOSIT_LENGTH, block.basefee);
        uint256 costs_ = submissionFee_ + maxFeePerGas_ * gasLimit_;
        bytes memory callData_ = InboxCalls.depositTicket(
            appChainGateway,
            recipient_,
            _less(amount_ * _unit, costs_),
            submissionFee_,
            amount_,
            gasLimit_,
            maxFeePerGas_
        );

        take_(amount_);

        emit Deposit(
            chainId_,
            InboxCalls.createTicket(inbox_, callData_),
            recipient_,
            amount_,
            Math.ceilDiv(costs_, _unit)
        );
    }

    // Parameters

    /// @inheritdoc ISettlementGateway
    function sendParameters(
        uint256[] calldata chainIds_,
        string[] calldata keys_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_,
        uint256 amountToSend_
    ) external returns (uint256 totalSent_) {
        return _sendParameters(chainIds_, keys_, gasLimit_, maxFeePerGas_, amountToSend_, _take);
    }

    /// @inheritdoc ISettlementGateway
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
    ) external returns (uint256 totalSent_) {
        _permit(feeToken, amountToSend_ * chainIds_.length, deadline_, v_, r_, s_);

        return _sendParameters(chainIds_, keys_, gasLimit_, maxFeePerGas_, amountToSend_, _take);
    }

    /// @inheritdoc ISettlementGateway
    function sendParametersFromUnderlying(
        uint256[] calldata chainIds_,
        string[] calldata keys_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_,
        uint256 amountToSend_
    ) external returns (uint256 totalSent_) {
        return _sendParameters(chainIds_, keys_, gasLimit_, maxFeePerGas_, amountToSend_, _takeUnderlying);
    }

    /// @inheritdoc ISettlementGateway
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
    ) external returns (uint256 totalSent_) {
        _permit(_underlying, amountToSend_ * chainIds_.length, deadline_, v_, r_, s_);

        return _sendParameters(chainIds_, keys_, gasLimit_, maxFeePerGas_, amountToSend_, _takeUnderlying);
    }

    function _sendParameters(
        uint256[] calldata chainIds_,
        string[] calldata keys_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_,
        uint256 amountToSend_,
        function(uint256) internal take_
    ) private returns (uint256 totalSent_) {
        SettlementGatewayStorage storage gateway = _getSettlementGatewayStorage();

        if (gateway.paused) revert Paused();
        if (chainIds_.length == 0) revert NoChainIds();
        if (keys_.length == 0) revert NoKeys();

        totalSent_ = amountToSend_ * chainIds_.length;
        take_(totalSent_);

        uint256 nonce_ = ++gateway.nonce;

        Ticket memory ticket_;
        ticket_.excessFeeRefundAddress = msg.sender;
        // Nobody may cancel a push: it does not belong to who paid for it.
        ticket_.callValueRefundAddress = appChainAlias();
        ticket_.gasLimit = gasLimit_;
        ticket_.maxFeePerGas = maxFeePerGas_;
        ticket_.amount = amountToSend_;
        ticket_.data = abi.encodeCall(
            IAppchainGateway.receiveParameters,
            (nonce_, keys_, IParameterRegistry(parameterRegistry).get(keys_))
        );

        for (uint256 index_; index_ < chainIds_.length; ++index_) {
            uint256 chainId_ = chainIds_[index_];

            emit ParametersSent(chainId_, _push(chainId_, ticket_), nonce_, keys_);
        }
    }

    /// @dev Whatever is not for gas is for the submission, of which the appchain refunds what it does not cost: so all of
    ///      what is left goes back to who paid.
    function _push(uint256 chainId_, Ticket memory ticket_) private returns (uint256 messageNumber_) {
        ticket_.inbox = _getInbox(chainId_);

        uint256 submissionFee_ = InboxCalls.submissionFee(ticket_.inbox, ticket_.data.length, block.basefee);
        uint256 surplus_ = _less(ticket_.amount * _unit, submissionFee_ + ticket_.maxFeePerGas * ticket_.gasLimit);
        ticket_.maxSubmissionCost = submissionFee_ + surplus_;

        return _createTicket(ticket_);
    }

    // Withdrawals

    /// @inheritdoc ISettlementGateway
    function receiveWithdrawal(address recipient_) external returns (uint256 amount_) {
        amount_ = _broughtAmount();

        emit WithdrawalReceived(recipient_, amount_);

        IERC20(feeToken).safeTransfer(recipient_, amount_);
    }

    /// @inheritdoc ISettlementGateway
    function receiveWithdrawalIntoUnderlying(address recipient_) external returns (uint256 amount_) {
        amount_ = _broughtAmount();

        emit WithdrawalReceived(recipient_, amount_);

        // It reverts rather than returns false.
        IFeeToken(feeToken).withdrawTo(recipient_, amount_);
    }

    /// @dev A bridge pays and calls in one go, for one message at a time, and its outbox says how much.
    function _broughtAmount() private view returns (uint256 amount_) {
        if (!_getSettlementGatewayStorage().bridges[msg.sender]) return 0;

        return IERC20Outbox(IOrbitBridge(msg.sender).activeOutbox()).l2ToL1WithdrawalAmount();
    }

    // Settings

    /// @inheritdoc ISettlementGateway
    function updateInbox(uint256 chainId_) external {
        SettlementGatewayStorage storage gateway = _getSettlementGatewayStorage();

        address old_ = gateway.inboxes[chainId_];
        address inbox_ = RegistryParameters.getAddress(
            parameterRegistry,
            ParameterKeys.combineKeyComponents(inboxParameterKey(), ParameterKeys.uint256ToKeyComponent(chainId_))
        );

        gateway.inboxes[chainId_] = inbox_;

        emit InboxUpdated(chainId_, inbox_);

        if (old_ != address(0) && old_ != inbox_) IERC20(feeToken).forceApprove(old_, 0);
        if (inbox_ == address(0)) return;

        gateway.bridges[IERC20Inbox(inbox_).bridge()] = true;
        IERC20(feeToken).forceApprove(inbox_, type(uint256).max);
    }

    /// @inheritdoc ISettlementGateway
    function updatePauseStatus() external {
        SettlementGatewayStorage storage gateway = _getSettlementGatewayStorage();
        bool paused_ = RegistryParameters.getBool(parameterRegistry, pausedParameterKey());

        if (paused_ == gateway.paused) revert NoChange();
        gateway.paused = paused_;

        emit PauseStatusUpdated(paused_);
    }

    /// @inheritdoc ISettlementGateway
    function recoverTokens() external returns (uint256 amount_) {
        address recipient_ = RegistryParameters.getAddress(parameterRegistry, strayTokensRecipientParameterKey());
        if (recipient_ == address(0)) revert ZeroRecipient();

        amount_ = IERC20(feeToken).balanceOf(address(this));
        if (amount_ == 0) revert ZeroBalance();

        emit TokensRecovered(recipient_, amount_);

        IERC20(feeToken).safeTransfer(recipient_, amount_);
    }

    // Views

    /// @inheritdoc ISettlementGateway
    function calculateMaxDepositFee(
        uint256 chainId_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_,
        uint256 maxBaseFee_
    ) external view returns (uint256 fees_) {
        return
            InboxCalls.submissionFee(_getInbox(chainId_), InboxCalls.RECEIVE_DEPOSIT_LENGTH, maxBaseFee_) +
            maxFeePerGas_ * gasLimit_;
    }

    /// @inheritdoc ISettlementGateway
    function calculateMinimumDeposit(
        uint256 chainId_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_
    ) external view returns (uint256 amount_) {
        uint256 fees_ =
            InboxCalls.submissionFee(_getInbox(chainId_), InboxCalls.RECEIVE_DEPOSIT_LENGTH, block.basefee) +
                maxFeePerGas_ * gasLimit_;

        return Math.max(1, Math.ceilDiv(fees_, _unit));
    }

    /// @inheritdoc ISettlementGateway
    function getInbox(uint256 chainId_) external view returns (address inbox_) {
        return _getSettlementGatewayStorage().inboxes[chainId_];
    }

    /// @inheritdoc ISettlementGateway
    function appChainAlias() public view returns (address alias_) {
        return AddressAlias.toAlias(address(this));
    }

    /// @inheritdoc ISettlementGateway
    function nonce() external view returns (uint64 nonce_) {
        return _getSettlementGatewayStorage().nonce;
    }

    /// @inheritdoc ISettlementGateway
    function paused() external view returns (bool paused_) {
        return _getSettlementGatewayStorage().paused;
    }

    /// @inheritdoc ISettlementGateway
    function inboxParameterKey() public pure returns (string memory key_) {
        return "xmtp.settlementChainGateway.inbox";
    }

    /// @inheritdoc ISettlementGateway
    function pausedParameterKey() public pure returns (string memory key_) {
        return "xmtp.settlementChainGateway.paused";
    }

    /// @inheritdoc ISettlementGateway
    function strayTokensRecipientParameterKey() public pure returns (string memory key_) {
        return "xmtp.settlementChainGateway.strayTokensRecipient";
    }

    /// @inheritdoc IParameterConsumer
    function migratorParameterKey()
        public
        pure
        override(IParameterConsumer, ParameterConsumer)
        returns (string memory key_)
    {
        return "xmtp.settlementChainGateway.migrator";
    }

    /// @inheritdoc IVersioned
    function version() external pure returns (string memory version_) {
        return "1.0.0";
    }

    /// @inheritdoc IVersioned
    function contractName() external pure returns (string memory contractName_) {
        return "SettlementChainGateway";
    }

    // Taking tokens

    function _take(uint256 amount_) private {
        IERC20(feeToken).safeTransferFrom(msg.sender, address(this), amount_);
    }

    /// @dev The underlying tokens go to the fee token at once, not through here: one transfer instead of two.
    function _takeUnderlying(uint256 amount_) private {
        if (!IERC20(_underlying).trySafeTransferFrom(msg.sender, feeToken, amount_)) revert TransferFromFailed();

        _takeReceived(amount_);
    }

    function _takeReceived(uint256 amount_) private {
        IFeeToken(feeToken).depositReceived(address(this), amount_);
    }

    /// @dev They are here.
    // solhint-disable-next-line no-empty-blocks
    function _takeNothing(uint256 amount_) private {}

    /// @dev A permit that was used already has done its work, and one that is wrong does none: the allowance tells.
    function _permit(address token_, uint256 amount_, uint256 deadline_, uint8 v_, bytes32 r_, bytes32 s_) private {
        // solhint-disable-next-line no-empty-blocks
        try IERC20Permit(token_).permit(msg.sender, address(this), amount_, deadline_, v_, r_, s_) {} catch {}
    }

    // Sending messages

    function _createTicket(Ticket memory ticket_) private returns (uint256 messageNumber_) {
        return
            IERC20Inbox(ticket_.inbox).createRetryableTicket(
                appChainGateway,
                ticket_.callValue,
                ticket_.maxSubmissionCost,
                ticket_.excessFeeRefundAddress,
                ticket_.callValueRefundAddress,
                ticket_.gasLimit,
                ticket_.maxFeePerGas,
                ticket_.amount,
                ticket_.data
            );
    }

    function _getInbox(uint256 chainId_) private view returns (address inbox_) {
        inbox_ = _getSettlementGatewayStorage().inboxes[chainId_];
        if (inbox_ == address(0)) revert UnsupportedChainId(chainId_);
    }

    /// @dev What an amount leaves when the costs are paid; both in wei of the appchain.
    function _less(uint256 appChainAmount_, uint256 costs_) private pure returns (uint256 left_) {
        if (appChainAmount_ < costs_) revert InsufficientAmount(appChainAmount_, costs_);

        unchecked {
            return appChainAmount_ - costs_;
        }
    }

    function _getSettlementGatewayStorage() private pure returns (SettlementGatewayStorage storage gateway) {
        assembly ("memory-safe") {
            gateway.slot := SETTLEMENT_GATEWAY_STORAGE_LOCATION
        }
    }
}
