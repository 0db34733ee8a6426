import { getAddress, isAddress, type Hex } from "viem";

import { ethereum, isSameIdentifier } from "../../../src/indexer/identity/identifiers.ts";
import { inboxIdOf } from "../../../src/indexer/identity/inboxIdOf.ts";
import { IdentityUpdateSchema } from "../../../src/indexer/identity/proto/associations_pb.ts";
import type { ContractWalletRequest } from "../../../src/indexer/identity/signatures/contractWallet.ts";
import type { Identifier, InboxState } from "../../../src/indexer/identity/types.ts";
import {
  createContractWallet,
  createInstallation,
  createLegacyWallet,
  createPasskey,
  createWallet,
  writeHighS,
  type Actor,
} from "./actors.ts";
import { buildUpdate, type Plan } from "./buildUpdate.ts";
import { reencode } from "./reencode.ts";
import { rewriteSignatures } from "./rewriteSignatures.ts";

/** Signatures of contract wallets that begin with this byte are the ones that chains accept. */
const ACCEPTED = 0xaa;

/** Whether a chain accepts a contract wallet's signature in these histories. */
export function isAccepted({ signature }: ContractWalletRequest): boolean {
  return signature.startsWith(`0x${ACCEPTED.toString(16)}`);
}

export interface History {
  readonly inboxId: string;
  /** A serialized `IdentityUpdate` that is likely, though not sure, to be accepted in a state. */
  readonly next: (state: InboxState | undefined) => Uint8Array;
}

/** Updates of one inbox by everybody and everything that can sign, good and bad ones, replays and broken bytes. */
export function createHistory(random: () => number): History {
  const actors = createActors(random);
  const creators = actors.filter(({ identifier }) => identifier.kind !== "installation");
  const creator = pick(
    random,
    creators.filter(({ identifier }) => canCreate(identifier)),
  );
  const nonce = BigInt(Math.floor(random() * 2));
  const inboxId = inboxIdOf(creator.identifier, nonce);
  const sent: Uint8Array[] = [];
  let clientTimestampNs = 1_735_689_600_000_000_000n;

  const next = (state: InboxState | undefined): Uint8Array => {
    const update =
      random() < 0.2 && sent.length > 0 ? rewrite(random, pick(random, sent)) : build(state);
    sent.push(update);
    return random() < 0.05 ? damage(random, update) : update;
  };

  const build = (state: InboxState | undefined): Uint8Array => {
    clientTimestampNs += BigInt(Math.floor(random() * 1e12));
    const count = Math.floor(random() ** 2 * 4);
    const plans: Plan[] = Array.from({ length: count }, () => plan(state));
    if (state === undefined ? random() < 0.95 : random() < 0.03) {
      plans.unshift({ create: creator.identifier, by: creator, nonce });
    }

    return buildUpdate({
      inboxId: state !== undefined && random() < 0.02 ? "0".repeat(64) : inboxId,
      clientTimestampNs: random() < 0.02 ? (1n << 64n) - 1n - clientTimestampNs : clientTimestampNs,
      plans,
      ...(random() < 0.03 && { textOf: (text: string) => `${text}/` }),
    });
  };

  const plan = (state: InboxState | undefined): Plan => {
    const recovery = state?.recovery ?? creator.identifier;
    const members = [recovery, ...(state?.members.map(({ identifier }) => identifier) ?? [])];
    const ruler = random() < 0.85 ? signerOf(recovery) : pick(random, actors);
    const choice = random();
    if (choice < 0.6) {
      const newcomer = pick(random, actors);
      return {
        add: misspelt(newcomer.identifier),
        newBy: random() < 0.95 ? newcomer : pick(random, actors),
        by: random() < 0.8 ? signerOf(pick(random, members)) : pick(random, actors),
      };
    }
    if (choice < 0.85) {
      const revoked = random() < 0.8 ? pick(random, members) : pick(random, actors).identifier;
      return { revoke: misspelt(revoked), by: ruler };
    }
    const heir = random() < 0.02 ? ethereum("nobody\u0000é") : pick(random, creators).identifier;
    return { recovery: misspelt(heir), by: ruler };
  };

  /** Somebody who can sign as a member, in one of the ways in which it can. */
  const signerOf = (identifier: Identifier): Actor => {
    const [usual, ...others] = actors.filter((actor) =>
      isSameIdentifier(actor.identifier, identifier),
    );
    return usual === undefined || random() < 0.2 ? pick(random, [...actors, ...others]) : usual;
  };

  const misspelt = (identifier: Identifier): Identifier => {
    const { kind, value } = identifier;
    if (kind !== "ethereum" || !isAddress(value) || random() > 0.03) return identifier;
    return ethereum(getAddress(value));
  };

  return { inboxId, next };
}

