import { parseAbi } from "viem";

import { rollupAbi as readRollupAbi } from "../../bridge/orbitAbi.ts";

/** What running a rollup takes besides what users of one read. */
export const rollupAbi = [
  ...readRollupAbi,
  ...parseAbi([
    "struct GlobalState { bytes32[2] bytes32Vals; uint64[2] u64Vals; }",
    "struct AssertionState { GlobalState globalState; uint8 machineStatus; bytes32 endHistoryRoot; }",
    "struct ConfigData { bytes32 wasmModuleRoot; uint256 requiredStake; address challengeManager; uint64 confirmPeriodBlocks; uint64 nextInboxPosition; }",
    "struct BeforeStateData { bytes32 prevPrevAssertionHash; bytes32 sequencerBatchAcc; ConfigData configData; }",
    "struct AssertionInputs { BeforeStateData beforeStateData; AssertionState beforeState; AssertionState afterState; }",
    "struct AssertionNode { uint64 firstChildBlock; uint64 secondChildBlock; uint64 createdAtBlock; bool isFirstChild; uint8 status; bytes32 configHash; }",
    "function getAssertion(bytes32 assertionHash) view returns (AssertionNode)",
    "function fastConfirmNewAssertion(AssertionInputs assertion, bytes32 expectedAssertionHash)",
    "function newStakeOnNewAssertion(uint256 tokenAmount, AssertionInputs assertion, bytes32 expectedAssertionHash, address withdrawalAddress)",
    "function stakeOnNewAssertion(AssertionInputs assertion, bytes32 expectedAssertionHash)",
    "function confirmAssertion(bytes32 assertionHash, bytes32 prevAssertionHash, AssertionState confirmState, bytes32 winningEdgeId, ConfigData prevConfig, bytes32 inboxAcc)",
    "function isStaked(address staker) view returns (bool)",
    "function anyTrustFastConfirmer() view returns (address)",
  ]),
] as const;

export const bridgeAbi = parseAbi([
  "function nativeToken() view returns (address)",
  "function nativeTokenDecimals() view returns (uint8)",
  "function delayedMessageCount() view returns (uint256)",
  "function sequencerMessageCount() view returns (uint256)",
  "function sequencerInboxAccs(uint256 index) view returns (bytes32)",
]);

export const sequencerInboxAbi = parseAbi([
  "event SequencerBatchData(uint256 indexed batchSequenceNumber, bytes data)",
  "function addSequencerL2Batch(uint256 sequenceNumber, bytes data, uint256 afterDelayedMessagesRead, address gasRefunder, uint256 prevMessageCount, uint256 newMessageCount)",
  "function isBatchPoster(address account) view returns (bool)",
  "function totalDelayedMessagesRead() view returns (uint256)",
]);
