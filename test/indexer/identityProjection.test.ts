import { expect } from "chai";
import type { Hex } from "viem";

import type { Database } from "../../src/indexer/database/database.ts";
import { memberKey } from "../../src/indexer/identity/identifiers.ts";
import { inboxIdOf } from "../../src/indexer/identity/inboxIdOf.ts";
import type { ContractWalletVerifier } from "../../src/indexer/identity/signatures/contractWallet.ts";
import type { InboxState } from "../../src/indexer/identity/types.ts";
import { createIdentityProjection } from "../../src/indexer/projection/createIdentityProjection.ts";
import { readInboxes } from "../../src/indexer/projection/identityRows.ts";
import { replayIdentity } from "../../src/indexer/projection/replayIdentity.ts";
import type { Comparison } from "../../src/indexer/store/compareTable.ts";
import { createIndexModel, type IndexModel } from "../helpers/createIndexModel.ts";
import { createRandom } from "../helpers/createRandom.ts";
import { createWallet } from "../helpers/identity/actors.ts";
import { buildUpdate } from "../helpers/identity/buildUpdate.ts";
import { createHistory, isAccepted } from "../helpers/identity/createHistory.ts";
import { createInboxLog } from "../helpers/identity/createInboxLog.ts";
import { envelopeOf } from "../helpers/identity/envelopeOf.ts";
import { toVectorState, vectors, type AddressLog } from "../helpers/identity/vectors.ts";
import { INDEX_DATABASES, type TestDatabase } from "../helpers/indexDatabases.ts";

