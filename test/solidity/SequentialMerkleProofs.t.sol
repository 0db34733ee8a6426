// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { MerkleProofsHarness } from "./harness/MerkleProofsHarness.sol";
import { NaiveMerkle } from "./utils/NaiveMerkle.sol";
import { RandomBytes } from "./utils/RandomBytes.sol";
import { Test } from "./utils/Test.sol";

/// @title The Merkle library against the definition of its tree.
contract SequentialMerkleProofsTest is Test {
    uint256 private constant _MAX_LEAVES = 40;

    /// @dev A tree, and a window of its leaves with its proof.
    struct Window {
        bytes32 root;
        uint256 start;
        bytes[] leaves;
        bytes32[] proof;
    }

    MerkleProofsHarness private immutable _harness = new MerkleProofsHarness();

    function testFuzz_Verify_TakesEveryWindowOfEveryTree(
        uint256 seed_,
        uint256 count_,
        uint256 a_,
        uint256 b_
    ) public view {
        assertTrue(_verifies(_window(seed_, count_, a_, b_)), "a proof by the definition");
    }

    function testFuzz_Verify_IgnoresWordsThatAreLeftOver(
        uint256 seed_,
        uint256 count_,
        uint256 a_,
        uint256 b_
    ) public view {
        Window memory window_ = _window(seed_, count_, a_, b_);
        bytes32[] memory longer_ = new bytes32[](window_.proof.length + 1);
        for (uint256 index_; index_ < window_.proof.length; ++index_) longer_[index_] = window_.proof[index_];
        longer_[window_.proof.length] = bytes32(seed_);
        window_.proof = longer_;

        assertTrue(_verifies(window_), "a word more");
    }

    /// @dev Nothing but the leaves at their place verifies: a change of any bit anywhere is refused.
    function testFuzz_Verify_RefusesAnyOtherBit(
        uint256 seed_,
        uint256 count_,
        uint256 a_,
        uint256 b_,
        uint256 which_,
        uint256 bit_
    ) public view {
        Window memory window_ = _window(seed_, count_, a_, b_);
        bytes32 flipped_ = bytes32(1 << (bit_ % 256));
        which_ = bound(which_, 0, window_.proof.length + window_.leaves.length);

        if (which_ < window_.proof.length) {
            window_.proof[which_] ^= flipped_;
        } else if (which_ < window_.proof.length + window_.leaves.length) {
            bytes memory leaf_ = window_.leaves[which_ - window_.proof.length];
            if (leaf_.length == 0) {
                window_.leaves[which_ - window_.proof.length] = hex"00";
            } else {
                leaf_[bit_ % leaf_.length] ^= bytes1(uint8(1 << (bit_ % 8)));
            }
        } else {
            window_.root ^= flipped_;
        }

        assertTrue(!_verifies(window_), "a bit changed");
    }

    function testFuzz_Verify_RefusesAnyOtherPlace(
        uint256 seed_,
        uint256 count_,
        uint256 a_,
        uint256 b_,
        uint256 start_
    ) public view {
        Window memory window_ = _window(seed_, count_, a_, b_);
        start_ = bound(start_, 0, 2 * _MAX_LEAVES);
        if (start_ == window_.start) ++start_;
        window_.start = start_;

        assertTrue(!_verifies(window_), "another place");
    }

    function testFuzz_Verify_RefusesAnyOtherNumberOfLeaves(
        uint256 seed_,
        uint256 count_,
        uint256 a_,
        uint256 b_,
        uint256 claimed_
    ) public view {
        Window memory window_ = _window(seed_, count_, a_, b_);
        if (bytes32(claimed_) == window_.proof[0]) ++claimed_;
        window_.proof[0] = bytes32(claimed_);

        assertTrue(!_verifies(window_), "another number of leaves");
    }

    /// @dev A window that lacks its last leaf, or has it twice, with the proof of the whole one.
    function testFuzz_Verify_RefusesAnyOtherNumberInTheWindow(
        uint256 seed_,
        uint256 count_,
        uint256 a_,
        uint256 b_,
        bool more_
    ) public view {
        Window memory window_ = _window(seed_, count_, a_, b_);
        uint256 length_ = more_ ? window_.leaves.length + 1 : window_.leaves.length - 1;
        bytes[] memory leaves_ = new bytes[](length_);
        for (uint256 index_; index_ < length_; ++index_) {
            leaves_[index_] = window_.leaves[index_ < window_.leaves.length ? index_ : index_ - 1];
        }
        window_.leaves = leaves_;

        assertTrue(!_verifies(window_), "another number in the window");
    }

    /// @dev A node of the tree, with what is hashed into it, does not pass for a leaf.
    function testFuzz_Verify_RefusesANodeForALeaf(uint256 seed_, uint256 count_) public view {
        bytes[] memory leaves_ = _leaves(seed_, bound(count_, 3, _MAX_LEAVES));
        bytes32 root_ = NaiveMerkle.rootOf(leaves_);
        uint256 width_ = NaiveMerkle.width(leaves_.length, 1);
        bytes[] memory nodes_ = new bytes[](width_);

        for (uint256 index_; index_ < width_; ++index_) {
            bytes32 left_ = NaiveMerkle.nodeOf(leaves_, 0, 2 * index_);
            nodes_[index_] =
                2 * index_ + 1 < leaves_.length
                    ? abi.encodePacked(left_, NaiveMerkle.nodeOf(leaves_, 0, 2 * index_ + 1))
                    : abi.encodePacked(left_);
        }

        bytes32[] memory proof_ = new bytes32[](1);
        for (uint256 claimed_ = width_; claimed_ <= leaves_.length; ++claimed_) {
            proof_[0] = bytes32(claimed_);
            assertTrue(!_verifies(Window(root_, 0, nodes_, proof_)), "nodes as leaves");
        }
    }

    /// @dev Batches of any sizes, one after the other, cover the tree, and nothing verifies behind its end.
    function testFuzz_Verify_TakesATreeInBatchesOfAnySize(uint256 seed_, uint256 count_) public view {
        bytes[] memory leaves_ = _leaves(seed_, bound(count_, 1, _MAX_LEAVES));
        bytes32 root_ = NaiveMerkle.rootOf(leaves_);
        uint256 offset_;

        while (offset_ < leaves_.length) {
            uint256 size_ = 1 + (uint256(keccak256(abi.encode(seed_, offset_))) % (leaves_.length - offset_));
            bytes32[] memory proof_ = NaiveMerkle.proofOf(leaves_, offset_, offset_ + size_);

            assertTrue(
                _verifies(Window(root_, offset_, _slice(leaves_, offset_, offset_ + size_), proof_)),
                "the next batch"
            );
            assertEq(_harness.getLeafCount(proof_), leaves_.length, "number of leaves");
            offset_ += size_;
        }

        bytes32[] memory whole_ = NaiveMerkle.proofOf(leaves_, 0, leaves_.length);
        assertTrue(!_verifies(Window(root_, offset_, _slice(leaves_, 0, 1), whole_)), "behind the end");
    }

    /// @dev The memory that other code has is as it was before a verification.
    function testFuzz_Verify_LeavesMemoryAlone(uint256 seed_, uint256 count_, uint256 a_, uint256 b_) public view {
        Window memory window_ = _window(seed_, count_, a_, b_);

        assertTrue(
            _harness.keepsMemory(window_.root, window_.start, window_.leaves, window_.proof),
            "memory after a verification"
        );
    }

    function _window(
        uint256 seed_,
        uint256 count_,
        uint256 a_,
        uint256 b_
    ) private pure returns (Window memory window_) {
        bytes[] memory leaves_ = _leaves(seed_, bound(count_, 1, _MAX_LEAVES));
        uint256 start_ = bound(a_, 0, leaves_.length - 1);
        uint256 end_ = bound(b_, start_ + 1, leaves_.length);

        return
            Window({
                root: NaiveMerkle.rootOf(leaves_),
                start: start_,
                leaves: _slice(leaves_, start_, end_),
                proof: NaiveMerkle.proofOf(leaves_, start_, end_)
            });
    }

    /// @dev Leaves that all differ: mostly of 64 bytes, as in reports, some of any other length.
    function _leaves(uint256 seed_, uint256 count_) private pure returns (bytes[] memory leaves_) {
        leaves_ = new bytes[](count_);

        for (uint256 index_; index_ < count_; ++index_) {
            uint256 leafSeed_ = uint256(keccak256(abi.encode(seed_, index_, "leaf")));
            leaves_[index_] =
                leafSeed_ % 4 == 0
                    ? abi.encodePacked(uint8(index_), RandomBytes.generate(leafSeed_, (leafSeed_ >> 8) % 100))
                    : abi.encode(leafSeed_, index_);
        }
    }

    function _slice(bytes[] memory leaves_, uint256 start_, uint256 end_) private pure returns (bytes[] memory slice_) {
        slice_ = new bytes[](end_ - start_);
        for (uint256 index_; index_ < slice_.length; ++index_) slice_[index_] = leaves_[start_ + index_];
    }

    function _verifies(Window memory window_) private view returns (bool) {
        try _harness.verify(window_.root, window_.start, window_.leaves, window_.proof) {
            return true;
        } catch {
            return false;
        }
    }
}
