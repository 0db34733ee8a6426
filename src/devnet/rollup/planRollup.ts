import {
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  keccak256,
  stringToHex,
  zeroAddress,
  zeroHash,
  type AbiFunction,
  type Address,
  type Hex,
} from "viem";

import { readNitroArtifacts, type NitroArtifactName } from "./nitroArtifacts.ts";

/** Bytes of a message in either direction, with its header; that of an Orbit chain whose parent is an L2. */
export const MAX_DATA_SIZE = 104_857n;
/** Blocks of the settlement chain until an assertion can be confirmed without the fast confirmer. */
const CONFIRM_PERIOD_BLOCKS = 20n;
/** Units of the fee token; only an assertion that is not confirmed at once needs it. */
export const BASE_STAKE = 1n;

const NAMES = [
  "Reader4844",
  "Bridge",
  "ERC20Bridge",
  "SequencerInbox",
  "Inbox",
  "ERC20Inbox",
  "RollupEventInbox",
  "ERC20RollupEventInbox",
  "Outbox",
  "ERC20Outbox",
  "BridgeCreator",
  "OneStepProver0",
  "OneStepProverMemory",
  "OneStepProverMath",
  "OneStepProverHostIo",
  "OneStepProofEntry",
  "EdgeChallengeManager",
  "RollupAdminLogic",
  "RollupUserLogic",
  "UpgradeExecutor",
  "ValidatorWalletCreator",
  "DeployHelper",
  "RollupCreator",
  "RollupProxy",
  "TransparentUpgradeableProxy",
] as const satisfies readonly NitroArtifactName[];

/** Where the contracts of one rollup are, all on the settlement chain. */
export interface RollupContracts {
  readonly rollup: Address;
  readonly bridge: Address;
  readonly inbox: Address;
  readonly outbox: Address;
  readonly sequencerInbox: Address;
  readonly rollupEventInbox: Address;
  readonly challengeManager: Address;
  readonly upgradeExecutor: Address;
  readonly proxyAdmin: Address;
  readonly rollupCreator: Address;
}

export interface PlanRollupParameters {
  /** Its first nonces make the addresses, so it must have sent nothing else. */
  readonly creator: Address;
  /** Posts batches. */
  readonly sequencer: Address;
  /** Asserts, and confirms without stake or delay. */
  readonly validator: Address;
  /** Native token of the appchain, and the token of stakes. */
  readonly feeToken: Address;
  readonly appchainId: number;
}

export interface RollupPlan {
  /** In the order of the creator's nonces; the last one creates the rollup. */
  readonly transactions: readonly { readonly to?: Address; readonly data: Hex }[];
  readonly contracts: RollupContracts;
}

