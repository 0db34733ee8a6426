// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterRegistry } from "../../contracts/common/interfaces/IParameterRegistry.sol";
import { FeeToken } from "../../contracts/settlement/FeeToken.sol";
import { IPayers } from "../../contracts/settlement/interfaces/IPayers.sol";
import { IRewards } from "../../contracts/settlement/interfaces/IRewards.sol";
import { Nodes } from "../../contracts/settlement/Nodes.sol";
import { Rewards } from "../../contracts/settlement/Rewards.sol";
import { Settlement } from "../../contracts/settlement/Settlement.sol";

import { RefusingEscrow, ToldReports } from "./mocks/SettlementMocks.sol";
import { NetworkTest } from "./utils/NetworkTest.sol";

/**
 * @dev Real rewards, nodes and tokens, but reports and an escrow that say anything: what real ones can say is tested in
 *      `invariants/Settlement.t.sol`.
 */
contract RewardsSplitTest is NetworkTest {
    uint32 private constant _NODE = 100;

    /// @dev `PayerReports` counts an originator's reports in 192 bits.
    uint256 private constant _LAST_INDEX = type(uint192).max;

    ToldReports private _reports;
    RefusingEscrow private _escrow;
    Rewards private _rewards;

    mapping(uint256 originator => mapping(uint256 index => bool)) private _isClaimed;

    function setUp() public {
        IParameterRegistry registry_ = deploySettlementRegistry(address(this));
        FeeToken feeToken_ = deployFeeToken(registry_, deployUnderlyingToken(registry_));
        Nodes nodes_ = deployNodes(registry_);

        registry_.set("xmtp.nodeRegistry.admin", bytes32(uint256(uint160(address(this)))));
        nodes_.updateAdmin();
        nodes_.addNode(address(this), abi.encodePacked(bytes1(0x04), new bytes(64)), "https://node.example");

        _reports = new ToldReports();
        _escrow = new RefusingEscrow();
        _rewards = new Rewards(
            address(registry_),
            address(nodes_),
            address(_reports),
            address(_escrow),
            address(feeToken_)
        );
    }

    function testFuzz_Split_GivesEverythingToSomebody(uint96 fees_, uint16 rate_, uint8 nodeCount_) public {
        rate_ = uint16(bound(rate_, 0, 10_000));
        _tell(fees_, rate_, nodeCount_);

        uint256 protocol_ = _claimProtocol(1, 0);
        uint256 nominal_ = fees_ - (uint256(fees_) * (10_000 - rate_)) / 10_000;

        if (nodeCount_ == 0) {
            assertEq(protocol_, fees_, "all of it without nodes");
            return;
        }

        uint256 share_ = _claim(1, 0);
        assertEq(share_ * nodeCount_ + protocol_, fees_, "sum");
        assertEq(share_, (fees_ - nominal_) / nodeCount_, "share");
        assertTrue(protocol_ >= nominal_ && protocol_ - nominal_ < nodeCount_, "what the division leaves over");
        assertEq(_rewards.getOwedFees(_NODE), share_, "owed to the node");
        assertEq(_rewards.totalOwedFees(), share_, "owed to all nodes");
        assertEq(_rewards.owedProtocolFees(), protocol_, "owed to the protocol");
    }

    /// @dev Few originators and neighbouring indices, at both ends of the numbers, so that reports meet in words.
    function testFuzz_Claims_OnceForEachReport_InAnyOrder(uint256[] memory picks_) public {
        _tell(300, 0, 3);

        uint32[] memory originators_ = new uint32[](picks_.length);
        uint256[] memory indices_ = new uint256[](picks_.length);
        uint256 count_;

        for (uint256 index_; index_ < picks_.length; ++index_) {
            (uint32 originator_, uint256 reportIndex_) = _place(picks_[index_]);
            if (_isClaimed[originator_][reportIndex_]) continue;

            _isClaimed[originator_][reportIndex_] = true;
            (originators_[count_], indices_[count_]) = (originator_, reportIndex_);
            ++count_;
        }

        (originators_, indices_) = _first(count_, originators_, indices_);

        // One of them a second time, at the end: the whole call is undone.
        if (count_ != 0) {
            (uint32[] memory more_, uint256[] memory moreIndices_) = _first(count_ + 1, originators_, indices_);
            (more_[count_], moreIndices_[count_]) = (originators_[0], indices_[0]);

            _expectAlreadyClaimed(originators_[0], indices_[0]);
            _rewards.claim(_NODE, more_, moreIndices_);
        }

        assertEq(_rewards.claim(_NODE, originators_, indices_), count_ * 100, "each report once");
        assertEq(_rewards.getOwedFees(_NODE), count_ * 100, "owed");

        for (uint256 index_; index_ < count_; ++index_) {
            _checkAround(originators_[index_], indices_[index_]);

            _expectAlreadyClaimed(originators_[index_], indices_[index_]);
            _claim(originators_[index_], indices_[index_]);
        }
    }

    function testFuzz_Withdraw_PassesOnEveryRefusal_ButThatOfNoExcess(bytes memory data_) public {
        _tell(300, 0, 3);
        _claim(1, 0);

        // Without a token here, and with none to fetch.
        bytes memory nothingHere_ = abi.encodeWithSelector(IRewards.ZeroAvailableBalance.selector);

        _checkRefusal(data_, bytes4(data_) == IPayers.NoExcess.selector ? nothingHere_ : data_);
        _checkRefusal(abi.encodePacked(IPayers.NoExcess.selector), nothingHere_);
        _checkRefusal(abi.encodePacked(IPayers.NoExcess.selector, data_), nothingHere_);
    }

    function test_Withdraw_PassesOnRefusalsTooShortForAnError() public {
        _tell(300, 0, 3);
        _claim(1, 0);

        _checkRefusal("", "");
        _checkRefusal(hex"6c163b", hex"6c163b");
    }

    /// @dev Settled reports, by the table in `Settlement`.
    function _tell(uint96 fees_, uint16 rate_, uint8 nodeCount_) private {
        uint256 namesNode_ = nodeCount_ == 0 ? 0 : 1;

        _reports.tell(
            Settlement.wrap(
                nodeCount_ | (namesNode_ << 8) | (uint256(fees_) << 96) | (uint256(rate_) << 224) | (1 << 238)
            )
        );
    }

    function _claim(uint32 originator_, uint256 index_) private returns (uint96 claimed_) {
        (uint32[] memory originators_, uint256[] memory indices_) = _lists(originator_, index_);
        return _rewards.claim(_NODE, originators_, indices_);
    }

    function _claimProtocol(uint32 originator_, uint256 index_) private returns (uint96 claimed_) {
        (uint32[] memory originators_, uint256[] memory indices_) = _lists(originator_, index_);
        return _rewards.claimProtocolFees(originators_, indices_);
    }

    function _expectAlreadyClaimed(uint32 originator_, uint256 index_) private {
        vm.expectRevert(abi.encodeWithSelector(IRewards.AlreadyClaimed.selector, originator_, index_));
    }

    /// @dev This report and its neighbours are claimed, or not, as the model says; and none of them by others.
    function _checkAround(uint32 originator_, uint256 index_) private view {
        unchecked {
            for (uint256 near_ = index_ - 1; near_ != index_ + 2; ++near_) {
                assertTrue(
                    _rewards.areFeesClaimed(_NODE, originator_, near_) == _isClaimed[originator_][near_],
                    "claimed or not"
                );
            }
        }
        assertTrue(!_rewards.areFeesClaimed(_NODE + 100, originator_, index_), "not for another node");
        assertTrue(!_rewards.areProtocolFeesClaimed(originator_, index_), "not for the protocol");
    }

    function _checkRefusal(bytes memory refusal_, bytes memory expected_) private {
        _escrow.refuseWith(refusal_);

        (bool success_, bytes memory reason_) = address(_rewards).call(
            abi.encodeCall(IRewards.withdraw, (_NODE, address(this)))
        );

        assertTrue(!success_, "refused");
        assertEq(reason_, expected_, "why");
        assertEq(_rewards.getOwedFees(_NODE), 100, "owed still");
    }

    /// @dev One of three originators, and one of nine indices around the borders of words, the very last too.
    function _place(uint256 pick_) private pure returns (uint32 originator_, uint256 index_) {
        originator_ = pick_ % 3 == 0 ? type(uint32).max : uint32(pick_ % 3);
        index_ = ((pick_ / 3) % 3) * 256 + ((pick_ / 9) % 3);
        index_ = index_ == 0 ? _LAST_INDEX : index_ - 1;
    }

    /// @dev Copies of both lists of this length, cut or with zeros behind.
    function _first(
        uint256 count_,
        uint32[] memory originators_,
        uint256[] memory indices_
    ) private pure returns (uint32[] memory firstOriginators_, uint256[] memory firstIndices_) {
        firstOriginators_ = new uint32[](count_);
        firstIndices_ = new uint256[](count_);

        for (uint256 index_; index_ < count_ && index_ < indices_.length; ++index_) {
            (firstOriginators_[index_], firstIndices_[index_]) = (originators_[index_], indices_[index_]);
        }
    }

    function _lists(
        uint32 originator_,
        uint256 index_
    ) private pure returns (uint32[] memory originators_, uint256[] memory indices_) {
        originators_ = new uint32[](1);
        indices_ = new uint256[](1);
        (originators_[0], indices_[0]) = (originator_, index_);
    }
}
