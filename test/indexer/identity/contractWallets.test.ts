import { readFile } from "node:fs/promises";

import { expect } from "chai";
import {
  createPublicClient,
  createTestClient,
  createWalletClient,
  encodeDeployData,
  encodeFunctionData,
  getCreate2Address,
  hashMessage,
  http,
  keccak256,
  serializeErc6492Signature,
  type Abi,
  type Address,
  type Hex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startChains } from "../../../src/devnet/chains.ts";
import { createContractWalletVerifier } from "../../../src/indexer/identity/createContractWalletVerifier.ts";
import { ethereum } from "../../../src/indexer/identity/identifiers.ts";
import { inboxIdOf } from "../../../src/indexer/identity/inboxIdOf.ts";
import type {
  ContractWalletAnswer,
  ContractWalletRequest,
} from "../../../src/indexer/identity/signatures/contractWallet.ts";
import { caughtError } from "../../helpers/caughtError.ts";
import { startFaultyProxy, type FaultyProxy } from "../../helpers/faultyProxy.ts";
import type { Actor } from "../../helpers/identity/actors.ts";
import { buildUpdate } from "../../helpers/identity/buildUpdate.ts";
import { createInboxLog } from "../../helpers/identity/createInboxLog.ts";
import { envelopeOf } from "../../helpers/identity/envelopeOf.ts";

const OWNER_KEY: Hex = `0x${"11".repeat(32)}`;
const OTHER_KEY: Hex = `0x${"22".repeat(32)}`;
const SALT: Hex = `0x${"00".repeat(32)}`;
const TEXT = "a text to sign";

