// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What a contract calls itself, for operators' tools.
interface IVersioned {
    /// @notice Semantic version of the implementation.
    function version() external pure returns (string memory version_);

    /// @notice The on-chain name, the one of the production network: an upgrade must not change it.
    function contractName() external pure returns (string memory contractName_);
}
