// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @dev The state that every publish reads and writes, as one word, so that it is read once and written once:
 *
 *      | bits      | field          | type   | unit                                   |
 *      |-----------|----------------|--------|----------------------------------------|
 *      | 0 - 31    | minPayloadSize | uint32 | bytes                                  |
 *      | 32 - 63   | maxPayloadSize | uint32 | bytes                                  |
 *      | 64 - 127  | sequenceId     | uint64 | id of the newest payload, 0 before any |
 *      | 128 - 135 | paused         | bool   |                                        |
 *
 *      It is the layout that Solidity gives a struct of these fields in this order.
 */
type LogState is uint256;

using LogStateLibrary for LogState global;

/// @dev Every cast to a narrower type cuts out the field named by the table above.
library LogStateLibrary {
    uint256 private constant _SEQUENCE_ID_OFFSET = 64;

    uint256 private constant _MIN_MASK = type(uint32).max;
    uint256 private constant _MAX_MASK = uint256(type(uint32).max) << 32;
    uint256 private constant _SEQUENCE_ID_MASK = uint256(type(uint64).max) << _SEQUENCE_ID_OFFSET;
    uint256 private constant _PAUSED_MASK = uint256(type(uint8).max) << 128;

    function minPayloadSize(LogState state_) internal pure returns (uint32) {
        return uint32(LogState.unwrap(state_));
    }

    function maxPayloadSize(LogState state_) internal pure returns (uint32) {
        return uint32(LogState.unwrap(state_) >> 32);
    }

    function sequenceId(LogState state_) internal pure returns (uint64) {
        return uint64(LogState.unwrap(state_) >> _SEQUENCE_ID_OFFSET);
    }

    function paused(LogState state_) internal pure returns (bool) {
        return LogState.unwrap(state_) >> 128 != 0;
    }

    /// @dev Whether a payload of this size, in bytes, is within the limits. Zero never is: less one, it wraps to more than
    ///      any maximum.
    function accepts(LogState state_, uint256 size_) internal pure returns (bool) {
        unchecked {
            return size_ >= uint32(LogState.unwrap(state_)) && size_ - 1 < uint32(LogState.unwrap(state_) >> 32);
        }
    }

    /**
     * @dev The state after `count_` more payloads, fewer than 2^64. A counter that ran out carries into `paused`, so the
     *      check for a pause, which every caller makes, also keeps ids from starting again at zero.
     */
    function afterPayloads(LogState state_, uint256 count_) internal pure returns (LogState) {
        unchecked {
            return LogState.wrap(LogState.unwrap(state_) + (count_ << _SEQUENCE_ID_OFFSET));
        }
    }

    function withMinPayloadSize(LogState state_, uint32 size_) internal pure returns (LogState) {
        return LogState.wrap((LogState.unwrap(state_) & ~_MIN_MASK) | size_);
    }

    function withMaxPayloadSize(LogState state_, uint32 size_) internal pure returns (LogState) {
        return LogState.wrap((LogState.unwrap(state_) & ~_MAX_MASK) | (uint256(size_) << 32));
    }

    function withSequenceId(LogState state_, uint64 sequenceId_) internal pure returns (LogState) {
        return
            LogState.wrap(
                (LogState.unwrap(state_) & ~_SEQUENCE_ID_MASK) | (uint256(sequenceId_) << _SEQUENCE_ID_OFFSET)
            );
    }

    function withPaused(LogState state_, bool paused_) internal pure returns (LogState) {
        return LogState.wrap((LogState.unwrap(state_) & ~_PAUSED_MASK) | (paused_ ? uint256(1) << 128 : 0));
    }
}
