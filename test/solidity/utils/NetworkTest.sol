// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { GroupMessages } from "../../../contracts/appchain/GroupMessages.sol";
import { IdentityUpdates } from "../../../contracts/appchain/IdentityUpdates.sol";
import { AppchainParameters } from "../../../contracts/appchain/AppchainParameters.sol";
import { IParameterConsumer } from "../../../contracts/common/interfaces/IParameterConsumer.sol";
import { IParameterRegistry } from "../../../contracts/common/interfaces/IParameterRegistry.sol";
import { ProxyFactory } from "../../../contracts/common/ProxyFactory.sol";
import { MockUnderlyingFeeToken } from "../../../contracts/devnet/MockUnderlyingFeeToken.sol";
import { FeeToken } from "../../../contracts/settlement/FeeToken.sol";
import { Nodes } from "../../../contracts/settlement/Nodes.sol";
import { PayerReports } from "../../../contracts/settlement/PayerReports.sol";
import { Payers } from "../../../contracts/settlement/Payers.sol";
import { Rates } from "../../../contracts/settlement/Rates.sol";
import { Rewards } from "../../../contracts/settlement/Rewards.sol";
import { SettlementParameters } from "../../../contracts/settlement/SettlementParameters.sol";

import { HexDigits } from "./HexDigits.sol";
import { Test } from "./Test.sol";

/// @title Deploys the contracts behind proxies, with the test itself as the admin of their parameters.
abstract contract NetworkTest is Test {
    ProxyFactory private immutable _factory = new ProxyFactory();
    uint256 private _salt;

    function deployRegistry(address admin_) internal returns (IParameterRegistry registry_) {
        return _deployRegistry(address(new AppchainParameters()), admin_);
    }

    function deploySettlementRegistry(address admin_) internal returns (IParameterRegistry registry_) {
        return _deployRegistry(address(new SettlementParameters()), admin_);
    }

    function deployGroupMessages(IParameterRegistry registry_) internal returns (GroupMessages) {
        return GroupMessages(_deployConsumer(address(new GroupMessages(address(registry_)))));
    }

    function deployIdentityUpdates(IParameterRegistry registry_) internal returns (IdentityUpdates) {
        return IdentityUpdates(_deployConsumer(address(new IdentityUpdates(address(registry_)))));
    }

    function deployNodes(IParameterRegistry registry_) internal returns (Nodes) {
        return Nodes(_deployConsumer(address(new Nodes(address(registry_)))));
    }

    function deployUnderlyingToken(IParameterRegistry registry_) internal returns (MockUnderlyingFeeToken) {
        return MockUnderlyingFeeToken(_deployConsumer(address(new MockUnderlyingFeeToken(address(registry_)))));
    }

    function deployFeeToken(
        IParameterRegistry registry_,
        MockUnderlyingFeeToken underlying_
    ) internal returns (FeeToken) {
        return FeeToken(_deployConsumer(address(new FeeToken(address(registry_), address(underlying_)))));
    }

    function deployPayers(IParameterRegistry registry_, FeeToken feeToken_) internal returns (Payers) {
        return Payers(_deployConsumer(address(new Payers(address(registry_), address(feeToken_)))));
    }

    function deployPayerReports(
        IParameterRegistry registry_,
        Nodes nodes_,
        Payers payers_
    ) internal returns (PayerReports) {
        return
            PayerReports(
                _deployConsumer(address(new PayerReports(address(registry_), address(nodes_), address(payers_))))
            );
    }

    function deployRates(IParameterRegistry registry_) internal returns (Rates) {
        return Rates(_deployConsumer(address(new Rates(address(registry_)))));
    }

    function deployRewards(IParameterRegistry registry_, PayerReports reports_) internal returns (Rewards) {
        address payers_ = reports_.payerRegistry();

        return
            Rewards(
                _deployConsumer(
                    address(
                        new Rewards(
                            address(registry_),
                            reports_.nodeRegistry(),
                            address(reports_),
                            payers_,
                            Payers(payers_).feeToken()
                        )
                    )
                )
            );
    }

    /// @dev The key that makes an account an admin.
    function _adminKey(IParameterRegistry registry_, address account_) internal pure returns (string memory) {
        return string.concat(registry_.adminParameterKey(), ".", HexDigits.ofAddress(account_));
    }

    function _deployRegistry(address implementation_, address admin_) private returns (IParameterRegistry registry_) {
        address[] memory admins_ = new address[](1);
        admins_[0] = admin_;

        return
            IParameterRegistry(_deployProxy(implementation_, abi.encodeCall(IParameterRegistry.initialize, (admins_))));
    }

    function _deployConsumer(address implementation_) private returns (address) {
        return _deployProxy(implementation_, abi.encodeCall(IParameterConsumer.initialize, ()));
    }

    function _deployProxy(address implementation_, bytes memory initializeCallData_) private returns (address) {
        return _factory.deployProxy(bytes32(++_salt), implementation_, initializeCallData_);
    }
}
