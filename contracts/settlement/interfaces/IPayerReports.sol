// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IMigratable } from "../../common/interfaces/IMigratable.sol";
import { IParameterConsumer } from "../../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../../common/interfaces/IVersioned.sol";
import { ISequentialMerkleProofs } from "./ISequentialMerkleProofs.sol";

import { Settlement } from "../Settlement.sol";

/**
 * @title  The reports of what payers owe, and their settlement.
 * @notice A report says what each payer owes for the messages of one node, the originator, in a range of sequence ids.
 *         It holds the root of a Merkle tree of which each leaf is a payer and a fee. A majority of the canonical nodes
 *         signs it, anyone submits it, and anyone settles it, some leaves at a time, which charges the payers. Reports of
 *         an originator follow one another without gaps; each has an index, counted from 0.
 *
 *         The trust is in the majority: nothing here knows what was really sent, who the originator is or what time it is.
 *
 *         WARNING: a leaf that is not a payer and a fee can never be settled, and its report never be completed. Whoever
 *         signs should have seen all the leaves.
 *
 *         WARNING: the signed digest does not name the signer. Two canonical nodes with the same signing key count as two
 *         with one signature.
 */
interface IPayerReports is IMigratable, IParameterConsumer, IVersioned, ISequentialMerkleProofs {
    /**
     * @notice A report.
     * @param  startSequenceId     Messages with a greater sequence id are covered ...
     * @param  endSequenceId       ... up to this one.
     * @param  endMinuteSinceEpoch The minute of the last message, counted from 1970.
     * @param  feesSettled         What was charged so far, in microdollars.
     * @param  offset              How many leaves are settled.
     * @param  isSettled           Whether all of them are.
     * @param  protocolFeeRate     The protocol's part of the fees, in basis points, as it was at the submission.
     * @param  payersMerkleRoot    Root of the tree of fees; zero when there are none.
     * @param  nodeIds             The nodes that share the rest of the fees: those that were canonical at the submission.
     */
    struct PayerReport {
        uint64 startSequenceId;
        uint64 endSequenceId;
        uint32 endMinuteSinceEpoch;
        uint96 feesSettled;
        uint32 offset;
        bool isSettled;
        uint16 protocolFeeRate;
        bytes32 payersMerkleRoot;
        uint32[] nodeIds;
    }

    /**
     * @notice A node's signature of a report's digest.
     * @param  nodeId    The node.
     * @param  signature Its signature: r, s and v, the last 27 or 28, in 65 bytes; or r and s, with what v says in the
     *                   highest bit of s, in 64 bytes (EIP-2098).
     */
    struct PayerReportSignature {
        uint32 nodeId;
        bytes signature;
    }

    /// @notice Thrown when an implementation is constructed without a node registry.
    error ZeroNodeRegistry();

    /// @notice Thrown when an implementation is constructed without an escrow.
    error ZeroPayerRegistry();

    /// @notice Thrown when a report is the one that was submitted last.
    error PayerReportAlreadySubmitted(uint32 originatorNodeId, uint64 startSequenceId, uint64 endSequenceId);

    /// @notice Thrown when a report does not begin where the one before it ends, which is 0 for the first.
    error InvalidStartSequenceId(uint64 startSequenceId, uint64 lastSequenceId);

    /// @notice Thrown when a report ends before it begins.
    error InvalidSequenceIds();

    /// @notice Thrown when a report names another number of nodes than are canonical.
    error NodeIdsLengthMismatch(uint32 expectedCount, uint32 providedCount);

    /// @notice Thrown when a report names another node than the canonical one that follows by id.
    error NodeIdAtIndexMismatch(uint32 expectedId, uint32 actualId, uint32 index);

    /// @notice Thrown when ids of nodes, in the report or with the signatures, do not ascend.
    error UnorderedNodeIds();

    /// @notice Thrown when fewer valid signatures come with a report than a majority of its nodes.
    error InsufficientSignatures(uint8 validSignatureCount, uint8 requiredSignatureCount);

    /// @notice Thrown when the set of canonical nodes was another one for 2^17 - 1 times, and is so once more.
    error TooManyNodeSets();

