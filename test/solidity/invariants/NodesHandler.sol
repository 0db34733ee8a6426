// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterConsumer } from "../../../contracts/common/interfaces/IParameterConsumer.sol";
import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";
import { INodes } from "../../../contracts/settlement/interfaces/INodes.sol";
import { Nodes } from "../../../contracts/settlement/Nodes.sol";

import { RandomBytes } from "../utils/RandomBytes.sol";

import { Handler } from "./Handler.sol";

/// @title Uses the node registry in every way, and keeps books of its own about it.
contract NodesHandler is Handler {
    Nodes private immutable _nodes;

    // The books: what the registry should say of itself. The order of the canonical nodes is that of an array in which
    // the last one takes the place of the one that goes.
    address public admin;
    uint8 public maxCanonicalNodes;
    INodes.Node[] private _books;
    address[] private _owners;
    uint32[] private _canonical;
    string public baseURI;

    constructor(IParameterRegistry registry_, Nodes nodes_) Handler(registry_) {
        _nodes = nodes_;
    }

    function addNode(uint256 actor_, uint256 owner_, uint256 keySeed_, uint256 urlLength_) external counted {
        bytes memory key_ = bytes.concat(hex"04", RandomBytes.generate(keySeed_, 64));
        string memory url_ = string(RandomBytes.generate(keySeed_, bound(urlLength_, 0, 90)));
        bytes memory refusal_;

        if (bytes(url_).length == 0) refusal_ = abi.encodeWithSelector(INodes.InvalidHttpAddress.selector);
        if (_sender(actor_) != admin) refusal_ = abi.encodeWithSelector(INodes.NotAdmin.selector);

        if (refusal_.length != 0) _expectRefusal(refusal_);
        vm.prank(_sender(actor_));
        (uint32 id_, address signer_) = _nodes.addNode(_actor(owner_), key_, url_);
        if (refusal_.length != 0) return;

        _books.push(INodes.Node(address(uint160(uint256(keccak256(_tail(key_))))), false, key_, url_));
        _owners.push(_actor(owner_));
        assertEq(id_, 100 * _books.length, "id");
        assertEq(signer_, _books[_books.length - 1].signer, "signer");
    }

    function addToNetwork(uint256 actor_, uint256 node_) external counted {
        (uint32 id_, bool known_) = _someId(node_);
        bytes memory refusal_;

        if (known_ && !_book(id_).isCanonical && _canonical.length >= maxCanonicalNodes) {
            refusal_ = abi.encodeWithSelector(INodes.MaxCanonicalNodesReached.selector);
        }
        if (!known_) refusal_ = _unknown(id_);
        if (_sender(actor_) != admin) refusal_ = abi.encodeWithSelector(INodes.NotAdmin.selector);

        if (refusal_.length != 0) _expectRefusal(refusal_);
        vm.prank(_sender(actor_));
        _nodes.addToNetwork(id_);
        if (refusal_.length != 0 || _book(id_).isCanonical) return;

        _book(id_).isCanonical = true;
        _canonical.push(id_);
    }

    function removeFromNetwork(uint256 actor_, uint256 node_) external counted {
        // Rarely one of all ids, mostly one of those that can be removed.
        (uint32 id_, bool known_) = node_ % 4 != 0 && _canonical.length != 0
            ? (_canonical[node_ % _canonical.length], true)
            : _someId(node_);
        bytes memory refusal_;

        if (!known_) refusal_ = _unknown(id_);
        if (_sender(actor_) != admin) refusal_ = abi.encodeWithSelector(INodes.NotAdmin.selector);

        if (refusal_.length != 0) _expectRefusal(refusal_);
        vm.prank(_sender(actor_));
        _nodes.removeFromNetwork(id_);
        if (refusal_.length != 0 || !_book(id_).isCanonical) return;

        _book(id_).isCanonical = false;
        for (uint256 index_; index_ < _canonical.length; ++index_) {
            if (_canonical[index_] == id_) {
                _canonical[index_] = _canonical[_canonical.length - 1];
                _canonical.pop();
            }
        }
    }

    function setHttpAddress(uint256 actor_, uint256 node_, uint256 seed_, uint256 length_) external counted {
        (uint32 id_, bool known_) = _someId(node_);
        string memory url_ = string(RandomBytes.generate(seed_, bound(length_, 0, 90)));
        address sender_ = known_ && actor_ % 4 != 0 ? _owners[id_ / 100 - 1] : _actor(actor_);
        bytes memory refusal_;

        if (!known_) refusal_ = _unknown(id_);
        else if (sender_ != _owners[id_ / 100 - 1]) refusal_ = abi.encodeWithSelector(INodes.NotNodeOwner.selector);
        else if (bytes(url_).length == 0) refusal_ = abi.encodeWithSelector(INodes.InvalidHttpAddress.selector);
        else if (keccak256(bytes(url_)) == keccak256(bytes(_book(id_).httpAddress))) {
            refusal_ = abi.encodeWithSelector(IParameterConsumer.NoChange.selector);
        }

        if (refusal_.length != 0) _expectRefusal(refusal_);
        vm.prank(sender_);
        _nodes.setHttpAddress(id_, url_);

        if (refusal_.length == 0) _book(id_).httpAddress = url_;
    }

    function transfer(uint256 actor_, uint256 node_, uint256 to_, bool approve_) external counted {
        if (_books.length == 0) return;
        uint256 index_ = node_ % _books.length;
        uint256 id_ = 100 * (index_ + 1);
        address sender_ = _actor(actor_);

        if (approve_) {
            vm.prank(_owners[index_]);
            _nodes.approve(sender_, id_);
        } else if (sender_ != _owners[index_] && !_nodes.isApprovedForAll(_owners[index_], sender_)) {
            if (_nodes.getApproved(id_) != sender_) {
                _expectRefusal(abi.encodeWithSignature("ERC721InsufficientApproval(address,uint256)", sender_, id_));
                vm.prank(sender_);
                return _nodes.transferFrom(_owners[index_], _actor(to_), id_);
            }
        }

        vm.prank(sender_);
        _nodes.transferFrom(_owners[index_], _actor(to_), id_);
        _owners[index_] = _actor(to_);
    }

    function setApprovalForAll(uint256 actor_, uint256 operator_, bool approved_) external counted {
        vm.prank(_actor(actor_));
        _nodes.setApprovalForAll(_actor(operator_), approved_);
    }

    function setBaseURI(uint256 actor_, uint256 seed_, bool slash_) external counted {
        string memory uri_ = string.concat("https://", slash_ ? "/" : "-");
        bytes memory refusal_;
        if (!slash_) refusal_ = abi.encodeWithSelector(INodes.InvalidURI.selector);
        if (_sender(actor_ ^ seed_) != admin) refusal_ = abi.encodeWithSelector(INodes.NotAdmin.selector);

        if (refusal_.length != 0) _expectRefusal(refusal_);
        vm.prank(_sender(actor_ ^ seed_));
        _nodes.setBaseURI(uri_);

        if (refusal_.length == 0) baseURI = uri_;
    }

    function updateAdmin(uint256 actor_) external counted {
        address admin_ = actor_ % 8 == 0 ? address(0) : _actor(actor_);
        _set(_nodes.adminParameterKey(), uint160(admin_));

        if (admin_ == address(0)) _expectRefusal(abi.encodeWithSelector(INodes.ZeroAdmin.selector));
        else if (admin_ == admin) _expectRefusal(abi.encodeWithSelector(IParameterConsumer.NoChange.selector));
        else admin = admin_;
        _nodes.updateAdmin();
    }

    function updateMaxCanonicalNodes(uint256 max_) external counted {
        max_ = bound(max_, 0, 12);
        _set(_nodes.maxCanonicalNodesParameterKey(), max_);

        if (max_ == maxCanonicalNodes) {
            _expectRefusal(abi.encodeWithSelector(IParameterConsumer.NoChange.selector));
        } else if (max_ < _canonical.length) {
            _expectRefusal(abi.encodeWithSelector(INodes.MaxCanonicalNodesBelowCurrentCount.selector));
        } else {
            maxCanonicalNodes = uint8(max_);
        }
        _nodes.updateMaxCanonicalNodes();
    }

    function updateAll(uint256 actor_, uint256 max_) external counted {
        admin = _actor(actor_);
        maxCanonicalNodes = uint8(bound(max_, _canonical.length, 255));
        _set(_nodes.adminParameterKey(), uint160(admin));
        _set(_nodes.maxCanonicalNodesParameterKey(), maxCanonicalNodes);

        _nodes.updateAll();
    }

    function nodeCount() external view returns (uint256) {
        return _books.length;
    }

    function nodeAt(uint256 index_) external view returns (INodes.Node memory node_, address owner_) {
        return (_books[index_], _owners[index_]);
    }

    function canonicalNodes() external view returns (uint32[] memory) {
        return _canonical;
    }

    function actorAt(uint256 index_) external pure returns (address) {
        return _actor(index_);
    }

    function _book(uint32 id_) private view returns (INodes.Node storage) {
        return _books[id_ / 100 - 1];
    }

    /// @dev Mostly the admin, so that most calls do something.
    function _sender(uint256 actor_) private view returns (address) {
        return actor_ % 8 == 0 ? _actor(actor_ / 8) : admin;
    }

    /// @dev Mostly the id of a node; also the ones beside it, and the next.
    function _someId(uint256 seed_) private view returns (uint32 id_, bool known_) {
        uint256 number_ = (seed_ >> 8) % (_books.length + 1);
        id_ = uint32(100 * (number_ + 1));
        if (seed_ % 16 == 0) return (id_ - 1, false);
        if (seed_ % 16 == 1) return (id_ + 1, false);
        return (id_, number_ < _books.length);
    }

    function _unknown(uint32 id_) private pure returns (bytes memory) {
        return abi.encodeWithSignature("ERC721NonexistentToken(uint256)", id_);
    }

    function _tail(bytes memory key_) private pure returns (bytes memory tail_) {
        tail_ = new bytes(64);
        for (uint256 index_; index_ < 64; ++index_) tail_[index_] = key_[index_ + 1];
    }
}
