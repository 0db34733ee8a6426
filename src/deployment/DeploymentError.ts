import { XmtpError } from "../errors/XmtpError.ts";

/** The hint of each thing that keeps a deployment from starting or finishing. */
const HINTS = {
  INVALID_PARAMETERS: "correct the file; deploy/parameters/devnet.json5 explains every key",
  ARTIFACTS_MISSING: "build the contracts: npm run build",
  DEPLOYER_UNAVAILABLE:
    "use the private key of that account, or an RPC endpoint that holds it unlocked",
  DEPLOYER_MISMATCH: "sign with the deployer that the parameters name, or correct the parameters",
  DEPLOYER_BUSY: "wait until its transactions are mined, or replace them, then run again",
  DEPLOYER_POOR: "send native tokens of that chain to the deployer, then run again",
  NOT_ADMIN:
    "run with an account that administers the registry, or name the deployer among the admins",
  TOO_MANY_CANONICAL_NODES: "raise maxCanonicalNodes, or remove nodes from the network first",
  DETERMINISTIC_DEPLOYER_REFUSED:
    "ask the chain's operator to deploy 0x4e59b44847b379578588920cA78FbF26c0B4956C, then run again",
  DEPLOY_INTERRUPTED: "run again: what is on the chain is found there, and only the rest is sent",
} as const;

export type DeploymentErrorCode = keyof typeof HINTS;

const RETRYABLE: readonly DeploymentErrorCode[] = ["DEPLOYER_BUSY", "DEPLOY_INTERRUPTED"];

/** A network cannot be brought to its configured state. */
export class DeploymentError extends XmtpError {
  override readonly name = "DeploymentError";

  constructor(code: DeploymentErrorCode, message: string, cause?: unknown) {
    super({ code, message, hint: HINTS[code], retryable: RETRYABLE.includes(code), cause });
  }
}
