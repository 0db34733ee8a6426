import { expect } from "chai";
import { AbiCoder, toBeHex, zeroPadBytes } from "ethers";

import {
  LOG_KINDS,
  MAX_PAYLOAD_SIZE,
  MIN_PAYLOAD_SIZE,
  deployConfiguredLog,
  deployLog,
} from "../../../helpers/deployLog.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { readLogState, setLogState } from "../../../helpers/logState.ts";
import { loadFixture } from "../../../helpers/network.ts";
import { idOf, payloadOf } from "../../../helpers/payloads.ts";

const LAST_SEQUENCE_ID = 2n ** 64n - 1n;

for (const kind of LOG_KINDS) {
  describe(`${kind.name}.${kind.functions.add}`, () => {
    const freshLog = () => deployLog(kind);
    const configuredLog = () => deployConfiguredLog(kind);

    const payload = payloadOf(100);

    it("counts from 1 for all ids and all senders", async () => {
      const { log, as, admin, stranger } = await loadFixture(configuredLog);

      const calls = [
        { sender: stranger, id: idOf(kind, 1) },
        { sender: stranger, id: idOf(kind, 1) },
        { sender: admin, id: idOf(kind, 2) },
        { sender: admin, id: idOf(kind, 1) },
      ];
      for (const [index, { sender, id }] of calls.entries()) {
        const sequenceId = BigInt(index + 1);

        expect(await eventsOf(await as(sender).add(id, payload), log)).to.deep.equal([
          [kind.event, id, payload, sequenceId],
        ]);
        expect(await log.sequenceId()).to.equal(sequenceId);
      }
    });

    it("writes the log that indexers read: id and sequence id as topics, the payload as data", async () => {
      const { log, actions } = await loadFixture(configuredLog);
      const id = idOf(kind, 0xcd);
      // One byte beyond a multiple of 32, so the data is padded.
      const odd = payloadOf(129);

      const receipt = await (await actions.add(id, odd)).wait();

      expect(receipt?.logs).to.have.lengthOf(1);
      expect(receipt?.logs[0]?.address).to.equal(await log.getAddress());
      expect(receipt?.logs[0]?.topics).to.deep.equal([
        log.interface.getEvent(kind.event as never)?.topicHash,
        zeroPadBytes(id, 32),
        toBeHex(1, 32),
      ]);
      expect(receipt?.logs[0]?.data).to.equal(AbiCoder.defaultAbiCoder().encode(["bytes"], [odd]));
    });

    it("pads the data of every length with zeros up to a whole word", async () => {
      const { actions, setParameters, log } = await loadFixture(configuredLog);
      await setParameters({ minPayloadSize: 1n });
      await log.updateMinPayloadSize();

      // Short payloads lie where memory is in use before, longer ones where it may be.
      for (const size of [1, 31, 32, 33, 63, 64, 65, 95, 96, 97, 127, 128, 129, 1_000]) {
        const receipt = await (await actions.add(idOf(kind, 1), payloadOf(size))).wait();

        expect(receipt?.logs[0]?.data, String(size)).to.equal(
          AbiCoder.defaultAbiCoder().encode(["bytes"], [payloadOf(size)]),
        );
      }
    });

    it("takes payloads of the least and the greatest size, and none one byte beyond", async () => {
      const { log, actions } = await loadFixture(configuredLog);
      const id = idOf(kind, 1);

      await actions.add(id, payloadOf(MIN_PAYLOAD_SIZE));
      await actions.add(id, payloadOf(MAX_PAYLOAD_SIZE));
      expect(await log.sequenceId()).to.equal(2n);

      for (const size of [MIN_PAYLOAD_SIZE - 1n, MAX_PAYLOAD_SIZE + 1n]) {
        await expect(actions.add(id, payloadOf(size)), String(size))
          .to.be.revertedWithCustomError(log, "InvalidPayloadSize")
          .withArgs(size, MIN_PAYLOAD_SIZE, MAX_PAYLOAD_SIZE);
      }
      expect(await log.sequenceId()).to.equal(2n);
    });

    it("takes payloads of one size only, when the least size is the greatest", async () => {
      const { log, actions, setParameters } = await loadFixture(configuredLog);
      await setParameters({ minPayloadSize: 100n, maxPayloadSize: 100n });
      await log.updateAll();

      await actions.add(idOf(kind, 1), payloadOf(100));
      await expect(actions.add(idOf(kind, 1), payloadOf(99))).to.be.revertedWithCustomError(
        log,
        "InvalidPayloadSize",
      );
      await expect(actions.add(idOf(kind, 1), payloadOf(101))).to.be.revertedWithCustomError(
        log,
        "InvalidPayloadSize",
      );
    });

    it("refuses an empty payload before any size is set", async () => {
      const { log, actions } = await loadFixture(freshLog);

      await expect(actions.add(idOf(kind, 1), "0x"))
        .to.be.revertedWithCustomError(log, "InvalidPayloadSize")
        .withArgs(0n, 0n, 0n);
    });

    it("refuses an empty payload while only the maximum is set", async () => {
      const { log, actions, setParameters } = await loadFixture(freshLog);
      await setParameters({ maxPayloadSize: 1_000n });
      await log.updateMaxPayloadSize();

      await expect(actions.add(idOf(kind, 1), "0x"))
        .to.be.revertedWithCustomError(log, "InvalidPayloadSize")
        .withArgs(0n, 0n, 1_000n);
      await actions.add(idOf(kind, 1), "0x00");
      expect(await log.sequenceId()).to.equal(1n);
    });

    it("refuses an empty payload on the implementation itself", async () => {
      const {
        implementation,
        kind: { functions },
      } = await loadFixture(freshLog);
      const add = implementation.getFunction(functions.add);

      await expect(add(idOf(kind, 1), "0x"))
        .to.be.revertedWithCustomError(implementation, "InvalidPayloadSize")
        .withArgs(0n, 0n, 0n);
    });

    it("refuses every payload while paused, and tells so before a wrong size", async () => {
      const { log, actions, setParameters } = await loadFixture(configuredLog);
      await setParameters({ paused: true });
      await log.updatePauseStatus();

      await expect(actions.add(idOf(kind, 1), payload)).to.be.revertedWithCustomError(
        log,
        "Paused",
      );
      await expect(actions.add(idOf(kind, 1), "0x")).to.be.revertedWithCustomError(log, "Paused");
    });

    it("goes on counting after a pause", async () => {
      const { log, actions, setParameters } = await loadFixture(configuredLog);
      await actions.add(idOf(kind, 1), payload);
      await setParameters({ paused: true });
      await log.updatePauseStatus();
      await setParameters({ paused: false });
      await log.updatePauseStatus();

      await actions.add(idOf(kind, 1), payload);
      expect(await log.sequenceId()).to.equal(2n);
    });

    it("changes nothing of the state but the counter", async () => {
      const { log, actions } = await loadFixture(configuredLog);
      const before = await readLogState(log);

      await actions.add(idOf(kind, 1), payload);

      expect(await readLogState(log)).to.deep.equal({ ...before, sequenceId: 1n });
    });

    it("gives out the last sequence id, and reverts instead of wrapping around after it", async () => {
      const { log, actions } = await loadFixture(configuredLog);
      await setLogState(log, { sequenceId: LAST_SEQUENCE_ID - 1n });

      expect(await eventsOf(await actions.add(idOf(kind, 1), payload), log)).to.deep.equal([
        [kind.event, idOf(kind, 1), payload, LAST_SEQUENCE_ID],
      ]);

      await expect(actions.add(idOf(kind, 1), payload)).to.be.revertedWithCustomError(
        log,
        "Paused",
      );
      expect(await log.sequenceId()).to.equal(LAST_SEQUENCE_ID);
    });
  });
}
