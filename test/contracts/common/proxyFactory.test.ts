import { expect } from "chai";
import { AbiCoder, ZeroAddress, ZeroHash, getCreate2Address, id, keccak256 } from "ethers";

import { accounts } from "../../helpers/accounts.ts";
import { encodeError } from "../../helpers/encode.ts";
import { ethers, loadFixture } from "../../helpers/network.ts";
import { revertData } from "../../helpers/revertData.ts";

const CODELESS = "0x0000000000000000000000000000000000001234";
const SALT = id("a salt");

const encode = (types: string[], values: unknown[]) =>
  AbiCoder.defaultAbiCoder().encode(types, values);

async function factoryAndImplementation() {
  const { deployer, other } = await accounts(["deployer", "other"]);
  const factory = await ethers.deployContract("ProxyFactory");
  const implementation = await ethers.deployContract("AnsweringImplementation");
  const address = await implementation.getAddress();
  const initialize = implementation.interface.encodeFunctionData("initialize");

  return { factory, implementation, address, initialize, deployer, other };
}

async function deployedProxy() {
  const fixture = await factoryAndImplementation();
  const { factory, address, initialize, deployer } = fixture;
  await factory.deployProxy(SALT, address, initialize);
  const proxy = await factory.computeProxyAddress(deployer, SALT);

  return {
    ...fixture,
    proxy,
    behindProxy: await ethers.getContractAt("AnsweringImplementation", proxy),
  };
}

describe("ProxyFactory", () => {
  it("knows a proxy's address beforehand, from the factory, the caller and the salt alone", async () => {
    const { factory, deployer, other } = await loadFixture(factoryAndImplementation);
    const proxyCode = (await ethers.getContractFactory("MigratableProxy")).bytecode;

    for (const caller of [deployer, other]) {
      const salt = keccak256(encode(["address", "bytes32"], [caller.address, SALT]));
      expect(await factory.computeProxyAddress(caller, SALT)).to.equal(
        getCreate2Address(await factory.getAddress(), salt, keccak256(proxyCode)),
      );
    }
    expect(await factory.PROXY_INIT_CODE_HASH()).to.equal(keccak256(proxyCode));
  });

  it("deploys there, whatever the implementation and the calldata are", async () => {
    const { factory, address, initialize, deployer } = await loadFixture(factoryAndImplementation);
    const expected = await factory.computeProxyAddress(deployer, SALT);
    const another = await ethers.deployContract("AnsweringImplementation");
    const echo = another.interface.encodeFunctionData("echo", ["0x1234"]);

    expect(await factory.deployProxy.staticCall(SALT, address, initialize)).to.equal(expected);
    expect(await factory.deployProxy.staticCall(SALT, another, echo)).to.equal(expected);

    await factory.deployProxy(SALT, another, echo);
    expect(await ethers.provider.getCode(expected)).to.have.length.greaterThan(2);
  });

  it("announces the proxy before any event of its initialisation, whose caller is the factory", async () => {
    const { factory, implementation, address, initialize, deployer } =
      await loadFixture(factoryAndImplementation);

    const receipt = await (await factory.deployProxy(SALT, address, initialize)).wait();
    const proxy = await factory.computeProxyAddress(deployer, SALT);
    const [first, second] = receipt?.logs ?? [];

    expect(receipt?.logs).to.have.lengthOf(2);
    expect(first && factory.interface.parseLog(first)?.args.toArray()).to.deep.equal([
      proxy,
      address,
      deployer.address,
      SALT,
      initialize,
    ]);
    expect(second?.address).to.equal(proxy);
    expect(second && implementation.interface.parseLog(second)?.args.toArray()).to.deep.equal([
      await factory.getAddress(),
    ]);
  });

  it("gives each caller addresses of its own", async () => {
    const { factory, address, initialize, deployer, other } =
      await loadFixture(factoryAndImplementation);

    await factory.deployProxy(SALT, address, initialize);
    await factory.connect(other).deployProxy(SALT, address, initialize);

    for (const caller of [deployer, other]) {
      const proxy = await factory.computeProxyAddress(caller, SALT);
      expect(await ethers.provider.getCode(proxy), caller.address).to.not.equal("0x");
    }
  });

  it("deploys a proxy while another one is being initialised", async () => {
    const { factory, address, initialize, deployer } = await loadFixture(factoryAndImplementation);
    const nesting = await ethers.deployContract("NestingImplementation");

    await factory.deployProxy(
      SALT,
      nesting,
      nesting.interface.encodeFunctionData("initialize", [address, initialize]),
    );

    const outer = await factory.computeProxyAddress(deployer, SALT);
    const inner = await factory.computeProxyAddress(outer, ZeroHash);
    const behindOuter = await ethers.getContractAt("NestingImplementation", outer);
    expect(await behindOuter.getFunction("inner")()).to.equal(inner);
    expect(await implementationOf(outer)).to.equal(await nesting.getAddress());
    expect(await implementationOf(inner)).to.equal(address);
    // Once a proxy stands, nobody finds its implementation pending, not even while it is initialised.
    expect(await behindOuter.getFunction("pendingBefore")()).to.equal(ZeroAddress);
    expect(await behindOuter.getFunction("pendingAfter")()).to.equal(ZeroAddress);
  });

  it("answers for a pending implementation at no other time", async () => {
    const { factory } = await loadFixture(deployedProxy);

    expect(await factory.pendingImplementation()).to.equal(ZeroAddress);
  });

  describe("refuses, in this order,", () => {
    it("an implementation without code", async () => {
      const { factory } = await loadFixture(factoryAndImplementation);

      for (const implementation of [ZeroAddress, CODELESS]) {
        // The calldata is missing too.
        await expect(factory.deployProxy(SALT, implementation, "0x"))
          .to.be.revertedWithCustomError(factory, "EmptyImplementation")
          .withArgs(implementation);
      }
    });

    it("to leave a proxy uninitialised", async () => {
      // The proxy exists already, too.
      const { factory, address } = await loadFixture(deployedProxy);

      await expect(factory.deployProxy(SALT, address, "0x")).to.be.revertedWithCustomError(
        factory,
        "EmptyInitializeCallData",
      );
    });

    it("an address that is taken, without burning the gas", async () => {
      // The initialisation would fail, too.
      const { factory, implementation, address, proxy } = await loadFixture(deployedProxy);
      const refuse = implementation.interface.encodeFunctionData("refuse");

      await expect(factory.deployProxy(SALT, address, refuse))
        .to.be.revertedWithCustomError(factory, "ProxyExists")
        .withArgs(proxy);

      await expect(
        factory.deployProxy(SALT, address, refuse, { gasLimit: 10_000_000n }),
      ).to.be.revertedWithCustomError(factory, "ProxyExists");
      const block = await ethers.provider.getBlock("latest");
      const receipt = await ethers.provider.getTransactionReceipt(block?.transactions[0] ?? "");
      expect(receipt?.status).to.equal(0);
      expect(receipt?.gasUsed).to.be.lessThan(100_000n);
    });

    it("an initialisation that reverts, whose reason it passes on, and leaves the address free", async () => {
      const { factory, implementation, address, initialize, deployer } =
        await loadFixture(factoryAndImplementation);
      const refuse = implementation.interface.encodeFunctionData("refuse");

      await expect(factory.deployProxy(SALT, address, refuse))
        .to.be.revertedWithCustomError(factory, "InitializationFailed")
        .withArgs(encodeError(implementation, "Refused", [42]));

      const proxy = await factory.computeProxyAddress(deployer, SALT);
      expect(await ethers.provider.getCode(proxy)).to.equal("0x");
      await factory.deployProxy(SALT, address, initialize);
      expect(await ethers.provider.getCode(proxy)).to.not.equal("0x");
    });
  });
});

