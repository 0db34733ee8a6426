// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import { IParameterConsumer } from "../../../contracts/common/interfaces/IParameterConsumer.sol";
import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";
import { IDepositSplitter } from "../../../contracts/settlement/interfaces/IDepositSplitter.sol";
import { IFeeToken } from "../../../contracts/settlement/interfaces/IFeeToken.sol";
import { IPayers } from "../../../contracts/settlement/interfaces/IPayers.sol";
import { DepositSplitter } from "../../../contracts/settlement/DepositSplitter.sol";
import { Payers } from "../../../contracts/settlement/Payers.sol";

import { MoneyBooks } from "./MoneyBooks.sol";

/// @title Uses the tokens, the escrow and the splitter in every way.
contract MoneyHandler is MoneyBooks {
    enum Operation {
        // The tokens
        Mint,
        Transfer,
        TransferFrom,
        Approve,
        Permit,
        TransferAndCall,
        TransferFromAndCall,
        TokenDeposit,
        TokenDepositWithPermit,
        TokenDepositFor,
        TokenDepositForWithPermit,
        TokenDepositReceived,
        Withdraw,
        WithdrawTo,
        // The escrow
        Deposit,
        DepositWithPermit,
        DepositFromUnderlying,
        DepositFromUnderlyingWithPermit,
        DepositReceivedFor,
        RequestWithdrawal,
        CancelWithdrawal,
        FinalizeWithdrawal,
        FinalizeWithdrawalIntoUnderlying,
        SettleUsage,
        SendExcess,
        // Its settings
        UpdateSettler,
        UpdateFeeDistributor,
        UpdateMinimumDeposit,
        UpdateWithdrawLockPeriod,
        UpdatePauseStatus,
        UpdateAll,
        // The splitter
        Split,
        SplitWithPermit,
        SplitUnderlying,
        SplitUnderlyingWithPermit
    }

    /// @dev What the escrow itself says.
    struct Standing {
        int104[] balances;
        bytes32[] requests;
        int104 totalDeposits;
        uint96 totalDebt;
        bool paused;
        uint256 tokens;
        uint256 donated;
    }

    /// @dev What goes where by the splitter.
    struct Legs {
        address sender;
        bool isUnderlying;
        bool hasPermit;
        address payer;
        uint256 escrow;
        uint256 gas;
    }

    DepositSplitter private immutable _splitter;

    /// @notice Times that a balance fell below zero, or further below, by something else than a settlement.
    uint256 public wrongDebtCount;

    /// @notice Times that a request changed by something else than a call of its payer.
    uint256 public wrongRequestCount;

    /// @notice Steps in which something moved in an escrow that was paused all along.
    uint256 public movedWhilePausedCount;

    Permit private _usedPermit;
    bytes private _standing;

    constructor(
        IParameterRegistry registry_,
        Payers payers_,
        DepositSplitter splitter_
    ) MoneyBooks(registry_, payers_) {
        _splitter = splitter_;
        // As its constructor does.
        allowed[_feeToken][address(splitter_)][splitter_.settlementChainGateway()] = type(uint256).max;
    }

    /// @notice The settings of a network that has just been deployed, without a distributor.
    function start() external {
        settler = _someSettler(0);
        minimumDeposit = 10_000_000;
        withdrawLockPeriod = 2 days;

        _set(_payers.settlerParameterKey(), uint160(settler));
        _set(_payers.minimumDepositParameterKey(), minimumDeposit);
        _set(_payers.withdrawLockPeriodParameterKey(), withdrawLockPeriod);
        _payers.updateAll();
    }

    function operationCount() public pure override returns (uint256 operationCount_) {
        return uint256(type(Operation).max) + 1;
    }

    function holderAt(uint256 index_) public view override returns (address holder_) {
        if (index_ < ACTOR_COUNT) return _actors[index_];
        if (index_ == ACTOR_COUNT) return address(_payers);
        if (index_ == ACTOR_COUNT + 1) return address(_feeToken);
        if (index_ == ACTOR_COUNT + 2) return address(_splitter);
        if (index_ == ACTOR_COUNT + 3) return _splitter.settlementChainGateway();
        return _someDistributor(index_);
    }

    function holderCount() public pure override returns (uint256 holderCount_) {
        return ACTOR_COUNT + 6;
    }

    function _operate() internal override {
        Operation operation_ = Operation(_operation);

        if (operation_ <= Operation.WithdrawTo) _operateTokens(operation_);
        else if (operation_ <= Operation.SendExcess) _operateEscrow(operation_);
        else if (operation_ <= Operation.UpdateAll) _operateSettings(operation_);
        else _split(operation_);

        // Time passes, at times for long.
        if (_draw(4) == 0) _now += _draw(_draw(4) == 0 ? 10 days : 3 hours);
    }

    function _beforeStep() internal override {
        if (_standing.length == 0) _standing = abi.encode(_readStanding());
    }

    function _afterStep() internal override {
        Standing memory before_ = abi.decode(_standing, (Standing));
        Standing memory after_ = _readStanding();
        Operation operation_ = Operation(_operation);

        for (uint256 index_; index_ < payerCount(); ++index_) {
            int104 balance_ = after_.balances[index_];
            bool isLower_ = balance_ < 0 && balance_ < before_.balances[index_];
            if (isLower_ && operation_ != Operation.SettleUsage) ++wrongDebtCount;
            if (balance_ < -int256(MAX_96)) ++wrongDebtCount;

            bool isOwn_ =
                payerAt(index_) == _sender &&
                    operation_ >= Operation.RequestWithdrawal &&
                    operation_ <= Operation.FinalizeWithdrawalIntoUnderlying;
            if (after_.requests[index_] != before_.requests[index_] && !isOwn_) ++wrongRequestCount;
        }

        if (before_.paused && after_.paused) {
            before_.tokens += after_.donated - before_.donated;
            before_.donated = after_.donated;
            if (keccak256(abi.encode(before_)) != keccak256(abi.encode(after_))) ++movedWhilePausedCount;
        }

        _standing = abi.encode(after_);
    }

    function _readStanding() private view returns (Standing memory standing_) {
        address[] memory accounts_ = new address[](payerCount());
        standing_.requests = new bytes32[](payerCount());

        for (uint256 index_; index_ < accounts_.length; ++index_) {
            accounts_[index_] = payerAt(index_);
            (uint96 pending_, uint32 timestamp_, uint24 nonce_) = _payers.getPendingWithdrawal(accounts_[index_]);
            standing_.requests[index_] = keccak256(abi.encode(pending_, timestamp_, nonce_));
        }

        standing_.balances = _payers.getBalances(accounts_);
        standing_.totalDeposits = _payers.totalDeposits();
        standing_.totalDebt = _payers.totalDebt();
        standing_.paused = _payers.paused();
        standing_.tokens = _feeToken.balanceOf(address(_payers));
        standing_.donated = donated;
    }

    function _operateTokens(Operation operation_) private {
        if (operation_ == Operation.Mint) _mintSome();
        else if (operation_ == Operation.Transfer) _transfer();
        else if (operation_ == Operation.TransferFrom) _transferFrom();
        else if (operation_ == Operation.Approve) _approveSome();
        else if (operation_ == Operation.Permit) _permit();
        else if (operation_ == Operation.TransferAndCall) _transferAndCall();
        else if (operation_ == Operation.TransferFromAndCall) _transferFromAndCall();
        else if (operation_ == Operation.TokenDepositReceived) _depositReceived();
        else if (operation_ == Operation.Withdraw || operation_ == Operation.WithdrawTo) _withdraw(operation_);
        else _depositTokens(operation_);
    }

    function _operateEscrow(Operation operation_) private {
        if (operation_ == Operation.Deposit) _deposit();
        else if (operation_ == Operation.DepositReceivedFor) _depositReceivedFor();
        else if (operation_ == Operation.RequestWithdrawal) _requestWithdrawal();
        else if (operation_ == Operation.CancelWithdrawal) _cancelWithdrawal();
        else if (operation_ == Operation.FinalizeWithdrawal) _finalizeWithdrawal(false);
        else if (operation_ == Operation.FinalizeWithdrawalIntoUnderlying) _finalizeWithdrawal(true);
        else if (operation_ == Operation.SettleUsage) _settleUsage();
        else if (operation_ == Operation.SendExcess) _sendExcessToFeeDistributor();
        else _depositOtherwise(operation_);
    }

    function _operateSettings(Operation operation_) private {
        if (operation_ == Operation.UpdateSettler) _updateSettler();
        else if (operation_ == Operation.UpdateFeeDistributor) _updateFeeDistributor();
        else if (operation_ == Operation.UpdateMinimumDeposit) _updateMinimumDeposit();
        else if (operation_ == Operation.UpdateWithdrawLockPeriod) _updateWithdrawLockPeriod();
        else if (operation_ == Operation.UpdatePauseStatus) _updatePauseStatus();
        else _updateAll();
    }

    // The tokens

    function _mintSome() private {
        address to_ = _errs(8) ? address(0) : holderAt(_draw(holderCount()));
        uint256 amount_ = _errs(8) && supply[_underlying] != 0 ? type(uint256).max : _someAmount(1_000);

        bytes memory refusal_;
        if (amount_ == type(uint256).max) refusal_ = _panic(0x11);
        if (to_ == address(0)) refusal_ = _invalidReceiver();

        (bool success_, ) = _attempt(
            _someActor(),
            address(_underlying),
            abi.encodeCall(_underlying.mint, (to_, amount_)),
            refusal_
        );
        if (success_) _create(_underlying, to_, amount_);
    }

    function _transfer() private {
        IERC20 token_ = _someToken();
        address from_ = _someActor();
        address to_ = _errs(12) ? address(0) : holderAt(_draw(holderCount()));
        uint256 amount_ = _errs(3) ? _someAmount(1_000) : _draw(held[token_][from_] + 1);
        if (_guided) _fund(token_, from_, amount_);

        bytes memory refusal_;
        if (held[token_][from_] < amount_) {
            refusal_ = abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                from_,
                held[token_][from_],
                amount_
            );
        }
        if (to_ == address(0)) refusal_ = _invalidReceiver();

        (bool success_, ) = _attempt(from_, address(token_), abi.encodeCall(token_.transfer, (to_, amount_)), refusal_);
        if (!success_) return;

        _move(token_, from_, to_, amount_);
        if (_isFeeToken(token_)) _give(to_, amount_);
    }

    function _transferFrom() private {
        address from_ = _someActor();
        address spender_ = _someActor();
        address to_ = _errs(12) ? address(0) : holderAt(_draw(holderCount()));
        uint256 amount_ = _someAmount(1_000);
        _fund(_feeToken, from_, amount_);
        _approve(_feeToken, from_, spender_, amount_);

        bytes memory refusal_ = _refusalOfPull(from_, spender_, amount_);
        if (to_ == address(0) && allowed[_feeToken][from_][spender_] >= amount_) refusal_ = _invalidReceiver();

        (bool success_, ) = _attempt(
            spender_,
            address(_feeToken),
            abi.encodeCall(_feeToken.transferFrom, (from_, to_, amount_)),
            refusal_
        );
        if (!success_) return;

        _spend(_feeToken, from_, spender_, amount_);
        _move(_feeToken, from_, to_, amount_);
        _give(to_, amount_);
    }

    function _approveSome() private {
        IERC20 token_ = _someToken();
        address owner_ = _someActor();
        address spender_ = _errs(8) ? address(0) : holderAt(_draw(holderCount()));
        uint256 amount_ = _someAmount(1_000);

        bytes memory refusal_;
        if (spender_ == address(0)) {
            refusal_ = abi.encodeWithSelector(IERC20Errors.ERC20InvalidSpender.selector, address(0));
        }

        (bool success_, ) = _attempt(
            owner_,
            address(token_),
            abi.encodeCall(token_.approve, (spender_, amount_)),
            refusal_
        );
        if (success_) allowed[token_][owner_][spender_] = amount_;
    }

    function _permit() private {
        Permit memory permit_;

        // At times one that was used before.
        if (_errs(4) && address(_usedPermit.token) != address(0)) {
            permit_ = _usedPermit;
        } else {
            address spender_ = _errs(12) ? address(0) : _someActor();
            permit_ = _somePermit(_someToken(), _someActor(), spender_, _someAmount(1_000));
        }

        if (_isFeeToken(permit_.token)) {
            bytes32 digest_ = _feeToken.getPermitDigest(
                permit_.owner,
                permit_.spender,
                permit_.value,
                permitCount[_feeToken][permit_.owner],
                permit_.deadline
            );
            assertEq(digest_, _digestOf(permit_, permitCount[_feeToken][permit_.owner]), "digest");
        }

        (bool success_, ) = _attempt(
            _someActor(),
            address(permit_.token),
            _callDataOf(permit_),
            _refusalOfPermit(permit_)
        );
        if (!success_) return;

        _notePermit(permit_);
        _usedPermit = permit_;
    }

    function _callDataOf(Permit memory permit_) private pure returns (bytes memory callData_) {
        return
            abi.encodeCall(
                IERC20Permit.permit,
                (permit_.owner, permit_.spender, permit_.value, permit_.deadline, permit_.v, permit_.r, permit_.s)
            );
    }

    /// @dev Two of the ways to pay the escrow: the fee token tells it.
    function _transferAndCall() private {
        _resume();
        address sender_ = _someActor();
        address payer_ = _somePayer();
        bool isNamed_ = _draw(2) == 0;
        uint256 amount_ = _someAmount(minimumDeposit);
        // More than an account takes, if there is as much.
        if (_errs(20)) amount_ = MAX_96 + 1;
        _fund(_feeToken, sender_, amount_);
        if (!isNamed_) payer_ = sender_;

        bytes memory refusal_ = _refusalOfTransfer(sender_, amount_);
        if (refusal_.length == 0) refusal_ = _refusalOfReceived(payer_, amount_);

        // Only the fee token may say that it was paid.
        if (_errs(8)) {
            _attempt(
                sender_,
                address(_payers),
                abi.encodeCall(_payers.onTransferReceived, (sender_, sender_, uint96(amount_), abi.encode(payer_))),
                abi.encodeWithSelector(IPayers.NotFeeToken.selector)
            );
        }

        (bool success_, ) = _attempt(
            sender_,
            address(_feeToken),
            abi.encodeWithSignature(
                "transferAndCall(address,uint256,bytes)",
                address(_payers),
                amount_,
                isNamed_ ? abi.encode(payer_) : bytes("")
            ),
            refusal_
        );
        if (!success_) return;

        _move(_feeToken, sender_, address(_payers), amount_);
        _credit(payer_, amount_);
    }

    function _transferFromAndCall() private {
        _resume();
        address sender_ = _someActor();
        address owner_ = _someActor();
        address payer_ = _somePayer();
        uint256 amount_ = _someAmount(minimumDeposit);
        _fund(_feeToken, owner_, amount_);
        _approve(_feeToken, owner_, sender_, amount_);

        bytes memory refusal_ = _refusalOfPull(owner_, sender_, amount_);
        if (refusal_.length == 0) refusal_ = _refusalOfReceived(payer_, amount_);

        (bool success_, ) = _attempt(
            sender_,
            address(_feeToken),
            abi.encodeWithSignature(
                "transferFromAndCall(address,address,uint256,bytes)",
                owner_,
                address(_payers),
                amount_,
                abi.encode(payer_)
            ),
            refusal_
        );
        if (!success_) return;

        _spend(_feeToken, owner_, sender_, amount_);
        _move(_feeToken, owner_, address(_payers), amount_);
        _credit(payer_, amount_);
    }

    function _refusalOfReceived(address payer_, uint256 amount_) private view returns (bytes memory refusal_) {
        if (amount_ > MAX_96) {
            return abi.encodeWithSignature("SafeCastOverflowedUintDowncast(uint8,uint256)", 96, amount_);
        }

        return _refusalOfCredit(payer_, amount_);
    }

    function _depositTokens(Operation operation_) private {
        address sender_ = _someActor();
        bool isForOther_ = operation_ == Operation.TokenDepositFor || operation_ == Operation.TokenDepositForWithPermit;
        bool hasPermit_ =
            operation_ == Operation.TokenDepositWithPermit || operation_ == Operation.TokenDepositForWithPermit;
        address recipient_ = isForOther_ ? holderAt(_draw(holderCount())) : sender_;
        if (isForOther_ && _errs(12)) recipient_ = address(0);
        uint256 amount_ = _someAmount(1_000);

        (Permit memory permit_, bytes memory undo_) = _arrange(
            _underlying,
            sender_,
            address(_feeToken),
            amount_,
            hasPermit_
        );

        bytes memory refusal_;
        if (!_canPullUnderlying(sender_, address(_feeToken), amount_)) {
            refusal_ = abi.encodeWithSelector(IFeeToken.TransferFromFailed.selector);
        }
        if (recipient_ == address(0)) refusal_ = abi.encodeWithSelector(IFeeToken.ZeroRecipient.selector);
        if (amount_ == 0) refusal_ = abi.encodeWithSelector(IFeeToken.ZeroAmount.selector);

        bytes memory callData_;
        if (operation_ == Operation.TokenDeposit) callData_ = abi.encodeCall(_feeToken.deposit, (amount_));
        if (operation_ == Operation.TokenDepositFor) {
            callData_ = abi.encodeCall(_feeToken.depositFor, (recipient_, amount_));
        }
        if (operation_ == Operation.TokenDepositWithPermit) {
            callData_ = abi.encodeCall(
                _feeToken.depositWithPermit,
                (amount_, permit_.deadline, permit_.v, permit_.r, permit_.s)
            );
        }
        if (operation_ == Operation.TokenDepositForWithPermit) {
            callData_ = abi.encodeCall(
                _feeToken.depositForWithPermit,
                (recipient_, amount_, permit_.deadline, permit_.v, permit_.r, permit_.s)
            );
        }

        (bool success_, ) = _attempt(sender_, address(_feeToken), callData_, refusal_);
        if (!success_) return _undo(permit_, undo_);

        _spend(_underlying, sender_, address(_feeToken), amount_);
        _move(_underlying, sender_, address(_feeToken), amount_);
        _create(_feeToken, recipient_, amount_);
        _give(recipient_, amount_);
    }

    function _depositReceived() private {
        address recipient_ = _errs(8) ? address(0) : holderAt(_draw(holderCount()));
        uint256 amount_ = _errs(3) ? _someAmount(1_000) : _draw(surplus() + 2);
        if (_guided) _mint(address(_feeToken), ++amount_);

        bytes memory refusal_;
        if (surplus() < amount_) refusal_ = abi.encodeWithSelector(IFeeToken.TransferFromFailed.selector);
        if (recipient_ == address(0)) refusal_ = abi.encodeWithSelector(IFeeToken.ZeroRecipient.selector);
        if (amount_ == 0) refusal_ = abi.encodeWithSelector(IFeeToken.ZeroAmount.selector);

        (bool success_, ) = _attempt(
            _someActor(),
            address(_feeToken),
            abi.encodeCall(_feeToken.depositReceived, (recipient_, amount_)),
            refusal_
        );
        if (!success_) return;

        _create(_feeToken, recipient_, amount_);
        _give(recipient_, amount_);
    }

    function _withdraw(Operation operation_) private {
        address sender_ = _someActor();
        address recipient_ = sender_;
        if (operation_ == Operation.WithdrawTo) {
            recipient_ = _errs(8) ? address(0) : holderAt(_draw(holderCount()));
        }
        uint256 amount_ = _errs(3) ? _someAmount(1_000) : _draw(held[_feeToken][sender_] + 1);
        if (_guided) _fund(_feeToken, sender_, ++amount_);

        bytes memory refusal_ = _refusalOfTransfer(sender_, amount_);
        if (recipient_ == address(0)) refusal_ = abi.encodeWithSelector(IFeeToken.ZeroRecipient.selector);
        if (amount_ == 0) refusal_ = abi.encodeWithSelector(IFeeToken.ZeroAmount.selector);

        (bool success_, ) = _attempt(
            sender_,
            address(_feeToken),
            operation_ == Operation.Withdraw
                ? abi.encodeCall(_feeToken.withdraw, (amount_))
                : abi.encodeCall(_feeToken.withdrawTo, (recipient_, amount_)),
            refusal_
        );
        if (!success_) return;

        _destroy(_feeToken, sender_, amount_);
        _move(_underlying, address(_feeToken), recipient_, amount_);
        if (recipient_ == sender_ && _draw(2) == 0) _depositAgain(sender_, amount_);
    }

    /// @dev What was withdrawn comes back, as if it had never gone.
    function _depositAgain(address sender_, uint256 amount_) private {
        uint256 before_ = _underlying.balanceOf(sender_);

        _prepare(sender_, address(_underlying), abi.encodeCall(_underlying.approve, (address(_feeToken), amount_)));
        _prepare(sender_, address(_feeToken), abi.encodeCall(_feeToken.deposit, (amount_)));
        assertEq(_underlying.balanceOf(sender_), before_ - amount_, "deposit of what was withdrawn");

        _prepare(sender_, address(_feeToken), abi.encodeCall(_feeToken.withdraw, (amount_)));
        assertEq(_underlying.balanceOf(sender_), before_, "withdrawal of what was deposited");

        allowed[_underlying][sender_][address(_feeToken)] = 0;
    }

    // Deposits into the escrow

    function _depositOtherwise(Operation operation_) private {
        _resume();
        bool isUnderlying_ = operation_ != Operation.DepositWithPermit;
        IERC20 token_ = isUnderlying_ ? IERC20(_underlying) : IERC20(_feeToken);
        address sender_ = _someActor();
        address payer_ = _somePayer();
        uint256 amount_ = _someAmount(minimumDeposit);

        (Permit memory permit_, bytes memory undo_) = _arrange(
            token_,
            sender_,
            address(_payers),
            amount_,
            operation_ != Operation.DepositFromUnderlying
        );

        bytes memory refusal_;
        if (!isUnderlying_) {
            refusal_ = _refusalOfPull(sender_, address(_payers), amount_);
        } else if (!_canPullUnderlying(sender_, address(_payers), amount_)) {
            refusal_ = abi.encodeWithSelector(IPayers.TransferFromFailed.selector);
        } else if (amount_ == 0) {
            refusal_ = abi.encodeWithSelector(IFeeToken.ZeroAmount.selector);
        }
        if (refusal_.length == 0) refusal_ = _refusalOfCredit(payer_, amount_);

        (bool success_, ) = _attempt(
            sender_,
            address(_payers),
            _depositCallData(operation_, payer_, uint96(amount_), permit_),
            refusal_
        );
        if (!success_) return _undo(permit_, undo_);

        _spend(token_, sender_, address(_payers), amount_);
        _pay(isUnderlying_, sender_, address(_payers), amount_);
        _credit(payer_, amount_);
    }

    function _depositCallData(
        Operation operation_,
        address payer_,
        uint96 amount_,
        Permit memory permit_
    ) private view returns (bytes memory callData_) {
        if (operation_ == Operation.DepositFromUnderlying) {
            return abi.encodeCall(_payers.depositFromUnderlying, (payer_, amount_));
        }
        if (operation_ == Operation.DepositFromUnderlyingWithPermit) {
            return
                abi.encodeCall(
                    _payers.depositFromUnderlyingWithPermit,
                    (payer_, amount_, permit_.deadline, permit_.v, permit_.r, permit_.s)
                );
        }
        return
            abi.encodeCall(
                _payers.depositWithPermit,
                (payer_, amount_, permit_.deadline, permit_.v, permit_.r, permit_.s)
            );
    }

    function _depositReceivedFor() private {
        _resume();
        address payer_ = _somePayer();
        uint256 amount_ = _someAmount(minimumDeposit);
        if (_guided || _draw(2) == 0) _mint(address(_feeToken), amount_);

        bytes memory refusal_ = _refusalOfCredit(payer_, amount_);
        if (surplus() < amount_) refusal_ = abi.encodeWithSelector(IFeeToken.TransferFromFailed.selector);
        if (amount_ == 0) refusal_ = abi.encodeWithSelector(IFeeToken.ZeroAmount.selector);

        (bool success_, ) = _attempt(
            _someActor(),
            address(_payers),
            abi.encodeCall(_payers.depositReceivedFor, (payer_, uint96(amount_))),
            refusal_
        );
        if (!success_) return;

        _create(_feeToken, address(_payers), amount_);
        _credit(payer_, amount_);
    }

    // Settlement

    function _settleUsage() private {
        _resume();
        address sender_ = _errs(10) ? _someActor() : settler;
        IPayers.PayerFee[] memory fees_ = new IPayers.PayerFee[](_draw(8));
        int256[] memory balances_ = new int256[](payerCount());
        uint256 sum_;
        uint256 debt_ = totalDebt();

        for (uint256 index_; index_ < balances_.length; ++index_) {
            balances_[index_] = accountOf(payerAt(index_)).balance;
        }

        for (uint256 index_; index_ < fees_.length; ++index_) {
            uint256 payer_ = _someCharged();
            uint256 fee_ = _draw(10 ** _draw(11));
            // Often all that there is, and a little more.
            if (_draw(2) == 0 && balances_[payer_] > 0 && balances_[payer_] < 1 << 60) {
                fee_ = uint256(balances_[payer_]) + _draw(1_000);
            }
            // Some can never pay what they owe: not those whom guided steps rely on.
            if (payer_ >= ACTOR_COUNT - 1 && _errs(24)) fee_ = MAX_96 - _draw(3);

            fees_[index_] = IPayers.PayerFee(payerAt(payer_), uint96(fee_));
            debt_ -= _debtOf(balances_[payer_]);
            balances_[payer_] -= int256(fee_);
            debt_ += _debtOf(balances_[payer_]);
            sum_ += fee_;
        }

        bytes memory refusal_;
        if (sum_ > MAX_96 || debt_ > MAX_96) refusal_ = _panic(0x11);
        if (paused) refusal_ = abi.encodeWithSelector(IPayers.Paused.selector);
        if (sender_ != settler) refusal_ = abi.encodeWithSelector(IPayers.NotSettler.selector);

        (bool success_, bytes memory answer_) = _attempt(
            sender_,
            address(_payers),
            abi.encodeCall(_payers.settleUsage, (bytes32(_draw()), fees_)),
            refusal_
        );
        if (!success_) return;

        assertEq(abi.decode(answer_, (uint256)), sum_, "P9: sum of the fees");
        for (uint256 index_; index_ < fees_.length; ++index_) _charge(fees_[index_].payer, fees_[index_].fee);
    }

    /// @dev Often a payer with a request, which a debt stops.
    function _someCharged() private returns (uint256 payer_) {
        payer_ = _draw(payerCount());
        if (_draw(2) == 0) return payer_;

        for (uint256 index_; index_ < ACTOR_COUNT; ++index_) {
            if (accountOf(payerAt((payer_ + index_) % ACTOR_COUNT)).pending != 0)
                return (payer_ + index_) % ACTOR_COUNT;
        }
    }

    // Settings

    function _updateSettler() private {
        uint256 value_ = _spoiled(uint160(_someSettler(_draw(2))), 0, 1 << 160);
        if (_guided) value_ = uint160(_someSettler(settler == _someSettler(0) ? 1 : 0));

        bytes memory refusal_;
        if (value_ == uint160(settler)) refusal_ = abi.encodeWithSelector(IParameterConsumer.NoChange.selector);
        if (value_ == 0) refusal_ = abi.encodeWithSelector(IPayers.ZeroSettler.selector);
        if (value_ >> 160 != 0) refusal_ = _outOfBounds();

        if (_update(_payers.settlerParameterKey(), value_, abi.encodeCall(_payers.updateSettler, ()), refusal_)) {
            settler = address(uint160(value_));
        }
    }

    function _updateFeeDistributor() private {
        uint256 value_ = _spoiled(uint160(_someDistributor(_draw(2))), 0, 1 << 160);
        if (_guided) value_ = uint160(_someDistributor(feeDistributor == _someDistributor(0) ? 1 : 0));

        bytes memory refusal_;
        if (value_ == uint160(feeDistributor)) refusal_ = abi.encodeWithSelector(IParameterConsumer.NoChange.selector);
        if (value_ == 0) refusal_ = abi.encodeWithSelector(IPayers.ZeroFeeDistributor.selector);
        if (value_ >> 160 != 0) refusal_ = _outOfBounds();

        bytes memory callData_ = abi.encodeCall(_payers.updateFeeDistributor, ());
        if (_update(_payers.feeDistributorParameterKey(), value_, callData_, refusal_)) {
            feeDistributor = address(uint160(value_));
        }
    }

    function _nameFeeDistributor() internal override {
        feeDistributor = _someDistributor(0);
        _set(_payers.feeDistributorParameterKey(), uint160(feeDistributor));
        _prepare(address(this), address(_payers), abi.encodeCall(_payers.updateFeeDistributor, ()));
    }

    function _updateMinimumDeposit() private {
        uint256 value_ = _spoiled(_someMinimum(), 0, 1 << 96);
        if (_guided && value_ == minimumDeposit) ++value_;

        bytes memory refusal_;
        if (value_ == minimumDeposit) refusal_ = abi.encodeWithSelector(IParameterConsumer.NoChange.selector);
        if (value_ == 0) refusal_ = abi.encodeWithSelector(IPayers.ZeroMinimumDeposit.selector);
        if (value_ >> 96 != 0) refusal_ = _outOfBounds();

        bytes memory callData_ = abi.encodeCall(_payers.updateMinimumDeposit, ());
        if (_update(_payers.minimumDepositParameterKey(), value_, callData_, refusal_)) minimumDeposit = value_;
    }

    function _updateWithdrawLockPeriod() private {
        uint256 value_ = _spoiled(_someLock(), 604_801, 1 << 32);
        if (_guided && value_ == withdrawLockPeriod) value_ = withdrawLockPeriod == 0 ? 1 : withdrawLockPeriod - 1;

        bytes memory refusal_;
        if (value_ == withdrawLockPeriod) refusal_ = abi.encodeWithSelector(IParameterConsumer.NoChange.selector);
        if (value_ > 604_800) refusal_ = _lockTooHigh(value_);
        if (value_ >> 32 != 0) refusal_ = _outOfBounds();

        bytes memory callData_ = abi.encodeCall(_payers.updateWithdrawLockPeriod, ());
        if (_update(_payers.withdrawLockPeriodParameterKey(), value_, callData_, refusal_)) {
            withdrawLockPeriod = value_;
        }
    }

    function _updatePauseStatus() private {
        uint256 value_ = _somePause();
        if (_guided) value_ = paused ? 0 : 1;

        bytes memory refusal_;
        if (value_ == (paused ? 1 : 0)) refusal_ = abi.encodeWithSelector(IParameterConsumer.NoChange.selector);
        if (value_ > 1) refusal_ = _outOfBounds();

        bytes memory callData_ = abi.encodeCall(_payers.updatePauseStatus, ());
        if (_update(_payers.pausedParameterKey(), value_, callData_, refusal_)) paused = value_ == 1;
    }

    function _updateAll() private {
        bool paused_ = _draw(4) == 0;
        address settler_ = _someSettler(_draw(2));
        address feeDistributor_ = _someDistributor(_draw(2));
        uint256 minimumDeposit_ = _someMinimum();
        uint256 lock_ = _errs(4) ? 604_801 : _someLock();

        _set(_payers.pausedParameterKey(), paused_ ? 1 : 0);
        _set(_payers.settlerParameterKey(), uint160(settler_));
        _set(_payers.feeDistributorParameterKey(), uint160(feeDistributor_));
        _set(_payers.minimumDepositParameterKey(), minimumDeposit_);
        _set(_payers.withdrawLockPeriodParameterKey(), lock_);

        (bool success_, ) = _attempt(
            _someActor(),
            address(_payers),
            abi.encodeCall(_payers.updateAll, ()),
            lock_ > 604_800 ? _lockTooHigh(lock_) : bytes("")
        );
        if (!success_) return;

        paused = paused_;
        settler = settler_;
        feeDistributor = feeDistributor_;
        minimumDeposit = minimumDeposit_;
        withdrawLockPeriod = lock_;
    }

    function _update(
        string memory key_,
        uint256 value_,
        bytes memory callData_,
        bytes memory refusal_
    ) private returns (bool success_) {
        _set(key_, value_);
        (success_, ) = _attempt(_someActor(), address(_payers), callData_, refusal_);
    }

    // The splitter

    function _split(Operation operation_) private {
        _resume();
        Legs memory legs_;
        legs_.sender = _someActor();
        legs_.payer = _somePayer();
        legs_.escrow = _draw(4) == 0 ? 0 : _someAmount(minimumDeposit);
        legs_.gas = legs_.escrow != 0 && _draw(2) == 0 ? 0 : _someAmount(1);
        legs_.isUnderlying =
            operation_ == Operation.SplitUnderlying ||
            operation_ == Operation.SplitUnderlyingWithPermit;
        legs_.hasPermit = operation_ == Operation.SplitWithPermit || operation_ == Operation.SplitUnderlyingWithPermit;
        IERC20 token_ = legs_.isUnderlying ? IERC20(_underlying) : IERC20(_feeToken);
        uint256 sum_ = legs_.escrow + legs_.gas;

        (Permit memory permit_, bytes memory undo_) = _arrange(
            token_,
            legs_.sender,
            address(_splitter),
            sum_,
            legs_.hasPermit
        );

        (bool success_, ) = _attempt(
            legs_.sender,
            address(_splitter),
            _splitCallData(legs_, permit_),
            _refusalOfSplit(legs_)
        );
        if (!success_) return _undo(permit_, undo_);

        _spend(token_, legs_.sender, address(_splitter), sum_);
        if (legs_.escrow != 0) {
            _pay(legs_.isUnderlying, legs_.sender, address(_payers), legs_.escrow);
            _credit(legs_.payer, legs_.escrow);
        }
        if (legs_.gas != 0) {
            _pay(legs_.isUnderlying, legs_.sender, _splitter.settlementChainGateway(), legs_.gas);
        }
    }

    function _refusalOfSplit(Legs memory legs_) private view returns (bytes memory refusal_) {
        uint256 sum_ = legs_.escrow + legs_.gas;
        if (sum_ > MAX_96) return _panic(0x11);
        if (sum_ == 0) return abi.encodeWithSelector(IDepositSplitter.ZeroTotalAmount.selector);

        if (legs_.isUnderlying && !_canPullUnderlying(legs_.sender, address(_splitter), sum_)) {
            return abi.encodeWithSelector(IDepositSplitter.TransferFromFailed.selector);
        }

        if (legs_.escrow != 0) {
            if (!legs_.isUnderlying) {
                refusal_ = _refusalOfPull(legs_.sender, address(_splitter), legs_.escrow);
                if (refusal_.length != 0) return refusal_;
            }

            refusal_ = _refusalOfCredit(legs_.payer, legs_.escrow);
            if (refusal_.length != 0) return refusal_;
        }

        if (!legs_.isUnderlying && legs_.gas != 0) return _refusalOfSecondPull(legs_);
    }

    /// @dev Of what the first leg has left.
    function _refusalOfSecondPull(Legs memory legs_) private view returns (bytes memory refusal_) {
        uint256 allowed_ = allowed[_feeToken][legs_.sender][address(_splitter)];
        if (allowed_ != type(uint256).max) allowed_ -= legs_.escrow;
        uint256 held_ = held[_feeToken][legs_.sender] - legs_.escrow;

        if (allowed_ < legs_.gas) {
            return
                abi.encodeWithSelector(
                    IERC20Errors.ERC20InsufficientAllowance.selector,
                    address(_splitter),
                    allowed_,
                    legs_.gas
                );
        }
        if (held_ < legs_.gas) {
            return
                abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, legs_.sender, held_, legs_.gas);
        }
    }

    function _splitCallData(Legs memory legs_, Permit memory permit_) private view returns (bytes memory callData_) {
        bytes4 selector_;
        if (legs_.isUnderlying) {
            selector_ =
                legs_.hasPermit
                    ? _splitter.depositFromUnderlyingWithPermit.selector
                    : _splitter.depositFromUnderlying.selector;
        } else {
            selector_ = legs_.hasPermit ? _splitter.depositWithPermit.selector : _splitter.deposit.selector;
        }

        callData_ = abi.encodeWithSelector(selector_, legs_.payer, legs_.escrow, _actors[0], legs_.gas, 100_000, 1);
        if (legs_.hasPermit) {
            callData_ = bytes.concat(callData_, abi.encode(permit_.deadline, permit_.v, permit_.r, permit_.s));
        }
    }

    // What the operations share

    function _someToken() private returns (IERC20 token_) {
        return _draw(2) == 0 ? IERC20(_feeToken) : IERC20(_underlying);
    }

    function _someSettler(uint256 index_) private pure returns (address settler_) {
        return address(uint160(0x5e7710 + (index_ % 2)));
    }

    function _someDistributor(uint256 index_) private pure returns (address feeDistributor_) {
        return address(uint160(0xd15710 + (index_ % 2)));
    }

    /// @dev On both sides of the bound above which a least deposit is kept elsewhere.
    function _someMinimum() private returns (uint256 minimumDeposit_) {
        if (_draw(3) == 0) return (1 << 35) - 3 + _draw(6);
        return 1 + _draw(10 ** (1 + _draw(8)));
    }

    function _someLock() private returns (uint256 seconds_) {
        return _draw(4) == 0 ? 604_800 * _draw(2) : _draw(604_801);
    }

    function _outOfBounds() private pure returns (bytes memory refusal_) {
        return abi.encodeWithSelector(IParameterConsumer.ParameterOutOfTypeBounds.selector);
    }

    function _invalidReceiver() private pure returns (bytes memory refusal_) {
        return abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0));
    }

    function _lockTooHigh(uint256 seconds_) private pure returns (bytes memory refusal_) {
        return abi.encodeWithSelector(IPayers.WithdrawLockPeriodTooHigh.selector, seconds_, 604_800);
    }

    /**
     * @dev Tokens for a call, and leave to take them: by an approval, or by a permit, which the call uses. At times somebody
     *      uses the permit first. The books show what the permit allows already; `_undo` takes it back.
     */
    function _arrange(
        IERC20 token_,
        address owner_,
        address spender_,
        uint256 amount_,
        bool hasPermit_
    ) private returns (Permit memory permit_, bytes memory undo_) {
        _fund(token_, owner_, amount_);
        if (!hasPermit_) {
            _approve(token_, owner_, spender_, amount_);
            return (permit_, "");
        }

        permit_ = _somePermit(token_, owner_, spender_, amount_);
        if (_refusalOfPermit(permit_).length != 0) return (permit_, "");

        if (_draw(4) == 0) {
            _prepare(_someActor(), address(token_), _callDataOf(permit_));
        } else {
            undo_ = abi.encode(allowed[token_][owner_][spender_]);
        }

        _notePermit(permit_);
    }

    /// @dev A call that fails has used no permit.
    function _undo(Permit memory permit_, bytes memory undo_) private {
        if (undo_.length == 0) return;

        --permitCount[permit_.token][permit_.owner];
        allowed[permit_.token][permit_.owner][permit_.spender] = abi.decode(undo_, (uint256));
    }

    /// @dev Moves fee tokens in the books, or makes them of underlying ones.
    function _pay(bool isUnderlying_, address from_, address to_, uint256 amount_) private {
        if (!isUnderlying_) return _move(_feeToken, from_, to_, amount_);

        _move(_underlying, from_, address(_feeToken), amount_);
        _create(_feeToken, to_, amount_);
    }
}
