// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { GroupMessages } from "../../contracts/appchain/GroupMessages.sol";
import { IParameterRegistry } from "../../contracts/common/interfaces/IParameterRegistry.sol";
import { IPayloadLog } from "../../contracts/common/interfaces/IPayloadLog.sol";
import { Nodes } from "../../contracts/settlement/Nodes.sol";

import { NetworkTest } from "./utils/NetworkTest.sol";
import { Vm } from "./utils/Vm.sol";

contract UpdateAllTest is NetworkTest {
    uint256 private constant _CEILING = 262_144;

    IParameterRegistry private _registry;
    GroupMessages private _log;
    GroupMessages private _sameLog;
    Nodes private _nodes;

    function setUp() public {
        _registry = deployRegistry(address(this));
        _log = deployGroupMessages(_registry);
        _sameLog = deployGroupMessages(_registry);
        _nodes = deployNodes(_registry);
    }

    /// @dev From any valid pair of sizes to any other, in one call; the single functions get there too, in some order.
    function testFuzz_Log_AppliesEveryValidPair_AsTheSingleFunctionsDo(
        uint32 oldMin_,
        uint32 oldMax_,
        uint32 newMin_,
        uint32 newMax_,
        bool paused_,
        address bootstrapper_
    ) public {
        (oldMin_, oldMax_) = _validPair(oldMin_, oldMax_);
        (newMin_, newMax_) = _validPair(newMin_, newMax_);
        if (bootstrapper_ == address(0)) bootstrapper_ = address(1);

        _setSizes(oldMin_, oldMax_);
        _log.updateAll();
        _updateSizesOneByOne();

        _setSizes(newMin_, newMax_);
        _registry.set(_log.pausedParameterKey(), bytes32(uint256(paused_ ? 1 : 0)));
        _registry.set(_log.payloadBootstrapperParameterKey(), bytes32(uint256(uint160(bootstrapper_))));

        vm.recordLogs();
        _log.updateAll();
        uint256 events_ = vm.getRecordedLogs().length;

        vm.recordLogs();
        _updateSizesOneByOne();
        if (paused_) _sameLog.updatePauseStatus();
        _sameLog.updatePayloadBootstrapper();
        uint256 sameEvents_ = vm.getRecordedLogs().length;

        assertEq(_log.minPayloadSize(), newMin_, "minimum");
        assertEq(_log.maxPayloadSize(), newMax_, "maximum");
        assertTrue(_log.paused() == paused_, "pause");
        assertEq(_log.payloadBootstrapper(), bootstrapper_, "bootstrapper");

        assertEq(_sameLog.minPayloadSize(), newMin_, "same minimum");
        assertEq(_sameLog.maxPayloadSize(), newMax_, "same maximum");
        assertEq(events_, sameEvents_, "as many events as changes");
    }

    function testFuzz_Log_Again_ChangesNothing(uint32 min_, uint32 max_) public {
        (min_, max_) = _validPair(min_, max_);
        _setSizes(min_, max_);
        _log.updateAll();

        vm.recordLogs();
        _log.updateAll();

        assertEq(vm.getRecordedLogs().length, 0, "events");
    }

    /// @dev From a valid pair to any pair at all: either both are applied, or the call reverts with the error of one.
    function testFuzz_Log_AppliesAPairWholeOrNotAtAll(uint32 oldMin_, uint32 oldMax_, uint32 min_, uint32 max_) public {
        (oldMin_, oldMax_) = _validPair(oldMin_, oldMax_);
        _setSizes(oldMin_, oldMax_);
        _log.updateAll();
        // The casts are safe: the bounds are little above the ceiling.
        min_ = uint32(bound(min_, 0, _CEILING + 2));
        max_ = uint32(bound(max_, 0, _CEILING + 2));
        _setSizes(min_, max_);

        bool valid_ = min_ >= 1 && min_ <= max_ && max_ <= _CEILING;
        if (!valid_) {
            bool ofMax_ = max_ != oldMax_ && (max_ > _CEILING || max_ < min_);
            vm.expectRevert(
                ofMax_ ? IPayloadLog.InvalidMaxPayloadSize.selector : IPayloadLog.InvalidMinPayloadSize.selector
            );
        }
        _log.updateAll();

        assertEq(_log.minPayloadSize(), valid_ ? min_ : oldMin_, "minimum");
        assertEq(_log.maxPayloadSize(), valid_ ? max_ : oldMax_, "maximum");
    }

    function testFuzz_Nodes_AppliesWhatDiffers(
        address oldAdmin_,
        address newAdmin_,
        uint8 oldMax_,
        uint8 newMax_
    ) public {
        if (oldAdmin_ == address(0)) oldAdmin_ = address(1);
        if (newAdmin_ == address(0)) newAdmin_ = address(2);
        _setNodesParameters(oldAdmin_, oldMax_);
        _nodes.updateAll();
        _setNodesParameters(newAdmin_, newMax_);

        vm.recordLogs();
        _nodes.updateAll();
        Vm.Log[] memory logs_ = vm.getRecordedLogs();

        assertEq(logs_.length, (oldAdmin_ == newAdmin_ ? 0 : 1) + (oldMax_ == newMax_ ? 0 : 1), "events");
        assertEq(_nodes.admin(), newAdmin_, "admin");
        assertEq(_nodes.maxCanonicalNodes(), newMax_, "size of the network");
    }

    /// @dev Raises the maximum first, or lowers the minimum first, whichever is allowed.
    function _updateSizesOneByOne() private {
        uint256 min_ = uint256(_registry.get(_log.minPayloadSizeParameterKey()));
        uint256 max_ = uint256(_registry.get(_log.maxPayloadSizeParameterKey()));

        if (max_ >= _sameLog.minPayloadSize()) {
            if (max_ != _sameLog.maxPayloadSize()) _sameLog.updateMaxPayloadSize();
            if (min_ != _sameLog.minPayloadSize()) _sameLog.updateMinPayloadSize();
        } else {
            _sameLog.updateMinPayloadSize();
            _sameLog.updateMaxPayloadSize();
        }
    }

    function _setSizes(uint32 min_, uint32 max_) private {
        _registry.set(_log.minPayloadSizeParameterKey(), bytes32(uint256(min_)));
        _registry.set(_log.maxPayloadSizeParameterKey(), bytes32(uint256(max_)));
    }

    function _setNodesParameters(address admin_, uint8 max_) private {
        _registry.set(_nodes.adminParameterKey(), bytes32(uint256(uint160(admin_))));
        _registry.set(_nodes.maxCanonicalNodesParameterKey(), bytes32(uint256(max_)));
    }

    /// @dev Any pair that may be applied; the casts are safe below the ceiling.
    function _validPair(uint32 min_, uint32 max_) private pure returns (uint32, uint32) {
        min_ = uint32(bound(min_, 1, _CEILING));
        return (min_, uint32(bound(max_, min_, _CEILING)));
    }
}