    /// @notice Thrown when an originator has no report with this index.
    error PayerReportIndexOutOfBounds();

    /// @notice Thrown when all leaves of a report are settled.
    error PayerReportEntirelySettled();

    /// @notice Never thrown; declared because bindings of the production network know it.
    error PayerFeesLengthTooLong();

    /// @notice Thrown when an originator has no reports at all.
    error NoReportsForOriginator(uint32 originatorNodeId);

    /// @notice Thrown when there are more originators than indices, or fewer.
    error ArrayLengthMismatch();

    /// @notice Thrown when the protocol's part in the registry is above 10,000 basis points.
    error InvalidProtocolFeeRate();

    /// @notice Emitted when a report is submitted; `signingNodeIds` are the nodes whose signatures counted.
    event PayerReportSubmitted(
        uint32 indexed originatorNodeId,
        uint256 indexed payerReportIndex,
        uint64 startSequenceId,
        uint64 indexed endSequenceId,
        uint32 endMinuteSinceEpoch,
        bytes32 payersMerkleRoot,
        uint32[] nodeIds,
        uint32[] signingNodeIds
    );

    /// @notice Emitted when `count` leaves are settled and `remaining` are left, for `feesSettled` microdollars in sum.
    event PayerReportSubsetSettled(
        uint32 indexed originatorNodeId,
        uint256 indexed payerReportIndex,
        uint32 count,
        uint32 remaining,
        uint96 feesSettled
    );

    /// @notice Emitted when the protocol's part changes, for the reports to come.
    event ProtocolFeeRateUpdated(uint16 protocolFeeRate);

    /// @notice Never emitted (ERC-5267): the domain does not change.
    event EIP712DomainChanged();

    /**
     * @notice Submits a report. Callable by anyone. A report without fees, that is, with a zero root, is settled at once.
     * @param  originatorNodeId_    Whose messages are covered. Any number: there are originators that are no nodes.
     * @param  startSequenceId_     Where the originator's last report ends; 0 if there is none.
     * @param  endSequenceId_       Where this one ends; nothing is covered when it is the same.
     * @param  endMinuteSinceEpoch_ The minute of the last message; not checked.
     * @param  payersMerkleRoot_    Root of the tree of fees.
     * @param  nodeIds_             All canonical nodes, by ascending id.
     * @param  signatures_          Signatures of the digest, by ascending id of the node. Those that are not of a canonical
     *                              node, or not valid, do not count.
     * @return payerReportIndex_    The number of reports that the originator had.
     * @dev    Errors in order: `PayerReportAlreadySubmitted`, `InvalidStartSequenceId`, `InvalidSequenceIds`,
     *         `NodeIdsLengthMismatch`; for each id in turn `UnorderedNodeIds`, `NodeIdAtIndexMismatch`; for each signature
     *         in turn `UnorderedNodeIds`, `ERC721NonexistentToken`; `InsufficientSignatures`, `TooManyNodeSets`.
     */
    function submit(
        uint32 originatorNodeId_,
        uint64 startSequenceId_,
        uint64 endSequenceId_,
        uint32 endMinuteSinceEpoch_,
        bytes32 payersMerkleRoot_,
        uint32[] calldata nodeIds_,
        PayerReportSignature[] calldata signatures_
    ) external returns (uint256 payerReportIndex_);

    /**
     * @notice Charges the next payers of a report. Callable by anyone.
     * @param  originatorNodeId_ Whose messages are covered.
     * @param  payerReportIndex_ Index of the report.
     * @param  payerFees_        The leaves that follow on those that are settled, each `abi.encode(address, uint96)`. The
     *                           fee is in picodollars; what is charged is microdollars, rounded up leaf by leaf.
     * @param  proofElements_    Their proof.
     * @dev    Errors in order: `PayerReportIndexOutOfBounds`, `PayerReportEntirelySettled`, `NoProofElements`, `NoLeaves`,
     *         `InvalidProof`, `InvalidBitCount32Input`, Panic 0x32 (words missing), `InvalidProof` (another root), no data
     *         at all for a leaf of another kind, then those of `settleUsage` of the escrow; Panic 0x11 when the sum of the
     *         report passes 2^96 - 1.
     */
    function settle(
        uint32 originatorNodeId_,
        uint256 payerReportIndex_,
        bytes[] calldata payerFees_,
        bytes32[] calldata proofElements_
    ) external;

