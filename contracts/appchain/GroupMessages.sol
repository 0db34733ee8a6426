// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IVersioned } from "../common/interfaces/IVersioned.sol";
import { IGroupMessages } from "./interfaces/IGroupMessages.sol";

import { PayloadLog } from "../common/PayloadLog.sol";

/// @title The ordered log of group messages; see the interface.
contract GroupMessages is IGroupMessages, PayloadLog {
    // The constructor only passes the registry on.
    // solhint-disable-next-line no-empty-blocks
    constructor(address parameterRegistry_) PayloadLog(parameterRegistry_) {}

    /// @inheritdoc IGroupMessages
    function addMessage(bytes16 groupId_, bytes calldata message_) external {
        _add(MessageSent.selector, groupId_, message_);
    }

    /// @inheritdoc IGroupMessages
    function addMessages(bytes16[] calldata groupIds_, bytes[] calldata messages_) external {
        uint64 firstSequenceId_ = _addBatch(groupIds_.length, messages_);

        for (uint256 index_; index_ < messages_.length; ++index_) {
            // The cast is safe: the batch was given that many ids of 64 bits.
            emit MessageSent(groupIds_[index_], messages_[index_], firstSequenceId_ + uint64(index_));
        }
    }

    /// @inheritdoc IGroupMessages
    function bootstrapMessages(
        bytes16[] calldata groupIds_,
        bytes[] calldata messages_,
        uint64[] calldata sequenceIds_
    ) external {
        _checkBootstrap(groupIds_.length, messages_.length, sequenceIds_.length);

        uint64 greatest_;

        for (uint256 index_; index_ < sequenceIds_.length; ++index_) {
            uint64 sequenceId_ = sequenceIds_[index_];
            if (sequenceId_ > greatest_) greatest_ = sequenceId_;

            emit MessageSent(groupIds_[index_], messages_[index_], sequenceId_);
        }

        _raiseSequenceId(greatest_);
    }

    /// @inheritdoc IVersioned
    function version() external pure returns (string memory version_) {
        return "1.0.0";
    }

    /// @inheritdoc IVersioned
    function contractName() external pure returns (string memory contractName_) {
        return "GroupMessageBroadcaster";
    }

    function _parameterKeyPrefix() internal pure override returns (string memory prefix_) {
        return "xmtp.groupMessageBroadcaster";
    }
}
