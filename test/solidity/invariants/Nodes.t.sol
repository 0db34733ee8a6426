// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";
import { INodes } from "../../../contracts/settlement/interfaces/INodes.sol";
import { Nodes } from "../../../contracts/settlement/Nodes.sol";

import { Handler } from "./Handler.sol";
import { InvariantTest } from "./InvariantTest.sol";
import { NodesHandler } from "./NodesHandler.sol";

/// @dev `README.md` lists the sentences that the names below refer to.
contract NodesInvariants is InvariantTest {
    Nodes private _nodes;
    NodesHandler private _nodesHandler;

    function setUp() public {
        IParameterRegistry registry_ = deployRegistry(address(this));
        _nodes = deployNodes(registry_);
        _nodesHandler = new NodesHandler(registry_, _nodes);
        registry_.set(_adminKey(registry_, address(_nodesHandler)), bytes32(uint256(1)));
        // Most of the handler needs an admin and a node.
        _nodesHandler.updateAll(1, 12);
        _nodesHandler.addNode(1, 1, 1, 40);
    }

    function invariant_N1_NetworkFitsItsSize() public view {
        assertEq(_nodes.canonicalNodesCount(), _nodes.getCanonicalNodes().length, "count");
        assertTrue(_nodes.canonicalNodesCount() <= _nodes.maxCanonicalNodes(), "no more than the maximum");
        assertEq(_nodes.maxCanonicalNodes(), _nodesHandler.maxCanonicalNodes(), "maximum");
    }

    function invariant_N2_NetworkIsTheCanonicalNodesEachOnce() public view {
        uint32[] memory listed_ = _nodes.getCanonicalNodes();
        uint32[] memory expected_ = _nodesHandler.canonicalNodes();
        assertEq(abi.encodePacked(listed_), abi.encodePacked(expected_), "ids in order");

        for (uint256 index_; index_ < _nodesHandler.nodeCount(); ++index_) {
            uint32 id_ = uint32(100 * (index_ + 1));
            uint256 times_;
            for (uint256 place_; place_ < listed_.length; ++place_) if (listed_[place_] == id_) ++times_;

            assertEq(times_, _nodes.getIsCanonicalNode(id_) ? 1 : 0, "listed when canonical, once");
            assertTrue(_nodes.getNode(id_).isCanonical == _nodes.getIsCanonicalNode(id_), "one answer");
        }
    }

    function invariant_N3_NodesAreCountedByHundreds() public view {
        INodes.NodeWithId[] memory all_ = _nodes.getAllNodes();
        assertEq(all_.length, _nodesHandler.nodeCount(), "count");
        assertEq(_nodes.getAllNodesCount(), all_.length, "count");

        for (uint256 index_; index_ < all_.length; ++index_) {
            assertEq(all_[index_].nodeId, 100 * (index_ + 1), "id");
        }

        uint256 balances_;
        for (uint256 actor_; actor_ < 4; ++actor_) balances_ += _nodes.balanceOf(_nodesHandler.actorAt(actor_));
        assertEq(balances_, all_.length, "tokens");
    }

    function invariant_N4_N5_NodesAreWhatTheirOwnersAndTheAdminMadeThem() public view {
        for (uint256 index_; index_ < _nodesHandler.nodeCount(); ++index_) {
            (INodes.Node memory expected_, address owner_) = _nodesHandler.nodeAt(index_);
            uint32 id_ = uint32(100 * (index_ + 1));
            INodes.Node memory node_ = _nodes.getNode(id_);

            assertEq(node_.signer, expected_.signer, "signer");
            assertEq(_nodes.getSigner(id_), expected_.signer, "signer alone");
            assertEq(node_.signingPublicKey, expected_.signingPublicKey, "key");
            assertEq(node_.httpAddress, expected_.httpAddress, "address");
            assertTrue(bytes(node_.httpAddress).length != 0, "an address");
            assertEq(_nodes.ownerOf(id_), owner_, "owner");
        }
    }

    function invariant_N6_PagesMakeUpTheList() public view {
        INodes.NodeWithId[] memory all_ = _nodes.getAllNodes();
        uint256 middle_ = all_.length / 2;

        INodes.NodeWithId[] memory first_ = _nodes.getNodes(0, middle_);
        INodes.NodeWithId[] memory second_ = _nodes.getNodes(middle_, type(uint256).max);
        assertEq(first_.length + second_.length, all_.length, "length");

        for (uint256 index_; index_ < all_.length; ++index_) {
            INodes.NodeWithId memory node_ = index_ < middle_ ? first_[index_] : second_[index_ - middle_];
            assertEq(abi.encode(node_), abi.encode(all_[index_]), "node");
        }
    }

    function invariant_N7_AdminAndBaseURIEqualTheBooks() public view {
        string memory baseURI_ = _nodesHandler.baseURI();

        assertEq(_nodes.admin(), _nodesHandler.admin(), "admin");
        assertEq(_nodes.tokenURI(100), bytes(baseURI_).length == 0 ? "" : string.concat(baseURI_, "100"), "URI");
    }

    function _handler() internal view override returns (Handler) {
        return _nodesHandler;
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors_) {
        selectors_ = new bytes4[](10);
        selectors_[0] = NodesHandler.addNode.selector;
        selectors_[1] = NodesHandler.addToNetwork.selector;
        selectors_[2] = NodesHandler.removeFromNetwork.selector;
        selectors_[3] = NodesHandler.setHttpAddress.selector;
        selectors_[4] = NodesHandler.transfer.selector;
        selectors_[5] = NodesHandler.setApprovalForAll.selector;
        selectors_[6] = NodesHandler.setBaseURI.selector;
        selectors_[7] = NodesHandler.updateAdmin.selector;
        selectors_[8] = NodesHandler.updateMaxCanonicalNodes.selector;
        selectors_[9] = NodesHandler.updateAll.selector;
    }
}
