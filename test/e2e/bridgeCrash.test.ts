import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { expect } from "chai";
import { encodeFunctionData, numberToHex, type Address, type Hex } from "viem";

import { startDevnet, type Devnet } from "../../deploy/devnet.ts";
import {
  appchainGatewayAbi,
  appchainParametersAbi,
  feeTokenAbi,
  settlementParametersAbi,
} from "../../src/abi/index.ts";
import { readConfirmed } from "../../src/bridge/readConfirmed.ts";
import { readTickets, type Ticket, type TicketStatus } from "../../src/bridge/readTickets.ts";
import { connectChain } from "../../src/chain/connectChain.ts";
import { createRpc } from "../../src/chain/createRpc.ts";
import { devnetAccounts } from "../../src/devnet/accounts.ts";
import { createAssertions } from "../../src/devnet/relayer/assertions.ts";
import {
  createRelayer,
  type Relayer,
  type RelayerConfig,
} from "../../src/devnet/relayer/createRelayer.ts";
import { decodeError } from "../../src/errors/decodeError.ts";
import {
  checkBridgeAccounts,
  countOpenTickets,
  isRelayed,
  UNIT,
  type BridgeAccounts,
  type BridgeEnds,
} from "../helpers/bridgeAccounts.ts";
import {
  costOf,
  createBridgeClient,
  createSender,
  PUSH_GAS,
  sendOf,
  TOO_LITTLE_GAS,
  type BridgeClient,
  type RpcReceipt,
} from "../helpers/bridgeClient.ts";
import { createRandom } from "../helpers/createRandom.ts";
import { startCrashingDevnet, tearLine, type CrashingDevnet } from "../helpers/crashingDevnet.ts";

