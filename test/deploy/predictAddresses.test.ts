import { fileURLToPath } from "node:url";

import { expect } from "chai";
import {
  parseTransaction,
  recoverTransactionAddress,
  type TransactionSerializedLegacy,
} from "viem";

import { readArtifacts, type Artifacts } from "../../src/deployment/artifacts.ts";
import {
  DETERMINISTIC_DEPLOYER,
  DETERMINISTIC_DEPLOYER_CODE,
  DETERMINISTIC_DEPLOYER_COST,
  DETERMINISTIC_DEPLOYER_SENDER,
  DETERMINISTIC_DEPLOYER_TRANSACTION,
} from "../../src/deployment/deterministicDeployer.ts";
import {
  predictAddresses,
  type PredictAddressesParameters,
  type PredictedAddresses,
} from "../../src/deployment/predictAddresses.ts";
import { emptyChains } from "../helpers/emptyChains.ts";

const DEPLOYER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const SOMEBODY = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

describe("predictAddresses", () => {
  let artifacts: Artifacts;
  before(async () => {
    artifacts = await readArtifacts(fileURLToPath(new URL("../../artifacts", import.meta.url)));
  });

  const predict = (changes: Partial<PredictAddressesParameters> = {}): PredictedAddresses =>
    predictAddresses({
      deployer: DEPLOYER,
      edition: 0,
      artifacts,
      underlyingToken: "mock",
      appchainId: 31_339,
      ...changes,
    });

  const proxies = ({ contracts }: PredictedAddresses) =>
    Object.values(contracts).map(({ proxy }) => proxy);
  const implementations = ({ contracts }: PredictedAddresses) =>
    Object.values(contracts).map(({ implementation }) => implementation);

  it("gives every contract an address of its own", () => {
    const predicted = predict();
    const all = [
      predicted.proxyFactory,
      predicted.unproxied.DepositSplitter.address,
      ...proxies(predicted),
      ...implementations(predicted),
    ];
    expect(new Set(all).size).to.equal(all.length);
  });

  it("gives each deployer and each edition proxies of their own, on one factory", () => {
    const first = predict();
    for (const change of [{ deployer: SOMEBODY } as const, { edition: 1 }]) {
      const other = predict(change);
      expect(other.proxyFactory).to.equal(first.proxyFactory);
      expect(proxies(other).filter((proxy) => proxies(first).includes(proxy))).to.deep.equal([]);
    }
  });

  it("keeps the proxies where they are when an implementation changes", () => {
    const first = predict();
    const Nodes = { ...artifacts.Nodes, bytecode: `${artifacts.Nodes.bytecode}00` as const };
    const next = predict({ artifacts: { ...artifacts, Nodes } });
    expect(proxies(next)).to.deep.equal(proxies(first));
    expect(next.contracts.Nodes.implementation).not.to.equal(first.contracts.Nodes.implementation);
  });

  it("makes only the fee token depend on the token that it wraps", () => {
    const mock = predict();
    expect(mock.underlyingToken).to.equal(mock.contracts.MockUnderlyingFeeToken.proxy);
    const other = predict({ underlyingToken: SOMEBODY });
    expect(other.underlyingToken).to.equal(SOMEBODY);
    expect(other.contracts.FeeToken.implementation).not.to.equal(
      mock.contracts.FeeToken.implementation,
    );
    expect({ ...other.contracts, FeeToken: undefined }).to.deep.equal({
      ...mock.contracts,
      FeeToken: undefined,
    });
    expect(proxies(other)).to.deep.equal(proxies(mock));
  });

  it("gives each appchain a deposit splitter of its own", () => {
    const [first, other] = [predict(), predict({ appchainId: 31_340 })];
    expect(other.contracts).to.deep.equal(first.contracts);
    expect(other.unproxied.DepositSplitter.address).not.to.equal(
      first.unproxied.DepositSplitter.address,
    );
  });

  it("says to build first when there are no artifacts", async () => {
    const error = await readArtifacts("/nowhere").catch((reason: unknown) => reason);
    expect(error).to.include({ code: "ARTIFACTS_MISSING" });
  });
});

describe("deterministic deployer", () => {
  it("comes from a transaction whose signature gives the known sender", async () => {
    // A legacy transaction has no type byte.
    const serializedTransaction = DETERMINISTIC_DEPLOYER_TRANSACTION as TransactionSerializedLegacy;
    const { gas = 0n, gasPrice = 0n, chainId, nonce = 0 } = parseTransaction(serializedTransaction);
    expect(await recoverTransactionAddress({ serializedTransaction })).to.equal(
      DETERMINISTIC_DEPLOYER_SENDER,
    );
    expect(gas * gasPrice).to.equal(DETERMINISTIC_DEPLOYER_COST);
    expect([chainId, nonce], "good on any chain, once").to.deep.equal([undefined, 0]);
  });

  it("has the known code at the known address once a network is deployed", async () => {
    const { deploy, settlement, appchain, stop } = await emptyChains();
    await deploy();
    for (const chain of [settlement, appchain]) {
      expect(await chain.getCode({ address: DETERMINISTIC_DEPLOYER })).to.equal(
        DETERMINISTIC_DEPLOYER_CODE,
      );
    }
    await stop();
  });
});
