// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IMigratable } from "./IMigratable.sol";
import { IVersioned } from "./IVersioned.sol";

/**
 * @title  The settings of the network on one chain: a map from string keys to 32-byte values.
 * @notice Values are right-aligned (numbers, addresses, booleans as 0 and 1). A key that was never set reads as zero.
 *         Admins are parameters too: the key `<adminParameterKey>.<account>`, the account as `0x` and forty
 *         LOWERCASE hex digits, holds a non-zero value. A key spelled otherwise is stored and grants nothing.
 */
interface IParameterRegistry is IMigratable, IVersioned {
    /// @notice Thrown when the caller is not an admin.
    error NotAdmin();

    /// @notice Thrown when a batch names no key.
    error NoKeys();

    /// @notice Thrown when a batch has another number of values than keys.
    error ArrayLengthMismatch();

    /// @notice Thrown when a registry would start without an admin.
    error EmptyAdmins();

    /// @notice Thrown when a registry would start with the zero address as an admin.
    error ZeroAdmin();

    /// @notice Thrown when the migrator parameter is not an address.
    error ParameterOutOfTypeBounds();

    /// @notice Never thrown; declared because bindings of the production network know it.
    error NoKeyComponents();

    /// @notice Never thrown; declared because bindings of the production network know it.
    error StringsInsufficientHexLength(uint256 value, uint256 length);

    /// @notice Emitted for every write, also one that changes nothing. `keyHash` is keccak256 of the key.
    event ParameterSet(string indexed keyHash, string key, bytes32 value);

    /**
     * @notice Sets the registry up, once, with its first admins. Callable by anyone, so it belongs into the deploying
     *         transaction.
     * @param  admins_ At least one account, none zero; naming one twice is harmless. Errors `EmptyAdmins`, `ZeroAdmin`.
     */
    function initialize(address[] calldata admins_) external;

    /**
     * @notice Writes parameters, in order; a key named twice keeps the last value. Admins only.
     * @dev    Errors in order: `NotAdmin`, `NoKeys`, `ArrayLengthMismatch`. The caller's right is tested once, at
     *         entry: a batch that removes its own sender is applied whole.
     *
     *         WARNING: nothing protects the last admin. A batch that clears every admin key freezes the registry.
     */
    function set(string[] calldata keys_, bytes32[] calldata values_) external;

    /// @notice Writes one parameter. Admins only, otherwise `NotAdmin`.
    function set(string calldata key_, bytes32 value_) external;

    /// @notice Whether the account's admin key holds anything but zero.
    function isAdmin(address account_) external view returns (bool isAdmin_);

    /// @notice The values of several keys, in order. Error `NoKeys` for an empty list.
    function get(string[] calldata keys_) external view returns (bytes32[] memory values_);

    /// @notice The value of a key.
    function get(string calldata key_) external view returns (bytes32 value_);

    /// @notice Key of the parameter that names the migrator.
    function migratorParameterKey() external pure returns (string memory key_);

    /// @notice The part of an admin key that stands before the account.
    function adminParameterKey() external pure returns (string memory key_);
}