    /**
     * @notice Applies the protocol's part, for the reports to come. Callable by anyone.
     * @dev    Errors in order: `ParameterOutOfTypeBounds` (uint16), `InvalidProtocolFeeRate`, `NoChange`.
     */
    function updateProtocolFeeRate() external;

    /**
     * @notice Applies whatever differs from the registry, which is the protocol's part at most. Callable by anyone.
     * @dev    Errors as above, but never `NoChange`.
     */
    function updateAll() external;

    /// @notice Hash of the EIP-712 type of a report.
    // solhint-disable-next-line func-name-mixedcase
    function PAYER_REPORT_TYPEHASH() external view returns (bytes32);

    /// @notice All of something, in basis points.
    // solhint-disable-next-line func-name-mixedcase
    function ONE_HUNDRED_PERCENT() external view returns (uint16);

    /// @notice Separator of the EIP-712 domain; zero until the contract is initialised, and on an implementation.
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32 domainSeparator_);

    /// @notice The EIP-712 domain, as ERC-5267 wants it: its first four fields are used.
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
        );

    /// @notice The registry of the nodes that sign, fixed in the implementation's code.
    function nodeRegistry() external view returns (address);

    /// @notice The escrow of the payers, fixed in the implementation's code.
    function payerRegistry() external view returns (address);

    /// @notice The protocol's part of the fees of reports to come, in basis points; zero until it is applied.
    function protocolFeeRate() external view returns (uint16 protocolFeeRate_);

    /**
     * @notice A report.
     * @dev    Errors in order: `NoReportsForOriginator`, `PayerReportIndexOutOfBounds`.
     */
    function getPayerReport(
        uint32 originatorNodeId_,
        uint256 payerReportIndex_
    ) external view returns (PayerReport memory payerReport_);

    /**
     * @notice Several reports.
     * @dev    Errors in order: `ArrayLengthMismatch`, then as above for each in turn.
     */
    function getPayerReports(
        uint32[] calldata originatorNodeIds_,
        uint256[] calldata payerReportIndices_
    ) external view returns (PayerReport[] memory payerReports_);

    /// @notice The number of an originator's reports.
    function getPayerReportCount(uint32 originatorNodeId_) external view returns (uint256 payerReportCount_);

    /**
     * @notice What several reports pay out, a word for each.
     * @param  nodeId_ Which node to look for; 0 for none.
     * @return settlements_ From the low end on: 8 bits, how many nodes share the fees; a bit, whether the node that was
     *         asked for is one of them; from bit 96, 96 bits, the microdollars that were charged so far; from bit 224, 14
     *         bits, the protocol's part in basis points; a bit, whether all fees are settled.
     * @dev    Errors as in `getPayerReports`.
     */
    function getSettlements(
        uint32 nodeId_,
        uint32[] calldata originatorNodeIds_,
        uint256[] calldata payerReportIndices_
    ) external view returns (Settlement[] memory settlements_);

    /**
     * @notice The digest of a report, which its nodes sign as it is. Nothing is checked, and no such report need exist.
     * @dev    WARNING: the ids are hashed as they are ABI-encoded, with offset and length, in the given order. Tools that
     *         sign typed data hash arrays otherwise, so their signatures do not count.
     */
    function getPayerReportDigest(
        uint32 originatorNodeId_,
        uint64 startSequenceId_,
        uint64 endSequenceId_,
        uint32 endMinuteSinceEpoch_,
        bytes32 payersMerkleRoot_,
        uint32[] calldata nodeIds_
    ) external view returns (bytes32 digest_);

    /// @notice Key of the protocol's part (uint16, basis points).
    function protocolFeeRateParameterKey() external pure returns (string memory key_);
}
