// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title  What a node of an Arbitrum chain answers at 0xc8, as far as a contract can.
 */
interface INodeInterface {
    /**
     * @notice A proof of a message to the parent chain for its outbox.
     * @dev    Reverts with `SizeOutOfRange`, `LeafOutOfRange` of `IArbSys`.
     * @param  size_  The number of messages under the confirmed root.
     * @param  leaf_  The index of the message.
     * @return send_  The hash of the message, of which the leaf is the hash.
     * @return root_  The root over the first `size_` messages.
     * @return proof_ The siblings from the leaf up.
     */
    function constructOutboxProof(
        uint64 size_,
        uint64 leaf_
    ) external view returns (bytes32 send_, bytes32 root_, bytes32[] memory proof_);

    /// @notice The first block of the chain.
    function nitroGenesisBlock() external pure returns (uint256 number_);
}
