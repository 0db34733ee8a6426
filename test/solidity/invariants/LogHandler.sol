// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { GroupMessages } from "../../../contracts/appchain/GroupMessages.sol";
import { IGroupMessages } from "../../../contracts/appchain/interfaces/IGroupMessages.sol";
import { IParameterConsumer } from "../../../contracts/common/interfaces/IParameterConsumer.sol";
import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";
import { IPayloadLog } from "../../../contracts/common/interfaces/IPayloadLog.sol";

import { Vm } from "../utils/Vm.sol";

import { Handler } from "./Handler.sol";

/// @title Uses a log in every way, and keeps books of its own about it.
contract LogHandler is Handler {
    GroupMessages private immutable _log;

    // The books: what the log should say of itself.
    uint64 public sequenceId;
    uint32 public minPayloadSize;
    uint32 public maxPayloadSize;
    bool public paused;
    address public bootstrapper;

    // The books: what was sent.
    uint256 public addedCount;
    uint256 public bootstrappedCount;
    uint256 public addedTwiceCount;
    mapping(uint64 sequenceId => bool used) private _used;

    constructor(IParameterRegistry registry_, GroupMessages log_) Handler(registry_) {
        _log = log_;
    }

    function add(uint256 actor_, bytes16 groupId_, uint256 size_) external counted {
        bytes[] memory payloads_ = new bytes[](1);
        payloads_[0] = new bytes(bound(size_, 0, 300));
        bytes memory refusal_;
        if (!_fits(payloads_[0])) refusal_ = _invalidPayloadSize(payloads_[0]);
        if (paused) refusal_ = abi.encodeWithSelector(IPayloadLog.Paused.selector);

        vm.recordLogs();
        vm.prank(_actor(actor_));
        if (refusal_.length != 0) _expectRefusal(refusal_);
        _log.addMessage(groupId_, payloads_[0]);

        if (refusal_.length == 0) _checkAdded(groupId_, payloads_);
    }

    /// @dev `wrong_` decides which payload, if any, is empty.
    function addSeveral(uint256 actor_, bytes16 groupId_, uint256 count_, uint256 wrong_) external counted {
        count_ = bound(count_, 0, 5);
        bytes16[] memory groupIds_ = new bytes16[](count_);
        bytes[] memory payloads_ = new bytes[](count_);
        bytes memory refusal_;

        for (uint256 index_; index_ < count_; ++index_) {
            groupIds_[index_] = groupId_;
            payloads_[index_] = new bytes(index_ == wrong_ % 10 ? 0 : maxPayloadSize % 512);
            if (refusal_.length == 0 && !_fits(payloads_[index_])) refusal_ = _invalidPayloadSize(payloads_[index_]);
        }

        if (count_ == 0) refusal_ = abi.encodeWithSelector(IPayloadLog.EmptyArray.selector);
        if (paused) refusal_ = abi.encodeWithSelector(IPayloadLog.Paused.selector);

        vm.recordLogs();
        vm.prank(_actor(actor_));
        if (refusal_.length != 0) _expectRefusal(refusal_);
        _log.addMessages(groupIds_, payloads_);

        if (refusal_.length == 0) _checkAdded(groupId_, payloads_);
    }

    function bootstrap(uint256 actor_, bytes16 groupId_, uint64[3] calldata sequenceIds_) external counted {
        bytes16[] memory groupIds_ = new bytes16[](3);
        bytes[] memory payloads_ = new bytes[](3);
        uint64[] memory ids_ = new uint64[](3);
        uint64 greatest_;

        for (uint256 index_; index_ < 3; ++index_) {
            groupIds_[index_] = groupId_;
            // Near the counter, on either side, so that the log can go on for long; rarely the last id of all.
            ids_[index_] =
                sequenceIds_[index_] % 50 == 0 ? type(uint64).max : sequenceId / 2 + (sequenceIds_[index_] % 1_000);
            if (ids_[index_] > greatest_) greatest_ = ids_[index_];
        }

        // Mostly the bootstrapper, so that most calls do something.
        address sender_ = actor_ % 4 == 0 ? _actor(actor_ / 4) : bootstrapper;
        bytes memory refusal_;
        if (greatest_ == type(uint64).max) {
            refusal_ = abi.encodeWithSelector(IPayloadLog.SequenceIdTooLarge.selector, greatest_);
        }
        if (sender_ != bootstrapper) refusal_ = abi.encodeWithSelector(IPayloadLog.NotPayloadBootstrapper.selector);
        if (!paused) refusal_ = abi.encodeWithSelector(IPayloadLog.NotPaused.selector);

        vm.recordLogs();
        vm.prank(sender_);
        if (refusal_.length != 0) _expectRefusal(refusal_);
        _log.bootstrapMessages(groupIds_, payloads_, ids_);
        if (refusal_.length != 0) return;

        Vm.Log[] memory logs_ = vm.getRecordedLogs();
        assertEq(logs_.length, 3, "logs of a bootstrap");

        for (uint256 index_; index_ < 3; ++index_) {
            assertEq(uint256(logs_[index_].topics[2]), ids_[index_], "bootstrapped sequence id");
            _used[ids_[index_]] = true;
        }

        bootstrappedCount += 3;
        if (greatest_ > sequenceId) sequenceId = greatest_;
    }

    function updatePauseStatus(bool paused_) external counted {
        _set(_log.pausedParameterKey(), paused_ ? 1 : 0);

        if (paused_ == paused) _expectRefusal(abi.encodeWithSelector(IParameterConsumer.NoChange.selector));
        _log.updatePauseStatus();

        paused = paused_;
    }

    function updateSizesOneByOne(uint256 min_, uint256 max_) external counted {
        (min_, max_) = _sizes(min_, max_);
        _set(_log.minPayloadSizeParameterKey(), min_);
        _set(_log.maxPayloadSizeParameterKey(), max_);

        if (max_ > 262_144 || max_ < minPayloadSize) {
            _expectRefusal(abi.encodeWithSelector(IPayloadLog.InvalidMaxPayloadSize.selector));
        } else if (max_ == maxPayloadSize) {
            _expectRefusal(abi.encodeWithSelector(IParameterConsumer.NoChange.selector));
        } else {
            maxPayloadSize = uint32(max_);
        }
        _log.updateMaxPayloadSize();

        if (min_ == 0 || min_ > maxPayloadSize) {
            _expectRefusal(abi.encodeWithSelector(IPayloadLog.InvalidMinPayloadSize.selector));
        } else if (min_ == minPayloadSize) {
            _expectRefusal(abi.encodeWithSelector(IParameterConsumer.NoChange.selector));
        } else {
            minPayloadSize = uint32(min_);
        }
        _log.updateMinPayloadSize();
    }

    function updateBootstrapper(uint256 actor_) external counted {
        address bootstrapper_ = actor_ % 5 == 0 ? address(0) : _actor(actor_);
        _set(_log.payloadBootstrapperParameterKey(), uint160(bootstrapper_));

        if (bootstrapper_ == address(0)) {
            _expectRefusal(abi.encodeWithSelector(IPayloadLog.ZeroPayloadBootstrapper.selector));
        } else if (bootstrapper_ == bootstrapper) {
            _expectRefusal(abi.encodeWithSelector(IParameterConsumer.NoChange.selector));
        } else {
            bootstrapper = bootstrapper_;
        }
        _log.updatePayloadBootstrapper();
    }

    /// @dev Only valid parameters; `UpdateAll.t.sol` tries the others.
    function updateAll(bool paused_, uint256 min_, uint256 max_, uint256 actor_) external counted {
        paused = paused_;
        minPayloadSize = uint32(bound(min_, 1, 200));
        maxPayloadSize = uint32(bound(max_, minPayloadSize, 262_144));
        bootstrapper = _actor(actor_);

        _set(_log.pausedParameterKey(), paused ? 1 : 0);
        _set(_log.minPayloadSizeParameterKey(), minPayloadSize);
        _set(_log.maxPayloadSizeParameterKey(), maxPayloadSize);
        _set(_log.payloadBootstrapperParameterKey(), uint160(bootstrapper));
        _log.updateAll();
    }

    /// @dev What was just added must stand in the logs, each payload under the next id.
    function _checkAdded(bytes16 groupId_, bytes[] memory payloads_) private {
        Vm.Log[] memory logs_ = vm.getRecordedLogs();
        assertEq(logs_.length, payloads_.length, "one log for each payload");

        for (uint256 index_; index_ < payloads_.length; ++index_) {
            ++sequenceId;
            if (_used[sequenceId]) ++addedTwiceCount;
            _used[sequenceId] = true;

            assertEq(logs_[index_].topics[0], IGroupMessages.MessageSent.selector, "event");
            assertEq(logs_[index_].topics[1], bytes32(groupId_), "group");
            assertEq(uint256(logs_[index_].topics[2]), sequenceId, "sequence id");
            assertEq(logs_[index_].data, abi.encode(payloads_[index_]), "payload");
        }

        addedCount += payloads_.length;
    }

    function _fits(bytes memory payload_) private view returns (bool) {
        return payload_.length != 0 && payload_.length >= minPayloadSize && payload_.length <= maxPayloadSize;
    }

    function _invalidPayloadSize(bytes memory payload_) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IPayloadLog.InvalidPayloadSize.selector,
                payload_.length,
                minPayloadSize,
                maxPayloadSize
            );
    }

    /// @dev Mostly small sizes, in either order, now and then beyond the ceiling.
    function _sizes(uint256 min_, uint256 max_) private pure returns (uint256, uint256) {
        return (min_ % 200, max_ % 20 == 0 ? 262_145 : max_ % 400);
    }
}
