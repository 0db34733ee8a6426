// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC721Metadata } from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";

import { IMigratable } from "../../common/interfaces/IMigratable.sol";
import { IParameterConsumer } from "../../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../../common/interfaces/IVersioned.sol";

/**
 * @title  The registry of nodes: who they are, where they answer, and which of them make up the network.
 * @notice A node is a token. Its id is a multiple of 100, counted from 100, and never reused. An admin adds nodes and
 *         decides which are canonical, that is, part of the network. The owner of the token names the node's address
 *         and collects what the node earns. The signing key is fixed for ever.
 *
 *         WARNING: selling a token sells the address and the earnings, not the signing key, and leaves the node canonical.
 *
 *         WARNING: nothing forbids the same signing key for two nodes, which would then count twice in a quorum.
 */
interface INodes is IMigratable, IParameterConsumer, IVersioned, IERC721Metadata {
    /**
     * @notice A node as it is registered.
     * @param  signer           Address of the signing key, the low 20 bytes of keccak256 of its 64 coordinate bytes.
     * @param  isCanonical      Whether the node is part of the network.
     * @param  signingPublicKey The uncompressed secp256k1 key: 65 bytes, the first of them 0x04.
     * @param  httpAddress      Where the node answers; node software wants it to begin with http:// or https://.
     */
    struct Node {
        address signer;
        bool isCanonical;
        bytes signingPublicKey;
        string httpAddress;
    }

    /// @notice A node with its id.
    struct NodeWithId {
        uint32 nodeId;
        Node node;
    }

    /// @notice Thrown when the caller is not the admin.
    error NotAdmin();

    /// @notice Thrown when the caller does not own the node's token; an approved operator does not count.
    error NotNodeOwner();

    /// @notice Thrown when the admin in the registry is zero.
    error ZeroAdmin();

    /// @notice Thrown when a node would belong to the zero address.
    error InvalidOwner();

    /// @notice Thrown when an address is empty.
    error InvalidHttpAddress();

    /// @notice Thrown when a key is not 65 bytes that begin with 0x04.
    error InvalidSigningPublicKey();

    /// @notice Thrown when a base URI does not end in a slash.
    error InvalidURI();

    /// @notice Thrown when there is no id left.
    error MaxNodesReached();

    /// @notice Thrown when the network is full.
    error MaxCanonicalNodesReached();

    /// @notice Thrown when the maximum in the registry is below the number of canonical nodes.
    error MaxCanonicalNodesBelowCurrentCount();

    /// @notice Never thrown; declared because bindings of the production network know it.
    error FailedToAddNodeToCanonicalNetwork();

    /// @notice Never thrown; declared because bindings of the production network know it.
    error FailedToRemoveNodeFromCanonicalNetwork();

    /// @notice Emitted when the admin changes.
    event AdminUpdated(address indexed admin);

    /// @notice Emitted when the base of the tokens' metadata URIs is set.
    event BaseURIUpdated(string baseURI);

    /// @notice Emitted when a node's owner changes its address.
    event HttpAddressUpdated(uint32 indexed nodeId, string httpAddress);

    /// @notice Emitted when the greatest size of the network changes.
    event MaxCanonicalNodesUpdated(uint8 maxCanonicalNodes);

    /// @notice Emitted when a node is registered, after the `Transfer` of its token.
    event NodeAdded(
        uint32 indexed nodeId,
        address indexed owner,
        address indexed signer,
        bytes signingPublicKey,
        string httpAddress
    );

    /// @notice Emitted when a node becomes part of the network.
    event NodeAddedToCanonicalNetwork(uint32 indexed nodeId);

    /// @notice Emitted when a node is no longer part of the network.
    event NodeRemovedFromCanonicalNetwork(uint32 indexed nodeId);

    /**
     * @notice Registers a node, not yet canonical, and gives its token to `owner_`, who is not called back. Admin only.
     * @param  owner_            Owner of the token.
     * @param  signingPublicKey_ Uncompressed secp256k1 key, 65 bytes. That it lies on the curve is not checked.
     * @param  httpAddress_      Where the node answers; not empty.
     * @return nodeId_           The next multiple of 100.
     * @return signer_           Address of the signing key.
     * @dev    Errors in order: `NotAdmin`, `InvalidOwner`, `InvalidHttpAddress`, `MaxNodesReached`,
     *         `InvalidSigningPublicKey`.
     */
    function addNode(
        address owner_,
        bytes calldata signingPublicKey_,
        string calldata httpAddress_
    ) external returns (uint32 nodeId_, address signer_);

