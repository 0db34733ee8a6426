// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IPayloadLog } from "../../common/interfaces/IPayloadLog.sol";

/**
 * @title  The ordered log of group messages: the MLS commits that change a group, the same for all its members.
 * @notice Anyone may add to any group. Whether a message counts is for the members to decide, by its signature.
 */
interface IGroupMessages is IPayloadLog {
    /// @notice Emitted once for every message. `groupId` is left-aligned in its topic; the counter is one for all messages.
    event MessageSent(bytes16 indexed groupId, bytes message, uint64 indexed sequenceId);

    /**
     * @notice Adds a message. Callable by anyone while the log is not paused.
     * @param  groupId_ The group, chosen by the sender; nothing ties it to the payload.
     * @param  message_ The payload, within the size limits.
     * @dev    Errors in order: `Paused`, `InvalidPayloadSize`.
     */
    function addMessage(bytes16 groupId_, bytes calldata message_) external;

    /**
     * @notice Adds several messages, in order and with consecutive sequence ids: all or none. Callable by anyone while the log
     *         is not paused.
     * @param  groupIds_ The group of each payload.
     * @param  messages_ The payloads, each within the size limits.
     * @dev    Errors in order: `Paused`, `ArrayLengthMismatch`, `EmptyArray`, then `InvalidPayloadSize` for the first payload
     *         of a wrong size.
     */
    function addMessages(bytes16[] calldata groupIds_, bytes[] calldata messages_) external;

    /**
     * @notice Adds messages of another log under the ids that they had there. Only the bootstrapper, only while paused.
     * @dev    Errors in order: `NotPaused`, `NotPayloadBootstrapper`, `ArrayLengthMismatch`, `EmptyArray`,
     *         `SequenceIdTooLarge`. Size limits do not apply, and ids need not be unique, ordered, or above the counter,
     *         which rises to the greatest of them and never falls.
     */
    function bootstrapMessages(
        bytes16[] calldata groupIds_,
        bytes[] calldata messages_,
        uint64[] calldata sequenceIds_
    ) external;
}
