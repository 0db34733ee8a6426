// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Initializable } from "@openzeppelin/contracts-upgradeable/proxy/utils/Initializable.sol";
import { ERC20Upgradeable } from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";
import { ERC721Upgradeable } from "@openzeppelin/contracts-upgradeable/token/ERC721/ERC721Upgradeable.sol";
import { NoncesUpgradeable } from "@openzeppelin/contracts-upgradeable/utils/NoncesUpgradeable.sol";

import { AppchainGateway } from "../../../contracts/appchain/AppchainGateway.sol";
import { ParameterRegistry } from "../../../contracts/common/ParameterRegistry.sol";
import { PayloadLog } from "../../../contracts/common/PayloadLog.sol";
import { Nodes } from "../../../contracts/settlement/Nodes.sol";
import { PayerReports } from "../../../contracts/settlement/PayerReports.sol";
import { Payers } from "../../../contracts/settlement/Payers.sol";
import { Rates } from "../../../contracts/settlement/Rates.sol";
import { Rewards } from "../../../contracts/settlement/Rewards.sol";
import { SettlementGateway } from "../../../contracts/settlement/SettlementGateway.sol";

/**
 * @title Declares every namespaced (ERC-7201) storage struct, for `snapshots/storage.json`.
 * @dev   The compiler's layout shows the variables of a contract, and such structs are never variables of theirs.
 */
contract StorageLayouts {
    AppchainGateway.AppchainGatewayStorage internal _appchainGateway;
    ERC20Upgradeable.ERC20Storage internal _erc20;
    ERC721Upgradeable.ERC721Storage internal _erc721;
    Initializable.InitializableStorage internal _initializable;
    Nodes.NodesStorage internal _nodes;
    NoncesUpgradeable.NoncesStorage internal _nonces;
    ParameterRegistry.ParameterRegistryStorage internal _parameterRegistry;
    PayerReports.PayerReportsStorage internal _payerReports;
    Payers.PayersStorage internal _payers;
    PayloadLog.PayloadLogStorage internal _payloadLog;
    Rates.RatesStorage internal _rates;
    Rewards.RewardsStorage internal _rewards;
    SettlementGateway.SettlementGatewayStorage internal _settlementGateway;
}
