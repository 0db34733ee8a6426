// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { SignedLane } from "./SignedLane.sol";

/**
 * @dev What a payer has, as one word, so that every call reads it once and writes it once:
 *
 *      | bits      | field                 | type   | unit                                            |
 *      |-----------|-----------------------|--------|-------------------------------------------------|
 *      | 0 - 103   | balance               | int104 | microdollars; below zero it is a debt           |
 *      | 104 - 199 | pendingWithdrawal     | uint96 | microdollars, not in the balance any more       |
 *      | 200 - 231 | withdrawableTimestamp | uint32 | Unix seconds; zero without a pending withdrawal |
 *      | 232 - 255 | withdrawalNonce       | uint24 | number of requests so far, modulo 2^24          |
 */
type PayerAccount is uint256;

using PayerAccountLibrary for PayerAccount global;

/// @dev Every cast to a narrower type cuts out the field named by the table above.
library PayerAccountLibrary {
    uint256 private constant _NONCE_MASK = uint256(type(uint24).max) << 232;

    function balance(PayerAccount account_) internal pure returns (int104) {
        return SignedLane.value(PayerAccount.unwrap(account_));
    }

    /// @dev The bits of the balance.
    function lane(PayerAccount account_) internal pure returns (uint256) {
        return PayerAccount.unwrap(account_) & SignedLane.MASK;
    }

    function isInDebt(PayerAccount account_) internal pure returns (bool) {
        return SignedLane.isNegative(PayerAccount.unwrap(account_));
    }

    function debt(PayerAccount account_) internal pure returns (uint256) {
        return SignedLane.debt(PayerAccount.unwrap(account_));
    }

    function pendingWithdrawal(PayerAccount account_) internal pure returns (uint96) {
        return uint96(PayerAccount.unwrap(account_) >> 104);
    }

    function withdrawableTimestamp(PayerAccount account_) internal pure returns (uint32) {
        return uint32(PayerAccount.unwrap(account_) >> 200);
    }

    function withdrawalNonce(PayerAccount account_) internal pure returns (uint24) {
        return uint24(PayerAccount.unwrap(account_) >> 232);
    }

    /// @dev With a balance that is larger by `amount_`, which fits into 96 bits.
    function credited(PayerAccount account_, uint256 amount_) internal pure returns (PayerAccount) {
        return PayerAccount.wrap(SignedLane.raised(PayerAccount.unwrap(account_), amount_));
    }

    /// @dev With a new request, and the balance that it leaves. After its last number, the nonce begins again at zero.
    function withRequest(
        PayerAccount account_,
        uint256 balance_,
        uint256 amount_,
        uint256 timestamp_
    ) internal pure returns (PayerAccount) {
        unchecked {
            return
                PayerAccount.wrap(
                    ((PayerAccount.unwrap(account_) & _NONCE_MASK) + (1 << 232)) |
                        (timestamp_ << 200) |
                        (amount_ << 104) |
                        balance_
                );
        }
    }

    /// @dev Without a request, and with the balance that this leaves.
    function withoutRequest(PayerAccount account_, uint256 balance_) internal pure returns (PayerAccount) {
        return PayerAccount.wrap((PayerAccount.unwrap(account_) & _NONCE_MASK) | balance_);
    }
}
