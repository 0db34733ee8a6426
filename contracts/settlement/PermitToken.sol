// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { ERC20Upgradeable } from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";
import { NoncesUpgradeable } from "@openzeppelin/contracts-upgradeable/utils/NoncesUpgradeable.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { IERC5267 } from "@openzeppelin/contracts/interfaces/IERC5267.sol";

import { TypedData } from "../common/TypedData.sol";

/**
 * @title A token whose owners can approve by signature (EIP-2612).
 * @dev   OpenZeppelin's extension keeps the name of the domain in storage, and reads and hashes it for each permit; here
 *        it is a constant of the child.
 */
abstract contract PermitToken is ERC20Upgradeable, NoncesUpgradeable, IERC20Permit, IERC5267 {
    /// @notice Thrown when a permit is used after its deadline, Unix seconds; the deadline itself is in time.
    error ERC2612ExpiredSignature(uint256 deadline);

    /// @notice Thrown when a permit is signed by somebody else than the owner.
    error ERC2612InvalidSigner(address signer, address owner);

    bytes32 internal constant _PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    /// @inheritdoc IERC20Permit
    function permit(
        address owner_,
        address spender_,
        uint256 value_,
        uint256 deadline_,
        uint8 v_,
        bytes32 r_,
        bytes32 s_
    ) external {
        if (block.timestamp > deadline_) revert ERC2612ExpiredSignature(deadline_);

        bytes32 digest_ = _permitDigest(owner_, spender_, value_, _useNonce(owner_), deadline_);

        address signer_ = ECDSA.recover(digest_, v_, r_, s_);
        if (signer_ != owner_) revert ERC2612InvalidSigner(signer_, owner_);

        _approve(owner_, spender_, value_);
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner_) public view override(IERC20Permit, NoncesUpgradeable) returns (uint256 nonce_) {
        return super.nonces(owner_);
    }

    /// @inheritdoc IERC20Permit
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32 domainSeparator_) {
        return TypedData.domainSeparator(_nameHash());
    }

    /// @inheritdoc IERC5267
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        return TypedData.domain(_domainName());
    }

    function _permitDigest(
        address owner_,
        address spender_,
        uint256 value_,
        uint256 nonce_,
        uint256 deadline_
    ) internal view returns (bytes32 digest_) {
        return
            MessageHashUtils.toTypedDataHash(
                TypedData.domainSeparator(_nameHash()),
                keccak256(abi.encode(_PERMIT_TYPEHASH, owner_, spender_, value_, nonce_, deadline_))
            );
    }

    /// @dev Apart because a return value of `eip712Domain` is called `name`.
    function _domainName() private view returns (string memory name_) {
        return name();
    }

    /// @dev keccak256 of `name()`, which is the name of the domain too.
    function _nameHash() internal pure virtual returns (bytes32 nameHash_);
}
