import { Command } from "commander";
import type { Address, Hex } from "viem";
import { z } from "zod";

import type { Chain } from "../../src/chain/connectChain.ts";
import { libraryError } from "../../src/errors/libraryErrors.ts";
import { XmtpError } from "../../src/errors/XmtpError.ts";
import { parseGroupId, parseInboxId } from "../../src/inputs/parseIds.ts";
import { checkPayloadSize, parsePayload } from "../../src/inputs/parsePayload.ts";
import type { PublishOptions } from "../../src/publisher/createPublisher.ts";
import type { Published } from "../../src/publisher/decodePublished.ts";
import { readAccount } from "./account.ts";
import { createCommand, groupCommands } from "./command.ts";
import { connectAppchain } from "./connect.ts";
import { EXIT_CODES } from "./exitCodes.ts";
import { requireAddressBook } from "./files.ts";
import { optionHelp } from "./options.ts";
import type { Output } from "./output.ts";
import { readPayloads, type GivenPayload } from "./readPayloads.ts";
import { describeError } from "./reportError.ts";
import { SETTINGS } from "./settings.ts";

const { network, deploymentsDir, appchainRpc, privateKey, json } = SETTINGS;
const SHAPE = {
  network,
  deploymentsDir,
  appchainRpc,
  privateKey,
  json,
  hex: z
    .string()
    .optional()
    .register(optionHelp, { argument: "<payload>", help: "one payload, as hex" }),
  file: z.string().optional().register(optionHelp, {
    argument: "<path>",
    help: "one payload, the bytes of this file",
  }),
};
const HELP = `Without --hex and --file the payloads are the lines of standard input: "<hex>" after an id on the command line, and
"<id> <hex>" without. Lines share transactions. All of them are checked before anything is sent; with --json each line
gets a line of JSON: "line" counts from 1, and either "sequenceId" or "error" is there.`;

/** The two kinds of payloads, which differ in their ids and contracts. */
const KINDS = {
  groupMessage: {
    usage: "group-message [group-id]",
    description: "publish group messages; a group id is 16 bytes of hex",
    parseId: parseGroupId,
    entry: "groupMessageBroadcaster",
  },
  identityUpdate: {
    usage: "identity-update [inbox-id]",
    description: "publish identity updates; an inbox id is 32 bytes of hex",
    parseId: parseInboxId,
    entry: "identityUpdateBroadcaster",
  },
} as const;

type Kind = keyof typeof KINDS;

interface Checked {
  readonly id: Hex;
  readonly payload: Hex;
}

export function publishCommand(): Command {
  const group = new Command("publish").description("publish on the appchain; sends at once");

  return groupCommands(group, [kindCommand("groupMessage"), kindCommand("identityUpdate")]);
}

function kindCommand(kind: Kind): Command {
  const { usage, description, parseId, entry } = KINDS[kind];

  return createCommand({
    usage,
    description,
    help: HELP,
    shape: SHAPE,
    run: async ({ options, args: [id], output }) => {
      if (id !== undefined) parseId(id);
      const given = await readPayloads({ ...options, id, stdin: process.stdin });
      const payloads = given.map((item, index) =>
        atLine(given, index, () => ({ id: parseId(item.id), payload: parseHex(item) })),
      );
      const addressBook = await requireAddressBook(options);
      const chain = await connectAppchain(options, addressBook);
      const limits = await readLimits(chain, addressBook[entry]);
      payloads.forEach(({ payload }, index) =>
        atLine(given, index, () => checkPayloadSize(payload, limits)),
      );

      const { account } = await readAccount({ ...options, chainIds: [chain.chainId], output });
      const { createPublisher } = await import("../../src/publisher/createPublisher.ts");
      const publisher = await createPublisher({ chain, account, addresses: addressBook });
      const controller = new AbortController();
      const stop = (): void => controller.abort();
      process.once("SIGINT", stop).once("SIGTERM", stop);
      try {
        const publishing: PublishOptions = { signal: controller.signal };
        const outcomes =
          kind === "groupMessage"
            ? await publisher.publishGroupMessages(
                payloads.map(({ id: groupId, payload }) => ({ groupId, payload })),
                publishing,
              )
            : await publisher.publishIdentityUpdates(
                payloads.map(({ id: inboxId, payload }) => ({ inboxId, payload })),
                publishing,
              );
        await showOutcomes(outcomes, payloads, output);
      } finally {
        await publisher.close();
        process.off("SIGINT", stop).off("SIGTERM", stop);
      }
    },
  });
}

/** Says for each payload where it is, or why not. Ends with "try again" only if that can help all that failed. */
async function showOutcomes(
  outcomes: readonly PromiseSettledResult<Published>[],
  payloads: readonly Checked[],
  output: Output,
): Promise<void> {
  const failures: { readonly retryable: boolean }[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const line = index + 1;
    const id = payloads[index]?.id;
    if (outcome.status === "fulfilled") {
      const { sequenceId, transactionHash, blockNumber } = outcome.value;
      output.result(
        { line, id, ...outcome.value },
        `${id}  sequence id ${sequenceId}  block ${blockNumber}  ${transactionHash}`,
      );
      continue;
    }
    const error = await describeError(outcome.reason);
    failures.push(error);
    const { code, message, hint, retryable } = error;
    output.result(
      { line, id, error: { code, message, hint, retryable } },
      `${id}  not published: ${message}`,
    );
  }
  if (failures.length === 0) return;
  output.note(`error: ${failures.length} of ${outcomes.length} payloads were not published`);
  const isTransient = failures.every(({ retryable }) => retryable);
  process.exitCode = isTransient ? EXIT_CODES.RETRY : EXIT_CODES.FIX;
}

/** Adds the line to what is wrong, where there are several. */
function atLine<Result>(
  given: readonly GivenPayload[],
  index: number,
  check: () => Result,
): Result {
  try {
    return check();
  } catch (error) {
    if (given.length === 1 || !(error instanceof XmtpError)) throw error;
    const { code, hint, retryable } = error;
    const message = error.message.slice(0, -`; ${hint}`.length);
    throw new XmtpError({
      code,
      message: `payload ${index + 1} of ${given.length}: ${message}`,
      hint,
      retryable,
      cause: error,
    });
  }
}

function parseHex({ payload }: GivenPayload): Hex {
  if (typeof payload !== "string") return parsePayload(payload);

  return parsePayload(payload.startsWith("0x") ? `0x${payload.slice(2)}` : `0x${payload}`);
}

async function readLimits(chain: Chain, address: Address) {
  const { groupMessagesAbi } = await import("../../src/abi/index.ts");
  const contract = { address, abi: groupMessagesAbi } as const; // the two logs have the same getters
  const [minPayloadSize, maxPayloadSize, isPaused] = await Promise.all([
    chain.client.readContract({ ...contract, functionName: "minPayloadSize" }),
    chain.client.readContract({ ...contract, functionName: "maxPayloadSize" }),
    chain.client.readContract({ ...contract, functionName: "paused" }),
  ]);
  if (isPaused) {
    throw libraryError("REVERTED", `the contract at ${address} is paused`, {
      hint: "wait until its admin ends the pause",
    });
  }

  return { minPayloadSize, maxPayloadSize };
}
