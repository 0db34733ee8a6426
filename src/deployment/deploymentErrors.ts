import type { LibraryErrorEntry } from "../errors/libraryErrors.ts";

/** Everything that keeps a deployment from starting or finishing. `docs/errors.md` is generated from this table. */
export const DEPLOYMENT_ERRORS = {
  INVALID_PARAMETERS: {
    meaning:
      "The parameters of a network hold an unknown key, or a value that cannot be right. Nothing was sent.",
    hint: "correct the file; deploy/parameters/devnet.json5 explains every key",
    retryable: false,
  },
  ARTIFACTS_MISSING: {
    meaning: "The contracts are not compiled. Nothing was sent.",
    hint: "build the contracts: npm run build",
    retryable: false,
  },
  DEPLOYER_UNAVAILABLE: {
    meaning: "Nobody can sign for the deployer. Nothing was sent.",
    hint: "use the private key of that account, or an RPC endpoint that holds it unlocked",
    retryable: false,
  },
  DEPLOYER_MISMATCH: {
    meaning: "The parameters name another deployer than the one who signs. Nothing was sent.",
    hint: "sign with the deployer that the parameters name, or correct the parameters",
    retryable: false,
  },
  DEPLOYER_POOR: {
    meaning: "The deployer may not be able to pay for the deployment. Nothing was sent.",
    hint: "send native tokens of that chain to the deployer, then run again",
    retryable: true,
  },
  DEPLOYER_BUSY: {
    meaning: "Earlier transactions of the deployer are not mined, after two minutes.",
    hint: "wait until its transactions are mined, or replace them, then run again",
    retryable: true,
  },
  NOT_ADMIN: {
    meaning:
      "Parameters are to be written, and who writes them is no admin of their registry: the deployer, or the appchain's gateway. Nothing was sent.",
    hint: "run with an account that administers the registry, or name the deployer, or the gateway, among the admins",
    retryable: false,
  },
  BRIDGE_UNFIT: {
    meaning:
      "The contracts that appchain.bridge names do not belong together, or to this appchain and its fee token. Nothing was sent.",
    hint: "correct appchain.bridge; all four addresses come from the same createRollup, whose native token is the fee token",
    retryable: false,
  },
  DEPLOYER_LACKS_TOKENS: {
    meaning:
      "The deployer has too few fee tokens and underlying tokens to pay for gas and parameters on the appchain. Nothing was sent.",
    hint: "send underlying tokens to the deployer on the settlement chain, then run again",
    retryable: true,
  },
  PUSH_FAILED: {
    meaning:
      "The parameters reached the appchain and were not set there: the ticket failed, or was cancelled. It can be redeemed for a week.",
    hint: "run again: a new ticket is sent with gas at the price of now; nonces keep the old one from undoing it",
    retryable: true,
  },
  MESSAGE_LATE: {
    meaning: "What was sent over the bridge has not arrived on the appchain in time.",
    hint: "see whether the appchain's sequencer works; run again once it has arrived",
    retryable: true,
  },
  TOO_MANY_CANONICAL_NODES: {
    meaning:
      "The configured limit is below the number of nodes that are canonical now. Nothing was sent.",
    hint: "raise maxCanonicalNodes, or remove nodes from the network first",
    retryable: false,
  },
  UNDERLYING_TOKEN_UNFIT: {
    meaning:
      "The token that the fee token is to wrap is no contract of this chain, or has not 6 decimals. Nothing was sent.",
    hint: 'correct underlyingToken; on a test network "mock" deploys one',
    retryable: false,
  },
  RATES_START_PASSED: {
    meaning:
      "New prices are to hold from a time that is not after the start of the last ones in the list. Nothing was sent.",
    hint: 'set ratesInEffectAfter to a later time, or to "deployment"',
    retryable: false,
  },
  DETERMINISTIC_DEPLOYER_REFUSED: {
    meaning:
      "A chain lacks the public deterministic deployer and refuses its transaction, which has no chain id and pays 100 gwei per gas.",
    hint: "ask the chain's operator to deploy 0x4e59b44847b379578588920cA78FbF26c0B4956C, then run again",
    retryable: false,
  },
  DEPLOYMENT_BLOCK_UNKNOWN: {
    meaning:
      "Everything is deployed, but the node has forgotten the states among which the deployment block is found.",
    hint: "use a node that keeps old states, or keep the address book of the first run where it was",
    retryable: false,
  },
  DEPLOY_INTERRUPTED: {
    meaning: "A deployment stopped on the way. What was sent stays.",
    hint: "run again: what is on the chain is found there, and only the rest is sent",
    retryable: true,
  },
} as const satisfies Record<string, LibraryErrorEntry>;

export type DeploymentErrorCode = keyof typeof DEPLOYMENT_ERRORS;
