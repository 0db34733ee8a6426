// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IParameterRegistry } from "./interfaces/IParameterRegistry.sol";
import { IParameterConsumer } from "./interfaces/IParameterConsumer.sol";

/**
 * @title Reads parameters of a registry as typed values.
 * @dev   Each conversion reverts with `ParameterOutOfTypeBounds` when the raw value does not fit; zero, the value of a
 *        key that was never set, fits every type.
 */
library RegistryParameters {
    function getParameter(address registry_, string memory key_) internal view returns (bytes32 value_) {
        return IParameterRegistry(registry_).get(key_);
    }

    function getParameters(address registry_, string[] memory keys_) internal view returns (bytes32[] memory values_) {
        return IParameterRegistry(registry_).get(keys_);
    }

    function getAddress(address registry_, string memory key_) internal view returns (address value_) {
        return toAddress(getParameter(registry_, key_));
    }

    function getBool(address registry_, string memory key_) internal view returns (bool value_) {
        return toBool(getParameter(registry_, key_));
    }

    function getUint8(address registry_, string memory key_) internal view returns (uint8 value_) {
        return toUint8(getParameter(registry_, key_));
    }

    function getUint16(address registry_, string memory key_) internal view returns (uint16 value_) {
        return toUint16(getParameter(registry_, key_));
    }

    function getUint32(address registry_, string memory key_) internal view returns (uint32 value_) {
        return toUint32(getParameter(registry_, key_));
    }

    function getUint96(address registry_, string memory key_) internal view returns (uint96 value_) {
        return toUint96(getParameter(registry_, key_));
    }

    function toAddress(bytes32 value_) internal pure returns (address) {
        return address(uint160(_bounded(value_, type(uint160).max)));
    }

    function toBool(bytes32 value_) internal pure returns (bool) {
        return _bounded(value_, 1) == 1;
    }

    function toUint8(bytes32 value_) internal pure returns (uint8) {
        return uint8(_bounded(value_, type(uint8).max));
    }

    function toUint16(bytes32 value_) internal pure returns (uint16) {
        return uint16(_bounded(value_, type(uint16).max));
    }

    function toUint32(bytes32 value_) internal pure returns (uint32) {
        return uint32(_bounded(value_, type(uint32).max));
    }

    function toUint64(bytes32 value_) internal pure returns (uint64) {
        return uint64(_bounded(value_, type(uint64).max));
    }

    function toUint96(bytes32 value_) internal pure returns (uint96) {
        return uint96(_bounded(value_, type(uint96).max));
    }

    /// @dev The casts above lose nothing, because each names here the maximum of its own type.
    function _bounded(bytes32 value_, uint256 max_) private pure returns (uint256) {
        if (uint256(value_) > max_) revert IParameterConsumer.ParameterOutOfTypeBounds();
        return uint256(value_);
    }
}
