// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC721Upgradeable } from "@openzeppelin/contracts-upgradeable/token/ERC721/ERC721Upgradeable.sol";
import { IERC721Metadata } from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";

import { IParameterConsumer } from "../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../common/interfaces/IVersioned.sol";
import { INodes } from "./interfaces/INodes.sol";

import { RegistryParameters } from "../common/RegistryParameters.sol";
import { Lanes } from "./Lanes.sol";
import { PackedString } from "./PackedString.sol";

import { ParameterConsumer } from "../common/ParameterConsumer.sol";

/**
 * @title  The registry of nodes.
 * @notice The admin, named by a parameter, adds nodes and decides which are canonical; the owner of a node's token
 *         changes its address; anyone applies parameters. Tokens are never burnt, so a node that exists goes on to.
 */
contract Nodes is INodes, ERC721Upgradeable, ParameterConsumer {
    using Lanes for uint256;

    /// @dev What there is to know of a node. A node exists when its signer is not zero.
    struct StoredNode {
        // slot 0
        address signer;
        // slots 1 and 2: the coordinates of the signing key, without the byte 0x04 that stands before them
        bytes32 x;
        bytes32 y;
        // slots 3 and 4
        PackedString httpAddress;
    }

    /// @custom:storage-location erc7201:xmtp.storage.NodeRegistry
    struct NodesStorage {
        // slot 0
        address admin;
        uint8 maxCanonicalNodes;
        uint8 canonicalNodesCount;
        uint32 nodeCount;
        // slot 1
        mapping(uint32 nodeId => StoredNode node) nodes;
        // slot 2
        string baseURI;
        // slots 3 to 34: the ids of the canonical nodes, eight in a word; meaningless from `canonicalNodesCount` on
        uint256[32] canonicalNodeIds;
        // slot 35: by node number (its id / 100), 32 in a word: 1 + the node's index in `canonicalNodeIds`, or 0 when it is
        // not canonical. Taking a node out and moving another into its place writes one word, if they are neighbours.
        mapping(uint256 word => uint256 positions) canonicalPositions;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("xmtp.storage.NodeRegistry")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant NODES_STORAGE_LOCATION =
        0xd48713bc7b5e2644bcb4e26ace7d67dc9027725a9a1ee11596536cc6096a2000;

    /// @inheritdoc INodes
    uint32 public constant NODE_INCREMENT = 100;

    /// @dev The length of an uncompressed secp256k1 key, and the byte that it begins with.
    uint256 private constant _SIGNING_PUBLIC_KEY_LENGTH = 65;
    bytes1 private constant _SIGNING_PUBLIC_KEY_PREFIX = 0x04;

    /// @dev Widths, in bits, of an id in `canonicalNodeIds` and of a position in `canonicalPositions`.
    uint256 private constant _ID_BITS = 32;
    uint256 private constant _POSITION_BITS = 8;
    uint256 private constant _POSITIONS_IN_WORD = 32;
    uint256 private constant _POSITIONS_IN_WORD_BITS = 5;

    /// @dev The number of no word of `canonicalPositions`: none has been read.
    uint256 private constant _NO_WORD = type(uint256).max;

    // The constructor only passes the registry on.
    // solhint-disable-next-line no-empty-blocks
    constructor(address parameterRegistry_) ParameterConsumer(parameterRegistry_) {}

    // Registering nodes

    /// @inheritdoc INodes
    function addNode(
        address owner_,
        bytes calldata signingPublicKey_,
        string calldata httpAddress_
    ) external returns (uint32 nodeId_, address signer_) {
        NodesStorage storage registry = _getNodesStorage();

        if (msg.sender != registry.admin) revert NotAdmin();
        if (owner_ == address(0)) revert InvalidOwner();
        if (bytes(httpAddress_).length == 0) revert InvalidHttpAddress();

        uint256 nodeCount_ = uint256(registry.nodeCount) + 1;
        if (nodeCount_ * NODE_INCREMENT > type(uint32).max) revert MaxNodesReached();

        if (
            signingPublicKey_.length != _SIGNING_PUBLIC_KEY_LENGTH || signingPublicKey_[0] != _SIGNING_PUBLIC_KEY_PREFIX
        ) revert InvalidSigningPublicKey();

        // Both casts are safe by the check of the count.
        registry.nodeCount = uint32(nodeCount_);
        nodeId_ = uint32(nodeCount_ * NODE_INCREMENT);
        signer_ = address(uint160(uint256(keccak256(signingPublicKey_[1:]))));

        StoredNode storage node = registry.nodes[nodeId_];
        node.signer = signer_;
        node.x = bytes32(signingPublicKey_[1:33]);
        node.y = bytes32(signingPublicKey_[33:65]);
        node.httpAddress.store(httpAddress_);

        // Not `_safeMint`: an owner that could refuse or re-enter serves nobody.
        _mint(owner_, nodeId_);

        emit NodeAdded(nodeId_, owner_, signer_, signingPublicKey_, httpAddress_);
    }

    /// @inheritdoc INodes
    function setHttpAddress(uint32 nodeId_, string calldata httpAddress_) external {
        if (msg.sender != _requireOwned(nodeId_)) revert NotNodeOwner();
        if (bytes(httpAddress_).length == 0) revert InvalidHttpAddress();

        if (!_getNodesStorage().nodes[nodeId_].httpAddress.store(httpAddress_)) revert NoChange();

        emit HttpAddressUpdated(nodeId_, httpAddress_);
    }

    // The network

    /// @inheritdoc INodes
    function addToNetwork(uint32 nodeId_) external {
        NodesStorage storage registry = _getNodesStorage();

        if (msg.sender != registry.admin) revert NotAdmin();

        (uint256 number_, uint256 rest_) = _split(nodeId_);
        // Cheaper here than asking for the signer: the count is in a slot that is read anyway.
        bool exists_ = rest_ == 0 && number_ != 0 && number_ <= registry.nodeCount;
        if (!exists_) revert ERC721NonexistentToken(nodeId_);

        uint256 positionsWord_ = number_.wordOf(_POSITION_BITS);
        uint256 positions_ = registry.canonicalPositions[positionsWord_];
        if (positions_.get(number_, _POSITION_BITS) != 0) return;

        uint256 count_ = registry.canonicalNodesCount;
        if (count_ >= registry.maxCanonicalNodes) revert MaxCanonicalNodesReached();

        uint256 idsWord_ = count_.wordOf(_ID_BITS);
        registry.canonicalNodeIds[idsWord_] = registry.canonicalNodeIds[idsWord_].set(count_, _ID_BITS, nodeId_);

        // The new count is a valid position, and the cast is safe: the old one was below a maximum of 255 at most.
        unchecked {
            registry.canonicalPositions[positionsWord_] = positions_.set(number_, _POSITION_BITS, count_ + 1);
            registry.canonicalNodesCount = uint8(count_ + 1);
        }

        emit NodeAddedToCanonicalNetwork(nodeId_);
    }

    /// @inheritdoc INodes
    function removeFromNetwork(uint32 nodeId_) external {
        NodesStorage storage registry = _getNodesStorage();

        if (msg.sender != registry.admin) revert NotAdmin();

        (uint256 number_, uint256 rest_) = _split(nodeId_);
        uint256 positionsWord_ = number_.wordOf(_POSITION_BITS);
        uint256 positions_ = registry.canonicalPositions[positionsWord_];
        uint256 position_ = positions_.get(number_, _POSITION_BITS);

        if (rest_ != 0 || position_ == 0) {
            _requireNode(nodeId_);
            return;
        }

        positions_ = positions_.set(number_, _POSITION_BITS, 0);

        // Neither subtraction can wrap: this node has a position, so there is a last one, and neither is 0. The cast is
        // safe: the count falls.
        unchecked {
            uint256 lastPosition_ = registry.canonicalNodesCount;

            registry.canonicalNodesCount = uint8(lastPosition_ - 1);

            // The last node moves into the free place. What stays behind the new end of the list is never read.
            if (position_ != lastPosition_) {
                uint256 lastNumber_ = _moveCanonicalNode(lastPosition_ - 1, position_ - 1) / NODE_INCREMENT;
                uint256 lastPositionsWord_ = lastNumber_.wordOf(_POSITION_BITS);

                if (lastPositionsWord_ == positionsWord_) {
                    positions_ = positions_.set(lastNumber_, _POSITION_BITS, position_);
                } else {
                    registry.canonicalPositions[lastPositionsWord_] = registry
                        .canonicalPositions[lastPositionsWord_]
                        .set(lastNumber_, _POSITION_BITS, position_);
                }
            }
        }

        registry.canonicalPositions[positionsWord_] = positions_;

        emit NodeRemovedFromCanonicalNetwork(nodeId_);
    }

    /// @inheritdoc INodes
    function getCanonicalNodes() external view returns (uint32[] memory canonicalNodes_) {
        NodesStorage storage registry = _getNodesStorage();
        uint256 count_ = registry.canonicalNodesCount;

        canonicalNodes_ = new uint32[](count_);

        for (uint256 index_; index_ < count_; ++index_) {
            // The cast cuts out nothing: a lane is as wide as an id.
            canonicalNodes_[index_] = uint32(registry.canonicalNodeIds[index_.wordOf(_ID_BITS)].get(index_, _ID_BITS));
        }
    }

    /// @inheritdoc INodes
    function getIsCanonicalNode(uint32 nodeId_) external view returns (bool isCanonicalNode_) {
        isCanonicalNode_ = _canonicalPosition(nodeId_) != 0;

        // To be canonical is proof enough that the node exists.
        if (!isCanonicalNode_) _requireNode(nodeId_);
    }

    /// @inheritdoc INodes
    function isCanonicalSet(uint32[] calldata ascendingNodeIds_) external view returns (bool isCanonicalSet_) {
        NodesStorage storage registry = _getNodesStorage();

        // Different ids, each of a canonical node, and as many as there are: then these are they.
        if (ascendingNodeIds_.length != registry.canonicalNodesCount) return false;

        uint256 previousId_;
        uint256 positionsWord_ = _NO_WORD;
        uint256 positions_;

        unchecked {
            for (uint256 index_; index_ < ascendingNodeIds_.length; ++index_) {
                uint256 nodeId_ = _idAt(ascendingNodeIds_, index_);
                uint256 number_ = nodeId_ / NODE_INCREMENT;

                // No node has the id 0, so the first may not be 0 either.
                if (nodeId_ <= previousId_) return false;
                if (nodeId_ != number_ * NODE_INCREMENT) return false;
                previousId_ = nodeId_;

                // Neighbours share a word, which is read once.
                if (number_ >> _POSITIONS_IN_WORD_BITS != positionsWord_) {
                    positionsWord_ = number_ >> _POSITIONS_IN_WORD_BITS;
                    positions_ = registry.canonicalPositions[positionsWord_];
                }

                if (uint8(positions_ >> (_POSITION_BITS * (number_ % _POSITIONS_IN_WORD))) == 0) return false;
            }
        }

        return true;
    }

    /// @inheritdoc INodes
    function getCanonicalSigners(uint32[] calldata nodeIds_) external view returns (address[] memory signers_) {
        NodesStorage storage registry = _getNodesStorage();

        signers_ = new address[](nodeIds_.length);

        uint256 positionsWord_ = _NO_WORD;
        uint256 positions_;

        unchecked {
            for (uint256 index_; index_ < nodeIds_.length; ++index_) {
                uint256 nodeId_ = _idAt(nodeIds_, index_);
                uint256 number_ = nodeId_ / NODE_INCREMENT;

                if (number_ >> _POSITIONS_IN_WORD_BITS != positionsWord_) {
                    positionsWord_ = number_ >> _POSITIONS_IN_WORD_BITS;
                    positions_ = registry.canonicalPositions[positionsWord_];
                }

                bool isCanonical_ = uint8(positions_ >> (_POSITION_BITS * (number_ % _POSITIONS_IN_WORD))) != 0;

                if (isCanonical_ && nodeId_ == number_ * NODE_INCREMENT) {
                    // The cast is safe: this is the id of a node.
                    signers_[index_] = registry.nodes[uint32(nodeId_)].signer;
                } else {
                    _requireNode(nodeIds_[index_]);
                }
            }
        }

        // In memory the array is as the ABI wants it but for its offset, so it is returned as it is.
        assembly {
            mstore(sub(signers_, 0x20), 0x20)
            return(sub(signers_, 0x20), add(shl(5, mload(signers_)), 0x40))
        }
    }

    /// @dev An id of a list in calldata, at a fifth of the price, as nothing is checked: neither the index nor the 32 bits.
    function _idAt(uint32[] calldata nodeIds_, uint256 index_) private pure returns (uint256 nodeId_) {
        assembly ("memory-safe") {
            nodeId_ := calldataload(add(nodeIds_.offset, shl(5, index_)))
        }
    }

    /// @dev 1 + the node's index in the list of canonical nodes, or 0; an id between two nodes' ids has 0.
    function _canonicalPosition(uint32 nodeId_) private view returns (uint256 position_) {
        (uint256 number_, uint256 rest_) = _split(nodeId_);
        if (rest_ != 0) return 0;

        return _getNodesStorage().canonicalPositions[number_.wordOf(_POSITION_BITS)].get(number_, _POSITION_BITS);
    }

    /// @dev A node's number, counted from 1; an id with a rest is nobody's.
    function _split(uint256 nodeId_) private pure returns (uint256 number_, uint256 rest_) {
        unchecked {
            return (nodeId_ / NODE_INCREMENT, nodeId_ % NODE_INCREMENT);
        }
    }

    /// @dev Copies an id within the list of canonical nodes, and returns it.
    function _moveCanonicalNode(uint256 fromIndex_, uint256 toIndex_) private returns (uint256 nodeId_) {
        uint256[32] storage ids = _getNodesStorage().canonicalNodeIds;

        nodeId_ = ids[fromIndex_.wordOf(_ID_BITS)].get(fromIndex_, _ID_BITS);

        uint256 word_ = toIndex_.wordOf(_ID_BITS);
        ids[word_] = ids[word_].set(toIndex_, _ID_BITS, nodeId_);
    }

    // Reading nodes

    /// @inheritdoc INodes
    function getAllNodes() external view returns (NodeWithId[] memory allNodes_) {
        return getNodes(0, type(uint32).max);
    }

    /// @inheritdoc INodes
    function getNodes(uint256 fromIndex_, uint256 count_) public view returns (NodeWithId[] memory nodes_) {
        uint256 nodeCount_ = _getNodesStorage().nodeCount;

        if (fromIndex_ >= nodeCount_) return nodes_;
        if (count_ > nodeCount_ - fromIndex_) count_ = nodeCount_ - fromIndex_;

        nodes_ = new NodeWithId[](count_);

        for (uint256 index_; index_ < count_; ++index_) {
            // The cast is safe: the id of an existing node is 32 bits wide.
            uint32 nodeId_ = uint32((fromIndex_ + index_ + 1) * NODE_INCREMENT);
            nodes_[index_] = NodeWithId({ nodeId: nodeId_, node: _loadNode(nodeId_) });
        }
    }

    /// @inheritdoc INodes
    function getNode(uint32 nodeId_) external view returns (Node memory node_) {
        _requireNode(nodeId_);
        return _loadNode(nodeId_);
    }

    /// @inheritdoc INodes
    function getSigner(uint32 nodeId_) external view returns (address signer_) {
        return _requireNode(nodeId_);
    }

    /// @inheritdoc INodes
    function getAllNodesCount() external view returns (uint32 nodeCount_) {
        return _getNodesStorage().nodeCount;
    }

    function _loadNode(uint32 nodeId_) private view returns (Node memory node_) {
        StoredNode storage node = _getNodesStorage().nodes[nodeId_];

        (bytes32 x_, bytes32 y_) = (node.x, node.y);

        return
            Node({
                // Cheaper than reading it from its slot.
                signer: address(uint160(uint256(keccak256(abi.encode(x_, y_))))),
                isCanonical: _canonicalPosition(nodeId_) != 0,
                signingPublicKey: abi.encodePacked(_SIGNING_PUBLIC_KEY_PREFIX, x_, y_),
                httpAddress: node.httpAddress.load()
            });
    }

    /// @dev The signer, which every node has: reading it proves that the node exists without reading its owner.
    function _requireNode(uint32 nodeId_) private view returns (address signer_) {
        signer_ = _getNodesStorage().nodes[nodeId_].signer;

        if (signer_ == address(0)) revert ERC721NonexistentToken(nodeId_);
    }

    // Settings

    /// @inheritdoc INodes
    function updateAdmin() external {
        if (!_applyAdmin(RegistryParameters.getAddress(parameterRegistry, adminParameterKey()))) revert NoChange();
    }

    /// @inheritdoc INodes
    function updateMaxCanonicalNodes() external {
        uint8 maxCanonicalNodes_ = RegistryParameters.getUint8(parameterRegistry, maxCanonicalNodesParameterKey());

        if (!_applyMaxCanonicalNodes(maxCanonicalNodes_)) revert NoChange();
    }

    /// @inheritdoc INodes
    function updateAll() external {
        string[] memory keys_ = new string[](2);
        keys_[0] = adminParameterKey();
        keys_[1] = maxCanonicalNodesParameterKey();

        bytes32[] memory values_ = RegistryParameters.getParameters(parameterRegistry, keys_);

        address admin_ = RegistryParameters.toAddress(values_[0]);

        // An admin that was never set, here or there, is no error.
        if (admin_ != _getNodesStorage().admin) _applyAdmin(admin_);

        _applyMaxCanonicalNodes(RegistryParameters.toUint8(values_[1]));
    }

    function _applyAdmin(address admin_) private returns (bool changed_) {
        NodesStorage storage registry = _getNodesStorage();

        if (admin_ == address(0)) revert ZeroAdmin();
        if (admin_ == registry.admin) return false;

        registry.admin = admin_;

        emit AdminUpdated(admin_);

        return true;
    }

    function _applyMaxCanonicalNodes(uint8 maxCanonicalNodes_) private returns (bool changed_) {
        NodesStorage storage registry = _getNodesStorage();

        if (maxCanonicalNodes_ == registry.maxCanonicalNodes) return false;
        if (maxCanonicalNodes_ < registry.canonicalNodesCount) revert MaxCanonicalNodesBelowCurrentCount();

        registry.maxCanonicalNodes = maxCanonicalNodes_;

        emit MaxCanonicalNodesUpdated(maxCanonicalNodes_);

        return true;
    }

    // The token

    /// @inheritdoc INodes
    function setBaseURI(string calldata baseURI_) external {
        NodesStorage storage registry = _getNodesStorage();
        bytes calldata uri = bytes(baseURI_);

        if (msg.sender != registry.admin) revert NotAdmin();
        if (uri.length == 0 || uri[uri.length - 1] != "/") revert InvalidURI();

        registry.baseURI = baseURI_;

        emit BaseURIUpdated(baseURI_);
    }

    /// @inheritdoc IERC721Metadata
    function name() public pure override(ERC721Upgradeable, IERC721Metadata) returns (string memory) {
        return "XMTP Nodes";
    }

    /// @inheritdoc IERC721Metadata
    function symbol() public pure override(ERC721Upgradeable, IERC721Metadata) returns (string memory) {
        return "nXMTP";
    }

    function _baseURI() internal view override returns (string memory baseURI_) {
        return _getNodesStorage().baseURI;
    }

    // Getters

    /// @inheritdoc INodes
    function admin() external view returns (address admin_) {
        return _getNodesStorage().admin;
    }

    /// @inheritdoc INodes
    function maxCanonicalNodes() external view returns (uint8 maxCanonicalNodes_) {
        return _getNodesStorage().maxCanonicalNodes;
    }

    /// @inheritdoc INodes
    function canonicalNodesCount() external view returns (uint8 canonicalNodesCount_) {
        return _getNodesStorage().canonicalNodesCount;
    }

    /// @inheritdoc INodes
    function adminParameterKey() public pure returns (string memory key_) {
        return "xmtp.nodeRegistry.admin";
    }

    /// @inheritdoc INodes
    function maxCanonicalNodesParameterKey() public pure returns (string memory key_) {
        return "xmtp.nodeRegistry.maxCanonicalNodes";
    }

    /// @inheritdoc IParameterConsumer
    function migratorParameterKey()
        public
        pure
        override(IParameterConsumer, ParameterConsumer)
        returns (string memory key_)
    {
        return "xmtp.nodeRegistry.migrator";
    }

    /// @inheritdoc IVersioned
    function version() external pure returns (string memory version_) {
        return "1.0.1";
    }

    /// @inheritdoc IVersioned
    function contractName() external pure returns (string memory contractName_) {
        return "NodeRegistry";
    }

    function _getNodesStorage() private pure returns (NodesStorage storage registry) {
        assembly ("memory-safe") {
            registry.slot := NODES_STORAGE_LOCATION
        }
    }
}
