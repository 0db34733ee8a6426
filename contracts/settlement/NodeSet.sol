// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Lanes } from "./Lanes.sol";

/**
 * @dev The ids of at most 255 nodes, ascending, stored once for all the reports that name them; and their hash, so that
 *      who needs no more reads no more.
 */
struct NodeSet {
    // keccak256(abi.encode(ids))
    bytes32 idsHash;
    // eight in a word: how many ids there are, then the ids
    uint256[32] lanes;
}

using NodeSetLibrary for NodeSet global;

library NodeSetLibrary {
    using Lanes for uint256;

    /// @dev Width, in bits, of an id.
    uint256 private constant _ID_BITS = 32;
    uint256 private constant _IDS_IN_WORD = 8;

    /// @dev Fills a set that is empty. There are at most 255 ids.
    function store(NodeSet storage self, uint32[] calldata ids_, bytes32 idsHash_) internal {
        self.idsHash = idsHash_;

        uint256 lanes_ = ids_.length + 1;
        uint256 word_ = ids_.length;

        for (uint256 lane_ = 1; lane_ < lanes_; ++lane_) {
            if (lane_ % _IDS_IN_WORD == 0) {
                self.lanes[lane_.wordOf(_ID_BITS) - 1] = word_;
                word_ = 0;
            }

            word_ = word_.set(lane_, _ID_BITS, ids_[lane_ - 1]);
        }

        self.lanes[ids_.length.wordOf(_ID_BITS)] = word_;
    }

    /// @dev The casts here and below cut out nothing: a lane is as wide as an id.
    function load(NodeSet storage self) internal view returns (uint32[] memory ids_) {
        uint256 word_ = self.lanes[0];
        uint256 count_ = word_.get(0, _ID_BITS);

        ids_ = new uint32[](count_);

        for (uint256 lane_ = 1; lane_ <= count_; ++lane_) {
            if (lane_ % _IDS_IN_WORD == 0) word_ = self.lanes[lane_.wordOf(_ID_BITS)];
            ids_[lane_ - 1] = uint32(word_.get(lane_, _ID_BITS));
        }
    }

    /// @dev How many ids there are, and whether one of them is `id_`.
    function find(NodeSet storage self, uint256 id_) internal view returns (uint256 count_, bool isMember_) {
        uint256 word_ = self.lanes[0];
        count_ = word_.get(0, _ID_BITS);

        for (uint256 lane_ = 1; lane_ <= count_; ++lane_) {
            if (lane_ % _IDS_IN_WORD == 0) word_ = self.lanes[lane_.wordOf(_ID_BITS)];

            uint256 found_ = word_.get(lane_, _ID_BITS);
            if (found_ >= id_) return (count_, found_ == id_);
        }
    }
}
