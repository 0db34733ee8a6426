// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title  A contract behind an ERC-1967 proxy that is upgraded only by a migrator.
 * @notice Nobody holds an upgrade key. A parameter of the registry names a migrator; while it does, anyone may
 *         run it, and it may do anything to the proxy's storage.
 */
interface IMigratable {
    /// @notice Thrown when the parameter that names the migrator is not set.
    error ZeroMigrator();

    /// @notice Thrown when the migrator reverted; `revertData_` is what it reverted with.
    error MigrationFailed(address migrator_, bytes revertData_);

    /// @notice Thrown when `migrator_`, or the implementation that the migrator left behind, holds no code.
    error EmptyCode(address migrator_);

    /// @notice Emitted before `migrator` runs.
    event Migrated(address indexed migrator);

    /// @notice Emitted, by the migrator, when the proxy points to a new implementation.
    event Upgraded(address indexed implementation);

    /**
     * @notice Runs the migrator named by the registry, with the proxy's storage. Callable by anyone.
     * @dev    Reverts with `ParameterOutOfTypeBounds` when the parameter is not an address, then with the errors
     *         of this interface in their order. A migrator that does not guard against it can be run again for as
     *         long as its parameter stands.
     */
    function migrate() external;

    /// @notice The implementation behind this proxy; zero when called on an implementation itself.
    function implementation() external view returns (address implementation_);
}
