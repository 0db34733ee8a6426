import { once } from "node:events";

import { Command } from "commander";
import { z } from "zod";

import type { Chain } from "../../src/chain/connectChain.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import type { Cursor, EventSource } from "../../src/events/eventSources.ts";
import type { Followed } from "../../src/events/followEvents.ts";
import { createCommand, groupCommands, type Invocation } from "./command.ts";
import { connectAppchain, connectSettlement } from "./connect.ts";
import { formatCursor, parseFrom } from "../../src/events/cursorText.ts";
import { requireAddressBook } from "./files.ts";
import { parseOriginator } from "./moneyOptions.ts";
import { optionHelp } from "./options.ts";
import { toJson } from "./output.ts";
import { SETTINGS } from "./settings.ts";

interface AnyEvent {
  readonly kind: string;
  readonly transactionHash: string;
  readonly cursor: Required<Cursor>;
}

const { network, deploymentsDir, json } = SETTINGS;
const SHAPE = {
  network,
  deploymentsDir,
  json,
  from: z
    .string()
    .transform((text, context) => {
      const from = parseFrom(text);
      if (from !== undefined) return from;
      context.addIssue("expected a block number, or a cursor as the events carry it");
      return z.NEVER;
    })
    .optional()
    .register(optionHelp, {
      argument: "<block|cursor>",
      help: "first block, or the cursor of the last event seen; default: only what is new",
    }),
  count: z.coerce
    .number({ error: "expected a whole number from 1" })
    .int()
    .min(1)
    .optional()
    .register(optionHelp, { argument: "<events>", help: "end after so many events" }),
  confirmations: z.coerce
    .number({ error: "expected a whole number from 0" })
    .int()
    .min(0)
    .default(0)
    .register(optionHelp, {
      argument: "<blocks>",
      help: "blocks on top of an event before it is shown",
    }),
};
const APPCHAIN_SHAPE = {
  ...SHAPE,
  appchainRpc: SETTINGS.appchainRpc,
  appchainWs: SETTINGS.appchainWs,
};
const SETTLEMENT_SHAPE = {
  ...SHAPE,
  settlementRpc: SETTINGS.settlementRpc,
  settlementWs: SETTINGS.settlementWs,
};
const HELP = `Prints one line per event, in the order of the chain, until Ctrl-C; with --json one line of JSON. Each carries its
cursor: pass the last one to --from to resume. A line "reorg" voids all events from its block on; replacements follow.`;

export function followCommand(): Command {
  const group = new Command("follow").description("print events as they happen");

  return groupCommands(group, [
    groupMessagesCommand(),
    identityUpdatesCommand(),
    nodesCommand(),
    escrowCommand(),
    usageCommand(),
    reportsCommand(),
    rewardsCommand(),
    ratesCommand(),
  ]);
}

function groupMessagesCommand(): Command {
  return createCommand({
    usage: "group-messages [group-id]",
    description: "follow the group messages, of all groups or of one",
    help: HELP,
    shape: APPCHAIN_SHAPE,
    run: async (invocation) => {
      const { groupMessages } = await import("../../src/events/eventSources.ts");
      const [groupId] = invocation.args;
      await follow(invocation, connectAppchain, ({ groupMessageBroadcaster: address }) =>
        groupMessages({ address, ...(groupId !== undefined && { groupId }) }),
      );
    },
  });
}

function identityUpdatesCommand(): Command {
  return createCommand({
    usage: "identity-updates [inbox-id]",
    description: "follow the identity updates, of all inboxes or of one",
    help: HELP,
    shape: APPCHAIN_SHAPE,
    run: async (invocation) => {
      const { identityUpdates } = await import("../../src/events/eventSources.ts");
      const [inboxId] = invocation.args;
      await follow(invocation, connectAppchain, ({ identityUpdateBroadcaster: address }) =>
        identityUpdates({ address, ...(inboxId !== undefined && { inboxId }) }),
      );
    },
  });
}

function nodesCommand(): Command {
  return createCommand({
    usage: "nodes [node-id]",
    description: "follow the changes of the node registry, of all nodes or of one",
    help: HELP,
    shape: SETTLEMENT_SHAPE,
    run: async (invocation) => {
      const { nodeChanges } = await import("../../src/events/eventSources.ts");
      const [nodeId] = invocation.args;
      await follow(invocation, connectSettlement, ({ nodeRegistry: address }) =>
        nodeChanges({ address, ...(nodeId !== undefined && { nodeId }) }),
      );
    },
  });
}

function escrowCommand(): Command {
  return createCommand({
    usage: "escrow [payer]",
    description: "follow deposits into escrow and withdrawals, of all payers or of one",
    help: HELP,
    shape: SETTLEMENT_SHAPE,
    run: async (invocation) => {
      const { escrowChanges } = await import("../../src/events/moneyEvents.ts");
      const [payer] = invocation.args;
      await follow(invocation, connectSettlement, ({ payerRegistry: address }) =>
        escrowChanges({ address, ...(payer !== undefined && { payer }) }),
      );
    },
  });
}

