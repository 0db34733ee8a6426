// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IArbSys } from "./interfaces/IArbSys.sol";
import { INodeInterface } from "./interfaces/INodeInterface.sol";

import { SystemAddresses } from "./SystemAddresses.sol";

/**
 * @title  What a node of an Arbitrum chain would answer itself, for the devnet's appchain.
 * @notice Its code is placed at 0xc8: it has neither constructor nor immutables.
 */
contract NodeInterface is INodeInterface {
    /// @inheritdoc INodeInterface
    function constructOutboxProof(
        uint64 size_,
        uint64 leaf_
    ) external view returns (bytes32 send_, bytes32 root_, bytes32[] memory proof_) {
        return IArbSys(SystemAddresses.ARB_SYS).sendProof(size_, leaf_);
    }

    /// @inheritdoc INodeInterface
    function nitroGenesisBlock() external pure returns (uint256 number_) {
        return 0;
    }
}
