import { fileURLToPath } from "node:url";

import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import hardhatConfig from "../../hardhat.config.ts";
import { XmtpError } from "../../src/errors/XmtpError.ts";
import { libraryError } from "../../src/errors/libraryErrors.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Hardhat's number for a configuration variable that neither the environment nor a keystore has. */
const NOT_FOUND = 7;

/** What Hardhat keeps in its keystore for a network of `hardhat.config.ts`. */
export interface Keystore {
  /** The private key of the network's account; nothing if there is none. */
  readPrivateKey(): Promise<string | undefined>;
  /** The URL of the network's node; nothing if there is none. */
  readUrl(): Promise<string | undefined>;
}

/** One for all variables: it asks for the password once. */
let hardhat: Promise<HardhatRuntimeEnvironment> | undefined;

/**
 * Opens the Hardhat keystore. It asks for its password in the terminal, and fails where there is none to ask in.
 *
 * @example
 * const key = await (await openKeystore("settlement")).readPrivateKey();
 */
export async function openKeystore(networkName: "settlement" | "appchain"): Promise<Keystore> {
  hardhat ??= startHardhat();
  const hre = await hardhat;
  const network = hre.config.networks[networkName];
  if (network?.type !== "http") {
    throw new RangeError(`hardhat.config.ts has no HTTP network "${networkName}"`);
  }

  return {
    readUrl: () => readVariable(() => network.url.get()),
    readPrivateKey: () =>
      readVariable(async () => {
        const [account] = Array.isArray(network.accounts) ? network.accounts : [];
        return account?.get();
      }),
  };
}

async function readVariable(read: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof XmtpError) throw error;
    if (error instanceof Error && "number" in error && error.number === NOT_FOUND) return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw libraryError("INVALID_OPTION", `the Hardhat keystore cannot be read: ${reason}`, {
      cause: error,
      hint: "see what it holds: npx hardhat keystore list; or set the environment variable instead",
    });
  }
}

async function startHardhat(): Promise<HardhatRuntimeEnvironment> {
  const hre = await createHardhatRuntimeEnvironment(hardhatConfig, {}, ROOT);
  hre.hooks.registerHandlers("userInterruptions", {
    requestSecretInput: async (context, interruptor, description, next) => {
      if (process.stdin.isTTY && process.stdout.isTTY)
        return next(context, interruptor, description);
      throw libraryError(
        "INVALID_PRIVATE_KEY",
        "the Hardhat keystore asks for a password, and there is no terminal",
        {
          hint: "set PRIVATE_KEY, SETTLEMENT_RPC_URL and APPCHAIN_RPC_URL in the environment, or run it in a terminal",
        },
      );
    },
  });

  return hre;
}
