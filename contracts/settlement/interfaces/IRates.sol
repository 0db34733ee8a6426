// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IMigratable } from "../../common/interfaces/IMigratable.sol";
import { IParameterConsumer } from "../../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../../common/interfaces/IVersioned.sol";

/**
 * @title  What messages cost, since when: a list that only grows.
 * @notice An entry is in force from its start time until the next one's. Nodes compute fees by it, in picodollars, which
 *         are 10^-12 dollars. Nothing here knows the time: an entry may start in the past or far ahead.
 *
 *         WARNING: anyone may copy the parameters into a new entry at any moment, also between two writes that belong
 *         together. Write all five in one call of the registry.
 */
interface IRates is IMigratable, IParameterConsumer, IVersioned {
    /**
     * @notice An entry of the list.
     * @param  messageFee          Picodollars per message.
     * @param  storageFee          Picodollars per byte and day of retention.
     * @param  congestionFee       Picodollars per unit of congestion.
     * @param  targetRatePerMinute Messages per minute and originator up to which there is no congestion.
     * @param  startTime           Unix seconds.
     */
    struct Rates {
        uint64 messageFee;
        uint64 storageFee;
        uint64 congestionFee;
        uint64 targetRatePerMinute;
        uint64 startTime;
    }

    /// @notice Thrown when no entry is asked for.
    error ZeroCount();

    /// @notice Thrown when the first entry that is asked for is beyond the list.
    error FromIndexOutOfRange();

    /// @notice Thrown when the last entry that is asked for is beyond the list.
    error EndIndexOutOfRange();

    /// @notice Thrown when a new entry would not start after the last one; Unix seconds.
    error InvalidStartTime(uint64 startTime, uint64 lastStartTime);

    /// @notice Emitted when an entry is appended.
    event RatesUpdated(
        uint64 messageFee,
        uint64 storageFee,
        uint64 congestionFee,
        uint64 targetRatePerMinute,
        uint64 startTime
    );

    /**
     * @notice Appends the rates of the registry. Callable by anyone. The first entry may be anything.
     * @dev    Errors in order: `ParameterOutOfTypeBounds` (uint64, each), `NoChange` when all four prices are those of the
     *         last entry, whatever the start time is, `InvalidStartTime`.
     */
    function updateRates() external;

    /**
     * @notice A part of the list, oldest first.
     * @param  fromIndex_ Index of the first entry, from 0.
     * @param  count_     How many.
     * @dev    Errors in order: `ZeroCount`, `FromIndexOutOfRange`, `EndIndexOutOfRange`.
     */
    function getRates(uint256 fromIndex_, uint256 count_) external view returns (Rates[] memory rates_);

    /// @notice The number of entries.
    function getRatesCount() external view returns (uint256 count_);

    /// @notice Key of the fee per message (uint64, picodollars).
    function messageFeeParameterKey() external pure returns (string memory key_);

    /// @notice Key of the fee per byte and day (uint64, picodollars).
    function storageFeeParameterKey() external pure returns (string memory key_);

    /// @notice Key of the fee per unit of congestion (uint64, picodollars).
    function congestionFeeParameterKey() external pure returns (string memory key_);

    /// @notice Key of the target rate (uint64, messages per minute).
    function targetRatePerMinuteParameterKey() external pure returns (string memory key_);

    /// @notice Key of the start time (uint64, Unix seconds).
    function ratesInEffectAfterParameterKey() external pure returns (string memory key_);
}
