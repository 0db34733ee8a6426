// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC721 } from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import { Panic } from "@openzeppelin/contracts/utils/Panic.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import { IParameterConsumer } from "../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../common/interfaces/IVersioned.sol";
import { IFeeToken } from "./interfaces/IFeeToken.sol";
import { IPayerReports } from "./interfaces/IPayerReports.sol";
import { IPayers } from "./interfaces/IPayers.sol";
import { IRewards } from "./interfaces/IRewards.sol";

import { CalldataLists } from "../common/CalldataLists.sol";
import { RegistryParameters } from "../common/RegistryParameters.sol";
import { Settlement } from "./Settlement.sol";

import { ParameterConsumer } from "../common/ParameterConsumer.sol";

/**
 * @title  The rewards of nodes and protocol.
 * @dev    Claims are bits, 256 reports of an originator in a word: claiming many reports writes one word.
 */
contract Rewards is IRewards, ParameterConsumer {
    using CalldataLists for uint32[];
    using CalldataLists for uint256[];
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:xmtp.storage.DistributionManager
    struct RewardsStorage {
        // slot 0
        address protocolFeesRecipient;
        uint96 owedProtocolFees;
        // slot 1
        uint96 totalOwedFees;
        bool paused;
        // slot 2
        mapping(uint32 nodeId => uint96 owedFees) owedFees;
        // slot 3: by originator and index / 256; node 0 stands for the protocol
        mapping(uint32 nodeId => mapping(uint32 originatorNodeId => mapping(uint256 word => uint256 bits))) claims;
    }

    /// @dev A word of `claims` while its bits are being set.
    struct ClaimsWord {
        // the originator in the upper 32 bits, and the number of the word
        uint256 key;
        bytes32 slot;
        uint256 bits;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("xmtp.storage.DistributionManager")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant REWARDS_STORAGE_LOCATION =
        0xecaf10aa029fa936ea42e5f15011e2f38c8598ffef434459a36a3d154fde2a00;

    /// @dev All, in basis points.
    uint256 private constant _ONE_HUNDRED_PERCENT = 10_000;

    /// @dev One bit each.
    uint256 private constant _REPORTS_A_WORD = 256;

    /// @dev The key of no word of `claims`: none has been read.
    uint256 private constant _NO_WORD = type(uint256).max;

    /// @dev No node has this id.
    uint32 private constant _PROTOCOL = 0;

    /// @inheritdoc IRewards
    address public immutable nodeRegistry;

    /// @inheritdoc IRewards
    address public immutable payerReportManager;

    /// @inheritdoc IRewards
    address public immutable payerRegistry;

    /// @inheritdoc IRewards
    address public immutable feeToken;

    constructor(
        address parameterRegistry_,
        address nodeRegistry_,
        address payerReportManager_,
        address payerRegistry_,
        address feeToken_
    ) ParameterConsumer(parameterRegistry_) {
        if (nodeRegistry_ == address(0)) revert ZeroNodeRegistry();
        if (payerReportManager_ == address(0)) revert ZeroPayerReportManager();
        if (payerRegistry_ == address(0)) revert ZeroPayerRegistry();
        if (feeToken_ == address(0)) revert ZeroFeeToken();

        nodeRegistry = nodeRegistry_;
        payerReportManager = payerReportManager_;
        payerRegistry = payerRegistry_;
        feeToken = feeToken_;
    }

    // Claims

    /// @inheritdoc IRewards
    function claim(
        uint32 nodeId_,
        uint32[] calldata originatorNodeIds_,
        uint256[] calldata payerReportIndices_
    ) external returns (uint96 claimed_) {
        RewardsStorage storage rewards = _getRewardsStorage();

        if (rewards.paused) revert Paused();
        _checkNodeOwner(nodeId_);

        claimed_ = _claim(nodeId_, originatorNodeIds_, payerReportIndices_);

        rewards.owedFees[nodeId_] += claimed_;
        rewards.totalOwedFees += claimed_;
    }

    /// @inheritdoc IRewards
    function claimProtocolFees(
        uint32[] calldata originatorNodeIds_,
        uint256[] calldata payerReportIndices_
    ) external returns (uint96 claimed_) {
        RewardsStorage storage rewards = _getRewardsStorage();

        if (rewards.paused) revert Paused();

        claimed_ = _claim(_PROTOCOL, originatorNodeIds_, payerReportIndices_);

        rewards.owedProtocolFees += claimed_;
    }

    /// @dev Sets the bit of each report, and returns what the node, or the protocol, gets of them all.
    function _claim(
        uint32 nodeId_,
        uint32[] calldata originatorNodeIds_,
        uint256[] calldata payerReportIndices_
    ) private returns (uint96 claimed_) {
        // It refuses lists of different lengths, and reports that there are not.
        Settlement[] memory settlements_ = _getSettlements(nodeId_, originatorNodeIds_, payerReportIndices_);

        ClaimsWord memory word_ = ClaimsWord({ key: _NO_WORD, slot: 0, bits: 0 });

        uint256 sum_;

        unchecked {
            for (uint256 index_; index_ < settlements_.length; ++index_) {
                // Both lists are as long as the settlements, and the ids have 32 bits.
                uint256 originatorNodeId_ = originatorNodeIds_.item(index_);
                uint256 payerReportIndex_ = payerReportIndices_.item(index_);

                _markClaimed(word_, nodeId_, originatorNodeId_, payerReportIndex_);
                sum_ += _book(nodeId_, originatorNodeId_, payerReportIndex_, settlements_[index_]);
            }
        }

        _write(word_);

        // The sum has not overflowed: there are not that many 96-bit numbers.
        if (sum_ > type(uint96).max) Panic.panic(Panic.UNDER_OVERFLOW);

        return uint96(sum_);
    }

    /**
     * @dev Calls `getSettlements`. Assembly because Solidity copies and checks both lists element by element, on the way
     *      there and back; lists have the same words in calldata, in the ABI and in memory, so they are copied at once. The
     *      contract that is called checks them.
     */
    function _getSettlements(
        uint32 nodeId_,
        uint32[] calldata originatorNodeIds_,
        uint256[] calldata payerReportIndices_
    ) private view returns (Settlement[] memory settlements_) {
        address payerReportManager_ = payerReportManager;
        bytes32 selector_ = IPayerReports.getSettlements.selector;

        assembly ("memory-safe") {
            let callData_ := mload(0x40)
            // Each list with its length, which stands in front of it.
            let originatorsSize_ := add(shl(5, originatorNodeIds_.length), 0x20)
            let indicesSize_ := add(shl(5, payerReportIndices_.length), 0x20)
            let lists_ := add(callData_, 0x64)

            mstore(callData_, selector_)
            mstore(add(callData_, 0x04), nodeId_)
            mstore(add(callData_, 0x24), 0x60)
            mstore(add(callData_, 0x44), add(originatorsSize_, 0x60))
            calldatacopy(lists_, sub(originatorNodeIds_.offset, 0x20), originatorsSize_)
            calldatacopy(add(lists_, originatorsSize_), sub(payerReportIndices_.offset, 0x20), indicesSize_)

            let size_ := add(add(originatorsSize_, indicesSize_), 0x64)

            if iszero(staticcall(gas(), payerReportManager_, callData_, size_, 0x00, 0x00)) {
                returndatacopy(callData_, 0, returndatasize())
                revert(callData_, returndatasize())
            }

            // The lists are equally long, and so is the answer, which comes behind an offset and its length.
            if lt(returndatasize(), add(originatorsSize_, 0x20)) {
                revert(0, 0)
            }

            settlements_ := callData_
            returndatacopy(settlements_, 0x20, originatorsSize_)
            mstore(0x40, add(settlements_, originatorsSize_))
        }
    }

    /// @dev Reports of an originator in a row share a word, which is read when the row begins and written when it ends.
    function _markClaimed(
        ClaimsWord memory word_,
        uint256 nodeId_,
        uint256 originatorNodeId_,
        uint256 payerReportIndex_
    ) private {
        // No index of a report has the upper 32 bits.
        uint256 key_ = (originatorNodeId_ << 224) | (payerReportIndex_ / _REPORTS_A_WORD);

        if (key_ != word_.key) {
            _write(word_);

            word_.key = key_;
            // The casts are safe: these are ids.
            word_.slot = _claimsSlot(uint32(nodeId_), uint32(originatorNodeId_), payerReportIndex_);
            word_.bits = _load(word_.slot);
        }

        uint256 bits_ = word_.bits;
        uint256 newBits_ = bits_ | (1 << (payerReportIndex_ % _REPORTS_A_WORD));

        if (newBits_ == bits_) revert AlreadyClaimed(uint32(originatorNodeId_), payerReportIndex_);

        word_.bits = newBits_;
    }

    /// @dev Stores the bits, if any were read: no word is in slot 0.
    function _write(ClaimsWord memory word_) private {
        if (word_.slot != 0) _store(word_.slot, word_.bits);
    }

    /**
     * @dev What the node, or the protocol, gets of one report. The casts are safe: these are ids. Assembly because Solidity
     *      cleans and encodes for an event what is clean and one word.
     */
    function _book(
        uint256 nodeId_,
        uint256 originatorNodeId_,
        uint256 payerReportIndex_,
        Settlement settlement_
    ) private returns (uint256 amount_) {
        if (!settlement_.isSettled()) revert PayerReportNotSettled(uint32(originatorNodeId_), payerReportIndex_);

        (uint256 share_, uint256 protocol_) = _split(settlement_);

        if (nodeId_ == _PROTOCOL) {
            bytes32 protocolTopic_ = ProtocolFeesClaim.selector;

            assembly ("memory-safe") {
                mstore(0x00, protocol_)
                log3(0x00, 0x20, protocolTopic_, originatorNodeId_, payerReportIndex_)
            }

            return protocol_;
        }

        if (!settlement_.namesNode()) revert NotInPayerReport(uint32(originatorNodeId_), payerReportIndex_);

        bytes32 topic_ = Claim.selector;

        assembly ("memory-safe") {
            mstore(0x00, share_)
            log4(0x00, 0x20, topic_, nodeId_, originatorNodeId_, payerReportIndex_)
        }

        return share_;
    }

    /// @dev What each node and the protocol get; nothing is lost: the protocol gets what the divisions leave over.
    function _split(Settlement settlement_) private pure returns (uint256 share_, uint256 protocol_) {
        // The rate is at most 100 %, the share at most all: nothing wraps, and both fit into 96 bits.
        unchecked {
            uint256 fees_ = settlement_.feesSettled();
            uint256 nodeCount_ = settlement_.nodeCount();
            if (nodeCount_ == 0) return (0, fees_);

            uint256 pool_ = (fees_ * (_ONE_HUNDRED_PERCENT - settlement_.protocolFeeRate())) / _ONE_HUNDRED_PERCENT;
            share_ = pool_ / nodeCount_;

            return (share_, fees_ - share_ * nodeCount_);
        }
    }

    // Withdrawals

    /// @inheritdoc IRewards
    function withdraw(uint32 nodeId_, address recipient_) external returns (uint96 withdrawn_) {
        withdrawn_ = _withdraw(nodeId_, recipient_);

        IERC20(feeToken).safeTransfer(recipient_, withdrawn_);
    }

    /// @inheritdoc IRewards
    function withdrawIntoUnderlying(uint32 nodeId_, address recipient_) external returns (uint96 withdrawn_) {
        withdrawn_ = _withdraw(nodeId_, recipient_);

        IFeeToken(feeToken).withdrawTo(recipient_, withdrawn_);
    }

    /// @inheritdoc IRewards
    function withdrawProtocolFees() external returns (uint96 withdrawn_) {
        address recipient_;
        (withdrawn_, recipient_) = _withdrawProtocolFees();

        IERC20(feeToken).safeTransfer(recipient_, withdrawn_);
    }

    /// @inheritdoc IRewards
    function withdrawProtocolFeesIntoUnderlying() external returns (uint96 withdrawn_) {
        address recipient_;
        (withdrawn_, recipient_) = _withdrawProtocolFees();

        IFeeToken(feeToken).withdrawTo(recipient_, withdrawn_);
    }

    /// @dev All but the payment.
    function _withdraw(uint32 nodeId_, address recipient_) private returns (uint96 withdrawn_) {
        RewardsStorage storage rewards = _getRewardsStorage();

        if (rewards.paused) revert Paused();
        if (recipient_ == address(0)) revert ZeroRecipient();
        _checkNodeOwner(nodeId_);

        uint96 owed_ = rewards.owedFees[nodeId_];
        withdrawn_ = _payable(owed_);

        // What is paid is owed, to this node and so to all.
        unchecked {
            rewards.owedFees[nodeId_] = owed_ - withdrawn_;
            rewards.totalOwedFees -= withdrawn_;
        }

        emit Withdrawal(nodeId_, withdrawn_);
    }

    /// @dev All but the payment.
    function _withdrawProtocolFees() private returns (uint96 withdrawn_, address recipient_) {
        RewardsStorage storage rewards = _getRewardsStorage();

        if (rewards.paused) revert Paused();

        recipient_ = rewards.protocolFeesRecipient;
        if (recipient_ == address(0)) revert ZeroProtocolFeeRecipient();

        uint96 owed_ = rewards.owedProtocolFees;
        withdrawn_ = _payable(owed_);

        // What is paid is owed.
        unchecked {
            rewards.owedProtocolFees = owed_ - withdrawn_;
        }

        emit ProtocolFeesWithdrawal(withdrawn_);
    }

    /// @dev How much of what is owed can be paid now; fetches the escrow's excess if the tokens here are too few.
    function _payable(uint96 owed_) private returns (uint96 payable_) {
        if (owed_ == 0) revert NoFeesOwed();

        uint256 available_ = IERC20(feeToken).balanceOf(address(this));

        if (owed_ > available_) {
            try IPayers(payerRegistry).sendExcessToFeeDistributor() returns (uint96 excess_) {
                available_ += excess_;
            } catch (bytes memory reason_) {
                if (bytes4(reason_) != IPayers.NoExcess.selector) _revertWith(reason_);
            }
        }

        if (available_ == 0) revert ZeroAvailableBalance();

        // The cast is safe: less than what is owed.
        return available_ < owed_ ? uint96(available_) : owed_;
    }

    function _revertWith(bytes memory reason_) private pure {
        assembly ("memory-safe") {
            revert(add(reason_, 0x20), mload(reason_))
        }
    }

    function _checkNodeOwner(uint32 nodeId_) private view {
        if (IERC721(nodeRegistry).ownerOf(nodeId_) != msg.sender) revert NotNodeOwner();
    }

    // Settings

    /// @inheritdoc IRewards
    function updatePauseStatus() external {
        if (!_applyPauseStatus(RegistryParameters.getBool(parameterRegistry, pausedParameterKey()))) revert NoChange();
    }

    /// @inheritdoc IRewards
    function updateProtocolFeesRecipient() external {
        address recipient_ = RegistryParameters.getAddress(parameterRegistry, protocolFeesRecipientParameterKey());

        if (!_applyProtocolFeesRecipient(recipient_)) revert NoChange();
    }

    /// @inheritdoc IRewards
    function updateAll() external {
        string[] memory keys_ = new string[](2);
        keys_[0] = pausedParameterKey();
        keys_[1] = protocolFeesRecipientParameterKey();

        bytes32[] memory values_ = RegistryParameters.getParameters(parameterRegistry, keys_);

        _applyPauseStatus(RegistryParameters.toBool(values_[0]));
        _applyProtocolFeesRecipient(RegistryParameters.toAddress(values_[1]));
    }

    function _applyPauseStatus(bool paused_) private returns (bool changed_) {
        RewardsStorage storage rewards = _getRewardsStorage();

        if (paused_ == rewards.paused) return false;

        rewards.paused = paused_;

        emit PauseStatusUpdated(paused_);

        return true;
    }

    function _applyProtocolFeesRecipient(address recipient_) private returns (bool changed_) {
        RewardsStorage storage rewards = _getRewardsStorage();

        if (recipient_ == rewards.protocolFeesRecipient) return false;

        rewards.protocolFeesRecipient = recipient_;

        emit ProtocolFeesRecipientUpdated(recipient_);

        return true;
    }

    // Getters

    /// @inheritdoc IRewards
    function protocolFeesRecipient() external view returns (address protocolFeesRecipient_) {
        return _getRewardsStorage().protocolFeesRecipient;
    }

    /// @inheritdoc IRewards
    function owedProtocolFees() external view returns (uint96 owedProtocolFees_) {
        return _getRewardsStorage().owedProtocolFees;
    }

    /// @inheritdoc IRewards
    function totalOwedFees() external view returns (uint96 totalOwedFees_) {
        return _getRewardsStorage().totalOwedFees;
    }

    /// @inheritdoc IRewards
    function paused() external view returns (bool paused_) {
        return _getRewardsStorage().paused;
    }

    /// @inheritdoc IRewards
    function getOwedFees(uint32 nodeId_) external view returns (uint96 owedFees_) {
        return _getRewardsStorage().owedFees[nodeId_];
    }

    /// @inheritdoc IRewards
    function areProtocolFeesClaimed(
        uint32 originatorNodeId_,
        uint256 payerReportIndex_
    ) external view returns (bool areClaimed_) {
        return _isClaimed(_PROTOCOL, originatorNodeId_, payerReportIndex_);
    }

    /// @inheritdoc IRewards
    function areFeesClaimed(
        uint32 nodeId_,
        uint32 originatorNodeId_,
        uint256 payerReportIndex_
    ) external view returns (bool hasClaimed_) {
        // No node has the id of the protocol, which is nobody's claim here.
        return nodeId_ != _PROTOCOL && _isClaimed(nodeId_, originatorNodeId_, payerReportIndex_);
    }

    /// @inheritdoc IRewards
    function pausedParameterKey() public pure returns (string memory key_) {
        return "xmtp.distributionManager.paused";
    }

    /// @inheritdoc IRewards
    function protocolFeesRecipientParameterKey() public pure returns (string memory key_) {
        return "xmtp.distributionManager.protocolFeesRecipient";
    }

    /// @inheritdoc IParameterConsumer
    function migratorParameterKey()
        public
        pure
        override(IParameterConsumer, ParameterConsumer)
        returns (string memory key_)
    {
        return "xmtp.distributionManager.migrator";
    }

    /// @inheritdoc IVersioned
    function version() external pure returns (string memory version_) {
        return "1.0.2";
    }

    /// @inheritdoc IVersioned
    function contractName() external pure returns (string memory contractName_) {
        return "DistributionManager";
    }

    function _isClaimed(
        uint32 nodeId_,
        uint32 originatorNodeId_,
        uint256 payerReportIndex_
    ) private view returns (bool isClaimed_) {
        uint256 bits_ = _load(_claimsSlot(nodeId_, originatorNodeId_, payerReportIndex_));

        return (bits_ >> (payerReportIndex_ % _REPORTS_A_WORD)) & 1 != 0;
    }

    /// @dev The slot of `RewardsStorage.claims[nodeId_][originatorNodeId_][payerReportIndex_ / 256]`.
    function _claimsSlot(
        uint32 nodeId_,
        uint32 originatorNodeId_,
        uint256 payerReportIndex_
    ) private view returns (bytes32 slot_) {
        mapping(uint256 word => uint256 bits) storage words = _getRewardsStorage().claims[nodeId_][originatorNodeId_];

        assembly ("memory-safe") {
            mstore(0x00, shr(8, payerReportIndex_))
            mstore(0x20, words.slot)
            slot_ := keccak256(0x00, 0x40)
        }
    }

    function _load(bytes32 slot_) private view returns (uint256 bits_) {
        assembly ("memory-safe") {
            bits_ := sload(slot_)
        }
    }

    function _store(bytes32 slot_, uint256 bits_) private {
        assembly ("memory-safe") {
            sstore(slot_, bits_)
        }
    }

    function _getRewardsStorage() private pure returns (RewardsStorage storage rewards) {
        assembly ("memory-safe") {
            rewards.slot := REWARDS_STORAGE_LOCATION
        }
    }
}
