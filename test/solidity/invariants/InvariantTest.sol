// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { NetworkTest } from "../utils/NetworkTest.sol";

import { Handler } from "./Handler.sol";

/// @title Tells the runner to call nothing but the handler, and checks that it called all of it.
abstract contract InvariantTest is NetworkTest {
    /// @dev The runner reads this shape from `targetSelectors`.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetContracts() public view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(_handler());
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets_) {
        targets_ = new FuzzSelector[](1);
        targets_[0] = FuzzSelector(address(_handler()), _selectors());
    }

    /// @dev After each run: an invariant that nobody tried to break proves nothing.
    function afterInvariant() public view virtual {
        bytes4[] memory selectors_ = _selectors();

        for (uint256 index_; index_ < selectors_.length; ++index_) {
            assertTrue(_handler().calls(selectors_[index_]) != 0, "every function of the handler was called");
        }
    }

    function _handler() internal view virtual returns (Handler);

    function _selectors() internal pure virtual returns (bytes4[] memory selectors_);
}
