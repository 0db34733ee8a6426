// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IArbSys } from "./interfaces/IArbSys.sol";
import { ISystemTickets } from "./interfaces/ISystemTickets.sol";

import { AddressAlias } from "../common/AddressAlias.sol";
import { SystemAddresses } from "./SystemAddresses.sol";

/**
 * @title  The messages of the devnet's appchain to its settlement chain.
 * @notice Its code is placed at 0x64 of a chain without ArbOS: it has neither constructor nor immutables. Every node of
 *         the tree is kept, so that proofs are read from the chain alone; the balance is the value of all messages.
 */
contract ArbSys is IArbSys {
    /// @dev That of the chain's configuration, the first message of its rollup.
    uint256 private constant _ARB_OS_VERSION = 55 + 40;

    /// @dev Bits of a leaf's index in a position; the level is above them.
    uint256 private constant _LEVEL_OFFSET = 192;

    uint256 private _size;

    /// @dev Of complete subtrees, by level and last leaf; on level 0 the hashes of messages, whose hashes are the leaves.
    mapping(uint256 position => bytes32 hash) private _nodes;

    // Sending

    /// @inheritdoc IArbSys
    function sendTxToL1(address destination_, bytes calldata data_) external payable returns (uint256 index_) {
        return _send(destination_, data_);
    }

    /// @inheritdoc IArbSys
    function withdrawEth(address destination_) external payable returns (uint256 index_) {
        return _send(destination_, msg.data[:0]);
    }

    function _send(address destination_, bytes calldata data_) private returns (uint256 index_) {
        uint256 parentBlock_ = ISystemTickets(SystemAddresses.ARB_RETRYABLE_TX).parentBlock();
        bytes32 hash_ = keccak256(
            abi.encodePacked(msg.sender, destination_, block.number, parentBlock_, block.timestamp, msg.value, data_)
        );

        index_ = _append(hash_);

        emit L2ToL1Tx(
            msg.sender,
            destination_,
            uint256(hash_),
            index_,
            block.number,
            parentBlock_,
            block.timestamp,
            msg.value,
            data_
        );
    }

    /// @dev Adds a leaf, and every node above it whose subtree it completes.
    function _append(bytes32 send_) private returns (uint256 index_) {
        index_ = _size;
        _size = index_ + 1;
        _nodes[index_] = send_;

        bytes32 hash_ = _hash(send_);

        // As long as the subtree with this leaf as its last is a right one, its parent is complete too.
        for (uint256 level_; (index_ >> level_) & 1 == 1; ++level_) {
            hash_ = _hash(_node(level_, (index_ >> level_) - 1, index_), hash_);

            uint256 position_ = _position(level_ + 1, index_);
            _nodes[position_] = hash_;

            emit SendMerkleUpdate(0, hash_, position_);
        }
    }

    // The tree

    /// @inheritdoc IArbSys
    function sendMerkleTreeState() external view returns (uint256 size_, bytes32 root_, bytes32[] memory partials_) {
        size_ = _size;
        root_ = _root(size_);

        uint256 levels_;
        while (size_ >> levels_ != 0) ++levels_;
        partials_ = new bytes32[](levels_);

        for (uint256 level_; level_ < levels_; ++level_) {
            uint256 width_ = size_ >> level_;
            if (width_ & 1 == 1) partials_[level_] = _node(level_, width_ - 1, size_);
        }
    }

    /// @inheritdoc IArbSys
    function sendProof(
        uint256 size_,
        uint256 leaf_
    ) external view returns (bytes32 send_, bytes32 root_, bytes32[] memory proof_) {
        if (size_ > _size) revert SizeOutOfRange(size_, _size);
        if (leaf_ >= size_) revert LeafOutOfRange(leaf_, size_);

        send_ = _nodes[leaf_];
        root_ = _root(size_);
        proof_ = new bytes32[](_height(size_));

        for (uint256 level_; level_ < proof_.length; ++level_) {
            proof_[level_] = _node(level_, (leaf_ >> level_) ^ 1, size_);
        }
    }

    function _root(uint256 size_) private view returns (bytes32 root_) {
        return _node(_height(size_), 0, size_);
    }

    /// @dev The levels above the leaves of a tree.
    function _height(uint256 size_) private pure returns (uint256 height_) {
        while (uint256(1) << height_ < size_) ++height_;
    }

    /// @dev A node of the tree over the first `size_` leaves. One that has no leaf under it is zero, on every level.
    function _node(uint256 level_, uint256 index_, uint256 size_) private view returns (bytes32 hash_) {
        uint256 end_ = (index_ + 1) << level_;

        if (index_ << level_ >= size_) return bytes32(0);
        if (end_ > size_) return _hash(_node(level_ - 1, index_ * 2, size_), _node(level_ - 1, index_ * 2 + 1, size_));
        if (level_ == 0) return _hash(_nodes[index_]);

        return _nodes[_position(level_, end_ - 1)];
    }

    function _position(uint256 level_, uint256 lastLeaf_) private pure returns (uint256 position_) {
        return (level_ << _LEVEL_OFFSET) + lastLeaf_;
    }

    function _hash(bytes32 word_) private pure returns (bytes32 hash_) {
        return keccak256(abi.encode(word_));
    }

    function _hash(bytes32 left_, bytes32 right_) private pure returns (bytes32 hash_) {
        return keccak256(abi.encode(left_, right_));
    }

    // The chain

    /// @inheritdoc IArbSys
    function arbBlockNumber() external view returns (uint256 number_) {
        return block.number;
    }

    /// @inheritdoc IArbSys
    function arbBlockHash(uint256 number_) external view returns (bytes32 hash_) {
        if (number_ >= block.number || number_ + 256 < block.number) revert InvalidBlockNumber(number_, block.number);

        return blockhash(number_);
    }

    /// @inheritdoc IArbSys
    function arbChainID() external view returns (uint256 chainId_) {
        return block.chainid;
    }

    /// @inheritdoc IArbSys
    function arbOSVersion() external pure returns (uint256 version_) {
        return _ARB_OS_VERSION;
    }

    /// @inheritdoc IArbSys
    function getStorageGasAvailable() external pure returns (uint256 gas_) {
        return 0;
    }

    /// @inheritdoc IArbSys
    function mapL1SenderContractAddressToL2Alias(address sender_, address) external pure returns (address alias_) {
        return AddressAlias.toAlias(sender_);
    }
}
