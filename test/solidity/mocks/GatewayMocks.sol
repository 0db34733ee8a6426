// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";

import { IFeeToken } from "../../../contracts/settlement/interfaces/IFeeToken.sol";

/// @dev A gateway that takes the tokens as the real one does, keeps them, and tells what it was asked.
contract TakingGateway {
    IFeeToken private immutable _feeToken;

    event Deposited(uint256 chainId, address recipient, uint256 amount, uint256 gasLimit, uint256 maxFeePerGas);

    constructor(IFeeToken feeToken_) {
        _feeToken = feeToken_;
    }

    function onTransferReceived(
        address,
        address,
        uint256 amount_,
        bytes calldata data_
    ) external returns (bytes4 selector_) {
        (uint256 chainId_, address recipient_, uint256 gasLimit_, uint256 maxFeePerGas_) = abi.decode(
            data_,
            (uint256, address, uint256, uint256)
        );
        emit Deposited(chainId_, recipient_, amount_, gasLimit_, maxFeePerGas_);

        return IERC1363Receiver.onTransferReceived.selector;
    }

    function depositReceived(
        uint256 chainId_,
        address recipient_,
        uint256 amount_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_
    ) external {
        _feeToken.depositReceived(address(this), amount_);
        emit Deposited(chainId_, recipient_, amount_, gasLimit_, maxFeePerGas_);
    }
}

/// @dev A gateway that refuses, with an argument to recognise it by.
contract RefusingGateway {
    error Refused(uint256 reason);

    function onTransferReceived(address, address, uint256, bytes calldata) external pure returns (bytes4) {
        revert Refused(42);
    }

    function depositReceived(uint256, address, uint256, uint256, uint256) external pure {
        revert Refused(42);
    }
}
