import type { LocalAccount } from "viem";
import type { z } from "zod";

import type { Chain } from "../../src/chain/connectChain.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import { readAccount } from "./account.ts";
import { connectAppchain, connectSettlement } from "./connect.ts";
import { requireAddressBook } from "./files.ts";
import type { Output } from "./output.ts";
import { previewWrite, showPreview } from "./preview.ts";
import { SETTINGS } from "./settings.ts";

const { network, deploymentsDir, settlementRpc, appchainRpc, privateKey, json, yes } = SETTINGS;

/** What every command takes that reads the settlement chain. */
export const READ = { network, deploymentsDir, settlementRpc, json };
/** What every command takes that writes to it. */
export const WRITE = { ...READ, privateKey, yes };
/** The same of commands that look at both chains, whichever of them they write to. */
export const READ_BOTH = { ...READ, appchainRpc };
export const WRITE_BOTH = { ...WRITE, appchainRpc };

export type ReadSettings = z.output<z.ZodObject<typeof READ>>;
export type WriteSettings = z.output<z.ZodObject<typeof WRITE>>;

/** Where a command acts. */
export interface Place {
  readonly chain: Chain;
  readonly addresses: AddressBook;
}

/** The settlement chain of the network, and its addresses. @throws {XmtpError} */
export async function openSettlement(options: ReadSettings): Promise<Place> {
  const addresses = await requireAddressBook(options);

  return { chain: await connectSettlement(options, addresses), addresses };
}

/** Both chains of the network, and their addresses. */
export interface BothChains {
  readonly settlement: Chain;
  readonly appchain: Chain;
  readonly addresses: AddressBook;
}

/** @throws {XmtpError} */
export async function openBoth(
  options: z.output<z.ZodObject<typeof READ_BOTH>>,
): Promise<BothChains> {
  const addresses = await requireAddressBook(options);
  const [settlement, appchain] = await Promise.all([
    connectSettlement(options, addresses),
    connectAppchain(options, addresses),
  ]);

  return { settlement, appchain, addresses };
}

interface Write {
  readonly options: WriteSettings;
  readonly output: Output;
  readonly what: string;
  readonly act: (
    place: Place & { readonly account: LocalAccount },
  ) => Promise<{ readonly value: object; readonly text: string }>;
}

/** As `writeChain`, to the settlement chain. */
export async function writeSettlement(write: Write): Promise<void> {
  await writeChain({ ...write, place: await openSettlement(write.options) });
}

/** Acts with `--yes`, and shows the first transaction that would be sent without. */
export async function writeChain({
  options,
  output,
  place,
  what,
  act,
}: Write & { readonly place: Place }): Promise<void> {
  const { chain } = place;
  const { account } = await readAccount({ ...options, chainIds: [chain.chainId], output });
  if (!options.yes) {
    const prepared = await previewWrite({ what, chain, account }, (unsigning) =>
      act({ ...place, account: unsigning }),
    );
    showPreview([prepared], output);
    return;
  }
  const { value, text } = await act({ ...place, account });
  output.result(value, text);
}
