// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC1967Utils } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import { StorageSlot } from "@openzeppelin/contracts/utils/StorageSlot.sol";

import { IMigrator } from "./interfaces/IMigrator.sol";

/// @title Swaps the implementation of the proxy that delegates to it, and touches no other storage.
contract Migrator is IMigrator {
    /// @inheritdoc IMigrator
    address public immutable fromImplementation;

    /// @inheritdoc IMigrator
    address public immutable toImplementation;

    constructor(address fromImplementation_, address toImplementation_) {
        if (fromImplementation_ == address(0)) revert ZeroFromImplementation();
        if (toImplementation_ == address(0)) revert ZeroToImplementation();
        if (toImplementation_.code.length == 0) revert EmptyCode(toImplementation_);

        fromImplementation = fromImplementation_;
        toImplementation = toImplementation_;
    }

    // `migrate` delegates with empty calldata, and production's migrators answer any: a fallback is the interface.
    // solhint-disable-next-line no-complex-fallback, payable-fallback
    fallback() external {
        StorageSlot.AddressSlot storage slot = StorageSlot.getAddressSlot(ERC1967Utils.IMPLEMENTATION_SLOT);
        if (slot.value != fromImplementation) revert UnexpectedImplementation();

        slot.value = toImplementation;

        emit Upgraded(toImplementation);
    }
}
