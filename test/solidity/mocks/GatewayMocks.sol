// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { ISettlementGateway } from "../../../contracts/settlement/interfaces/ISettlementGateway.sol";

/// @dev A gateway that takes the tokens as the real one does, keeps them, and tells what it was asked.
contract TakingGateway is ISettlementGateway {
    IERC20 private immutable _feeToken;

    event Deposited(uint256 chainId, address recipient, uint256 amount, uint256 gasLimit, uint256 maxFeePerGas);

    constructor(IERC20 feeToken_) {
        _feeToken = feeToken_;
    }

    function deposit(
        uint256 chainId_,
        address recipient_,
        uint256 amount_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_
    ) external {
        _feeToken.transferFrom(msg.sender, address(this), amount_);
        emit Deposited(chainId_, recipient_, amount_, gasLimit_, maxFeePerGas_);
    }
}

/// @dev A gateway that refuses, with an argument to recognise it by.
contract RefusingGateway is ISettlementGateway {
    error Refused(uint256 reason);

    function deposit(uint256, address, uint256, uint256, uint256) external pure {
        revert Refused(42);
    }
}
