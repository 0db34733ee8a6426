// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title Elements of lists in calldata, of which the index must exist.
 * @dev   For loops over lists whose lengths are known: Solidity checks each index again, and the bits of each element, for
 *        several times what reading it costs.
 */
library CalldataLists {
    /// @dev The element as it was sent, which may have more than 32 bits.
    function item(uint32[] calldata list_, uint256 index_) internal pure returns (uint256 element_) {
        assembly ("memory-safe") {
            element_ := calldataload(add(list_.offset, shl(5, index_)))
        }
    }

    function item(uint256[] calldata list_, uint256 index_) internal pure returns (uint256 element_) {
        assembly ("memory-safe") {
            element_ := calldataload(add(list_.offset, shl(5, index_)))
        }
    }
}