describe("createContractWalletVerifier", () => {
  let chains: Awaited<ReturnType<typeof startChains>>;
  let proxy: FaultyProxy;
  let chain: string;
  let wallets: Wallets;

  before(async () => {
    chains = await startChains({ blockTime: "automine" });
    const { url, chainId } = chains.settlement;
    chain = `eip155:${chainId}`;
    proxy = await startFaultyProxy(url);
    const [deployer] = chains.accounts;
    wallets = await deployWallets(url, deployer?.privateKey ?? OWNER_KEY);
  });
  after(async () => {
    await proxy.stop();
    await chains.stop();
  });

  const verify = (
    request: Partial<ContractWalletRequest> & { address: string },
    urls: Readonly<Record<string, string>> = { [chain]: chains.settlement.url },
  ): Promise<ContractWalletAnswer> =>
    createContractWalletVerifier({ urls, timeoutMs: 5_000 })({
      accountId: `${chain}:${request.address}`,
      hash: hashMessage(TEXT),
      signature: "0x",
      blockNumber: wallets.deployedAt,
      ...request,
    });

  it("accepts what a deployed wallet accepts, with its address written in any way", async () => {
    const signature = await sign(OWNER_KEY);
    const { owned } = wallets;

    for (const address of [owned, owned.toLowerCase(), owned.slice(2).toUpperCase()]) {
      expect(await verify({ address, signature }), address).to.equal("valid");
    }
  });

  it("refuses what a deployed wallet refuses", async () => {
    const address = wallets.owned;
    const signature = await sign(OWNER_KEY);

    expect(await verify({ address, signature: await sign(OTHER_KEY) })).to.equal("invalid");
    expect(await verify({ address, signature, hash: hashMessage("other") })).to.equal("invalid");
    expect(await verify({ address, signature: "0x" })).to.equal("invalid");
  });

  it("refuses for a wallet that reverts, and for a contract that is none", async () => {
    const signature = await sign(OWNER_KEY);

    expect(await verify({ address: wallets.reverting, signature })).to.equal("invalid");
    expect(await verify({ address: wallets.factory, signature })).to.equal("invalid");
  });

  it("accepts for a wallet that is not deployed yet, with what deploys it", async () => {
    const address = wallets.undeployed;
    const wrapped = await wrap(OTHER_KEY);

    expect(await verify({ address, signature: wrapped })).to.equal("valid");
    expect(await verify({ address, signature: await wrap(OWNER_KEY) })).to.equal("invalid");
    expect(await verify({ address, signature: await sign(OTHER_KEY) })).to.equal("invalid");
    // What deploys one wallet says nothing about another.
    expect(await verify({ address: wallets.nobody, signature: wrapped })).to.equal("invalid");
  });

  it("accepts what a plain account signed", async () => {
    const { address } = privateKeyToAccount(OWNER_KEY);

    expect(await verify({ address, signature: await sign(OWNER_KEY) })).to.equal("valid");
    expect(await verify({ address, signature: await sign(OTHER_KEY) })).to.equal("invalid");
  });

  it("asks at the block that the signature names, and 0 is block 0", async () => {
    const address = wallets.owned;
    const signature = await sign(OWNER_KEY);
    const before = wallets.deployedAt - 1n;

    expect(await verify({ address, signature, blockNumber: before })).to.equal("invalid");
    expect(await verify({ address, signature, blockNumber: 0n })).to.equal("invalid");
    expect(await verify({ address, signature })).to.equal("valid");
  });

  it("is undecided about a block that the node does not have", async () => {
    const request = { address: wallets.owned, signature: await sign(OWNER_KEY) };

    for (const blockNumber of [wallets.deployedAt + 1_000_000n, (1n << 64n) - 1n]) {
      expectUndecided(await verify({ ...request, blockNumber }), `at block ${blockNumber}`);
    }
  });

  it("is undecided about a chain that is not configured", async () => {
    expectUndecided(await verify({ address: wallets.owned }, {}), "is not configured");
  });

  it("is undecided about a node of another chain", async () => {
    const urls = { [chain]: chains.appchain.url };

    expectUndecided(await verify({ address: wallets.owned }, urls), "the node is of chain");
  });

  it("is undecided while a node does not answer, and asks again", async () => {
    const signature = await sign(OWNER_KEY);
    const verifier = createContractWalletVerifier({ urls: { [chain]: proxy.url } });
    const request = {
      accountId: `${chain}:${wallets.owned}`,
      hash: hashMessage(TEXT),
      signature,
      blockNumber: wallets.deployedAt,
    };

    proxy.setFault(() => "drop");
    expectUndecided(await verifier(request), chain);
    proxy.setFault(() => "pass");
    expect(await verifier(request)).to.equal("valid");
    proxy.setFault(() => "drop");
    expectUndecided(await verifier(request), `${chain} at block`);
  });

  it("takes an execution that failed for a refusal, and every other error for none", async () => {
    const request = { address: wallets.owned, signature: await sign(OWNER_KEY) };
    const answerTo = (code: number, message: string) => {
      proxy.setFault(({ method }) =>
        method === "eth_call" ? { error: { code, message } } : "pass",
      );
      return verify(request, { [chain]: proxy.url });
    };

    for (const [code, message] of [
      [3, "execution failed"],
      [-32000, "execution reverted"],
      [-32015, "VM execution error: Reverted 0x"],
      [-32000, "invalid opcode: INVALID"],
      [-32000, "stack underflow (0 <=> 1)"],
      [-32000, "max initcode size exceeded: code size 262144, limit 49152"],
    ] as const) {
      expect(await answerTo(code, message), message).to.equal("invalid");
    }
    for (const [code, message] of [
      [-32000, "missing trie node"],
      [-32000, "header not found"],
      [-32000, "out of gas"],
      [-32005, "limit exceeded"],
      [-32601, "the method eth_call does not exist"],
    ] as const) {
      expectUndecided(await answerTo(code, message), message);
    }
  });

  it("takes every answer but the one byte 0x01 for a refusal", async () => {
    const request = { address: wallets.owned, signature: await sign(OWNER_KEY) };
    for (const answer of ["0x", "0x00", "0x0101", `0x${"00".repeat(31)}01`]) {
      proxy.setFault(({ method }) =>
        method === "eth_call"
          ? { rewrite: (text) => text.replace('"result":"0x01"', `"result":"${answer}"`) }
          : "pass",
      );
      expect(await verify(request, { [chain]: proxy.url }), answer).to.equal("invalid");
    }
  });

  it("refuses chains and URLs that are none, before it asks", async () => {
    const create = async (urls: Record<string, string>) => createContractWalletVerifier({ urls });

    expect((await caughtError(create({ "1": "http://localhost" }))).code).to.equal(
      "INVALID_OPTION",
    );
    expect((await caughtError(create({ "eip155:01": "http://localhost" }))).code).to.equal(
      "INVALID_OPTION",
    );
    expect((await caughtError(create({ "eip155:1": "localhost" }))).code).to.equal("INVALID_URL");
  });

  it("lets a wallet that is not deployed create an inbox, on its chain", async () => {
    const { undeployed, deployedAt } = wallets;
    const identifier = ethereum(undeployed.toLowerCase());
    const inboxId = inboxIdOf(identifier, 1n);
    const text = [
      "XMTP : Authenticate to inbox",
      "",
      `Inbox ID: ${inboxId}`,
      "Current time: 1970-01-01T00:00:07Z",
      "",
      "- Create inbox",
      `  (Owner: ${identifier.value})`,
      "",
      "For more info: https://xmtp.org/signatures",
    ].join("\n");
    const signature = Buffer.from((await wrap(OTHER_KEY, text)).slice(2), "hex");
    const accountId = `${chain}:${undeployed}`;
    const vault: Actor = {
      identifier,
      sign: () => ({
        signature: { case: "erc6492", value: { accountId, blockNumber: deployedAt, signature } },
      }),
    };
    const update = buildUpdate({
      inboxId,
      clientTimestampNs: 7_000_000_000n,
      plans: [{ create: identifier, by: vault, nonce: 1n }],
    });
    const log = createInboxLog({
      inboxId,
      verifyContractWallet: createContractWalletVerifier({
        urls: { [chain]: chains.settlement.url },
      }),
    });

    const result = await log.append(envelopeOf(update, inboxId));

    expect(result.outcome).to.equal("accepted");
    expect(log.state()?.members).to.deep.equal([
      { identifier, chainId: BigInt(chains.settlement.chainId) },
    ]);
  });

  /** A signature by the wallet's owner with the call that deploys the wallet of `OTHER_KEY`. */
  async function wrap(ownerKey: Hex, text = TEXT): Promise<Hex> {
    const { factory, deploying } = wallets;

    return serializeErc6492Signature({
      address: factory,
      data: deploying,
      signature: await sign(ownerKey, text),
    });
  }
});