    /**
     * @notice Makes a node part of the network; does nothing when it is already. Admin only.
     * @dev    Errors in order: `NotAdmin`, `ERC721NonexistentToken`, `MaxCanonicalNodesReached`.
     */
    function addToNetwork(uint32 nodeId_) external;

    /**
     * @notice Takes a node out of the network; does nothing when it is not in it. Admin only.
     * @dev    The last of the canonical nodes takes its place. Errors in order: `NotAdmin`, `ERC721NonexistentToken`.
     */
    function removeFromNetwork(uint32 nodeId_) external;

    /**
     * @notice Sets what the tokens' metadata URIs begin with; the node id follows. Admin only. Cannot be cleared.
     * @dev    Errors in order: `NotAdmin`, `InvalidURI`. Setting the same value again is accepted, and emits.
     */
    function setBaseURI(string calldata baseURI_) external;

    /**
     * @notice Changes where a node answers. Only the owner of its token: neither an operator nor the admin.
     * @dev    Errors in order: `ERC721NonexistentToken`, `NotNodeOwner`, `InvalidHttpAddress`, `NoChange`.
     */
    function setHttpAddress(uint32 nodeId_, string calldata httpAddress_) external;

    /**
     * @notice Applies the admin of the registry. Callable by anyone.
     * @dev    Errors in order: `ParameterOutOfTypeBounds` (address), `ZeroAdmin`, `NoChange`.
     */
    function updateAdmin() external;

    /**
     * @notice Applies the greatest size of the network. Callable by anyone.
     * @dev    Errors in order: `ParameterOutOfTypeBounds` (uint8), `NoChange`, `MaxCanonicalNodesBelowCurrentCount`.
     */
    function updateMaxCanonicalNodes() external;

    /**
     * @notice Applies whatever differs from the registry, and nothing else. Callable by anyone.
     * @dev    Parameters that were never set stay as they are after `initialize`. Errors as in the single functions,
     *         admin first, but never `NoChange`; on an error nothing is applied.
     */
    function updateAll() external;

    /// @notice Distance between two ids, and the first of them.
    // solhint-disable-next-line func-name-mixedcase
    function NODE_INCREMENT() external view returns (uint32);

    /// @notice The account that adds nodes and decides which are canonical; zero until it is applied.
    function admin() external view returns (address admin_);

    /// @notice The greatest number of canonical nodes; zero until it is applied.
    function maxCanonicalNodes() external view returns (uint8 maxCanonicalNodes_);

    /// @notice The number of canonical nodes.
    function canonicalNodesCount() external view returns (uint8 canonicalNodesCount_);

    /// @notice Every node, by ascending id.
    function getAllNodes() external view returns (NodeWithId[] memory allNodes_);

    /**
     * @notice A page of the list that `getAllNodes` gives.
     * @param  fromIndex_ Index of the first node, from 0; node 100 has index 0.
     * @param  count_     How many at the most; the page ends with the list, and is empty beyond it.
     */
    function getNodes(uint256 fromIndex_, uint256 count_) external view returns (NodeWithId[] memory nodes_);

    /// @notice The number of nodes, canonical or not.
    function getAllNodesCount() external view returns (uint32 nodeCount_);

    /// @notice Ids of the canonical nodes, in no particular order.
    function getCanonicalNodes() external view returns (uint32[] memory canonicalNodes_);

    /// @notice A node. Error `ERC721NonexistentToken`, as in the next two.
    function getNode(uint32 nodeId_) external view returns (Node memory node_);

    /// @notice Whether a node is part of the network.
    function getIsCanonicalNode(uint32 nodeId_) external view returns (bool isCanonicalNode_);

    /// @notice Address of a node's signing key.
    function getSigner(uint32 nodeId_) external view returns (address signer_);

    /**
     * @notice Whether these are the canonical nodes, all of them, by ascending id. Ids that nobody has are no error.
     * @param  ascendingNodeIds_ The ids.
     */
    function isCanonicalSet(uint32[] calldata ascendingNodeIds_) external view returns (bool isCanonicalSet_);

    /**
     * @notice Addresses of the signing keys of the canonical nodes among these.
     * @param  nodeIds_ The ids, in any order.
     * @return signers_ One for each id; zero for a node that is not canonical.
     * @dev    Error `ERC721NonexistentToken` with the first id that nobody has.
     */
    function getCanonicalSigners(uint32[] calldata nodeIds_) external view returns (address[] memory signers_);

    /// @notice Key of the admin (address).
    function adminParameterKey() external pure returns (string memory key_);

    /// @notice Key of the greatest size of the network (uint8).
    function maxCanonicalNodesParameterKey() external pure returns (string memory key_);
}
