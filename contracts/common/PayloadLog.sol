// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterConsumer } from "./interfaces/IParameterConsumer.sol";
import { IPayloadLog } from "./interfaces/IPayloadLog.sol";

import { LogState } from "./LogState.sol";
import { ParameterKeys } from "./ParameterKeys.sol";
import { RegistryParameters } from "./RegistryParameters.sol";

import { ParameterConsumer } from "./ParameterConsumer.sol";

/**
 * @title  What the ordered logs share: settings, size limits, the pause and the counter.
 * @notice A child adds the functions that emit payloads, and names its parameters.
 */
abstract contract PayloadLog is IPayloadLog, ParameterConsumer {
    /// @custom:storage-location erc7201:xmtp.storage.PayloadBroadcaster
    struct PayloadLogStorage {
        LogState state;
        address payloadBootstrapper;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("xmtp.storage.PayloadBroadcaster")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant PAYLOAD_LOG_STORAGE_LOCATION =
        0xeda186f2b85b2c197e0a3ff15dc0c5c16c74d00b5c7f432acaa215db84203b00;

    /// @dev In bytes. More does not fit into a transaction of any chain that is known to us.
    uint256 private constant _MAX_PAYLOAD_SIZE_CEILING = 262_144;

    // The constructor only passes the registry on.
    // solhint-disable-next-line no-empty-blocks
    constructor(address parameterRegistry_) ParameterConsumer(parameterRegistry_) {}

    // Adding payloads

    /**
     * @dev Adds one payload under the next sequence id, emits `event <topic_>(<id_> indexed, bytes payload_, uint64 indexed)`
     *      and ENDS THE CALL. The assembly is here because every publish pays for it: Solidity's encoder and the way back to
     *      the child, which has nothing left to do, cost some 150 gas more. As the call ends, the block may use all memory.
     */
    function _add(bytes32 topic_, bytes32 id_, bytes calldata payload_) internal {
        PayloadLogStorage storage log = _getPayloadLogStorage();
        LogState state_ = log.state.afterPayloads(1);

        if (state_.paused()) revert Paused();
        if (!state_.accepts(payload_.length)) _revertInvalidPayloadSize(state_, payload_.length);

        log.state = state_;

        uint256 sequenceId_ = state_.sequenceId();

        assembly {
            // The ABI encoding of one `bytes`: offset, length, payload, zeros up to a whole word.
            mstore(0x00, 0x20)
            mstore(0x20, payload_.length)
            mstore(add(0x40, payload_.length), 0)
            calldatacopy(0x40, payload_.offset, payload_.length)

            log3(0x00, and(add(payload_.length, 0x5f), not(0x1f)), topic_, id_, sequenceId_)
            stop()
        }
    }

    /// @dev Checks a batch and takes its sequence ids; returns the first of them. The child emits.
    function _addBatch(uint256 idCount_, bytes[] calldata payloads_) internal returns (uint64 firstSequenceId_) {
        PayloadLogStorage storage log = _getPayloadLogStorage();
        LogState state_ = log.state.afterPayloads(payloads_.length);

        if (state_.paused()) revert Paused();
        if (idCount_ != payloads_.length) revert ArrayLengthMismatch();
        if (payloads_.length == 0) revert EmptyArray();

        for (uint256 index_; index_ < payloads_.length; ++index_) {
            uint256 size_ = payloads_[index_].length;
            if (!state_.accepts(size_)) _revertInvalidPayloadSize(state_, size_);
        }

        firstSequenceId_ = log.state.sequenceId() + 1;

        log.state = state_;
    }

    function _revertInvalidPayloadSize(LogState state_, uint256 size_) private pure {
        revert InvalidPayloadSize(size_, state_.minPayloadSize(), state_.maxPayloadSize());
    }

    // Bootstrapping

    /// @dev Reverts unless the caller may bootstrap that many payloads now.
    function _checkBootstrap(uint256 idCount_, uint256 payloadCount_, uint256 sequenceIdCount_) internal view {
        PayloadLogStorage storage log = _getPayloadLogStorage();

        if (!log.state.paused()) revert NotPaused();
        if (msg.sender != log.payloadBootstrapper) revert NotPayloadBootstrapper();
        if (idCount_ != payloadCount_ || idCount_ != sequenceIdCount_) revert ArrayLengthMismatch();
        if (idCount_ == 0) revert EmptyArray();
    }

    /// @dev Raises the counter to the greatest sequence id of a bootstrap; never lowers it.
    function _raiseSequenceId(uint64 greatest_) internal {
        // The counter could not go on from the last id there is.
        if (greatest_ == type(uint64).max) revert SequenceIdTooLarge(greatest_);

        PayloadLogStorage storage log = _getPayloadLogStorage();

        if (greatest_ > log.state.sequenceId()) log.state = log.state.withSequenceId(greatest_);
    }

    // Settings

    /// @inheritdoc IPayloadLog
    function updateMinPayloadSize() external {
        PayloadLogStorage storage log = _getPayloadLogStorage();
        uint32 size_ = RegistryParameters.getUint32(parameterRegistry, minPayloadSizeParameterKey());

        if (size_ == 0 || size_ > log.state.maxPayloadSize()) revert InvalidMinPayloadSize();
        if (size_ == log.state.minPayloadSize()) revert NoChange();

        log.state = log.state.withMinPayloadSize(size_);

        emit MinPayloadSizeUpdated(size_);
    }

    /// @inheritdoc IPayloadLog
    function updateMaxPayloadSize() external {
        PayloadLogStorage storage log = _getPayloadLogStorage();
        uint32 size_ = RegistryParameters.getUint32(parameterRegistry, maxPayloadSizeParameterKey());

        if (size_ > _MAX_PAYLOAD_SIZE_CEILING || size_ < log.state.minPayloadSize()) revert InvalidMaxPayloadSize();
        if (size_ == log.state.maxPayloadSize()) revert NoChange();

        log.state = log.state.withMaxPayloadSize(size_);

        emit MaxPayloadSizeUpdated(size_);
    }

    /// @inheritdoc IPayloadLog
    function updatePauseStatus() external {
        PayloadLogStorage storage log = _getPayloadLogStorage();
        bool paused_ = RegistryParameters.getBool(parameterRegistry, pausedParameterKey());

        if (paused_ == log.state.paused()) revert NoChange();

        log.state = log.state.withPaused(paused_);

        emit PauseStatusUpdated(paused_);
    }

    /// @inheritdoc IPayloadLog
    function updatePayloadBootstrapper() external {
        PayloadLogStorage storage log = _getPayloadLogStorage();
        address bootstrapper_ = RegistryParameters.getAddress(parameterRegistry, payloadBootstrapperParameterKey());

        if (bootstrapper_ == address(0)) revert ZeroPayloadBootstrapper();
        if (bootstrapper_ == log.payloadBootstrapper) revert NoChange();

        log.payloadBootstrapper = bootstrapper_;

        emit PayloadBootstrapperUpdated(bootstrapper_);
    }

    /// @inheritdoc IPayloadLog
    function updateAll() external {
        string[] memory keys_ = new string[](4);
        keys_[0] = pausedParameterKey();
        keys_[1] = minPayloadSizeParameterKey();
        keys_[2] = maxPayloadSizeParameterKey();
        keys_[3] = payloadBootstrapperParameterKey();

        bytes32[] memory values_ = RegistryParameters.getParameters(parameterRegistry, keys_);

        PayloadLogStorage storage log = _getPayloadLogStorage();
        LogState state_ = log.state;

        bool paused_ = RegistryParameters.toBool(values_[0]);

        if (paused_ != state_.paused()) {
            state_ = state_.withPaused(paused_);
            emit PauseStatusUpdated(paused_);
        }

        state_ = _withPayloadSizes(
            state_,
            RegistryParameters.toUint32(values_[1]),
            RegistryParameters.toUint32(values_[2])
        );

        if (LogState.unwrap(state_) != LogState.unwrap(log.state)) log.state = state_;

        address bootstrapper_ = RegistryParameters.toAddress(values_[3]);

        if (bootstrapper_ != log.payloadBootstrapper) {
            if (bootstrapper_ == address(0)) revert ZeroPayloadBootstrapper();

            log.payloadBootstrapper = bootstrapper_;
            emit PayloadBootstrapperUpdated(bootstrapper_);
        }
    }

    /// @dev The state with both sizes, which are valid or revert. A size that does not change is not judged alone, so a
    ///      log whose sizes were never set passes.
    function _withPayloadSizes(LogState state_, uint32 min_, uint32 max_) private returns (LogState) {
        bool minChanges_ = min_ != state_.minPayloadSize();
        bool maxChanges_ = max_ != state_.maxPayloadSize();

        if (maxChanges_ && (max_ > _MAX_PAYLOAD_SIZE_CEILING || max_ < min_)) revert InvalidMaxPayloadSize();
        if (minChanges_ && (min_ == 0 || min_ > max_)) revert InvalidMinPayloadSize();

        if (minChanges_) emit MinPayloadSizeUpdated(min_);
        if (maxChanges_) emit MaxPayloadSizeUpdated(max_);

        return state_.withMinPayloadSize(min_).withMaxPayloadSize(max_);
    }

    // Getters

    /// @inheritdoc IPayloadLog
    function minPayloadSize() external view returns (uint32 size_) {
        return _getPayloadLogStorage().state.minPayloadSize();
    }

    /// @inheritdoc IPayloadLog
    function maxPayloadSize() external view returns (uint32 size_) {
        return _getPayloadLogStorage().state.maxPayloadSize();
    }

    /// @inheritdoc IPayloadLog
    function paused() external view returns (bool paused_) {
        return _getPayloadLogStorage().state.paused();
    }

    /// @inheritdoc IPayloadLog
    function payloadBootstrapper() external view returns (address payloadBootstrapper_) {
        return _getPayloadLogStorage().payloadBootstrapper;
    }

    /// @inheritdoc IPayloadLog
    function sequenceId() external view returns (uint64 sequenceId_) {
        return _getPayloadLogStorage().state.sequenceId();
    }

    /// @inheritdoc IPayloadLog
    function minPayloadSizeParameterKey() public pure returns (string memory key_) {
        return ParameterKeys.combineKeyComponents(_parameterKeyPrefix(), "minPayloadSize");
    }

    /// @inheritdoc IPayloadLog
    function maxPayloadSizeParameterKey() public pure returns (string memory key_) {
        return ParameterKeys.combineKeyComponents(_parameterKeyPrefix(), "maxPayloadSize");
    }

    /// @inheritdoc IPayloadLog
    function pausedParameterKey() public pure returns (string memory key_) {
        return ParameterKeys.combineKeyComponents(_parameterKeyPrefix(), "paused");
    }

    /// @inheritdoc IPayloadLog
    function payloadBootstrapperParameterKey() public pure returns (string memory key_) {
        return ParameterKeys.combineKeyComponents(_parameterKeyPrefix(), "payloadBootstrapper");
    }

    /// @inheritdoc IParameterConsumer
    function migratorParameterKey()
        public
        pure
        override(IParameterConsumer, ParameterConsumer)
        returns (string memory key_)
    {
        return ParameterKeys.combineKeyComponents(_parameterKeyPrefix(), "migrator");
    }

    /// @dev What the keys of all parameters of this log begin with.
    function _parameterKeyPrefix() internal pure virtual returns (string memory prefix_);

    function _getPayloadLogStorage() private pure returns (PayloadLogStorage storage log) {
        assembly ("memory-safe") {
            log.slot := PAYLOAD_LOG_STORAGE_LOCATION
        }
    }
}