function canCreate({ kind, value }: Identifier): boolean {
  return kind === "passkey" || value.startsWith("0x");
}

function createActors(random: () => number): Actor[] {
  const walletKeys = Array.from({ length: 4 }, (): Hex => `0x${keyOf(random).toString("hex")}`);
  const wallets = walletKeys.map((key) => createWallet(key));
  const passkeySecret = keyOf(random);
  const contract = `0x${keyOf(random).subarray(12).toString("hex")}`;
  const bytes = (first: number) => Buffer.concat([Buffer.of(first), keyOf(random)]);
  const chains = ["eip155:1", "eip155:10"];
  const [first = "0x", second = "0x"] = walletKeys;

  return [
    ...wallets,
    createWallet(first, writeHighS),
    createPasskey(passkeySecret),
    createPasskey(passkeySecret, { isCompressed: false }),
    createPasskey(keyOf(random)),
    createLegacyWallet(first, `0x${keyOf(random).toString("hex")}`),
    createLegacyWallet(second, `0x${keyOf(random).toString("hex")}`),
    ...chains.map((chain) => freshContractWallet(`${chain}:${contract}`, () => bytes(ACCEPTED))),
    freshContractWallet(`eip155:1:${wallets[1]?.identifier.value}`, () => bytes(ACCEPTED)),
    freshContractWallet(`eip155:1:${contract.slice(2)}`, () => bytes(ACCEPTED)),
    ...Array.from({ length: 4 }, () => createInstallation(keyOf(random))),
    createContractWallet(`eip155:1:${contract}`, { bytes: bytes(1) }),
  ];
}

/** A contract wallet whose signatures differ, as over different texts they do. */
function freshContractWallet(accountId: string, bytes: () => Uint8Array): Actor {
  const { identifier } = createContractWallet(accountId, { bytes: bytes() });

  return {
    identifier,
    sign: (text) => createContractWallet(accountId, { bytes: bytes() }).sign(text),
  };
}

/** An update as before, or in other bytes, or with its signatures in another encoding. */
function rewrite(random: () => number, bytes: Uint8Array): Uint8Array {
  const choice = random();
  if (choice < 0.3) return bytes;
  if (choice < 0.5) return reencode(IdentityUpdateSchema, bytes);

  return rewriteSignatures(bytes);
}

/** Bytes with a bit flipped, a piece missing or something more. */
function damage(random: () => number, bytes: Uint8Array): Uint8Array {
  const at = Math.floor(random() * bytes.length);
  const choice = random();
  if (choice < 0.2) return bytes.subarray(0, at);
  if (choice < 0.4) return Buffer.concat([bytes.subarray(0, at), Buffer.of(1), bytes.subarray(at)]);

  const flipped = Uint8Array.from(bytes);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  return flipped;
}

function keyOf(random: () => number): Buffer {
  return Buffer.from(Array.from({ length: 32 }, () => 1 + Math.floor(random() * 254)));
}

function pick<T>(random: () => number, values: readonly T[]): T {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new Error("there is nothing to pick from");

  return value;
}