/** All transactions that make a rollup, and where its contracts will be, before anything is sent. */
export async function planRollup({
  creator,
  sequencer,
  validator,
  feeToken,
  appchainId,
}: PlanRollupParameters): Promise<RollupPlan> {
  const artifacts = await readNitroArtifacts(NAMES);
  const transactions: { readonly to?: Address; readonly data: Hex }[] = [];
  const deploy = (name: (typeof NAMES)[number], ...args: unknown[]): Address => {
    const nonce = BigInt(transactions.length);
    transactions.push({ data: encodeDeployData({ ...artifacts[name], args }) });
    return getContractAddress({ from: creator, nonce });
  };

  const reader = deploy("Reader4844");
  // The creator insists on both kinds of bridge, and on both kinds of sequencer inbox in each.
  const etherTemplates = {
    bridge: deploy("Bridge"),
    sequencerInbox: deploy("SequencerInbox", MAX_DATA_SIZE, reader, false, false),
    delayBufferableSequencerInbox: deploy("SequencerInbox", MAX_DATA_SIZE, reader, false, true),
    inbox: deploy("Inbox", MAX_DATA_SIZE),
    rollupEventInbox: deploy("RollupEventInbox"),
    outbox: deploy("Outbox"),
  };
  const tokenTemplates = {
    bridge: deploy("ERC20Bridge"),
    sequencerInbox: deploy("SequencerInbox", MAX_DATA_SIZE, reader, true, false),
    delayBufferableSequencerInbox: deploy("SequencerInbox", MAX_DATA_SIZE, reader, true, true),
    inbox: deploy("ERC20Inbox", MAX_DATA_SIZE),
    rollupEventInbox: deploy("ERC20RollupEventInbox"),
    outbox: deploy("ERC20Outbox"),
  };
  const bridgeCreator = deploy("BridgeCreator", etherTemplates, tokenTemplates);
  const oneStepProver = deploy(
    "OneStepProofEntry",
    deploy("OneStepProver0"),
    deploy("OneStepProverMemory"),
    deploy("OneStepProverMath"),
    deploy("OneStepProverHostIo", zeroAddress),
  );
  const challengeManagerTemplate = deploy("EdgeChallengeManager");
  const upgradeExecutorTemplate = deploy("UpgradeExecutor");
  const rollupCreator = deploy(
    "RollupCreator",
    creator,
    bridgeCreator,
    oneStepProver,
    challengeManagerTemplate,
    deploy("RollupAdminLogic"),
    deploy("RollupUserLogic"),
    upgradeExecutorTemplate,
    deploy("ValidatorWalletCreator"),
    deploy("DeployHelper"),
  );

  const maxTimeVariation = {
    delayBlocks: 43_200n,
    futureBlocks: 1_800n,
    delaySeconds: 86_400n,
    futureSeconds: 3_600n,
  };
  // No delay buffer: batches may be as late as they like.
  const bufferConfig = { threshold: 0n, max: 0n, replenishRateInBasis: 0n };
  const deployment = {
    config: {
      confirmPeriodBlocks: CONFIRM_PERIOD_BLOCKS,
      stakeToken: feeToken,
      baseStake: BASE_STAKE,
      // Names the program that a dispute would run. There is none: nobody disputes what the devnet asserts.
      wasmModuleRoot: keccak256(stringToHex("xmtp devnet")),
      owner: creator,
      loserStakeEscrow: creator,
      chainId: BigInt(appchainId),
      chainConfig: chainConfig(appchainId, creator),
      minimumAssertionPeriod: 0n,
      validatorAfkBlocks: 0n,
      miniStakeValues: [1n, 1n, 1n],
      sequencerInboxMaxTimeVariation: maxTimeVariation,
      layerZeroBlockEdgeHeight: 2n ** 26n,
      layerZeroBigStepEdgeHeight: 2n ** 19n,
      layerZeroSmallStepEdgeHeight: 2n ** 23n,
      genesisAssertionState: {
        globalState: { bytes32Vals: [zeroHash, zeroHash], u64Vals: [0n, 0n] },
        machineStatus: 1,
        endHistoryRoot: zeroHash,
      },
      genesisInboxCount: 0n,
      anyTrustFastConfirmer: validator,
      numBigStepLevel: 1,
      challengeGracePeriodBlocks: 10n,
      bufferConfig,
      dataCostEstimate: 0n,
    },
    validators: [validator],
    maxDataSize: MAX_DATA_SIZE,
    nativeToken: feeToken,
    // It would queue four tickets, for factories that the deployment brings along itself.
    deployFactoriesToL2: false,
    maxFeePerGasForRetryables: 0n,
    batchPosters: [sequencer],
    batchPosterManager: zeroAddress,
    feeTokenPricer: zeroAddress,
    customOsp: zeroAddress,
  };
  transactions.push({
    to: rollupCreator,
    data: encodeFunctionData({
      abi: artifacts.RollupCreator.abi,
      functionName: "createRollup",
      args: [deployment],
    }),
  });

  const { inputs } = artifacts.RollupCreator.abi.find(
    (item): item is AbiFunction => item.type === "function" && item.name === "createRollup",
  )!;
  const createdBy = (nonce: bigint) => getContractAddress({ from: rollupCreator, nonce });
  const proxyAdmin = createdBy(1n);
  const rollup = getContractAddress({
    opcode: "CREATE2",
    from: rollupCreator,
    salt: keccak256(encodeAbiParameters(inputs, [deployment])),
    bytecode: artifacts.RollupProxy.bytecode,
  });
  const createBridge = encodeFunctionData({
    abi: artifacts.BridgeCreator.abi,
    functionName: "createBridge",
    args: [proxyAdmin, rollup, feeToken, maxTimeVariation, bufferConfig, zeroAddress],
  });
  const salt = keccak256(
    encodeAbiParameters([{ type: "bytes" }, { type: "address" }], [createBridge, rollupCreator]),
  );
  const proxyOf = (template: Address): Address =>
    getContractAddress({
      opcode: "CREATE2",
      from: bridgeCreator,
      salt,
      bytecode: encodeDeployData({
        ...artifacts.TransparentUpgradeableProxy,
        args: [template, proxyAdmin, "0x"],
      }),
    });

  return {
    transactions,
    contracts: {
      rollup,
      bridge: proxyOf(tokenTemplates.bridge),
      inbox: proxyOf(tokenTemplates.inbox),
      outbox: proxyOf(tokenTemplates.outbox),
      sequencerInbox: proxyOf(tokenTemplates.sequencerInbox),
      rollupEventInbox: proxyOf(tokenTemplates.rollupEventInbox),
      challengeManager: createdBy(3n),
      upgradeExecutor: createdBy(4n),
      proxyAdmin,
      rollupCreator,
    },
  };
}

/** What a node of the appchain would start from; becomes the first message of the bridge. */
function chainConfig(chainId: number, owner: Address): string {
  return JSON.stringify({
    chainId,
    homesteadBlock: 0,
    daoForkBlock: null,
    daoForkSupport: true,
    eip150Block: 0,
    eip150Hash: zeroHash,
    eip155Block: 0,
    eip158Block: 0,
    byzantiumBlock: 0,
    constantinopleBlock: 0,
    petersburgBlock: 0,
    istanbulBlock: 0,
    muirGlacierBlock: 0,
    berlinBlock: 0,
    londonBlock: 0,
    clique: { period: 0, epoch: 0 },
    arbitrum: {
      EnableArbOS: true,
      AllowDebugPrecompiles: false,
      DataAvailabilityCommittee: false,
      InitialArbOSVersion: 40,
      InitialChainOwner: owner,
      GenesisBlockNum: 0,
    },
  });
}