function usageCommand(): Command {
  return createCommand({
    usage: "usage [payer]",
    description: "follow what payers are charged, all of them or one",
    help: HELP,
    shape: SETTLEMENT_SHAPE,
    run: async (invocation) => {
      const { usageSettlements } = await import("../../src/events/moneyEvents.ts");
      const [payer] = invocation.args;
      await follow(invocation, connectSettlement, ({ payerRegistry: address }) =>
        usageSettlements({ address, ...(payer !== undefined && { payer }) }),
      );
    },
  });
}

function reportsCommand(): Command {
  return createCommand({
    usage: "reports [originator]",
    description: "follow submissions and settlements of payer reports, of all nodes or of one",
    help: HELP,
    shape: SETTLEMENT_SHAPE,
    run: async (invocation) => {
      const { payerReportEvents } = await import("../../src/events/moneyEvents.ts");
      const [originator] = invocation.args;
      const filter =
        originator === undefined ? {} : { originatorNodeId: parseOriginator(originator) };
      await follow(invocation, connectSettlement, ({ payerReportManager: address }) =>
        payerReportEvents({ address, ...filter }),
      );
    },
  });
}

function rewardsCommand(): Command {
  return createCommand({
    usage: "rewards [node-id]",
    description: "follow claims and withdrawals of fees: of nodes and protocol, or of one node",
    help: HELP,
    shape: SETTLEMENT_SHAPE,
    run: async (invocation) => {
      const { rewardEvents } = await import("../../src/events/moneyEvents.ts");
      const [nodeId] = invocation.args;
      await follow(invocation, connectSettlement, ({ distributionManager: address }) =>
        rewardEvents({ address, ...(nodeId !== undefined && { nodeId }) }),
      );
    },
  });
}

function ratesCommand(): Command {
  return createCommand({
    usage: "rates",
    description: "follow new entries of the price list",
    help: HELP,
    shape: SETTLEMENT_SHAPE,
    run: async (invocation) => {
      const { rateChanges } = await import("../../src/events/moneyEvents.ts");
      await follow(invocation, connectSettlement, ({ rateRegistry: address }) =>
        rateChanges({ address }),
      );
    },
  });
}

/** Prints events until their count is reached, somebody stops it, or the reader of the output has gone. */
async function follow<Shape extends typeof SHAPE, Event extends AnyEvent>(
  {
    options,
    output,
  }: Invocation<typeof SHAPE> & { readonly options: z.output<z.ZodObject<Shape>> },
  connect: (options: z.output<z.ZodObject<Shape>>, addressBook: AddressBook) => Promise<Chain>,
  sourceOf: (addressBook: AddressBook) => EventSource<Event>,
): Promise<void> {
  const addressBook = await requireAddressBook(options);
  const source = sourceOf(addressBook);
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  process.stdout.once("error", stop);

  try {
    const chain = await connect(options, addressBook);
    const { followEvents } = await import("../../src/events/followEvents.ts");
    output.note(`following ${source.address} on chain ${chain.chainId}; Ctrl-C ends it`);
    let left = options.count ?? Number.POSITIVE_INFINITY;
    const events = followEvents({
      chain,
      source,
      ...options.from,
      confirmations: options.confirmations,
      signal: controller.signal,
      onRetry: ({ message }) => output.note(`trying again: ${message}`),
    });
    for await (const step of events) {
      await print(options.json ? toJson(jsonOf(step)) : textOf(step));
      if (step.type === "event") left -= 1;
      if (left <= 0 || controller.signal.aborted) break;
    }
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/** Waits for a slow reader, so that events wait on the chain and not in memory. */
async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
}

function jsonOf(step: Followed<AnyEvent>): object {
  if (step.type === "reorg") return { type: "reorg", fromBlock: step.fromBlock };
  const { cursor, ...event } = step.event;

  return { type: "event", ...event, blockNumber: cursor.blockNumber, cursor: formatCursor(cursor) };
}

function textOf(step: Followed<AnyEvent>): string {
  if (step.type === "reorg") return `reorg: the events from block ${step.fromBlock} on are void`;
  const { cursor, kind, transactionHash: _, ...fields } = step.event;
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${shorten(String(value))}`);

  return [kind, ...shown, `cursor=${formatCursor(cursor)}`].join("  ");
}

/** Long hex, cut: `--json` has all of it. */
function shorten(text: string): string {
  return text.startsWith("0x") && text.length > 68
    ? `${text.slice(0, 34)}... (${(text.length - 2) / 2} bytes)`
    : text;
}
