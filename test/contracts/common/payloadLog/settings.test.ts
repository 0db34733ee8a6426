import { expect } from "chai";
import { MaxUint256, ZeroAddress, getAddress, toBeHex } from "ethers";

import {
  LOG_KINDS,
  MAX_PAYLOAD_SIZE,
  MIN_PAYLOAD_SIZE,
  deployConfiguredLog,
  deployLog,
} from "../../../helpers/deployLog.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { setLogState } from "../../../helpers/logState.ts";
import { loadFixture } from "../../../helpers/network.ts";

const UINT32_MAX = 2n ** 32n - 1n;

for (const kind of LOG_KINDS) {
  describe(`${kind.name}: settings`, () => {
    const freshLog = () => deployLog(kind);
    const configuredLog = () => deployConfiguredLog(kind);

    it("starts with no sizes, not paused, without a bootstrapper and at sequence id 0", async () => {
      const { log } = await loadFixture(freshLog);

      expect(await log.minPayloadSize()).to.equal(0n);
      expect(await log.maxPayloadSize()).to.equal(0n);
      expect(await log.paused()).to.equal(false);
      expect(await log.payloadBootstrapper()).to.equal(ZeroAddress);
      expect(await log.sequenceId()).to.equal(0n);
    });

    it("reads the keys of the production network", async () => {
      const { log } = await loadFixture(freshLog);

      expect(await log.minPayloadSizeParameterKey()).to.equal(`${kind.keyPrefix}.minPayloadSize`);
      expect(await log.maxPayloadSizeParameterKey()).to.equal(`${kind.keyPrefix}.maxPayloadSize`);
      expect(await log.pausedParameterKey()).to.equal(`${kind.keyPrefix}.paused`);
      expect(await log.payloadBootstrapperParameterKey()).to.equal(
        `${kind.keyPrefix}.payloadBootstrapper`,
      );
      expect(await log.migratorParameterKey()).to.equal(`${kind.keyPrefix}.migrator`);
    });

    it("does not notice a change of the registry until it is applied", async () => {
      const { log, setParameters } = await loadFixture(configuredLog);

      await setParameters({ minPayloadSize: 1n, maxPayloadSize: 2n, paused: true });

      expect(await log.minPayloadSize()).to.equal(MIN_PAYLOAD_SIZE);
      expect(await log.maxPayloadSize()).to.equal(MAX_PAYLOAD_SIZE);
      expect(await log.paused()).to.equal(false);
    });

    describe("updateMinPayloadSize", () => {
      it("applies the minimum and announces it", async () => {
        const { log, setParameters } = await loadFixture(configuredLog);
        await setParameters({ minPayloadSize: 79n });

        expect(await eventsOf(await log.updateMinPayloadSize(), log)).to.deep.equal([
          ["MinPayloadSizeUpdated", 79n],
        ]);
        expect(await log.minPayloadSize()).to.equal(79n);
      });

      it("fails on a fresh log, whose maximum is zero", async () => {
        const { log, setParameters } = await loadFixture(freshLog);
        await setParameters({ minPayloadSize: 1n });

        await expect(log.updateMinPayloadSize()).to.be.revertedWithCustomError(
          log,
          "InvalidMinPayloadSize",
        );
      });

      it("accepts the maximum itself, and refuses one byte more", async () => {
        const { log, setParameters } = await loadFixture(configuredLog);

        await setParameters({ minPayloadSize: MAX_PAYLOAD_SIZE + 1n });
        await expect(log.updateMinPayloadSize()).to.be.revertedWithCustomError(
          log,
          "InvalidMinPayloadSize",
        );

        await setParameters({ minPayloadSize: MAX_PAYLOAD_SIZE });
        await log.updateMinPayloadSize();
        expect(await log.minPayloadSize()).to.equal(MAX_PAYLOAD_SIZE);
      });

      it("accepts one byte, and refuses none", async () => {
        const { log, setParameters } = await loadFixture(configuredLog);

        await setParameters({ minPayloadSize: 0n });
        await expect(log.updateMinPayloadSize()).to.be.revertedWithCustomError(
          log,
          "InvalidMinPayloadSize",
        );

        await setParameters({ minPayloadSize: 1n });
        await log.updateMinPayloadSize();
        expect(await log.minPayloadSize()).to.equal(1n);
      });

      it("refuses a value that is applied already", async () => {
        const { log } = await loadFixture(configuredLog);

        await expect(log.updateMinPayloadSize()).to.be.revertedWithCustomError(log, "NoChange");
      });

      it("tells a value beyond uint32 before an invalid size", async () => {
        const { log, setParameters } = await loadFixture(configuredLog);

        for (const value of [UINT32_MAX + 1n, MaxUint256]) {
          await setParameters({ minPayloadSize: value });
          await expect(log.updateMinPayloadSize(), String(value)).to.be.revertedWithCustomError(
            log,
            "ParameterOutOfTypeBounds",
          );
        }

        await setParameters({ minPayloadSize: UINT32_MAX });
        await expect(log.updateMinPayloadSize()).to.be.revertedWithCustomError(
          log,
          "InvalidMinPayloadSize",
        );
      });

      it("tells an invalid size before an unchanged one", async () => {
        // Both are zero.
        const { log } = await loadFixture(freshLog);

        await expect(log.updateMinPayloadSize()).to.be.revertedWithCustomError(
          log,
          "InvalidMinPayloadSize",
        );
      });
    });

    describe("updateMaxPayloadSize", () => {
      it("applies the maximum and announces it", async () => {
        const { log, setParameters } = await loadFixture(freshLog);
        await setParameters({ maxPayloadSize: 1_000n });

        expect(await eventsOf(await log.updateMaxPayloadSize(), log)).to.deep.equal([
          ["MaxPayloadSizeUpdated", 1_000n],
        ]);
        expect(await log.maxPayloadSize()).to.equal(1_000n);
      });

      it("accepts 262,144 bytes, and refuses one more", async () => {
        const { log, setParameters } = await loadFixture(freshLog);

        await setParameters({ maxPayloadSize: 262_145n });
        await expect(log.updateMaxPayloadSize()).to.be.revertedWithCustomError(
          log,
          "InvalidMaxPayloadSize",
        );

        await setParameters({ maxPayloadSize: 262_144n });
        await log.updateMaxPayloadSize();
        expect(await log.maxPayloadSize()).to.equal(262_144n);
      });

      it("accepts the minimum itself, and refuses one byte less", async () => {
        const { log, setParameters } = await loadFixture(configuredLog);

        await setParameters({ maxPayloadSize: MIN_PAYLOAD_SIZE - 1n });
        await expect(log.updateMaxPayloadSize()).to.be.revertedWithCustomError(
          log,
          "InvalidMaxPayloadSize",
        );

        await setParameters({ maxPayloadSize: MIN_PAYLOAD_SIZE });
        await log.updateMaxPayloadSize();
        expect(await log.maxPayloadSize()).to.equal(MIN_PAYLOAD_SIZE);
      });

      it("goes back to zero only while no minimum was ever applied", async () => {
        const { log, setParameters } = await loadFixture(freshLog);

        await setParameters({ maxPayloadSize: 1_000n });
        await log.updateMaxPayloadSize();
        await setParameters({ maxPayloadSize: 0n });
        await log.updateMaxPayloadSize();
        expect(await log.maxPayloadSize()).to.equal(0n);

        await setParameters({ minPayloadSize: 1n, maxPayloadSize: 1_000n });
        await log.updateMaxPayloadSize();
        await log.updateMinPayloadSize();
        await setParameters({ maxPayloadSize: 0n });
        await expect(log.updateMaxPayloadSize()).to.be.revertedWithCustomError(
          log,
          "InvalidMaxPayloadSize",
        );
      });

      it("refuses a value that is applied already", async () => {
        const { log } = await loadFixture(configuredLog);

        await expect(log.updateMaxPayloadSize()).to.be.revertedWithCustomError(log, "NoChange");
      });

      it("tells a value beyond uint32 before an invalid size", async () => {
        const { log, setParameters } = await loadFixture(configuredLog);

        for (const value of [UINT32_MAX + 1n, MaxUint256]) {
          await setParameters({ maxPayloadSize: value });
          await expect(log.updateMaxPayloadSize(), String(value)).to.be.revertedWithCustomError(
            log,
            "ParameterOutOfTypeBounds",
          );
        }

        await setParameters({ maxPayloadSize: UINT32_MAX });
        await expect(log.updateMaxPayloadSize()).to.be.revertedWithCustomError(
          log,
          "InvalidMaxPayloadSize",
        );
      });

      it("tells an invalid size before an unchanged one", async () => {
        // Only a migrator could bring an invalid maximum into the storage.
        const { log, setParameters } = await loadFixture(freshLog);
        await setLogState(log, { maxPayloadSize: 262_145n });
        await setParameters({ maxPayloadSize: 262_145n });

        await expect(log.updateMaxPayloadSize()).to.be.revertedWithCustomError(
          log,
          "InvalidMaxPayloadSize",
        );
      });
    });

    describe("updatePauseStatus", () => {
      it("pauses and resumes, and announces both", async () => {
        const { log, setParameters } = await loadFixture(configuredLog);

        await setParameters({ paused: true });
        expect(await eventsOf(await log.updatePauseStatus(), log)).to.deep.equal([
          ["PauseStatusUpdated", true],
        ]);
        expect(await log.paused()).to.equal(true);

        await setParameters({ paused: false });
        expect(await eventsOf(await log.updatePauseStatus(), log)).to.deep.equal([
          ["PauseStatusUpdated", false],
        ]);
        expect(await log.paused()).to.equal(false);
      });

      it("refuses a value that is applied already, in either state", async () => {
        const { log, setParameters } = await loadFixture(configuredLog);
        await expect(log.updatePauseStatus()).to.be.revertedWithCustomError(log, "NoChange");

        await setParameters({ paused: true });
        await log.updatePauseStatus();
        await expect(log.updatePauseStatus()).to.be.revertedWithCustomError(log, "NoChange");
      });

      it("refuses what is neither 0 nor 1", async () => {
        const { log, setParameters } = await loadFixture(configuredLog);

        for (const value of [2n, 256n, MaxUint256]) {
          await setParameters({ paused: value });
          await expect(log.updatePauseStatus(), String(value)).to.be.revertedWithCustomError(
            log,
            "ParameterOutOfTypeBounds",
          );
        }
      });
    });

    describe("updatePayloadBootstrapper", () => {
      it("applies the bootstrapper and announces it", async () => {
        const { log, setParameters, stranger } = await loadFixture(configuredLog);
        await setParameters({ payloadBootstrapper: stranger.address });

        expect(await eventsOf(await log.updatePayloadBootstrapper(), log)).to.deep.equal([
          ["PayloadBootstrapperUpdated", stranger.address],
        ]);
        expect(await log.payloadBootstrapper()).to.equal(stranger.address);
      });

      it("refuses a value that is applied already", async () => {
        const { log } = await loadFixture(configuredLog);

        await expect(log.updatePayloadBootstrapper()).to.be.revertedWithCustomError(
          log,
          "NoChange",
        );
      });

      it("accepts the highest address, and tells one beyond before a zero one", async () => {
        const { log, setParameters } = await loadFixture(configuredLog);

        // The low 160 bits of this are zero.
        await setParameters({ payloadBootstrapper: 2n ** 160n });
        await expect(log.updatePayloadBootstrapper()).to.be.revertedWithCustomError(
          log,
          "ParameterOutOfTypeBounds",
        );

        await setParameters({ payloadBootstrapper: 2n ** 160n - 1n });
        await log.updatePayloadBootstrapper();
        expect(await log.payloadBootstrapper()).to.equal(getAddress(toBeHex(2n ** 160n - 1n)));
      });

      it("cannot be cleared", async () => {
        const { log, setParameters } = await loadFixture(configuredLog);
        await setParameters({ payloadBootstrapper: 0n });

        await expect(log.updatePayloadBootstrapper()).to.be.revertedWithCustomError(
          log,
          "ZeroPayloadBootstrapper",
        );
      });

      it("tells a zero address before an unchanged one", async () => {
        // Both are zero.
        const { log } = await loadFixture(freshLog);

        await expect(log.updatePayloadBootstrapper()).to.be.revertedWithCustomError(
          log,
          "ZeroPayloadBootstrapper",
        );
      });
    });
  });
}
