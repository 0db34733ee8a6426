// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IVersioned } from "../common/interfaces/IVersioned.sol";
import { IIdentityUpdates } from "./interfaces/IIdentityUpdates.sol";

import { PayloadLog } from "../common/PayloadLog.sol";

/// @title The ordered log of identity updates; see the interface.
contract IdentityUpdates is IIdentityUpdates, PayloadLog {
    // The constructor only passes the registry on.
    // solhint-disable-next-line no-empty-blocks
    constructor(address parameterRegistry_) PayloadLog(parameterRegistry_) {}

    /// @inheritdoc IIdentityUpdates
    function addIdentityUpdate(bytes32 inboxId_, bytes calldata identityUpdate_) external {
        _add(IdentityUpdateCreated.selector, inboxId_, identityUpdate_);
    }

    /// @inheritdoc IIdentityUpdates
    function addIdentityUpdates(bytes32[] calldata inboxIds_, bytes[] calldata identityUpdates_) external {
        uint64 firstSequenceId_ = _addBatch(inboxIds_.length, identityUpdates_);

        for (uint256 index_; index_ < identityUpdates_.length; ++index_) {
            // The cast is safe: the batch was given that many ids of 64 bits.
            emit IdentityUpdateCreated(inboxIds_[index_], identityUpdates_[index_], firstSequenceId_ + uint64(index_));
        }
    }

    /// @inheritdoc IIdentityUpdates
    function bootstrapIdentityUpdates(
        bytes32[] calldata inboxIds_,
        bytes[] calldata identityUpdates_,
        uint64[] calldata sequenceIds_
    ) external {
        _checkBootstrap(inboxIds_.length, identityUpdates_.length, sequenceIds_.length);

        uint64 greatest_;

        for (uint256 index_; index_ < sequenceIds_.length; ++index_) {
            uint64 sequenceId_ = sequenceIds_[index_];
            if (sequenceId_ > greatest_) greatest_ = sequenceId_;

            emit IdentityUpdateCreated(inboxIds_[index_], identityUpdates_[index_], sequenceId_);
        }

        _raiseSequenceId(greatest_);
    }

    /// @inheritdoc IVersioned
    function version() external pure returns (string memory version_) {
        return "1.0.0";
    }

    /// @inheritdoc IVersioned
    function contractName() external pure returns (string memory contractName_) {
        return "IdentityUpdateBroadcaster";
    }

    function _parameterKeyPrefix() internal pure override returns (string memory prefix_) {
        return "xmtp.identityUpdateBroadcaster";
    }
}
