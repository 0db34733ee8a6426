import { parseAbi } from "viem";

/**
 * What is called of an Orbit chain, here and on the settlement chain: the contracts of Arbitrum's bridge, as far as this
 * library needs them. They are the same on every Orbit chain.
 */
export const inboxAbi = parseAbi([
  "event InboxMessageDelivered(uint256 indexed messageNum, bytes data)",
  "function bridge() view returns (address)",
]);

export const bridgeAbi = parseAbi([
  "event MessageDelivered(uint256 indexed messageIndex, bytes32 indexed beforeInboxAcc, address inbox, uint8 kind, address sender, bytes32 messageDataHash, uint256 baseFeeL1, uint64 timestamp)",
  "function rollup() view returns (address)",
]);

export const rollupAbi = parseAbi([
  "struct GlobalState { bytes32[2] bytes32Vals; uint64[2] u64Vals; }",
  "struct AssertionState { GlobalState globalState; uint8 machineStatus; bytes32 endHistoryRoot; }",
  "struct ConfigData { bytes32 wasmModuleRoot; uint256 requiredStake; address challengeManager; uint64 confirmPeriodBlocks; uint64 nextInboxPosition; }",
  "struct BeforeStateData { bytes32 prevPrevAssertionHash; bytes32 sequencerBatchAcc; ConfigData configData; }",
  "struct AssertionInputs { BeforeStateData beforeStateData; AssertionState beforeState; AssertionState afterState; }",
  "event AssertionCreated(bytes32 indexed assertionHash, bytes32 indexed parentAssertionHash, AssertionInputs assertion, bytes32 afterInboxBatchAcc, uint256 inboxMaxCount, bytes32 wasmModuleRoot, uint256 requiredStake, address challengeManager, uint64 confirmPeriodBlocks)",
  "function chainId() view returns (uint256)",
  "function outbox() view returns (address)",
  "function latestConfirmed() view returns (bytes32)",
  "function getAssertionCreationBlockForLogLookup(bytes32 assertionHash) view returns (uint256)",
]);

export const outboxAbi = parseAbi([
  "function isSpent(uint256 index) view returns (bool)",
  "function executeTransaction(bytes32[] proof, uint256 index, address l2Sender, address to, uint256 l2Block, uint256 l1Block, uint256 l2Timestamp, uint256 value, bytes data)",
  "event OutBoxTransactionExecuted(address indexed to, address indexed l2Sender, uint256 indexed zero, uint256 transactionIndex)",
]);

export const arbSysAbi = parseAbi([
  "event L2ToL1Tx(address caller, address indexed destination, uint256 indexed hash, uint256 indexed position, uint256 arbBlockNum, uint256 ethBlockNum, uint256 timestamp, uint256 callvalue, bytes data)",
]);

export const arbRetryableTxAbi = parseAbi([
  "function redeem(bytes32 ticketId) returns (bytes32)",
  "function cancel(bytes32 ticketId)",
  "function keepalive(bytes32 ticketId) returns (uint256)",
  "function getTimeout(bytes32 ticketId) view returns (uint256)",
  "function getBeneficiary(bytes32 ticketId) view returns (address)",
  "event RedeemScheduled(bytes32 indexed ticketId, bytes32 indexed retryTxHash, uint64 indexed sequenceNum, uint64 donatedGas, address gasDonor, uint256 maxRefund, uint256 submissionFeeRefund)",
  "event LifetimeExtended(bytes32 indexed ticketId, uint256 newTimeout)",
  "event Canceled(bytes32 indexed ticketId)",
]);

export const nodeInterfaceAbi = parseAbi([
  "function constructOutboxProof(uint64 size, uint64 leaf) view returns (bytes32 send, bytes32 root, bytes32[] proof)",
]);

/** What those contracts refuse calls of this library with. */
export const orbitErrorsAbi = parseAbi([
  "error AlreadySpent(uint256 index)",
  "error BridgeCallFailed()",
  "error DataTooLarge(uint256 dataLength, uint256 maxDataLength)",
  "error GasLimitTooLarge()",
  "error NoTicketWithID()",
  "error RetryableData(address from, address to, uint256 l2CallValue, uint256 deposit, uint256 maxSubmissionCost, address excessFeeRefundAddress, address callValueRefundAddress, uint256 gasLimit, uint256 maxFeePerGas, bytes data)",
  "error UnknownRoot(bytes32 root)",
]);

/** Where every Orbit chain has these. */
export const ARB_SYS = "0x0000000000000000000000000000000000000064";
export const ARB_RETRYABLE_TX = "0x000000000000000000000000000000000000006E";
export const NODE_INTERFACE = "0x00000000000000000000000000000000000000C8";
