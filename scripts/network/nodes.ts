import { Command } from "commander";
import type { LocalAccount } from "viem";
import { z } from "zod";

import type { Chain } from "../../src/chain/connectChain.ts";
import type { Node } from "../../src/nodes/readNodes.ts";
import { createCommand, groupCommands } from "./command.ts";
import { optionHelp } from "./options.ts";
import { renderTable, type Output } from "./output.ts";
import {
  openSettlement,
  READ,
  WRITE,
  writeSettlement,
  type ReadSettings,
  type WriteSettings,
} from "./writeChain.ts";

export function nodesCommand(): Command {
  const group = new Command("nodes").description("the registry of nodes on the settlement chain");

  return groupCommands(group, [list(), get(), add(), admit(), remove(), changeHttpAddress()]);
}

function list(): Command {
  return createCommand({
    usage: "list",
    description: "list the registered nodes",
    shape: {
      ...READ,
      canonical: z
        .boolean()
        .default(false)
        .register(optionHelp, { help: "only the nodes that are part of the network" }),
    },
    run: async ({ options, output }) => {
      const { readNodes } = await import("../../src/nodes/readNodes.ts");
      const { chain, address } = await connectRegistry(options);
      const nodes = await readNodes({ chain, address, canonicalOnly: options.canonical });
      const rows = nodes.map(({ nodeId, isCanonical, signer, httpAddress }) => [
        String(nodeId),
        isCanonical ? "canonical" : "-",
        signer,
        httpAddress,
      ]);
      output.result(
        nodes,
        rows.length === 0
          ? "no nodes"
          : renderTable([["node", "network", "signer", "http address"], ...rows]),
      );
    },
  });
}

function get(): Command {
  return createCommand({
    usage: "get <node-id>",
    description: "show one node",
    shape: READ,
    run: async ({ options, args: [nodeId = ""], output }) => {
      const { getNode } = await import("../../src/nodes/readNodes.ts");
      const registry = await connectRegistry(options, nodeId);
      const node = await getNode({ ...registry, nodeId });
      output.result(node, showNode(node));
    },
  });
}

function add(): Command {
  return createCommand({
    usage: "add",
    description: "register a node; `admit` makes it part of the network",
    shape: {
      ...WRITE,
      owner: z
        .string({ error: "is missing" })
        .register(optionHelp, { argument: "<address>", help: "account that will own the node" }),
      signingPublicKey: z.string({ error: "is missing" }).register(optionHelp, {
        argument: "<hex>",
        help: "public key of the node's signer, 65 or 33 bytes",
      }),
      httpAddress: z.string({ error: "is missing" }).register(optionHelp, {
        argument: "<url>",
        help: "where the node is reached, http:// or https://",
      }),
    },
    run: async ({ options, output }) => {
      const { owner, signingPublicKey, httpAddress } = options;
      await checkNode({ owner, signingPublicKey, httpAddress });
      const { addNode } = await import("../../src/nodes/writeNodes.ts");
      await write(options, output, `register the node at ${httpAddress}`, async (target) => {
        const added = await addNode({ ...target, owner, signingPublicKey, httpAddress });
        return { value: added, text: `registered node ${added.nodeId}: ${added.transactionHash}` };
      });
    },
  });
}

function admit(): Command {
  return createCommand({
    usage: "admit <node-id>",
    description: "make a node part of the network",
    shape: WRITE,
    run: async ({ options, args: [nodeId = ""], output }) => {
      await checkNodeId(nodeId);
      const { addToNetwork } = await import("../../src/nodes/writeNodes.ts");
      await write(options, output, `admit node ${nodeId}`, async (target) => {
        const change = await addToNetwork({ ...target, nodeId });
        const text = change.isChanged
          ? `admitted node ${nodeId}: ${change.transactionHash}`
          : `node ${nodeId} was part of the network already`;
        return { value: change, text };
      });
    },
  });
}

function remove(): Command {
  return createCommand({
    usage: "remove <node-id>",
    description: "take a node out of the network; it stays registered",
    shape: WRITE,
    run: async ({ options, args: [nodeId = ""], output }) => {
      await checkNodeId(nodeId);
      const { removeFromNetwork } = await import("../../src/nodes/writeNodes.ts");
      await write(options, output, `remove node ${nodeId} from the network`, async (target) => {
        const change = await removeFromNetwork({ ...target, nodeId });
        const text = change.isChanged
          ? `removed node ${nodeId} from the network: ${change.transactionHash}`
          : `node ${nodeId} was not part of the network`;
        return { value: change, text };
      });
    },
  });
}

function changeHttpAddress(): Command {
  return createCommand({
    usage: "set-http-address <node-id> <url>",
    description: "change the HTTP address of a node; the node's owner signs",
    shape: WRITE,
    run: async ({ options, args: [nodeId = "", httpAddress = ""], output }) => {
      await checkNodeId(nodeId);
      await checkNode({ httpAddress });
      const { setHttpAddress } = await import("../../src/nodes/writeNodes.ts");
      const what = `set the HTTP address of node ${nodeId} to ${httpAddress}`;
      await write(options, output, what, async (target) => {
        const change = await setHttpAddress({ ...target, nodeId, httpAddress });
        return {
          value: change,
          text: `node ${nodeId} is at ${change.httpAddress}: ${change.transactionHash}`,
        };
      });
    },
  });
}

interface Target {
  readonly chain: Chain;
  readonly address: string;
  readonly account: LocalAccount;
}

async function connectRegistry(
  options: ReadSettings,
  nodeId?: string,
): Promise<{ readonly chain: Chain; readonly address: string }> {
  if (nodeId !== undefined) await checkNodeId(nodeId);
  const { chain, addresses } = await openSettlement(options);

  return { chain, address: addresses.nodeRegistry };
}

/** A write to the registry; see `writeSettlement`. */
async function write(
  options: WriteSettings,
  output: Output,
  what: string,
  act: (target: Target) => Promise<{ readonly value: object; readonly text: string }>,
): Promise<void> {
  await writeSettlement({
    options,
    output,
    what,
    act: ({ chain, account, addresses }) =>
      act({ chain, account, address: addresses.nodeRegistry }),
  });
}

/** Before any chain is asked: a typing error should not need a node to be found. */
async function checkNodeId(nodeId: string): Promise<void> {
  const { parseNodeId } = await import("../../src/inputs/parseIds.ts");
  parseNodeId(nodeId);
}

async function checkNode({
  owner,
  signingPublicKey,
  httpAddress,
}: {
  readonly owner?: string;
  readonly signingPublicKey?: string;
  readonly httpAddress: string;
}): Promise<void> {
  const [{ parseAddress }, { parseSigningPublicKey }, { parseHttpAddress }] = await Promise.all([
    import("../../src/inputs/parseAddress.ts"),
    import("../../src/inputs/parseSigningPublicKey.ts"),
    import("../../src/inputs/parseUrl.ts"),
  ]);
  if (owner !== undefined) parseAddress(owner, "owner of the node");
  if (signingPublicKey !== undefined) parseSigningPublicKey(signingPublicKey);
  parseHttpAddress(httpAddress);
}

function showNode({ nodeId, isCanonical, signer, signingPublicKey, httpAddress }: Node): string {
  return renderTable([
    ["node", String(nodeId)],
    ["network", isCanonical ? "canonical" : "not part of it"],
    ["signer", signer],
    ["signing public key", signingPublicKey],
    ["http address", httpAddress],
  ]);
}
