// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Create2 } from "@openzeppelin/contracts/utils/Create2.sol";

import { IProxyFactory } from "./interfaces/IProxyFactory.sol";

import { MigratableProxy } from "./MigratableProxy.sol";

/// @title Deploys `MigratableProxy` with CREATE2; see the interface for what that promises.
contract ProxyFactory is IProxyFactory {
    /// @inheritdoc IProxyFactory
    bytes32 public constant PROXY_INIT_CODE_HASH = keccak256(type(MigratableProxy).creationCode);

    /// @inheritdoc IProxyFactory
    address public transient pendingImplementation;

    /// @inheritdoc IProxyFactory
    function deployProxy(
        bytes32 salt_,
        address implementation_,
        bytes calldata initializeCallData_
    ) external returns (address proxy_) {
        if (implementation_.code.length == 0) revert EmptyImplementation(implementation_);
        if (initializeCallData_.length == 0) revert EmptyInitializeCallData();

        proxy_ = computeProxyAddress(msg.sender, salt_);
        // Asked for first because a CREATE2 collision burns all the gas that it is given.
        if (proxy_.code.length != 0) revert ProxyExists(proxy_);

        pendingImplementation = implementation_;
        new MigratableProxy{ salt: _create2Salt(msg.sender, salt_) }();
        pendingImplementation = address(0);

        emit ProxyDeployed(proxy_, implementation_, msg.sender, salt_, initializeCallData_);

        (bool success_, bytes memory revertData_) = proxy_.call(initializeCallData_);
        if (!success_) revert InitializationFailed(revertData_);
    }

    /// @inheritdoc IProxyFactory
    function computeProxyAddress(address caller_, bytes32 salt_) public view returns (address proxy_) {
        return Create2.computeAddress(_create2Salt(caller_, salt_), PROXY_INIT_CODE_HASH);
    }

    /// @dev The caller is part of the salt, so nobody can take an address that another account announced.
    function _create2Salt(address caller_, bytes32 salt_) private pure returns (bytes32 create2Salt_) {
        return keccak256(abi.encode(caller_, salt_));
    }
}
