// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";
import { MockUnderlyingFeeToken } from "../../../contracts/devnet/MockUnderlyingFeeToken.sol";
import { IPayerReports } from "../../../contracts/settlement/interfaces/IPayerReports.sol";
import { FeeToken } from "../../../contracts/settlement/FeeToken.sol";
import { Nodes } from "../../../contracts/settlement/Nodes.sol";
import { PayerReports } from "../../../contracts/settlement/PayerReports.sol";
import { Payers } from "../../../contracts/settlement/Payers.sol";
import { Rewards } from "../../../contracts/settlement/Rewards.sol";

import { GuidedHandler } from "./GuidedHandler.sol";
import { GuidedInvariantTest } from "./GuidedInvariantTest.sol";
import { MoneyBooks } from "./MoneyBooks.sol";
import { SettlementHandler } from "./SettlementHandler.sol";

/// @dev `README.md` lists the sentences that the names below refer to.
contract SettlementInvariants is GuidedInvariantTest {
    MockUnderlyingFeeToken private _underlying;
    FeeToken private _feeToken;
    Payers private _payers;
    PayerReports private _reports;
    Rewards private _rewards;
    SettlementHandler private _settlementHandler;

    function setUp() public {
        IParameterRegistry registry_ = deploySettlementRegistry(address(this));
        Nodes nodes_ = deployNodes(registry_);
        _underlying = deployUnderlyingToken(registry_);
        _feeToken = deployFeeToken(registry_, _underlying);
        _payers = deployPayers(registry_, _feeToken);
        _reports = deployPayerReports(registry_, nodes_, _payers);
        _rewards = deployRewards(registry_, _reports);
        _settlementHandler = new SettlementHandler(registry_, _reports, _rewards);
        registry_.set(_adminKey(registry_, address(_settlementHandler)), bytes32(uint256(1)));
        _settlementHandler.start();
    }

    function invariant_Q1_Q2_Q3_ReportsEqualTheBooks() public view {
        for (uint256 number_; number_ < 3; ++number_) {
            uint32 originator_ = _settlementHandler.originatorAt(number_);
            uint256 count_ = _settlementHandler.reportCount(originator_);
            uint64 end_;
            assertEq(_reports.getPayerReportCount(originator_), count_, "Q1: count");

            for (uint256 index_; index_ < count_; ++index_) {
                IPayerReports.PayerReport memory report_ = _reports.getPayerReport(originator_, index_);
                _checkReport(report_, _settlementHandler.reportAt(originator_, index_));

                assertEq(report_.startSequenceId, end_, "Q1: begins where the one before ends");
                end_ = report_.endSequenceId;
            }
        }

        assertEq(_reports.protocolFeeRate(), _settlementHandler.protocolFeeRate(), "Q3: rate");
    }

    function _checkReport(
        IPayerReports.PayerReport memory report_,
        SettlementHandler.Report memory expected_
    ) private view {
        assertEq(report_.startSequenceId, expected_.start, "Q1: start");
        assertEq(report_.endSequenceId, expected_.end, "Q1: end");
        assertEq(report_.endMinuteSinceEpoch, expected_.minute, "Q1: minute");
        assertEq(report_.payersMerkleRoot, expected_.root, "Q1: root");
        assertEq(abi.encode(report_.nodeIds), abi.encode(expected_.nodeIds), "Q1: nodes");
        assertEq(report_.protocolFeeRate, expected_.rate, "Q3: rate of the report");

        assertEq(report_.offset, expected_.offset, "Q2: leaves");
        assertTrue(report_.isSettled == (report_.offset == expected_.leafCount), "Q2: settled with the last leaf");
        assertEq(
            report_.feesSettled,
            _settlementHandler.feesOfLeaves(expected_.leafSeed, report_.offset),
            "Q2: what the leaves charge"
        );
    }

    function invariant_Q4_W1_W2_ReportsPayOutWhatTheyCharged() public view {
        uint256 fees_;

        for (uint256 number_; number_ < _settlementHandler.placeCount(); ++number_) {
            fees_ += _checkClaims(_settlementHandler.placeAt(number_));
        }

        assertEq(fees_, _settlementHandler.settled(), "Q4: sum of the fees");
        assertEq(
            int256(_payers.totalDeposits()),
            int256(_settlementHandler.deposited()) - int256(_settlementHandler.finalized()) - int256(fees_),
            "Q4: what the escrow has charged"
        );
    }

    /// @dev Returns what the report has charged.
    function _checkClaims(SettlementHandler.Place memory place_) private view returns (uint256 fees_) {
        SettlementHandler.Report memory book_ = _settlementHandler.reportAt(place_.originator, place_.index);
        IPayerReports.PayerReport memory report_ = _reports.getPayerReport(place_.originator, place_.index);
        fees_ = report_.feesSettled;

        uint256 nodeCount_ = report_.nodeIds.length;
        uint256 share_ = ((fees_ * (10_000 - report_.protocolFeeRate)) / 10_000) / nodeCount_;
        uint256 claimed_;
        uint256 claimCount_;

        // From the protocol, which is 0, to a node that there never is.
        for (uint32 nodeId_; nodeId_ < 800; nodeId_ += 100) {
            bool isClaimed_ =
                nodeId_ == 0
                    ? _rewards.areProtocolFeesClaimed(place_.originator, place_.index)
                    : _rewards.areFeesClaimed(nodeId_, place_.originator, place_.index);
            assertTrue(
                isClaimed_ == _settlementHandler.isClaimed(nodeId_, place_.originator, place_.index),
                "W2: claimed or not"
            );
            if (!isClaimed_) continue;

            ++claimCount_;
            claimed_ += nodeId_ == 0 ? fees_ - share_ * nodeCount_ : share_;
            assertTrue(report_.isSettled, "W2: settled before it is claimed");
            assertTrue(nodeId_ == 0 || _contains(report_.nodeIds, nodeId_), "W2: named by the report");
        }

        assertEq(claimed_, book_.claimed, "W1: what was claimed of it");
        assertTrue(claimed_ <= fees_, "W1: no more than it charged");
        if (claimCount_ == nodeCount_ + 1) assertEq(claimed_, fees_, "W1: all of it");
    }

    function invariant_W3_W4_OwedAndPaidIsWhatWasClaimed() public view {
        uint256 owedToNodes_;
        uint256 paid_;
        uint256 claimed_;
        uint256 settled_;

        for (uint32 nodeId_; nodeId_ < 800; nodeId_ += 100) {
            uint256 owed_ = nodeId_ == 0 ? _rewards.owedProtocolFees() : _rewards.getOwedFees(nodeId_);
            assertEq(owed_, _settlementHandler.owed(nodeId_), "W3: owed");

            if (nodeId_ != 0) owedToNodes_ += owed_;
            paid_ += _settlementHandler.paid(nodeId_);
        }
        for (uint256 number_; number_ < _settlementHandler.placeCount(); ++number_) {
            SettlementHandler.Place memory place_ = _settlementHandler.placeAt(number_);
            claimed_ += _settlementHandler.reportAt(place_.originator, place_.index).claimed;
            settled_ += _reports.getPayerReport(place_.originator, place_.index).feesSettled;
        }

        assertEq(_rewards.totalOwedFees(), owedToNodes_, "W3: owed to all nodes");
        assertEq(owedToNodes_ + _rewards.owedProtocolFees() + paid_, claimed_, "W4: owed or paid");
        assertTrue(paid_ <= claimed_ && claimed_ <= settled_, "W4: no more than was settled");
        assertTrue(
            paid_ <= _settlementHandler.excessSent() + _settlementHandler.givenToRewards(),
            "W4: no more than came in"
        );
    }

    function invariant_W5_W6_EveryUnitIsInOnePlace() public view {
        (int256 balances_, uint256 requests_) = _accounts();
        uint256 paid_;
        uint256 owed_ = uint256(_rewards.totalOwedFees()) + _rewards.owedProtocolFees();
        for (uint32 nodeId_; nodeId_ < 800; nodeId_ += 100) paid_ += _settlementHandler.paid(nodeId_);

        // What reports have charged and nobody has claimed yet.
        uint256 unclaimed_;
        for (uint256 number_; number_ < _settlementHandler.placeCount(); ++number_) {
            SettlementHandler.Place memory place_ = _settlementHandler.placeAt(number_);
            unclaimed_ +=
                _reports.getPayerReport(place_.originator, place_.index).feesSettled -
                _settlementHandler.reportAt(place_.originator, place_.index).claimed;
        }

        assertEq(
            int256(_settlementHandler.deposited()),
            balances_ + int256(requests_ + _settlementHandler.finalized() + unclaimed_ + owed_ + paid_),
            "W5: a unit that was deposited is in one place"
        );
        assertEq(
            _feeToken.balanceOf(address(_rewards)) + _payers.excess() + _payers.totalDebt(),
            owed_ + unclaimed_ + _settlementHandler.donated() + _settlementHandler.givenToRewards(),
            "W6: tokens and debts cover what is owed"
        );
    }

    function invariant_W7_TokensAndAccountsEqualTheBooks() public view {
        uint256 feeTokens_;

        for (uint256 index_; index_ < _settlementHandler.holderCount(); ++index_) {
            address holder_ = _settlementHandler.holderAt(index_);
            feeTokens_ += _feeToken.balanceOf(holder_);
            assertEq(_feeToken.balanceOf(holder_), _settlementHandler.held(_feeToken, holder_), "W7: fee tokens");
            assertEq(_underlying.balanceOf(holder_), _settlementHandler.held(_underlying, holder_), "W7: underlying");
        }

        assertEq(_feeToken.totalSupply(), feeTokens_, "W7: nobody else has any");

        for (uint256 index_; index_ < _settlementHandler.payerCount(); ++index_) {
            address payer_ = _settlementHandler.payerAt(index_);
            MoneyBooks.Account memory expected_ = _settlementHandler.accountOf(payer_);
            (uint96 pending_, , ) = _payers.getPendingWithdrawal(payer_);
            assertEq(int256(_payers.getBalance(payer_)), expected_.balance, "W7: balance");
            assertEq(pending_, expected_.pending, "W7: request");
        }

        assertTrue(_rewards.paused() == _settlementHandler.rewardsPaused(), "W7: pause");
        assertEq(_rewards.protocolFeesRecipient(), _settlementHandler.protocolFeesRecipient(), "W7: recipient");
    }

    function _accounts() private view returns (int256 balances_, uint256 requests_) {
        for (uint256 index_; index_ < _settlementHandler.payerCount(); ++index_) {
            address payer_ = _settlementHandler.payerAt(index_);
            (uint96 pending_, , ) = _payers.getPendingWithdrawal(payer_);
            balances_ += _payers.getBalance(payer_);
            requests_ += pending_;
        }
    }

    function _contains(uint32[] memory ids_, uint32 id_) private pure returns (bool contains_) {
        for (uint256 index_; index_ < ids_.length; ++index_) if (ids_[index_] == id_) return true;
    }

    function _guidedHandler() internal view override returns (GuidedHandler) {
        return _settlementHandler;
    }
}