/** `BRIDGE_SEED=123` repeats a run. */
const SEED = Number(process.env["BRIDGE_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** At random moments; each costs a start of the devnet. */
const KILLS = Number(process.env["BRIDGE_KILLS"] ?? 4);

/** Units: five dollars. */
const AMOUNT = 5_000_000n;
/** More than anybody spends. */
const FUNDS = 10_000_000_000n;
/** Seconds: longer than a ticket lives. */
const EIGHT_DAYS = 8 * 24 * 60 * 60;
/** Milliseconds; a devnet may have to start again meanwhile. */
const PATIENCE = 150_000;
/** Deposits, pushes and withdrawals of each account; with all accounts, more than a thousand. */
const EACH = 55;
/** Pushed to the appchain; its contracts would have to be told to obey. */
const KEY = "xmtp.groupMessageBroadcaster.minPayloadSize";

describe(`a bridge whose devnet is killed (seed ${SEED})`, function () {
  // Many processes one after another, on a machine that may be busy.
  this.timeout(300_000);
  const random = createRandom(SEED);
  let folder: string;
  let template: string;
  let devnet: CrashingDevnet | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "bridge-"));
    template = join(folder, "template");
    const fresh = await startCrashingDevnet({ state: template, next: () => ({}) });
    await fresh.stop();
  });
  afterEach(async () => {
    await devnet?.stop();
    devnet = undefined;
  });
  after(() => rm(folder, { recursive: true }));

  /** A folder as a devnet left it that had just been started for the first time. */
  const createState = async (name: string): Promise<string> => {
    const state = join(folder, name);
    await cp(template, state, { recursive: true });
    return state;
  };

  it("loses nothing when it is killed between any two steps of the relayer", async () => {
    const state = await createState("steps");
    devnet = await startCrashingDevnet({ state, next: ({ endedBetween }) => ({ endedBetween }) });
    const { ends } = devnet;
    const bridge = await connectEnds(ends);
    const client = await createFundedClient(ends, 1);
    const { settlement, appchain, calls } = client;

    await settlement.send(calls.depositRaw(AMOUNT));
    await bridge.ticket(await settlement.send(calls.deposit(AMOUNT)), "redeemed");
    await bridge.ticket(await settlement.send(calls.push([KEY])), "redeemed");

    const poor = () => settlement.send(calls.deposit(AMOUNT, { gasLimit: TOO_LITTLE_GAS }));
    const [redeemed, cancelled, expired] = [await poor(), await poor(), await poor()];
    const { ticketId } = await bridge.ticket(redeemed, "funded");
    await appchain.send(calls.redeem(ticketId));
    await bridge.ticket(redeemed, "redeemed");
    await appchain.send(calls.cancel((await bridge.ticket(cancelled, "funded")).ticketId));
    await bridge.ticket(cancelled, "cancelled");

    await settlement.send(calls.deposit(AMOUNT, { recipient: client.alias }));
    await settlement.send(calls.callAsAlias(client.address, "0x"));
    await bridge.relayed();

    const withdrawal = await appchain.send(calls.withdraw(3n * UNIT));
    await bridge.claim(client, [withdrawal]);

    await bridge.ticket(expired, "funded");
    await passTime(ends, EIGHT_DAYS);
    await bridge.ticket(expired, "expired");

    expect(devnet.endedBetween).to.include.members([
      "submit, call",
      "call, finish",
      "finish, submit",
      "startRedeem, call",
      "begin, call",
    ]);
    expect(devnet.kills()).to.equal(devnet.endedBetween.length);
    await bridge.check([client], { open: 0, cancelled: 1, expired: 1 });
  });

  it("loses nothing when it is killed at random moments, and in the middle of a write", async () => {
    const state = await createState("random");
    devnet = await startCrashingDevnet({
      state,
      next: ({ kills }) => {
        if (kills >= KILLS) return {};
        return random() < 0.5
          ? { blocks: 1 + Math.floor(random() * 12) }
          : { killAfter: 50 + random() * 500 };
      },
      afterKill: () => tearLine(state, random),
    });
    const { ends, kills } = devnet;
    const bridge = await connectEnds(ends);
    const clients = await Promise.all([1, 2, 3].map((index) => createFundedClient(ends, index)));

    await Promise.all(
      clients.map(async (client) => {
        const { settlement, appchain, calls } = client;
        do {
          const amount = AMOUNT + BigInt(Math.floor(random() * 1e6));
          const withdrawal = await appchain.send(
            calls.withdraw(amount * UNIT + 7n, { isUnwrapped: random() < 0.5 }),
          );
          await settlement.send(calls.deposit(amount));
          await settlement.send(calls.push([KEY, "xmtp.identityUpdateBroadcaster.paused"]));
          const poor = await settlement.send(calls.deposit(amount, { gasLimit: TOO_LITTLE_GAS }));
          await appchain.send(calls.redeem((await bridge.ticket(poor, "funded")).ticketId));
          await bridge.claim(client, [withdrawal]);
        } while (kills() < KILLS);
      }),
    );

    expect(kills()).to.equal(KILLS);
    await bridge.check(clients, { open: 0, cancelled: 0, expired: 0, refused: 0 });
  });
});

