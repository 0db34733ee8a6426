// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Says who signed, of signatures in calldata.
library Signatures {
    /**
     * @dev The signer of a digest, zero if there is none: r, s and v, the last 27 or 28, in 65 bytes; or r and s with what v
     *      says in the highest bit of s, in 64 bytes (EIP-2098). Either s of a signature is accepted, so signatures say who
     *      agreed, and nothing may depend on there being one only. Assembly because Solidity takes as long to cut up the
     *      bytes as to find the signer.
     */
    function recover(bytes32 digest_, bytes calldata signature_) internal view returns (address signer_) {
        assembly ("memory-safe") {
            let input_ := mload(0x40)
            let v_ := 0

            switch signature_.length
            case 65 {
                v_ := byte(0, calldataload(add(signature_.offset, 0x40)))
                calldatacopy(add(input_, 0x40), signature_.offset, 0x40)
            }
            case 64 {
                let parityAndS_ := calldataload(add(signature_.offset, 0x20))

                v_ := add(27, shr(255, parityAndS_))
                mstore(add(input_, 0x40), calldataload(signature_.offset))
                mstore(add(input_, 0x60), shr(1, shl(1, parityAndS_)))
            }
            // The contract at 1 answers nothing, and does not fail, when there is no signer.
            if v_ {
                mstore(input_, digest_)
                mstore(add(input_, 0x20), v_)

                if staticcall(gas(), 1, input_, 0x80, 0x00, 0x20) {
                    signer_ := mul(mload(0x00), eq(returndatasize(), 0x20))
                }
            }
        }
    }
}
