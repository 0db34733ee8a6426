// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";

import { HexDigits } from "../utils/HexDigits.sol";

import { Handler } from "./Handler.sol";

/// @title Writes to a parameter registry as several accounts, and keeps books of its own about it.
contract RegistryHandler is Handler {
    uint256 public constant KEY_COUNT = 12;

    // The books: a value for each key, and thereby who is an admin. The first four keys are admin keys of the actors.
    bytes32[KEY_COUNT] private _values;
    uint256 public writeCount;
    uint256 public eventCount;

    constructor(IParameterRegistry registry_) Handler(registry_) {}

    function set(uint256 actor_, uint256 key_, bytes32 value_) external counted {
        key_ %= KEY_COUNT;
        // Admins come and go; mostly they come.
        if (key_ < 4 && uint256(value_) % 4 == 0) value_ = 0;
        string memory name_ = keyAt(key_);
        bool allowed_ = _expectNotAdmin(actor_);

        vm.recordLogs();
        vm.prank(_actor(actor_));
        _registry.set(name_, value_);
        if (!allowed_) return;

        eventCount += vm.getRecordedLogs().length;
        _values[key_] = value_;
        ++writeCount;
    }

    function setSeveral(uint256 actor_, uint256[3] calldata keys_, bytes32[3] calldata values_) external counted {
        string[] memory names_ = new string[](3);
        bytes32[] memory list_ = new bytes32[](3);
        for (uint256 index_; index_ < 3; ++index_) {
            names_[index_] = keyAt(keys_[index_] % KEY_COUNT);
            list_[index_] = values_[index_];
        }
        bool allowed_ = _expectNotAdmin(actor_);

        vm.recordLogs();
        vm.prank(_actor(actor_));
        _registry.set(names_, list_);
        if (!allowed_) return;

        eventCount += vm.getRecordedLogs().length;
        for (uint256 index_; index_ < 3; ++index_) _values[keys_[index_] % KEY_COUNT] = values_[index_];
        writeCount += 3;
    }

    /// @dev By the handler, which is an admin all along: the actors alone would sooner or later lock themselves out.
    function makeAdmin(uint256 actor_) external counted {
        _registry.set(keyAt(actor_ % 4), bytes32(uint256(1)));
        _values[actor_ % 4] = bytes32(uint256(1));
    }

    function valueAt(uint256 key_) external view returns (bytes32) {
        return _values[key_];
    }

    function isAdmin(uint256 actor_) public view returns (bool) {
        return _values[actor_ % 4] != 0;
    }

    function keyAt(uint256 key_) public view returns (string memory) {
        if (key_ < 4) return string.concat(_registry.adminParameterKey(), ".", HexDigits.ofAddress(_actor(key_)));
        // Of 0 to 210 bytes, none the beginning of an admin key.
        return string(new bytes(30 * (key_ - 4)));
    }

    function _expectNotAdmin(uint256 actor_) private returns (bool allowed_) {
        allowed_ = isAdmin(actor_);
        if (!allowed_) _expectRefusal(abi.encodeWithSelector(IParameterRegistry.NotAdmin.selector));
    }
}
