// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterConsumer } from "../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../common/interfaces/IVersioned.sol";
import { IRates } from "./interfaces/IRates.sol";

import { RegistryParameters } from "../common/RegistryParameters.sol";
import { Lanes } from "./Lanes.sol";

import { ParameterConsumer } from "../common/ParameterConsumer.sol";

/**
 * @title  The price list.
 * @dev    An entry's four prices fill a word. Its start time shares one with three others, or with two and the length of
 *         the list: three of four entries find it written already, which costs a quarter of writing a fresh one.
 */
contract Rates is IRates, ParameterConsumer {
    using Lanes for uint256;

    /// @custom:storage-location erc7201:xmtp.storage.RateRegistry
    struct RatesStorage {
        // slot 0: message, storage, congestion fee and target rate, from the low end on
        mapping(uint256 index => uint256 prices) prices;
        // slot 1: four a word, that of an entry in the lane of its index + 1; in lane 0, the number of entries
        mapping(uint256 word => uint256 startTimes) startTimes;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("xmtp.storage.RateRegistry")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant RATES_STORAGE_LOCATION =
        0x988e236e2caf5758fdf811320ba1d2fca453cb71bd6049ebba876b68af505000;

    /// @dev The width of a price, of a start time and of the number of entries.
    uint256 private constant _BITS = 64;

    // The constructor only passes the registry on.
    // solhint-disable-next-line no-empty-blocks
    constructor(address parameterRegistry_) ParameterConsumer(parameterRegistry_) {}

    /// @inheritdoc IRates
    function updateRates() external {
        string[] memory keys_ = new string[](5);
        keys_[0] = messageFeeParameterKey();
        keys_[1] = storageFeeParameterKey();
        keys_[2] = congestionFeeParameterKey();
        keys_[3] = targetRatePerMinuteParameterKey();
        keys_[4] = ratesInEffectAfterParameterKey();

        bytes32[] memory values_ = RegistryParameters.getParameters(parameterRegistry, keys_);

        uint64 messageFee_ = RegistryParameters.toUint64(values_[0]);
        uint64 storageFee_ = RegistryParameters.toUint64(values_[1]);
        uint64 congestionFee_ = RegistryParameters.toUint64(values_[2]);
        uint64 targetRatePerMinute_ = RegistryParameters.toUint64(values_[3]);
        uint64 startTime_ = RegistryParameters.toUint64(values_[4]);

        _append(
            messageFee_ |
                (uint256(storageFee_) << _BITS) |
                (uint256(congestionFee_) << (2 * _BITS)) |
                (uint256(targetRatePerMinute_) << (3 * _BITS)),
            startTime_
        );

        emit RatesUpdated(messageFee_, storageFee_, congestionFee_, targetRatePerMinute_, startTime_);
    }

    function _append(uint256 prices_, uint64 startTime_) private {
        RatesStorage storage list = _getRatesStorage();
        uint256 firstWord_ = list.startTimes[0];
        uint256 count_ = firstWord_.get(0, _BITS);

        if (count_ != 0) {
            if (prices_ == list.prices[count_ - 1]) revert NoChange();

            uint64 lastStartTime_ = _startTime(count_ - 1);
            if (startTime_ <= lastStartTime_) revert InvalidStartTime(startTime_, lastStartTime_);
        }

        uint256 lane_ = count_ + 1;
        uint256 word_ = lane_.wordOf(_BITS);

        list.prices[count_] = prices_;
        list.startTimes[0] = firstWord_.set(0, _BITS, lane_);
        list.startTimes[word_] = list.startTimes[word_].set(lane_, _BITS, startTime_);
    }

    /// @inheritdoc IRates
    function getRates(uint256 fromIndex_, uint256 count_) external view returns (Rates[] memory rates_) {
        RatesStorage storage list = _getRatesStorage();
        uint256 length_ = getRatesCount();

        if (count_ == 0) revert ZeroCount();
        if (fromIndex_ >= length_) revert FromIndexOutOfRange();
        if (count_ > length_ - fromIndex_) revert EndIndexOutOfRange();

        rates_ = new Rates[](count_);

        for (uint256 index_; index_ < count_; ++index_) {
            uint256 prices_ = list.prices[fromIndex_ + index_];

            // Each cast cuts out a lane.
            rates_[index_] = Rates({
                messageFee: uint64(prices_),
                storageFee: uint64(prices_ >> _BITS),
                congestionFee: uint64(prices_ >> (2 * _BITS)),
                targetRatePerMinute: uint64(prices_ >> (3 * _BITS)),
                startTime: _startTime(fromIndex_ + index_)
            });
        }
    }

    /// @inheritdoc IRates
    function getRatesCount() public view returns (uint256 count_) {
        return _getRatesStorage().startTimes[0].get(0, _BITS);
    }

    function _startTime(uint256 index_) private view returns (uint64 startTime_) {
        // The cast cuts out nothing: a lane is as wide.
        uint256 lane_ = index_ + 1;
        return uint64(_getRatesStorage().startTimes[lane_.wordOf(_BITS)].get(lane_, _BITS));
    }

    // Getters

    /// @inheritdoc IRates
    function messageFeeParameterKey() public pure returns (string memory key_) {
        return "xmtp.rateRegistry.messageFee";
    }

    /// @inheritdoc IRates
    function storageFeeParameterKey() public pure returns (string memory key_) {
        return "xmtp.rateRegistry.storageFee";
    }

    /// @inheritdoc IRates
    function congestionFeeParameterKey() public pure returns (string memory key_) {
        return "xmtp.rateRegistry.congestionFee";
    }

    /// @inheritdoc IRates
    function targetRatePerMinuteParameterKey() public pure returns (string memory key_) {
        return "xmtp.rateRegistry.targetRatePerMinute";
    }

    /// @inheritdoc IRates
    function ratesInEffectAfterParameterKey() public pure returns (string memory key_) {
        return "xmtp.rateRegistry.ratesInEffectAfter";
    }

    /// @inheritdoc IParameterConsumer
    function migratorParameterKey()
        public
        pure
        override(IParameterConsumer, ParameterConsumer)
        returns (string memory key_)
    {
        return "xmtp.rateRegistry.migrator";
    }

    /// @inheritdoc IVersioned
    function version() external pure returns (string memory version_) {
        return "1.0.1";
    }

    /// @inheritdoc IVersioned
    function contractName() external pure returns (string memory contractName_) {
        return "RateRegistry";
    }

    function _getRatesStorage() private pure returns (RatesStorage storage list) {
        assembly ("memory-safe") {
            list.slot := RATES_STORAGE_LOCATION
        }
    }
}
