// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";
import { MockUnderlyingFeeToken } from "../../../contracts/devnet/MockUnderlyingFeeToken.sol";
import { DepositSplitter } from "../../../contracts/settlement/DepositSplitter.sol";
import { FeeToken } from "../../../contracts/settlement/FeeToken.sol";
import { Payers } from "../../../contracts/settlement/Payers.sol";

import { TakingGateway } from "../mocks/GatewayMocks.sol";

import { GuidedHandler } from "./GuidedHandler.sol";
import { GuidedInvariantTest } from "./GuidedInvariantTest.sol";
import { MoneyBooks } from "./MoneyBooks.sol";
import { MoneyHandler } from "./MoneyHandler.sol";

/// @dev `README.md` lists the sentences that the names below refer to.
contract MoneyInvariants is GuidedInvariantTest {
    MockUnderlyingFeeToken private _underlying;
    FeeToken private _feeToken;
    Payers private _payers;
    DepositSplitter private _splitter;
    MoneyHandler private _moneyHandler;

    function setUp() public {
        IParameterRegistry registry_ = deploySettlementRegistry(address(this));
        _underlying = deployUnderlyingToken(registry_);
        _feeToken = deployFeeToken(registry_, _underlying);
        _payers = deployPayers(registry_, _feeToken);
        _splitter = new DepositSplitter(
            address(_feeToken),
            address(_payers),
            address(new TakingGateway(_feeToken)),
            31_339
        );
        _moneyHandler = new MoneyHandler(registry_, _payers, _splitter);
        registry_.set(_adminKey(registry_, address(_moneyHandler)), bytes32(uint256(1)));
        _moneyHandler.start();
    }

    function invariant_P1_P2_P3_TotalsAreSumsOfTheAccounts() public view {
        int256 balances_;
        uint256 pending_;
        uint256 positive_;
        uint256 debts_;

        for (uint256 index_; index_ < _moneyHandler.payerCount(); ++index_) {
            address payer_ = _moneyHandler.payerAt(index_);
            int256 balance_ = _payers.getBalance(payer_);
            (uint96 amount_, , ) = _payers.getPendingWithdrawal(payer_);

            balances_ += balance_;
            pending_ += amount_;
            if (balance_ < 0) debts_ += uint256(-balance_);
            else positive_ += uint256(balance_);
        }

        assertEq(_payers.totalDebt(), debts_, "P1: debt");
        assertEq(int256(_payers.totalDeposits()), balances_ + int256(pending_), "P2: sum of the accounts");
        assertEq(
            int256(_payers.totalDeposits()),
            int256(_moneyHandler.deposited()) - int256(_moneyHandler.finalized()) - int256(_moneyHandler.settled()),
            "P2: sum of the calls"
        );
        assertEq(_payers.totalWithdrawable(), _saturated(positive_ + pending_), "P3: withdrawable");
    }

    function invariant_P4_P5_P6_P7_TokensCoverWhatPayersCanClaim() public view {
        uint256 tokens_ = _feeToken.balanceOf(address(_payers));
        uint256 withdrawable_ = uint256(int256(_payers.totalDeposits()) + int256(uint256(_payers.totalDebt())));

        assertTrue(tokens_ >= withdrawable_, "P4: covered");

        uint256 excess_ = tokens_ - withdrawable_;
        assertEq(_payers.excess(), _saturated(excess_), "P5: excess");
        assertEq(
            _moneyHandler.settled() + _moneyHandler.donated(),
            _payers.totalDebt() + excess_ + _moneyHandler.excessSent(),
            "P6: what was settled or given is owed, or waits, or was sent"
        );
        assertEq(
            tokens_,
            _moneyHandler.deposited() +
                _moneyHandler.donated() -
                _moneyHandler.finalized() -
                _moneyHandler.excessSent(),
            "P7: tokens"
        );
    }

    function invariant_P8_P9_AccountsEqualTheBooks() public view {
        for (uint256 index_; index_ < _moneyHandler.payerCount(); ++index_) {
            address payer_ = _moneyHandler.payerAt(index_);
            MoneyBooks.Account memory expected_ = _moneyHandler.accountOf(payer_);
            (uint96 pending_, uint32 timestamp_, uint24 nonce_) = _payers.getPendingWithdrawal(payer_);

            assertTrue((pending_ == 0) == (timestamp_ == 0), "P8: a request has a time");
            assertEq(nonce_, expected_.requestCount, "P8: requests");
            assertEq(pending_, expected_.pending, "P8: pending");
            assertEq(timestamp_, expected_.withdrawableTimestamp, "P8: time");
            assertEq(int256(_payers.getBalance(payer_)), expected_.balance, "P9: balance");
        }
    }

    function invariant_P10_P11_P12_NobodyButTheSettlerAndThePayerTakesAnything() public view {
        assertEq(_moneyHandler.wrongDebtCount(), 0, "P10: debts by anything but a settlement");
        assertEq(_moneyHandler.wrongRequestCount(), 0, "P10: requests changed by others");
        assertEq(_moneyHandler.earlyPaymentCount(), 0, "P11: early payments");
        assertEq(_moneyHandler.movedWhilePausedCount(), 0, "P12: moves while paused");
    }

    function invariant_P13_SettingsEqualTheBooks() public view {
        assertEq(_payers.settler(), _moneyHandler.settler(), "settler");
        assertEq(_payers.feeDistributor(), _moneyHandler.feeDistributor(), "distributor");
        assertEq(_payers.minimumDeposit(), _moneyHandler.minimumDeposit(), "minimum");
        assertEq(_payers.withdrawLockPeriod(), _moneyHandler.withdrawLockPeriod(), "lock");
        assertTrue(_payers.paused() == _moneyHandler.paused(), "pause");

        assertTrue(_payers.withdrawLockPeriod() <= 604_800, "ceiling of the lock");
        assertTrue(_payers.minimumDeposit() != 0, "a minimum");
        assertTrue(_payers.settler() != address(0), "a settler");
    }

    function invariant_F1_F2_S1_TokensAreWhereTheBooksSay() public view {
        uint256 feeTokens_;
        uint256 underlyingTokens_;

        for (uint256 index_; index_ < _moneyHandler.holderCount(); ++index_) {
            address holder_ = _moneyHandler.holderAt(index_);
            feeTokens_ += _feeToken.balanceOf(holder_);
            underlyingTokens_ += _underlying.balanceOf(holder_);

            // The splitter is one of them.
            assertEq(_feeToken.balanceOf(holder_), _moneyHandler.held(_feeToken, holder_), "fee tokens");
            assertEq(_underlying.balanceOf(holder_), _moneyHandler.held(_underlying, holder_), "underlying tokens");
        }

        assertEq(_feeToken.totalSupply(), feeTokens_, "F2: supply");
        assertEq(_underlying.totalSupply(), underlyingTokens_, "F2: underlying supply");
        assertEq(
            _underlying.balanceOf(address(_feeToken)),
            _feeToken.totalSupply() + _moneyHandler.surplus(),
            "F1: covered, and by no more than what came without a deposit"
        );
    }

    function invariant_F3_PermitsAndAllowancesEqualTheBooks() public view {
        _checkPermits(_feeToken);
        _checkPermits(_underlying);
        assertEq(_feeToken.DOMAIN_SEPARATOR(), _moneyHandler.domainSeparatorOf(_feeToken), "F3: domain");
        assertEq(_underlying.DOMAIN_SEPARATOR(), _moneyHandler.domainSeparatorOf(_underlying), "F3: domain");
    }

    function _checkPermits(IERC20 token_) private view {
        for (uint256 index_; index_ < 4; ++index_) {
            address owner_ = _moneyHandler.holderAt(index_);
            // Both tokens have the same functions.
            assertEq(FeeToken(address(token_)).nonces(owner_), _moneyHandler.permitCount(token_, owner_), "F3: nonce");

            for (uint256 other_; other_ < _moneyHandler.holderCount(); ++other_) {
                address spender_ = _moneyHandler.holderAt(other_);
                assertEq(
                    token_.allowance(owner_, spender_),
                    _moneyHandler.allowed(token_, owner_, spender_),
                    "F3: allowance"
                );
            }
        }
    }

    function _saturated(uint256 value_) private pure returns (uint256) {
        return value_ < type(uint96).max ? value_ : type(uint96).max;
    }

    function _guidedHandler() internal view override returns (GuidedHandler) {
        return _moneyHandler;
    }
}
