// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Initializable } from "@openzeppelin/contracts-upgradeable/proxy/utils/Initializable.sol";

import { IMigratable } from "./interfaces/IMigratable.sol";
import { IParameterConsumer } from "./interfaces/IParameterConsumer.sol";

import { RegistryParameters } from "./RegistryParameters.sol";

import { Migratable } from "./Migratable.sol";

/// @title What every contract with settings of a parameter registry is: initialised once, migrated by a parameter.
abstract contract ParameterConsumer is Migratable, IParameterConsumer, Initializable {
    /// @inheritdoc IParameterConsumer
    address public immutable parameterRegistry;

    constructor(address parameterRegistry_) {
        if (parameterRegistry_ == address(0)) revert ZeroParameterRegistry();
        parameterRegistry = parameterRegistry_;

        _disableInitializers();
    }

    /// @inheritdoc IParameterConsumer
    // Names are constants, and settings are applied from the registry.
    // solhint-disable-next-line no-empty-blocks
    function initialize() external initializer {}

    /// @inheritdoc IMigratable
    function migrate() external {
        _migrate(RegistryParameters.getAddress(parameterRegistry, migratorParameterKey()));
    }

    /// @inheritdoc IParameterConsumer
    function migratorParameterKey() public pure virtual returns (string memory key_);
}
