import { expect } from "chai";

import {
  LOG_KINDS,
  MAX_PAYLOAD_SIZE,
  deployConfiguredLog,
  deployLog,
  type LogFixture,
  type LogKind,
} from "../../../helpers/deployLog.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { readLogState } from "../../../helpers/logState.ts";
import { loadFixture } from "../../../helpers/network.ts";
import { idOf, payloadOf, repeat } from "../../../helpers/payloads.ts";

const LAST_SEQUENCE_ID = 2n ** 64n - 1n;

/** A paused log that has three payloads. */
async function deployPausedLog(kind: LogKind): Promise<LogFixture> {
  const fixture = await deployConfiguredLog(kind);
  await fixture.actions.addMany(repeat(idOf(kind, 1), 3), repeat(payloadOf(100), 3));
  await fixture.setParameters({ paused: true });
  await fixture.log.updatePauseStatus();

  return fixture;
}

for (const kind of LOG_KINDS) {
  describe(`${kind.name}.${kind.functions.bootstrap}`, () => {
    const pausedLog = () => deployPausedLog(kind);
    const configuredLog = () => deployConfiguredLog(kind);

    const id = idOf(kind, 7);
    const payload = payloadOf(100);

    it("emits each payload under the sequence id that comes with it, in order", async () => {
      const { log, as, bootstrapper } = await loadFixture(pausedLog);

      const transaction = await as(bootstrapper).bootstrap(
        [idOf(kind, 1), idOf(kind, 2)],
        [payloadOf(80, 1), payloadOf(90, 2)],
        [10n, 11n],
      );

      expect(await eventsOf(transaction, log)).to.deep.equal([
        [kind.event, idOf(kind, 1), payloadOf(80, 1), 10n],
        [kind.event, idOf(kind, 2), payloadOf(90, 2), 11n],
      ]);
    });

    it("takes ids that are repeated, out of order, below the counter, or zero", async () => {
      const { log, as, bootstrapper } = await loadFixture(pausedLog);
      const sequenceIds = [9n, 1n, 9n, 0n, 5n];

      const transaction = await as(bootstrapper).bootstrap(
        repeat(id, 5),
        repeat(payload, 5),
        sequenceIds,
      );

      expect(await eventsOf(transaction, log)).to.deep.equal(
        sequenceIds.map((sequenceId) => [kind.event, id, payload, sequenceId]),
      );
      expect(await log.sequenceId()).to.equal(9n);
    });

    it("raises the counter to the greatest id, and never lowers it", async () => {
      const { log, as, bootstrapper } = await loadFixture(pausedLog);

      for (const [sequenceId, expected] of [
        [2n, 3n],
        [3n, 3n],
        [4n, 4n],
        [1_000n, 1_000n],
        [999n, 1_000n],
      ] as const) {
        await as(bootstrapper).bootstrap([id], [payload], [sequenceId]);
        expect(await log.sequenceId(), String(sequenceId)).to.equal(expected);
      }
    });

    it("changes nothing of the state but the counter", async () => {
      const { log, as, bootstrapper } = await loadFixture(pausedLog);
      const before = await readLogState(log);

      await as(bootstrapper).bootstrap([id], [payload], [LAST_SEQUENCE_ID - 1n]);

      expect(await readLogState(log)).to.deep.equal({
        ...before,
        sequenceId: LAST_SEQUENCE_ID - 1n,
      });
    });

    it("lets the next ordinary payload follow the greatest id", async () => {
      const { log, as, actions, bootstrapper, setParameters } = await loadFixture(pausedLog);
      await as(bootstrapper).bootstrap([id, id], [payload, payload], [41n, 40n]);
      await setParameters({ paused: false });
      await log.updatePauseStatus();

      expect(await eventsOf(await actions.add(id, payload), log)).to.deep.equal([
        [kind.event, id, payload, 42n],
      ]);
    });

    it("ignores the size limits, for empty payloads too", async () => {
      const { log, as, bootstrapper } = await loadFixture(pausedLog);
      const large = payloadOf(MAX_PAYLOAD_SIZE + 1n);

      expect(
        await eventsOf(await as(bootstrapper).bootstrap([id, id], ["0x", large], [4n, 5n]), log),
      ).to.deep.equal([
        [kind.event, id, "0x", 4n],
        [kind.event, id, large, 5n],
      ]);
    });

    it("refuses the last sequence id, wherever it stands, and leaves no trace", async () => {
      const { log, as, bootstrapper } = await loadFixture(pausedLog);

      for (const sequenceIds of [
        [LAST_SEQUENCE_ID, 4n],
        [4n, LAST_SEQUENCE_ID],
      ]) {
        await expect(as(bootstrapper).bootstrap(repeat(id, 2), repeat(payload, 2), sequenceIds))
          .to.be.revertedWithCustomError(log, "SequenceIdTooLarge")
          .withArgs(LAST_SEQUENCE_ID);
      }
      expect(await log.sequenceId()).to.equal(3n);
    });

    it("takes the last but one sequence id, after which one payload fits", async () => {
      const { log, as, actions, bootstrapper, setParameters } = await loadFixture(pausedLog);
      await as(bootstrapper).bootstrap([id], [payload], [LAST_SEQUENCE_ID - 1n]);
      await setParameters({ paused: false });
      await log.updatePauseStatus();

      await actions.add(id, payload);
      expect(await log.sequenceId()).to.equal(LAST_SEQUENCE_ID);
      await expect(actions.add(id, payload)).to.be.revertedWithCustomError(log, "Paused");
    });

    it("refuses everybody else", async () => {
      const { log, actions, as, admin } = await loadFixture(pausedLog);

      await expect(actions.bootstrap([id], [payload], [4n])).to.be.revertedWithCustomError(
        log,
        "NotPayloadBootstrapper",
      );
      await expect(as(admin).bootstrap([id], [payload], [4n])).to.be.revertedWithCustomError(
        log,
        "NotPayloadBootstrapper",
      );
    });

    it("refuses everybody while no bootstrapper is set", async () => {
      const freshLog = () => deployLog(kind);
      const { log, as, bootstrapper, setParameters } = await loadFixture(freshLog);
      await setParameters({ paused: true });
      await log.updatePauseStatus();

      await expect(as(bootstrapper).bootstrap([id], [payload], [1n])).to.be.revertedWithCustomError(
        log,
        "NotPayloadBootstrapper",
      );
    });

    it("refuses the bootstrapper while the log is not paused", async () => {
      const { log, as, bootstrapper } = await loadFixture(configuredLog);

      await expect(as(bootstrapper).bootstrap([id], [payload], [1n])).to.be.revertedWithCustomError(
        log,
        "NotPaused",
      );
    });

    it("refuses an empty bootstrap", async () => {
      const { log, as, bootstrapper } = await loadFixture(pausedLog);

      await expect(as(bootstrapper).bootstrap([], [], [])).to.be.revertedWithCustomError(
        log,
        "EmptyArray",
      );
    });

    describe("when several things are wrong", () => {
      it("tells that it is not paused before that the caller is another", async () => {
        const { log, actions } = await loadFixture(configuredLog);

        await expect(actions.bootstrap([id], [payload], [1n])).to.be.revertedWithCustomError(
          log,
          "NotPaused",
        );
      });

      it("tells that the caller is another before different lengths", async () => {
        const { log, actions } = await loadFixture(pausedLog);

        await expect(actions.bootstrap([id], [], [])).to.be.revertedWithCustomError(
          log,
          "NotPayloadBootstrapper",
        );
      });

      it("tells different lengths before an empty array or a sequence id too large", async () => {
        const { log, as, bootstrapper } = await loadFixture(pausedLog);

        for (const [idCount, payloadCount, sequenceIdCount] of [
          [0, 1, 0],
          [0, 0, 1],
          [1, 0, 0],
          [0, 1, 1],
          [1, 0, 1],
          [1, 1, 0],
          [2, 2, 1],
          [1, 2, 2],
        ] as const) {
          await expect(
            as(bootstrapper).bootstrap(
              repeat(id, idCount),
              repeat(payload, payloadCount),
              Array.from({ length: sequenceIdCount }, () => LAST_SEQUENCE_ID),
            ),
            `${idCount}, ${payloadCount}, ${sequenceIdCount}`,
          ).to.be.revertedWithCustomError(log, "ArrayLengthMismatch");
        }
      });
    });
  });
}
