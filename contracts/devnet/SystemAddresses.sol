// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev The addresses that ArbOS has on every Arbitrum chain.
library SystemAddresses {
    /// @dev Messages to the parent chain.
    address internal constant ARB_SYS = 0x0000000000000000000000000000000000000064;

    /// @dev Tickets of the parent chain.
    address internal constant ARB_RETRYABLE_TX = 0x000000000000000000000000000000000000006E;

    /// @dev The account of the chain itself. Here it holds what has not been minted yet.
    address internal constant ARB_OS = 0x00000000000000000000000000000000000A4B05;
}
