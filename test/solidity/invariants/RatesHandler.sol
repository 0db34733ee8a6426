// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterConsumer } from "../../../contracts/common/interfaces/IParameterConsumer.sol";
import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";
import { IRates } from "../../../contracts/settlement/interfaces/IRates.sol";
import { Rates } from "../../../contracts/settlement/Rates.sol";

import { Handler } from "./Handler.sol";

/// @title Appends to the price list, and reads it, with a list of its own beside it.
contract RatesHandler is Handler {
    Rates private immutable _rates;

    // The books: the entries, and what the registry holds.
    IRates.Rates[] private _books;
    uint256[5] private _values;

    constructor(IParameterRegistry registry_, Rates rates_) Handler(registry_) {
        _rates = rates_;
    }

    /// @notice Writes some of the five parameters, and applies them.
    function updateRates(uint256 mask_, uint64[4] calldata prices_, uint256 start_, uint256 wrong_) external counted {
        for (uint256 index_; index_ < 4; ++index_) {
            // Small ones are the same as before at times.
            if ((mask_ >> index_) & 1 == 0) _values[index_] = mask_ % 8 == 0 ? prices_[index_] : prices_[index_] % 3;
        }

        _values[4] = _someStart(start_);
        if (wrong_ % 24 < 5) _values[wrong_ % 24] = 1 << 64;

        _set(_rates.messageFeeParameterKey(), _values[0]);
        _set(_rates.storageFeeParameterKey(), _values[1]);
        _set(_rates.congestionFeeParameterKey(), _values[2]);
        _set(_rates.targetRatePerMinuteParameterKey(), _values[3]);
        _set(_rates.ratesInEffectAfterParameterKey(), _values[4]);

        _apply();
    }

    /// @notice Applies what was there before, by anyone.
    function updateRatesAgain(uint256 actor_) external counted {
        vm.prank(_actor(actor_));
        _apply();
    }

    function getRates(uint256 from_, uint256 count_) external counted {
        // Mostly within the list, or one beyond it.
        if (from_ % 8 != 0) from_ %= _books.length + 1;
        if (count_ % 8 != 0) count_ %= _books.length + 2;

        if (count_ == 0) _expectRefusal(abi.encodeWithSelector(IRates.ZeroCount.selector));
        else if (from_ >= _books.length) _expectRefusal(abi.encodeWithSelector(IRates.FromIndexOutOfRange.selector));
        else if (count_ > _books.length - from_) {
            _expectRefusal(abi.encodeWithSelector(IRates.EndIndexOutOfRange.selector));
        } else {
            IRates.Rates[] memory listed_ = _rates.getRates(from_, count_);
            assertEq(listed_.length, count_, "R2: count");

            for (uint256 index_; index_ < count_; ++index_) {
                IRates.Rates[] memory single_ = _rates.getRates(from_ + index_, 1);
                assertEq(abi.encode(listed_[index_]), abi.encode(single_[0]), "R2: single read");
                assertEq(abi.encode(listed_[index_]), abi.encode(_books[from_ + index_]), "R2: books");
            }

            return;
        }

        _rates.getRates(from_, count_);
    }

    function books() external view returns (IRates.Rates[] memory) {
        return _books;
    }

    function _apply() private {
        bytes memory refusal_ = _refusal();
        if (refusal_.length != 0) _expectRefusal(refusal_);
        _rates.updateRates();
        if (refusal_.length != 0) return;

        // What does not fit was refused.
        _books.push(
            IRates.Rates(
                uint64(_values[0]),
                uint64(_values[1]),
                uint64(_values[2]),
                uint64(_values[3]),
                uint64(_values[4])
            )
        );
    }

    function _refusal() private view returns (bytes memory refusal_) {
        for (uint256 index_; index_ < 5; ++index_) {
            if (_values[index_] > type(uint64).max) {
                return abi.encodeWithSelector(IParameterConsumer.ParameterOutOfTypeBounds.selector);
            }
        }

        if (_books.length == 0) return "";

        IRates.Rates memory last_ = _books[_books.length - 1];
        if (
            _values[0] == last_.messageFee &&
            _values[1] == last_.storageFee &&
            _values[2] == last_.congestionFee &&
            _values[3] == last_.targetRatePerMinute
        ) return abi.encodeWithSelector(IParameterConsumer.NoChange.selector);

        if (_values[4] <= last_.startTime) {
            return abi.encodeWithSelector(IRates.InvalidStartTime.selector, _values[4], last_.startTime);
        }
    }

    /// @dev Mostly later than the last one, by little, so that the list can go on.
    function _someStart(uint256 seed_) private view returns (uint256 start_) {
        uint256 last_ = _books.length == 0 ? 0 : _books[_books.length - 1].startTime;
        if (seed_ % 8 == 0) return seed_ % (last_ + 1);
        if (seed_ % 8 == 1) return last_;
        return last_ + 1 + (seed_ % 100_000);
    }
}
