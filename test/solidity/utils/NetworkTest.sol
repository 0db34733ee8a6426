// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { GroupMessages } from "../../../contracts/appchain/GroupMessages.sol";
import { IdentityUpdates } from "../../../contracts/appchain/IdentityUpdates.sol";
import { AppchainParameters } from "../../../contracts/appchain/AppchainParameters.sol";
import { IParameterConsumer } from "../../../contracts/common/interfaces/IParameterConsumer.sol";
import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";
import { ProxyFactory } from "../../../contracts/common/ProxyFactory.sol";
import { Nodes } from "../../../contracts/settlement/Nodes.sol";

import { HexDigits } from "./HexDigits.sol";
import { Test } from "./Test.sol";

/// @title Deploys the contracts behind proxies, with the test itself as the admin of their parameters.
abstract contract NetworkTest is Test {
    ProxyFactory private immutable _factory = new ProxyFactory();
    uint256 private _salt;

    function deployRegistry(address admin_) internal returns (IParameterRegistry registry_) {
        address[] memory admins_ = new address[](1);
        admins_[0] = admin_;

        return
            IParameterRegistry(
                _deployProxy(
                    address(new AppchainParameters()),
                    abi.encodeCall(IParameterRegistry.initialize, (admins_))
                )
            );
    }

    function deployGroupMessages(IParameterRegistry registry_) internal returns (GroupMessages) {
        return GroupMessages(_deployConsumer(address(new GroupMessages(address(registry_)))));
    }

    function deployIdentityUpdates(IParameterRegistry registry_) internal returns (IdentityUpdates) {
        return IdentityUpdates(_deployConsumer(address(new IdentityUpdates(address(registry_)))));
    }

    function deployNodes(IParameterRegistry registry_) internal returns (Nodes) {
        return Nodes(_deployConsumer(address(new Nodes(address(registry_)))));
    }

    /// @dev The key that makes an account an admin.
    function _adminKey(IParameterRegistry registry_, address account_) internal pure returns (string memory) {
        return string.concat(registry_.adminParameterKey(), ".", HexDigits.ofAddress(account_));
    }

    function _deployConsumer(address implementation_) private returns (address) {
        return _deployProxy(implementation_, abi.encodeCall(IParameterConsumer.initialize, ()));
    }

    function _deployProxy(address implementation_, bytes memory initializeCallData_) private returns (address) {
        return _factory.deployProxy(bytes32(++_salt), implementation_, initializeCallData_);
    }
}
