// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The system contract of an Arbitrum chain, at 0x64: what we call of it.
interface IArbSys {
    /**
     * @notice Burns the value, and sends a message to the settlement chain that pays it out there.
     * @return position_ In the order of all messages, from 0.
     */
    function sendTxToL1(address destination_, bytes calldata data_) external payable returns (uint256 position_);
}
