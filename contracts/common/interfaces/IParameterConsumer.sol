// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title  A contract whose settings live in a parameter registry.
 * @notice It keeps a copy of each setting. Anyone may bring a copy up to date with the matching `update` function:
 *         the authority is the value in the registry, not the caller. A key that is not set reads as zero.
 */
interface IParameterConsumer {
    /// @notice Thrown when an implementation is constructed without a registry.
    error ZeroParameterRegistry();

    /// @notice Thrown when a registry value does not fit the type of its parameter.
    error ParameterOutOfTypeBounds();

    /// @notice Thrown when the registry value is the one already applied.
    error NoChange();

    /// @notice Sets the proxy up, once. Callable by anyone, so it belongs into the deploying transaction.
    function initialize() external;

    /// @notice The registry, fixed in the implementation's code.
    function parameterRegistry() external view returns (address);

    /// @notice Key of the parameter that names the migrator.
    function migratorParameterKey() external pure returns (string memory key_);
}
