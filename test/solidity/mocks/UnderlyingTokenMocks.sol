// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @dev A token that anyone can mint: the base of hostile ones. It has no permits.
contract MintableToken is ERC20("Hostile USD", "hUSD") {
    function mint(address to_, uint256 amount_) external {
        _mint(to_, amount_);
    }
}

/// @dev A token that calls somebody while it moves, before or after the balances change, as ERC-777 does.
contract HookingToken is MintableToken {
    HookedAccount private _account;
    bool private _afterwards;

    function hook(HookedAccount account_, bool afterwards_) external {
        _account = account_;
        _afterwards = afterwards_;
    }

    function _update(address from_, address to_, uint256 amount_) internal override {
        bool called_ = from_ != address(0) && address(_account) != address(0);

        if (called_ && !_afterwards) _account.onTokensMoving();
        super._update(from_, to_, amount_);
        if (called_ && _afterwards) _account.onTokensMoving();
    }
}

/// @dev Whom a hooking token calls: it makes the calls that were prepared, once, and tells how each ended.
contract HookedAccount {
    struct Call {
        address target;
        bytes data;
    }

    event Called(bool success, bytes answer);

    Call[] private _calls;

    function prepare(address target_, bytes calldata data_) external {
        _calls.push(Call(target_, data_));
    }

    function onTokensMoving() external {
        Call[] memory calls_ = _calls;
        delete _calls;

        for (uint256 index_; index_ < calls_.length; ++index_) {
            (bool success_, bytes memory answer_) = calls_[index_].target.call(calls_[index_].data);
            emit Called(success_, answer_);
        }
    }

    function execute(address target_, bytes calldata data_) external {
        (bool success_, bytes memory answer_) = target_.call(data_);
        if (success_) return;
        assembly ("memory-safe") {
            revert(add(answer_, 32), mload(answer_))
        }
    }
}

/// @dev A token that keeps one percent of every transfer.
contract TaxingToken is MintableToken {
    function _update(address from_, address to_, uint256 amount_) internal override {
        uint256 tax_ = from_ == address(0) || to_ == address(0) ? 0 : amount_ / 100;

        super._update(from_, to_, amount_ - tax_);
        if (tax_ != 0) super._update(from_, address(0), tax_);
    }
}

/// @dev A token that, once told to, moves no more: it says so, or reverts as when its issuer has blocked an account.
contract FailingToken is MintableToken {
    enum Failure {
        None,
        ReturnsFalse,
        Reverts
    }

    error Blocked();

    Failure private _failure;

    function fail(Failure failure_) external {
        _failure = failure_;
    }

    function transfer(address to_, uint256 amount_) public override returns (bool) {
        return _moves() && super.transfer(to_, amount_);
    }

    function transferFrom(address from_, address to_, uint256 amount_) public override returns (bool) {
        return _moves() && super.transferFrom(from_, to_, amount_);
    }

    function _moves() private view returns (bool) {
        if (_failure == Failure.Reverts) revert Blocked();
        return _failure == Failure.None;
    }
}

/// @dev A token whose functions return nothing, as those of some old ones.
contract SilentToken {
    mapping(address account => uint256 balance) public balanceOf;
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;

    function mint(address to_, uint256 amount_) external {
        balanceOf[to_] += amount_;
    }

    function approve(address spender_, uint256 amount_) external {
        allowance[msg.sender][spender_] = amount_;
    }

    function transfer(address to_, uint256 amount_) external {
        _move(msg.sender, to_, amount_);
    }

    function transferFrom(address from_, address to_, uint256 amount_) external {
        allowance[from_][msg.sender] -= amount_;
        _move(from_, to_, amount_);
    }

    function _move(address from_, address to_, uint256 amount_) private {
        balanceOf[from_] -= amount_;
        balanceOf[to_] += amount_;
    }
}

/// @dev A fee token with as many decimals as it is told to have.
contract DecimalsToken {
    uint8 public immutable decimals;

    address public immutable underlying = address(this);

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }
}
