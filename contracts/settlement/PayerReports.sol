// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { Arrays } from "@openzeppelin/contracts/utils/Arrays.sol";

import { IParameterConsumer } from "../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../common/interfaces/IVersioned.sol";
import { INodes } from "./interfaces/INodes.sol";
import { IPayerReports } from "./interfaces/IPayerReports.sol";
import { IPayers } from "./interfaces/IPayers.sol";

import { CalldataLists } from "../common/CalldataLists.sol";
import { RegistryParameters } from "../common/RegistryParameters.sol";
import { Signatures } from "../common/Signatures.sol";
import { TypedData } from "../common/TypedData.sol";
import { NodeCalls } from "./NodeCalls.sol";
import { NodeSet } from "./NodeSet.sol";
import { ReportState, ReportStateLibrary } from "./ReportState.sol";
import { SequentialMerkleProofs } from "./SequentialMerkleProofs.sol";
import { Settlement, SettlementLibrary } from "./Settlement.sol";

import { ParameterConsumer } from "../common/ParameterConsumer.sol";

/**
 * @title  The reports of what payers owe, and their settlement.
 * @notice Everything is decided by signatures and proofs: anyone may call anything. The node registry is trusted to say
 *         who is canonical, the escrow to charge what it is told and nothing else.
 * @dev    A report takes two words. Where it begins is the end of the one before; its nodes, nearly always those of the
 *         one before, are kept once for all reports that name them.
 */
