import { Command } from "commander";
import type { LocalAccount } from "viem";
import { z } from "zod";

import type { Chain } from "../../src/chain/connectChain.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import { libraryError } from "../../src/errors/libraryErrors.ts";
import { XmtpError } from "../../src/errors/XmtpError.ts";
import { readAccount } from "./account.ts";
import { createCommand, groupCommands } from "./command.ts";
import { connectAppchain, connectSettlement } from "./connect.ts";
import { requireAddressBook } from "./files.ts";
import { optionHelp } from "./options.ts";
import { renderTable, type Output } from "./output.ts";
import { previewWrite, showPreview } from "./preview.ts";
import { READ_BOTH, WRITE_BOTH } from "./writeChain.ts";

const ON_CHAIN = {
  chain: z.enum(["settlement", "appchain"]).optional().register(optionHelp, {
    argument: "<chain>",
    help: "settlement or appchain; default: where the contract of the key is",
  }),
};

type ChainName = "settlement" | "appchain";

/** What reads its parameters on the settlement chain; everything else is on the appchain. */
const SETTLEMENT_KEYS = [
  "xmtp.nodeRegistry.",
  "xmtp.payerRegistry.",
  "xmtp.rateRegistry.",
  "xmtp.payerReportManager.",
  "xmtp.distributionManager.",
  "xmtp.feeToken.",
  "xmtp.mockUnderlyingFeeToken.",
  "xmtp.settlementChainGateway.",
  "xmtp.settlementChainParameterRegistry.",
];
const APPCHAIN_KEYS = [
  "xmtp.groupMessageBroadcaster.",
  "xmtp.identityUpdateBroadcaster.",
  "xmtp.appChainGateway.",
  "xmtp.appChainParameterRegistry.",
];

const PUSHED =
  "What the settlement chain holds besides for the appchain is shown where it differs: `bridge push` sends it over.";

/** The contracts that keep copies of parameters. The list of prices has commands of its own. */
const CONSUMERS = {
  Nodes: { chain: "settlement", entry: "nodeRegistry" },
  Payers: { chain: "settlement", entry: "payerRegistry" },
  PayerReports: { chain: "settlement", entry: "payerReportManager" },
  Rewards: { chain: "settlement", entry: "distributionManager" },
  GroupMessages: { chain: "appchain", entry: "groupMessageBroadcaster" },
  IdentityUpdates: { chain: "appchain", entry: "identityUpdateBroadcaster" },
} as const;

export function parametersCommand(): Command {
  const group = new Command("parameters").description(
    "the parameter registries of both chains, and what the contracts apply of them",
  );

  return groupCommands(group, [list(), get(), set(), apply()]);
}

function list(): Command {
  return createCommand({
    usage: "list",
    description: "show every parameter that the contracts read, as the registries hold it",
    help: PUSHED,
    shape: READ_BOTH,
    run: async ({ options, output }) => {
      const keysModule = await import("../../src/parameters/parameterKeys.ts");
      const { PARAMETER_TYPES, adminKey, APPCHAIN_ADMIN_PREFIX, SETTLEMENT_ADMIN_PREFIX } =
        keysModule;
      const { deployer, appChainGateway } = await requireAddressBook(options);
      const keys = [
        adminKey(SETTLEMENT_ADMIN_PREFIX, deployer),
        adminKey(APPCHAIN_ADMIN_PREFIX, deployer),
        adminKey(APPCHAIN_ADMIN_PREFIX, appChainGateway),
        ...Object.keys(PARAMETER_TYPES),
      ];
      await show(options, keys, undefined, output);
    },
  });
}

function get(): Command {
  return createCommand({
    usage: "get <key...>",
    description: "show parameters as the registry holds them",
    help: PUSHED,
    shape: { ...READ_BOTH, ...ON_CHAIN },
    run: async ({ options, args: keys, output }) => show(options, keys, options.chain, output),
  });
}

