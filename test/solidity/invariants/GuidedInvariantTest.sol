// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { GuidedHandler } from "./GuidedHandler.sol";
import { Handler } from "./Handler.sol";
import { InvariantTest } from "./InvariantTest.sol";

/// @title Tells the runner to make steps, and checks that every operation succeeded.
abstract contract GuidedInvariantTest is InvariantTest {
    /// @notice Thrown when an operation never succeeded in a run.
    error NeverSucceeded(uint256 operation, uint256 refusals);

    /// @notice Thrown when an operation never had to fail, as often as it was tried.
    error NeverRefused(uint256 operation, uint256 successes);

    /// @dev Fewer steps than any profile makes in a run.
    uint256 private constant _FULL_RUN = 100;

    /**
     * @dev After each run: an operation that never succeeded was not tested. A run that ends early has failed, and says why
     *      better than this function would; and the runner has been seen to end one before its first step.
     */
    function afterInvariant() public view override {
        GuidedHandler handler_ = _guidedHandler();
        if (handler_.calls(GuidedHandler.step.selector) < _FULL_RUN) return;

        for (uint256 operation_; operation_ < handler_.operationCount(); ++operation_) {
            if (handler_.successes(operation_) == 0) revert NeverSucceeded(operation_, handler_.refused(operation_));
        }
    }

    /// @dev The runs above are too short for every refusal to come up in each.
    function test_EveryOperationIsRefusedAtTimes() public {
        GuidedHandler handler_ = _guidedHandler();

        for (uint256 index_; index_ < 1_500; ++index_) {
            handler_.step(index_, uint256(keccak256(abi.encode(index_))));
        }

        afterInvariant();

        for (uint256 operation_; operation_ < handler_.operationCount(); ++operation_) {
            if (handler_.refused(operation_) == 0) revert NeverRefused(operation_, handler_.successes(operation_));
        }
    }

    function _guidedHandler() internal view virtual returns (GuidedHandler);

    function _handler() internal view override returns (Handler) {
        return _guidedHandler();
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors_) {
        selectors_ = new bytes4[](1);
        selectors_[0] = GuidedHandler.step.selector;
    }
}