describe(`a bridge with faults (seed ${SEED})`, function () {
  // Seconds on a machine that does nothing else.
  this.timeout(300_000);
  const random = createRandom(SEED);
  let devnet: Devnet;
  let bridge: Bridge;
  let client: BridgeClient;
  let other: BridgeClient;

  before(async () => {
    devnet = await startDevnet({ blockTime: "automine", assertionIntervalMs: 50 });
    bridge = await connectEnds(devnet);
    client = await createFundedClient(devnet, 1);
    other = await createFundedClient(devnet, 2);
  });
  after(() => devnet.stop());

  const deposit = (options: { recipient?: Address; gasLimit?: bigint } = {}) =>
    client.settlement.send(client.calls.deposit(AMOUNT, options));
  const balance = (address: Address) => bridge.appchain.client.getBalance({ address });

  it("pays a deposit whose call ran out of gas when it is redeemed with more", async () => {
    const recipient = randomAddress(random);
    const receipt = await deposit({ recipient, gasLimit: TOO_LITTLE_GAS });
    const { ticketId, value } = await bridge.ticket(receipt, "funded");
    const refunded = await balance(recipient);
    // Anybody may.
    await other.appchain.send(other.calls.redeem(ticketId));
    await bridge.ticket(receipt, "redeemed");

    expect((await balance(recipient)) - refunded).to.equal(value);
    await bridge.check([client, other], { open: 0 });
  });

  it("keeps a ticket whose redeem fails too, and pays it once when several redeem it at once", async () => {
    const recipient = randomAddress(random);
    const receipt = await deposit({ recipient, gasLimit: TOO_LITTLE_GAS });
    const { ticketId, value } = await bridge.ticket(receipt, "funded");
    const refunded = await balance(recipient);
    await other.appchain.send({ ...other.calls.redeem(ticketId), gas: 165_000n });
    await bridge.relayed();
    await bridge.ticket(receipt, "funded");
    expect(await balance(recipient)).to.equal(refunded);

    await devnet.appchain.setBlockTime(0);
    const redeems = [client, other, client].map(({ appchain, calls }) =>
      appchain.post(calls.redeem(ticketId)),
    );
    await Promise.all(redeems);
    await devnet.appchain.setBlockTime("automine");
    await devnet.appchain.producer.mine();
    await bridge.ticket(receipt, "redeemed");

    await bridge.relayed();
    expect((await balance(recipient)) - refunded).to.equal(value);
    await bridge.check([client, other], { open: 0 });
  });

  it("pays the value of a cancelled ticket to its beneficiary, and to nobody else", async () => {
    const receipt = await deposit({ gasLimit: TOO_LITTLE_GAS });
    const { ticketId, value } = await bridge.ticket(receipt, "funded");
    const refused = await other.appchain.send(other.calls.cancel(ticketId));
    expect(refused.status).to.equal("0x0");

    const before = await balance(client.address);
    const { gasUsed, effectiveGasPrice } = await client.appchain.send(
      client.calls.cancel(ticketId),
    );
    const fee = BigInt(gasUsed) * BigInt(effectiveGasPrice);
    expect((await balance(client.address)) - before).to.equal(value - fee);
    await bridge.ticket(receipt, "cancelled");
    await bridge.check([client], { open: 0, cancelled: 1 });
  });

  it("pays the value of an expired ticket to its beneficiary", async () => {
    const recipient = randomAddress(random);
    const receipt = await deposit({ recipient, gasLimit: TOO_LITTLE_GAS });
    const { value } = await bridge.ticket(receipt, "funded");
    const refunded = await balance(recipient);
    await passTime(devnet, EIGHT_DAYS);
    await bridge.ticket(receipt, "expired");

    await until("payment", async () => (await balance(recipient)) - refunded === value);
    await bridge.check([client], { open: 0, expired: 1 });
  });

  it("keeps the newest parameters when older pushes are redeemed later, in any order", async () => {
    const gateway = { abi: appchainGatewayAbi, address: devnet.addresses.appChainGateway } as const;
    const set = (value: number) => setParameter(devnet, KEY, numberToHex(value, { size: 32 }));
    const push = (gasLimit?: bigint) =>
      client.settlement.send(client.calls.push([KEY], { ...(gasLimit && { gasLimit }) }));

    await set(1);
    const first = await push(TOO_LITTLE_GAS);
    await set(2);
    const second = await push(TOO_LITTLE_GAS);
    await set(3);
    await bridge.ticket(await push(), "redeemed");
    const nonce = () =>
      bridge.appchain.client.readContract({ ...gateway, functionName: "nonceOf", args: [KEY] });
    const newest = await nonce();

    for (const late of [second, first]) {
      const { ticketId } = await bridge.ticket(late, "funded");
      await other.appchain.send(other.calls.redeem(ticketId));
      await bridge.ticket(late, "redeemed");
      expect(await readParameter(bridge, KEY)).to.equal(numberToHex(3, { size: 32 }));
      expect(await nonce()).to.equal(newest);
    }
    await bridge.check([client, other], { open: 0 });
  });

  it("refuses a push with too little money for its gas, and keeps one with too little gas", async () => {
    await setParameter(devnet, KEY, numberToHex(4, { size: 32 }));
    const held = await readFeeTokens(bridge, client.address);
    const call = client.calls.push([KEY], { amount: costOf(PUSH_GAS) - 1n });
    const error = await bridge.settlement.client
      .call({ account: client.address, ...call })
      .catch((caught: unknown) => caught);
    expect(decodeError(error)).to.deep.include({ code: "InsufficientAmount" });
    const refused = await client.settlement.send(call);
    expect(refused.status).to.equal("0x0");
    expect(await readFeeTokens(bridge, client.address)).to.equal(held);

    const receipt = await client.settlement.send(
      client.calls.push([KEY], { gasLimit: TOO_LITTLE_GAS }),
    );
    const { ticketId } = await bridge.ticket(receipt, "funded");
    expect(await readParameter(bridge, KEY)).to.equal(numberToHex(3, { size: 32 }));
    await client.appchain.send(client.calls.redeem(ticketId));
    await bridge.ticket(receipt, "redeemed");
    expect(await readParameter(bridge, KEY)).to.equal(numberToHex(4, { size: 32 }));
    await bridge.check([client], { open: 0 });
  });

  describe("and a relayer of the test's own", () => {
    const errors: unknown[] = [];
    let relayer: Relayer | undefined;

    before(() => devnet.relayer.stop());
    afterEach(async () => {
      await relayer?.stop();
      errors.length = 0;
    });

    const relay = (config: Partial<RelayerConfig>): void => {
      relayer = createRelayer({
        settlement: devnet.settlement.provider,
        appchain: devnet.appchain,
        bridge: devnet.addresses.appChainBridge ?? "0x",
        pollIntervalMs: 10,
        onError: (error) => errors.push(error),
        ...config,
      });
    };
    const mine = async (count: number): Promise<void> => {
      for (let mined = 0; mined < count; mined++) await devnet.settlement.producer.mine();
    };

    it("credits a deposit once that the settlement chain took back and took again later", async () => {
      const CONFIRMATIONS = 4;
      await mine(CONFIRMATIONS);
      relay({ confirmations: CONFIRMATIONS });
      const recipient = randomAddress(random);
      const { provider } = devnet.settlement;
      const fork: unknown = await provider.request({ method: "evm_snapshot" });
      const raw = await client.settlement.sign(client.calls.deposit(AMOUNT, { recipient }));
      await client.settlement.deliver(raw, { isLasting: false });
      await mine(CONFIRMATIONS - 1);
      await pause(100);
      expect(await balance(recipient)).to.equal(0n);

      await provider.request({ method: "evm_revert", params: [fork] });
      // Somebody else's message has its place in the order.
      const earlier = await other.settlement.send(other.calls.deposit(AMOUNT));
      await mine(CONFIRMATIONS + 1);
      await bridge.ticket(earlier, "redeemed");
      expect(await balance(recipient)).to.equal(0n);

      const receipt = await client.settlement.deliver(raw);
      await mine(CONFIRMATIONS);
      const { value } = await bridge.ticket(receipt, "redeemed");
      await mine(1);
      await bridge.relayed();
      expect(await balance(recipient)).to.be.within(value, AMOUNT * UNIT);
      expect(errors).to.deep.equal([]);
      await bridge.check([client, other], { open: 0 });
    });

    it("relays each message once, and in order, whatever events the node repeats, mixes up and withholds", async () => {
      const faults = { withheld: 0, repeated: 0 };
      const spoil = (log: unknown): unknown[] => {
        const chance = random();
        if (chance < 0.3) faults.withheld += 1;
        else if (chance < 0.6) faults.repeated += 1;
        return chance < 0.3 ? [] : chance < 0.6 ? [log, log] : [log];
      };
      const { provider } = devnet.settlement;
      relay({
        settlement: {
          request: async (request) => {
            const answer: unknown = await provider.request(request);
            if (request.method !== "eth_getLogs") return answer;
            return (answer as unknown[]).flatMap(spoil).toSorted(() => random() - 0.5);
          },
        },
      });
      for (let count = 0; count < 30; count++) {
        const call =
          random() < 0.7 ? client.calls.deposit(AMOUNT + BigInt(count)) : client.calls.push([KEY]);
        await client.settlement.send(call);
      }
      await bridge.relayed();

      expect(faults.withheld).to.be.at.least(5);
      expect(faults.repeated).to.be.at.least(5);
      expect(errors).to.deep.equal([]);
      await bridge.check([client], { open: 0 });
    });

    it("carries a thousand deposits, pushes and withdrawals at once", async () => {
      relay({
        assertions: createAssertions({
          settlement: devnet.settlement.provider,
          appchain: devnet.appchain.provider,
          rollup: devnet.rollup,
        }),
        assertionIntervalMs: 50,
      });
      const clients = [client, other];
      for (let index = 3; index < devnet.accounts.length; index++) {
        clients.push(await createFundedClient(devnet, index));
      }
      await devnet.settlement.setBlockTime(50);
      await devnet.appchain.setBlockTime(50);
      const withdrawn = await Promise.all(
        clients.map(async ({ settlement, appchain, calls }) => {
          const posted: Promise<Hex>[] = [];
          const withdrawals: Promise<Hex>[] = [];
          for (let count = 0; count < EACH; count++) {
            const amount = AMOUNT + BigInt(Math.floor(random() * 1e6));
            if (count % 5 < 2) posted.push(settlement.post(calls.deposit(amount)));
            else if (count % 5 < 3) posted.push(settlement.post(calls.push([KEY])));
            else withdrawals.push(appchain.post(calls.withdraw(amount * UNIT)));
          }
          await Promise.all(posted);
          return Promise.all(withdrawals);
        }),
      );
      await bridge.relayed();
      await Promise.all(
        clients.map(async (each, index) => {
          const receipts = await Promise.all(
            (withdrawn[index] ?? []).map((hash) => bridge.receipt(hash)),
          );
          await bridge.claim(each, receipts);
        }),
      );
      await devnet.settlement.setBlockTime("automine");
      await devnet.appchain.setBlockTime("automine");

      const { withdrawals, messages } = await bridge.check(clients, { open: 0 });
      expect(withdrawals).to.equal((clients.length * EACH * 2) / 5);
      expect(withdrawals + messages).to.be.at.least(1_000);
    });
  });
});

