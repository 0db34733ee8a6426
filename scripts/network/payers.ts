import { Command } from "commander";
import { z } from "zod";

import type { PayerStatus } from "../../src/payers/readPayer.ts";
import type { PayerUsage } from "../../src/payers/readPayerUsage.ts";
import { readAccount } from "./account.ts";
import { createCommand, groupCommands } from "./command.ts";
import { connectAppchain } from "./connect.ts";
import {
  address,
  APPROVE,
  checkAddress,
  crossing,
  dollars,
  showDollars,
  showTime,
  token,
} from "./moneyOptions.ts";
import { optionHelp } from "./options.ts";
import { renderTable } from "./output.ts";
import { SETTINGS } from "./settings.ts";
import { openSettlement, READ, WRITE, WRITE_BOTH, writeSettlement } from "./writeChain.ts";

const AMOUNTS = "Amounts are dollars, such as 12.34; JSON has microdollars.";

export function payersCommand(): Command {
  const group = new Command("payers").description(
    "what payers have in escrow on the settlement chain",
  );

  return groupCommands(group, [status(), fund(), split(), withdraw()]);
}

function status(): Command {
  return createCommand({
    usage: "status [payer]",
    description: "show balance, withdrawal, burn rate and days left; default: of the account",
    help: "What is charged is looked up in the events of the window. Sends nothing.",
    shape: {
      ...READ,
      privateKey: SETTINGS.privateKey,
      windowDays: z.coerce
        .number({ error: "expected a whole number from 1" })
        .int()
        .min(1)
        .default(7)
        .register(optionHelp, {
          argument: "<days>",
          help: "how far to look back for what was charged",
        }),
    },
    run: async ({ options, args: [given], output }) => {
      const [{ parseAddress }, { readPayer }, { readPayerUsage }] = await Promise.all([
        import("../../src/inputs/parseAddress.ts"),
        import("../../src/payers/readPayer.ts"),
        import("../../src/payers/readPayerUsage.ts"),
      ]);
      if (given !== undefined) parseAddress(given, "payer");
      const { chain, addresses } = await openSettlement(options);
      const payer =
        given ?? (await readAccount({ ...options, chainIds: [chain.chainId], output })).address;
      const account = { chain, address: addresses.payerRegistry, payer };
      const [found, usage] = await Promise.all([
        readPayer(account),
        readPayerUsage({
          ...account,
          windowDays: options.windowDays,
          fromBlock: addresses.settlementChainDeploymentBlock,
        }),
      ]);
      output.result({ ...found, usage }, showStatus(found, usage));
    },
  });
}

function fund(): Command {
  return createCommand({
    usage: "fund <dollars>",
    description: "deposit into the escrow of a payer, from fee tokens or the underlying token",
    help: `Takes one transaction: fee tokens need no approval, and for the underlying token a permit is signed.\n${AMOUNTS}`,
    shape: {
      ...WRITE,
      payer: address("whose escrow grows; default: the account's"),
      source: token("default: fee tokens if the account has enough of them"),
      approve: APPROVE,
    },
    run: async ({ options, args: [amountText = ""], output }) => {
      const { parseDollars } = await import("../../src/payers/microdollars.ts");
      const amount = parseDollars(amountText);
      await checkAddress(options.payer, "payer");
      const { fundPayer } = await import("../../src/payers/fundPayer.ts");
      const { payer, source } = options;
      await writeSettlement({
        options,
        output,
        what: `deposit ${showDollars(amount)} for ${payer ?? "the account"}`,
        act: async ({ chain, account, addresses }) => {
          const deposited = await fundPayer({
            chain,
            account,
            address: addresses.payerRegistry,
            amount,
            permit: !options.approve,
            ...(payer !== undefined && { payer }),
            ...(source !== undefined && { source }),
          });
          return {
            value: deposited,
            text: `deposited ${showDollars(deposited.deposited)} for ${deposited.payer}, whose balance is ${showDollars(deposited.balance)}: ${deposited.transactionHash}`,
          };
        },
      });
    },
  });
}

