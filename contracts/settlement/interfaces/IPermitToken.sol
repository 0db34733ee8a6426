// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { IERC5267 } from "@openzeppelin/contracts/interfaces/IERC5267.sol";

/// @title An ERC-20 token whose owners can approve by signature (EIP-2612).
interface IPermitToken is IERC20Metadata, IERC20Permit, IERC5267 {
    /// @notice Thrown when a permit is used after its deadline, Unix seconds; the deadline itself is in time.
    error ERC2612ExpiredSignature(uint256 deadline);

    /// @notice Thrown when a permit is signed by somebody else than the owner.
    error ERC2612InvalidSigner(address signer, address owner);
}
