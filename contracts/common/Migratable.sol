// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC1967Utils } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";

import { IMigratable } from "./interfaces/IMigratable.sol";

/// @title Runs migrators on behalf of the contracts that inherit it; they say which migrator.
abstract contract Migratable is IMigratable {
    /// @inheritdoc IMigratable
    function implementation() external view returns (address implementation_) {
        return ERC1967Utils.getImplementation();
    }

    /// @dev Code is asked for before and after: a call to an address without code succeeds and does nothing, and a
    ///      proxy that points to one would swallow every later call, `migrate` included.
    function _migrate(address migrator_) internal {
        if (migrator_ == address(0)) revert ZeroMigrator();
        if (migrator_.code.length == 0) revert EmptyCode(migrator_);

        emit Migrated(migrator_);

        (bool success_, bytes memory revertData_) = migrator_.delegatecall("");
        if (!success_) revert MigrationFailed(migrator_, revertData_);

        address implementation_ = ERC1967Utils.getImplementation();
        if (implementation_.code.length == 0) revert EmptyCode(implementation_);
    }
}
