// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";
import { IRates } from "../../../contracts/settlement/interfaces/IRates.sol";
import { Rates } from "../../../contracts/settlement/Rates.sol";

import { Handler } from "./Handler.sol";
import { InvariantTest } from "./InvariantTest.sol";
import { RatesHandler } from "./RatesHandler.sol";

/// @dev `README.md` lists the sentences that the names below refer to.
contract RatesInvariants is InvariantTest {
    Rates private _rates;
    RatesHandler private _ratesHandler;

    function setUp() public {
        IParameterRegistry registry_ = deploySettlementRegistry(address(this));
        _rates = deployRates(registry_);
        _ratesHandler = new RatesHandler(registry_, _rates);
        registry_.set(_adminKey(registry_, address(_ratesHandler)), bytes32(uint256(1)));
    }

    /// @dev After each run: most of the calls above may be refused, but not all.
    function afterInvariant() public view override {
        super.afterInvariant();
        assertTrue(_ratesHandler.books().length > 1, "entries were appended");
        assertTrue(_ratesHandler.refusals(RatesHandler.updateRates.selector) != 0, "updates were refused");
        assertTrue(_ratesHandler.refusals(RatesHandler.getRates.selector) != 0, "reads were refused");
    }

    function invariant_R1_R2_ListOnlyGrowsAndReadsTheSameInParts() public view {
        IRates.Rates[] memory books_ = _ratesHandler.books();
        assertEq(_rates.getRatesCount(), books_.length, "R1: count");
        if (books_.length == 0) return;

        IRates.Rates[] memory listed_ = _rates.getRates(0, books_.length);
        assertEq(abi.encode(listed_), abi.encode(books_), "R1: entries");

        for (uint256 index_ = 1; index_ < listed_.length; ++index_) {
            IRates.Rates memory before_ = listed_[index_ - 1];
            IRates.Rates memory entry_ = listed_[index_];

            assertTrue(entry_.startTime > before_.startTime, "R1: start");
            before_.startTime = entry_.startTime;
            assertTrue(keccak256(abi.encode(before_)) != keccak256(abi.encode(entry_)), "R1: prices");
        }
    }

    function _handler() internal view override returns (Handler) {
        return _ratesHandler;
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors_) {
        selectors_ = new bytes4[](3);
        selectors_[0] = RatesHandler.updateRates.selector;
        selectors_[1] = RatesHandler.updateRatesAgain.selector;
        selectors_[2] = RatesHandler.getRates.selector;
    }
}
