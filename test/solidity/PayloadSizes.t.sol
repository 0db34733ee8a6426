// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { GroupMessages } from "../../contracts/appchain/GroupMessages.sol";
import { IGroupMessages } from "../../contracts/appchain/interfaces/IGroupMessages.sol";
import { IdentityUpdates } from "../../contracts/appchain/IdentityUpdates.sol";
import { IIdentityUpdates } from "../../contracts/appchain/interfaces/IIdentityUpdates.sol";
import { IParameterRegistry } from "../../contracts/common/interfaces/IParameterRegistry.sol";
import { IPayloadLog } from "../../contracts/common/interfaces/IPayloadLog.sol";

import { NetworkTest } from "./utils/NetworkTest.sol";
import { Vm } from "./utils/Vm.sol";

contract PayloadSizesTest is NetworkTest {
    uint256 private constant _CEILING = 262_144;

    IParameterRegistry private _registry;
    GroupMessages private _messages;
    IdentityUpdates private _updates;

    function setUp() public {
        _registry = deployRegistry(address(this));
        _messages = deployGroupMessages(_registry);
        _updates = deployIdentityUpdates(_registry);
    }

    /// @dev Any size up to one byte beyond the ceiling, between any valid sizes; half of the runs stay below 2 KiB.
    /// hardhat-config: default.fuzz.runs = 128
    function testFuzz_Add_TakesExactlyTheSizesThatAreSet(
        bytes32 id_,
        uint256 size_,
        uint32 min_,
        uint32 max_,
        bool small_
    ) public {
        uint256 limit_ = small_ ? 2_048 : _CEILING;
        min_ = uint32(bound(min_, 1, limit_));
        max_ = uint32(bound(max_, min_, limit_));
        size_ = bound(size_, 0, limit_ + 1);
        _setSizes(_messages, min_, max_);
        _setSizes(_updates, min_, max_);

        bytes memory payload_ = new bytes(size_);
        // The first and the last byte tell whether the whole arrived.
        if (size_ != 0) {
            payload_[0] = 0xaa;
            payload_[size_ - 1] = 0xbb;
        }

        bool fits_ = size_ >= min_ && size_ <= max_;
        bytes memory refusal_ = abi.encodeCall(IErrors.InvalidPayloadSize, (size_, min_, max_));

        vm.recordLogs();

        if (!fits_) vm.expectRevert(refusal_);
        _messages.addMessage(bytes16(id_), payload_);
        if (!fits_) vm.expectRevert(refusal_);
        _updates.addIdentityUpdate(id_, payload_);

        Vm.Log[] memory logs_ = vm.getRecordedLogs();
        assertEq(logs_.length, fits_ ? 2 : 0, "logs");
        assertEq(_messages.sequenceId(), fits_ ? 1 : 0, "sequence id");
        if (!fits_) return;

        assertEq(logs_[0].topics.length, 3, "topics");
        assertEq(logs_[0].topics[0], IGroupMessages.MessageSent.selector, "message: event");
        assertEq(logs_[0].topics[1], bytes32(bytes16(id_)), "message: group");
        assertEq(uint256(logs_[0].topics[2]), 1, "message: sequence id");
        assertEq(logs_[0].data, abi.encode(payload_), "message: payload");

        assertEq(logs_[1].topics[0], IIdentityUpdates.IdentityUpdateCreated.selector, "update: event");
        assertEq(logs_[1].topics[1], id_, "update: inbox");
        assertEq(logs_[1].data, abi.encode(payload_), "update: payload");
    }

    function _setSizes(IPayloadLog log_, uint32 min_, uint32 max_) private {
        _registry.set(log_.minPayloadSizeParameterKey(), bytes32(uint256(min_)));
        _registry.set(log_.maxPayloadSizeParameterKey(), bytes32(uint256(max_)));
        log_.updateAll();
    }
}

/// @dev The error as a function, so that the compiler checks what is encoded.
interface IErrors {
    function InvalidPayloadSize(uint256 actualSize_, uint256 minSize_, uint256 maxSize_) external;
}
