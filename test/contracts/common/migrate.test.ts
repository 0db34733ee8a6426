import { expect } from "chai";
import { MaxUint256, ZeroAddress, toBeHex } from "ethers";

import { LOG_KINDS, deployConfiguredLog } from "../../helpers/deployLog.ts";
import { encodeError } from "../../helpers/encode.ts";
import { eventsOf } from "../../helpers/eventsOf.ts";
import { ethers, loadFixture } from "../../helpers/network.ts";
import { UPGRADEABLES, type Upgradeable } from "../../helpers/upgradeables.ts";

const CODELESS = "0x0000000000000000000000000000000000001234";
/** Answers empty calldata with 32 bytes, so that a check of the answer alone takes it for a migrator. */
const SHA256_PRECOMPILE = toBeHex(2, 20);
const IDENTITY_PRECOMPILE = toBeHex(4, 20);

/** A contract whose registry names a migrator to another implementation. */
async function deployWithMigrator(deploy: Upgradeable["deploy"]) {
  const fixture = await deploy();
  const from = await fixture.implementation.getAddress();
  const to = await fixture.deployNextImplementation();
  const migrator = await ethers.deployContract("Migrator", [from, to]);
  await fixture.setMigrator(await migrator.getAddress());

  return { ...fixture, from, to, migrator };
}

for (const { name, deploy } of UPGRADEABLES) {
  describe(`${name}.migrate`, () => {
    const fixture = () => deploy();
    const fixtureWithMigrator = () => deployWithMigrator(deploy);

    it("moves the proxy to the next implementation, on anybody's call", async () => {
      const { contract, migrator, from, to } = await loadFixture(fixtureWithMigrator);
      expect(await contract.implementation()).to.equal(from);

      expect(await eventsOf(await contract.migrate(), contract)).to.deep.equal([
        ["Migrated", await migrator.getAddress()],
        ["Upgraded", to],
      ]);
      expect(await contract.implementation()).to.equal(to);
    });

    it("refuses to do so twice, by its migrator's own check", async () => {
      const { contract, migrator } = await loadFixture(fixtureWithMigrator);
      await contract.migrate();

      // The registry that the next implementation of a log or of the nodes reads names no migrator any more.
      if ("parameterRegistry" in contract) {
        await expect(contract.migrate()).to.be.revertedWithCustomError(contract, "ZeroMigrator");
      } else {
        await expect(contract.migrate())
          .to.be.revertedWithCustomError(contract, "MigrationFailed")
          .withArgs(await migrator.getAddress(), "0x96e894ad");
      }
    });

    it("refuses when no migrator is named", async () => {
      const { contract } = await loadFixture(fixture);

      await expect(contract.migrate()).to.be.revertedWithCustomError(contract, "ZeroMigrator");
    });

    it("refuses what is no address, and tells so before that it is a zero one", async () => {
      const { contract, setMigrator } = await loadFixture(fixture);

      // The low 160 bits of the first are zero.
      for (const value of [2n ** 160n, MaxUint256]) {
        await setMigrator(value);
        await expect(contract.migrate(), String(value)).to.be.revertedWithCustomError(
          contract,
          "ParameterOutOfTypeBounds",
        );
      }
    });

    it("refuses a migrator without code, a precompile too", async () => {
      const { contract, setMigrator, from } = await loadFixture(fixtureWithMigrator);

      for (const migrator of [CODELESS, SHA256_PRECOMPILE, IDENTITY_PRECOMPILE]) {
        await setMigrator(migrator);
        await expect(contract.migrate())
          .to.be.revertedWithCustomError(contract, "EmptyCode")
          .withArgs(ethers.getAddress(migrator));
      }
      expect(await contract.implementation()).to.equal(from);
    });

    it("passes on what a migrator reverts with", async () => {
      const { contract, setMigrator } = await loadFixture(fixture);
      const migrator = await ethers.deployContract("RefusingMigrator");
      await setMigrator(await migrator.getAddress());

      await expect(contract.migrate())
        .to.be.revertedWithCustomError(contract, "MigrationFailed")
        .withArgs(await migrator.getAddress(), encodeError(migrator, "Refused", [42]));
    });

    it("refuses a migrator that leaves it at an implementation without code", async () => {
      const { contract, setMigrator, implementation } = await loadFixture(fixture);

      for (const target of [CODELESS, SHA256_PRECOMPILE, ZeroAddress]) {
        const migrator = await ethers.deployContract("UncheckedMigrator", [target]);
        await setMigrator(await migrator.getAddress());

        await expect(contract.migrate())
          .to.be.revertedWithCustomError(contract, "EmptyCode")
          .withArgs(ethers.getAddress(target));
      }
      expect(await contract.implementation()).to.equal(await implementation.getAddress());
    });
  });
}

for (const kind of LOG_KINDS) {
  describe(`${kind.name} after a migration`, () => {
    async function migratedLog() {
      const fixture = await deployConfiguredLog(kind);
      await fixture.actions.add(new Uint8Array(kind.idLength), new Uint8Array(100));
      const next = await ethers.deployContract(kind.name, [CODELESS]);
      const migrator = await ethers.deployContract("Migrator", [fixture.implementation, next]);
      await fixture.setParameters({ migrator: await migrator.getAddress(), paused: true });
      await fixture.log.updatePauseStatus();
      await fixture.log.migrate();

      return fixture;
    }

    it("has the same state, paused or not, and the registry of the new code", async () => {
      const { log, bootstrapper } = await loadFixture(migratedLog);

      expect(await log.parameterRegistry()).to.equal(CODELESS);
      expect(await log.minPayloadSize()).to.equal(78n);
      expect(await log.maxPayloadSize()).to.equal(262_144n);
      expect(await log.sequenceId()).to.equal(1n);
      expect(await log.paused()).to.equal(true);
      expect(await log.payloadBootstrapper()).to.equal(bootstrapper.address);
    });
  });
}
