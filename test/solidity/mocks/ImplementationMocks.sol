// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IProxyFactory } from "../../../contracts/common/interfaces/IProxyFactory.sol";

/// @dev An implementation that answers in every way there is: with data, with a reason to revert, with its caller.
contract AnsweringImplementation {
    event Initialized(address caller);

    error Refused(uint256 reason);

    receive() external payable {}

    function initialize() external {
        emit Initialized(msg.sender);
    }

    function refuse() external pure {
        revert Refused(42);
    }

    function echo(bytes calldata data_) external payable returns (bytes memory, address, uint256) {
        return (data_, msg.sender, msg.value);
    }
}

/// @dev An implementation that, while its proxy is initialised, deploys another proxy with the same factory.
contract NestingImplementation {
    address public inner;
    address public pendingBefore;
    address public pendingAfter;

    function initialize(address innerImplementation_, bytes calldata innerCallData_) external {
        pendingBefore = IProxyFactory(msg.sender).pendingImplementation();
        inner = IProxyFactory(msg.sender).deployProxy(bytes32(0), innerImplementation_, innerCallData_);
        pendingAfter = IProxyFactory(msg.sender).pendingImplementation();
    }
}