/** Both chains, as a client of the library sees them, whether the devnet runs at the moment or not. */
type Bridge = Awaited<ReturnType<typeof connectEnds>>;

async function connectEnds(ends: BridgeEnds) {
  const connect = (side: "settlement" | "appchain") =>
    eventually(side, () => connectChain(ends[side]));
  const settlement = await connect("settlement");
  const appchain = await connect("appchain");
  const { appChainRollup: rollup } = ends.addresses;
  if (rollup === undefined) throw new Error("the network has no rollup");

  const relayed = () => until("the last message", () => isRelayed(ends));
  return {
    addresses: ends.addresses,
    settlement,
    appchain,
    relayed,
    /** The only ticket of a transaction, as soon as it is what it should be. */
    ticket: ({ transactionHash }: RpcReceipt, status: TicketStatus): Promise<Ticket> =>
      eventually(`a ticket of ${transactionHash} that is ${status}`, async () => {
        const [ticket] = await readTickets({ settlement, appchain, transactionHash });
        return ticket?.status === status && !ticket.isRetrying ? ticket : undefined;
      }),
    receipt: (hash: Hex): Promise<RpcReceipt> =>
      eventually(`the receipt of ${hash}`, async () => {
        const receipt = await appchain.client.request({
          method: "eth_getTransactionReceipt",
          params: [hash],
        });
        return (receipt as RpcReceipt | null) ?? undefined;
      }),
    /** Claims what transactions of the appchain withdrew, as soon as it is confirmed. */
    claim: async (client: BridgeClient, receipts: readonly RpcReceipt[]): Promise<void> => {
      const positions = receipts.map((receipt) => sendOf(receipt).position);
      const size = await eventually(`a confirmation of ${positions.join(", ")}`, async () => {
        const confirmed = await readConfirmed(settlement, appchain, rollup);
        return positions.every((position) => position < confirmed.size)
          ? confirmed.size
          : undefined;
      });
      for (const receipt of receipts) {
        const call = await eventually("a proof", () => client.claim(receipt, size));
        const { status } = await client.settlement.send(call);
        expect(status, "claim").to.equal("0x1");
      }
    },
    /** Waits until nothing is under way, and has both chains add up; the tickets that did not end well are as expected. */
    check: async (
      clients: readonly BridgeClient[],
      expected: Partial<BridgeAccounts["tickets"]> & { readonly open: number },
    ): Promise<BridgeAccounts> => {
      await relayed();
      const { open } = expected;
      await until(`${open} open tickets`, async () => (await countOpenTickets(ends)) === open);
      const accounts = await checkBridgeAccounts(ends);
      expect(accounts.relayed, "messages relayed").to.equal(accounts.messages);
      expect(accounts.tickets).to.include(expected);
      expect(accounts.claimed, "withdrawals claimed").to.equal(accounts.withdrawals);
      expect(accounts.inFlight, "withdrawals in flight").to.equal(0n);
      for (const side of ["settlement", "appchain"] as const) {
        const { client } = { settlement, appchain }[side];
        const answered = clients.flatMap((each) => each[side].answered);
        const found = await Promise.all(
          answered.map(({ transactionHash: hash }) => client.getTransactionReceipt({ hash })),
        );
        expect(
          found.map(({ blockHash }) => blockHash),
          "blocks of what was answered for",
        ).to.deep.equal(answered.map(({ blockHash }) => blockHash));
      }
      return accounts;
    },
  };
}

