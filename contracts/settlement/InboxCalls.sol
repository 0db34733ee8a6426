// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IAppchainGateway } from "../appchain/interfaces/IAppchainGateway.sol";
import { IERC20Inbox } from "./interfaces/IOrbit.sol";

/**
 * @title What a deposit asks an inbox, encoded by hand.
 * @dev   Assembly because a deposit does nothing else: Solidity builds the message in memory, and then copies it into the
 *        calldata. What the inbox reverts with is passed on.
 */
library InboxCalls {
    /// @dev Bytes of a call of `receiveDeposit`: selector and recipient.
    uint256 internal constant RECEIVE_DEPOSIT_LENGTH = 36;

    /// @dev Calls `calculateRetryableSubmissionFee`.
    function submissionFee(address inbox_, uint256 length_, uint256 baseFee_) internal view returns (uint256 fee_) {
        bytes32 selector_ = IERC20Inbox.calculateRetryableSubmissionFee.selector;

        assembly ("memory-safe") {
            let callData_ := mload(0x40)

            mstore(callData_, selector_)
            mstore(add(callData_, 0x04), length_)
            mstore(add(callData_, 0x24), baseFee_)

            if iszero(staticcall(gas(), inbox_, callData_, 0x44, 0x00, 0x20)) {
                returndatacopy(callData_, 0, returndatasize())
                revert(callData_, returndatasize())
            }

            // An account without code answers nothing.
            if lt(returndatasize(), 0x20) {
                revert(0, 0)
            }

            fee_ := mload(0x00)
        }
    }

    /**
     * @dev    Encodes a call of `createRetryableTicket` that calls `receiveDeposit` on the appchain, and all of whose refunds
     *         are the recipient's.
     * @return callData_ For `createTicket`.
     */
    function depositTicket(
        address appChainGateway_,
        address recipient_,
        uint256 callValue_,
        uint256 maxSubmissionCost_,
        uint256 amount_,
        uint256 gasLimit_,
        uint256 maxFeePerGas_
    ) internal pure returns (bytes memory callData_) {
        bytes32 selector_ = IERC20Inbox.createRetryableTicket.selector;
        bytes32 receiveDeposit_ = IAppchainGateway.receiveDeposit.selector;

        assembly ("memory-safe") {
            callData_ := mload(0x40)

            mstore(callData_, 0x184)
            mstore(add(callData_, 0x20), selector_)
            mstore(add(callData_, 0x24), appChainGateway_)
            mstore(add(callData_, 0x44), callValue_)
            mstore(add(callData_, 0x64), maxSubmissionCost_)
            mstore(add(callData_, 0x84), recipient_)
            mstore(add(callData_, 0xa4), recipient_)
            mstore(add(callData_, 0xc4), gasLimit_)
            mstore(add(callData_, 0xe4), maxFeePerGas_)
            mstore(add(callData_, 0x104), amount_)
            // Where the data is: behind these nine words. Then its length, and the call, padded to whole words.
            mstore(add(callData_, 0x124), 0x120)
            mstore(add(callData_, 0x144), RECEIVE_DEPOSIT_LENGTH)
            mstore(add(callData_, 0x164), receiveDeposit_)
            mstore(add(callData_, 0x168), recipient_)
            mstore(add(callData_, 0x188), 0)
            mstore(0x40, add(callData_, 0x1c0))
        }
    }

    /// @dev Calls `createRetryableTicket`.
    function createTicket(address inbox_, bytes memory callData_) internal returns (uint256 messageNumber_) {
        assembly ("memory-safe") {
            if iszero(call(gas(), inbox_, 0, add(callData_, 0x20), mload(callData_), 0x00, 0x20)) {
                returndatacopy(callData_, 0, returndatasize())
                revert(callData_, returndatasize())
            }

            if lt(returndatasize(), 0x20) {
                revert(0, 0)
            }

            messageNumber_ := mload(0x00)
        }
    }
}
