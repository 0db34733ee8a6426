// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { Nonces } from "@openzeppelin/contracts/utils/Nonces.sol";

/// @dev A token whose permits are as those of USDC: of version 2, and nothing but `version()` says so.
contract VersionTwoToken is ERC20("Stand-in USD", "sUSD"), EIP712("Stand-in USD", "2"), Nonces {
    bytes32 private constant _PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    error WrongSigner();
    error NoSuchFunction();

    function mint(address to_, uint256 amount_) external {
        _mint(to_, amount_);
    }

    function permit(
        address owner_,
        address spender_,
        uint256 value_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external {
        bytes32 digest_ = _hashTypedDataV4(
            keccak256(abi.encode(_PERMIT_TYPEHASH, owner_, spender_, value_, _useNonce(owner_), deadline_))
        );
        if (ECDSA.recover(digest_, v_, r_, s_) != owner_) revert WrongSigner();

        _approve(owner_, spender_, value_);
    }

    function version() external pure returns (string memory) {
        return "2";
    }

    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function eip712Domain()
        public
        pure
        override
        returns (bytes1, string memory, string memory, uint256, address, bytes32, uint256[] memory)
    {
        revert NoSuchFunction();
    }
}
