// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { ERC1363Upgradeable } from "@openzeppelin/contracts-upgradeable/token/ERC20/extensions/ERC1363Upgradeable.sol";
import { ERC20Upgradeable } from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";
import { NoncesUpgradeable } from "@openzeppelin/contracts-upgradeable/utils/NoncesUpgradeable.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { IERC5267 } from "@openzeppelin/contracts/interfaces/IERC5267.sol";

import { TypedData } from "../common/TypedData.sol";

/**
 * @title A token whose owners can approve by signature (EIP-2612).
 * @dev   OpenZeppelin's extension keeps the name of the domain in storage, and reads and hashes it for each permit; here
 *        it is a constant of the child.
 */
abstract contract PermitToken is ERC1363Upgradeable, NoncesUpgradeable, IERC20Permit, IERC5267 {
    /// @notice Thrown when a permit is used after its deadline, Unix seconds; the deadline itself is in time.
    error ERC2612ExpiredSignature(uint256 deadline);

    /// @notice Thrown when a permit is signed by somebody else than the owner.
    error ERC2612InvalidSigner(address signer, address owner);

    bytes32 internal constant _PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    /// @dev Where OpenZeppelin's `ERC20Storage` is, which begins with the balances.
    bytes32 internal constant ERC20_STORAGE_LOCATION =
        0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00;

    /// @inheritdoc IERC20
    function transfer(address to_, uint256 value_) public override(ERC20Upgradeable, IERC20) returns (bool) {
        if (to_ == address(0)) revert ERC20InvalidReceiver(address(0));

        _move(msg.sender, to_, value_);

        return true;
    }

    /// @inheritdoc IERC20
    function transferFrom(
        address from_,
        address to_,
        uint256 value_
    ) public override(ERC20Upgradeable, IERC20) returns (bool) {
        // Nobody has an allowance of the zero address, so `from_` is tested by it.
        _spendAllowance(from_, msg.sender, value_);
        if (to_ == address(0)) revert ERC20InvalidReceiver(address(0));

        _move(from_, to_, value_);

        return true;
    }

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

    /// @dev As OpenZeppelin's function: moves, mints from the zero address, burns to it.
    function _update(address from_, address to_, uint256 value_) internal override {
        if (from_ == address(0)) {
            _raiseSupply(value_);
            _give(to_, value_);
        } else if (to_ == address(0)) {
            _take(from_, value_);
            _lowerSupply(value_);
        } else {
            _move(from_, to_, value_);
        }
    }

    /// @dev Announces `value_` more tokens, which `_give` has to hand out.
    function _raiseSupply(uint256 value_) internal returns (uint256 supply_) {
        ERC20Storage storage token = _erc20();

        supply_ = token._totalSupply + value_;
        token._totalSupply = supply_;
    }

    /// @dev Forgets `value_` tokens, which `_take` has taken.
    function _lowerSupply(uint256 value_) internal {
        unchecked {
            // No balance is above the supply.
            _erc20()._totalSupply -= value_;
        }
    }

    /// @dev Hands out new tokens.
    function _give(address to_, uint256 value_) internal {
        _raiseBalance(to_, value_);
        _emitTransfer(address(0), to_, value_);
    }

    /// @dev Takes tokens out of the world.
    function _take(address from_, uint256 value_) internal {
        _lowerBalance(from_, value_);
        _emitTransfer(from_, address(0), value_);
    }

    /// @dev Moves tokens between accounts, neither of them zero.
    function _move(address from_, address to_, uint256 value_) private {
        _lowerBalance(from_, value_);
        _raiseBalance(to_, value_);
        _emitTransfer(from_, to_, value_);
    }

    // In assembly because every deposit, payment and settlement comes through here: Solidity computes the slot of a balance
    // for reading it and again for writing, and cleans addresses that are clean.

    function _lowerBalance(address account_, uint256 value_) private {
        bytes32 slot_ = _balanceSlot(account_);
        uint256 balance_;

        assembly ("memory-safe") {
            balance_ := sload(slot_)
        }

        if (balance_ < value_) revert ERC20InsufficientBalance(account_, balance_, value_);

        assembly ("memory-safe") {
            sstore(slot_, sub(balance_, value_))
        }
    }

    function _raiseBalance(address account_, uint256 value_) private {
        bytes32 slot_ = _balanceSlot(account_);

        assembly ("memory-safe") {
            // No balance is above the supply, which does not overflow.
            sstore(slot_, add(sload(slot_), value_))
        }
    }

    function _emitTransfer(address from_, address to_, uint256 value_) private {
        bytes32 topic_ = IERC20.Transfer.selector;

        assembly ("memory-safe") {
            mstore(0x00, value_)
            log3(0x00, 0x20, topic_, from_, to_)
        }
    }

    /// @dev The slot of `ERC20Storage._balances[account_]`.
    function _balanceSlot(address account_) private pure returns (bytes32 slot_) {
        assembly ("memory-safe") {
            mstore(0x00, account_)
            mstore(0x20, ERC20_STORAGE_LOCATION)
            slot_ := keccak256(0x00, 0x40)
        }
    }

    function _erc20() private pure returns (ERC20Storage storage token) {
        assembly ("memory-safe") {
            token.slot := ERC20_STORAGE_LOCATION
        }
    }

    /// @dev Apart because a return value of `eip712Domain` is called `name`.
    function _domainName() private view returns (string memory name_) {
        return name();
    }

    /// @dev keccak256 of `name()`, which is the name of the domain too.
    function _nameHash() internal pure virtual returns (bytes32 nameHash_);
}