interface Wallets {
  readonly owned: Address;
  readonly reverting: Address;
  readonly factory: Address;
  /** The wallet of `OTHER_KEY`, and the call of the factory that deploys it. */
  readonly undeployed: Address;
  readonly deploying: Hex;
  readonly nobody: Address;
  /** The block of `owned`; the others are older. */
  readonly deployedAt: bigint;
}

async function deployWallets(url: string, deployerKey: Hex): Promise<Wallets> {
  const account = privateKeyToAccount(deployerKey);
  const client = createPublicClient({ transport: http(url) });
  const wallet = createWalletClient({ account, transport: http(url) });
  const deploy = async (data: Hex): Promise<{ address: Address; blockNumber: bigint }> => {
    const hash = await wallet.sendTransaction({ data, chain: null });
    const receipt = await client.waitForTransactionReceipt({ hash, pollingInterval: 10 });
    if (!receipt.contractAddress) throw new Error("nothing was deployed");
    return { address: receipt.contractAddress, blockNumber: receipt.blockNumber };
  };
  const ownedWallet = await artifactOf("OwnedWallet");
  const walletFactory = await artifactOf("WalletFactory");
  const creationCodeOf = (key: Hex): Hex =>
    encodeDeployData({ ...ownedWallet, args: [privateKeyToAccount(key).address] });

  const factory = await deploy(walletFactory.bytecode);
  const reverting = await deploy((await artifactOf("RevertingWallet")).bytecode);
  await createTestClient({ mode: "hardhat", transport: http(url) }).mine({ blocks: 3 });
  const owned = await deploy(creationCodeOf(OWNER_KEY));

  return {
    owned: owned.address,
    reverting: reverting.address,
    factory: factory.address,
    undeployed: getCreate2Address({
      from: factory.address,
      salt: SALT,
      bytecodeHash: keccak256(creationCodeOf(OTHER_KEY)),
    }),
    deploying: encodeFunctionData({
      abi: walletFactory.abi,
      functionName: "deploy",
      args: [privateKeyToAccount(OTHER_KEY).address],
    }),
    nobody: `0x${"ee".repeat(20)}`,
    deployedAt: owned.blockNumber,
  };
}

async function artifactOf(name: string): Promise<{ abi: Abi; bytecode: Hex }> {
  const path = `../../../artifacts/test/solidity/mocks/WalletMocks.sol/${name}.json`;

  return JSON.parse(await readFile(new URL(path, import.meta.url), "utf8")) as never;
}

function sign(key: Hex, message = TEXT): Promise<Hex> {
  return privateKeyToAccount(key).signMessage({ message });
}

function expectUndecided(answer: ContractWalletAnswer, words: string): void {
  expect(answer).to.have.property("undecided").that.includes(words);
}
