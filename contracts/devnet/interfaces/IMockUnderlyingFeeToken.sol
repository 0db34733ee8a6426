// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IMigratable } from "../../common/interfaces/IMigratable.sol";
import { IParameterConsumer } from "../../common/interfaces/IParameterConsumer.sol";
import { IVersioned } from "../../common/interfaces/IVersioned.sol";

/**
 * @title  A token of no value that anyone can mint.
 * @notice Six decimals and permits with domain version 1, as a payer's tools expect of the real underlying token.
 */
interface IMockUnderlyingFeeToken is IMigratable, IParameterConsumer, IVersioned {
    /// @notice Creates tokens from nothing. Callable by anyone.
    function mint(address to_, uint256 amount_) external;
}
