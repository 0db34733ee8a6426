import { expect } from "chai";
import {
  AbiCoder,
  concat,
  id,
  keccak256,
  toBeHex,
  toUtf8Bytes,
  zeroPadBytes,
  zeroPadValue,
  type Addressable,
} from "ethers";

import { accounts } from "../helpers/accounts.ts";
import { deployAppchainGateway } from "../helpers/deployAppchainGateway.ts";
import { LOG_KINDS, deployConfiguredLog } from "../helpers/deployLog.ts";
import { APPCHAIN_ID, FUNDS, USD, deployFundedMoney } from "../helpers/deployMoney.ts";
import { deployConfiguredNodes } from "../helpers/deployNodes.ts";
import { deployRegistry } from "../helpers/deployRegistry.ts";
import { deploySettlement } from "../helpers/deploySettlement.ts";
import { LOG_STATE_SLOT } from "../helpers/logState.ts";
import { ethers, loadFixture } from "../helpers/network.ts";
import { addNodes, nodeKeyOf } from "../helpers/nodeFacts.ts";
import { NODES_SLOT } from "../helpers/nodesStorage.ts";
import { PAYERS_SLOT, payerSlot } from "../helpers/payersStorage.ts";
import { firstIds, reportOf, submit } from "../helpers/payerReportFacts.ts";
import {
  nodeSetSlot,
  originatorSlot,
  PAYER_REPORTS_SLOT,
  reportSlot,
} from "../helpers/payerReportsStorage.ts";
import { settleUsage } from "../helpers/settleUsage.ts";

const REGISTRY_SLOT = 0xefab3f4eb315eafaa267b58974a509c07c739fbfe8e62b4eff49c4ced6985000n;
const ERC20_SLOT = 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00n;
const SETTLEMENT_GATEWAY_SLOT = 0xa66588577d68bb28d3fa2c7238607341f39141e4eaf5f706037ae5c1c2a15700n;
const APPCHAIN_GATEWAY_SLOT = 0xf7630100a9c96f7b07fb982ff1e6dad8abbb961bacff2e820fac4ea93b280300n;
const INITIALIZABLE_SLOT = 0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00n;

