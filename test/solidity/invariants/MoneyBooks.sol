// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";
import { MockUnderlyingFeeToken } from "../../../contracts/devnet/MockUnderlyingFeeToken.sol";
import { IPayers } from "../../../contracts/settlement/interfaces/IPayers.sol";
import { FeeToken } from "../../../contracts/settlement/FeeToken.sol";
import { Payers } from "../../../contracts/settlement/Payers.sol";

import { GuidedHandler } from "./GuidedHandler.sol";

/**
 * @title Books of who has which tokens and which escrow, and how the calls that move them must end.
 * @dev   Nothing here asks the contracts. An amount is added where the sentence of the interface says so, or not at all.
 */
abstract contract MoneyBooks is GuidedHandler {
    /// @notice What a payer has in the escrow.
    struct Account {
        int256 balance;
        uint256 pending;
        uint256 withdrawableTimestamp;
        uint256 requestCount;
    }

    /// @notice A permit with its signature.
    struct Permit {
        IERC20 token;
        address owner;
        address spender;
        uint8 v;
        uint256 value;
        uint256 deadline;
        bytes32 r;
        bytes32 s;
    }

    uint256 internal constant MAX_96 = type(uint96).max;

    /// @dev Of tokens that are created only as long as there are fewer: no sum can get near its bounds.
    uint256 private constant _PLENTY = 1 << 99;

    uint256 private constant _CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    uint256 internal constant ACTOR_COUNT = 4;
    uint256 private constant _FIRST_KEY = 0xac7010;

    FeeToken internal immutable _feeToken;
    MockUnderlyingFeeToken internal immutable _underlying;
    Payers internal immutable _payers;

    /// @dev Accounts with keys, who pay, transfer and sign.
    address[ACTOR_COUNT] internal _actors;

    // The books: the tokens.
    mapping(IERC20 token => mapping(address account => uint256 amount)) public held;
    mapping(IERC20 token => mapping(address owner => mapping(address spender => uint256 amount))) public allowed;
    mapping(IERC20 token => mapping(address owner => uint256 count)) public permitCount;
    mapping(IERC20 token => uint256 amount) public supply;

    // The books: the escrow.
    mapping(address payer => Account account) private _accounts;
    uint256 public deposited;
    uint256 public finalized;
    uint256 public settled;
    uint256 public excessSent;
    uint256 public donated;

    /// @notice Payments before the time that the request and the lock of its time made, or to a payer with a debt.
    uint256 public earlyPaymentCount;
    mapping(address payer => uint256 timestamp) private _promised;

    // The books: its settings.
    address public settler;
    address public feeDistributor;
    uint256 public minimumDeposit;
    uint256 public withdrawLockPeriod;
    bool public paused;

    constructor(IParameterRegistry registry_, Payers payers_) GuidedHandler(registry_) {
        _payers = payers_;
        _feeToken = FeeToken(payers_.feeToken());
        _underlying = MockUnderlyingFeeToken(_feeToken.underlying());

        for (uint256 index_; index_ < ACTOR_COUNT; ++index_) _actors[index_] = vm.addr(_FIRST_KEY + index_);
    }

    function accountOf(address payer_) public view returns (Account memory account_) {
        return _accounts[payer_];
    }

    /// @notice Everyone who may have an account in the escrow: the actors, nobody, and the escrow itself.
    function payerAt(uint256 index_) public view returns (address payer_) {
        if (index_ < ACTOR_COUNT) return _actors[index_];
        return index_ == ACTOR_COUNT ? address(0) : address(_payers);
    }

    function payerCount() public pure returns (uint256 payerCount_) {
        return ACTOR_COUNT + 2;
    }

    /// @notice Everyone who may hold tokens.
    function holderAt(uint256 index_) public view virtual returns (address holder_);

    function holderCount() public pure virtual returns (uint256 holderCount_);

    // Tokens

    function _someActor() internal returns (address actor_) {
        return _actors[_draw(ACTOR_COUNT)];
    }

    function _keyOf(address actor_) internal view returns (uint256 key_) {
        for (uint256 index_; index_ < ACTOR_COUNT; ++index_) if (_actors[index_] == actor_) return _FIRST_KEY + index_;
    }

    /// @dev Zero, one, around a bound, and rarely as much as there can be; something usual mostly.
    function _someAmount(uint256 least_) internal returns (uint256 amount_) {
        if (_errs(12)) return 0;
        if (_errs(12)) return 1;
        if (_errs(12)) return least_ - 1;
        if (_errs(40) && supply[_underlying] < _PLENTY / 2) return MAX_96 - _draw(2);
        if (_draw(3) == 0) return least_;
        return least_ + _draw(10 ** (1 + _draw(9)));
    }

    function _isFeeToken(IERC20 token_) internal view returns (bool isFeeToken_) {
        return address(token_) == address(_feeToken);
    }

    /// @dev New underlying tokens, unless there are too many to go on.
    function _mint(address to_, uint256 amount_) internal {
        if (supply[_underlying] + amount_ > _PLENTY) return;

        _prepare(address(this), address(_underlying), abi.encodeCall(_underlying.mint, (to_, amount_)));
        _create(_underlying, to_, amount_);
    }

    /// @dev Sees to it, mostly, that somebody has tokens.
    function _fund(IERC20 token_, address account_, uint256 amount_) internal {
        if (held[token_][account_] >= amount_ || _errs(8)) return;

        if (!_isFeeToken(token_)) return _mint(account_, amount_);

        uint256 before_ = supply[_underlying];
        _mint(address(_feeToken), amount_);
        if (supply[_underlying] == before_) return;

        _prepare(account_, address(_feeToken), abi.encodeCall(_feeToken.depositReceived, (account_, amount_)));
        _create(_feeToken, account_, amount_);
    }

    /// @dev Sees to it, mostly, that somebody may take them.
    function _approve(IERC20 token_, address owner_, address spender_, uint256 amount_) internal {
        if (_errs(8)) return;
        if (_errs(16) && amount_ != 0) --amount_;
        if (_draw(16) == 0) amount_ = type(uint256).max;

        _prepare(owner_, address(token_), abi.encodeCall(token_.approve, (spender_, amount_)));
        allowed[token_][owner_][spender_] = amount_;
    }

    function _create(IERC20 token_, address to_, uint256 amount_) internal {
        supply[token_] += amount_;
        held[token_][to_] += amount_;
    }

    function _destroy(IERC20 token_, address from_, uint256 amount_) internal {
        supply[token_] -= amount_;
        held[token_][from_] -= amount_;
    }

    function _move(IERC20 token_, address from_, address to_, uint256 amount_) internal {
        held[token_][from_] -= amount_;
        held[token_][to_] += amount_;
    }

    function _spend(IERC20 token_, address owner_, address spender_, uint256 amount_) internal {
        if (allowed[token_][owner_][spender_] != type(uint256).max) allowed[token_][owner_][spender_] -= amount_;
    }

    /// @dev How a transfer of somebody's fee tokens by somebody else must end.
    function _refusalOfPull(address owner_, address spender_, uint256 amount_) internal view returns (bytes memory) {
        uint256 allowed_ = allowed[_feeToken][owner_][spender_];

        if (allowed_ < amount_) {
            return
                abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, spender_, allowed_, amount_);
        }

        return _refusalOfTransfer(owner_, amount_);
    }

    function _refusalOfTransfer(address owner_, uint256 amount_) internal view returns (bytes memory refusal_) {
        uint256 held_ = held[_feeToken][owner_];
        if (held_ >= amount_) return "";

        return abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, owner_, held_, amount_);
    }

    function _canPullUnderlying(address owner_, address spender_, uint256 amount_) internal view returns (bool) {
        return allowed[_underlying][owner_][spender_] >= amount_ && held[_underlying][owner_] >= amount_;
    }

    /// @dev Underlying tokens of the fee token that nobody has a fee token for.
    function surplus() public view returns (uint256 surplus_) {
        return held[_underlying][address(_feeToken)] - supply[_feeToken];
    }

    /// @dev Fee tokens that come to somebody for nothing; those of the escrow are in nobody's account.
    function _give(address to_, uint256 amount_) internal virtual {
        if (to_ == address(_payers)) donated += amount_;
    }

    // Permits

    /// @dev A permit that is right, mostly.
    function _somePermit(
        IERC20 token_,
        address owner_,
        address spender_,
        uint256 value_
    ) internal returns (Permit memory permit_) {
        permit_.token = token_;
        permit_.owner = owner_;
        permit_.spender = spender_;
        permit_.value = value_;
        permit_.deadline = _errs(10) ? _now - 1 : _now + _draw(2);

        uint256 nonce_ = permitCount[token_][owner_];
        if (_errs(10)) ++nonce_;
        uint256 key_ = _keyOf(_errs(10) ? _someActor() : owner_);

        (permit_.v, permit_.r, permit_.s) = vm.sign(key_, _digestOf(permit_, nonce_));

        if (_errs(10)) {
            permit_.v = 55 - permit_.v;
            permit_.s = bytes32(_CURVE_ORDER - uint256(permit_.s));
        }
    }

    function _refusalOfPermit(Permit memory permit_) internal view returns (bytes memory refusal_) {
        if (_now > permit_.deadline) {
            return abi.encodeWithSignature("ERC2612ExpiredSignature(uint256)", permit_.deadline);
        }
        if (uint256(permit_.s) > _CURVE_ORDER / 2) {
            return abi.encodeWithSignature("ECDSAInvalidSignatureS(bytes32)", permit_.s);
        }

        bytes32 digest_ = _digestOf(permit_, permitCount[permit_.token][permit_.owner]);
        address signer_ = ecrecover(digest_, permit_.v, permit_.r, permit_.s);

        if (signer_ == address(0)) return abi.encodeWithSignature("ECDSAInvalidSignature()");
        if (signer_ != permit_.owner) {
            return abi.encodeWithSignature("ERC2612InvalidSigner(address,address)", signer_, permit_.owner);
        }
        if (permit_.spender == address(0)) {
            return abi.encodeWithSelector(IERC20Errors.ERC20InvalidSpender.selector, address(0));
        }
    }

    function _notePermit(Permit memory permit_) internal {
        ++permitCount[permit_.token][permit_.owner];
        allowed[permit_.token][permit_.owner][permit_.spender] = permit_.value;
    }

    function _digestOf(Permit memory permit_, uint256 nonce_) internal view returns (bytes32 digest_) {
        bytes32 structHash_ = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                permit_.owner,
                permit_.spender,
                permit_.value,
                nonce_,
                permit_.deadline
            )
        );

        return keccak256(bytes.concat(hex"1901", domainSeparatorOf(permit_.token), structHash_));
    }

    function domainSeparatorOf(IERC20 token_) public view returns (bytes32 domainSeparator_) {
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                    keccak256(_isFeeToken(token_) ? bytes("XMTP USD Fee Token") : bytes("Mock USD")),
                    keccak256("1"),
                    block.chainid,
                    token_
                )
            );
    }

    // The escrow

    /// @notice The sum of all balances and all requested withdrawals.
    function totalDeposits() public view returns (int256 total_) {
        for (uint256 index_; index_ < payerCount(); ++index_) {
            Account memory account_ = _accounts[payerAt(index_)];
            total_ += account_.balance + int256(account_.pending);
        }
    }

    /// @notice The sum of all debts.
    function totalDebt() public view returns (uint256 total_) {
        for (uint256 index_; index_ < payerCount(); ++index_) total_ += _debtOf(_accounts[payerAt(index_)].balance);
    }

    /// @notice What payers can still claim.
    function totalWithdrawable() public view returns (uint256 total_) {
        for (uint256 index_; index_ < payerCount(); ++index_) {
            Account memory account_ = _accounts[payerAt(index_)];
            total_ += account_.pending;
            if (account_.balance > 0) total_ += uint256(account_.balance);
        }
    }

    function excess() public view returns (uint256 excess_) {
        return held[_feeToken][address(_payers)] - totalWithdrawable();
    }

    function _debtOf(int256 balance_) internal pure returns (uint256 debt_) {
        return balance_ < 0 ? uint256(-balance_) : 0;
    }

    function _refusalOfCredit(address payer_, uint256 amount_) internal view returns (bytes memory refusal_) {
        if (paused) return abi.encodeWithSelector(IPayers.Paused.selector);
        if (payer_ == address(0)) return abi.encodeWithSelector(IPayers.ZeroPayer.selector);
        if (amount_ < minimumDeposit) {
            return abi.encodeWithSelector(IPayers.InsufficientDeposit.selector, amount_, minimumDeposit);
        }
    }

    function _credit(address payer_, uint256 amount_) internal {
        _accounts[payer_].balance += int256(amount_);
        deposited += amount_;
    }

    /// @dev Any payer that may be named, rarely nobody.
    function _somePayer() internal returns (address payer_) {
        if (_errs(12)) return address(0);
        return _errs(12) ? address(_payers) : _someActor();
    }

    /// @dev Mostly one with a request.
    function _someRequester() private returns (address payer_) {
        if (_guided) {
            payer_ = _actors[_draw(ACTOR_COUNT - 1)];
            _settleDown(payer_, true);
            return payer_;
        }

        for (uint256 tries_; tries_ < 4; ++tries_) {
            payer_ = _someActor();
            if (_accounts[payer_].pending != 0) return payer_;
        }
    }

    /// @dev An escrow that is paused does nothing, so a guided step resumes it.
    function _resume() internal {
        if (!_guided || !paused) return;

        _set(_payers.pausedParameterKey(), 0);
        _prepare(address(this), address(_payers), abi.encodeCall(_payers.updatePauseStatus, ()));
        paused = false;
    }

    function _deposit() internal {
        _resume();
        address sender_ = _someActor();
        address payer_ = _somePayer();
        uint256 amount_ = _someAmount(minimumDeposit);
        _fund(_feeToken, sender_, amount_);
        _approve(_feeToken, sender_, address(_payers), amount_);

        bytes memory refusal_ = _refusalOfPull(sender_, address(_payers), amount_);
        if (refusal_.length == 0) refusal_ = _refusalOfCredit(payer_, amount_);

        (bool success_, ) = _attempt(
            sender_,
            address(_payers),
            abi.encodeCall(_payers.deposit, (payer_, uint96(amount_))),
            refusal_
        );
        if (!success_) return;

        _spend(_feeToken, sender_, address(_payers), amount_);
        _move(_feeToken, sender_, address(_payers), amount_);
        _credit(payer_, amount_);
    }

    function _requestWithdrawal() internal {
        _resume();
        address payer_ = _guided ? _actors[_draw(ACTOR_COUNT - 1)] : _someActor();
        if (_guided) _settleDown(payer_, false);
        Account storage account = _accounts[payer_];
        uint256 amount_ = account.balance > 0 ? 1 + _draw(uint256(account.balance)) : 1;
        if (_errs(6)) amount_ = _someAmount(1);
        if (amount_ > MAX_96) amount_ = MAX_96;

        bytes memory refusal_;
        if (account.balance < int256(amount_)) refusal_ = abi.encodeWithSelector(IPayers.InsufficientBalance.selector);
        if (account.pending != 0) refusal_ = abi.encodeWithSelector(IPayers.PendingWithdrawalExists.selector);
        if (amount_ == 0) refusal_ = abi.encodeWithSelector(IPayers.ZeroWithdrawalAmount.selector);
        if (paused) refusal_ = abi.encodeWithSelector(IPayers.Paused.selector);

        (bool success_, ) = _attempt(
            payer_,
            address(_payers),
            abi.encodeCall(_payers.requestWithdrawal, (uint96(amount_))),
            refusal_
        );
        if (success_) _noteRequest(payer_, amount_);
    }

    function _cancelWithdrawal() internal {
        _resume();
        address payer_ = _someRequester();
        Account storage account = _accounts[payer_];

        bytes memory refusal_;
        if (account.pending == 0) refusal_ = abi.encodeWithSelector(IPayers.NoPendingWithdrawal.selector);
        if (paused) refusal_ = abi.encodeWithSelector(IPayers.Paused.selector);

        (bool success_, ) = _attempt(payer_, address(_payers), abi.encodeCall(_payers.cancelWithdrawal, ()), refusal_);
        if (!success_) return;

        account.balance += int256(account.pending);
        account.pending = 0;
        account.withdrawableTimestamp = 0;
    }

    function _finalizeWithdrawal(bool intoUnderlying_) internal {
        _resume();
        address payer_ = _someRequester();
        Account storage account = _accounts[payer_];
        if (_guided || _draw(2) == 0) _waitUntil(account.withdrawableTimestamp);
        address recipient_ = _errs(8) ? address(0) : holderAt(_draw(holderCount()));

        bytes memory refusal_;
        if (_now < account.withdrawableTimestamp) {
            refusal_ = abi.encodeWithSelector(
                IPayers.WithdrawalNotReady.selector,
                _now,
                account.withdrawableTimestamp,
                account.requestCount
            );
        }
        if (account.balance < 0) refusal_ = abi.encodeWithSelector(IPayers.PayerInDebt.selector);
        if (account.pending == 0) refusal_ = abi.encodeWithSelector(IPayers.NoPendingWithdrawal.selector);
        if (recipient_ == address(0)) refusal_ = abi.encodeWithSelector(IPayers.ZeroRecipient.selector);
        if (paused) refusal_ = abi.encodeWithSelector(IPayers.Paused.selector);

        (bool success_, ) = _attempt(
            payer_,
            address(_payers),
            intoUnderlying_
                ? abi.encodeCall(_payers.finalizeWithdrawalIntoUnderlying, (recipient_))
                : abi.encodeCall(_payers.finalizeWithdrawal, (recipient_)),
            refusal_
        );
        if (success_) _noteFinalization(payer_, recipient_, intoUnderlying_);
    }

    function _sendExcessToFeeDistributor() internal {
        _resume();
        if (_guided && feeDistributor == address(0)) return _nameFeeDistributor();
        if (_guided && excess() == 0) _donate(1 + _draw(1_000));
        uint256 excess_ = excess() < MAX_96 ? excess() : MAX_96;

        bytes memory refusal_;
        if (feeDistributor == address(0)) refusal_ = abi.encodeWithSelector(IPayers.ZeroFeeDistributor.selector);
        if (excess_ == 0) refusal_ = abi.encodeWithSelector(IPayers.NoExcess.selector);
        if (paused) refusal_ = abi.encodeWithSelector(IPayers.Paused.selector);

        (bool success_, bytes memory answer_) = _attempt(
            _someActor(),
            address(_payers),
            abi.encodeCall(_payers.sendExcessToFeeDistributor, ()),
            refusal_
        );
        if (!success_) return;

        assertEq(abi.decode(answer_, (uint256)), excess_, "excess that was sent");
        _noteExcessSent(excess_);
        assertEq(_payers.excess(), excess() < MAX_96 ? excess() : MAX_96, "P4: excess that is left");
    }

    function _noteExcessSent(uint256 excess_) internal {
        _move(_feeToken, address(_payers), feeDistributor, excess_);
        excessSent += excess_;
    }

    /// @dev Charges a payer in the books.
    function _charge(address payer_, uint256 fee_) internal {
        _accounts[payer_].balance -= int256(fee_);
        settled += fee_;
    }

    /// @dev Fee tokens to the escrow, in nobody's account.
    function _donate(uint256 amount_) internal {
        _fund(_feeToken, _actors[0], amount_);
        _prepare(_actors[0], address(_feeToken), abi.encodeCall(_feeToken.transfer, (address(_payers), amount_)));
        _move(_feeToken, _actors[0], address(_payers), amount_);
        _give(address(_payers), amount_);
    }

    function _waitUntil(uint256 timestamp_) internal {
        if (timestamp_ > _now) vm.warp(_now = timestamp_);
    }

    function _nameFeeDistributor() internal virtual;

    /// @dev Brings a payer's account to order: no debt, something in it, and with or without a request.
    function _settleDown(address payer_, bool requested_) private {
        Account storage account = _accounts[payer_];

        if (account.balance <= 0) {
            uint256 amount_ = minimumDeposit + _debtOf(account.balance) + _draw(1_000);
            _fund(_feeToken, payer_, amount_);
            _prepare(payer_, address(_feeToken), abi.encodeCall(_feeToken.approve, (address(_payers), amount_)));
            _prepare(payer_, address(_payers), abi.encodeCall(_payers.deposit, (payer_, uint96(amount_))));
            allowed[_feeToken][payer_][address(_payers)] = 0;
            _move(_feeToken, payer_, address(_payers), amount_);
            _credit(payer_, amount_);
        }

        if (requested_ && account.pending == 0) {
            uint256 amount_ = account.balance > 1 ? uint256(account.balance) / 2 : 1;
            if (amount_ > MAX_96) amount_ = MAX_96;
            _prepare(payer_, address(_payers), abi.encodeCall(_payers.requestWithdrawal, (uint96(amount_))));
            _noteRequest(payer_, amount_);
        }

        if (!requested_ && account.pending != 0) {
            _prepare(payer_, address(_payers), abi.encodeCall(_payers.cancelWithdrawal, ()));
            account.balance += int256(account.pending);
            account.pending = 0;
            account.withdrawableTimestamp = 0;
        }
    }

    function _noteRequest(address payer_, uint256 amount_) private {
        Account storage account = _accounts[payer_];
        account.balance -= int256(amount_);
        account.pending = amount_;
        account.withdrawableTimestamp = _now + withdrawLockPeriod;
        ++account.requestCount;
        _promised[payer_] = _now + withdrawLockPeriod;
    }

    function _noteFinalization(address payer_, address recipient_, bool intoUnderlying_) private {
        Account storage account = _accounts[payer_];
        uint256 amount_ = account.pending;
        if (block.timestamp < _promised[payer_] || account.balance < 0) ++earlyPaymentCount;
        account.pending = 0;
        account.withdrawableTimestamp = 0;
        finalized += amount_;

        if (intoUnderlying_) {
            _destroy(_feeToken, address(_payers), amount_);
            _move(_underlying, address(_feeToken), recipient_, amount_);
        } else {
            _move(_feeToken, address(_payers), recipient_, amount_);
            _give(recipient_, amount_);
        }
    }
}
