import { Command } from "commander";
import type { Hex } from "viem";
import { z } from "zod";

import type { BridgeQuote } from "../../src/bridge/quoteDeposit.ts";
import type { Ticket } from "../../src/bridge/readTickets.ts";
import type { Withdrawal } from "../../src/bridge/readWithdrawals.ts";
import type { Chain } from "../../src/chain/connectChain.ts";
import type { TransactParameters } from "../../src/chain/transact.ts";
import type { Change } from "../../src/chain/writeContract.ts";
import { libraryError } from "../../src/errors/libraryErrors.ts";
import { WEI_PER_MICRODOLLAR } from "../../src/payers/microdollars.ts";
import { createCommand, groupCommands } from "./command.ts";
import { EXIT_CODES } from "./exitCodes.ts";
import {
  address,
  APPROVE,
  checkAddress,
  crossing,
  showDollars,
  showTime,
  token,
} from "./moneyOptions.ts";
import { optionHelp, whole } from "./options.ts";
import { renderTable } from "./output.ts";
import { openBoth, READ_BOTH, WRITE_BOTH, writeChain } from "./writeChain.ts";

const AMOUNTS =
  "Amounts are dollars, such as 12.34; JSON has microdollars, and wei of the appchain: 10^18 to a dollar.";
const MS_PER_SECOND = 1_000;
/** What the message may take on the appchain. */
const GAS = {
  gasLimit: whole().register(optionHelp, {
    argument: "<gas>",
    help: "gas for the message; default: an estimate, and half as much again",
  }),
  maxFeePerGas: whole().register(optionHelp, {
    argument: "<wei>",
    help: "the most to pay for a unit of it; default: twice what it costs now",
  }),
};
const WAIT = z.coerce
  .number({ error: "expected a whole number of seconds from 1" })
  .int()
  .min(1)
  .max(2_000_000)
  .optional()
  .register(optionHelp, {
    argument: "<seconds>",
    help: "wait until it is there, for so long at most",
  });

export function bridgeCommand(): Command {
  const group = new Command("bridge").description(
    "money and parameters on their way between the two chains",
  );

  return groupCommands(group, [
    quote(),
    deposit(),
    push(),
    status(),
    redeem(),
    cancel(),
    keep(),
    withdraw(),
    withdrawals(),
    claim(),
  ]);
}

function quote(): Command {
  return createCommand({
    usage: "quote [key...]",
    description: "show what it costs to deliver a deposit, or a push of these parameters",
    help: "What the delivery does not take is given back on the appchain. Sends nothing.",
    shape: {
      ...READ_BOTH,
      ...GAS,
      recipient: address("who gets the deposit; default: an account that has gas money"),
    },
    run: async ({ options, args: keys, output }) => {
      const { recipient, gasLimit, maxFeePerGas } = options;
      await checkAddress(recipient, "recipient");
      const [{ quoteDeposit }, { quotePush }] = await Promise.all([
        import("../../src/bridge/quoteDeposit.ts"),
        import("../../src/bridge/quotePush.ts"),
      ]);
      const { settlement: chain, appchain, addresses } = await openBoth(options);
      const address = addresses.settlementChainGateway;
      const message = { chain, appchain, address, gasLimit, maxFeePerGas };
      const quoted =
        keys.length === 0
          ? await quoteDeposit({ ...message, recipient: recipient ?? addresses.deployer })
          : await quotePush({ ...message, keys });
      output.result(quoted, showQuote(quoted));
    },
  });
}

