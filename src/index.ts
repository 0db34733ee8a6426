/** The public entry: everything that is exported here is the interface of the package, and nothing else is. */
export {
  appchainGatewayAbi,
  appchainParametersAbi,
  depositSplitterAbi,
  feeTokenAbi,
  groupMessagesAbi,
  identityUpdatesAbi,
  migratableProxyAbi,
  migratorAbi,
  nodesAbi,
  payerReportsAbi,
  payersAbi,
  proxyFactoryAbi,
  ratesAbi,
  rewardsAbi,
  settlementGatewayAbi,
  settlementParametersAbi,
} from "./abi/index.ts";

export { XmtpError, type XmtpErrorOptions } from "./errors/XmtpError.ts";
export { ContractError, type ContractErrorOptions } from "./errors/ContractError.ts";
export { CONTRACT_ERRORS, type ContractErrorEntry } from "./errors/contractErrors.ts";
export {
  LIBRARY_ERRORS,
  type LibraryErrorCode,
  type LibraryErrorEntry,
} from "./errors/libraryErrors.ts";
export { decodeError } from "./errors/decodeError.ts";

export { parseAddress } from "./inputs/parseAddress.ts";
export { parseGroupId, parseInboxId, parseNodeId } from "./inputs/parseIds.ts";
export { parsePayload, type PayloadLimits } from "./inputs/parsePayload.ts";
export { parsePrivateKey } from "./inputs/parsePrivateKey.ts";
export { parseSigningPublicKey, signingAddress } from "./inputs/parseSigningPublicKey.ts";
export { parseHttpAddress, parseHttpUrl, parseWebSocketUrl } from "./inputs/parseUrl.ts";

export { connectChain, type Chain, type ConnectChainParameters } from "./chain/connectChain.ts";
export type { TransactParameters } from "./chain/transact.ts";
export type { Change } from "./chain/writeContract.ts";

export { getNode, readNodes, type Node, type ReadNodesParameters } from "./nodes/readNodes.ts";
export {
  watchNodes,
  type NodeChange,
  type NodeWatch,
  type WatchNodesParameters,
} from "./nodes/watchNodes.ts";
export {
  addNode,
  addToNetwork,
  removeFromNetwork,
  setHttpAddress,
  updateAdmin,
  updateMaxCanonicalNodes,
  type AddedNode,
  type WriteNodesParameters,
} from "./nodes/writeNodes.ts";

export { rateAt, type Rates } from "./rates/rateAt.ts";
export { readRates } from "./rates/readRates.ts";
export {
  setRates,
  updateRates,
  type AppendedRates,
  type SetRatesParameters,
} from "./rates/setRates.ts";
export {
  baseFee,
  congestionFee,
  congestionUnits,
  messageFee,
  type BaseFeeParameters,
  type CongestionParameters,
  type MinuteCounts,
} from "./rates/fees.ts";
export { MAX_FEE_PICODOLLARS } from "./rates/picodollars.ts";

export {
  createUsageLedger,
  type CreateUsageLedgerParameters,
  type UsageLedger,
  type UsageMessage,
} from "./reports/createUsageLedger.ts";
export type { UsageSnapshot } from "./reports/usageSnapshot.ts";
export { nextReportRange, type ReportRange, type UsageMinute } from "./reports/nextReportRange.ts";
export {
  buildPayerReport,
  type BuildPayerReportParameters,
  type BuiltPayerReport,
} from "./reports/buildPayerReport.ts";
export type { PayerFee } from "./reports/payerLeaves.ts";
export {
  PAYER_REPORT_TYPEHASH,
  payerReportDigest,
  payerReportDomainSeparator,
  type PayerReport,
  type ReportDomain,
} from "./reports/payerReportDigest.ts";
export { merkleTree, type MerkleTree, type PackedLeaves } from "./reports/merkleTree.ts";
export { findProofFault, verifyProof, type Proof, type ProofFault } from "./reports/verifyProof.ts";
export {
  checkPayerReport,
  type ReportFault,
  type ReportFaultCode,
} from "./reports/checkPayerReport.ts";
export {
  normaliseSignature,
  recoverReportSigner,
  signPayerReport,
} from "./reports/reportSignatures.ts";
export {
  collectSignatures,
  requiredSignatures,
  type CollectedSignatures,
  type NodeSignature,
  type SignatureFault,
} from "./reports/collectSignatures.ts";
export {
  readPayerReport,
  readPayerReports,
  type PayerReportKey,
  type SubmittedPayerReport,
} from "./reports/readPayerReports.ts";
export { findPayerReport } from "./reports/findPayerReport.ts";
export {
  submitPayerReport,
  type SubmitPayerReportParameters,
  type SubmittedReport,
} from "./reports/submitPayerReport.ts";
export {
  settlePayerReport,
  type SettledBatch,
  type SettledReport,
  type SettlePayerReportParameters,
} from "./reports/settlePayerReport.ts";
export { settlementBatches, type SettlementBatch } from "./reports/settlementBatches.ts";
export {
  readReportRewards,
  readRewards,
  type OwedRewards,
  type Reward,
} from "./rewards/readRewards.ts";
export {
  claimProtocolFees,
  claimRewards,
  type ClaimedRewards,
  type ClaimParameters,
} from "./rewards/claimRewards.ts";
export {
  withdrawProtocolFees,
  withdrawRewards,
  type WithdrawParameters,
  type Withdrawn,
} from "./rewards/withdrawRewards.ts";
export {
  settledMicrodollars,
  splitSettledFees,
  type FeeSplit,
} from "./rewards/splitSettledFees.ts";

