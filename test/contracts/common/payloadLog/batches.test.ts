import { expect } from "chai";
import type { Log } from "ethers";

import {
  LOG_KINDS,
  MAX_PAYLOAD_SIZE,
  MIN_PAYLOAD_SIZE,
  deployConfiguredLog,
} from "../../../helpers/deployLog.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { setLogState } from "../../../helpers/logState.ts";
import { loadFixture, networkHelpers } from "../../../helpers/network.ts";
import { idOf, payloadOf, repeat } from "../../../helpers/payloads.ts";

const LAST_SEQUENCE_ID = 2n ** 64n - 1n;

for (const kind of LOG_KINDS) {
  describe(`${kind.name}.${kind.functions.addMany}`, () => {
    const configuredLog = () => deployConfiguredLog(kind);

    const ids = [idOf(kind, 1), idOf(kind, 2), idOf(kind, 1)];
    const payloads = [payloadOf(78, 1), payloadOf(200, 2), payloadOf(1_000, 3)];

    it("adds every payload under consecutive sequence ids, in order", async () => {
      const { log, actions } = await loadFixture(configuredLog);
      await actions.add(ids[0] ?? "", payloads[0] ?? "");

      expect(await eventsOf(await actions.addMany(ids, payloads), log)).to.deep.equal([
        [kind.event, ids[0], payloads[0], 2n],
        [kind.event, ids[1], payloads[1], 3n],
        [kind.event, ids[2], payloads[2], 4n],
      ]);
      expect(await log.sequenceId()).to.equal(4n);

      await actions.add(ids[0] ?? "", payloads[0] ?? "");
      expect(await log.sequenceId()).to.equal(5n);
    });

    it("takes a batch of one", async () => {
      const { log, actions } = await loadFixture(configuredLog);

      expect(
        await eventsOf(await actions.addMany(ids.slice(0, 1), payloads.slice(0, 1)), log),
      ).to.deep.equal([[kind.event, ids[0], payloads[0], 1n]]);
    });

    it("writes the same logs as single calls, byte for byte", async () => {
      const { actions } = await loadFixture(configuredLog);
      const snapshot = await networkHelpers.takeSnapshot();
      const batch = await (await actions.addMany(ids, payloads)).wait();
      await snapshot.restore();

      const singles: Log[] = [];
      for (const [index, id] of ids.entries()) {
        const receipt = await (await actions.add(id, payloads[index] ?? "")).wait();
        singles.push(...(receipt?.logs ?? []));
      }

      const content = (logs: readonly Log[] | undefined) =>
        logs?.map(({ address, topics, data }) => ({ address, topics, data }));
      expect(singles).to.have.lengthOf(3);
      expect(content(batch?.logs)).to.deep.equal(content(singles));
    });

    it("adds none when one payload has a wrong size, wherever it stands", async () => {
      const { log, actions } = await loadFixture(configuredLog);

      for (const wrongIndex of [0, 1, 2]) {
        for (const size of [0n, MIN_PAYLOAD_SIZE - 1n, MAX_PAYLOAD_SIZE + 1n]) {
          const bad = payloads.with(wrongIndex, payloadOf(size));

          await expect(actions.addMany(ids, bad), `${wrongIndex}: ${size}`)
            .to.be.revertedWithCustomError(log, "InvalidPayloadSize")
            .withArgs(size, MIN_PAYLOAD_SIZE, MAX_PAYLOAD_SIZE);
        }
      }
      expect(await log.sequenceId()).to.equal(0n);
    });

    it("names the first of several wrong sizes", async () => {
      const { log, actions } = await loadFixture(configuredLog);

      await expect(
        actions.addMany(ids, [payloadOf(78), payloadOf(MIN_PAYLOAD_SIZE - 1n), payloadOf(1)]),
      )
        .to.be.revertedWithCustomError(log, "InvalidPayloadSize")
        .withArgs(MIN_PAYLOAD_SIZE - 1n, MIN_PAYLOAD_SIZE, MAX_PAYLOAD_SIZE);
    });

    it("refuses an empty batch", async () => {
      const { log, actions } = await loadFixture(configuredLog);

      await expect(actions.addMany([], [])).to.be.revertedWithCustomError(log, "EmptyArray");
    });

    it("refuses arrays of different lengths, and tells so before an empty one or a wrong size", async () => {
      const { log, actions } = await loadFixture(configuredLog);

      for (const [idCount, payloadCount] of [
        [0, 1],
        [1, 0],
        [2, 3],
        [3, 2],
      ] as const) {
        const wrongSizes = repeat("0x", payloadCount);
        await expect(
          actions.addMany(ids.slice(0, idCount), wrongSizes),
          `${idCount}, ${payloadCount}`,
        ).to.be.revertedWithCustomError(log, "ArrayLengthMismatch");
      }
    });

    it("refuses every batch while paused, and tells so before different lengths", async () => {
      const { log, actions, setParameters } = await loadFixture(configuredLog);
      await setParameters({ paused: true });
      await log.updatePauseStatus();

      await expect(actions.addMany(ids, payloads)).to.be.revertedWithCustomError(log, "Paused");
      await expect(actions.addMany(ids, [])).to.be.revertedWithCustomError(log, "Paused");
    });

    it("gives out the last sequence id, and reverts instead of wrapping around after it", async () => {
      const { log, actions } = await loadFixture(configuredLog);

      await setLogState(log, { sequenceId: LAST_SEQUENCE_ID - 3n });
      await actions.addMany(ids, payloads);
      expect(await log.sequenceId()).to.equal(LAST_SEQUENCE_ID);

      await setLogState(log, { sequenceId: LAST_SEQUENCE_ID - 2n });
      await expect(actions.addMany(ids, payloads)).to.be.revertedWithCustomError(log, "Paused");
      expect(await log.sequenceId()).to.equal(LAST_SEQUENCE_ID - 2n);

      await setLogState(log, { sequenceId: LAST_SEQUENCE_ID });
      await expect(actions.addMany(ids, payloads)).to.be.revertedWithCustomError(log, "Paused");
    });
  });
}
