// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20Upgradeable } from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";

import { IParameterConsumer } from "../common/interfaces/IParameterConsumer.sol";
import { IMockUnderlyingFeeToken } from "./interfaces/IMockUnderlyingFeeToken.sol";
import { IVersioned } from "../common/interfaces/IVersioned.sol";

import { ParameterConsumer } from "../common/ParameterConsumer.sol";
import { PermitToken } from "../settlement/PermitToken.sol";

/// @title The underlying token of local networks and test networks, where it stands for USDC.
contract MockUnderlyingFeeToken is IMockUnderlyingFeeToken, PermitToken, ParameterConsumer {
    string private constant _NAME = "Mock USD";

    // The constructor only passes the registry on.
    // solhint-disable-next-line no-empty-blocks
    constructor(address parameterRegistry_) ParameterConsumer(parameterRegistry_) {}

    /// @inheritdoc IMockUnderlyingFeeToken
    function mint(address to_, uint256 amount_) external {
        _mint(to_, amount_);
    }

    /// @inheritdoc ERC20Upgradeable
    function name() public pure override returns (string memory) {
        return _NAME;
    }

    /// @inheritdoc ERC20Upgradeable
    function symbol() public pure override returns (string memory) {
        return "mUSD";
    }

    /// @inheritdoc ERC20Upgradeable
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function _nameHash() internal pure override returns (bytes32 nameHash_) {
        return keccak256(bytes(_NAME));
    }

    /// @inheritdoc IParameterConsumer
    function migratorParameterKey()
        public
        pure
        override(IParameterConsumer, ParameterConsumer)
        returns (string memory key_)
    {
        return "xmtp.mockUnderlyingFeeToken.migrator";
    }

    /// @inheritdoc IVersioned
    function version() external pure returns (string memory version_) {
        return "1.0.0";
    }

    /// @inheritdoc IVersioned
    function contractName() external pure returns (string memory contractName_) {
        return "MockUnderlyingFeeToken";
    }
}
