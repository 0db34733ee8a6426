// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { GroupMessages } from "../../../contracts/appchain/GroupMessages.sol";
import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";

import { Handler } from "./Handler.sol";
import { InvariantTest } from "./InvariantTest.sol";
import { LogHandler } from "./LogHandler.sol";

/// @dev `README.md` lists the sentences that the names below refer to.
abstract contract LogInvariants is InvariantTest {
    GroupMessages internal _log;
    LogHandler internal _logHandler;

    function setUp() public {
        IParameterRegistry registry_ = deployRegistry(address(this));
        _log = deployGroupMessages(registry_);
        _logHandler = new LogHandler(registry_, _log);
        registry_.set(_adminKey(registry_, address(_logHandler)), bytes32(uint256(1)));
    }

    function invariant_L1_CounterEqualsTheBooks() public view {
        assertEq(_log.sequenceId(), _logHandler.sequenceId(), "sequence id");
    }

    function invariant_L3_NoSequenceIdIsGivenOutTwice() public view {
        assertEq(_logHandler.addedTwiceCount(), 0, "ids given out twice");
    }

    function invariant_L4_SettingsEqualTheBooks() public view {
        assertEq(_log.minPayloadSize(), _logHandler.minPayloadSize(), "minimum");
        assertEq(_log.maxPayloadSize(), _logHandler.maxPayloadSize(), "maximum");
        assertTrue(_log.paused() == _logHandler.paused(), "pause");
        assertEq(_log.payloadBootstrapper(), _logHandler.bootstrapper(), "bootstrapper");
    }

    function invariant_L5_SizesAreInOrder() public view {
        assertTrue(_log.minPayloadSize() <= _log.maxPayloadSize(), "minimum below maximum");
        assertTrue(_log.maxPayloadSize() <= 262_144, "maximum below the ceiling");
    }

    function _handler() internal view override returns (Handler) {
        return _logHandler;
    }
}

contract LogWithoutBootstrapInvariants is LogInvariants {
    function invariant_L2_CounterEqualsTheNumberOfPayloads() public view {
        assertEq(_log.sequenceId(), _logHandler.addedCount(), "sequence id");
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors_) {
        selectors_ = new bytes4[](5);
        selectors_[0] = LogHandler.add.selector;
        selectors_[1] = LogHandler.addSeveral.selector;
        selectors_[2] = LogHandler.updatePauseStatus.selector;
        selectors_[3] = LogHandler.updateSizesOneByOne.selector;
        selectors_[4] = LogHandler.updateAll.selector;
    }
}

contract LogWithBootstrapInvariants is LogInvariants {
    function invariant_L2_CounterIsNoLessThanTheNumberOfAddedPayloads() public view {
        assertTrue(_log.sequenceId() >= _logHandler.addedCount(), "sequence id");
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors_) {
        selectors_ = new bytes4[](7);
        selectors_[0] = LogHandler.add.selector;
        selectors_[1] = LogHandler.addSeveral.selector;
        selectors_[2] = LogHandler.bootstrap.selector;
        selectors_[3] = LogHandler.updatePauseStatus.selector;
        selectors_[4] = LogHandler.updateSizesOneByOne.selector;
        selectors_[5] = LogHandler.updateBootstrapper.selector;
        selectors_[6] = LogHandler.updateAll.selector;
    }
}
