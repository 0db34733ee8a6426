// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";

import { Handler } from "./Handler.sol";
import { InvariantTest } from "./InvariantTest.sol";
import { RegistryHandler } from "./RegistryHandler.sol";

/// @dev `README.md` lists the sentences that the names below refer to.
contract RegistryInvariants is InvariantTest {
    IParameterRegistry private _registry;
    RegistryHandler private _registryHandler;

    function setUp() public {
        _registry = deployRegistry(address(this));
        _registryHandler = new RegistryHandler(_registry);
        _registry.set(_adminKey(_registry, address(_registryHandler)), bytes32(uint256(1)));
        _registryHandler.makeAdmin(0);
    }

    function invariant_K1_ValuesEqualTheBooks() public view {
        for (uint256 key_; key_ < _registryHandler.KEY_COUNT(); ++key_) {
            assertEq(_registry.get(_registryHandler.keyAt(key_)), _registryHandler.valueAt(key_), "value");
        }
    }

    function invariant_K2_AdminsAreThoseOfTheBooks() public view {
        for (uint256 actor_; actor_ < 4; ++actor_) {
            address account_ = address(uint160(0xac7010 + actor_));
            assertTrue(_registry.isAdmin(account_) == _registryHandler.isAdmin(actor_), "admin");
        }
    }

    function invariant_K3_EveryWriteIsAnnouncedOnce() public view {
        assertEq(_registryHandler.eventCount(), _registryHandler.writeCount(), "events");
    }

    function _handler() internal view override returns (Handler) {
        return _registryHandler;
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors_) {
        selectors_ = new bytes4[](3);
        selectors_[0] = RegistryHandler.set.selector;
        selectors_[1] = RegistryHandler.setSeveral.selector;
        selectors_[2] = RegistryHandler.makeAdmin.selector;
    }
}
