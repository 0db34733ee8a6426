// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IPayloadLog } from "../../common/interfaces/IPayloadLog.sol";

/**
 * @title  The ordered log of identity updates: which wallets and app installations belong to an inbox.
 * @notice Anyone may add to any inbox. Whether an update counts is for the reader to decide, by its signatures.
 */
interface IIdentityUpdates is IPayloadLog {
    /// @notice Emitted once for every update. The counter is one for all updates.
    event IdentityUpdateCreated(bytes32 indexed inboxId, bytes update, uint64 indexed sequenceId);

    /**
     * @notice Adds an update. Callable by anyone while the log is not paused.
     * @param  inboxId_ The inbox, chosen by the sender; nothing ties it to the payload.
     * @param  identityUpdate_ The payload, within the size limits.
     * @dev    Errors in order: `Paused`, `InvalidPayloadSize`.
     */
    function addIdentityUpdate(bytes32 inboxId_, bytes calldata identityUpdate_) external;

    /**
     * @notice Adds several updates, in order and with consecutive sequence ids: all or none. Callable by anyone while the log
     *         is not paused.
     * @param  inboxIds_ The inbox of each payload.
     * @param  identityUpdates_ The payloads, each within the size limits.
     * @dev    Errors in order: `Paused`, `ArrayLengthMismatch`, `EmptyArray`, then `InvalidPayloadSize` for the first payload
     *         of a wrong size.
     */
    function addIdentityUpdates(bytes32[] calldata inboxIds_, bytes[] calldata identityUpdates_) external;

    /**
     * @notice Adds updates of another log under the ids that they had there. Only the bootstrapper, only while paused.
     * @dev    Errors in order: `NotPaused`, `NotPayloadBootstrapper`, `ArrayLengthMismatch`, `EmptyArray`,
     *         `SequenceIdTooLarge`. Size limits do not apply, and ids need not be unique, ordered, or above the counter,
     *         which rises to the greatest of them and never falls.
     */
    function bootstrapIdentityUpdates(
        bytes32[] calldata inboxIds_,
        bytes[] calldata identityUpdates_,
        uint64[] calldata sequenceIds_
    ) external;
}
