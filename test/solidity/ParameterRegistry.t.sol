// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterRegistry } from "../../contracts/common/interfaces/IParameterRegistry.sol";

import { NetworkTest } from "./utils/NetworkTest.sol";
import { RandomBytes } from "./utils/RandomBytes.sol";
import { Vm } from "./utils/Vm.sol";

contract ParameterRegistryTest is NetworkTest {
    uint256 private constant _BASE = 0xefab3f4eb315eafaa267b58974a509c07c739fbfe8e62b4eff49c4ced6985000;

    IParameterRegistry private _registry;

    function setUp() public {
        _registry = deployRegistry(address(this));
    }

    function testFuzz_Set_KeepsKeysOfAnyLength(uint256 seed_, uint256 length_, bytes32 value_) public {
        string memory key_ = _key(seed_, length_);

        vm.recordLogs();
        _registry.set(key_, value_);
        Vm.Log[] memory logs_ = vm.getRecordedLogs();

        assertEq(_registry.get(key_), value_, "value");
        assertEq(vm.load(address(_registry), _slotOf(key_)), value_, "slot");
        assertEq(logs_.length, 1, "logs");
        assertEq(logs_[0].topics[0], IParameterRegistry.ParameterSet.selector, "event");
        assertEq(logs_[0].topics[1], keccak256(bytes(key_)), "hash of the key");
        assertEq(logs_[0].data, abi.encode(key_, value_), "key and value");
    }

    function testFuzz_SetOfSeveral_EqualsSingleCalls(uint256 seed_, uint256 count_) public {
        count_ = bound(count_, 1, 12);
        IParameterRegistry other_ = deployRegistry(address(this));
        string[] memory keys_ = new string[](count_);
        bytes32[] memory values_ = new bytes32[](count_);

        for (uint256 index_; index_ < count_; ++index_) {
            // Few different keys, so that some are named twice.
            keys_[index_] = _key(uint256(keccak256(abi.encode(seed_, index_))) % 8, 40 * (index_ % 8));
            values_[index_] = keccak256(abi.encode(index_, seed_));
        }

        vm.recordLogs();
        _registry.set(keys_, values_);
        Vm.Log[] memory batch_ = vm.getRecordedLogs();

        vm.recordLogs();
        for (uint256 index_; index_ < count_; ++index_) other_.set(keys_[index_], values_[index_]);
        Vm.Log[] memory singles_ = vm.getRecordedLogs();

        assertEq(batch_.length, count_, "one log for each");
        for (uint256 index_; index_ < count_; ++index_) {
            assertEq(batch_[index_].topics[1], singles_[index_].topics[1], "hash of the key");
            assertEq(batch_[index_].data, singles_[index_].data, "key and value");
            assertEq(_registry.get(keys_)[index_], other_.get(keys_[index_]), "value");
        }
    }

    function testFuzz_IsAdmin_GoesByTheKeyInLowercase(address account_, bytes32 value_) public {
        if (account_ == address(this)) return;
        string memory key_ = _adminKey(_registry, account_);
        assertTrue(!_registry.isAdmin(account_), "before");

        _registry.set(key_, value_);

        assertTrue(_registry.isAdmin(account_) == (value_ != 0), "after");
    }

    function testFuzz_Set_RefusesEverybodyWithoutTheKey(address account_, string calldata key_) public {
        if (account_ == address(this)) return;

        vm.prank(account_);
        vm.expectRevert(IParameterRegistry.NotAdmin.selector);
        _registry.set(key_, bytes32(uint256(1)));

        assertEq(_registry.get(key_), bytes32(0), "value");
    }

    function _slotOf(string memory key_) private pure returns (bytes32) {
        return keccak256(bytes.concat(bytes(key_), bytes32(_BASE)));
    }

    function _key(uint256 seed_, uint256 length_) private pure returns (string memory) {
        return string(RandomBytes.generate(seed_, bound(length_, 0, 300)));
    }
}