function deposit(): Command {
  return createCommand({
    usage: "deposit <dollars>",
    description: "turn tokens into gas money on the appchain",
    help: `Takes one transaction: fee tokens need no approval, and for the underlying token a permit is signed. \`payers split\`
fills the escrow along with it.\n${AMOUNTS}`,
    shape: {
      ...WRITE_BOTH,
      ...GAS,
      recipient: address("whose gas money grows; default: the account's"),
      source: token("default: fee tokens if the account has enough of them"),
      approve: APPROVE,
    },
    run: async ({ options, args: [amountText = ""], output }) => {
      const { parseDollars } = await import("../../src/payers/microdollars.ts");
      const amount = parseDollars(amountText);
      const { recipient, source, gasLimit, maxFeePerGas } = options;
      await checkAddress(recipient, "recipient");
      const { depositToAppchain } = await import("../../src/bridge/depositToAppchain.ts");
      const { settlement, appchain, addresses } = await openBoth(options);
      await writeChain({
        options,
        output,
        place: { chain: settlement, addresses },
        what: `deposit ${showDollars(amount)} as gas money on the appchain for ${recipient ?? "the account"}`,
        act: async ({ chain, account }) => {
          const done = await depositToAppchain({
            chain,
            appchain,
            account,
            address: addresses.settlementChainGateway,
            amount,
            permit: !options.approve,
            gasLimit,
            maxFeePerGas,
            ...(recipient !== undefined && { recipient }),
            ...(source !== undefined && { source }),
          });
          return {
            value: done,
            text: `deposited ${showDollars(done.amount)} for ${done.recipient}, at least ${showWei(done.value)} of it arrive: ${done.transactionHash}\n${crossing("status", done.transactionHash)}`,
          };
        },
      });
    },
  });
}

function push(): Command {
  return createCommand({
    usage: "push [key...]",
    description: "send parameters of the settlement chain to the appchain; anyone may",
    help: `Default: every parameter that the appchain's contracts read and that differs between the two chains. Once they have
arrived, \`parameters apply\` makes the contracts take them.`,
    shape: {
      ...WRITE_BOTH,
      ...GAS,
      source: token("which pays; default: fee tokens if the account has enough of them"),
      approve: APPROVE,
    },
    run: async ({ options, args: given, output }) => {
      const { source, gasLimit, maxFeePerGas } = options;
      const { pushParameters } = await import("../../src/bridge/pushParameters.ts");
      const { settlement, appchain, addresses } = await openBoth(options);
      const address = addresses.settlementChainGateway;
      const keys =
        given.length > 0 ? given : await differingKeys({ settlement, appchain, address });
      if (keys.length === 0) {
        return output.result({ keys }, "the appchain has every parameter already");
      }
      await writeChain({
        options,
        output,
        place: { chain: settlement, addresses },
        what: `push ${keys.join(", ")} to the appchain`,
        act: async ({ chain, account }) => {
          const done = await pushParameters({
            chain,
            appchain,
            account,
            address: addresses.settlementChainGateway,
            keys,
            permit: !options.approve,
            gasLimit,
            maxFeePerGas,
            ...(source !== undefined && { source }),
          });
          return {
            value: done,
            text: `pushed ${keys.join(", ")} for at most ${showDollars(done.maxFee)}: ${done.transactionHash}\n${crossing("status", done.transactionHash)}`,
          };
        },
      });
    },
  });
}

function status(): Command {
  return createCommand({
    usage: "status <transaction>",
    description: "show what became of the messages of a transaction on the settlement chain",
    help: `A ticket that is "funded" waits for \`bridge redeem\`: its call was not made, or failed. Ends with 75 while a message
is not delivered, and with 1 if its call has not succeeded and will not by itself.`,
    shape: { ...READ_BOTH, wait: WAIT },
    run: async ({ options, args: [given = ""], output }) => {
      const transactionHash = parseTransaction(given);
      const [{ readTickets }, { waitForTickets }] = await Promise.all([
        import("../../src/bridge/readTickets.ts"),
        import("../../src/bridge/waitForTickets.ts"),
      ]);
      const { settlement, appchain } = await openBoth(options);
      const sent = { settlement, appchain, transactionHash };
      const tickets =
        options.wait === undefined
          ? await readTickets(sent)
          : await waitForTickets({ ...sent, timeoutMs: options.wait * MS_PER_SECOND });
      output.result(tickets, showTickets(tickets));
      const open = tickets.filter(({ status: of }) => of !== "redeemed");
      if (open.length === 0) return;
      const isComing = open.every(({ status: of, isRetrying }) => of === "awaited" || isRetrying);
      process.exitCode = isComing ? EXIT_CODES.RETRY : EXIT_CODES.FIX;
    },
  });
}

function redeem(): Command {
  return createTicketCommand({
    usage: "redeem <transaction>",
    description: "make the next attempt at calls that have not succeeded; anyone may",
    verb: "redeem",
    act: async (target, ticket) => {
      const { redeemTicket } = await import("../../src/bridge/ticketActions.ts");
      return redeemTicket({ ...target, ticket });
    },
  });
}

