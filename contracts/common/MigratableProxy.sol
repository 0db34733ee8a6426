// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC1967Utils } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import { StorageSlot } from "@openzeppelin/contracts/utils/StorageSlot.sol";

import { IProxyFactory } from "./interfaces/IProxyFactory.sol";

/**
 * @title  An ERC-1967 proxy with no function, no admin and no storage of its own.
 * @notice It passes every call on. Only its implementation can change its implementation.
 * @dev    The implementation is asked of the deploying factory instead of taken as an argument: the creation code,
 *         and so the CREATE2 address, is the same for every proxy.
 */
contract MigratableProxy {
    /// @dev `ERC1967Utils.IMPLEMENTATION_SLOT`; assembly reads only constants of the contract itself.
    bytes32 private constant _IMPLEMENTATION_SLOT = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

    constructor() {
        StorageSlot.getAddressSlot(ERC1967Utils.IMPLEMENTATION_SLOT).value = IProxyFactory(msg.sender)
            .pendingImplementation();
    }

    // Passing on every call, whatever it carries, is all that a proxy does.
    // solhint-disable-next-line no-complex-fallback
    fallback() external payable {
        // Assembly because Solidity cannot return data whose length is unknown. The block ends the call, so it may
        // use all memory from zero up.
        assembly {
            calldatacopy(0, 0, calldatasize())
            let success := delegatecall(gas(), sload(_IMPLEMENTATION_SLOT), 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())

            switch success
            case 0 {
                revert(0, returndatasize())
            }
            default {
                return(0, returndatasize())
            }
        }
    }
}
