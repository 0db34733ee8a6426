import { expect } from "chai";
import { ZeroAddress } from "ethers";

import { accounts } from "../../helpers/accounts.ts";
import { ethers, loadFixture } from "../../helpers/network.ts";
import { revertData } from "../../helpers/revertData.ts";

const CODELESS = "0x0000000000000000000000000000000000001234";

describe("Migrator", () => {
  async function migratorBetweenTwoContracts() {
    const from = await ethers.deployContract("AppchainParameters");
    const to = await ethers.deployContract("AppchainParameters");
    const factory = await ethers.getContractFactory("Migrator");

    return { from, to, factory, migrator: await factory.deploy(from, to) };
  }

  it("keeps both ends of its way in its code", async () => {
    const { from, to, migrator } = await loadFixture(migratorBetweenTwoContracts);

    expect(await migrator.fromImplementation()).to.equal(await from.getAddress());
    expect(await migrator.toImplementation()).to.equal(await to.getAddress());
  });

  it("refuses to leave a zero address, and tells so before that the other is zero", async () => {
    const { to, factory } = await loadFixture(migratorBetweenTwoContracts);

    for (const target of [await to.getAddress(), ZeroAddress]) {
      await expect(factory.deploy(ZeroAddress, target)).to.be.revertedWithCustomError(
        factory,
        "ZeroFromImplementation",
      );
    }
  });

  it("refuses to go to a zero address, which has no code either", async () => {
    const { from, factory } = await loadFixture(migratorBetweenTwoContracts);

    await expect(factory.deploy(from, ZeroAddress)).to.be.revertedWithCustomError(
      factory,
      "ZeroToImplementation",
    );
  });

  it("refuses to go to an address without code", async () => {
    const { from, factory } = await loadFixture(migratorBetweenTwoContracts);

    await expect(factory.deploy(from, CODELESS))
      .to.be.revertedWithCustomError(factory, "EmptyCode")
      .withArgs(CODELESS);
  });

  it("may stay where it is, and leave what has no code", async () => {
    const { from, to, factory } = await loadFixture(migratorBetweenTwoContracts);

    await factory.deploy(from, from);
    const migrator = await factory.deploy(CODELESS, to);
    expect(await migrator.fromImplementation()).to.equal(CODELESS);
  });

  it("refuses whoever does not stand at its beginning: itself, called directly, with any calldata", async () => {
    const { migrator } = await loadFixture(migratorBetweenTwoContracts);

    for (const data of ["0x", "0x12345678", "0x8fd3ab80"]) {
      expect(await revertData({ to: migrator, data }), data).to.equal("0x96e894ad");
    }
  });

  it("takes no value", async () => {
    const { migrator } = await loadFixture(migratorBetweenTwoContracts);
    const { sender } = await accounts(["sender"]);

    expect(await revertData({ to: migrator, from: sender, value: 1n })).to.equal("0x");
  });
});