function cancel(): Command {
  return createTicketCommand({
    usage: "cancel <transaction>",
    description: "give calls up that have not succeeded; the beneficiary signs and gets the value",
    verb: "cancel",
    act: async (target, { ticketId }) => {
      const { cancelTicket } = await import("../../src/bridge/ticketActions.ts");
      return cancelTicket({ ...target, ticketId });
    },
  });
}

function keep(): Command {
  return createTicketCommand({
    usage: "keep <transaction>",
    description: "give calls that have not succeeded another week; anyone may",
    verb: "keep",
    act: async (target, { ticketId }) => {
      const { keepTicket } = await import("../../src/bridge/ticketActions.ts");
      return keepTicket({ ...target, ticketId });
    },
  });
}

function withdraw(): Command {
  return createCommand({
    usage: "withdraw <dollars>",
    description: "turn gas money on the appchain back into tokens of the settlement chain",
    help: `They are paid by \`bridge claim\`, once the settlement chain has confirmed it: days later, on a public network.\n${AMOUNTS}`,
    shape: {
      ...WRITE_BOTH,
      recipient: address("who gets the tokens; default: the account"),
      into: token("what to be paid in; default: underlying"),
    },
    run: async ({ options: { recipient, into, ...options }, args: [amountText = ""], output }) => {
      const { parseAmount, parseDollars } = await import("../../src/payers/microdollars.ts");
      const amount = parseAmount(parseDollars(amountText));
      await checkAddress(recipient, "recipient");
      const { withdrawFromAppchain } = await import("../../src/bridge/withdrawFromAppchain.ts");
      const { appchain, addresses } = await openBoth(options);
      await writeChain({
        options,
        output,
        place: { chain: appchain, addresses },
        what: `withdraw ${showDollars(amount)} for ${recipient ?? "the account"}`,
        act: async ({ chain, account }) => {
          const done = await withdrawFromAppchain({
            chain,
            account,
            address: addresses.appChainGateway,
            value: amount * WEI_PER_MICRODOLLAR,
            ...(recipient !== undefined && { recipient }),
            ...(into !== undefined && { into }),
          });
          return {
            value: done,
            text: `withdrew ${showDollars(amount)} for ${done.recipient}: ${done.transactionHash}\n${crossing("withdrawals", done.transactionHash)}`,
          };
        },
      });
    },
  });
}

function withdrawals(): Command {
  return createCommand({
    usage: "withdrawals <transaction>",
    description: "show what became of the withdrawals of a transaction on the appchain",
    help: 'One that is "confirmed" waits for `bridge claim`. Ends with 75 while one is not confirmed.',
    shape: { ...READ_BOTH, wait: WAIT },
    run: async ({ options, args: [given = ""], output }) => {
      const transactionHash = parseTransaction(given);
      const [{ readWithdrawals }, { waitForWithdrawals }] = await Promise.all([
        import("../../src/bridge/readWithdrawals.ts"),
        import("../../src/bridge/waitForWithdrawals.ts"),
      ]);
      const { addresses, ...chains } = await openBoth(options);
      const sent = { ...chains, address: addresses.settlementChainGateway, transactionHash };
      const found =
        options.wait === undefined
          ? await readWithdrawals(sent)
          : await waitForWithdrawals({ ...sent, timeoutMs: options.wait * MS_PER_SECOND });
      output.result(found, showWithdrawals(found));
      if (found.some(({ status: of }) => of === "unconfirmed")) process.exitCode = EXIT_CODES.RETRY;
    },
  });
}

function claim(): Command {
  return createCommand({
    usage: "claim <transaction>",
    description: "pay on the settlement chain what a transaction on the appchain withdrew",
    help: "Anyone may: the tokens go to whom the withdrawal names.",
    shape: WRITE_BOTH,
    run: async ({ options, args: [given = ""], output }) => {
      const transactionHash = parseTransaction(given);
      const [{ claimWithdrawal }, { readWithdrawals }] = await Promise.all([
        import("../../src/bridge/claimWithdrawal.ts"),
        import("../../src/bridge/readWithdrawals.ts"),
      ]);
      const { settlement, appchain, addresses } = await openBoth(options);
      const target = { appchain, address: addresses.settlementChainGateway };
      const found = await readWithdrawals({ settlement, ...target, transactionHash });
      const open = found.filter(({ status: of }) => of !== "claimed");
      await writeChain({
        options,
        output,
        place: { chain: settlement, addresses },
        what: open
          .map(({ amount, recipient }) => `claim ${showDollars(amount)} for ${recipient}`)
          .join("; "),
        act: async ({ chain, account }) => {
          const done = [];
          for (const withdrawal of open) {
            done.push(await claimWithdrawal({ ...target, chain, account, withdrawal }));
          }
          return {
            value: done,
            text:
              done.length === 0
                ? showWithdrawals(found)
                : done
                    .map(
                      ({ amount, recipient, transactionHash: hash }) =>
                        `paid ${showDollars(amount)} to ${recipient}: ${hash}`,
                    )
                    .join("\n"),
          };
        },
      });
    },
  });
}