function set(): Command {
  return createCommand({
    usage: "set <key=value...>",
    description:
      "set parameters, those of one chain all or none; `apply` makes contracts take them",
    help: "The appchain's are set with --chain settlement and sent over with `bridge push`, where the bridge is.",
    shape: {
      ...WRITE_BOTH,
      ...ON_CHAIN,
      allowUnknownKeys: z.boolean().default(false).register(optionHelp, {
        help: "take keys that no contract here reads; their values are 32 bytes of hex",
      }),
    },
    run: async ({ options, args, output }) => {
      const values = parseAssignments(args);
      const addressBook = await requireAddressBook(options);
      const byChain = groupByChain([...values.keys()], options.chain);
      const { setParameters } = await import("../../src/parameters/parameters.ts");
      await write({
        options,
        addressBook,
        output,
        calls: byChain.map(({ chain, keys }) => ({
          chain,
          what: keys.map((key) => `set ${key} to ${values.get(key) ?? ""}`).join("; "),
          act: async (target) => {
            const { transactionHash, blockNumber } = await setParameters({
              ...target,
              address: registryOf(addressBook, chain),
              values: Object.fromEntries(keys.map((key) => [key, values.get(key) ?? ""])),
              allowUnknownKeys: options.allowUnknownKeys,
            }).catch(async (error: unknown) => {
              const isRefused = error instanceof XmtpError && error.code === "NotAdmin";
              if (isRefused && chain === "appchain") {
                await requireDirectWrites(target.chain, addressBook, keys);
              }
              throw error;
            });
            return {
              value: { chain, keys, transactionHash, blockNumber },
              text: `${chain}: set ${keys.join(", ")}: ${transactionHash}`,
            };
          },
        })),
      });
    },
  });
}

function apply(): Command {
  return createCommand({
    usage: "apply [contract...]",
    description: `make contracts take over their parameters: ${Object.keys(CONSUMERS).join(", ")}; default: all`,
    shape: WRITE_BOTH,
    run: async ({ options, args, output }) => {
      const names = args.length === 0 ? Object.keys(CONSUMERS) : args;
      const consumers = names.map((name) => ({ name, ...consumerOf(name) }));
      const addressBook = await requireAddressBook(options);
      const { applyUpdates } = await import("../../src/parameters/parameters.ts");
      await write({
        options,
        addressBook,
        output,
        calls: consumers.map(({ name, chain, entry }) => ({
          chain,
          what: `let ${name} apply its parameters`,
          act: async (target) => {
            const applied = await applyUpdates({ ...target, address: addressBook[entry] });
            const events = applied.updates.map(({ eventName }) => eventName);
            const done = events.length === 0 ? "held every value already" : events.join(", ");
            return {
              value: { chain, contract: name, ...applied },
              text: `${name}: ${done}: ${applied.transactionHash}`,
            };
          },
        })),
      });
    },
  });
}

type ReadSettings = z.output<z.ZodObject<typeof READ_BOTH>>;
type WriteSettings = z.output<z.ZodObject<typeof WRITE_BOTH>>;

async function show(
  options: ReadSettings,
  keys: readonly string[],
  onChain: ChainName | undefined,
  output: Output,
): Promise<void> {
  const byChain = groupByChain(keys, onChain);
  const addressBook = await requireAddressBook(options);
  const [{ getParameters }, { parameterType }] = await Promise.all([
    import("../../src/parameters/parameters.ts"),
    import("../../src/parameters/parameterKeys.ts"),
  ]);
  const readFrom = async (chain: ChainName, ofChain: readonly string[]) =>
    getParameters({
      chain: await connect(options, addressBook, chain),
      address: registryOf(addressBook, chain),
      keys: ofChain,
    });
  const found = await Promise.all(
    byChain.map(async ({ chain, keys: ofChain }) => {
      const isPushed = chain === "appchain" && addressBook.appChainBridge !== undefined;
      const [values, sources] = await Promise.all([
        readFrom(chain, ofChain),
        isPushed ? readFrom("settlement", ofChain) : undefined,
      ]);
      return ofChain.map((key) => ({
        chain,
        key,
        type: parameterType(key) ?? "bytes32",
        value: values[key],
        ...(sources && { onSettlement: sources[key] }),
      }));
    }),
  );
  const entries = found.flat();
  output.result(
    entries,
    renderTable(
      entries.map(({ chain, key, type, value, onSettlement = value }) => [
        chain,
        key,
        type,
        String(value),
        ...(onSettlement === value ? [] : [`${String(onSettlement)} on the settlement chain`]),
      ]),
    ),
  );
}

/** A call on one chain; `act` is run once with an account that cannot sign, and with `--yes` once more with one that can. */
interface Call {
  readonly chain: ChainName;
  readonly what: string;
  readonly act: (target: {
    readonly chain: Chain;
    readonly account: LocalAccount;
  }) => Promise<{ readonly value: object; readonly text: string }>;
}