contract PayerReports is IPayerReports, ParameterConsumer {
    using CalldataLists for uint256[];

    /// @dev A report; its number is its place in the mapping below.
    struct StoredReport {
        // slot 0
        ReportState state;
        // slot 1
        bytes32 payersMerkleRoot;
    }

    /// @dev What one originator's reports are.
    struct Originator {
        // slot 0; the end is that of the last report
        uint64 lastEndSequenceId;
        uint192 reportCount;
        // slot 1
        mapping(uint256 payerReportIndex => StoredReport report) reports;
    }

    /// @custom:storage-location erc7201:xmtp.storage.PayerReportManager
    struct PayerReportsStorage {
        // slot 0: what every submission reads. The hash is the lower part of that of the newest set: enough of it, as no
        // two sets whose hashes agree in 208 bits can be found.
        uint16 protocolFeeRate;
        uint32 nodeSetCount;
        uint208 newestIdsHash;
        // slot 1
        mapping(uint32 originatorNodeId => Originator originator) originators;
        // slot 2: by number, counted from 1
        mapping(uint256 number => NodeSet nodeSet) nodeSets;
    }

    /// @dev What is signed. In memory a struct is a row of words, and so this one is what EIP-712 hashes.
    struct SignedReport {
        bytes32 typeHash;
        uint32 originatorNodeId;
        uint64 startSequenceId;
        uint64 endSequenceId;
        uint32 endMinuteSinceEpoch;
        bytes32 payersMerkleRoot;
        bytes32 nodeIdsHash;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("xmtp.storage.PayerReportManager")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant PAYER_REPORTS_STORAGE_LOCATION =
        0x26b057ee8e4d60685198828fdf1c618ab8e36b0ab85f54a47b18319f6f718e00;

    // The string is in no code: the compiler hashes it.
    // solhint-disable gas-small-strings
    /// @inheritdoc IPayerReports
    bytes32 public constant PAYER_REPORT_TYPEHASH = keccak256(
        "PayerReport(uint32 originatorNodeId,uint64 startSequenceId,uint64 endSequenceId,uint32 endMinuteSinceEpoch,bytes32 payersMerkleRoot,uint32[] nodeIds)"
    );
    // solhint-enable gas-small-strings

    /// @inheritdoc IPayerReports
    uint16 public constant ONE_HUNDRED_PERCENT = 10_000;

    /// @dev The name of the EIP-712 domain.
    string private constant _DOMAIN_NAME = "PayerReportManager";

    /// @dev The size of a `SignedReport` in memory.
    uint256 private constant _SIGNED_REPORT_SIZE = 7 * 32;

    uint256 private constant _PICODOLLARS_PER_MICRODOLLAR = 1_000_000;

    /// @inheritdoc IPayerReports
    address public immutable nodeRegistry;

    /// @inheritdoc IPayerReports
    address public immutable payerRegistry;

    constructor(
        address parameterRegistry_,
        address nodeRegistry_,
        address payerRegistry_
    ) ParameterConsumer(parameterRegistry_) {
        if (nodeRegistry_ == address(0)) revert ZeroNodeRegistry();
        if (payerRegistry_ == address(0)) revert ZeroPayerRegistry();

        nodeRegistry = nodeRegistry_;
        payerRegistry = payerRegistry_;
    }

    // Submission

    /// @inheritdoc IPayerReports
    function submit(
        uint32 originatorNodeId_,
        uint64 startSequenceId_,
        uint64 endSequenceId_,
        uint32 endMinuteSinceEpoch_,
        bytes32 payersMerkleRoot_,
        uint32[] calldata nodeIds_,
        PayerReportSignature[] calldata signatures_
    ) external returns (uint256 payerReportIndex_) {
        return
            _submit(
                SignedReport({
                    typeHash: PAYER_REPORT_TYPEHASH,
                    originatorNodeId: originatorNodeId_,
                    startSequenceId: startSequenceId_,
                    endSequenceId: endSequenceId_,
                    endMinuteSinceEpoch: endMinuteSinceEpoch_,
                    payersMerkleRoot: payersMerkleRoot_,
                    nodeIdsHash: NodeCalls.hash(nodeIds_)
                }),
                nodeIds_,
                signatures_
            );
    }

    function _submit(
        SignedReport memory report_,
        uint32[] calldata nodeIds_,
        PayerReportSignature[] calldata signatures_
    ) private returns (uint256 payerReportIndex_) {
        _checkSequenceIds(report_);
        _checkNodeIds(nodeIds_);
        uint32[] memory signingNodeIds_ = _checkSignatures(_digest(report_), nodeIds_.length, signatures_);

        payerReportIndex_ = _append(report_, _nodeSetOf(nodeIds_, report_.nodeIdsHash));

        _emitSubmitted(report_, payerReportIndex_, nodeIds_, signingNodeIds_);

        if (report_.payersMerkleRoot == 0) {
            emit PayerReportSubsetSettled(report_.originatorNodeId, payerReportIndex_, 0, 0, 0);
        }
    }

    /**
     * @dev A report is the last one again if all that is signed is the same, its end above all. So only a report that ends
     *      where the last one does has to be compared: one without messages, or a repeated one.
     */
    function _checkSequenceIds(SignedReport memory report_) private view {
        Originator storage originator = _getPayerReportsStorage().originators[report_.originatorNodeId];
        uint64 lastEndSequenceId_ = originator.lastEndSequenceId;

        if (report_.endSequenceId == lastEndSequenceId_ && originator.reportCount != 0) {
            bytes32 lastHash_ = _structHash(_load(report_.originatorNodeId, originator.reportCount - 1));

            if (lastHash_ == _structHash(report_)) {
                revert PayerReportAlreadySubmitted(
                    report_.originatorNodeId,
                    report_.startSequenceId,
                    report_.endSequenceId
                );
            }
        }

        if (report_.startSequenceId != lastEndSequenceId_) {
            revert InvalidStartSequenceId(report_.startSequenceId, lastEndSequenceId_);
        }
        if (report_.endSequenceId < report_.startSequenceId) revert InvalidSequenceIds();
    }

    /// @dev The registry says yes or no; only who is refused pays for the reason.
    function _checkNodeIds(uint32[] calldata nodeIds_) private view {
        if (!NodeCalls.isCanonicalSet(nodeRegistry, nodeIds_)) _revertNodeIds(nodeIds_);
    }

    function _revertNodeIds(uint32[] calldata nodeIds_) private view {
        uint32[] memory canonicalNodeIds_ = INodes(nodeRegistry).getCanonicalNodes();
        uint256[] memory expectedIds_ = new uint256[](canonicalNodeIds_.length);

        for (uint256 index_; index_ < expectedIds_.length; ++index_) expectedIds_[index_] = canonicalNodeIds_[index_];

        Arrays.sort(expectedIds_);

        // The casts are safe: neither list is that long, and the ids were 32 bits wide before.
        if (expectedIds_.length != nodeIds_.length) {
            revert NodeIdsLengthMismatch(uint32(expectedIds_.length), uint32(nodeIds_.length));
        }

        // There is no way out at the end, as there is a difference: without one, the registry would contradict itself, and
        // the index run out of bounds.
        for (uint256 index_; ; ++index_) {
            uint32 nodeId_ = nodeIds_[index_];

            if (index_ != 0 && nodeId_ <= nodeIds_[index_ - 1]) revert UnorderedNodeIds();
            if (nodeId_ != expectedIds_[index_]) {
                revert NodeIdAtIndexMismatch(uint32(expectedIds_[index_]), nodeId_, uint32(index_));
            }
        }
    }

    /// @dev Returns the nodes whose signatures count, if they are a majority of that many nodes.
    function _checkSignatures(
        bytes32 digest_,
        uint256 nodeCount_,
        PayerReportSignature[] calldata signatures_
    ) private view returns (uint32[] memory signingNodeIds_) {
        address[] memory signers_;
        (signingNodeIds_, signers_) = _signersOf(signatures_);

        uint256 validCount_;

        unchecked {
            for (uint256 index_; index_ < signers_.length; ++index_) {
                // Zero stands for a node that is not canonical, and for a signature that is none.
                address signer_ = signers_[index_];
                if (signer_ == address(0)) continue;

                (, bytes calldata signature_) = _signatureAt(signatures_, index_);
                if (Signatures.recover(digest_, signature_) != signer_) continue;

                // Over an id that was looked at before, or over itself.
                signingNodeIds_[validCount_] = signingNodeIds_[index_];
                ++validCount_;
            }
        }

        // Both casts are safe: there are at most 255 canonical nodes, and each signs once.
        uint256 requiredCount_ = nodeCount_ / 2 + 1;
        if (validCount_ < requiredCount_) revert InsufficientSignatures(uint8(validCount_), uint8(requiredCount_));

        assembly ("memory-safe") {
            mstore(signingNodeIds_, validCount_)
        }
    }

    /// @dev The nodes that sign, and their signers. The first that is out of order, or that nobody has, decides the error.
    function _signersOf(
        PayerReportSignature[] calldata signatures_
    ) private view returns (uint32[] memory nodeIds_, address[] memory signers_) {
        uint256 count_ = signatures_.length;
        uint256 orderedCount_;
        uint256 previousId_;

        nodeIds_ = new uint32[](count_);

        unchecked {
            for (; orderedCount_ < count_; ++orderedCount_) {
                (uint256 nodeId_, ) = _signatureAt(signatures_, orderedCount_);
                if (nodeId_ <= previousId_ && orderedCount_ != 0) break;

                // The cast is safe: `_signatureAt` has seen to it.
                nodeIds_[orderedCount_] = uint32(nodeId_);
                previousId_ = nodeId_;
            }
        }

        assembly ("memory-safe") {
            mstore(nodeIds_, orderedCount_)
        }

        signers_ = NodeCalls.getCanonicalSigners(nodeRegistry, nodeIds_);

        if (orderedCount_ != count_) revert UnorderedNodeIds();
    }

    /// @dev Reads an element as Solidity does, of which the index must exist, for a quarter of the gas.
    function _signatureAt(
        PayerReportSignature[] calldata signatures_,
        uint256 index_
    ) private pure returns (uint256 nodeId_, bytes calldata signature_) {
        assembly ("memory-safe") {
            let offset_ := calldataload(add(signatures_.offset, shl(5, index_)))
            let element_ := add(signatures_.offset, offset_)
            let innerOffset_ := calldataload(add(element_, 0x20))
            let bytes_ := add(element_, innerOffset_)

            nodeId_ := calldataload(element_)
            signature_.offset := add(bytes_, 0x20)
            signature_.length := calldataload(bytes_)

            // Nothing may lie outside of the calldata. The first terms keep the last from wrapping.
            if or(
                or(shr(64, or(or(offset_, innerOffset_), signature_.length)), shr(32, nodeId_)),
                gt(add(signature_.offset, signature_.length), calldatasize())
            ) {
                revert(0, 0)
            }
        }
    }

    /// @dev The number of the set of these nodes, which is stored unless it is the newest one.
    function _nodeSetOf(uint32[] calldata nodeIds_, bytes32 nodeIdsHash_) private returns (uint256 number_) {
        PayerReportsStorage storage manager = _getPayerReportsStorage();
        number_ = manager.nodeSetCount;

        uint208 hash_ = uint208(uint256(nodeIdsHash_));
        // The hash of the newest set is zero before there is one.
        if (manager.newestIdsHash == hash_) return number_;

        if (number_ == ReportStateLibrary.MAX_NODE_SET) revert TooManyNodeSets();

        unchecked {
            ++number_;
        }

        // The cast is safe by the check of the number.
        manager.nodeSetCount = uint32(number_);
        manager.newestIdsHash = hash_;
        manager.nodeSets[number_].store(nodeIds_, nodeIdsHash_);
    }

    function _append(SignedReport memory report_, uint256 nodeSet_) private returns (uint256 payerReportIndex_) {
        PayerReportsStorage storage manager = _getPayerReportsStorage();
        Originator storage originator = manager.originators[report_.originatorNodeId];
        payerReportIndex_ = originator.reportCount;

        originator.lastEndSequenceId = report_.endSequenceId;
        // The cast is safe: no number of calls reaches its bound.
        originator.reportCount = uint192(payerReportIndex_ + 1);

        StoredReport storage report = originator.reports[payerReportIndex_];
        report.state = ReportStateLibrary.create(
            report_.endSequenceId,
            report_.endMinuteSinceEpoch,
            manager.protocolFeeRate,
            report_.payersMerkleRoot == 0,
            nodeSet_
        );
        report.payersMerkleRoot = report_.payersMerkleRoot;
    }

    /// @dev Emits `PayerReportSubmitted`. Assembly because Solidity's encoder goes through both arrays id by id, though
    ///      either has the words that the event wants.
    function _emitSubmitted(
        SignedReport memory report_,
        uint256 payerReportIndex_,
        uint32[] calldata nodeIds_,
        uint32[] memory signingNodeIds_
    ) private {
        bytes32 topic_ = PayerReportSubmitted.selector;

        assembly ("memory-safe") {
            let data_ := mload(0x40)
            let nodeIdsSize_ := add(shl(5, nodeIds_.length), 0x20)
            let signingNodeIdsSize_ := add(shl(5, mload(signingNodeIds_)), 0x20)

            // startSequenceId, endMinuteSinceEpoch and payersMerkleRoot, the third, fifth and sixth word of the report
            mstore(data_, mload(add(report_, 0x40)))
            mstore(add(data_, 0x20), mload(add(report_, 0x80)))
            mstore(add(data_, 0x40), mload(add(report_, 0xa0)))
            // the arrays: where each begins, then each with its length
            mstore(add(data_, 0x60), 0xa0)
            mstore(add(data_, 0x80), add(nodeIdsSize_, 0xa0))
            calldatacopy(add(data_, 0xa0), sub(nodeIds_.offset, 0x20), nodeIdsSize_)
            mcopy(add(data_, add(nodeIdsSize_, 0xa0)), signingNodeIds_, signingNodeIdsSize_)

            // originatorNodeId and endSequenceId are the second and the fourth word.
            log4(
                data_,
                add(add(nodeIdsSize_, signingNodeIdsSize_), 0xa0),
                topic_,
                mload(add(report_, 0x20)),
                payerReportIndex_,
                mload(add(report_, 0x60))
            )
        }
    }

    // Settlement

    /// @inheritdoc IPayerReports
    function settle(
        uint32 originatorNodeId_,
        uint256 payerReportIndex_,
        bytes[] calldata payerFees_,
        bytes32[] calldata proofElements_
    ) external {
        StoredReport storage report = _getPayerReportsStorage().originators[originatorNodeId_].reports[
            payerReportIndex_
        ];
        ReportState state_ = report.state;

        if (!state_.exists()) revert PayerReportIndexOutOfBounds();
        if (state_.isSettled()) revert PayerReportEntirelySettled();

        SequentialMerkleProofs.verify(report.payersMerkleRoot, state_.offset(), payerFees_, proofElements_);

        uint32 leafCount_ = SequentialMerkleProofs.getLeafCount(proofElements_);
        // The cast is safe, and nothing wraps here or below: the leaves are within the tree.
        uint32 offset_ = state_.offset() + uint32(payerFees_.length);

        // Before the call, so that whoever got in from there would find these leaves settled.
        report.state = state_.withOffset(offset_, offset_ == leafCount_);

        uint96 feesSettled_ = _settleUsage(_digest(_load(originatorNodeId_, payerReportIndex_)), payerFees_);

        state_ = report.state;
        report.state = state_.withFeesSettled(state_.feesSettled() + feesSettled_);

        emit PayerReportSubsetSettled(
            originatorNodeId_,
            payerReportIndex_,
            uint32(payerFees_.length),
            leafCount_ - offset_,
            feesSettled_
        );
    }

    /**
     * @dev Charges the payers of these leaves, which lie within the calldata, as their proof has shown. Writes the calldata
     *      of `settleUsage` straight from the leaves: to decode them into memory and encode them again would cost more than
     *      to prove them. What is after the first 64 bytes of a leaf is ignored.
     */
    function _settleUsage(bytes32 digest_, bytes[] calldata leaves_) private returns (uint96 feesSettled_) {
        address payerRegistry_ = payerRegistry;
        bytes32 selector_ = IPayers.settleUsage.selector;

        assembly ("memory-safe") {
            let callData_ := mload(0x40)
            mstore(callData_, selector_)
            mstore(add(callData_, 0x04), digest_)
            mstore(add(callData_, 0x24), 0x40)
            mstore(add(callData_, 0x44), leaves_.length)

            let to_ := add(callData_, 0x64)
            let from_ := leaves_.offset
            for {
                let end_ := add(to_, shl(6, leaves_.length))
            } lt(to_, end_) {
                to_ := add(to_, 0x40)
                from_ := add(from_, 0x20)
            } {
                let leaf_ := add(leaves_.offset, calldataload(from_))
                let payer_ := calldataload(add(leaf_, 0x20))
                let fee_ := calldataload(add(leaf_, 0x40))

                // Too short, or no address, or no uint96.
                if or(lt(calldataload(leaf_), 0x40), or(shr(160, payer_), shr(96, fee_))) {
                    revert(0, 0)
                }

                mstore(to_, payer_)
                // Rounded up; cannot overflow, as the fee has 96 bits.
                mstore(
                    add(to_, 0x20),
                    div(add(fee_, sub(_PICODOLLARS_PER_MICRODOLLAR, 1)), _PICODOLLARS_PER_MICRODOLLAR)
                )
            }

            if iszero(call(gas(), payerRegistry_, 0, callData_, sub(to_, callData_), 0x00, 0x20)) {
                returndatacopy(callData_, 0, returndatasize())
                revert(callData_, returndatasize())
            }

            feesSettled_ := mload(0x00)

            // An account without code answers nothing.
            if or(lt(returndatasize(), 0x20), shr(96, feesSettled_)) {
                revert(0, 0)
            }
        }
    }

    // Settings

    /// @inheritdoc IPayerReports
    function updateProtocolFeeRate() external {
        if (!_applyProtocolFeeRate()) revert NoChange();
    }

    /// @inheritdoc IPayerReports
    function updateAll() external {
        _applyProtocolFeeRate();
    }

    function _applyProtocolFeeRate() private returns (bool changed_) {
        PayerReportsStorage storage manager = _getPayerReportsStorage();
        uint16 protocolFeeRate_ = RegistryParameters.getUint16(parameterRegistry, protocolFeeRateParameterKey());

        if (protocolFeeRate_ > ONE_HUNDRED_PERCENT) revert InvalidProtocolFeeRate();
        if (protocolFeeRate_ == manager.protocolFeeRate) return false;

        manager.protocolFeeRate = protocolFeeRate_;

        emit ProtocolFeeRateUpdated(protocolFeeRate_);

        return true;
    }

    // Reading reports

    /// @inheritdoc IPayerReports
    function getPayerReport(
        uint32 originatorNodeId_,
        uint256 payerReportIndex_
    ) external view returns (PayerReport memory payerReport_) {
        return _getPayerReport(originatorNodeId_, payerReportIndex_);
    }

    /// @inheritdoc IPayerReports
    function getPayerReports(
        uint32[] calldata originatorNodeIds_,
        uint256[] calldata payerReportIndices_
    ) external view returns (PayerReport[] memory payerReports_) {
        if (originatorNodeIds_.length != payerReportIndices_.length) revert ArrayLengthMismatch();

        payerReports_ = new PayerReport[](originatorNodeIds_.length);

        for (uint256 index_; index_ < payerReports_.length; ++index_) {
            payerReports_[index_] = _getPayerReport(originatorNodeIds_[index_], payerReportIndices_[index_]);
        }
    }

    /// @inheritdoc IPayerReports
    function getSettlements(
        uint32 nodeId_,
        uint32[] calldata originatorNodeIds_,
        uint256[] calldata payerReportIndices_
    ) external view returns (Settlement[] memory settlements_) {
        if (originatorNodeIds_.length != payerReportIndices_.length) revert ArrayLengthMismatch();

        settlements_ = new Settlement[](originatorNodeIds_.length);

        Originator storage originator = _getPayerReportsStorage().originators[0];
        uint256 lastOriginatorNodeId_;

        Settlement nodes_;
        uint256 nodeSet_;

        unchecked {
            for (uint256 index_; index_ < settlements_.length; ++index_) {
                uint32 originatorNodeId_ = originatorNodeIds_[index_];

                // Reports in a row mostly have the same originator, and the same nodes.
                if (originatorNodeId_ != lastOriginatorNodeId_) {
                    lastOriginatorNodeId_ = originatorNodeId_;
                    originator = _getPayerReportsStorage().originators[originatorNodeId_];
                }

                ReportState state_ = originator.reports[payerReportIndices_.item(index_)].state;
                if (!state_.exists()) _revertNoReport(originatorNodeId_);

                if (state_.nodeSet() != nodeSet_) {
                    nodeSet_ = state_.nodeSet();
                    (uint256 nodeCount_, bool namesNode_) = _getPayerReportsStorage().nodeSets[nodeSet_].find(nodeId_);
                    nodes_ = SettlementLibrary.ofNodes(nodeCount_, namesNode_);
                }

                settlements_[index_] = nodes_.withState(state_);
            }
        }

        // In memory the array is as the ABI wants it but for its offset, so it is returned as it is.
        assembly {
            mstore(sub(settlements_, 0x20), 0x20)
            return(sub(settlements_, 0x20), add(shl(5, mload(settlements_)), 0x40))
        }
    }

    /// @inheritdoc IPayerReports
    function getPayerReportCount(uint32 originatorNodeId_) external view returns (uint256 payerReportCount_) {
        return _getPayerReportsStorage().originators[originatorNodeId_].reportCount;
    }

    function _getPayerReport(
        uint32 originatorNodeId_,
        uint256 payerReportIndex_
    ) private view returns (PayerReport memory payerReport_) {
        ReportState state_ = _requireState(originatorNodeId_, payerReportIndex_);
        SignedReport memory report_ = _load(originatorNodeId_, payerReportIndex_);

        return
            PayerReport({
                startSequenceId: report_.startSequenceId,
                endSequenceId: report_.endSequenceId,
                endMinuteSinceEpoch: report_.endMinuteSinceEpoch,
                feesSettled: state_.feesSettled(),
                offset: state_.offset(),
                isSettled: state_.isSettled(),
                protocolFeeRate: state_.protocolFeeRate(),
                payersMerkleRoot: report_.payersMerkleRoot,
                nodeIds: _getPayerReportsStorage().nodeSets[state_.nodeSet()].load()
            });
    }

    function _requireState(
        uint32 originatorNodeId_,
        uint256 payerReportIndex_
    ) private view returns (ReportState state_) {
        state_ = _getPayerReportsStorage().originators[originatorNodeId_].reports[payerReportIndex_].state;

        if (!state_.exists()) _revertNoReport(originatorNodeId_);
    }

    /// @dev Says why a report of this originator is not there.
    function _revertNoReport(uint32 originatorNodeId_) private view {
        if (_getPayerReportsStorage().originators[originatorNodeId_].reportCount == 0) {
            revert NoReportsForOriginator(originatorNodeId_);
        }

        revert PayerReportIndexOutOfBounds();
    }

    /// @dev What was signed of a report, which exists.
    function _load(
        uint32 originatorNodeId_,
        uint256 payerReportIndex_
    ) private view returns (SignedReport memory report_) {
        PayerReportsStorage storage manager = _getPayerReportsStorage();
        Originator storage originator = manager.originators[originatorNodeId_];
        StoredReport storage report = originator.reports[payerReportIndex_];
        ReportState state_ = report.state;

        return
            SignedReport({
                typeHash: PAYER_REPORT_TYPEHASH,
                originatorNodeId: originatorNodeId_,
                startSequenceId: payerReportIndex_ == 0
                    ? 0
                    : originator.reports[payerReportIndex_ - 1].state.endSequenceId(),
                endSequenceId: state_.endSequenceId(),
                endMinuteSinceEpoch: state_.endMinuteSinceEpoch(),
                payersMerkleRoot: report.payersMerkleRoot,
                nodeIdsHash: manager.nodeSets[state_.nodeSet()].idsHash
            });
    }

    // Digests

    /// @inheritdoc IPayerReports
    function getPayerReportDigest(
        uint32 originatorNodeId_,
        uint64 startSequenceId_,
        uint64 endSequenceId_,
        uint32 endMinuteSinceEpoch_,
        bytes32 payersMerkleRoot_,
        uint32[] calldata nodeIds_
    ) external view returns (bytes32 digest_) {
        return
            _digest(
                SignedReport({
                    typeHash: PAYER_REPORT_TYPEHASH,
                    originatorNodeId: originatorNodeId_,
                    startSequenceId: startSequenceId_,
                    endSequenceId: endSequenceId_,
                    endMinuteSinceEpoch: endMinuteSinceEpoch_,
                    payersMerkleRoot: payersMerkleRoot_,
                    nodeIdsHash: keccak256(abi.encode(nodeIds_))
                })
            );
    }

    /// @inheritdoc IPayerReports
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32 domainSeparator_) {
        uint64 initializedVersion_ = _getInitializedVersion();

        // Node software takes zero for a contract that is not ready. The greatest version is that of an implementation.
        if (initializedVersion_ == 0 || initializedVersion_ == type(uint64).max) return 0;

        return _domainSeparator();
    }

    /// @inheritdoc IPayerReports
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields_,
            string memory name_,
            string memory version_,
            uint256 chainId_,
            address verifyingContract_,
            bytes32 salt_,
            uint256[] memory extensions_
        )
    {
        return TypedData.domain(_DOMAIN_NAME);
    }

    function _digest(SignedReport memory report_) private view returns (bytes32 digest_) {
        return MessageHashUtils.toTypedDataHash(_domainSeparator(), _structHash(report_));
    }

    function _structHash(SignedReport memory report_) private pure returns (bytes32 structHash_) {
        assembly ("memory-safe") {
            structHash_ := keccak256(report_, _SIGNED_REPORT_SIZE)
        }
    }

    function _domainSeparator() private view returns (bytes32 domainSeparator_) {
        return TypedData.domainSeparator(keccak256(bytes(_DOMAIN_NAME)));
    }

    // Getters

    /// @inheritdoc IPayerReports
    function protocolFeeRate() external view returns (uint16 protocolFeeRate_) {
        return _getPayerReportsStorage().protocolFeeRate;
    }

    /// @inheritdoc IPayerReports
    function protocolFeeRateParameterKey() public pure returns (string memory key_) {
        return "xmtp.payerReportManager.protocolFeeRate";
    }

    /// @inheritdoc IParameterConsumer
    function migratorParameterKey()
        public
        pure
        override(IParameterConsumer, ParameterConsumer)
        returns (string memory key_)
    {
        return "xmtp.payerReportManager.migrator";
    }

    /// @inheritdoc IVersioned
    function version() external pure returns (string memory version_) {
        return "1.0.1";
    }

    /// @inheritdoc IVersioned
    function contractName() external pure returns (string memory contractName_) {
        return "PayerReportManager";
    }

    function _getPayerReportsStorage() private pure returns (PayerReportsStorage storage manager) {
        assembly ("memory-safe") {
            manager.slot := PAYER_REPORTS_STORAGE_LOCATION
        }
    }
}