function split(): Command {
  return createCommand({
    usage: "split",
    description: "deposit into escrow and into gas on the appchain at once: both or neither",
    help: `The appchain's part pays for its delivery too: see \`bridge quote\`.\n${AMOUNTS}`,
    shape: {
      ...WRITE_BOTH,
      escrow: dollars("dollars for the escrow"),
      appchain: dollars("dollars for gas on the appchain"),
      payer: address("whose escrow grows; default: the account's"),
      appchainRecipient: address("whose gas grows; default: the account's"),
      source: token("default: fee tokens if the account has enough of them"),
      approve: APPROVE,
    },
    run: async ({ options, output }) => {
      const { payer, appchainRecipient, source, escrow = 0n, appchain = 0n } = options;
      await checkAddress(payer, "payer");
      await checkAddress(appchainRecipient, "appchain recipient");
      const [{ parseAmount }, { splitDeposit }] = await Promise.all([
        import("../../src/payers/microdollars.ts"),
        import("../../src/payers/splitDeposit.ts"),
      ]);
      parseAmount(escrow + appchain, "sum of --escrow and --appchain");
      await writeSettlement({
        options,
        output,
        what: `deposit ${showDollars(escrow)} into the escrow and ${showDollars(appchain)} into gas on the appchain`,
        act: async ({ chain, account, addresses }) => {
          const done = await splitDeposit({
            chain,
            account,
            address: addresses.depositSplitter,
            escrowAmount: escrow,
            appchainAmount: appchain,
            permit: !options.approve,
            ...(appchain > 0n && { appchain: await connectAppchain(options, addresses) }),
            ...(payer !== undefined && { payer }),
            ...(appchainRecipient !== undefined && { appchainRecipient }),
            ...(source !== undefined && { source }),
          });
          const sum = `deposited ${showDollars(done.escrowAmount)} for ${done.payer} and ${showDollars(done.appchainAmount)} for ${done.appchainRecipient}: ${done.transactionHash}`;
          return {
            value: done,
            text:
              done.ticketId === undefined
                ? sum
                : `${sum}\n${crossing("status", done.transactionHash)}`,
          };
        },
      });
    },
  });
}

function withdraw(): Command {
  const group = new Command("withdraw").description(
    "take money out of escrow: request, wait for the lock, finalize; the payer signs",
  );

  return groupCommands(group, [request(), cancel(), finalize()]);
}

function request(): Command {
  return createCommand({
    usage: "request <dollars>",
    description: "set an amount apart, to be paid once the lock is over",
    help: AMOUNTS,
    shape: WRITE,
    run: async ({ options, args: [amountText = ""], output }) => {
      const { parseDollars } = await import("../../src/payers/microdollars.ts");
      const amount = parseDollars(amountText);
      const { requestWithdrawal } = await import("../../src/payers/withdrawals.ts");
      await writeSettlement({
        options,
        output,
        what: `request a withdrawal of ${showDollars(amount)}`,
        act: async ({ chain, account, addresses: { payerRegistry } }) => {
          const done = await requestWithdrawal({ chain, account, address: payerRegistry, amount });
          return {
            value: done,
            text: `requested ${showDollars(done.amount)}, ready from ${showTime(done.withdrawableAt)}: ${done.transactionHash}`,
          };
        },
      });
    },
  });
}

function cancel(): Command {
  return createCommand({
    usage: "cancel",
    description: "take the request back; the amount returns to the balance",
    shape: WRITE,
    run: async ({ options, output }) => {
      const { cancelWithdrawal } = await import("../../src/payers/withdrawals.ts");
      await writeSettlement({
        options,
        output,
        what: "cancel the withdrawal",
        act: async ({ chain, account, addresses: { payerRegistry } }) => {
          const done = await cancelWithdrawal({ chain, account, address: payerRegistry });
          return { value: done, text: `cancelled the withdrawal: ${done.transactionHash}` };
        },
      });
    },
  });
}

function finalize(): Command {
  return createCommand({
    usage: "finalize",
    description: "pay what was requested, once the lock is over",
    shape: {
      ...WRITE,
      into: token("what to be paid in; default: underlying"),
      recipient: address("who is paid; default: the account"),
    },
    run: async ({ options: { into, recipient, ...options }, output }) => {
      await checkAddress(recipient, "recipient");
      const { finalizeWithdrawal } = await import("../../src/payers/withdrawals.ts");
      await writeSettlement({
        options,
        output,
        what: `pay the withdrawal to ${recipient ?? "the account"}`,
        act: async ({ chain, account, addresses: { payerRegistry } }) => {
          const done = await finalizeWithdrawal({
            chain,
            account,
            address: payerRegistry,
            ...(into !== undefined && { into }),
            ...(recipient !== undefined && { recipient }),
          });
          return {
            value: done,
            text: `paid ${showDollars(done.amount)} to ${done.recipient}: ${done.transactionHash}`,
          };
        },
      });
    },
  });
}

function showStatus(found: PayerStatus, usage: PayerUsage): string {
  const { pendingWithdrawal: pending } = found;
  const windowDays = (usage.windowSeconds / 86_400).toFixed(1);

  return renderTable([
    ["payer", found.payer],
    ["balance", showDollars(found.balance)],
    ...(found.debt === 0n
      ? []
      : [["debt", `${showDollars(found.debt)}, repaid by the next deposit`]]),
    [
      "withdrawal",
      pending === undefined
        ? "none requested"
        : `${showDollars(pending.amount)}, ${pending.isReady ? "ready" : `locked until ${showTime(pending.withdrawableAt)}`}`,
    ],
    ["charged", `${showDollars(usage.settled)} in the last ${windowDays} days`],
    ["burn rate", `${showDollars(usage.settledPerDay)} a day`],
    ["days left", usage.daysLeft === null ? "nothing is charged" : String(usage.daysLeft)],
    ["least deposit", showDollars(found.minimumDeposit)],
    ["withdrawal lock", `${found.withdrawLockSeconds} seconds`],
    ...(found.isPaused ? [["escrow", "paused"]] : []),
  ]);
}
