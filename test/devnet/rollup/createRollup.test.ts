import { expect } from "chai";
import { erc20Abi, parseAbi, type Address } from "viem";

import { createRollup } from "../../../src/devnet/rollup/createRollup.ts";
import { planRollup } from "../../../src/devnet/rollup/planRollup.ts";
import { bridgeAbi, rollupAbi, sequencerInboxAbi } from "../../../src/devnet/rollup/rollupAbi.ts";
import { rollupAccounts } from "../../../src/devnet/rollup/rollupAccounts.ts";
import type { Provider } from "../../../src/devnet/rollup/sendSigned.ts";
import { emptyChains, remember, type EmptyChains } from "../../helpers/emptyChains.ts";

const APPCHAIN_ID = 31339;
/** 26 templates and the creation itself. */
const TRANSACTIONS = 27;
/** Wei. */
const ETHER = 10n ** 18n;

const creatorAbi = parseAbi([
  "event RollupCreated(address indexed rollup, address indexed nativeToken, address inbox, address outbox, address rollupEventInbox, address challengeManager, address proxyAdmin, address sequencerInbox, address bridge, address upgradeExecutor, address validatorWalletCreator)",
]);

describe("createRollup", () => {
  const { creator, sequencer, validator } = rollupAccounts();
  let chains: EmptyChains;
  let feeToken: Address;
  let forget: () => Promise<void>;
  before(async () => {
    chains = await emptyChains();
    const { addressBook } = await chains.deploy();
    feeToken = addressBook.feeToken;
    const pay = chains.sendFrom("settlement", chains.deployer);
    for (const { address } of [creator, sequencer, validator])
      await pay({ to: address, value: ETHER * 100n });
    forget = await remember(chains.chains);
  });
  beforeEach(async () => {
    await forget();
    forget = await remember(chains.chains);
  });
  after(() => chains.chains.stop());

  const create = (provider: Provider = chains.chains.settlement.provider) =>
    createRollup({ provider, feeToken, appchainId: APPCHAIN_ID });
  const sent = () => chains.settlement.getTransactionCount({ address: creator.address });

  it("makes every contract where the plan says", async () => {
    const contracts = await create();

    const plan = await planRollup({
      creator: creator.address,
      sequencer: sequencer.address,
      validator: validator.address,
      feeToken,
      appchainId: APPCHAIN_ID,
    });
    expect(contracts).to.deep.equal(plan.contracts);
    const [created] = await chains.settlement.getContractEvents({
      address: contracts.rollupCreator,
      abi: creatorAbi,
      eventName: "RollupCreated",
      fromBlock: 0n,
      strict: true,
    });
    const { validatorWalletCreator, nativeToken, ...addresses } = created!.args;
    const { rollupCreator, ...expected } = contracts;
    expect(addresses).to.deep.equal(expected);
    expect(nativeToken).to.equal(feeToken);
    for (const address of [rollupCreator, validatorWalletCreator, ...Object.values(addresses)])
      expect(await chains.settlement.getCode({ address })).to.match(/^0x../);
  });

  it("has the fee token as native token, and a confirmed assertion of nothing", async () => {
    const { bridge, rollup, sequencerInbox } = await create();

    const onBridge = { address: bridge, abi: bridgeAbi } as const;
    const client = chains.settlement;
    expect(await client.readContract({ ...onBridge, functionName: "nativeToken" })).to.equal(
      feeToken,
    );
    const decimals = await client.readContract({
      address: feeToken,
      abi: erc20Abi,
      functionName: "decimals",
    });
    expect(
      await client.readContract({ ...onBridge, functionName: "nativeTokenDecimals" }),
    ).to.equal(decimals);
    // The configuration of the chain is the first message, and the first batch holds it.
    expect(
      await client.readContract({ ...onBridge, functionName: "delayedMessageCount" }),
    ).to.equal(1n);
    expect(
      await client.readContract({ ...onBridge, functionName: "sequencerMessageCount" }),
    ).to.equal(1n);

    const onRollup = { address: rollup, abi: rollupAbi } as const;
    const genesis = await client.readContract({ ...onRollup, functionName: "latestConfirmed" });
    const { status } = await client.readContract({
      ...onRollup,
      functionName: "getAssertion",
      args: [genesis],
    });
    expect(status).to.equal(2);
    expect(
      await client.readContract({ ...onRollup, functionName: "anyTrustFastConfirmer" }),
    ).to.equal(validator.address);
    expect(
      await client.readContract({
        address: sequencerInbox,
        abi: sequencerInboxAbi,
        functionName: "isBatchPoster",
        args: [sequencer.address],
      }),
    ).to.equal(true);
  });

  it("does nothing when it stands", async () => {
    const contracts = await create();
    const transactions = await sent();

    expect(await create()).to.deep.equal(contracts);
    expect(await sent()).to.equal(transactions);
  });

  it("goes on where it was interrupted", async () => {
    for (const stop of [0, 1, 14, TRANSACTIONS - 1]) {
      await refusal(create(dyingAfter(chains.chains.settlement.provider, stop - (await sent()))));
      expect(await sent()).to.equal(stop);
    }
    const contracts = await create();

    expect(await sent()).to.equal(TRANSACTIONS);
    expect(await chains.settlement.getCode({ address: contracts.rollup })).to.match(/^0x../);
  });

  it("sends nothing twice that waits for a block", async () => {
    await chains.chains.settlement.setBlockTime(0);
    const provider: Provider = chains.chains.settlement.provider;
    const interrupted = new AbortController();
    let asked = 0;
    const waiting = createRollup({
      provider: {
        request: async (request) => {
          if (request.method === "eth_getTransactionReceipt" && ++asked === 3) interrupted.abort();
          return provider.request(request);
        },
      },
      feeToken,
      appchainId: APPCHAIN_ID,
      signal: interrupted.signal,
    });
    await refusal(waiting);

    const resumed = create();
    await chains.chains.settlement.setBlockTime(20);
    await resumed;
    await chains.chains.settlement.setBlockTime("automine");
    expect(await sent()).to.equal(TRANSACTIONS);
  });
});

/** Refuses everything once it has passed on so many transactions. */
function dyingAfter(provider: Provider, transactions: number): Provider {
  let left = transactions;
  return {
    request: async (request) => {
      if (request.method === "eth_sendRawTransaction" && left-- <= 0)
        throw new Error("the process was killed");
      return provider.request(request);
    },
  };
}

async function refusal(work: Promise<unknown>): Promise<void> {
  const outcome = await work.then(
    () => "done",
    () => "refused",
  );
  expect(outcome).to.equal("refused");
}
