import { expect } from "chai";
import { encodeFunctionData, numberToHex, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { groupMessagesAbi, identityUpdatesAbi, nodesAbi } from "../../src/abi/index.ts";
import { claimWithdrawal } from "../../src/bridge/claimWithdrawal.ts";
import { compareParameters } from "../../src/bridge/compareParameters.ts";
import { depositToAppchain } from "../../src/bridge/depositToAppchain.ts";
import { pushParameters } from "../../src/bridge/pushParameters.ts";
import { waitForTickets } from "../../src/bridge/waitForTickets.ts";
import { waitForWithdrawals } from "../../src/bridge/waitForWithdrawals.ts";
import { withdrawFromAppchain } from "../../src/bridge/withdrawFromAppchain.ts";
import { transact } from "../../src/chain/transact.ts";
import {
  groupMessages,
  identityUpdates,
  nodeChanges,
  type Cursor,
  type EventSource,
} from "../../src/events/eventSources.ts";
import {
  escrowChanges,
  payerReportEvents,
  rateChanges,
  rewardEvents,
  usageSettlements,
} from "../../src/events/moneyEvents.ts";
import { readEvents } from "../../src/events/readEvents.ts";
import { eventBody } from "../../src/indexer/api/eventSchemas.ts";
import { startApi } from "../../src/indexer/api/startApi.ts";
import { eventToJson, toJson } from "../../src/indexer/api/toJson.ts";
import type { ChainName } from "../../src/indexer/chain/contracts.ts";
import type { DatabaseLocation } from "../../src/indexer/database/database.ts";
import type { IndexedEvent } from "../../src/indexer/read/indexedEvents.ts";
import { readBridgeMessages } from "../../src/indexer/read/readBridgeMessages.ts";
import { readEventPage } from "../../src/indexer/read/readEventPage.ts";
import { readIndexedNodes } from "../../src/indexer/read/readIndexedNodes.ts";
import { readIndexedParameters } from "../../src/indexer/read/readIndexedParameters.ts";
import { readIndexedRates } from "../../src/indexer/read/readIndexedRates.ts";
import { readIndexedReports } from "../../src/indexer/read/readIndexedReports.ts";
import { readIndexedRewards } from "../../src/indexer/read/readIndexedRewards.ts";
import { readPayerAccount } from "../../src/indexer/read/readPayerAccount.ts";
import { readStatus } from "../../src/indexer/read/readStatus.ts";
import { startIndexer, type Indexer } from "../../src/indexer/startIndexer.ts";
import { readNodes } from "../../src/nodes/readNodes.ts";
import {
  addNode,
  addToNetwork,
  removeFromNetwork,
  setHttpAddress,
} from "../../src/nodes/writeNodes.ts";
import { fundPayer } from "../../src/payers/fundPayer.ts";
import { parseDollars } from "../../src/payers/microdollars.ts";
import { readPayer } from "../../src/payers/readPayer.ts";
import { readPayerUsage } from "../../src/payers/readPayerUsage.ts";
import {
  cancelWithdrawal,
  finalizeWithdrawal,
  requestWithdrawal,
} from "../../src/payers/withdrawals.ts";
import { readRates } from "../../src/rates/readRates.ts";
import { setRates } from "../../src/rates/setRates.ts";
import { buildPayerReport } from "../../src/reports/buildPayerReport.ts";
import { readPayerReports } from "../../src/reports/readPayerReports.ts";
import { signPayerReport } from "../../src/reports/reportSignatures.ts";
import { settlePayerReport } from "../../src/reports/settlePayerReport.ts";
import { submitPayerReport } from "../../src/reports/submitPayerReport.ts";
import { claimProtocolFees, claimRewards } from "../../src/rewards/claimRewards.ts";
import { readRewards } from "../../src/rewards/readRewards.ts";
import { withdrawRewards } from "../../src/rewards/withdrawRewards.ts";
import { startBridgeNetwork, type BridgeNetwork } from "../helpers/bridgeNetwork.ts";
import { startPostgres, type Postgres } from "../helpers/startPostgres.ts";

const AMOUNT = parseDollars("5");
const GROUP: Hex = `0x${"12".repeat(16)}`;
const INBOX: Hex = `0x${"34".repeat(32)}`;
const PAYLOAD: Hex = `0x${"ab".repeat(100)}`;
const MAX_SIZE = "xmtp.groupMessageBroadcaster.maxPayloadSize";
const NODE_IDS = [100, 200, 300];
const REPORT_PAYERS = [1, 2, 3].map((index) => numberToHex(0xa11ce00 + index, { size: 20 }));

const signerOf = (nodeId: number) => privateKeyToAccount(numberToHex(nodeId, { size: 32 }));

describe("the index of a network", function () {
  this.timeout(180_000);
  let network: BridgeNetwork;
  let server: Postgres;

  before(async () => {
    [network, server] = await Promise.all([startBridgeNetwork(), startPostgres({ fsync: false })]);
    await useMoney();
    await useNodes();
    await useReports();
    await useBridge();
    await publish();
  });
  after(async () => {
    await network.stop();
    await server.stop();
  });

  const asAdmin = () => ({ chain: network.chain, account: network.admin });
  const escrow = () => network.escrow();

  /** Deposits, and withdrawals in every state. */
  const useMoney = async (): Promise<void> => {
    const { payer, other } = network;
    await network.setEscrow({ withdrawLockPeriod: 0 });
    for (const account of [payer, other]) await network.give(account.address, 10n * AMOUNT);
    for (const account of [payer, other]) {
      await fundPayer({ ...escrow(), account, amount: 4n * AMOUNT });
    }
    await requestWithdrawal({ ...escrow(), amount: 1n });
    await cancelWithdrawal(escrow());
    await requestWithdrawal({ ...escrow(), amount: AMOUNT });
    await finalizeWithdrawal({ ...escrow(), into: "feeToken" });
    await requestWithdrawal({ ...escrow(), amount: 7n });
    await requestWithdrawal({ ...escrow(), account: other, amount: 9n });
    await finalizeWithdrawal({ ...escrow(), account: other });
    const { addresses } = network;
    for (const messageFee of [100n, 150n]) {
      await setRates({
        ...asAdmin(),
        parameterRegistry: addresses.settlementChainParameterRegistry,
        rateRegistry: addresses.rateRegistry,
        rates: { messageFee, storageFee: 2n, congestionFee: 3n, targetRatePerMinute: 6_000n },
      });
      const { timestamp } = await network.chain.client.getBlock();
      await network.controls.setNextBlockTimestamp({ timestamp: timestamp + 10_000n });
    }
  };

  const useNodes = async (): Promise<void> => {
    const { admin, other, addresses } = network;
    const registry = { ...asAdmin(), address: addresses.nodeRegistry };
    for (const nodeId of NODE_IDS) {
      await addNode({
        ...registry,
        owner: admin.address,
        signingPublicKey: signerOf(nodeId).publicKey,
        httpAddress: `http://node-${nodeId}.example`,
      });
      await addToNetwork({ ...registry, nodeId });
    }
    await addNode({
      ...registry,
      owner: other.address,
      signingPublicKey: signerOf(400).publicKey,
      httpAddress: "http://node-400.example",
    });
    await addToNetwork({ ...registry, nodeId: 400 });
    await removeFromNetwork({ ...registry, nodeId: 400 });
    await setHttpAddress({ ...registry, nodeId: 200, httpAddress: "http://moved.example" });
    await transact({
      ...asAdmin(),
      to: addresses.nodeRegistry,
      data: encodeFunctionData({
        abi: nodesAbi,
        functionName: "transferFrom",
        args: [admin.address, other.address, 300n],
      }),
    });
  };

  /** One report that is settled, one in part, and one that is not; what the first gives is claimed. */
  const useReports = async (): Promise<void> => {
    const { addresses, admin, payer } = network;
    const reports = { ...asAdmin(), address: addresses.payerReportManager };
    const domain = {
      chainId: network.chain.chainId,
      verifyingContract: addresses.payerReportManager,
    };
    const keys = [];
    for (const [index, batches] of [3, 1, 0].entries()) {
      const { report, id, tree } = buildPayerReport({
        originatorNodeId: 100,
        startSequenceId: BigInt(10 * index),
        endSequenceId: BigInt(10 * index + 10),
        endMinuteSinceEpoch: index + 1,
        payerFees: [payer.address, ...REPORT_PAYERS.slice(0, 2)].map((one, position) => ({
          payer: one,
          feePicodollars: BigInt(1_000_000_001 + position),
        })),
        nodeIds: NODE_IDS,
        domain,
      });
      const signatures = await Promise.all(
        NODE_IDS.map(async (nodeId) => ({
          nodeId,
          signature: await signPayerReport(id, signerOf(nodeId)),
        })),
      );
      const { payerReportIndex } = await submitPayerReport({
        ...reports,
        nodeRegistry: addresses.nodeRegistry,
        report,
        signatures,
      });
      const key = { originatorNodeId: 100, payerReportIndex };
      keys.push(key);
      if (batches === 0) continue;
      await settlePayerReport({
        ...reports,
        ...key,
        tree,
        batchSize: 1,
        onBatch: ({ remaining }) => {
          if (remaining > 0 && batches === 1) throw new Error("enough");
        },
      }).catch((error: unknown) => {
        if (batches !== 1) throw error;
      });
    }
    const rewards = { ...asAdmin(), address: addresses.distributionManager };
    for (const nodeId of [100, 200]) {
      await claimRewards({ ...rewards, nodeId, reports: keys.slice(0, 1) });
    }
    await claimProtocolFees({ ...rewards, reports: keys.slice(0, 1) });
    await withdrawRewards({ ...rewards, nodeId: 100, recipient: admin.address });
  };

  const useBridge = async (): Promise<void> => {
    const { settlement, appchain, payer } = network;
    const arrive = (transactionHash: Hex) =>
      waitForTickets({ settlement, appchain, transactionHash, pollIntervalMs: 20 });
    for (const amount of [AMOUNT, AMOUNT, 2n * AMOUNT]) {
      const { transactionHash } = await depositToAppchain({
        ...network.crossing(),
        recipient: payer.address,
        amount,
      });
      await arrive(transactionHash);
    }
    await network.setParameters({ [MAX_SIZE]: 100_000n });
    const { transactionHash } = await pushParameters({ ...network.crossing(), keys: [MAX_SIZE] });
    await arrive(transactionHash);
    await network.setParameters({ [MAX_SIZE]: 90_000n });

    const sent: Hex[] = [];
    for (const dollars of ["1", "2"]) {
      const withdrawn = await withdrawFromAppchain({
        chain: appchain,
        account: payer,
        address: network.addresses.appChainGateway,
        value: parseDollars(dollars) * 10n ** 12n,
      });
      sent.push(withdrawn.transactionHash);
    }
    const [withdrawal] = await waitForWithdrawals({
      settlement,
      appchain,
      address: network.gateway,
      transactionHash: sent[0] ?? "0x",
      pollIntervalMs: 20,
    });
    if (withdrawal === undefined) throw new Error("no withdrawal");
    await claimWithdrawal({ ...network.crossing(), withdrawal });
  };

  const publish = async (): Promise<void> => {
    const { appchain, payer, addresses } = network;
    for (let count = 0; count < 3; count++) {
      await transact({
        chain: appchain,
        account: payer,
        to: addresses.groupMessageBroadcaster,
        data: encodeFunctionData({
          abi: groupMessagesAbi,
          functionName: "addMessage",
          args: [GROUP, PAYLOAD],
        }),
      });
      await transact({
        chain: appchain,
        account: payer,
        to: addresses.identityUpdateBroadcaster,
        data: encodeFunctionData({
          abi: identityUpdatesAbi,
          functionName: "addIdentityUpdate",
          args: [INBOX, PAYLOAD],
        }),
      });
    }
  };

  const databases: Record<string, () => Promise<DatabaseLocation>> = {
    embedded: async () => ({ folder: "temporary" }),
    postgres: async () => ({ url: await server.createDatabase() }),
  };
  for (const [name, locate] of Object.entries(databases)) {
    describe(name, () => {
      let indexer: Indexer;
      before(async () => {
        const { devnet, addresses } = network;
        indexer = await startIndexer({
          database: await locate(),
          addresses,
          chains: {
            settlement: { rpcUrls: [devnet.settlement.url] },
            appchain: { rpcUrls: [devnet.appchain.url] },
          },
        });
        await indexer.caughtUp();
      });
      after(() => indexer.stop());

      const everything = async (chain: ChainName): Promise<readonly IndexedEvent[]> =>
        (await readEventPage({ database: indexer.database, chain, limit: 1_000 })).events;

      it("has the events that the library reads of the chains", async () => {
        const { addresses } = network;
        type Library = { readonly kind: string; readonly cursor: Required<Cursor> };
        const sources: readonly [ChainName, EventSource<Library>][] = [
          ["settlement", escrowChanges({ address: addresses.payerRegistry })],
          ["settlement", usageSettlements({ address: addresses.payerRegistry })],
          ["settlement", nodeChanges({ address: addresses.nodeRegistry })],
          ["settlement", payerReportEvents({ address: addresses.payerReportManager })],
          ["settlement", rewardEvents({ address: addresses.distributionManager })],
          ["settlement", rateChanges({ address: addresses.rateRegistry })],
          ["appchain", groupMessages({ address: addresses.groupMessageBroadcaster })],
          ["appchain", identityUpdates({ address: addresses.identityUpdateBroadcaster })],
        ];

        for (const [chain, source] of sources) {
          const expected: Library[] = [];
          for await (const event of readEvents({ chain: network[chain], source })) {
            expected.push(event);
          }
          const kinds = [...new Set(expected.map(({ kind }) => kind))] as IndexedEvent["kind"][];
          expect(kinds, chain).not.to.be.empty;
          const { events } = await readEventPage({
            database: indexer.database,
            chain,
            kinds,
            limit: 1_000,
          });
          expect(
            events.map(({ blockTimestamp, ...event }) => {
              expect(blockTimestamp, event.kind).to.be.a("number");
              return event;
            }),
          ).to.deep.equal(expected);
        }
      });

      it("has events of every kind, as the interface describes them", async () => {
        const kinds = new Set<string>();
        for (const chain of ["settlement", "appchain"] as const) {
          for (const event of await everything(chain)) {
            const body = eventToJson(event);
            expect(eventBody.parse(body)).to.deep.equal(body);
            kinds.add(event.kind);
          }
        }
        // Nobody takes the protocol's fees here, and no contract is upgraded.
        const described = eventBody.options.map(({ shape }) => shape.kind.value);
        expect([...described].filter((kind) => !kinds.has(kind))).to.have.members([
          "protocolFeesWithdrawn",
          "contractUpgraded",
        ]);
      });

      it("has the accounts of payers as the escrow has them", async () => {
        const { payer, other, addresses, chain } = network;
        for (const one of [payer.address, other.address, ...REPORT_PAYERS]) {
          const account = await readPayerAccount({ database: indexer.database, payer: one });
          const status = await readPayer({ chain, address: addresses.payerRegistry, payer: one });
          const pending = status.pendingWithdrawal;
          expect(account, one).to.deep.include({
            payer: status.payer,
            balance: status.balance,
            debt: status.debt,
            pendingWithdrawal: pending && {
              amount: pending.amount,
              withdrawableAt: pending.withdrawableAt,
            },
          });
          const spent = account.spendByDay.reduce((sum, day) => sum + day.spent, 0n);
          expect(spent).to.equal(account.settled);
        }
        const { settledPerDay, settledInWindow, windowSeconds, daysLeft } = await readPayerAccount({
          database: indexer.database,
          payer: payer.address,
        });
        const usage = await readPayerUsage({
          chain,
          address: addresses.payerRegistry,
          payer: payer.address,
        });
        expect(settledInWindow).to.equal(usage.settled);
        expect(Number(settledInWindow)).to.be.greaterThan(0);
        // The blocks before the first event are not in the index.
        expect(windowSeconds).to.be.within(20_000, usage.windowSeconds);
        const perDay = Math.ceil((Number(settledInWindow) * 86_400) / windowSeconds);
        expect(Number(settledPerDay)).to.equal(perDay);
        expect(daysLeft).to.be.greaterThan(1_000);
      });

      it("has withdrawals with what became of them", async () => {
        const rows = await indexer.database.query<{ payer: string; state: string; amount: string }>(
          `select payer, state, amount_microdollars::text as amount from withdrawals order by position`,
        );
        const [payer, other] = [network.payer, network.other].map(({ address }) =>
          address.toLowerCase(),
        );

        expect(rows).to.deep.equal([
          { payer, state: "cancelled", amount: "1" },
          { payer, state: "finalized", amount: AMOUNT.toString() },
          { payer, state: "requested", amount: "7" },
          { payer: other, state: "finalized", amount: "9" },
        ]);
      });

      it("has the nodes as the registry has them", async () => {
        const nodes = await readIndexedNodes({ database: indexer.database });
        const expected = await readNodes({
          chain: network.chain,
          address: network.addresses.nodeRegistry,
        });

        expect(
          nodes.map(({ nodeId, signer, isCanonical, signingPublicKey, httpAddress }) => ({
            nodeId,
            signer,
            isCanonical,
            signingPublicKey,
            httpAddress,
          })),
        ).to.deep.equal(expected);
        const { admin, other } = network;
        expect(nodes.map(({ owner }) => owner)).to.deep.equal(
          [admin, admin, other, other].map(({ address }) => address),
        );
        const canonical = await readIndexedNodes({
          database: indexer.database,
          canonicalOnly: true,
          afterNodeId: 100,
          limit: 1,
        });
        expect(canonical.map(({ nodeId }) => nodeId)).to.deep.equal([200]);
      });

      it("has the reports as the contract has them, and their digests", async () => {
        const reports = await readIndexedReports({ database: indexer.database });
        const expected = await readPayerReports({
          chain: network.chain,
          address: network.addresses.payerReportManager,
          originatorNodeId: 100,
        });

        expect(reports).to.have.length(3);
        for (const [index, { offset, ...report }] of expected.entries()) {
          expect(reports[index], String(index)).to.deep.include({
            ...report,
            settledLeaves: offset,
          });
        }
        expect(reports.map(({ remainingLeaves }) => remainingLeaves)).to.deep.equal([
          0,
          2,
          undefined,
        ]);
        const charges = await indexer.database.query(
          "select payer_report_id from usage_settlements group by 1 order by min(position)",
        );
        expect(charges.map(({ payer_report_id }) => payer_report_id)).to.deep.equal(
          reports.slice(0, 2).map(({ id }) => id),
        );
        const open = await readIndexedReports({
          database: indexer.database,
          isSettled: false,
          after: { originatorNodeId: 100, payerReportIndex: 1 },
        });
        expect(open.map(({ payerReportIndex }) => payerReportIndex)).to.deep.equal([2]);
      });

      it("has what nodes and the protocol are owed", async () => {
        const { balances, entries } = await readIndexedRewards({ database: indexer.database });
        const owed = await readRewards({
          chain: network.chain,
          address: network.addresses.distributionManager,
          nodeIds: [100, 200],
        });

        expect(balances.map(({ nodeId, owed: amount }) => [nodeId, amount])).to.deep.equal([
          ...owed.nodes.map(({ nodeId, owed: amount }) => [nodeId, amount]),
          [undefined, owed.protocolOwed],
        ]);
        expect(entries.map(({ kind, nodeId }) => [kind, nodeId])).to.deep.equal([
          ["withdrawal", 100],
          ["protocolFeesClaim", undefined],
          ["claim", 200],
          ["claim", 100],
        ]);
      });

      it("has the prices, and the parameters of both chains", async () => {
        const { chain, settlement, appchain, addresses, gateway } = network;
        expect(await readIndexedRates({ database: indexer.database })).to.deep.equal(
          await readRates({ chain, address: addresses.rateRegistry }),
        );

        const parameters = await readIndexedParameters({
          database: indexer.database,
          limit: 1_000,
        });
        const compared = await compareParameters({ settlement, appchain, address: gateway });
        const held = new Map(parameters.map((parameter) => [parameter.key, parameter]));
        const zero = `0x${"0".repeat(64)}`;
        for (const { key, settlement: sent, appchain: there, isEqual } of compared) {
          const parameter = held.get(key);
          expect(parameter?.settlement ?? zero, key).to.equal(sent);
          expect(parameter?.appchain ?? zero, key).to.equal(there);
          expect(parameter?.differs ?? false, key).to.equal(!isEqual);
        }
        const differing = await readIndexedParameters({
          database: indexer.database,
          differsOnly: true,
        });
        expect(differing.map(({ key }) => key)).to.deep.equal([MAX_SIZE]);
      });

      it("has both sides of what crossed the bridge", async () => {
        const { database } = indexer;
        const all = await readBridgeMessages({ database, limit: 1_000 });
        const deposits = all.filter(
          ({ kind, recipient }) => kind === "deposit" && recipient === network.payer.address,
        );
        expect(deposits.map(({ amount }) => amount)).to.deep.equal([2n * AMOUNT, AMOUNT, AMOUNT]);
        for (const { amount, maxFees, amountWei, sent, received } of deposits) {
          expect(sent).not.to.equal(undefined);
          expect(received).not.to.equal(undefined);
          expect((amountWei ?? 0n) / 10n ** 12n).to.equal((amount ?? 0n) - (maxFees ?? 0n));
        }
        const pushes = all.filter(({ kind }) => kind === "parameters");
        expect(pushes[0]).to.deep.include({ keys: [MAX_SIZE] });
        expect(pushes.every(({ received }) => received !== undefined)).to.equal(true);

        const withdrawals = await readBridgeMessages({ database, kind: "withdrawal" });
        expect(
          withdrawals.map(({ amount, amountWei, received }) => [
            amount,
            amountWei,
            received !== undefined,
          ]),
        ).to.deep.equal([
          [parseDollars("2"), parseDollars("2") * 10n ** 12n, false],
          [parseDollars("1"), parseDollars("1") * 10n ** 12n, true],
        ]);
        const waiting = await readBridgeMessages({ database, isReceived: false });
        expect(waiting.map(({ kind }) => kind)).to.deep.equal(["withdrawal"]);
      });

      it("answers over HTTP what it answers here", async () => {
        const { database } = indexer;
        const api = await startApi({ database });
        const get = async (path: string): Promise<unknown> =>
          (await fetch(`${api.url}/v1/${path}`)).json();
        const { address } = network.payer;

        expect(await get("nodes")).to.deep.equal({
          nodes: toJson(await readIndexedNodes({ database })),
        });
        expect(await get("reports?isSettled=true")).to.deep.equal({
          reports: toJson(await readIndexedReports({ database, isSettled: true })),
        });
        expect(await get("rewards?nodeId=100")).to.deep.equal(
          toJson(await readIndexedRewards({ database, nodeId: 100 })),
        );
        expect(await get("rates")).to.deep.equal({
          rates: toJson(await readIndexedRates({ database })),
        });
        expect(await get("parameters?differsOnly=true")).to.deep.equal({
          parameters: toJson(await readIndexedParameters({ database, differsOnly: true })),
        });
        expect(await get(`bridge?recipient=${address}&kind=deposit`)).to.deep.equal({
          messages: toJson(
            await readBridgeMessages({ database, recipient: address, kind: "deposit" }),
          ),
        });
        expect(await get(`payers/${address}`)).to.deep.equal(
          toJson(await readPayerAccount({ database, payer: address })),
        );
        expect(await get(`settlement/events?payer=${address}&limit=1000`)).to.have.property(
          "isAtHead",
          true,
        );
        await api.stop();
      });

      it("says how far it is", async () => {
        const { chains, pendingUpdates, projections } = await readStatus({
          database: indexer.database,
        });

        expect(
          chains.map(({ chain, lagBlocks, isCaughtUp }) => [chain, lagBlocks, isCaughtUp]),
        ).to.deep.equal([
          ["appchain", 0, true],
          ["settlement", 0, true],
        ]);
        expect(pendingUpdates).to.equal(0);
        expect(projections.map(({ name: projection }) => projection)).to.deep.equal(["identity"]);
      });

      it("finds what payers and nodes did by their ids", async () => {
        const { database } = indexer;
        const settlement = await everything("settlement");
        const { address } = network.payer;
        const ofPayer = await readEventPage({
          database,
          chain: "settlement",
          payer: address.toLowerCase(),
          limit: 1_000,
        });
        expect(ofPayer.events).to.deep.equal(
          settlement.filter((event) => "payer" in event && event.payer === address),
        );
        expect(ofPayer.events).not.to.be.empty;
        const ofNode = await readEventPage({
          database,
          chain: "settlement",
          nodeId: 300,
          limit: 1_000,
        });
        expect(ofNode.events).to.deep.equal(
          settlement.filter((event) => "nodeId" in event && event.nodeId === 300),
        );
        expect(ofNode.events.map(({ kind }) => kind)).to.include("nodeTransferred");
      });
    });
  }
});
