// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IArbRetryableTx } from "../../../contracts/devnet/interfaces/IArbRetryableTx.sol";
import { SystemAddresses } from "../../../contracts/devnet/SystemAddresses.sol";

/// @notice What a ticket calls in tests: it refuses until it is told otherwise, and remembers how it was called.
contract TicketTarget {
    error Closed();

    event Called(
        address sender,
        address origin,
        uint256 value,
        uint256 gasPrice,
        uint256 baseFee,
        address redeemer,
        bytes data
    );

    bool public isOpen;
    uint256[] private _ballast;
    bytes32 private _marked;

    function setOpen(bool isOpen_) external {
        isOpen = isOpen_;
    }

    /// @notice Takes anything while open. The amount of data decides how much gas it uses.
    receive() external payable {
        _take();
    }

    fallback() external payable {
        _take();
    }

    function _take() private {
        if (!isOpen) revert Closed();

        for (uint256 index_; index_ < msg.data.length; ++index_) _ballast.push(index_ + 1);

        emit Called(
            msg.sender,
            // solhint-disable-next-line avoid-tx-origin
            tx.origin,
            msg.value,
            tx.gasprice,
            block.basefee,
            IArbRetryableTx(SystemAddresses.ARB_RETRYABLE_TX).getCurrentRedeemer(),
            msg.data
        );
    }

    function mark(bytes32 ticketId_) external {
        _marked = ticketId_;
    }

    /// @notice Redeems the marked ticket, which cannot be if that is what calls this.
    function redeemMarked() external {
        IArbRetryableTx(SystemAddresses.ARB_RETRYABLE_TX).redeem(_marked);
    }
}
