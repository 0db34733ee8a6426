// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev A contract wallet (ERC-1271) that accepts what its owner signed, given as r, s and v.
contract OwnedWallet {
    address private immutable _owner;

    constructor(address owner_) {
        _owner = owner_;
    }

    function isValidSignature(bytes32 hash_, bytes calldata signature_) external view returns (bytes4) {
        bytes32 r = bytes32(signature_[:32]);
        bytes32 s = bytes32(signature_[32:64]);
        bool isValid = ecrecover(hash_, uint8(signature_[64]), r, s) == _owner;
        return isValid ? this.isValidSignature.selector : bytes4(0);
    }
}

/// @dev A contract wallet that fails whenever it is asked.
contract RevertingWallet {
    error Refused();

    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        revert Refused();
    }
}

/// @dev Deploys owned wallets where everybody knows before.
contract WalletFactory {
    function deploy(address owner_) external returns (address) {
        return address(new OwnedWallet{ salt: 0 }(owner_));
    }
}
