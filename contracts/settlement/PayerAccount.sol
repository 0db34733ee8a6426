// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

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
    uint256 private constant _BALANCE_MASK = type(uint104).max;
    uint256 private constant _NONCE_MASK = uint256(type(uint24).max) << 232;

    function balance(PayerAccount account_) internal pure returns (int104) {
        return int104(uint104(PayerAccount.unwrap(account_)));
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

    function withBalance(PayerAccount account_, int104 balance_) internal pure returns (PayerAccount) {
        return PayerAccount.wrap((PayerAccount.unwrap(account_) & ~_BALANCE_MASK) | uint104(balance_));
    }

    /// @dev With a new request, and the balance that it leaves. The number of requests begins again after the last.
    function withRequest(
        PayerAccount account_,
        int104 balance_,
        uint96 amount_,
        uint32 timestamp_
    ) internal pure returns (PayerAccount) {
        unchecked {
            return
                PayerAccount.wrap(
                    ((PayerAccount.unwrap(account_) + (1 << 232)) & _NONCE_MASK) |
                        (uint256(timestamp_) << 200) |
                        (uint256(amount_) << 104) |
                        uint104(balance_)
                );
        }
    }

    /// @dev Without a request, and with another balance.
    function withoutRequest(PayerAccount account_, int104 balance_) internal pure returns (PayerAccount) {
        return PayerAccount.wrap((PayerAccount.unwrap(account_) & _NONCE_MASK) | uint104(balance_));
    }

    /// @dev The part of a balance that is owed.
    function debtOf(int104 balance_) internal pure returns (uint96) {
        unchecked {
            // Safe: the sum of all debts, which is checked, is no more than 96 bits wide.
            return balance_ < 0 ? uint96(uint104(-balance_)) : 0;
        }
    }
}
