import { randomBytes } from "node:crypto";

import { bytesToHex, type LocalAccount } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

import type { Chain } from "../../src/chain/connectChain.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import { watchNodes, type NodeWatch } from "../../src/nodes/watchNodes.ts";
import { addNode, addToNetwork } from "../../src/nodes/writeNodes.ts";
import { createPublisher } from "../../src/publisher/createPublisher.ts";
import type { Published } from "../../src/publisher/decodePublished.ts";
import { createInboxUpdate } from "./createInboxUpdate.ts";
import type { OperatedNode } from "./paymentJob.ts";

const GROUP_COUNT = 2;
const MESSAGES_PER_GROUP = 5;
/** Bytes. Random ones stand for what clients encrypt; nobody looks inside. */
const PAYLOAD_SIZE = 200;

export interface MainJob {
  /** The view that node software has of the network, live. */
  readonly nodes: NodeWatch;
  readonly operated: readonly OperatedNode[];
  readonly identityUpdates: readonly Published[];
  readonly groupMessages: readonly Published[];
}

/**
 * What the network is for, once: registers and admits nodes, creates inboxes, publishes commits of groups. The caller
 * must stop `nodes`.
 */
export async function runMainJob({
  settlement,
  appchain,
  addresses,
  admin,
  owners,
  payer,
  say,
}: {
  readonly settlement: Chain;
  readonly appchain: Chain;
  readonly addresses: AddressBook;
  /** Admin of the node registry. */
  readonly admin: LocalAccount;
  /** One for each node. */
  readonly owners: readonly LocalAccount[];
  /** Pays for publishing. */
  readonly payer: LocalAccount;
  readonly say: (line: string) => void;
}): Promise<MainJob> {
  const registry = { chain: settlement, address: addresses.nodeRegistry };
  const nodes = await watchNodes({ ...registry, pollIntervalMs: 1_000 });
  const publisher = await createPublisher({ chain: appchain, account: payer, addresses });

  try {
    const operated: OperatedNode[] = [];
    let newestBlock = 0n;
    for (const [index, owner] of owners.entries()) {
      const signer = privateKeyToAccount(generatePrivateKey());
      const { nodeId } = await addNode({
        ...registry,
        account: admin,
        owner: owner.address,
        signingPublicKey: signer.publicKey,
        httpAddress: `http://127.0.0.1:${5050 + index}`,
      });
      const { blockNumber } = await addToNetwork({ ...registry, account: admin, nodeId });
      operated.push({ nodeId, owner, signer });
      newestBlock = blockNumber;
      say(`node ${nodeId} registered and admitted`);
    }
    await nodes.reaches(Number(newestBlock));
    say(`node software sees ${nodes.nodes().length} canonical nodes`);

    const updates = await Promise.all(owners.map(createInboxUpdate));
    const identityUpdates = await Promise.all(
      updates.map((update) => publisher.publishIdentityUpdate(update)),
    );
    say(`${identityUpdates.length} inboxes created, identity updates ${range(identityUpdates)}`);

    const groupIds = Array.from({ length: GROUP_COUNT }, () => random(16));
    const groupMessages = await Promise.all(
      Array.from({ length: MESSAGES_PER_GROUP }).flatMap(() =>
        groupIds.map((groupId) =>
          publisher.publishGroupMessage({ groupId, payload: random(PAYLOAD_SIZE) }),
        ),
      ),
    );
    say(`${groupMessages.length} group messages published, ids ${range(groupMessages)}`);

    return { nodes, operated, identityUpdates, groupMessages };
  } catch (error) {
    nodes.stop();
    throw error;
  } finally {
    await publisher.close();
  }
}

function random(length: number): `0x${string}` {
  return bytesToHex(randomBytes(length));
}

/** First and last sequence id, and how many transactions carried them. */
function range(published: readonly Published[]): string {
  const transactions = new Set(published.map(({ transactionHash }) => transactionHash)).size;

  return `${published[0]?.sequenceId} to ${published.at(-1)?.sequenceId} in ${transactions} transaction${transactions === 1 ? "" : "s"}`;
}
