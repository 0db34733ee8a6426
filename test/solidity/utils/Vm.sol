// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The cheatcodes that these tests use, of the many that the test runner answers.
interface Vm {
    /// @notice A log recorded since `recordLogs`.
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    /// @notice The next call comes from `sender_`.
    function prank(address sender_) external;

    /// @notice The next call must revert with exactly this data.
    function expectRevert(bytes calldata revertData_) external;

    /// @notice The next call must revert with exactly this selector and no arguments.
    function expectRevert(bytes4 revertData_) external;

    /// @notice Starts to keep logs.
    function recordLogs() external;

    /// @notice Hands out the logs kept so far, and forgets them.
    function getRecordedLogs() external returns (Log[] memory logs_);

    /// @notice The word in a slot of an account.
    function load(address account_, bytes32 slot_) external view returns (bytes32 word_);

    /// @notice Overwrites the word in a slot of an account.
    function store(address account_, bytes32 slot_, bytes32 word_) external;

    /// @notice From now on the clock shows this, Unix seconds.
    function warp(uint256 timestamp_) external;

    /// @notice The account of a private key.
    function addr(uint256 privateKey_) external pure returns (address account_);

    /// @notice A signature of a digest, as it is.
    function sign(uint256 privateKey_, bytes32 digest_) external pure returns (uint8 v_, bytes32 r_, bytes32 s_);
}
