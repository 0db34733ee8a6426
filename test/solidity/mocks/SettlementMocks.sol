// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Settlement } from "../../../contracts/settlement/Settlement.sol";

/// @dev Reports that hold what they are told to, also fees and indices that real ones would take years to reach.
contract ToldReports {
    Settlement private _all;

    /// @notice From now on every report holds this.
    function tell(Settlement settlement_) external {
        _all = settlement_;
    }

    function getSettlements(
        uint32,
        uint32[] calldata originatorNodeIds_,
        uint256[] calldata
    ) external view returns (Settlement[] memory settlements_) {
        settlements_ = new Settlement[](originatorNodeIds_.length);
        for (uint256 index_; index_ < settlements_.length; ++index_) settlements_[index_] = _all;
    }
}

/// @dev Reverts with the data that it is told to, whatever is called but that.
contract RefusingEscrow {
    bytes private _data;

    function refuseWith(bytes calldata data_) external {
        _data = data_;
    }

    fallback() external {
        bytes memory data_ = _data;

        assembly ("memory-safe") {
            revert(add(data_, 0x20), mload(data_))
        }
    }
}