/** What is done with each ticket of a transaction whose call has not succeeded, on the appchain. */
function createTicketCommand({
  usage,
  description,
  verb,
  act,
}: {
  readonly usage: string;
  readonly description: string;
  readonly verb: string;
  readonly act: (target: TransactParameters, ticket: Ticket) => Promise<Change>;
}): Command {
  return createCommand({
    usage,
    description,
    help: "The transaction is that on the settlement chain; all of its tickets that are still funded are meant.",
    shape: WRITE_BOTH,
    run: async ({ options, args: [given = ""], output }) => {
      const transactionHash = parseTransaction(given);
      const { readTickets } = await import("../../src/bridge/readTickets.ts");
      const { settlement, appchain, addresses } = await openBoth(options);
      const tickets = await readTickets({ settlement, appchain, transactionHash });
      const open = tickets.filter(({ status: of }) => of === "funded");
      await writeChain({
        options,
        output,
        place: { chain: appchain, addresses },
        what: open.map(({ messageNumber }) => `${verb} message ${messageNumber}`).join("; "),
        act: async ({ chain, account }) => {
          const done = [];
          for (const ticket of open) {
            done.push({ ...(await act({ chain, account }, ticket)), ticketId: ticket.ticketId });
          }
          return {
            value: done,
            text:
              done.length === 0
                ? showTickets(tickets)
                : done
                    .map(({ ticketId, transactionHash: hash }) => `${verb} ${ticketId}: ${hash}`)
                    .join("\n"),
          };
        },
      });
    },
  });
}

/** What the appchain does not have yet. */
async function differingKeys(chains: {
  readonly settlement: Chain;
  readonly appchain: Chain;
  readonly address: string;
}): Promise<readonly string[]> {
  const { compareParameters } = await import("../../src/bridge/compareParameters.ts");
  const compared = await compareParameters(chains);

  return compared.filter(({ isEqual }) => !isEqual).map(({ key }) => key);
}

/** @throws {XmtpError} `INVALID_OPTION` */
function parseTransaction(text: string): Hex {
  if (isTransaction(text)) return text;
  throw libraryError("INVALID_OPTION", `"${text}" is not the hash of a transaction`, {
    hint: "pass 32 bytes of hex, as the command printed that sent it",
  });
}

function isTransaction(text: string): text is Hex {
  return /^0x[0-9a-f]{64}$/iu.test(text);
}

function showQuote({ gasLimit, maxFeePerGas, maxFee }: BridgeQuote): string {
  return renderTable([
    ["gas", String(gasLimit)],
    ["for at most", `${maxFeePerGas} wei`],
    ["which is", showDollars(maxFee)],
  ]);
}

function showTickets(tickets: readonly Ticket[]): string {
  if (tickets.length === 0) return "the transaction has no ticket for the appchain";

  return renderTable(
    tickets.map(({ messageNumber, status: of, expiresAt, ticketId, value, to }) => [
      `message ${messageNumber}`,
      expiresAt === undefined ? of : `${of} until ${showTime(expiresAt)}`,
      `${showWei(value)} to ${to}`,
      ticketId,
    ]),
  );
}

function showWithdrawals(found: readonly Withdrawal[]): string {
  if (found.length === 0) return "the transaction withdrew nothing";

  return renderTable(
    found.map(({ position, status: of, amount, recipient, into }) => [
      `withdrawal ${position}`,
      of,
      `${showDollars(amount)} to ${recipient}`,
      into === "feeToken" ? "fee tokens" : "underlying tokens",
    ]),
  );
}

/** Native currency of the appchain, where whatever the gas took is gone in fractions of a microdollar. */
function showWei(wei: bigint): string {
  return showDollars(wei / WEI_PER_MICRODOLLAR);
}
