// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";

import { Test } from "../utils/Test.sol";

/**
 * @title What the handlers share: a few actors, and a count of the calls to each of their functions.
 * @dev   A handler never lets a call fail unnoticed: it decides from its own ledger whether the call must succeed, and
 *        with which error it must fail otherwise.
 */
abstract contract Handler is Test {
    IParameterRegistry internal immutable _registry;

    mapping(bytes4 selector => uint256 count) public calls;
    mapping(bytes4 selector => uint256 count) public refusals;

    modifier counted() {
        ++calls[msg.sig];
        _;
    }

    constructor(IParameterRegistry registry_) {
        _registry = registry_;
    }

    /// @dev One of four accounts, which are no contracts.
    function _actor(uint256 seed_) internal pure returns (address) {
        return address(uint160(0xac7010 + (seed_ % 4)));
    }

    /// @dev The next call must fail with this error.
    function _expectRefusal(bytes memory error_) internal {
        ++refusals[msg.sig];
        vm.expectRevert(error_);
    }

    function _set(string memory key_, uint256 value_) internal {
        _registry.set(key_, bytes32(value_));
    }
}
