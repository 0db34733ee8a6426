// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Moves a proxy from one implementation to the next, once. Any call to it, on behalf of a proxy, does so.
interface IMigrator {
    /// @notice Thrown when the implementation to leave is zero.
    error ZeroFromImplementation();

    /// @notice Thrown when the implementation to go to is zero.
    error ZeroToImplementation();

    /// @notice Thrown when the implementation to go to holds no code.
    error EmptyCode(address implementation_);

    /// @notice Thrown when the proxy does not stand at `fromImplementation`, so also on a second run.
    error UnexpectedImplementation();

    /// @notice Emitted, as an event of the proxy, when the proxy points to the new implementation.
    event Upgraded(address indexed implementation);

    /// @notice The implementation that a proxy must have for this migrator to run.
    function fromImplementation() external view returns (address);

    /// @notice The implementation that a proxy has afterwards.
    function toImplementation() external view returns (address);
}
