// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title EIP-712 domains of contracts behind proxies.
 * @dev   A domain names the proxy, so its separator can be no constant of the implementation; computing it costs less
 *        than reading it from storage. Name and version are constants: their hashes are folded by the compiler. Salt and
 *        extensions are not used.
 */
library TypedData {
    bytes32 private constant _DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    /// @dev Every domain here has this version.
    string private constant _VERSION = "1";

    /// @dev The separator of the domain of this contract on this chain; `nameHash_` is keccak256 of the domain's name.
    function domainSeparator(bytes32 nameHash_) internal view returns (bytes32 domainSeparator_) {
        return
            keccak256(
                abi.encode(_DOMAIN_TYPEHASH, nameHash_, keccak256(bytes(_VERSION)), block.chainid, address(this))
            );
    }

    /// @dev What ERC-5267 says of the domain; 0x0f: name, version, chain id and contract, in the order of its bits.
    function domain(
        string memory name_
    )
        internal
        view
        returns (
            bytes1 fields_,
            string memory,
            string memory version_,
            uint256 chainId_,
            address verifyingContract_,
            bytes32 salt_,
            uint256[] memory extensions_
        )
    {
        return (hex"0f", name_, _VERSION, block.chainid, address(this), bytes32(0), new uint256[](0));
    }
}