/** Nothing is sent unless every call would pass. */
async function write({
  options,
  addressBook,
  output,
  calls,
}: {
  readonly options: WriteSettings;
  readonly addressBook: AddressBook;
  readonly output: Output;
  readonly calls: readonly Call[];
}): Promise<void> {
  const chains = new Map<ChainName, Chain>();
  for (const { chain } of calls) {
    if (!chains.has(chain)) chains.set(chain, await connect(options, addressBook, chain));
  }
  const chainIds = [...chains.values()].map(({ chainId }) => chainId);
  const { account } = await readAccount({ ...options, chainIds, output });
  const targets = calls.flatMap((call) => {
    const chain = chains.get(call.chain);
    return chain === undefined ? [] : [{ ...call, chain }];
  });
  const prepared = await Promise.all(
    targets.map(({ chain, what, act }) =>
      previewWrite({ what, chain, account }, (unsigning) => act({ chain, account: unsigning })),
    ),
  );
  if (!options.yes) return showPreview(prepared, output);

  const done: { readonly value: object; readonly text: string }[] = [];
  for (const { chain, act } of targets) done.push(await act({ chain, account }));
  output.result(
    done.map(({ value }) => value),
    done.map(({ text }) => text).join("\n"),
  );
}

function connect(
  options: ReadSettings,
  addressBook: AddressBook,
  chain: ChainName,
): Promise<Chain> {
  return chain === "settlement"
    ? connectSettlement(options, addressBook)
    : connectAppchain(options, addressBook);
}

/**
 * Says where parameters are set that come over the bridge.
 *
 * @throws {XmtpError} `INVALID_OPTION` if the gateway writes them
 */
async function requireDirectWrites(
  appchain: Chain,
  addressBook: AddressBook,
  keys: readonly string[],
): Promise<void> {
  const { isParameterAdmin } = await import("../../src/parameters/parameters.ts");
  const isOfGateway = await isParameterAdmin({
    chain: appchain,
    address: registryOf(addressBook, "appchain"),
    account: addressBook.appChainGateway,
  });
  if (!isOfGateway) return;
  throw libraryError(
    "INVALID_OPTION",
    "the appchain takes its parameters from the settlement chain, through the bridge",
    {
      hint: `set them there, with --chain settlement, and send them over: npm run network -- bridge push ${keys.join(" ")}`,
    },
  );
}

function registryOf(addressBook: AddressBook, chain: ChainName): string {
  return chain === "settlement"
    ? addressBook.settlementChainParameterRegistry
    : addressBook.appChainParameterRegistry;
}

function groupByChain(
  keys: readonly string[],
  onChain: ChainName | undefined,
): { readonly chain: ChainName; readonly keys: readonly string[] }[] {
  const chainOf = (key: string): ChainName => {
    if (onChain !== undefined) return onChain;
    if (SETTLEMENT_KEYS.some((prefix) => key.startsWith(prefix))) return "settlement";
    if (APPCHAIN_KEYS.some((prefix) => key.startsWith(prefix))) return "appchain";
    throw libraryError("INVALID_PARAMETER", `no contract here reads the key "${key}"`, {
      hint: "list the keys: npm run network -- parameters list; or name the registry with --chain",
    });
  };
  const chains = keys.map(chainOf);

  return (["settlement", "appchain"] as const)
    .map((chain) => ({ chain, keys: keys.filter((_, index) => chains[index] === chain) }))
    .filter(({ keys: ofChain }) => ofChain.length > 0);
}

function parseAssignments(args: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const arg of args) {
    const at = arg.indexOf("=");
    const [key, value] = [arg.slice(0, Math.max(at, 0)), arg.slice(at + 1)];
    if (key === "" || value === "") {
      throw libraryError("INVALID_PARAMETER", `"${arg}" is not key=value`, {
        hint: "for instance xmtp.nodeRegistry.maxCanonicalNodes=20",
      });
    }
    if (values.has(key)) {
      throw libraryError("INVALID_PARAMETER", `the key ${key} is given twice`, {
        hint: "give each key once",
      });
    }
    values.set(key, value);
  }

  return values;
}

function consumerOf(name: string): (typeof CONSUMERS)[keyof typeof CONSUMERS] {
  const found = Object.entries(CONSUMERS).find(([known]) => known === name);
  if (found !== undefined) return found[1];
  throw libraryError("INVALID_OPTION", `no contract "${name}" keeps copies of parameters`, {
    hint: `there are ${Object.keys(CONSUMERS).join(", ")}`,
  });
}
