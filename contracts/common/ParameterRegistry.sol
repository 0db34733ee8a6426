// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Initializable } from "@openzeppelin/contracts-upgradeable/proxy/utils/Initializable.sol";

import { IMigratable } from "./interfaces/IMigratable.sol";
import { IParameterRegistry } from "./interfaces/IParameterRegistry.sol";

import { ParameterKeys } from "./ParameterKeys.sol";
import { RegistryParameters } from "./RegistryParameters.sol";

import { Migratable } from "./Migratable.sol";

/**
 * @title  A map of parameters, written by its admins and read by anyone.
 * @notice Admins may do anything here, also take the right from each other; consumers decide when they apply a value.
 *         Neither keys nor values are validated: that is the consumers' part, and the tools'.
 */
abstract contract ParameterRegistry is IParameterRegistry, Migratable, Initializable {
    /// @custom:storage-location erc7201:xmtp.storage.ParameterRegistry
    struct ParameterRegistryStorage {
        mapping(string key => bytes32 value) parameters;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("xmtp.storage.ParameterRegistry")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant PARAMETER_REGISTRY_STORAGE_LOCATION =
        0xefab3f4eb315eafaa267b58974a509c07c739fbfe8e62b4eff49c4ced6985000;

    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IParameterRegistry
    function initialize(address[] calldata admins_) external initializer {
        if (admins_.length == 0) revert EmptyAdmins();

        for (uint256 index_; index_ < admins_.length; ++index_) {
            if (admins_[index_] == address(0)) revert ZeroAdmin();

            _set(
                ParameterKeys.combineKeyComponents(
                    _adminParameterKey(),
                    ParameterKeys.addressToKeyComponent(admins_[index_])
                ),
                bytes32(uint256(1))
            );
        }
    }

    /// @inheritdoc IParameterRegistry
    function set(string[] calldata keys_, bytes32[] calldata values_) external {
        if (!isAdmin(msg.sender)) revert NotAdmin();
        if (keys_.length == 0) revert NoKeys();
        if (keys_.length != values_.length) revert ArrayLengthMismatch();

        for (uint256 index_; index_ < keys_.length; ++index_) {
            _set(keys_[index_], values_[index_]);
        }
    }

    /// @inheritdoc IParameterRegistry
    function set(string calldata key_, bytes32 value_) external {
        if (!isAdmin(msg.sender)) revert NotAdmin();

        _set(key_, value_);
    }

    /// @inheritdoc IMigratable
    function migrate() external {
        _migrate(RegistryParameters.toAddress(_getParameterRegistryStorage().parameters[_migratorParameterKey()]));
    }

    /// @inheritdoc IParameterRegistry
    function isAdmin(address account_) public view returns (bool isAdmin_) {
        (bytes32 high_, bytes8 low_) = ParameterKeys.hexDigits(account_);

        // The slot of `parameters[<admin key>]`, without building the key first: a mapping with string keys hashes the
        // key's bytes followed by its own slot.
        bytes32 slot_ = keccak256(
            abi.encodePacked(_adminParameterKey(), ".0x", high_, low_, PARAMETER_REGISTRY_STORAGE_LOCATION)
        );

        assembly ("memory-safe") {
            isAdmin_ := iszero(iszero(sload(slot_)))
        }
    }

    /// @inheritdoc IParameterRegistry
    function get(string[] calldata keys_) external view returns (bytes32[] memory values_) {
        if (keys_.length == 0) revert NoKeys();

        values_ = new bytes32[](keys_.length);

        for (uint256 index_; index_ < keys_.length; ++index_) {
            values_[index_] = _get(keys_[index_]);
        }
    }

    /// @inheritdoc IParameterRegistry
    function get(string calldata key_) external view returns (bytes32 value_) {
        return _get(key_);
    }

    /// @inheritdoc IParameterRegistry
    function migratorParameterKey() external pure returns (string memory key_) {
        return _migratorParameterKey();
    }

    /// @inheritdoc IParameterRegistry
    function adminParameterKey() external pure returns (string memory key_) {
        return _adminParameterKey();
    }

    /// @dev `parameters[key_]`. Assembly, here and below, because Solidity copies a key once more for each use of it.
    function _get(string calldata key_) private view returns (bytes32 value_) {
        assembly ("memory-safe") {
            let copy_ := mload(0x40)

            calldatacopy(copy_, key_.offset, key_.length)
            mstore(add(copy_, key_.length), PARAMETER_REGISTRY_STORAGE_LOCATION)
            value_ := sload(keccak256(copy_, add(key_.length, 0x20)))
        }
    }

    /// @dev Writes `parameters[key_]` and emits `ParameterSet`.
    function _set(string memory key_, bytes32 value_) private {
        bytes32 topic_ = ParameterSet.selector;

        assembly ("memory-safe") {
            let data_ := mload(0x40)
            let length_ := mload(key_)
            let copy_ := add(data_, 0x60)
            let end_ := add(copy_, length_)

            mcopy(copy_, add(key_, 0x20), length_)
            mstore(end_, PARAMETER_REGISTRY_STORAGE_LOCATION)
            sstore(keccak256(copy_, add(length_, 0x20)), value_)

            // The event: where the key is, the value, then the key with its length, padded with zeros.
            mstore(data_, 0x40)
            mstore(add(data_, 0x20), value_)
            mstore(add(data_, 0x40), length_)
            mstore(end_, 0)
            log2(data_, and(add(length_, 0x7f), not(0x1f)), topic_, keccak256(copy_, length_))
        }
    }

    function _migratorParameterKey() internal pure virtual returns (string memory key_);

    function _adminParameterKey() internal pure virtual returns (string memory key_);

    function _getParameterRegistryStorage() private pure returns (ParameterRegistryStorage storage registry) {
        assembly ("memory-safe") {
            registry.slot := PARAMETER_REGISTRY_STORAGE_LOCATION
        }
    }
}
