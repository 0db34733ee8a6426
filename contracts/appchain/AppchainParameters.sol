// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IVersioned } from "../common/interfaces/IVersioned.sol";

import { ParameterRegistry } from "../common/ParameterRegistry.sol";

/// @title The parameter registry of the appchain.
contract AppchainParameters is ParameterRegistry {
    /// @inheritdoc IVersioned
    function version() external pure returns (string memory version_) {
        return "1.0.0";
    }

    /// @inheritdoc IVersioned
    function contractName() external pure returns (string memory contractName_) {
        return "AppChainParameterRegistry";
    }

    function _migratorParameterKey() internal pure override returns (string memory key_) {
        return "xmtp.appChainParameterRegistry.migrator";
    }

    function _adminParameterKey() internal pure override returns (string memory key_) {
        return "xmtp.appChainParameterRegistry.isAdmin";
    }
}
