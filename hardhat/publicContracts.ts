/**
 * The contracts whose ABIs the library exports. Interfaces and bases are left out: whatever they declare, one of these
 * carries.
 */
export const PUBLIC_CONTRACTS: readonly string[] = [
  "AppchainGateway",
  "AppchainParameters",
  "DepositSplitter",
  "FeeToken",
  "GroupMessages",
  "IdentityUpdates",
  "MigratableProxy",
  "Migrator",
  "MockUnderlyingFeeToken",
  "Nodes",
  "PayerReports",
  "Payers",
  "ProxyFactory",
  "Rates",
  "Rewards",
  "SettlementGateway",
  "SettlementParameters",
];
