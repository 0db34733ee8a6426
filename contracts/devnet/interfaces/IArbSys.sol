// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title  Messages from an Arbitrum chain to its parent chain, at 0x64.
 * @notice The functions, events and errors of the real system contract that a contract can answer for truly. It keeps
 *         the value of all messages, and every node of the Merkle tree over them.
 */
interface IArbSys {
    /// @notice Thrown by `arbBlockHash` for a block that is not among the last 256 before this one.
    error InvalidBlockNumber(uint256 requested_, uint256 current_);

    /// @notice Thrown when a proof is asked for in a tree that is larger than the tree is now.
    error SizeOutOfRange(uint256 size_, uint256 currentSize_);

    /// @notice Thrown when a proof is asked for of a message that is not in the tree.
    error LeafOutOfRange(uint256 leaf_, uint256 size_);

    /**
     * @notice Emitted for each message.
     * @param  hash      The hash of all other fields; the leaf of the tree is its hash.
     * @param  position  The index of the message: 0, 1, 2 and so on.
     * @param  callvalue In wei.
     */
    event L2ToL1Tx(
        address caller,
        address indexed destination,
        uint256 indexed hash,
        uint256 indexed position,
        uint256 arbBlockNum,
        uint256 ethBlockNum,
        uint256 timestamp,
        uint256 callvalue,
        bytes data
    );

    /**
     * @notice Emitted for each node above the leaves that a message completes.
     * @param  reserved Always zero.
     * @param  position The level, shifted left by 192 bits, and the index of the last leaf under the node.
     */
    event SendMerkleUpdate(uint256 indexed reserved, bytes32 indexed hash, uint256 indexed position);

    /**
     * @notice Sends a message with the value of this call, which leaves the chain for good. Callable by anyone.
     * @dev    Emits `L2ToL1Tx` and, after the events of the nodes it completes, `SendMerkleUpdate`.
     * @return index_ The index of the message.
     */
    function sendTxToL1(address destination_, bytes calldata data_) external payable returns (uint256 index_);

    /// @notice Sends a message without data; see `sendTxToL1`.
    function withdrawEth(address destination_) external payable returns (uint256 index_);

    /**
     * @notice The tree over all messages. Callable by anyone, other than on a real chain.
     * @return size_     The number of messages.
     * @return root_     The root; zero while there is no message.
     * @return partials_ The top of the complete subtree of each level that makes up the tree, or zero, from the leaves up.
     */
    function sendMerkleTreeState() external view returns (uint256 size_, bytes32 root_, bytes32[] memory partials_);

    /**
     * @notice A proof that a message is in the tree over the first `size_` messages; not a function of the real contract.
     * @dev    Reverts with `SizeOutOfRange`, `LeafOutOfRange`.
     * @return send_  The hash of the message, of which the leaf is the hash.
     * @return root_  The root of that tree.
     * @return proof_ The siblings from the leaf up, as few as there can be; zero where there is none.
     */
    function sendProof(
        uint256 size_,
        uint256 leaf_
    ) external view returns (bytes32 send_, bytes32 root_, bytes32[] memory proof_);

    /// @notice The number of this block on this chain.
    function arbBlockNumber() external view returns (uint256 number_);

    /// @notice The hash of one of the last 256 blocks. Reverts with `InvalidBlockNumber`.
    function arbBlockHash(uint256 number_) external view returns (bytes32 hash_);

    function arbChainID() external view returns (uint256 chainId_);

    /// @notice 55 more than the version of ArbOS.
    function arbOSVersion() external pure returns (uint256 version_);

    /// @notice Always zero, as on any chain of today.
    function getStorageGasAvailable() external pure returns (uint256 gas_);

    /// @notice The address under which `sender_` of the parent chain appears on this chain. The second argument is not used.
    function mapL1SenderContractAddressToL2Alias(
        address sender_,
        address unused_
    ) external pure returns (address alias_);
}
