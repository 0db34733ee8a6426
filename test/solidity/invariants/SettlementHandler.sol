// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterConsumer } from "../../../contracts/common/interfaces/IParameterConsumer.sol";
import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";
import { IPayerReports } from "../../../contracts/settlement/interfaces/IPayerReports.sol";
import { IPayers } from "../../../contracts/settlement/interfaces/IPayers.sol";
import { IRewards } from "../../../contracts/settlement/interfaces/IRewards.sol";
import { ISequentialMerkleProofs } from "../../../contracts/settlement/interfaces/ISequentialMerkleProofs.sol";
import { Nodes } from "../../../contracts/settlement/Nodes.sol";
import { PayerReports } from "../../../contracts/settlement/PayerReports.sol";
import { Payers } from "../../../contracts/settlement/Payers.sol";
import { Rewards } from "../../../contracts/settlement/Rewards.sol";

import { MoneyBooks } from "./MoneyBooks.sol";
import { NaiveMerkle } from "../utils/NaiveMerkle.sol";

/// @title Uses all contracts of the money together: from the deposit to the payment of who has earned it.
contract SettlementHandler is MoneyBooks {
    enum Operation {
        // The escrow
        Deposit,
        RequestWithdrawal,
        CancelWithdrawal,
        FinalizeWithdrawal,
        FinalizeWithdrawalIntoUnderlying,
        SendExcess,
        Give,
        PauseEscrow,
        // The nodes
        AddNode,
        AddToNetwork,
        RemoveFromNetwork,
        SellNode,
        // The reports
        Submit,
        Settle,
        UpdateProtocolFeeRate,
        UpdateAllOfReports,
        // The rewards
        Claim,
        ClaimProtocolFees,
        Withdraw,
        WithdrawIntoUnderlying,
        WithdrawProtocolFees,
        WithdrawProtocolFeesIntoUnderlying,
        UpdatePauseStatus,
        UpdateProtocolFeesRecipient,
        UpdateAllOfRewards
    }

    /// @notice A report in the books. Its leaves follow from their seed and their number.
    struct Report {
        uint64 start;
        uint64 end;
        uint32 minute;
        uint16 rate;
        bool isSettled;
        uint32 offset;
        bytes32 root;
        uint256 leafSeed;
        uint256 leafCount;
        uint256 fees;
        uint256 claimed;
        uint32[] nodeIds;
    }

    /// @notice What is submitted, or to be submitted.
    struct Draft {
        uint32 originator;
        uint64 start;
        uint64 end;
        uint32 minute;
        bytes32 root;
        uint256 leafSeed;
        uint256 leafCount;
        uint32[] nodeIds;
        IPayerReports.PayerReportSignature[] signatures;
    }

    /// @notice Where a report is.
    struct Place {
        uint32 originator;
        uint256 index;
    }

    struct Node {
        address owner;
        bool isCanonical;
        uint256 key;
        bytes publicKey;
    }

    uint256 private constant _NODE_LIMIT = 6;
    uint256 private constant _FIRST_NODE_KEY = 1;

    /// @dev Stands for the protocol among those who claim.
    uint32 private constant _PROTOCOL = 0;

    Nodes private immutable _nodes;
    PayerReports private immutable _reports;
    Rewards private immutable _rewards;

    // The books: the nodes, in order of their ids, which are 100, 200 and so on.
    Node[] private _nodeBooks;

    // The books: the reports.
    mapping(uint32 originator => Report[] reports) private _reportBooks;
    Place[] private _places;
    uint16 public protocolFeeRate;

    // The books: the rewards, by node; 0 is the protocol.
    mapping(uint32 nodeId => mapping(uint32 originator => mapping(uint256 index => bool isClaimed))) public isClaimed;
    mapping(uint32 nodeId => uint256 amount) public owed;
    mapping(uint32 nodeId => uint256 amount) public paid;
    uint256 public givenToRewards;
    bool public rewardsPaused;
    address public protocolFeesRecipient;

    constructor(
        IParameterRegistry registry_,
        PayerReports reports_,
        Rewards rewards_
    ) MoneyBooks(registry_, Payers(reports_.payerRegistry())) {
        _nodes = Nodes(reports_.nodeRegistry());
        _reports = reports_;
        _rewards = rewards_;
    }

    /// @notice The settings of a network that has just been deployed, and three nodes, two of them in the network.
    function start() external {
        settler = address(_reports);
        feeDistributor = address(_rewards);
        minimumDeposit = 1_000;
        withdrawLockPeriod = 2 days;
        protocolFeeRate = 100;

        _set(_payers.settlerParameterKey(), uint160(settler));
        _set(_payers.feeDistributorParameterKey(), uint160(feeDistributor));
        _set(_payers.minimumDepositParameterKey(), minimumDeposit);
        _set(_payers.withdrawLockPeriodParameterKey(), withdrawLockPeriod);
        _set(_reports.protocolFeeRateParameterKey(), protocolFeeRate);
        _set(_nodes.adminParameterKey(), uint160(address(this)));
        _set(_nodes.maxCanonicalNodesParameterKey(), _NODE_LIMIT);
        _payers.updateAll();
        _reports.updateAll();
        _nodes.updateAll();

        for (uint256 index_; index_ < 3; ++index_) {
            _nodes.addNode(_actors[index_], _publicKey(index_), "https://node");
            _nodeBooks.push(Node(_actors[index_], index_ != 2, _FIRST_NODE_KEY + index_, _publicKey(index_)));
            if (index_ != 2) _nodes.addToNetwork(_idAt(index_));
        }
    }

    function operationCount() public pure override returns (uint256 operationCount_) {
        return uint256(type(Operation).max) + 1;
    }

    function holderAt(uint256 index_) public view override returns (address holder_) {
        if (index_ < ACTOR_COUNT) return _actors[index_];
        if (index_ == ACTOR_COUNT) return address(_payers);
        if (index_ == ACTOR_COUNT + 1) return address(_feeToken);
        return address(_rewards);
    }

    function holderCount() public pure override returns (uint256 holderCount_) {
        return ACTOR_COUNT + 3;
    }

    // What the invariants read

    function nodeCount() public view returns (uint256 nodeCount_) {
        return _nodeBooks.length;
    }

    function placeCount() external view returns (uint256 placeCount_) {
        return _places.length;
    }

    function placeAt(uint256 index_) external view returns (Place memory place_) {
        return _places[index_];
    }

    function reportAt(uint32 originator_, uint256 index_) external view returns (Report memory report_) {
        return _reportBooks[originator_][index_];
    }

    function reportCount(uint32 originator_) public view returns (uint256 reportCount_) {
        return _reportBooks[originator_].length;
    }

    function originatorAt(uint256 index_) public pure returns (uint32 originator_) {
        if (index_ % 3 == 0) return 100;
        // One of them is no node.
        return index_ % 3 == 1 ? 200 : 11;
    }

    /// @notice The sum of what the first leaves of a report charge, in microdollars.
    function feesOfLeaves(uint256 seed_, uint256 count_) external pure returns (uint256 fees_) {
        for (uint256 index_; index_ < count_; ++index_) {
            (, uint256 picodollars_) = _feeAt(seed_, index_);
            fees_ += _microdollars(picodollars_);
        }
    }

    // Operations

    function _operate() internal override {
        Operation operation_ = Operation(_operation);

        _resume();
        _resumeRewards();

        if (operation_ <= Operation.PauseEscrow) _operateEscrow(operation_);
        else if (operation_ <= Operation.SellNode) _operateNodes(operation_);
        else if (operation_ <= Operation.UpdateAllOfReports) _operateReports(operation_);
        else _operateRewards(operation_);

        if (_draw(4) == 0) _now += _draw(2 days);
    }

    function _operateEscrow(Operation operation_) private {
        if (operation_ == Operation.Deposit) _deposit();
        else if (operation_ == Operation.RequestWithdrawal) _requestWithdrawal();
        else if (operation_ == Operation.CancelWithdrawal) _cancelWithdrawal();
        else if (operation_ == Operation.FinalizeWithdrawal) _finalizeWithdrawal(false);
        else if (operation_ == Operation.FinalizeWithdrawalIntoUnderlying) _finalizeWithdrawal(true);
        else if (operation_ == Operation.SendExcess) _sendExcessToFeeDistributor();
        else if (operation_ == Operation.Give) _giveSome();
        else _pauseEscrow();
    }

    function _operateNodes(Operation operation_) private {
        if (operation_ == Operation.AddNode) _addNode();
        else if (operation_ == Operation.AddToNetwork) _addToNetwork();
        else if (operation_ == Operation.RemoveFromNetwork) _removeFromNetwork();
        else _sellNode();
    }

    function _operateReports(Operation operation_) private {
        if (operation_ == Operation.Submit) _submit();
        else if (operation_ == Operation.Settle) _settle();
        else _updateProtocolFeeRate(operation_ == Operation.UpdateAllOfReports);
    }

    function _operateRewards(Operation operation_) private {
        if (operation_ == Operation.Claim) _claim(false);
        else if (operation_ == Operation.ClaimProtocolFees) _claim(true);
        else if (operation_ == Operation.Withdraw) _withdraw(false);
        else if (operation_ == Operation.WithdrawIntoUnderlying) _withdraw(true);
        else if (operation_ == Operation.WithdrawProtocolFees) _withdrawProtocolFees(false);
        else if (operation_ == Operation.WithdrawProtocolFeesIntoUnderlying) _withdrawProtocolFees(true);
        else if (operation_ == Operation.UpdatePauseStatus) _updateRewardsPause();
        else if (operation_ == Operation.UpdateProtocolFeesRecipient) _updateProtocolFeesRecipient();
        else _updateAllOfRewards();
    }

    // The escrow

    /// @dev Tokens that nobody asked for.
    function _giveSome() private {
        address from_ = _someActor();
        address to_ = _draw(2) == 0 ? address(_payers) : address(_rewards);
        uint256 amount_ = _draw(100_000);
        _fund(_feeToken, from_, amount_);
        if (_errs(8)) amount_ = held[_feeToken][from_] + 1;

        (bool success_, ) = _attempt(
            from_,
            address(_feeToken),
            abi.encodeCall(_feeToken.transfer, (to_, amount_)),
            _refusalOfTransfer(from_, amount_)
        );
        if (!success_) return;

        _move(_feeToken, from_, to_, amount_);
        _give(to_, amount_);
    }

    function _pauseEscrow() private {
        bool paused_ = _guided ? true : _draw(3) == 0;
        _set(_payers.pausedParameterKey(), paused_ ? 1 : 0);

        bytes memory refusal_;
        if (paused_ == paused) refusal_ = _noChange();

        (bool success_, ) = _attempt(
            _someActor(),
            address(_payers),
            abi.encodeCall(_payers.updatePauseStatus, ()),
            refusal_
        );
        if (success_) paused = paused_;
    }

    /// @dev There is one from the start.
    // solhint-disable-next-line no-empty-blocks
    function _nameFeeDistributor() internal pure override {}

    function _give(address to_, uint256 amount_) internal override {
        super._give(to_, amount_);
        if (to_ == address(_rewards)) givenToRewards += amount_;
    }

    // The nodes

    function _addNode() private {
        uint256 index_ = _nodeBooks.length;
        address owner_ = _someActor();
        bool isAdmin_ = !_errs(4) && index_ != _NODE_LIMIT;
        bytes memory publicKey_ = _publicKey(index_);

        (bool success_, ) = _attempt(
            isAdmin_ ? address(this) : owner_,
            address(_nodes),
            abi.encodeCall(_nodes.addNode, (owner_, publicKey_, "https://node")),
            isAdmin_ ? bytes("") : abi.encodeWithSignature("NotAdmin()")
        );
        if (success_) _nodeBooks.push(Node(owner_, false, _FIRST_NODE_KEY + index_, publicKey_));
    }

    function _addToNetwork() private {
        uint256 index_ = _draw(_nodeBooks.length + (_guided ? 0 : 1));
        bytes memory refusal_;
        if (index_ == _nodeBooks.length) refusal_ = _unknown(_idAt(index_));

        (bool success_, ) = _attempt(
            address(this),
            address(_nodes),
            abi.encodeCall(_nodes.addToNetwork, (_idAt(index_))),
            refusal_
        );
        if (success_) _nodeBooks[index_].isCanonical = true;
    }

    function _removeFromNetwork() private {
        uint256 index_ = _draw(_nodeBooks.length + (_guided ? 0 : 1));
        bytes memory refusal_;
        if (index_ == _nodeBooks.length) refusal_ = _unknown(_idAt(index_));

        (bool success_, ) = _attempt(
            address(this),
            address(_nodes),
            abi.encodeCall(_nodes.removeFromNetwork, (_idAt(index_))),
            refusal_
        );
        if (success_) _nodeBooks[index_].isCanonical = false;
    }

    function _sellNode() private {
        uint256 index_ = _draw(_nodeBooks.length);
        address owner_ = _nodeBooks[index_].owner;
        address sender_ = _errs(4) ? _someActor() : owner_;
        address to_ = _someActor();

        bytes memory refusal_;
        if (sender_ != owner_) {
            refusal_ = abi.encodeWithSignature(
                "ERC721InsufficientApproval(address,uint256)",
                sender_,
                uint256(_idAt(index_))
            );
        }

        (bool success_, ) = _attempt(
            sender_,
            address(_nodes),
            abi.encodeCall(_nodes.transferFrom, (owner_, to_, _idAt(index_))),
            refusal_
        );
        if (success_) _nodeBooks[index_].owner = to_;
    }

    // Submission

    function _submit() private {
        Draft memory draft_ = _someDraft(originatorAt(_draw(3)));

        (bool success_, bytes memory answer_) = _attempt(
            _someActor(),
            address(_reports),
            _submission(draft_),
            _refusalOfSubmission(draft_)
        );
        if (!success_) return;

        assertEq(abi.decode(answer_, (uint256)), _reportBooks[draft_.originator].length, "index");
        _noteReport(draft_);
    }

    function _submission(Draft memory draft_) private view returns (bytes memory callData_) {
        return
            abi.encodeCall(
                _reports.submit,
                (
                    draft_.originator,
                    draft_.start,
                    draft_.end,
                    draft_.minute,
                    draft_.root,
                    draft_.nodeIds,
                    draft_.signatures
                )
            );
    }

    function _noteReport(Draft memory draft_) private {
        _places.push(Place(draft_.originator, _reportBooks[draft_.originator].length));
        _reportBooks[draft_.originator].push(
            Report({
                start: draft_.start,
                end: draft_.end,
                minute: draft_.minute,
                rate: protocolFeeRate,
                isSettled: draft_.root == 0,
                offset: 0,
                root: draft_.root,
                leafSeed: draft_.leafSeed,
                leafCount: draft_.leafCount,
                fees: 0,
                claimed: 0,
                nodeIds: draft_.nodeIds
            })
        );
    }

    function _someDraft(uint32 originator_) private returns (Draft memory draft_) {
        if (_guided) _fillNetwork();

        Report[] storage reports = _reportBooks[originator_];
        if (reports.length != 0 && _errs(12)) return _repeated(originator_, reports[reports.length - 1]);

        draft_.originator = originator_;
        draft_.start = reports.length == 0 ? 0 : reports[reports.length - 1].end;
        // A guided one is not empty: seeds come again, and an empty report would be the one before it again.
        draft_.end = draft_.start + uint64(_draw(4) * _draw(1_000)) + (_guided ? 1 : 0);
        draft_.minute = uint32(_draw());
        draft_.leafSeed = _guided ? 12 * _draw(1 << 128) + 1 : _draw(1 << 128);
        draft_.leafCount = _guided ? 1 + _draw(8) : _draw(9);
        draft_.root = NaiveMerkle.rootOf(_leavesOf(draft_.leafSeed, draft_.leafCount));
        draft_.nodeIds = _canonicalIds();

        if (_errs(16)) ++draft_.start;
        if (_errs(16) && draft_.start != 0) draft_.end = draft_.start - 1;
        if (_errs(10)) _spoilIds(draft_);

        _sign(draft_);
    }

    /// @dev The last report again, or nearly so.
    function _repeated(uint32 originator_, Report storage report) private returns (Draft memory draft_) {
        draft_.originator = originator_;
        draft_.start = report.start;
        draft_.end = report.end;
        draft_.minute = report.minute;
        draft_.root = report.root;
        draft_.leafSeed = report.leafSeed;
        draft_.leafCount = report.leafCount;
        draft_.nodeIds = report.nodeIds;

        if (_draw(3) == 0) ++draft_.minute;

        _sign(draft_);
    }

    function _spoilIds(Draft memory draft_) private {
        uint32[] memory ids_ = draft_.nodeIds;
        if (ids_.length < 2) return;

        uint256 kind_ = _draw(4);
        if (kind_ == 0) (ids_[0], ids_[1]) = (ids_[1], ids_[0]);
        else if (kind_ == 1) ids_[1] = ids_[0];
        else if (kind_ == 2) ++ids_[ids_.length - 1];
        else {
            assembly ("memory-safe") {
                mstore(ids_, sub(mload(ids_), 1))
            }
        }
    }

    /// @dev Nodes sign, by ascending id; some do it wrong, and some that are not in the network do it right.
    function _sign(Draft memory draft_) private {
        bytes32 digest_ = _digestOf(draft_);
        uint256 count_;
        draft_.signatures = new IPayerReports.PayerReportSignature[](_nodeBooks.length + 1);

        for (uint256 index_; index_ < _nodeBooks.length; ++index_) {
            if (_errs(5)) continue;

            draft_.signatures[count_] = IPayerReports.PayerReportSignature(
                _idAt(index_),
                _someSignature(_nodeBooks[index_].key, digest_)
            );
            ++count_;
        }

        if (_errs(24)) {
            draft_.signatures[count_].nodeId = _idAt(_nodeBooks.length);
            ++count_;
        }
        if (count_ > 1 && _errs(24)) draft_.signatures[count_ - 1].nodeId = draft_.signatures[0].nodeId;

        IPayerReports.PayerReportSignature[] memory signatures_ = draft_.signatures;
        assembly ("memory-safe") {
            mstore(signatures_, count_)
        }
    }

    function _someSignature(uint256 key_, bytes32 digest_) private returns (bytes memory signature_) {
        uint256 kind_ = _guided ? 0 : _draw(20);

        // Of something else, or by somebody else.
        if (kind_ == 1) digest_ = keccak256(abi.encode(digest_));
        if (kind_ == 2) key_ = _FIRST_NODE_KEY + _NODE_LIMIT;

        (uint8 v_, bytes32 r_, bytes32 s_) = vm.sign(key_, digest_);

        // Without the 27, cut off, in 64 bytes, or its twin.
        if (kind_ == 3) return abi.encodePacked(r_, s_, v_ - 27);
        if (kind_ == 4) return abi.encodePacked(r_);
        if (kind_ == 5) return abi.encodePacked(r_, uint256(s_) | (uint256(v_ - 27) << 255));
        if (kind_ == 6) {
            uint256 order_ = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
            return abi.encodePacked(r_, order_ - uint256(s_), 55 - v_);
        }

        return abi.encodePacked(r_, s_, v_);
    }

    /// @dev Whether this is a signature of the digest by the node's key, which the books have.
    function _isValid(
        IPayerReports.PayerReportSignature memory signature_,
        bytes32 digest_
    ) private view returns (bool isValid_) {
        Node memory node_ = _nodeBooks[signature_.nodeId / 100 - 1];
        if (!node_.isCanonical) return false;

        bytes memory bytes_ = signature_.signature;
        bytes32 r_;
        bytes32 s_;
        uint8 v_;

        assembly ("memory-safe") {
            r_ := mload(add(bytes_, 0x20))
            s_ := mload(add(bytes_, 0x40))
        }

        if (bytes_.length == 65) v_ = uint8(bytes_[64]);
        else if (bytes_.length == 64) {
            v_ = uint8(27 + (uint256(s_) >> 255));
            s_ = bytes32(uint256(s_) & (type(uint256).max >> 1));
        }

        if (v_ != 27 && v_ != 28) return false;
        return ecrecover(digest_, v_, r_, s_) == vm.addr(node_.key);
    }

    function _refusalOfSubmission(Draft memory draft_) private view returns (bytes memory refusal_) {
        Report[] storage reports = _reportBooks[draft_.originator];
        uint64 last_ = reports.length == 0 ? 0 : reports[reports.length - 1].end;

        if (reports.length != 0 && _isLast(draft_, reports[reports.length - 1])) {
            return
                abi.encodeWithSelector(
                    IPayerReports.PayerReportAlreadySubmitted.selector,
                    draft_.originator,
                    draft_.start,
                    draft_.end
                );
        }
        if (draft_.start != last_) {
            return abi.encodeWithSelector(IPayerReports.InvalidStartSequenceId.selector, draft_.start, last_);
        }
        if (draft_.end < draft_.start) return abi.encodeWithSelector(IPayerReports.InvalidSequenceIds.selector);

        refusal_ = _refusalOfIds(draft_.nodeIds);
        if (refusal_.length == 0) refusal_ = _refusalOfSignatures(draft_);
    }

    function _isLast(Draft memory draft_, Report storage last) private view returns (bool isLast_) {
        return
            draft_.start == last.start &&
            draft_.end == last.end &&
            draft_.minute == last.minute &&
            draft_.root == last.root &&
            keccak256(abi.encode(draft_.nodeIds)) == keccak256(abi.encode(last.nodeIds));
    }

    function _refusalOfIds(uint32[] memory ids_) private view returns (bytes memory refusal_) {
        uint32[] memory expected_ = _canonicalIds();

        if (ids_.length != expected_.length) {
            return abi.encodeWithSelector(IPayerReports.NodeIdsLengthMismatch.selector, expected_.length, ids_.length);
        }

        for (uint256 index_; index_ < ids_.length; ++index_) {
            if (index_ != 0 && ids_[index_] <= ids_[index_ - 1]) {
                return abi.encodeWithSelector(IPayerReports.UnorderedNodeIds.selector);
            }
            if (ids_[index_] != expected_[index_]) {
                return
                    abi.encodeWithSelector(
                        IPayerReports.NodeIdAtIndexMismatch.selector,
                        expected_[index_],
                        ids_[index_],
                        index_
                    );
            }
        }
    }

    function _refusalOfSignatures(Draft memory draft_) private view returns (bytes memory refusal_) {
        bytes32 digest_ = _digestOf(draft_);
        uint256 validCount_;

        for (uint256 index_; index_ < draft_.signatures.length; ++index_) {
            uint32 nodeId_ = draft_.signatures[index_].nodeId;

            if (index_ != 0 && nodeId_ <= draft_.signatures[index_ - 1].nodeId) {
                return abi.encodeWithSelector(IPayerReports.UnorderedNodeIds.selector);
            }
            if (nodeId_ > 100 * _nodeBooks.length) return _unknown(nodeId_);
            if (_isValid(draft_.signatures[index_], digest_)) ++validCount_;
        }

        uint256 required_ = draft_.nodeIds.length / 2 + 1;
        if (validCount_ >= required_) return "";

        return abi.encodeWithSelector(IPayerReports.InsufficientSignatures.selector, validCount_, required_);
    }

    function _digestOf(Draft memory draft_) private view returns (bytes32 digest_) {
        bytes32 domainSeparator_ = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("PayerReportManager"),
                keccak256("1"),
                block.chainid,
                _reports
            )
        );
        bytes32 structHash_ = keccak256(
            abi.encode(
                0x3737a2cced99bb28fc5aede45aa81d3ce0aa9137c5f417641835d0d71d303346,
                draft_.originator,
                draft_.start,
                draft_.end,
                draft_.minute,
                draft_.root,
                keccak256(abi.encode(draft_.nodeIds))
            )
        );

        return keccak256(bytes.concat(hex"1901", domainSeparator_, structHash_));
    }

    // Settlement

    function _settle() private {
        Place memory place_ = _somePlaceToSettle();
        bool isKnown_ = place_.index < _reportBooks[place_.originator].length;
        Report memory report_;
        if (isKnown_) report_ = _reportBooks[place_.originator][place_.index];
        if (!isKnown_ || report_.isSettled) return _settleInVain(place_, isKnown_);

        bytes[] memory all_ = _leavesOf(report_.leafSeed, report_.leafCount);
        uint256 count_ = 1 + _draw(all_.length - report_.offset);
        bytes[] memory leaves_ = _slice(all_, report_.offset, count_);
        bytes32[] memory proof_ = NaiveMerkle.proofOf(all_, report_.offset, report_.offset + count_);

        bytes memory refusal_;
        if (paused) refusal_ = abi.encodeWithSelector(IPayers.Paused.selector);
        // A leaf that is none is the last one, if any.
        if (_isBroken(report_.leafSeed) && report_.offset + count_ == all_.length) refusal_ = SILENT_REFUSAL;

        if (_errs(6)) (leaves_, proof_, refusal_) = _spoilProof(leaves_, proof_);
        else if (_errs(6)) proof_ = _lengthened(proof_);

        (bool success_, ) = _attempt(
            _someActor(),
            address(_reports),
            abi.encodeCall(_reports.settle, (place_.originator, place_.index, leaves_, proof_)),
            refusal_
        );
        if (success_) _noteSettlement(place_, count_);
    }

    function _settleInVain(Place memory place_, bool isKnown_) private {
        _attempt(
            _someActor(),
            address(_reports),
            abi.encodeCall(_reports.settle, (place_.originator, place_.index, new bytes[](0), new bytes32[](0))),
            isKnown_
                ? abi.encodeWithSelector(IPayerReports.PayerReportEntirelySettled.selector)
                : abi.encodeWithSelector(IPayerReports.PayerReportIndexOutOfBounds.selector)
        );
    }

    /// @dev The proof is looked at before the leaves are, and before the escrow is asked.
    function _spoilProof(
        bytes[] memory leaves_,
        bytes32[] memory proof_
    ) private returns (bytes[] memory, bytes32[] memory, bytes memory refusal_) {
        uint256 kind_ = _draw(6);
        refusal_ = abi.encodeWithSelector(ISequentialMerkleProofs.InvalidProof.selector);

        if (kind_ == 0) {
            return (new bytes[](0), proof_, abi.encodeWithSelector(ISequentialMerkleProofs.NoLeaves.selector));
        }
        if (kind_ == 1) {
            return (
                leaves_,
                new bytes32[](0),
                abi.encodeWithSelector(ISequentialMerkleProofs.NoProofElements.selector)
            );
        }
        if (kind_ == 2) {
            proof_[0] = bytes32(uint256(1 << 32));
            return (leaves_, proof_, abi.encodeWithSelector(ISequentialMerkleProofs.InvalidBitCount32Input.selector));
        }
        if (kind_ == 3) proof_[0] = bytes32(leaves_.length - 1);
        else if (kind_ == 4 && proof_.length > 1) proof_[1 + _draw(proof_.length - 1)] ^= bytes32(uint256(1));
        else leaves_[_draw(leaves_.length)] = abi.encode(_actors[0], uint96(_draw()));

        // No leaves of a tree of none: that has another root.
        return (leaves_, proof_, refusal_);
    }

    /// @dev A word too many is ignored.
    function _lengthened(bytes32[] memory proof_) private pure returns (bytes32[] memory longer_) {
        longer_ = new bytes32[](proof_.length + 1);
        for (uint256 index_; index_ < proof_.length; ++index_) longer_[index_] = proof_[index_];
    }

    function _noteSettlement(Place memory place_, uint256 count_) private {
        Report storage report = _reportBooks[place_.originator][place_.index];

        for (uint256 index_; index_ < count_; ++index_) {
            (uint256 payer_, uint256 picodollars_) = _feeAt(report.leafSeed, report.offset);
            uint256 fee_ = _microdollars(picodollars_);

            _charge(payerAt(payer_), fee_);
            report.fees += fee_;
            ++report.offset;
        }

        report.isSettled = report.offset == report.leafCount;
    }

    function _somePlaceToSettle() private returns (Place memory place_) {
        if (_errs(10) || (_places.length == 0 && !_guided)) {
            uint32 originator_ = originatorAt(_draw(3));
            return Place(originator_, _reportBooks[originator_].length + _draw(2));
        }

        uint256 first_ = _draw(_places.length + 1);

        // One that is not settled, mostly.
        for (uint256 index_; index_ < _places.length; ++index_) {
            place_ = _places[(first_ + index_) % _places.length];
            Report storage report = _reportBooks[place_.originator][place_.index];

            bool isOpen_ = !report.isSettled && !(_guided && _isBroken(report.leafSeed));
            if (isOpen_ || _errs(10)) return place_;
        }

        return _guided ? _prepareReport() : place_;
    }

    // The protocol's part

    function _updateProtocolFeeRate(bool all_) private {
        // All or nothing, at times.
        uint256 rate_ = _draw(4) == 0 ? 10_000 * _draw(2) : _draw(10_001);
        rate_ = _spoiled(rate_, 10_001, 1 << 16);
        if (_guided && rate_ == protocolFeeRate) rate_ = rate_ == 0 ? 1 : rate_ - 1;
        _set(_reports.protocolFeeRateParameterKey(), rate_);

        bytes memory refusal_;
        if (rate_ == protocolFeeRate && !all_) refusal_ = _noChange();
        if (rate_ > 10_000) refusal_ = abi.encodeWithSelector(IPayerReports.InvalidProtocolFeeRate.selector);
        if (rate_ >> 16 != 0) refusal_ = _outOfBounds();

        (bool success_, ) = _attempt(
            _someActor(),
            address(_reports),
            all_ ? abi.encodeCall(_reports.updateAll, ()) : abi.encodeCall(_reports.updateProtocolFeeRate, ()),
            refusal_
        );
        if (success_) protocolFeeRate = uint16(rate_);
    }

    // Claims

    function _claim(bool isProtocol_) private {
        if (_guided) _prepareSettledReport();

        uint32 nodeId_ = isProtocol_ ? _PROTOCOL : _someNodeId();
        address sender_ = isProtocol_ || _errs(10) ? _someActor() : _ownerOf(nodeId_);
        (uint32[] memory originators_, uint256[] memory indices_) = _somePlacesToClaim(nodeId_);

        bytes memory refusal_ = _refusalOfClaims(nodeId_, originators_, indices_);
        if (!isProtocol_ && nodeId_ > 100 * _nodeBooks.length) refusal_ = _unknown(nodeId_);
        else if (!isProtocol_ && sender_ != _ownerOf(nodeId_)) {
            refusal_ = abi.encodeWithSelector(IRewards.NotNodeOwner.selector);
        }
        if (rewardsPaused) refusal_ = abi.encodeWithSelector(IRewards.Paused.selector);

        (bool success_, bytes memory answer_) = _attempt(
            sender_,
            address(_rewards),
            isProtocol_
                ? abi.encodeCall(_rewards.claimProtocolFees, (originators_, indices_))
                : abi.encodeCall(_rewards.claim, (nodeId_, originators_, indices_)),
            refusal_
        );
        if (!success_) return;

        assertEq(abi.decode(answer_, (uint256)), _noteClaims(nodeId_, originators_, indices_), "sum of the claims");
    }

    /// @dev The existence of all comes first, then each in turn.
    function _refusalOfClaims(
        uint32 nodeId_,
        uint32[] memory originators_,
        uint256[] memory indices_
    ) private view returns (bytes memory refusal_) {
        if (originators_.length != indices_.length) {
            return abi.encodeWithSelector(IRewards.ArrayLengthMismatch.selector);
        }

        for (uint256 index_; index_ < indices_.length; ++index_) {
            uint256 count_ = _reportBooks[originators_[index_]].length;
            if (count_ == 0) {
                return abi.encodeWithSelector(IPayerReports.NoReportsForOriginator.selector, originators_[index_]);
            }
            if (indices_[index_] >= count_) {
                return abi.encodeWithSelector(IPayerReports.PayerReportIndexOutOfBounds.selector);
            }
        }

        for (uint256 index_; index_ < indices_.length; ++index_) {
            bytes4 reason_ = _reasonAgainst(nodeId_, originators_, indices_, index_);
            if (reason_ != 0) return abi.encodeWithSelector(reason_, originators_[index_], indices_[index_]);
        }
    }

    function _reasonAgainst(
        uint32 nodeId_,
        uint32[] memory originators_,
        uint256[] memory indices_,
        uint256 index_
    ) private view returns (bytes4 reason_) {
        Report storage report = _reportBooks[originators_[index_]][indices_[index_]];
        bool isClaimed_ = isClaimed[nodeId_][originators_[index_]][indices_[index_]];

        for (uint256 other_; other_ < index_; ++other_) {
            if (originators_[other_] == originators_[index_] && indices_[other_] == indices_[index_]) {
                isClaimed_ = true;
            }
        }

        if (isClaimed_) return IRewards.AlreadyClaimed.selector;
        if (!report.isSettled) return IRewards.PayerReportNotSettled.selector;
        if (nodeId_ != _PROTOCOL && !_names(report, nodeId_)) return IRewards.NotInPayerReport.selector;
    }

    function _noteClaims(
        uint32 nodeId_,
        uint32[] memory originators_,
        uint256[] memory indices_
    ) private returns (uint256 sum_) {
        for (uint256 index_; index_ < indices_.length; ++index_) {
            Report storage report = _reportBooks[originators_[index_]][indices_[index_]];
            uint256 nodes_ = report.nodeIds.length;
            uint256 share_ = ((report.fees * (10_000 - report.rate)) / 10_000) / nodes_;
            uint256 amount_ = nodeId_ == _PROTOCOL ? report.fees - share_ * nodes_ : share_;

            isClaimed[nodeId_][originators_[index_]][indices_[index_]] = true;
            report.claimed += amount_;
            sum_ += amount_;
        }

        owed[nodeId_] += sum_;
    }

    /// @dev Reports that can be claimed, at most four, and mostly nothing else.
    function _somePlacesToClaim(
        uint32 nodeId_
    ) private returns (uint32[] memory originators_, uint256[] memory indices_) {
        uint256 limit_ = 1 + _draw(4);
        uint256 first_ = _draw(_places.length + 1);
        uint256 count_;
        originators_ = new uint32[](5);
        indices_ = new uint256[](5);

        for (uint256 index_; index_ < _places.length && count_ < limit_; ++index_) {
            Place memory place_ = _places[(first_ + index_) % _places.length];
            Report storage report = _reportBooks[place_.originator][place_.index];
            bool isOpen_ =
                report.isSettled &&
                    !isClaimed[nodeId_][place_.originator][place_.index] &&
                    (nodeId_ == _PROTOCOL || _names(report, nodeId_));
            if (!isOpen_ && !_errs(16)) continue;

            (originators_[count_], indices_[count_]) = (place_.originator, place_.index);
            ++count_;
        }

        // One twice, one that is not there, or one without an index.
        if (count_ != 0 && _errs(10)) {
            (originators_[count_], indices_[count_]) = (originators_[0], indices_[0]);
            ++count_;
        } else if (_errs(16)) {
            uint32 originator_ = originatorAt(_draw(3)) + uint32(_draw(2));
            (originators_[count_], indices_[count_]) = (originator_, reportCount(originator_) + _draw(2));
            ++count_;
        }

        uint256 originatorCount_ = count_ != 0 && _errs(20) ? count_ - 1 : count_;
        assembly ("memory-safe") {
            mstore(originators_, originatorCount_)
            mstore(indices_, count_)
        }
    }

    // Payment

    function _withdraw(bool intoUnderlying_) private {
        uint32 nodeId_ = _guided ? _prepareClaim(false) : _someNodeId();
        address sender_ = _errs(10) ? _someActor() : _ownerOf(nodeId_);
        address recipient_ = _errs(10) ? address(0) : holderAt(_draw(holderCount()));
        (bytes memory refusal_, uint256 amount_, uint256 excess_) = _payment(nodeId_);

        if (nodeId_ > 100 * _nodeBooks.length) refusal_ = _unknown(nodeId_);
        else if (sender_ != _ownerOf(nodeId_)) refusal_ = abi.encodeWithSelector(IRewards.NotNodeOwner.selector);
        if (recipient_ == address(0)) refusal_ = abi.encodeWithSelector(IRewards.ZeroRecipient.selector);
        if (rewardsPaused) refusal_ = abi.encodeWithSelector(IRewards.Paused.selector);

        (bool success_, bytes memory answer_) = _attempt(
            sender_,
            address(_rewards),
            intoUnderlying_
                ? abi.encodeCall(_rewards.withdrawIntoUnderlying, (nodeId_, recipient_))
                : abi.encodeCall(_rewards.withdraw, (nodeId_, recipient_)),
            refusal_
        );
        if (!success_) return;

        assertEq(abi.decode(answer_, (uint256)), amount_, "payment");
        _notePayment(nodeId_, recipient_, amount_, excess_, intoUnderlying_);
    }

    function _withdrawProtocolFees(bool intoUnderlying_) private {
        if (_guided) {
            _prepareClaim(true);
            if (protocolFeesRecipient == address(0)) _nameRecipient(_someActor());
        }

        (bytes memory refusal_, uint256 amount_, uint256 excess_) = _payment(_PROTOCOL);
        if (protocolFeesRecipient == address(0)) {
            refusal_ = abi.encodeWithSelector(IRewards.ZeroProtocolFeeRecipient.selector);
        }
        if (rewardsPaused) refusal_ = abi.encodeWithSelector(IRewards.Paused.selector);

        (bool success_, bytes memory answer_) = _attempt(
            _someActor(),
            address(_rewards),
            intoUnderlying_
                ? abi.encodeCall(_rewards.withdrawProtocolFeesIntoUnderlying, ())
                : abi.encodeCall(_rewards.withdrawProtocolFees, ()),
            refusal_
        );
        if (!success_) return;

        assertEq(abi.decode(answer_, (uint256)), amount_, "payment");
        _notePayment(_PROTOCOL, protocolFeesRecipient, amount_, excess_, intoUnderlying_);
    }

    /// @dev How much can be paid of what is owed, and how much the escrow has to send for it.
    function _payment(uint32 nodeId_) private view returns (bytes memory refusal_, uint256 amount_, uint256 excess_) {
        amount_ = owed[nodeId_];
        if (amount_ == 0) return (abi.encodeWithSelector(IRewards.NoFeesOwed.selector), 0, 0);

        uint256 available_ = held[_feeToken][address(_rewards)];

        if (amount_ > available_) {
            if (paused) return (abi.encodeWithSelector(IPayers.Paused.selector), 0, 0);

            excess_ = excess();
            available_ += excess_;
        }

        if (available_ == 0) return (abi.encodeWithSelector(IRewards.ZeroAvailableBalance.selector), 0, 0);
        if (amount_ > available_) amount_ = available_;
    }

    function _notePayment(
        uint32 nodeId_,
        address recipient_,
        uint256 amount_,
        uint256 excess_,
        bool intoUnderlying_
    ) private {
        if (excess_ != 0) _noteExcessSent(excess_);

        owed[nodeId_] -= amount_;
        paid[nodeId_] += amount_;

        if (intoUnderlying_) {
            _destroy(_feeToken, address(_rewards), amount_);
            _move(_underlying, address(_feeToken), recipient_, amount_);
        } else {
            _move(_feeToken, address(_rewards), recipient_, amount_);
            _give(recipient_, amount_);
        }
    }

    // Settings of the rewards

    function _updateRewardsPause() private {
        uint256 value_ = _somePause();
        if (_guided) value_ = 1;
        _set(_rewards.pausedParameterKey(), value_);

        bytes memory refusal_;
        if (value_ == (rewardsPaused ? 1 : 0)) refusal_ = _noChange();
        if (value_ > 1) refusal_ = _outOfBounds();

        (bool success_, ) = _attempt(
            _someActor(),
            address(_rewards),
            abi.encodeCall(_rewards.updatePauseStatus, ()),
            refusal_
        );
        if (success_) rewardsPaused = value_ == 1;
    }

    function _updateProtocolFeesRecipient() private {
        uint256 value_ = _someRecipient();
        if (_guided) value_ = uint160(protocolFeesRecipient == _actors[0] ? _actors[1] : _actors[0]);
        _set(_rewards.protocolFeesRecipientParameterKey(), value_);

        bytes memory refusal_;
        if (value_ == uint160(protocolFeesRecipient)) refusal_ = _noChange();
        if (value_ >> 160 != 0) refusal_ = _outOfBounds();

        (bool success_, ) = _attempt(
            _someActor(),
            address(_rewards),
            abi.encodeCall(_rewards.updateProtocolFeesRecipient, ()),
            refusal_
        );
        if (success_) protocolFeesRecipient = address(uint160(value_));
    }

    function _updateAllOfRewards() private {
        bool paused_ = _draw(4) == 0;
        uint256 recipient_ = _someRecipient();
        _set(_rewards.pausedParameterKey(), paused_ ? 1 : 0);
        _set(_rewards.protocolFeesRecipientParameterKey(), recipient_);

        (bool success_, ) = _attempt(
            _someActor(),
            address(_rewards),
            abi.encodeCall(_rewards.updateAll, ()),
            recipient_ >> 160 != 0 ? _outOfBounds() : bytes("")
        );
        if (!success_) return;

        rewardsPaused = paused_;
        protocolFeesRecipient = address(uint160(recipient_));
    }

    // What guided steps need

    function _resumeRewards() private {
        if (!_guided || !rewardsPaused) return;

        _set(_rewards.pausedParameterKey(), 0);
        _prepare(address(this), address(_rewards), abi.encodeCall(_rewards.updatePauseStatus, ()));
        rewardsPaused = false;
    }

    function _nameRecipient(address recipient_) private {
        _set(_rewards.protocolFeesRecipientParameterKey(), uint160(recipient_));
        _prepare(address(this), address(_rewards), abi.encodeCall(_rewards.updateProtocolFeesRecipient, ()));
        protocolFeesRecipient = recipient_;
    }

    function _fillNetwork() private {
        if (_canonicalIds().length != 0) return;

        _prepare(address(this), address(_nodes), abi.encodeCall(_nodes.addToNetwork, (_idAt(0))));
        _nodeBooks[0].isCanonical = true;
    }

    /// @dev A report that can be settled, with something in it for everyone.
    function _prepareReport() private returns (Place memory place_) {
        if (protocolFeeRate != 100) {
            _set(_reports.protocolFeeRateParameterKey(), 100);
            _prepare(address(this), address(_reports), abi.encodeCall(_reports.updateProtocolFeeRate, ()));
            protocolFeeRate = 100;
        }

        Draft memory draft_ = _someDraft(originatorAt(_draw(3)));
        _prepare(address(this), address(_reports), _submission(draft_));
        _noteReport(draft_);

        return _places[_places.length - 1];
    }

    function _prepareSettledReport() private returns (Place memory place_) {
        place_ = _prepareReport();
        Report memory report_ = _reportBooks[place_.originator][place_.index];
        bytes[] memory leaves_ = _leavesOf(report_.leafSeed, report_.leafCount);

        _prepare(
            address(this),
            address(_reports),
            abi.encodeCall(
                _reports.settle,
                (place_.originator, place_.index, leaves_, NaiveMerkle.proofOf(leaves_, 0, leaves_.length))
            )
        );
        _noteSettlement(place_, leaves_.length);
    }

    /// @dev Something that is owed, and something to pay it with.
    function _prepareClaim(bool isProtocol_) private returns (uint32 nodeId_) {
        Place memory place_ = _prepareSettledReport();
        nodeId_ = isProtocol_ ? _PROTOCOL : _reportBooks[place_.originator][place_.index].nodeIds[0];

        uint32[] memory originators_ = new uint32[](1);
        uint256[] memory indices_ = new uint256[](1);
        originators_[0] = place_.originator;
        indices_[0] = place_.index;

        _prepare(
            isProtocol_ ? address(this) : _ownerOf(nodeId_),
            address(_rewards),
            isProtocol_
                ? abi.encodeCall(_rewards.claimProtocolFees, (originators_, indices_))
                : abi.encodeCall(_rewards.claim, (nodeId_, originators_, indices_))
        );
        _noteClaims(nodeId_, originators_, indices_);

        if (held[_feeToken][address(_rewards)] == 0) {
            _fund(_feeToken, _actors[0], 10);
            _prepare(_actors[0], address(_feeToken), abi.encodeCall(_feeToken.transfer, (address(_rewards), 10)));
            _move(_feeToken, _actors[0], address(_rewards), 10);
            _give(address(_rewards), 10);
        }
    }

    // Leaves

    /// @dev A payer, by its place among all, and a fee in picodollars.
    function _feeAt(uint256 seed_, uint256 index_) private pure returns (uint256 payer_, uint256 picodollars_) {
        uint256 hash_ = uint256(keccak256(abi.encode(seed_, index_)));
        payer_ = (hash_ >> 8) % payerCount();
        uint256 kind_ = (hash_ >> 16) % 12;
        uint256 number_ = hash_ >> 32;

        // There is something in the first leaf of many.
        if (index_ == 0 && seed_ % 2 == 1) return (payer_, 1_000_000 * (1_000_000 + (number_ % 1_000_000)));

        if (kind_ == 0) return (payer_, 0);
        if (kind_ < 4) return (payer_, 1_000_000 + kind_ - 2);
        if (kind_ == 4) return (payer_, 1);
        // Never for those whom guided steps rely on.
        if (kind_ == 5 && payer_ >= ACTOR_COUNT - 1) return (payer_, MAX_96);
        return (payer_, number_ % (10 ** (number_ % 15)));
    }

    function _leavesOf(uint256 seed_, uint256 count_) private view returns (bytes[] memory leaves_) {
        leaves_ = new bytes[](count_);

        for (uint256 index_; index_ < count_; ++index_) {
            (uint256 payer_, uint256 picodollars_) = _feeAt(seed_, index_);
            leaves_[index_] = abi.encode(payerAt(payer_), picodollars_);
            // What is behind the fee is ignored.
            if ((seed_ >> index_) % 8 == 7) leaves_[index_] = bytes.concat(leaves_[index_], hex"7e57");
        }

        if (count_ == 0 || !_isBroken(seed_)) return leaves_;

        // Too short, or a fee that is too large, or no address.
        uint256 kind_ = (seed_ / 12) % 3;
        if (kind_ == 0) leaves_[count_ - 1] = new bytes(63);
        else leaves_[count_ - 1] = kind_ == 1 ? abi.encode(_actors[0], 1 << 96) : abi.encode(1 << 160, 1);
    }

    /// @dev Whether the last leaf is none, so that the report can never be settled.
    function _isBroken(uint256 seed_) private pure returns (bool isBroken_) {
        return seed_ % 12 == 0;
    }

    function _microdollars(uint256 picodollars_) private pure returns (uint256 microdollars_) {
        microdollars_ = picodollars_ / 1_000_000;
        if (microdollars_ * 1_000_000 != picodollars_) ++microdollars_;
    }

    function _slice(bytes[] memory all_, uint256 start_, uint256 count_) private pure returns (bytes[] memory slice_) {
        slice_ = new bytes[](count_);
        for (uint256 index_; index_ < count_; ++index_) slice_[index_] = all_[start_ + index_];
    }

    // What the operations share

    function _canonicalIds() private view returns (uint32[] memory ids_) {
        uint256 count_;
        ids_ = new uint32[](_nodeBooks.length);

        for (uint256 index_; index_ < _nodeBooks.length; ++index_) {
            if (!_nodeBooks[index_].isCanonical) continue;
            ids_[count_] = _idAt(index_);
            ++count_;
        }

        assembly ("memory-safe") {
            mstore(ids_, count_)
        }
    }

    function _names(Report storage report, uint32 nodeId_) private view returns (bool names_) {
        for (uint256 index_; index_ < report.nodeIds.length; ++index_) {
            if (report.nodeIds[index_] == nodeId_) return true;
        }
    }

    /// @dev A node of a report mostly, so that there is something to claim; rarely one that nobody has.
    function _someNodeId() private returns (uint32 nodeId_) {
        if (_errs(16)) return _idAt(_nodeBooks.length);
        if (!_guided) return _idAt(_draw(_nodeBooks.length));

        Place memory last_ = _places[_places.length - 1];
        return _reportBooks[last_.originator][last_.index].nodeIds[0];
    }

    function _ownerOf(uint32 nodeId_) private view returns (address owner_) {
        return nodeId_ > 100 * _nodeBooks.length ? _actors[0] : _nodeBooks[nodeId_ / 100 - 1].owner;
    }

    function _idAt(uint256 index_) private pure returns (uint32 nodeId_) {
        return uint32(100 * (index_ + 1));
    }

    /// @dev Of the private keys from 1 on: the generator of the curve, and its multiples.
    function _publicKey(uint256 index_) private pure returns (bytes memory publicKey_) {
        bytes32[2][7] memory points_;
        points_[0][0] = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798;
        points_[0][1] = 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8;
        points_[1][0] = 0xc6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5;
        points_[1][1] = 0x1ae168fea63dc339a3c58419466ceaeef7f632653266d0e1236431a950cfe52a;
        points_[2][0] = 0xf9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9;
        points_[2][1] = 0x388f7b0f632de8140fe337e62a37f3566500a99934c2231b6cb9fd7584b8e672;
        points_[3][0] = 0xe493dbf1c10d80f3581e4904930b1404cc6c13900ee0758474fa94abe8c4cd13;
        points_[3][1] = 0x51ed993ea0d455b75642e2098ea51448d967ae33bfbdfe40cfe97bdc47739922;
        points_[4][0] = 0x2f8bde4d1a07209355b4a7250a5c5128e88b84bddc619ab7cba8d569b240efe4;
        points_[4][1] = 0xd8ac222636e5e3d6d4dba9dda6c9c426f788271bab0d6840dca87d3aa6ac62d6;
        points_[5][0] = 0xfff97bd5755eeea420453a14355235d382f6472f8568a18b2f057a1460297556;
        points_[5][1] = 0xae12777aacfbb620f3be96017f45c560de80f0f6518fe4a03c870c36b075f297;

        return abi.encodePacked(bytes1(0x04), points_[index_][0], points_[index_][1]);
    }

    function _someRecipient() private returns (uint256 recipient_) {
        if (_errs(6)) return 1 << 160;
        return _errs(6) ? 0 : uint160(holderAt(_draw(holderCount())));
    }

    function _unknown(uint32 nodeId_) private pure returns (bytes memory refusal_) {
        return abi.encodeWithSignature("ERC721NonexistentToken(uint256)", uint256(nodeId_));
    }

    function _noChange() private pure returns (bytes memory refusal_) {
        return abi.encodeWithSelector(IParameterConsumer.NoChange.selector);
    }

    function _outOfBounds() private pure returns (bytes memory refusal_) {
        return abi.encodeWithSelector(IParameterConsumer.ParameterOutOfTypeBounds.selector);
    }
}
