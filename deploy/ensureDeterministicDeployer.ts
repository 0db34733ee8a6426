import { keccak256 } from "viem";

import { DeploymentError } from "../src/deployment/DeploymentError.ts";
import {
  DETERMINISTIC_DEPLOYER,
  DETERMINISTIC_DEPLOYER_COST,
  DETERMINISTIC_DEPLOYER_SENDER,
  DETERMINISTIC_DEPLOYER_TRANSACTION,
} from "../src/deployment/deterministicDeployer.ts";
import type { ChainConnection } from "./chainConnection.ts";

/**
 * Puts the deterministic deployer on a chain that lacks it: funds the sender of its public transaction and sends that.
 *
 * @throws {DeploymentError} `DETERMINISTIC_DEPLOYER_REFUSED` where a chain takes no transaction without chain id, or
 * wants more than the 100 gwei per gas that were signed for
 */
export async function ensureDeterministicDeployer({
  client,
  send,
  waitFor,
}: ChainConnection): Promise<void> {
  const code = await client.getCode({ address: DETERMINISTIC_DEPLOYER });
  if (code !== undefined) return;
  const balance = await client.getBalance({ address: DETERMINISTIC_DEPLOYER_SENDER });
  if (balance < DETERMINISTIC_DEPLOYER_COST) {
    await send({ to: DETERMINISTIC_DEPLOYER_SENDER, value: DETERMINISTIC_DEPLOYER_COST - balance });
  }
  const hash = keccak256(DETERMINISTIC_DEPLOYER_TRANSACTION);
  try {
    await client
      .sendRawTransaction({ serializedTransaction: DETERMINISTIC_DEPLOYER_TRANSACTION })
      .catch(async (error: unknown) => {
        // Everybody sends the same transaction: an interrupted run, or somebody else, may have been first.
        const known = await client.getTransaction({ hash }).catch(() => undefined);
        if (known === undefined) throw error;
      });
    await waitFor(hash);
  } catch (error) {
    throw new DeploymentError(
      "DETERMINISTIC_DEPLOYER_REFUSED",
      "the chain refuses the public transaction that deploys the deterministic deployer",
      error,
    );
  }
}