export { formatDollars, parseDollars } from "./payers/microdollars.ts";
export { fundPayer, type Deposited, type FundPayerParameters } from "./payers/fundPayer.ts";
export {
  splitDeposit,
  type SplitDeposit,
  type SplitDepositParameters,
} from "./payers/splitDeposit.ts";
export type { TokenSource } from "./payers/spendTokens.ts";
export {
  readPayer,
  type PayerStatus,
  type PendingWithdrawal,
  type ReadPayerParameters,
} from "./payers/readPayer.ts";
export {
  readPayerUsage,
  type PayerUsage,
  type ReadPayerUsageParameters,
} from "./payers/readPayerUsage.ts";
export {
  cancelWithdrawal,
  finalizeWithdrawal,
  requestWithdrawal,
  type FinalizedWithdrawal,
  type RequestedWithdrawal,
  type WithdrawalParameters,
} from "./payers/withdrawals.ts";
export {
  unwrapFeeTokens,
  wrapFeeTokens,
  type WrapParameters,
  type Wrapped,
} from "./payers/wrapFeeTokens.ts";
export { mintMockTokens } from "./payers/mintMockTokens.ts";

export {
  quoteDeposit,
  type BridgeGas,
  type BridgeQuote,
  type QuoteDepositParameters,
} from "./bridge/quoteDeposit.ts";
export {
  depositToAppchain,
  type DepositedToAppchain,
  type DepositToAppchainParameters,
} from "./bridge/depositToAppchain.ts";
export { quotePush, type QuotePushParameters } from "./bridge/quotePush.ts";
export {
  pushParameters,
  type PushedParameters,
  type PushParametersParameters,
} from "./bridge/pushParameters.ts";
export { compareParameters, type ComparedParameter } from "./bridge/compareParameters.ts";
export {
  nativeDepositHash,
  ticketId,
  type NativeDeposit,
  type TicketMessage,
} from "./bridge/ticketId.ts";
export {
  readTickets,
  type ReadTicketsParameters,
  type Ticket,
  type TicketStatus,
} from "./bridge/readTickets.ts";
export { waitForTickets } from "./bridge/waitForTickets.ts";
export type { WaitParameters } from "./bridge/pollChain.ts";
export {
  cancelTicket,
  keepTicket,
  redeemTicket,
  type RedeemedTicket,
  type TicketParameters,
} from "./bridge/ticketActions.ts";
export {
  withdrawFromAppchain,
  type WithdrawFromAppchainParameters,
  type WithdrawnFromAppchain,
} from "./bridge/withdrawFromAppchain.ts";
export {
  readWithdrawals,
  type ReadWithdrawalsParameters,
  type Withdrawal,
  type WithdrawalStatus,
} from "./bridge/readWithdrawals.ts";
export { waitForWithdrawals } from "./bridge/waitForWithdrawals.ts";
export {
  claimWithdrawal,
  type ClaimedWithdrawal,
  type ClaimWithdrawalParameters,
} from "./bridge/claimWithdrawal.ts";

export {
  createPublisher,
  type CreatePublisherParameters,
  type GroupMessage,
  type IdentityUpdate,
  type Publisher,
  type PublisherStatus,
  type PublishOptions,
} from "./publisher/createPublisher.ts";
export type { Published } from "./publisher/decodePublished.ts";
export {
  GROUP_MESSAGES_ORIGINATOR,
  IDENTITY_UPDATES_ORIGINATOR,
} from "./publisher/payloadKinds.ts";

export {
  groupMessages,
  identityUpdates,
  nodeChanges,
  type Cursor,
  type EventSource,
  type GroupMessageEvent,
  type IdentityUpdateEvent,
  type NodeChangeEvent,
} from "./events/eventSources.ts";
export {
  escrowChanges,
  payerReportEvents,
  rateChanges,
  rewardEvents,
  usageSettlements,
  type EscrowEvent,
  type PayerReportEvent,
  type RatesUpdatedEvent,
  type RewardEvent,
  type UsageSettledEvent,
} from "./events/moneyEvents.ts";
export { readEvents, type ReadEventsParameters } from "./events/readEvents.ts";
export { followEvents, type Followed, type FollowEventsParameters } from "./events/followEvents.ts";

export {
  adminKey,
  APPCHAIN_ADMIN_PREFIX,
  APPCHAIN_PARAMETER_KEYS,
  inboxKey,
  PARAMETER_TYPES,
  RATE_KEYS,
  SETTLEMENT_ADMIN_PREFIX,
  type ParameterType,
} from "./parameters/parameterKeys.ts";
export {
  decodeParameter,
  encodeParameter,
  type ParameterValue,
} from "./parameters/parameterValues.ts";
export {
  applyUpdates,
  getParameters,
  isParameterAdmin,
  setParameters,
  type AppliedUpdates,
  type ReadParametersParameters,
  type SetParametersParameters,
  type SetParametersResult,
} from "./parameters/parameters.ts";

export { addresses } from "./addresses.ts";
export { parseAddressBook, type AddressBook } from "./deployment/addressBook.ts";
