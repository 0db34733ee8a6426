import { Command } from "commander";
import type { LocalAccount } from "viem";
import { z } from "zod";

import type { Chain } from "../../src/chain/connectChain.ts";
import type { Rates } from "../../src/rates/rateAt.ts";
import type { AppendedRates } from "../../src/rates/setRates.ts";
import { readAccount } from "./account.ts";
import { createCommand, groupCommands } from "./command.ts";
import { connectSettlement } from "./connect.ts";
import { requireAddressBook } from "./files.ts";
import { optionHelp } from "./options.ts";
import { renderTable, type Output } from "./output.ts";
import { previewWrite, showPreview } from "./preview.ts";
import { SETTINGS } from "./settings.ts";

const { network, deploymentsDir, settlementRpc, privateKey, json, yes } = SETTINGS;
const READ = { network, deploymentsDir, settlementRpc, json };
const WRITE = { ...READ, privateKey, yes };
const DIGITS = /^\d{1,20}$/u;

export function ratesCommand(): Command {
  const group = new Command("rates").description("the price list of the network, which only grows");

  return groupCommands(group, [list(), set(), apply()]);
}

function list(): Command {
  return createCommand({
    usage: "list",
    description: "show every entry of the price list, in picodollars",
    shape: READ,
    run: async ({ options, output }) => {
      const { readRates } = await import("../../src/rates/readRates.ts");
      const addressBook = await requireAddressBook(options);
      const chain = await connectSettlement(options, addressBook);
      const rates = await readRates({ chain, address: addressBook.rateRegistry });
      output.result(rates, rates.length === 0 ? "the list is empty" : renderRates(rates));
    },
  });
}

function set(): Command {
  return createCommand({
    usage: "set",
    description: "change prices: write all of an entry, and append it to the list",
    help: "What is not given stays as in the last entry.",
    shape: {
      ...WRITE,
      messageFee: whole().register(optionHelp, {
        argument: "<picodollars>",
        help: "picodollars per message",
      }),
      storageFee: whole().register(optionHelp, {
        argument: "<picodollars>",
        help: "picodollars per byte and day of retention",
      }),
      congestionFee: whole().register(optionHelp, {
        argument: "<picodollars>",
        help: "picodollars per unit of congestion",
      }),
      targetRatePerMinute: whole().register(optionHelp, {
        argument: "<messages>",
        help: "messages per minute and originator up to which there is no congestion",
      }),
      startTime: whole().register(optionHelp, {
        argument: "<seconds>",
        help: "Unix seconds from which the prices hold; without it, in two hours",
      }),
    },
    run: async ({ options, output }) => {
      const { readRates } = await import("../../src/rates/readRates.ts");
      const { setRates } = await import("../../src/rates/setRates.ts");
      const addressBook = await requireAddressBook(options);
      const chain = await connectSettlement(options, addressBook);
      const { rateRegistry, settlementChainParameterRegistry: parameterRegistry } = addressBook;
      const last = (await readRates({ chain, address: rateRegistry })).at(-1);
      const rates = {
        messageFee: options.messageFee ?? last?.messageFee ?? 0n,
        storageFee: options.storageFee ?? last?.storageFee ?? 0n,
        congestionFee: options.congestionFee ?? last?.congestionFee ?? 0n,
        targetRatePerMinute: options.targetRatePerMinute ?? last?.targetRatePerMinute ?? 0n,
        startTime: options.startTime,
      };
      const shown = Object.entries(rates).filter(([, value]) => value !== undefined);
      await write({
        options,
        output,
        chain,
        what: `set the rates to ${shown.map(([name, value]) => `${name} ${value}`).join(", ")}, and append them in a second transaction`,
        act: (account) => setRates({ chain, account, parameterRegistry, rateRegistry, rates }),
      });
    },
  });
}

function apply(): Command {
  return createCommand({
    usage: "apply",
    description: "append the prices that the parameter registry holds, whoever set them",
    shape: WRITE,
    run: async ({ options, output }) => {
      const { updateRates } = await import("../../src/rates/setRates.ts");
      const addressBook = await requireAddressBook(options);
      const chain = await connectSettlement(options, addressBook);
      await write({
        options,
        output,
        chain,
        what: "append the rates of the parameter registry",
        act: (account) => updateRates({ chain, account, address: addressBook.rateRegistry }),
      });
    },
  });
}

/** Acts with `--yes`, and shows the first transaction that would be sent without. */
async function write({
  options,
  output,
  chain,
  what,
  act,
}: {
  readonly options: z.output<z.ZodObject<typeof WRITE>>;
  readonly output: Output;
  readonly chain: Chain;
  readonly what: string;
  readonly act: (account: LocalAccount) => Promise<AppendedRates>;
}): Promise<void> {
  const { account } = await readAccount({ ...options, chainIds: [chain.chainId], output });
  if (!options.yes) {
    showPreview([await previewWrite({ what, chain, account }, act)], output);
    return;
  }
  const appended = await act(account);
  output.result(
    appended,
    `${renderRates([appended.rates])}\n\nappended: ${appended.transactionHash}`,
  );
}

function renderRates(rates: readonly Rates[]): string {
  return renderTable([
    ["from", "message", "byte and day", "congestion unit", "target per minute"],
    ...rates.map(({ messageFee, storageFee, congestionFee, targetRatePerMinute, startTime }) => [
      showTime(startTime),
      ...[messageFee, storageFee, congestionFee, targetRatePerMinute].map(String),
    ]),
  ]);
}

/** Starts beyond what a calendar holds stay seconds. */
function showTime(seconds: bigint): string {
  return seconds > 8_640_000_000_000n
    ? `${seconds} s`
    : new Date(Number(seconds) * 1_000).toISOString();
}

/** A whole number as text, so that none is rounded. */
function whole() {
  return z
    .string()
    .regex(DIGITS, "expected a whole number")
    .transform((text) => BigInt(text))
    .optional();
}
