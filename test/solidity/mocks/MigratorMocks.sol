// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { StorageSlot } from "@openzeppelin/contracts/utils/StorageSlot.sol";

bytes32 constant IMPLEMENTATION_SLOT = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

/// @dev A migrator that refuses, with an argument to recognise it by.
contract RefusingMigrator {
    error Refused(uint256 reason);

    fallback() external {
        revert Refused(42);
    }
}

/// @dev A migrator without the checks of ours: it points a proxy anywhere, as often as it is asked.
contract UncheckedMigrator {
    event Upgraded(address indexed implementation);

    address private immutable _toImplementation;

    constructor(address toImplementation_) {
        _toImplementation = toImplementation_;
    }

    fallback() external {
        StorageSlot.getAddressSlot(IMPLEMENTATION_SLOT).value = _toImplementation;
        emit Upgraded(_toImplementation);
    }
}