describe("MigratableProxy", () => {
  it("points to the implementation that it was deployed with", async () => {
    const { proxy, address } = await loadFixture(deployedProxy);

    expect(await implementationOf(proxy)).to.equal(address);
  });

  it("passes on calldata, caller and value, and the answer", async () => {
    const { behindProxy, other, proxy } = await loadFixture(deployedProxy);
    const echo = behindProxy.connect(other).getFunction("echo");
    const value = 5n;

    expect(await echo.staticCall("0x123456", { value })).to.deep.equal([
      "0x123456",
      other.address,
      value,
    ]);
    await echo("0x123456", { value });
    expect(await ethers.provider.getBalance(proxy)).to.equal(value);
  });

  it("passes on plain value and empty calldata", async () => {
    const { proxy, other } = await loadFixture(deployedProxy);

    await other.sendTransaction({ to: proxy, value: 7n });
    await other.sendTransaction({ to: proxy });
    expect(await ethers.provider.getBalance(proxy)).to.equal(7n);
  });

  it("passes on what the implementation reverts with", async () => {
    const { proxy, implementation } = await loadFixture(deployedProxy);

    expect(
      await revertData({ to: proxy, data: implementation.interface.encodeFunctionData("refuse") }),
    ).to.equal(encodeError(implementation, "Refused", [42]));
  });

  it("cannot be deployed but by a factory", async () => {
    const { deployer } = await loadFixture(factoryAndImplementation);
    const { bytecode } = await ethers.getContractFactory("MigratableProxy");

    expect(await revertData({ from: deployer, data: bytecode })).to.equal("0x");
  });
});

async function implementationOf(proxy: string): Promise<string> {
  const slot = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbcn;
  const word = await ethers.provider.getStorage(proxy, slot);
  return ethers.getAddress(`0x${word.slice(-40)}`);
}
