// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev A receiver of tokens that answers what it is told to, and remembers what it was asked.
contract AnsweringReceiver {
    event Asked(address operator, address from, uint256 tokenId, bytes data);

    bytes4 private immutable _answer;

    constructor(bytes4 answer_) {
        _answer = answer_;
    }

    function onERC721Received(
        address operator_,
        address from_,
        uint256 tokenId_,
        bytes calldata data_
    ) external returns (bytes4) {
        emit Asked(operator_, from_, tokenId_, data_);
        return _answer;
    }
}

/// @dev A receiver of tokens that refuses, with an argument to recognise it by.
contract RefusingReceiver {
    error Refused(uint256 reason);

    function onERC721Received(address, address, uint256, bytes calldata) external pure returns (bytes4) {
        revert Refused(42);
    }
}
