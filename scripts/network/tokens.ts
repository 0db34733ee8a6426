import { Command } from "commander";
import type { LocalAccount } from "viem";

import { readAccount } from "./account.ts";
import { createCommand, groupCommands } from "./command.ts";
import { address, APPROVE, showDollars } from "./moneyOptions.ts";
import { renderTable } from "./output.ts";
import { SETTINGS } from "./settings.ts";
import { openSettlement, READ, WRITE, writeSettlement, type Place } from "./writeChain.ts";

export function tokensCommand(): Command {
  const group = new Command("tokens").description(
    "fee tokens, and the underlying token that they stand for one to one",
  );

  return groupCommands(group, [balance(), mint(), wrap(), unwrap()]);
}

function balance(): Command {
  return createCommand({
    usage: "balance [account]",
    description: "show what an account has of both; default: of the account that signs",
    shape: { ...READ, privateKey: SETTINGS.privateKey },
    run: async ({ options, args: [given], output }) => {
      const [{ parseAddress }, { readPurse }] = await Promise.all([
        import("../../src/inputs/parseAddress.ts"),
        import("../../src/payers/spendTokens.ts"),
      ]);
      if (given !== undefined) parseAddress(given, "account");
      const { chain, addresses } = await openSettlement(options);
      const owner =
        given ?? (await readAccount({ ...options, chainIds: [chain.chainId], output })).address;
      const feeToken = parseAddress(addresses.feeToken, "fee token");
      const { feeTokens, underlyingTokens } = await readPurse(
        chain,
        feeToken,
        parseAddress(owner, "account"),
      );
      output.result(
        { account: owner, feeTokens, underlyingTokens },
        renderTable([
          ["account", owner],
          ["fee tokens", showDollars(feeTokens)],
          ["underlying tokens", showDollars(underlyingTokens)],
        ]),
      );
    },
  });
}

function mint(): Command {
  return createTokenCommand({
    usage: "mint <dollars>",
    description: "mint underlying tokens, where they are a stand-in that anybody may mint",
    verb: "mint",
    shape: WRITE_TO,
    act: async ({ chain, account, addresses }, amount, recipient) => {
      const { mintMockTokens } = await import("../../src/payers/mintMockTokens.ts");
      return mintMockTokens({
        chain,
        account,
        address: addresses.underlyingFeeToken,
        amount,
        ...recipient,
      });
    },
  });
}

function unwrap(): Command {
  return createTokenCommand({
    usage: "unwrap <dollars>",
    description: "turn fee tokens into as many underlying tokens",
    verb: "unwrap",
    shape: WRITE_TO,
    act: async ({ chain, account, addresses }, amount, recipient) => {
      const { unwrapFeeTokens } = await import("../../src/payers/wrapFeeTokens.ts");
      return unwrapFeeTokens({
        chain,
        account,
        address: addresses.feeToken,
        amount,
        ...recipient,
      });
    },
  });
}

function wrap(): Command {
  return createTokenCommand({
    usage: "wrap <dollars>",
    description: "turn underlying tokens into as many fee tokens; `payers fund` needs none",
    verb: "wrap",
    shape: { ...WRITE_TO, approve: APPROVE },
    act: async ({ chain, account, addresses }, amount, recipient, approve) => {
      const { wrapFeeTokens } = await import("../../src/payers/wrapFeeTokens.ts");
      return wrapFeeTokens({
        chain,
        account,
        address: addresses.feeToken,
        amount,
        permit: !approve,
        ...recipient,
      });
    },
  });
}

const WRITE_TO = {
  ...WRITE,
  recipient: address("who gets the tokens; default: the account"),
};

function createTokenCommand({
  usage,
  description,
  verb,
  shape,
  act,
}: {
  readonly usage: string;
  readonly description: string;
  readonly verb: string;
  readonly shape: typeof WRITE_TO & { readonly approve?: typeof APPROVE };
  readonly act: (
    place: Place & { readonly account: LocalAccount },
    amount: bigint,
    recipient: { readonly recipient?: string },
    approve: boolean,
  ) => Promise<{
    readonly transactionHash: string;
    readonly amount: bigint;
    readonly recipient: string;
  }>;
}): Command {
  return createCommand({
    usage,
    description,
    help: "Amounts are dollars, such as 12.34; JSON has microdollars.",
    shape,
    run: async ({ options: { recipient, approve, ...options }, args, output }) => {
      const [{ parseAmount, parseDollars }, { parseAddress }] = await Promise.all([
        import("../../src/payers/microdollars.ts"),
        import("../../src/inputs/parseAddress.ts"),
      ]);
      const amount = parseAmount(parseDollars(args[0] ?? ""));
      if (recipient !== undefined) parseAddress(recipient, "recipient");
      await writeSettlement({
        options,
        output,
        what: `${verb} ${showDollars(amount)} for ${recipient ?? "the account"}`,
        act: async (place) => {
          const to = recipient === undefined ? {} : { recipient };
          const done = await act(place, amount, to, approve === true);
          return {
            value: done,
            text: `${verb}: ${showDollars(done.amount)} for ${done.recipient}: ${done.transactionHash}`,
          };
        },
      });
    },
  });
}
