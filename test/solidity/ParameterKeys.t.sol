// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ParameterKeys } from "../../contracts/common/ParameterKeys.sol";

import { HexDigits } from "./utils/HexDigits.sol";
import { Test } from "./utils/Test.sol";

contract ParameterKeysTest is Test {
    function testFuzz_AddressToKeyComponent_IsTheLowercaseHexForm(address account_) public pure {
        assertEq(ParameterKeys.addressToKeyComponent(account_), HexDigits.ofAddress(account_), "key component");
    }

    function testFuzz_HexDigits_AreTheDigitsOfTheKeyComponent(address account_) public pure {
        (bytes32 high_, bytes8 low_) = ParameterKeys.hexDigits(account_);

        assertEq(string(bytes.concat("0x", high_, low_)), HexDigits.ofAddress(account_), "digits");
    }

    /// @dev Each digit at each place, among zeros and among ones.
    function test_AddressToKeyComponent_WritesEveryDigitAtEveryPlace() public pure {
        for (uint256 place_; place_ < 40; ++place_) {
            for (uint256 digit_; digit_ < 16; ++digit_) {
                uint160 alone_ = uint160(digit_ << (4 * place_));
                uint160 among_ = ~uint160((digit_ ^ 15) << (4 * place_));

                assertEq(
                    ParameterKeys.addressToKeyComponent(address(alone_)),
                    HexDigits.ofAddress(address(alone_)),
                    "alone"
                );
                assertEq(
                    ParameterKeys.addressToKeyComponent(address(among_)),
                    HexDigits.ofAddress(address(among_)),
                    "among"
                );
            }
        }
    }

    function testFuzz_Uint256ToKeyComponent_IsTheShortestDecimalForm(uint256 value_, uint8 shift_) public pure {
        value_ >>= shift_;
        bytes memory digits_ = bytes(ParameterKeys.uint256ToKeyComponent(value_));

        assertTrue(digits_.length == 1 || digits_[0] != "0", "no leading zero");

        uint256 parsed_;
        for (uint256 index_; index_ < digits_.length; ++index_) {
            assertTrue(digits_[index_] >= "0" && digits_[index_] <= "9", "a digit");
            parsed_ = parsed_ * 10 + uint8(digits_[index_]) - 48;
        }
        assertEq(parsed_, value_, "value");
    }

    function testFuzz_CombineKeyComponents_JoinsWithADot(string calldata left_, string calldata right_) public pure {
        bytes memory key_ = bytes(ParameterKeys.combineKeyComponents(left_, right_));

        assertEq(key_.length, bytes(left_).length + 1 + bytes(right_).length, "length");
        assertTrue(key_[bytes(left_).length] == ".", "the dot");
        assertEq(abi.encodePacked(left_, ".", right_), key_, "key");
    }
}