/** `IDENTITY_SEED=123` repeats a run, `IDENTITY_RUNS=100` makes it long. */
const SEED = Number(process.env["IDENTITY_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = Number(process.env["IDENTITY_RUNS"] ?? 1);

const ASKED: ContractWalletVerifier = async (request) =>
  isAccepted(request) ? "valid" : "invalid";

for (const [name, open] of Object.entries(INDEX_DATABASES)) {
  describe(`the meaning of identity updates, in the database: ${name} (seed ${SEED})`, function () {
    this.timeout(120_000 + RUNS * 20_000);
    let stored: TestDatabase;
    before(async () => {
      stored = await open();
    });
    after(() => stored.stop());
    beforeEach(() => stored.reset());

    it("is that of recorded scenarios after each update", async () => {
      // Emptying the embedded database takes a tenth of a second each time.
      const scenarios = name === "embedded" ? vectors.scenarios.slice(0, 10) : vectors.scenarios;
      for (const scenario of scenarios) {
        await stored.reset();
        const { database } = stored;
        const model = await createIndexModel({ database, chain: "appchain" });
        const inboxId = /^Inbox ID: (.*)$/mu.exec(scenario.updates[0]?.signatureText ?? "")?.[1];
        const answer = scenario.contractWalletAnswer ?? "invalid";
        const { decideAll } = project(database, async () => answer);
        // Update numbers are sequence ids, from 1 on.
        await model.append([]);

        for (const update of scenario.updates) {
          const bytes = envelopeOf(bytesOf(update.identityUpdate), inboxId ?? "");
          await model.append([eventOf(inboxId ?? "", bytes)]);
          await decideAll();

          const label = `${scenario.name}, update ${update.sequenceId}`;
          const [verdict] = await database.query(
            "select outcome, error from identity_verdicts order by position desc limit 1",
          );
          expect(verdict, label).to.deep.equal({
            outcome: update.result === "ok" ? "accepted" : "rejected",
            error: update.error ?? null,
          });
          if (update.result === "rejected") continue;
          const state = await readState(database, inboxId ?? "");
          const {
            seenSignatures: _,
            seenSignatureCount,
            ...shown
          } = toVectorState(state, await readSeenDigests(database));
          const expected = update.stateAfter;
          expect(shown.recovery, label).to.deep.equal(expected?.recovery);
          expect(shown.members, label).to.have.deep.members([...(expected?.members ?? [])]);
          expect(seenSignatureCount, label).to.equal(expected?.seenSignatureCount);
          expect(await readAddressLog(database), label).to.deep.equal(update.addressLogAfter);
        }
      }
    });

    for (let run = 0; run < RUNS; run++) {
      it(`stays right through reorganisations (${run + 1})`, () => reorganise(SEED + run));
    }

    /** Several inboxes at once; blocks are undone and others take their place. */
    async function reorganise(seed: number): Promise<void> {
      const { database } = stored;
      const random = createRandom(seed);
      const model = await createIndexModel({ database, chain: "appchain" });
      const { decideAll } = project(database, ASKED);
      const histories = Array.from({ length: 3 }, () => createHistory(random));

      let logs = await expectedLogs(model);
      for (let round = 0; round < 20; round++) {
        const depth = random() < 0.3 ? Math.ceil(random() * 6) : 0;
        if (depth > 0 && model.nextBlock() > depth + 1) {
          await model.undo(model.nextBlock() - 1 - depth);
          logs = await expectedLogs(model);
        }
        const blocks = [];
        for (let block = 0; block < 1 + random() * 3; block++) {
          const events = [];
          for (let index = 0; index < random() * 3; index++) {
            const history = histories[Math.floor(random() * histories.length)] ?? histories[0]!;
            const event = eventOf(
              history.inboxId,
              envelopeOf(history.next(logs.get(history.inboxId)?.state()), history.inboxId),
            );
            await append(logs, event);
            events.push(event);
          }
          blocks.push(events);
        }
        await model.append(...blocks);
        if (random() < 0.7) await decideAll();
      }
      await decideAll();

      const expected = await expectedLogs(model);
      for (const { inboxId } of histories) {
        const label = `seed ${seed}, inbox ${inboxId}`;
        expect(sorted(await readState(database, inboxId)), label).to.deep.equal(
          sorted(expected.get(inboxId)?.state()),
        );
      }
      const found: Comparison = { tables: new Map(), differences: [] };
      await replayIdentity(database, ASKED, found);
      expect(found.differences, `seed ${seed}`).to.deep.equal([]);
      expect(found.tables.get("identity_verdicts")?.rows).to.equal(model.events().length);
    }

    it("waits for a chain that does not answer, in that inbox alone, and goes on as if it had", async () => {
      const { database } = stored;
      const wallet = vectors.scenarios.find(({ name }) => name === "scw_same_chain");
      const other = vectors.scenarios.find(({ name }) => name === "main_lifecycle");
      if (wallet === undefined || other === undefined) throw new Error("a scenario is missing");
      const walletInbox =
        /^Inbox ID: (.*)$/mu.exec(wallet.updates[0]?.signatureText ?? "")?.[1] ?? "";
      const model = await createIndexModel({ database, chain: "appchain" });
      let isReachable = false;
      const projection = project(database, async () =>
        isReachable ? "valid" : { undecided: "the chain does not answer" },
      );

      await model.append(
        wallet.updates.map((update) =>
          eventOf(walletInbox, envelopeOf(bytesOf(update.identityUpdate), walletInbox)),
        ),
        other.updates.map((update) =>
          eventOf(other.inboxId, envelopeOf(bytesOf(update.identityUpdate), other.inboxId)),
        ),
      );
      await projection.decideAll();

      expect(await outcomesOf(database, walletInbox)).to.deep.equal(
        wallet.updates.map(() => "undecided"),
      );
      expect(await readState(database, walletInbox)).to.equal(undefined);
      expect(await outcomesOf(database, other.inboxId)).to.deep.equal(
        other.updates.map(() => "accepted"),
      );

      isReachable = true;
      await projection.retryWaiting();

      expect(await outcomesOf(database, walletInbox)).to.deep.equal(
        wallet.updates.map(({ result }) => (result === "ok" ? "accepted" : "rejected")),
      );
      const found: Comparison = { tables: new Map(), differences: [] };
      await replayIdentity(database, async () => "valid", found);
      expect(found.differences).to.deep.equal([]);
    });

    it("is not stalled by a recovery that no column of text can hold", async () => {
      const { database } = stored;
      const model = await createIndexModel({ database, chain: "appchain" });
      const { decideAll } = project(database, ASKED);
      const actor = createWallet(`0x${"11".repeat(32)}`);
      const inboxId = inboxIdOf(actor.identifier, 1n);
      const recovery = {
        kind: "ethereum" as const,
        value: `\\0 is not \0, ${"x".repeat(200_000)}`,
      };
      const update = buildUpdate({
        inboxId,
        clientTimestampNs: 1n,
        plans: [
          { create: actor.identifier, by: actor, nonce: 1n },
          { recovery, by: actor },
        ],
      });

      await model.append([eventOf(inboxId, envelopeOf(update, inboxId))]);
      await decideAll();

      expect(await outcomesOf(database, inboxId)).to.deep.equal(["accepted"]);
      expect((await readState(database, inboxId))?.recovery).to.deep.equal(recovery);
    });

    it("drops an update whose sequence id was passed, as nodes do", async () => {
      const { database } = stored;
      const [scenario] = vectors.scenarios;
      const model = await createIndexModel({ database, chain: "appchain" });
      const { decideAll } = project(database, ASKED);
      const inboxId = scenario?.inboxId ?? "";
      await model.append(
        (scenario?.updates ?? [])
          .slice(0, 3)
          .map((update) => eventOf(inboxId, envelopeOf(bytesOf(update.identityUpdate), inboxId))),
      );
      // As a bootstrap leaves it: the third event with an id below the second.
      await database.query("update identity_updates set sequence_id = 1 where sequence_id = 3");
      await decideAll();

      const rows = await database.query(
        "select outcome, error from identity_verdicts order by position",
      );
      expect(rows).to.deep.equal([
        { outcome: "accepted", error: null },
        { outcome: "accepted", error: null },
        { outcome: "rejected", error: "OutOfOrder" },
      ]);
    });
  });
}

function project(database: Database, verifyContractWallet: ContractWalletVerifier) {
  return createIdentityProjection({
    database,
    verifyContractWallet,
    signal: new AbortController().signal,
    retryMs: 10_000,
    onDecided: () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
}

function eventOf(inboxId: string, payload: Uint8Array) {
  const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;

  return { table: "identity_updates" as const, id: `0x${inboxId}` as const, payload: hex(payload) };
}

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex.slice(2), "hex");
}

type Logs = Map<string, ReturnType<typeof createInboxLog>>;

/** What an engine without a database makes of the events that are on the chain now. */
async function expectedLogs(model: IndexModel): Promise<Logs> {
  const logs: Logs = new Map();
  for (const event of model.events()) {
    if (event.table === "identity_updates") await append(logs, event);
  }
  return logs;
}

async function append(logs: Logs, { id, payload }: { id: Hex; payload: Hex }): Promise<void> {
  const inboxId = id.slice(2);
  const log = logs.get(inboxId) ?? createInboxLog({ inboxId, verifyContractWallet: ASKED });
  logs.set(inboxId, log);
  await log.append(payload);
}

async function readState(database: Database, inboxId: string): Promise<InboxState | undefined> {
  return (await readInboxes(database, [inboxId])).get(inboxId)?.state;
}

async function readSeenDigests(database: Database): Promise<Set<string>> {
  const rows = await database.query<{ digest: string }>(
    "select encode(digest, 'hex') as digest from inbox_signatures",
  );
  return new Set(rows.map(({ digest }) => digest));
}

async function readAddressLog(database: Database): Promise<AddressLog> {
  const rows = await database.query<{
    address: string;
    association_sequence_id: bigint;
    revocation_sequence_id: bigint | null;
  }>("select address, association_sequence_id, revocation_sequence_id from address_log");

  return Object.fromEntries(
    rows.map(({ address, association_sequence_id, revocation_sequence_id }) => [
      address,
      {
        associationSequenceId: Number(association_sequence_id),
        revocationSequenceId:
          revocation_sequence_id === null ? null : Number(revocation_sequence_id),
      },
    ]),
  );
}

/** Members have no order among those that one update added. */
function sorted(state: InboxState | undefined): InboxState | undefined {
  const keyOf = ({ identifier }: InboxState["members"][number]): string => memberKey(identifier);

  return (
    state && {
      ...state,
      members: state.members.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    }
  );
}

async function outcomesOf(database: Database, inboxId: string): Promise<unknown[]> {
  const rows = await database.query<{ outcome: string }>(
    "select outcome from identity_verdicts where inbox_id = decode($1, 'hex') order by position",
    [inboxId],
  );
  return rows.map(({ outcome }) => outcome);
}
