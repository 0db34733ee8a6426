// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";

import { Handler } from "./Handler.sol";

/**
 * @title A handler of many operations, most of which need others before them: it sees to it that each succeeds in each run.
 * @dev   An operation is a function of a contract. A step makes a call of one, with arguments that a seed decides, many of
 *        them wrong. Every second step is guided while an operation has not succeeded yet: it is one of those, with
 *        arguments that are right, or what has to come before it.
 */
abstract contract GuidedHandler is Handler {
    /// @notice Thrown when a call that the books allow has failed.
    error Refused(uint256 operation, bytes answer);

    /// @notice Thrown when a call that the books do not allow has succeeded.
    error NotRefused(uint256 operation, bytes refusal);

    /// @dev Stands for a refusal without data; no refusal at all is empty.
    bytes internal constant SILENT_REFUSAL = "silent";

    mapping(uint256 operation => uint256 count) public successes;
    mapping(uint256 operation => uint256 count) public refused;

    /// @dev The running step: what it does, and whether it should succeed.
    uint256 internal _operation;
    bool internal _guided;

    /// @dev Who made the call that the step is about.
    address internal _sender;

    /// @dev The clock, Unix seconds: only the handler moves it.
    uint256 internal _now = 1_800_000_000;

    uint256 private _reachedCount;
    uint256 private _seed;
    uint256 private _drawCount;

    // It only passes the registry on.
    // solhint-disable-next-line no-empty-blocks
    constructor(IParameterRegistry registry_) Handler(registry_) {}

    function step(uint256 operation_, uint256 seed_) external counted {
        _seed = seed_;
        _drawCount = 0;
        vm.warp(_now);

        _guided = calls[msg.sig] % 2 == 0 && _reachedCount != operationCount();
        _operation = _guided ? _missingOperation(operation_) : operation_ % operationCount();

        _beforeStep();
        _operate();
        _afterStep();
    }

    function operationCount() public pure virtual returns (uint256 operationCount_);

    /// @dev Does `_operation`.
    function _operate() internal virtual;

    /// @dev What must hold around every step, apart from the books.
    // solhint-disable-next-line no-empty-blocks
    function _beforeStep() internal virtual {}

    // solhint-disable-next-line no-empty-blocks
    function _afterStep() internal virtual {}

    /// @dev The call that the step is about.
    function _attempt(
        address sender_,
        address target_,
        bytes memory callData_,
        bytes memory refusal_
    ) internal returns (bool success_, bytes memory answer_) {
        _sender = sender_;
        vm.prank(sender_);
        (success_, answer_) = target_.call(callData_);

        if (success_) {
            if (refusal_.length != 0) revert NotRefused(_operation, refusal_);
            if (++successes[_operation] == 1) ++_reachedCount;
        } else {
            if (refusal_.length == 0) revert Refused(_operation, answer_);
            bool isSilent_ = keccak256(refusal_) == keccak256(SILENT_REFUSAL);
            assertEq(answer_, isSilent_ ? bytes("") : refusal_, "reason of a refusal");
            ++refused[_operation];
        }
    }

    /// @dev A call that prepares another, and always succeeds.
    function _prepare(
        address sender_,
        address target_,
        bytes memory callData_
    ) internal returns (bytes memory answer_) {
        bool success_;

        vm.prank(sender_);
        (success_, answer_) = target_.call(callData_);
        if (!success_) revert Refused(_operation, answer_);
    }

    /// @dev The next number that the seed decides.
    function _draw() internal returns (uint256 number_) {
        return uint256(keccak256(abi.encode(_seed, ++_drawCount)));
    }

    function _draw(uint256 count_) internal returns (uint256 number_) {
        return _draw() % count_;
    }

    /// @dev Whether to do something wrong: once in `rarity_` times, and never in a guided step.
    function _errs(uint256 rarity_) internal returns (bool errs_) {
        return _draw(rarity_) == 0 && !_guided;
    }

    /// @dev The value of a parameter, or in its place, at times, a wrong one or one that its type does not hold.
    function _spoiled(uint256 value_, uint256 wrong_, uint256 tooLarge_) internal returns (uint256 spoiled_) {
        if (_errs(6)) return wrong_;
        return _errs(6) ? tooLarge_ : value_;
    }

    /// @dev What a parameter says of a pause: seldom that there is one.
    function _somePause() internal returns (uint256 value_) {
        if (_errs(6)) return 2;
        return _draw(3) == 0 ? 1 : 0;
    }

    function _panic(uint256 code_) internal pure returns (bytes memory refusal_) {
        return abi.encodeWithSignature("Panic(uint256)", code_);
    }

    function _missingOperation(uint256 choice_) private view returns (uint256 operation_) {
        choice_ %= operationCount() - _reachedCount;

        for (; ; ++operation_) {
            if (successes[operation_] != 0) continue;
            if (choice_ == 0) return operation_;
            --choice_;
        }
    }
}
