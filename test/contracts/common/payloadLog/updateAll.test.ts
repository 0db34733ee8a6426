import { expect } from "chai";

import {
  LOG_KINDS,
  deployConfiguredLog,
  deployLog,
  type LogParameters,
} from "../../../helpers/deployLog.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { readLogState } from "../../../helpers/logState.ts";
import { loadFixture } from "../../../helpers/network.ts";

// `test/solidity/UpdateAll.t.sol` does the same for arbitrary sizes.
for (const kind of LOG_KINDS) {
  describe(`${kind.name}.updateAll`, () => {
    const freshLog = () => deployLog(kind);
    const configuredLog = () => deployConfiguredLog(kind);

    it("does nothing on a fresh log of which no parameter is set", async () => {
      const { log } = await loadFixture(freshLog);

      expect(await eventsOf(await log.updateAll(), log)).to.deep.equal([]);
    });

    it("does nothing when everything is applied already", async () => {
      const { log } = await loadFixture(configuredLog);

      expect(await eventsOf(await log.updateAll(), log)).to.deep.equal([]);
    });

    it("applies everything in one call, the pause first", async () => {
      const { log, setParameters, stranger } = await loadFixture(freshLog);
      await setParameters({
        minPayloadSize: 10n,
        maxPayloadSize: 20n,
        paused: true,
        payloadBootstrapper: stranger.address,
      });

      expect(await eventsOf(await log.updateAll(), log)).to.deep.equal([
        ["PauseStatusUpdated", true],
        ["MinPayloadSizeUpdated", 10n],
        ["MaxPayloadSizeUpdated", 20n],
        ["PayloadBootstrapperUpdated", stranger.address],
      ]);
      expect(await readLogState(log)).to.deep.equal({
        minPayloadSize: 10n,
        maxPayloadSize: 20n,
        sequenceId: 0n,
        paused: true,
      });
      expect(await log.payloadBootstrapper()).to.equal(stranger.address);
    });

    it("applies every combination of changes, and emits exactly those", async () => {
      const { stranger, bootstrapper } = await loadFixture(configuredLog);
      const changes = [
        { parameter: "paused", value: true, event: ["PauseStatusUpdated", true] },
        { parameter: "minPayloadSize", value: 80n, event: ["MinPayloadSizeUpdated", 80n] },
        { parameter: "maxPayloadSize", value: 90n, event: ["MaxPayloadSizeUpdated", 90n] },
        {
          parameter: "payloadBootstrapper",
          value: stranger.address,
          event: ["PayloadBootstrapperUpdated", stranger.address],
        },
      ] as const;

      for (let combination = 0; combination < 2 ** changes.length; combination++) {
        const chosen = changes.filter((_, index) => (combination >> index) & 1);
        const values = Object.fromEntries(chosen.map(({ parameter, value }) => [parameter, value]));
        const label = chosen.map(({ parameter }) => parameter).join() || "none";
        const { log, setParameters } = await loadFixture(configuredLog);
        // The migrator is there because the registry refuses to set nothing.
        await setParameters({ migrator: 0n, ...values });

        expect(await eventsOf(await log.updateAll(), log), label).to.deep.equal(
          chosen.map(({ event }) => event),
        );
        expect(await log.paused(), label).to.equal(values["paused"] ?? false);
        expect(await log.minPayloadSize(), label).to.equal(values["minPayloadSize"] ?? 78n);
        expect(await log.maxPayloadSize(), label).to.equal(values["maxPayloadSize"] ?? 262_144n);
        expect(await log.payloadBootstrapper(), label).to.equal(
          values["payloadBootstrapper"] ?? bootstrapper.address,
        );
      }
    });

    it("moves to sizes that overlap in no byte with the old ones, up and down", async () => {
      const { log, setParameters } = await loadFixture(configuredLog);

      for (const [minPayloadSize, maxPayloadSize] of [
        [1n, 50n],
        [60n, 70n],
        [262_144n, 262_144n],
        [1n, 1n],
      ] as const) {
        await setParameters({ minPayloadSize, maxPayloadSize });
        await log.updateAll();

        expect([await log.minPayloadSize(), await log.maxPayloadSize()]).to.deep.equal([
          minPayloadSize,
          maxPayloadSize,
        ]);
      }
    });

    it("keeps the counter", async () => {
      const { log, actions, setParameters } = await loadFixture(configuredLog);
      await actions.add(new Uint8Array(kind.idLength), new Uint8Array(100));
      await setParameters({ minPayloadSize: 1n, maxPayloadSize: 2n, paused: true });

      await log.updateAll();

      expect(await log.sequenceId()).to.equal(1n);
    });

    describe("refuses the whole, and applies nothing of it,", () => {
      const valid: LogParameters = { minPayloadSize: 10n, maxPayloadSize: 20n, paused: true };

      // Each case breaks also what comes after it, so the order of the errors is tested along the way.
      const cases: readonly [string, LogParameters, string][] = [
        [
          "when the pause is no bool",
          { paused: 2n, minPayloadSize: 2n ** 32n, payloadBootstrapper: 0n },
          "ParameterOutOfTypeBounds",
        ],
        [
          "when the minimum is beyond uint32",
          { minPayloadSize: 2n ** 32n },
          "ParameterOutOfTypeBounds",
        ],
        [
          "when the maximum is beyond uint32",
          { minPayloadSize: 0n, maxPayloadSize: 2n ** 32n },
          "ParameterOutOfTypeBounds",
        ],
        [
          "when the maximum is above the ceiling",
          { minPayloadSize: 0n, maxPayloadSize: 262_145n, payloadBootstrapper: 0n },
          "InvalidMaxPayloadSize",
        ],
        [
          "when a new maximum is below the minimum",
          { minPayloadSize: 20n, maxPayloadSize: 19n },
          "InvalidMaxPayloadSize",
        ],
        [
          "when a new minimum is above the maximum",
          { minPayloadSize: 262_145n, maxPayloadSize: 262_144n },
          "InvalidMinPayloadSize",
        ],
        [
          "when the minimum is taken back",
          { minPayloadSize: 0n, payloadBootstrapper: 2n ** 160n },
          "InvalidMinPayloadSize",
        ],
        [
          "when both sizes are taken back",
          { minPayloadSize: 0n, maxPayloadSize: 0n },
          "InvalidMinPayloadSize",
        ],
        [
          "when the bootstrapper is no address",
          { payloadBootstrapper: 2n ** 160n },
          "ParameterOutOfTypeBounds",
        ],
        [
          "when the bootstrapper is taken back",
          { payloadBootstrapper: 0n },
          "ZeroPayloadBootstrapper",
        ],
      ];

      for (const [condition, parameters, error] of cases) {
        it(condition, async () => {
          const { log, setParameters, bootstrapper } = await loadFixture(configuredLog);
          const before = await readLogState(log);
          await setParameters({ ...valid, ...parameters });

          await expect(log.updateAll()).to.be.revertedWithCustomError(log, error);

          expect(await readLogState(log)).to.deep.equal(before);
          expect(await log.payloadBootstrapper()).to.equal(bootstrapper.address);
        });
      }
    });
  });
}