describe("storage", () => {
  it("begins where ERC-7201 puts each namespace", () => {
    for (const [namespace, slot] of [
      ["xmtp.storage.PayloadBroadcaster", LOG_STATE_SLOT],
      ["xmtp.storage.ParameterRegistry", REGISTRY_SLOT],
      ["xmtp.storage.NodeRegistry", NODES_SLOT],
      ["xmtp.storage.PayerRegistry", PAYERS_SLOT],
      ["xmtp.storage.PayerReportManager", PAYER_REPORTS_SLOT],
      ["xmtp.storage.SettlementChainGateway", SETTLEMENT_GATEWAY_SLOT],
      ["xmtp.storage.AppChainGateway", APPCHAIN_GATEWAY_SLOT],
      ["openzeppelin.storage.Initializable", INITIALIZABLE_SLOT],
      ["openzeppelin.storage.ERC20", ERC20_SLOT],
    ] as const) {
      expect(erc7201Slot(namespace), namespace).to.equal(slot);
    }
  });

  for (const kind of LOG_KINDS) {
    it(`of ${kind.name} is the production layout: sizes, counter and pause in one word, then the bootstrapper`, async () => {
      const configuredLog = () => deployConfiguredLog(kind);
      const { log, actions, bootstrapper, setParameters } = await loadFixture(configuredLog);
      await actions.add(new Uint8Array(kind.idLength), new Uint8Array(100));
      await actions.add(new Uint8Array(kind.idLength), new Uint8Array(100));
      await setParameters({ paused: true });
      await log.updatePauseStatus();

      expect(await wordAt(log, LOG_STATE_SLOT)).to.equal(
        toBeHex(78n | (262_144n << 32n) | (2n << 64n) | (1n << 128n), 32),
      );
      expect(await wordAt(log, LOG_STATE_SLOT + 1n)).to.equal(
        zeroPadValue(bootstrapper.address, 32),
      );
      expect(await wordAt(log, LOG_STATE_SLOT + 2n)).to.equal(toBeHex(0, 32));
    });
  }

  describe("of a parameter registry", () => {
    async function emptyRegistry() {
      const { admin } = await accounts(["admin"]);
      const { registry } = await deployRegistry("AppchainParameters", [admin.address]);
      return { registry, set: registry.getFunction("set(string,bytes32)") };
    }

    // Keys, and the slots that the production network has for them.
    for (const [key, slot] of [
      [
        "xmtp.groupMessageBroadcaster.maxPayloadSize",
        0xaf1af353322c8248f84d21ef22c3550c64cd7de3156904b549f915eff7fede2fn,
      ],
      [
        "xmtp.appChainParameterRegistry.isAdmin.0x1111111111111111111111111111111111111111",
        0x00f09acaddc93a5c88e1aaa6f311a03098991fdb75cc469d3b129c3479d9b56dn,
      ],
      [
        "xmtp.factory.migrator",
        0x8d2e4aaeb6c39ae8e344658eafcddece340310770f517b4d84d63580e76ec980n,
      ],
    ] as const) {
      it(`holds ${key} in its production slot`, async () => {
        const { registry, set } = await loadFixture(emptyRegistry);
        const value = id("a value");

        await set(key, value);

        expect(await wordAt(registry, slot)).to.equal(value);
        expect(slot).to.equal(
          BigInt(keccak256(concat([toUtf8Bytes(key), toBeHex(REGISTRY_SLOT, 32)]))),
        );
      });
    }

    it("makes an admin of whoever has the production slot set", async () => {
      const { registry, set } = await loadFixture(emptyRegistry);
      const account = "0x1111111111111111111111111111111111111111";
      const key = `xmtp.appChainParameterRegistry.isAdmin.${account}`;

      const receipt = await (await set(key, toBeHex(1, 32))).wait();

      expect(receipt?.logs[0]?.topics[1]).to.equal(
        "0xcc6357197a7aa42989ee6d9903b6f97123bc39f75c2358c7908ec5b4826ce0d7",
      );
      expect(await registry.isAdmin(account)).to.equal(true);
    });
  });

  describe("of Nodes", () => {
    async function nodesWithTwoCanonical() {
      const fixture = await deployConfiguredNodes();
      await addNodes(fixture.adminNodes, fixture.owner, 3);
      await fixture.adminNodes.addToNetwork(300);
      await fixture.adminNodes.addToNetwork(100);
      return fixture;
    }

    it("packs admin, size of the network, its nodes and all nodes into one word", async () => {
      const { nodes, admin } = await loadFixture(nodesWithTwoCanonical);

      expect(await wordAt(nodes, NODES_SLOT)).to.equal(
        toBeHex(BigInt(admin.address) | (20n << 160n) | (2n << 168n) | (3n << 176n), 32),
      );
    });

    it("keeps a node in four words, and what of its address is longer than 29 bytes", async () => {
      const { nodes, owner } = await loadFixture(nodesWithTwoCanonical);
      const { publicKey, signer } = nodeKeyOf(3);
      const text = "https://a-longer-name.node-3.example.org";
      await nodes.connect(owner).setHttpAddress(300, text);
      const url = toUtf8Bytes(text);
      const node = mappingSlot("uint32", 300, NODES_SLOT + 1n);

      expect(await wordAt(nodes, node)).to.equal(zeroPadValue(signer, 32));
      expect(concat([await wordAt(nodes, node + 1n), await wordAt(nodes, node + 2n)])).to.equal(
        `0x${publicKey.slice(4)}`,
      );
      expect(await wordAt(nodes, node + 3n)).to.equal(
        concat([url.slice(0, 29), toBeHex(url.length, 3)]),
      );
      expect(await wordAt(nodes, mappingSlot("uint256", 0, node + 4n))).to.equal(
        zeroPadBytes(url.slice(29), 32),
      );
    });

    it("packs eight canonical ids into a word, and 32 positions", async () => {
      const { nodes } = await loadFixture(nodesWithTwoCanonical);
      const positions = mappingSlot("uint256", 0, NODES_SLOT + 35n);

      expect(await wordAt(nodes, NODES_SLOT + 3n)).to.equal(toBeHex(300n | (100n << 32n), 32));
      expect(await wordAt(nodes, positions)).to.equal(toBeHex((2n << 8n) | (1n << 24n), 32));
    });
  });

  describe("of the tokens", () => {
    it("is that of OpenZeppelin: balances, allowances and the supply", async () => {
      const { feeToken, underlying, payer, splitter } = await loadFixture(deployFundedMoney);
      await feeToken.approve(splitter, 7n);

      for (const token of [feeToken, underlying]) {
        expect(await wordAt(token, mappingSlot("address", payer.address, ERC20_SLOT))).to.equal(
          toBeHex(FUNDS, 32),
        );
      }
      const allowances = mappingSlot("address", payer.address, ERC20_SLOT + 1n);
      const spender = await splitter.getAddress();
      expect(await wordAt(feeToken, mappingSlot("address", spender, allowances))).to.equal(
        toBeHex(7n, 32),
      );
      expect(await wordAt(feeToken, ERC20_SLOT + 2n)).to.equal(toBeHex(FUNDS, 32));
      // The payer's own tokens, and those that cover its fee tokens.
      expect(await wordAt(underlying, ERC20_SLOT + 2n)).to.equal(toBeHex(2n * FUNDS, 32));
    });
  });

  it("of SettlementGateway packs pause and number of pushes into one word, then has inboxes and bridges", async () => {
    const { gateway, bridge, setGatewayParameters } = await loadFixture(deployFundedMoney);
    for (let pushes = 0; pushes < 2; pushes++) {
      await gateway.sendParameters([APPCHAIN_ID], ["a.key"], 0n, 0n, 0n);
    }
    await setGatewayParameters({ paused: true });
    await gateway.updatePauseStatus();
    const inboxSlot = mappingSlot("uint256", Number(APPCHAIN_ID), SETTLEMENT_GATEWAY_SLOT + 1n);
    const bridgeAddress = await bridge.bridge.getAddress();

    expect(await wordAt(gateway, SETTLEMENT_GATEWAY_SLOT)).to.equal(toBeHex(1n | (2n << 8n), 32));
    expect(await wordAt(gateway, inboxSlot)).to.equal(
      zeroPadValue(await bridge.inbox.getAddress(), 32),
    );
    expect(
      await wordAt(gateway, mappingSlot("address", bridgeAddress, SETTLEMENT_GATEWAY_SLOT + 2n)),
    ).to.equal(toBeHex(1n, 32));
  });

  it("of AppchainGateway is the production layout: the pause, then the number of each key's push", async () => {
    const { gateway, push } = await loadFixture(deployAppchainGateway);
    const key = "xmtp.appChainGateway.paused";
    await push(7n, { [key]: true });
    await gateway.updatePauseStatus();
    const slot = keccak256(concat([toUtf8Bytes(key), toBeHex(APPCHAIN_GATEWAY_SLOT + 1n, 32)]));

    expect(await wordAt(gateway, APPCHAIN_GATEWAY_SLOT)).to.equal(toBeHex(1n, 32));
    expect(await wordAt(gateway, BigInt(slot))).to.equal(toBeHex(7n, 32));
  });

  describe("of Payers", () => {
    async function escrowInUse() {
      const fixture = await deployFundedMoney();
      const { payers, payer, other } = fixture;
      await payers.deposit(payer, 100n * USD);
      await payers.requestWithdrawal(60n * USD);
      await settleUsage(fixture, [
        [payer, 41n * USD],
        [other, 2n * USD],
      ]);
      return fixture;
    }

    it("packs totals, lock, least deposit and pause into one word, and has the settings after it", async () => {
      const { payers, settler, distributor, setParameters } = await loadFixture(escrowInUse);
      await setParameters({ paused: true });
      await payers.updatePauseStatus();
      const totals = (57n * USD) | ((3n * USD) << 104n);

      expect(await wordAt(payers, PAYERS_SLOT)).to.equal(
        toBeHex(totals | (172_800n << 200n) | ((10n * USD) << 220n) | (1n << 255n), 32),
      );
      expect(await wordAt(payers, PAYERS_SLOT + 1n)).to.equal(
        toBeHex((10n * USD) | (BigInt(settler.address) << 96n), 32),
      );
      expect(await wordAt(payers, PAYERS_SLOT + 2n)).to.equal(
        zeroPadValue(distributor.address, 32),
      );
    });

    it("packs a payer into the word of the production network", async () => {
      const { payers, payer, other } = await loadFixture(escrowInUse);
      const [, timestamp] = await payers.getPendingWithdrawal(payer);
      const negative = (amount: bigint) => 2n ** 104n - amount;

      expect(await wordAt(payers, payerSlot(payer.address))).to.equal(
        toBeHex(negative(USD) | ((60n * USD) << 104n) | (timestamp << 200n) | (1n << 232n), 32),
      );
      expect(await wordAt(payers, payerSlot(other.address))).to.equal(
        toBeHex(negative(2n * USD), 32),
      );
    });
  });

  describe("of PayerReports", () => {
    async function twoReports() {
      const fixture = await deploySettlement();
      const { payerReports, addCanonicalNodes } = fixture;
      await addCanonicalNodes(9);
      const nodeIds = firstIds(9);
      await submit(payerReports, reportOf({ nodeIds }));
      await submit(payerReports, reportOf({ start: 10n, end: 20n, minute: 7, nodeIds }));
      return { ...fixture, idsHash: hashOf(nodeIds) };
    }

    it("packs the protocol's part, the number of sets of nodes and the hash of the newest into one word", async () => {
      const { payerReports, idsHash } = await loadFixture(twoReports);
      const hash = BigInt(idsHash) & (2n ** 208n - 1n);

      expect(await wordAt(payerReports, PAYER_REPORTS_SLOT)).to.equal(
        toBeHex(100n | (1n << 16n) | (hash << 48n), 32),
      );
    });

    it("packs the end and the number of an originator's reports into one word", async () => {
      const { payerReports } = await loadFixture(twoReports);

      expect(await wordAt(payerReports, originatorSlot(100))).to.equal(
        toBeHex(20n | (2n << 64n), 32),
      );
    });

    it("keeps a report in two words: all but its root, and its root", async () => {
      const { payerReports } = await loadFixture(twoReports);
      const slot = reportSlot(100, 1);

      expect(await wordAt(payerReports, slot)).to.equal(
        toBeHex(20n | (7n << 64n) | (100n << 224n) | (1n << 239n), 32),
      );
      expect(await wordAt(payerReports, slot + 1n)).to.equal(reportOf().root);
    });

    it("keeps a set of nodes as the hash of its ids, their number and the ids", async () => {
      const { payerReports, idsHash } = await loadFixture(twoReports);
      const slot = nodeSetSlot(1);

      expect(await wordAt(payerReports, slot)).to.equal(idsHash);
      expect(await wordAt(payerReports, slot + 1n)).to.equal(
        toBeHex(
          [9, ...firstIds(7)].reduce(
            (word, id, lane) => word | (BigInt(id) << BigInt(32 * lane)),
            0n,
          ),
          32,
        ),
      );
      expect(await wordAt(payerReports, slot + 2n)).to.equal(toBeHex(800n | (900n << 32n), 32));
      expect(await wordAt(payerReports, slot + 3n)).to.equal(toBeHex(0n, 32));
    });
  });
});

function hashOf(nodeIds: readonly number[]): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(["uint32[]"], [nodeIds]));
}

/** keccak256(abi.encode(uint256(keccak256(namespace)) - 1)) & ~0xff, as the standard has it. */
function erc7201Slot(namespace: string): bigint {
  return BigInt(keccak256(toBeHex(BigInt(id(namespace)) - 1n, 32))) & ~0xffn;
}

/** Where a mapping with this base slot has the value of a key. */
function mappingSlot(type: string, key: number | string, base: bigint): bigint {
  return BigInt(keccak256(AbiCoder.defaultAbiCoder().encode([type, "uint256"], [key, base])));
}

async function wordAt(contract: Addressable, slot: bigint): Promise<string> {
  return ethers.provider.getStorage(contract, slot);
}
