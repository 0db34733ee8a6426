// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Lanes } from "../../contracts/settlement/Lanes.sol";

import { Test } from "./utils/Test.sol";

contract LanesTest is Test {
    /// @dev What the compiler makes of the same arrays.
    uint8[64] private _bytes;
    uint32[16] private _ids;

    function testFuzz_Set_ChangesOneLane_AndNoOther(
        uint256 word_,
        uint256 index_,
        bool wide_,
        uint256 value_
    ) public pure {
        uint256 bits_ = wide_ ? 32 : 8;
        uint256 lanes_ = 256 / bits_;
        value_ %= 1 << bits_;

        uint256 newWord_ = Lanes.set(word_, index_, bits_, value_);

        for (uint256 lane_; lane_ < lanes_; ++lane_) {
            uint256 expected_ = lane_ == index_ % lanes_ ? value_ : Lanes.get(word_, lane_, bits_);
            assertEq(Lanes.get(newWord_, lane_, bits_), expected_, "lane");
        }
    }

    function testFuzz_Words_AreTheCompilersLayout(
        uint256 byteIndex_,
        uint8 byte_,
        uint256 idIndex_,
        uint32 id_
    ) public {
        byteIndex_ %= 64;
        idIndex_ %= 16;
        _bytes[byteIndex_] = byte_;
        _ids[idIndex_] = id_;

        uint256 byteWord_ = Lanes.wordOf(byteIndex_, 8);
        uint256 idWord_ = Lanes.wordOf(idIndex_, 32);
        uint256 bytesFound_;
        uint256 idsFound_;
        assembly ("memory-safe") {
            bytesFound_ := sload(add(_bytes.slot, byteWord_))
            idsFound_ := sload(add(_ids.slot, idWord_))
        }

        assertEq(Lanes.set(0, byteIndex_, 8, byte_), bytesFound_, "word of bytes");
        assertEq(Lanes.get(bytesFound_, byteIndex_, 8), byte_, "byte");
        assertEq(Lanes.set(0, idIndex_, 32, id_), idsFound_, "word of ids");
        assertEq(Lanes.get(idsFound_, idIndex_, 32), id_, "id");
    }
}
