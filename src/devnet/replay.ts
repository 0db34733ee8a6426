import { numberToHex, type Hex } from "viem";

import { DevnetError } from "./DevnetError.ts";
import type { AskNode } from "./devnetPlugin.ts";
import type { BlockEntry, Journal } from "./journal.ts";

interface ReplayConfig {
  readonly askNode: AskNode;
  readonly journal: Journal;
  /** Wei per gas of blocks that are not free, if it is constant. */
  readonly baseFee?: bigint | undefined;
}

/**
 * Makes the blocks of a journal again, and goes on at the present time. Returns the hashes of transactions that were sent
 * and wait for a block.
 *
 * @throws {DevnetError} `STATE_DIFFERS` if a block becomes another one than it was
 */
export async function replay({ askNode, journal, baseFee }: ReplayConfig): Promise<Hex[]> {
  const sent = new Map<Hex, Hex>();
  const blocks: BlockEntry[] = [];
  const send = (raw: Hex) => askNode("eth_sendRawTransaction", [raw]);

  const mine = async ({ timestamp, free, transactions }: BlockEntry): Promise<void> => {
    for (const transaction of transactions) {
      if (typeof transaction === "string") {
        await send(sent.get(transaction) ?? "0x");
        sent.delete(transaction);
      } else {
        await askNode("hardhat_impersonateAccount", [transaction.from]);
        await askNode("eth_sendTransaction", [transaction]);
        await askNode("hardhat_stopImpersonatingAccount", [transaction.from]);
      }
    }
    if (baseFee !== undefined) {
      await askNode("hardhat_setNextBlockBaseFeePerGas", [numberToHex(free ? 0n : baseFee)]);
    }
    await askNode("evm_mine", [timestamp]);
  };

  let failure: unknown;
  try {
    for (const entry of journal.entries()) {
      if ("sent" in entry) {
        sent.set(entry.sent, entry.raw);
      } else {
        blocks.push(entry);
        await mine(entry);
      }
    }
  } catch (error) {
    failure = error;
  }
  // Every block hash is over the one before: if the last is right, all are.
  const hashOf = async (number: number): Promise<Hex | undefined> => {
    const block = await askNode("eth_getBlockByNumber", [numberToHex(number), false]);
    return (block as { readonly hash: Hex } | null)?.hash;
  };
  const isSame = async (number: number) => (await hashOf(number)) === blocks[number - 1]?.block;
  if (blocks.length > 0 && !(await isSame(blocks.length))) {
    let [same, other] = [0, blocks.length];
    while (other - same > 1) {
      const middle = (same + other) >> 1;
      if (await isSame(middle)) same = middle;
      else other = middle;
    }
    throw new DevnetError("STATE_DIFFERS", `block ${other} becomes another one`, failure);
  }

  if (baseFee !== undefined) {
    await askNode("hardhat_setNextBlockBaseFeePerGas", [numberToHex(baseFee)]);
  }
  const latest = blocks.at(-1)?.timestamp ?? journal.genesisTime;
  const behind = Math.floor(Date.now() / 1000) - latest;
  if (behind > 0) await askNode("evm_increaseTime", [behind]);

  const waiting: Hex[] = [];
  for (const [hash, raw] of sent) {
    // Refused is what was replaced by another transaction of its sender.
    await send(raw).then(
      () => waiting.push(hash),
      () => undefined,
    );
  }
  return waiting;
}
