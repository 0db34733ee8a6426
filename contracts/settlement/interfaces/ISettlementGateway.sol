// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The settlement chain's end of the bridge to an appchain: what a depositor needs of it.
interface ISettlementGateway {
    /**
     * @notice Takes fee tokens of the caller, and gives `recipient_` as much native currency of the appchain.
     * @param  chainId_      The appchain.
     * @param  recipient_    Account on the appchain.
     * @param  amount_       In units of the fee token.
     * @param  gasLimit_     Gas for the message on the appchain.
     * @param  maxFeePerGas_ The most to pay for a unit of that gas, in wei of the appchain.
     */
    function deposit(
        uint256 chainId_,
        address recipient_,
        uint256 amount_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_
    ) external;
}
