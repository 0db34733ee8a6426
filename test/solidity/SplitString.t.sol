// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SplitString } from "../../contracts/settlement/SplitString.sol";

import { RandomBytes } from "./utils/RandomBytes.sol";
import { Test } from "./utils/Test.sol";

/// @dev Owns one string, and shows the words that it lies in.
contract SplitStringHarness {
    using SplitString for mapping(uint256 index => bytes32 word);

    uint96 public head;
    mapping(uint256 index => bytes32 word) public tail;

    function store(string calldata value_) external returns (bool changed_) {
        (head, changed_) = tail.store(head, value_);
    }

    /// @dev Also what the memory behind the string held before it was written to, by which the string must not change.
    function load() external view returns (string memory value_, bytes32 wordBehind_) {
        value_ = tail.load(head);

        bytes memory behind_ = new bytes(32);
        wordBehind_ = bytes32(behind_);
        for (uint256 index_; index_ < 32; ++index_) behind_[index_] = 0xff;
    }
}

contract SplitStringTest is Test {
    uint256 private constant _MAX_LENGTH = 200;
    uint256 private constant _MAX_WORDS = 6;

    SplitStringHarness private _harness;

    function setUp() public {
        _harness = new SplitStringHarness();
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

    /// @dev Every length after every other, up to the third word of tail.
    function test_Store_GoesFromEveryLengthToEveryOther() public {
        for (uint256 from_; from_ <= 73; from_ += 8) {
            for (uint256 to_; to_ <= 73; ++to_) {
                _harness.store(_value(1, from_));
                _harness.store(_value(2, to_));
                _assertStored(_value(2, to_));
            }
        }
    }

    function _assertStored(string memory value_) private view {
        (string memory loaded_, bytes32 wordBehind_) = _harness.load();
        bytes memory value = bytes(value_);

        assertEq(loaded_, value_, "string");
        assertEq(wordBehind_, bytes32(0), "memory behind the string");
        assertEq(_harness.head() >> 64, value.length, "length in the head");

        uint256 words_ = value.length > 8 ? (value.length + 23) / 32 : 0;
        for (uint256 index_; index_ < _MAX_WORDS + 1; ++index_) {
            bytes32 word_ = _harness.tail(index_);
            if (index_ >= words_) assertEq(word_, bytes32(0), "word left behind");
            for (uint256 byte_; index_ < words_ && byte_ < 32; ++byte_) {
                uint256 place_ = 8 + 32 * index_ + byte_;
                assertEq(
                    bytes32(word_[byte_]),
                    place_ < value.length ? bytes32(value[place_]) : bytes32(0),
                    "byte of the tail"
                );
            }
        }
    }

    function _value(uint256 seed_, uint256 length_) private pure returns (string memory) {
        return string(RandomBytes.generate(seed_, bound(length_, 0, _MAX_LENGTH)));
    }
}
