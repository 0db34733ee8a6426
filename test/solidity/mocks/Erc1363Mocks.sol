// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev Whom tokens or approvals are given with a call (ERC-1363): answers what it is told to, and tells what it was asked.
contract AnsweringPayee {
    event Received(address operator, address from, uint256 amount, bytes data);
    event Approved(address owner, uint256 amount, bytes data);

    bytes4 private immutable _answer;

    constructor(bytes4 answer_) {
        _answer = answer_;
    }

    function onTransferReceived(
        address operator_,
        address from_,
        uint256 amount_,
        bytes calldata data_
    ) external returns (bytes4) {
        emit Received(operator_, from_, amount_, data_);
        return _answer;
    }

    function onApprovalReceived(address owner_, uint256 amount_, bytes calldata data_) external returns (bytes4) {
        emit Approved(owner_, amount_, data_);
        return _answer;
    }
}

/// @dev One that refuses, with an argument to recognise it by.
contract RefusingPayee {
    error Refused(uint256 reason);

    function onTransferReceived(address, address, uint256, bytes calldata) external pure returns (bytes4) {
        revert Refused(42);
    }

    function onApprovalReceived(address, uint256, bytes calldata) external pure returns (bytes4) {
        revert Refused(42);
    }
}
