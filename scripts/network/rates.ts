import { Command } from "commander";

import type { Rates } from "../../src/rates/rateAt.ts";
import type { AppendedRates } from "../../src/rates/setRates.ts";
import { createCommand, groupCommands } from "./command.ts";
import { optionHelp, whole } from "./options.ts";
import { renderTable } from "./output.ts";
import { openSettlement, READ, WRITE, writeChain, writeSettlement } from "./writeChain.ts";

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
      const { chain, addresses } = await openSettlement(options);
      const rates = await readRates({ chain, address: addresses.rateRegistry });
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
      const place = await openSettlement(options);
      const { rateRegistry, settlementChainParameterRegistry: parameterRegistry } = place.addresses;
      const { chain } = place;
      const last = (await readRates({ chain, address: rateRegistry })).at(-1);
      const rates = {
        messageFee: options.messageFee ?? last?.messageFee ?? 0n,
        storageFee: options.storageFee ?? last?.storageFee ?? 0n,
        congestionFee: options.congestionFee ?? last?.congestionFee ?? 0n,
        targetRatePerMinute: options.targetRatePerMinute ?? last?.targetRatePerMinute ?? 0n,
        startTime: options.startTime,
      };
      const shown = Object.entries(rates).filter(([, value]) => value !== undefined);
      await writeChain({
        options,
        output,
        place,
        what: `set the rates to ${shown.map(([name, value]) => `${name} ${value}`).join(", ")}, and append them in a second transaction`,
        act: async ({ account }) =>
          showAppended(await setRates({ chain, account, parameterRegistry, rateRegistry, rates })),
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
      await writeSettlement({
        options,
        output,
        what: "append the rates of the parameter registry",
        act: async ({ chain, account, addresses }) =>
          showAppended(await updateRates({ chain, account, address: addresses.rateRegistry })),
      });
    },
  });
}

function showAppended(appended: AppendedRates): { readonly value: object; readonly text: string } {
  return {
    value: appended,
    text: `${renderRates([appended.rates])}\n\nappended: ${appended.transactionHash}`,
  };
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
