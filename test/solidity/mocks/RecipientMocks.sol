// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev Whom native currency is paid: it makes the call that was prepared, once, and tells how it ended.
contract CallingRecipient {
    event Called(bool success, bytes answer);

    address private _target;
    bytes private _data;
    uint256 private _value;

    function prepare(address target_, bytes calldata data_, uint256 value_) external payable {
        (_target, _data, _value) = (target_, data_, value_);
    }

    receive() external payable {
        if (_target == address(0)) return;

        address target_ = _target;
        _target = address(0);
        (bool success_, bytes memory answer_) = target_.call{ value: _value }(_data);
        emit Called(success_, answer_);
    }

    function execute(address target_, bytes calldata data_) external payable {
        (bool success_, bytes memory answer_) = target_.call{ value: msg.value }(data_);
        if (success_) return;
        assembly ("memory-safe") {
            revert(add(answer_, 32), mload(answer_))
        }
    }
}
