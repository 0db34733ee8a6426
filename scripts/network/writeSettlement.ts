import type { LocalAccount } from "viem";
import type { z } from "zod";

import type { Chain } from "../../src/chain/connectChain.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import { readAccount } from "./account.ts";
import { connectSettlement } from "./connect.ts";
import { requireAddressBook } from "./files.ts";
import type { Output } from "./output.ts";
import { previewWrite, showPreview } from "./preview.ts";
import { SETTINGS } from "./settings.ts";

const { network, deploymentsDir, settlementRpc, privateKey, json, yes } = SETTINGS;

/** What every command takes that reads the settlement chain. */
export const READ = { network, deploymentsDir, settlementRpc, json };
/** What every command takes that writes to it. */
export const WRITE = { ...READ, privateKey, yes };

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

/** Acts with `--yes`, and shows the first transaction that would be sent without. */
export async function writeSettlement({
  options,
  output,
  place: opened,
  what,
  act,
}: {
  readonly options: WriteSettings;
  readonly output: Output;
  /** Where, if the command had to look there first. */
  readonly place?: Place;
  readonly what: string;
  readonly act: (
    place: Place & { readonly account: LocalAccount },
  ) => Promise<{ readonly value: object; readonly text: string }>;
}): Promise<void> {
  const place = opened ?? (await openSettlement(options));
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
