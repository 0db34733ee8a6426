// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

interface IConfirmable {
    function updateSendRoot(bytes32 root_, bytes32 blockHash_) external;
}

/// @dev The rollup of a bridge as the bridge sees it: it has an owner, and confirms what was sent from the appchain.
contract LightRollup {
    address public immutable owner = msg.sender;

    error NotOwner();

    function confirm(IConfirmable outbox_, bytes32 sendRoot_, bytes32 blockHash_) external {
        if (msg.sender != owner) revert NotOwner();
        outbox_.updateSendRoot(sendRoot_, blockHash_);
    }
}
