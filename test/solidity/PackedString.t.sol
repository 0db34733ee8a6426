// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { PackedString } from "../../contracts/settlement/PackedString.sol";

import { RandomBytes } from "./utils/RandomBytes.sol";
import { Test } from "./utils/Test.sol";

/// @dev Owns one string, and shows the words that it lies in.
contract PackedStringHarness {
    PackedString private _string;

    function store(string calldata value_) external returns (bool changed_) {
        return _string.store(value_);
    }

    /// @dev Also what the memory behind the string held before it was written to, by which the string must not change.
    function load() external view returns (string memory value_, bytes32 wordBehind_) {
        value_ = _string.load();

        bytes memory behind_ = new bytes(32);
        wordBehind_ = bytes32(behind_);
        for (uint256 index_; index_ < 32; ++index_) behind_[index_] = 0xff;
    }

    function head() external view returns (bytes32) {
        return _string.head;
    }

    function tail(uint256 index_) external view returns (bytes32) {
        return _string.tail[index_];
    }
}

contract PackedStringTest is Test {
    uint256 private constant _HEAD_LENGTH = 29;
    uint256 private constant _MAX_LENGTH = 200;
    uint256 private constant _MAX_WORDS = 6;

    PackedStringHarness private _harness;

    function setUp() public {
        _harness = new PackedStringHarness();
    }

    function testFuzz_Store_ThenLoad_GivesTheStringBack(uint256 seed_, uint256 length_) public {
        string memory value_ = _value(seed_, length_);

        assertTrue(_harness.store(value_) == (bytes(value_).length != 0), "changed from empty");
        _assertStored(value_);
    }

    function testFuzz_Store_OverAnyOtherString_LeavesNothingOfIt(
        uint256 seed_,
        uint256 oldLength_,
        uint256 newLength_
    ) public {
        string memory old_ = _value(seed_, oldLength_);
        // One byte more of the seed keeps the contents apart; the same seed keeps them equal as far as they go.
        string memory fresh_ = _value(seed_ % 3 == 0 ? seed_ : seed_ ^ 1, newLength_);
        _harness.store(old_);

        bool changed_ = _harness.store(fresh_);

        assertTrue(changed_ == (keccak256(bytes(old_)) != keccak256(bytes(fresh_))), "changed");
        _assertStored(fresh_);
    }

    function testFuzz_Store_NoticesASingleByte(uint256 seed_, uint256 length_, uint256 place_) public {
        bytes memory value_ = bytes(_value(seed_, bound(length_, 1, _MAX_LENGTH)));
        _harness.store(string(value_));
        place_ = bound(place_, 0, value_.length - 1);

        assertTrue(!_harness.store(string(value_)), "the same is no change");
        value_[place_] = ~value_[place_];
        assertTrue(_harness.store(string(value_)), "one byte is a change");
        _assertStored(string(value_));
    }

    /// @dev Every length up to the second word of tail, after each length at which a word begins or ends.
    function test_Store_GoesFromEveryBorderToEveryLength() public {
        uint8[8] memory borders_ = [0, 1, 29, 30, 61, 62, 93, 94];

        for (uint256 border_; border_ < 8; ++border_) {
            for (uint256 length_; length_ <= 94; ++length_) {
                _harness.store(_value(1, borders_[border_]));
                _harness.store(_value(2, length_));
                _assertStored(_value(2, length_));
            }
        }
    }

    function _assertStored(string memory value_) private view {
        (string memory loaded_, bytes32 wordBehind_) = _harness.load();
        bytes memory value = bytes(value_);

        assertEq(loaded_, value_, "string");
        assertEq(wordBehind_, bytes32(0), "memory behind the string");

        // The head holds 29 bytes and the length in the last three; the tail holds the rest, then zeros.
        bytes32 head_ = _harness.head();
        assertEq(head_, _wordOf(value, 0, _HEAD_LENGTH) | bytes32(value.length), "head");

        for (uint256 index_; index_ < _MAX_WORDS + 1; ++index_) {
            assertEq(_harness.tail(index_), _wordOf(value, _HEAD_LENGTH + 32 * index_, 32), "tail");
        }
    }

    /// @dev Some bytes of a string, byte by byte, left-aligned; behind the string, zeros.
    function _wordOf(bytes memory value_, uint256 from_, uint256 count_) private pure returns (bytes32 word_) {
        for (uint256 index_; index_ < count_ && from_ + index_ < value_.length; ++index_) {
            word_ |= bytes32(value_[from_ + index_]) >> (8 * index_);
        }
    }

    function _value(uint256 seed_, uint256 length_) private pure returns (string memory) {
        return string(RandomBytes.generate(seed_, bound(length_, 0, _MAX_LENGTH)));
    }
}
