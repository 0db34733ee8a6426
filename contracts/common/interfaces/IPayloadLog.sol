// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IMigratable } from "./IMigratable.sol";
import { IParameterConsumer } from "./IParameterConsumer.sol";
import { IVersioned } from "./IVersioned.sol";

/**
 * @title  An ordered log of payloads. Anyone may add to it; nobody can change or remove what is in it.
 * @notice Each payload is an event that carries a sequence id. One counter serves the whole log, starts at 1, and has
 *         no gaps but those that bootstrapping leaves. Payloads are not stored: the events are the log.
 */
interface IPayloadLog is IMigratable, IParameterConsumer, IVersioned {
    /// @notice Thrown when a payload is empty, shorter than the minimum or longer than the maximum, in bytes.
    error InvalidPayloadSize(uint256 actualSize_, uint256 minSize_, uint256 maxSize_);

    /// @notice Thrown when the minimum in the registry is zero, or above the maximum.
    error InvalidMinPayloadSize();

    /// @notice Thrown when the maximum in the registry is above 262,144 bytes, or below the minimum.
    error InvalidMaxPayloadSize();

    /// @notice Thrown when adding while the log is paused.
    error Paused();

    /// @notice Thrown when bootstrapping while the log is not paused.
    error NotPaused();

    /// @notice Thrown when the bootstrapper in the registry is zero.
    error ZeroPayloadBootstrapper();

    /// @notice Thrown when somebody else than the bootstrapper bootstraps.
    error NotPayloadBootstrapper();

    /// @notice Thrown when the arrays of a batch differ in length.
    error ArrayLengthMismatch();

    /// @notice Thrown when a batch is empty.
    error EmptyArray();

    /// @notice Thrown when a bootstrapped sequence id would leave none for the payloads after it.
    error SequenceIdTooLarge(uint64 sequenceId_);

    /// @notice Emitted when the minimum changes; `size` in bytes.
    event MinPayloadSizeUpdated(uint256 indexed size);

    /// @notice Emitted when the maximum changes; `size` in bytes.
    event MaxPayloadSizeUpdated(uint256 indexed size);

    /// @notice Emitted when the log is paused or resumed.
    event PauseStatusUpdated(bool indexed paused);

    /// @notice Emitted when the bootstrapper changes.
    event PayloadBootstrapperUpdated(address indexed payloadBootstrapper);

    /**
     * @notice Applies the minimum payload size of the registry. Callable by anyone.
     * @dev    Errors in order: `ParameterOutOfTypeBounds` (uint32), `InvalidMinPayloadSize`, `NoChange`.
     */
    function updateMinPayloadSize() external;

    /**
     * @notice Applies the maximum payload size of the registry. Callable by anyone.
     * @dev    Errors in order: `ParameterOutOfTypeBounds` (uint32), `InvalidMaxPayloadSize`, `NoChange`.
     */
    function updateMaxPayloadSize() external;

    /// @notice Applies the pause of the registry. Callable by anyone. Errors: `ParameterOutOfTypeBounds`, `NoChange`.
    function updatePauseStatus() external;

    /**
     * @notice Applies the bootstrapper of the registry. Callable by anyone.
     * @dev    Errors in order: `ParameterOutOfTypeBounds` (address), `ZeroPayloadBootstrapper`, `NoChange`.
     */
    function updatePayloadBootstrapper() external;

    /**
     * @notice Applies whatever differs from the registry, the pause first, and nothing else. Callable by anyone.
     * @dev    Both sizes are judged together, so every valid pair is applied in one call, whatever the old pair was.
     *         Parameters that were never set stay as they are after `initialize`. Errors as in the single functions,
     *         in the order pause, sizes, bootstrapper, but never `NoChange`; on an error nothing is applied.
     */
    function updateAll() external;

    /// @notice Least size of a payload, in bytes. An empty payload is refused also while this is zero.
    function minPayloadSize() external view returns (uint32 size_);

    /// @notice Greatest size of a payload, in bytes.
    function maxPayloadSize() external view returns (uint32 size_);

    /// @notice Whether adding is refused, and bootstrapping allowed.
    function paused() external view returns (bool paused_);

    /// @notice The account that may bootstrap.
    function payloadBootstrapper() external view returns (address payloadBootstrapper_);

    /// @notice The highest sequence id so far; zero before the first payload.
    function sequenceId() external view returns (uint64 sequenceId_);

    /// @notice Key of the minimum payload size (uint32, bytes).
    function minPayloadSizeParameterKey() external pure returns (string memory key_);

    /// @notice Key of the maximum payload size (uint32, bytes).
    function maxPayloadSizeParameterKey() external pure returns (string memory key_);

    /// @notice Key of the pause (bool).
    function pausedParameterKey() external pure returns (string memory key_);

    /// @notice Key of the bootstrapper (address).
    function payloadBootstrapperParameterKey() external pure returns (string memory key_);
}
