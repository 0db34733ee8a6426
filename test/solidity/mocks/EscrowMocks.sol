// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPayers } from "../../../contracts/settlement/interfaces/IPayers.sol";

/// @title An escrow that calls back, once, while it settles, and says whether it got through.
contract ReenteringEscrow {
    address private _target;
    bytes private _callData;

    event CalledBack(bool success);

    /// @notice Sets what the next settlement calls before it answers.
    function callBack(address target_, bytes calldata callData_) external {
        _target = target_;
        _callData = callData_;
    }

    /// @notice Charges nobody, and says the sum of the fees.
    function settleUsage(bytes32, IPayers.PayerFee[] calldata payerFees_) external returns (uint96 feesSettled_) {
        for (uint256 index_; index_ < payerFees_.length; ++index_) feesSettled_ += payerFees_[index_].fee;

        if (_target == address(0)) return feesSettled_;

        address target_ = _target;
        _target = address(0);

        (bool success_, ) = target_.call(_callData);
        emit CalledBack(success_);
    }
}
