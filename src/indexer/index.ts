/** The entry `xmtp-appchain/indexer`: everything that is exported here is its interface, and nothing else is. */
export {
  startIndexer,
  type Indexer,
  type IndexerEvent,
  type StartIndexerParameters,
} from "./startIndexer.ts";
export type { ChainConfig, IndexerConfig } from "./config.ts";
export type { IndexingEvent } from "./runIndexing.ts";
export type { ChainName } from "./chain/contracts.ts";
export { createIndexerMetrics } from "./createIndexerMetrics.ts";
export { resetIndex } from "./resetIndex.ts";
export { verifyIndex, type VerifyIndexParameters } from "./verifyIndex.ts";
export type { Comparison, Difference, VerifiedTable } from "./store/compareTable.ts";
export {
  openDatabase,
  type Database,
  type DatabaseLocation,
  type Queries,
  type Row,
  type Transaction,
  type TransactionOptions,
} from "./database/database.ts";
export { migrate } from "./database/migrate.ts";

export { formatCursor, parseCursorText } from "../events/cursorText.ts";

export { followIndex, type FollowIndexParameters } from "./read/followIndex.ts";
export { sharePages, type PageReader } from "./read/sharePages.ts";
export { watchIndex, type IndexWatch } from "./read/watchIndex.ts";
export {
  MAX_PAGE_EVENTS,
  readEventPage,
  type EventPage,
  type EventQuery,
  type Finality,
  type ReadEventPageParameters,
} from "./read/readEventPage.ts";
export type { EventFilter } from "./read/eventFilter.ts";
export type { Reorg } from "./read/resolveCursor.ts";
export type {
  BridgeEvent,
  ContractUpgradedEvent,
  EventFields,
  EventKind,
  IndexedEvent,
  NodeTransferredEvent,
  OtherContractEvent,
  ParameterSetEvent,
} from "./read/indexedEvents.ts";
export { readPayload, type PayloadEvent } from "./read/readPayload.ts";
export { findInbox, findInboxes, MAX_ADDRESSES, type FoundInbox } from "./read/findInboxes.ts";
export { readInbox, type Inbox, type InboxMember, type RefusedUpdate } from "./read/readInbox.ts";
export {
  readIdentityUpdate,
  readIdentityUpdates,
  type JudgedUpdate,
  type Outcome,
  type Verdict,
} from "./read/readIdentityUpdates.ts";
export { readPayerAccount, type DaySpend, type PayerAccount } from "./read/readPayerAccount.ts";
export { readIndexedNodes, type IndexedNode } from "./read/readIndexedNodes.ts";
export { readIndexedReports, type IndexedReport } from "./read/readIndexedReports.ts";
export {
  readIndexedRewards,
  type RewardBalance,
  type RewardEntry,
  type RewardKind,
} from "./read/readIndexedRewards.ts";
export { readIndexedRates } from "./read/readIndexedRates.ts";
export { readIndexedParameters, type IndexedParameter } from "./read/readIndexedParameters.ts";
export {
  readBridgeMessages,
  type BridgeMessage,
  type BridgeMessageKind,
  type BridgeSide,
} from "./read/readBridgeMessages.ts";
export {
  readStatus,
  type ChainStatus,
  type IndexStatus,
  type ProjectionStatus,
} from "./read/readStatus.ts";
export { startApi, type RunningApi, type StartApiParameters } from "./api/startApi.ts";

export { evaluateUpdate, type Undecided } from "./identity/evaluateUpdate.ts";
export { inboxIdOf } from "./identity/inboxIdOf.ts";
export { signatureText } from "./identity/signatureText.ts";
export type { Acceptance } from "./identity/applyVerified.ts";
export type { Rejection } from "./identity/RejectedUpdate.ts";
export type {
  ContractWalletAnswer,
  ContractWalletRequest,
  ContractWalletVerifier,
} from "./identity/signatures/contractWallet.ts";
export type {
  Identifier,
  IdentityAction,
  IdentityErrorName,
  IdentityFlag,
  InboxState,
  Member,
} from "./identity/types.ts";