async function createFundedClient(ends: BridgeEnds, index: number): Promise<BridgeClient> {
  const account = devnetAccounts(index + 1)[index];
  if (account === undefined) throw new Error("the devnet has too few accounts");
  const client = await eventually("a client", () => createBridgeClient(ends, account.privateKey));
  await client.fund(FUNDS);
  return client;
}

/** Sets a parameter of the settlement chain, as the admin of the devnet. */
async function setParameter(ends: BridgeEnds, key: string, value: Hex): Promise<void> {
  const [admin] = devnetAccounts(1);
  if (admin === undefined) throw new Error("the devnet has no admin");
  const { send } = await createSender({ ...ends.settlement, privateKey: admin.privateKey });
  await send({
    to: ends.addresses.settlementChainParameterRegistry,
    data: encodeFunctionData({
      abi: settlementParametersAbi,
      functionName: "set",
      args: [key, value],
    }),
  });
}

function readParameter({ appchain, addresses }: Bridge, key: string): Promise<Hex> {
  return appchain.client.readContract({
    address: addresses.appChainParameterRegistry,
    abi: appchainParametersAbi,
    functionName: "get",
    args: [key],
  });
}

function readFeeTokens({ settlement, addresses }: Bridge, account: Address): Promise<bigint> {
  return settlement.client.readContract({
    address: addresses.feeToken,
    abi: feeTokenAbi,
    functionName: "balanceOf",
    args: [account],
  });
}

/** Of the clock of the appchain. */
async function passTime({ appchain }: BridgeEnds, seconds: number): Promise<void> {
  const rpc = createRpc(appchain.url, PATIENCE);
  await rpc.call("evm_increaseTime", seconds);
  await rpc.call("evm_mine");
}

function randomAddress(random: () => number): Address {
  const digits = Array.from({ length: 40 }, () => Math.floor(random() * 16).toString(16));
  return `0x${digits.join("")}`;
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  await eventually(what, async () => (await isTrue()) || undefined);
}

/** What `read` gives, as soon as it gives something. Errors are those of a devnet that starts again, until time is up. */
async function eventually<Value>(
  what: string,
  read: () => Promise<Value | undefined>,
): Promise<Value> {
  const end = performance.now() + PATIENCE;
  let cause: unknown;
  while (performance.now() < end) {
    try {
      const value = await read();
      if (value !== undefined) return value;
    } catch (error) {
      cause = error;
    }
    await pause(20);
  }
  throw new Error(`there never was ${what}`, { cause });
}
