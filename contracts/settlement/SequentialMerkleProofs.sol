// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ISequentialMerkleProofs } from "./interfaces/ISequentialMerkleProofs.sol";

/**
 * @title Proves that byte strings are consecutive leaves of a Merkle tree, and where in the tree they begin.
 * @dev   Each level pairs the nodes of the one below from the left; a last one without a partner is hashed alone. There is
 *        at least one level above the leaves. With each string begins what is hashed: `leaf|` and the leaf's bytes;
 *        `node|` and one or two nodes; `root|`, the number of leaves in 32 bytes, and the top node. The number is part of
 *        the root, so that nobody can prove another one. The root of a tree without leaves is zero.
 *
 *        The first word of a proof is the number of leaves. Then come, level by level from the leaves on, the nodes next
 *        to those that can be computed, where the pairs at the edges need them: first the right one, then the left one.
 *        Words that are left over are ignored.
 */
library SequentialMerkleProofs {
    /// @dev The prefixes as numbers: a word that holds one ends in the prefix, right in front of what it precedes.
    uint256 private constant _LEAF_PREFIX = 0x6c6561667c; // leaf|
    uint256 private constant _NODE_PREFIX = 0x6e6f64657c; // node|
    uint256 private constant _ROOT_PREFIX = 0x726f6f747c; // root|

    /**
     * @dev Reverts unless `leaves_` are the leaves from index `start_` on of the tree with this root. Errors in order:
     *      `NoProofElements`, `NoLeaves` (but a tree without leaves is proved by none), Panic 0x11 when the window ends
     *      beyond 2^256 - 1, `InvalidProof` when it ends beyond the tree, `InvalidBitCount32Input`, Panic 0x32 when words
     *      are missing, `InvalidProof` when the root is another.
     */
    function verify(
        bytes32 root_,
        uint256 start_,
        bytes[] calldata leaves_,
        bytes32[] calldata proofElements_
    ) internal pure {
        if (_computeRoot(start_, leaves_, proofElements_) != root_) revert ISequentialMerkleProofs.InvalidProof();
    }

    /// @dev The number of leaves that a proof claims; true only if the proof verifies.
    function getLeafCount(bytes32[] calldata proofElements_) internal pure returns (uint32 leafCount_) {
        if (proofElements_.length == 0) revert ISequentialMerkleProofs.NoProofElements();

        uint256 claimed_ = uint256(proofElements_[0]);
        if (claimed_ > type(uint32).max) revert ISequentialMerkleProofs.InvalidLeafCount();

        return uint32(claimed_);
    }

    function _computeRoot(
        uint256 start_,
        bytes[] calldata leaves_,
        bytes32[] calldata proofElements_
    ) private pure returns (bytes32 root_) {
        if (proofElements_.length == 0) revert ISequentialMerkleProofs.NoProofElements();

        uint256 leafCount_ = uint256(proofElements_[0]);
        uint256 count_ = leaves_.length;

        if (start_ == 0 && count_ == 0 && leafCount_ == 0) return 0;
        if (count_ == 0) revert ISequentialMerkleProofs.NoLeaves();
        if (start_ + count_ > leafCount_) revert ISequentialMerkleProofs.InvalidProof();
        if (leafCount_ > type(uint32).max) revert ISequentialMerkleProofs.InvalidBitCount32Input();

        uint256 top_ = _climb(_hashLeaves(leaves_), start_, count_, leafCount_, proofElements_);

        return _hashRoot(leafCount_, top_);
    }

    /**
     * @dev Turns a row of leaves into the rows above it, one by one, in place, up to the row of one node. `row_` holds the
     *      nodes of a level from index `start_` on, of `width_` that there are. Nothing can wrap: indices and widths are
     *      below 2^33, and a row in memory is shorter. Unchecked or not, an index beyond the proof is Panic 0x32.
     */
    function _climb(
        uint256 row_,
        uint256 start_,
        uint256 count_,
        uint256 width_,
        bytes32[] calldata proofElements_
    ) private pure returns (uint256 top_) {
        unchecked {
            uint256 end_ = start_ + count_;
            // Index of the word that was used last: the number of leaves.
            uint256 used_ = 0;

            do {
                if (end_ % 2 == 1 && end_ < width_) {
                    _put(row_ + 32 * (end_ - start_), proofElements_[++used_]);
                    ++end_;
                }
                if (start_ % 2 == 1) {
                    row_ -= 32;
                    --start_;
                    _put(row_, proofElements_[++used_]);
                }

                _hashPairs(row_, end_ - start_);

                start_ /= 2;
                end_ = (end_ + 1) / 2;
                width_ = (width_ + 1) / 2;
            } while (width_ != 1);
        }

        return row_;
    }

    /**
     * @dev Hashes the leaves into a row beyond the free memory, which needs no allocation because nothing is allocated
     *      until the root is known. In front of the row there is place for one node a level, of which there are at most 32,
     *      and for a prefix; behind it for one node. Assembly because a verification consists of this loop and the next:
     *      with the accesses of Solidity a leaf would cost twice as much.
     */
    function _hashLeaves(bytes[] calldata leaves_) private pure returns (uint256 row_) {
        assembly ("memory-safe") {
            row_ := add(mload(0x40), 0x420)

            let to_ := row_
            let end_ := add(row_, shl(5, leaves_.length))
            let preimage_ := add(end_, 0x20)
            mstore(preimage_, _LEAF_PREFIX)

            for {
                let from_ := leaves_.offset
            } lt(to_, end_) {
                from_ := add(from_, 0x20)
                to_ := add(to_, 0x20)
            } {
                let offset_ := calldataload(from_)
                let leaf_ := add(leaves_.offset, offset_)
                let length_ := calldataload(leaf_)

                // As Solidity does, no leaf may lie outside of the calldata. The first term keeps the second from wrapping.
                if or(shr(64, or(offset_, length_)), gt(add(add(leaf_, 0x20), length_), calldatasize())) {
                    revert(0, 0)
                }

                calldatacopy(add(preimage_, 0x20), add(leaf_, 0x20), length_)
                mstore(to_, keccak256(add(preimage_, 0x1b), add(length_, 5)))
            }
        }
    }

    /**
     * @dev Turns a row of nodes, the first of which has an even index, into the row above it, in place. A prefix is written
     *      over the end of the word in front of its pair: at the start that is free, later a node that was hashed before,
     *      and never one of the new row, which falls behind with each pair.
     */
    function _hashPairs(uint256 row_, uint256 count_) private pure {
        assembly ("memory-safe") {
            let from_ := row_
            let to_ := row_
            for {
                let end_ := add(row_, shl(6, shr(1, count_)))
            } lt(from_, end_) {
                from_ := add(from_, 0x40)
                to_ := add(to_, 0x20)
            } {
                mstore(sub(from_, 0x20), _NODE_PREFIX)
                mstore(to_, keccak256(sub(from_, 5), 69))
            }

            if and(count_, 1) {
                mstore(sub(from_, 0x20), _NODE_PREFIX)
                mstore(to_, keccak256(sub(from_, 5), 37))
            }
        }
    }

    function _hashRoot(uint256 leafCount_, uint256 row_) private pure returns (bytes32 root_) {
        assembly ("memory-safe") {
            // Read first: the row may have come down to where the words are written.
            let top_ := mload(row_)
            let preimage_ := mload(0x40)

            mstore(preimage_, _ROOT_PREFIX)
            mstore(add(preimage_, 0x20), leafCount_)
            mstore(add(preimage_, 0x40), top_)
            root_ := keccak256(add(preimage_, 0x1b), 69)
        }
    }

    function _put(uint256 at_, bytes32 node_) private pure {
        assembly ("memory-safe") {
            mstore(at_, node_)
        }
    }
}
