import { expect } from "chai";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import type { LocalAccount } from "viem";

import { connectChain, type Chain } from "../../src/chain/connectChain.ts";
import { getNode, readNodes } from "../../src/nodes/readNodes.ts";
import {
  watchNodes,
  type NodeChange,
  type NodeWatch,
  type WatchNodesParameters,
} from "../../src/nodes/watchNodes.ts";
import {
  addNode,
  addToNetwork,
  removeFromNetwork,
  setHttpAddress,
  updateAdmin,
  updateMaxCanonicalNodes,
} from "../../src/nodes/writeNodes.ts";
import { setParameters } from "../../src/parameters/parameters.ts";
import { caughtError } from "../helpers/caughtError.ts";
import { startFaultyProxy, type FaultyProxy } from "../helpers/faultyProxy.ts";
import { chainControls, startNetwork, type TestNetwork } from "../helpers/startNetwork.ts";

describe("nodes", () => {
  let network: TestNetwork;
  let proxy: FaultyProxy;
  let viaProxy: Chain;
  let admin: LocalAccount;
  let stranger: LocalAccount;
  const watches: NodeWatch[] = [];

  before(async () => {
    network = await startNetwork();
  });
  beforeEach(async () => {
    proxy = await startFaultyProxy(network.settlement.url);
    viaProxy = await connectChain({
      url: proxy.url,
      webSocketUrl: proxy.webSocketUrl,
      chainId: network.settlement.chainId,
    });
    const [first, second] = network.accounts;
    if (first === undefined || second === undefined) throw new Error("no accounts");
    [admin, stranger] = [first, second];
  });
  afterEach(async () => {
    for (const watch of watches.splice(0)) watch.stop();
    await proxy.stop();
    await network.reset();
  });
  after(() => network.stop());

  const registry = () => ({ chain: network.settlement, address: network.addresses.nodes });
  const write = () => ({ ...registry(), account: admin });
  const add = (httpAddress = "http://node.example:5050") =>
    addNode({
      ...write(),
      owner: stranger.address,
      signingPublicKey: privateKeyToAccount(generatePrivateKey()).publicKey,
      httpAddress,
    });
  const join = async () => {
    const { nodeId } = await add();
    await addToNetwork({ ...write(), nodeId });
    return nodeId;
  };
  const head = async () => Number(await network.settlement.client.getBlockNumber());

  describe("writing", () => {
    it("registers a node and returns what the registry says", async () => {
      const { publicKey, address } = privateKeyToAccount(generatePrivateKey());
      const compressed = `0x${BigInt(`0x${publicKey.slice(68)}`) % 2n === 1n ? "03" : "02"}${publicKey.slice(4, 68)}`;
      const added = await addNode({
        ...write(),
        owner: stranger.address,
        signingPublicKey: compressed,
        httpAddress: "https://node.example",
      });
      expect(added).to.deep.include({
        nodeId: 100,
        owner: stranger.address,
        signer: address,
        signingPublicKey: publicKey,
        httpAddress: "https://node.example",
      });
      expect(await getNode({ ...registry(), nodeId: 100 })).to.deep.equal({
        nodeId: 100,
        signer: address,
        isCanonical: false,
        signingPublicKey: publicKey,
        httpAddress: "https://node.example",
      });
    });

    it("says whether adding and removing changed anything", async () => {
      const { nodeId } = await add();
      expect((await addToNetwork({ ...write(), nodeId })).isChanged).to.equal(true);
      expect((await addToNetwork({ ...write(), nodeId })).isChanged).to.equal(false);
      expect((await removeFromNetwork({ ...write(), nodeId })).isChanged).to.equal(true);
      expect((await removeFromNetwork({ ...write(), nodeId })).isChanged).to.equal(false);
    });

    it("changes an HTTP address for the owner alone", async () => {
      const { nodeId } = await add();
      const change = { ...write(), nodeId, httpAddress: "http://new.example" };
      expect((await caughtError(setHttpAddress(change))).code).to.equal("NotNodeOwner");
      const changed = await setHttpAddress({ ...change, account: stranger });
      expect(changed).to.deep.include({ nodeId, httpAddress: "http://new.example" });
      expect((await caughtError(setHttpAddress({ ...change, account: stranger }))).code).to.equal(
        "NoChange",
      );
    });

    it("takes over admin and maximum from the parameters", async () => {
      await setParameters({
        chain: network.settlement,
        account: admin,
        address: network.addresses.settlementParameters,
        values: {
          "xmtp.nodeRegistry.admin": stranger.address,
          "xmtp.nodeRegistry.maxCanonicalNodes": 7,
        },
      });
      expect((await updateMaxCanonicalNodes(write())).maxCanonicalNodes).to.equal(7);
      expect((await updateAdmin(write())).admin).to.equal(stranger.address);
      expect((await caughtError(updateAdmin(write()))).code).to.equal("NoChange");
    });

    it("sends nothing that would fail or cannot be right", async () => {
      const { nodeId } = await add();
      const before = await head();
      const good = {
        ...write(),
        owner: stranger.address,
        signingPublicKey: admin.publicKey,
        httpAddress: "http://h",
      };
      const refused = [
        [() => addNode({ ...good, account: stranger }), "NotAdmin"],
        [() => addNode({ ...good, owner: "0x12" }), "INVALID_ADDRESS"],
        [
          () => addNode({ ...good, signingPublicKey: `0x04${"11".repeat(64)}` }),
          "INVALID_SIGNING_KEY",
        ],
        [() => addNode({ ...good, httpAddress: "node.example" }), "INVALID_URL"],
        [() => addNode({ ...good, address: admin.address }), "NO_CODE"],
        [() => addToNetwork({ ...write(), nodeId: 101 }), "INVALID_NODE_ID"],
        [() => addToNetwork({ ...write(), nodeId: 200 }), "ERC721NonexistentToken"],
        [() => setHttpAddress({ ...write(), nodeId, httpAddress: "ftp://h" }), "INVALID_URL"],
        [() => getNode({ ...registry(), nodeId: 900 }), "ERC721NonexistentToken"],
        [() => readNodes({ ...registry(), pageSize: 0 }), "INVALID_OPTION"],
      ] as const;
      for (const [act, code] of refused) {
        expect((await caughtError(act())).code).to.equal(code);
      }
      expect(await head()).to.equal(before);
    });
  });

  describe("readNodes", () => {
    it("reads all pages at one block, canonical ones alone on request", async () => {
      for (let index = 0; index < 5; index += 1) await add(`http://node${index}.example`);
      await addToNetwork({ ...write(), nodeId: 300 });
      for (const pageSize of [1, 2, 5, 100]) {
        const nodes = await readNodes({ ...registry(), pageSize });
        expect(
          nodes.map(({ nodeId }) => nodeId),
          String(pageSize),
        ).to.deep.equal([100, 200, 300, 400, 500]);
      }
      const canonical = await readNodes({ ...registry(), canonicalOnly: true });
      expect(canonical.map(({ nodeId, httpAddress }) => [nodeId, httpAddress])).to.deep.equal([
        [300, "http://node2.example"],
      ]);
    });

    it("is empty for an empty registry, and refuses what is none", async () => {
      expect(await readNodes(registry())).to.deep.equal([]);
      const address = network.addresses.settlementParameters;
      expect((await caughtError(readNodes({ ...registry(), address }))).code).to.equal("REVERTED");
    });
  });

  describe("watchNodes", () => {
    async function watch(options: Partial<WatchNodesParameters> = {}) {
      const changes: string[] = [];
      const onChange = (change: NodeChange) => changes.push(`${change.type} ${change.node.nodeId}`);
      const watching = await watchNodes({
        chain: viaProxy,
        address: network.addresses.nodes,
        pollIntervalMs: 50,
        onChange,
        ...options,
      });
      watches.push(watching);
      return { watching, changes, ids: () => watching.nodes().map(({ nodeId }) => nodeId) };
    }

    it("starts with the canonical nodes and follows each change", async () => {
      const first = await join();
      await add();
      const { watching, changes, ids } = await watch();
      expect(ids()).to.deep.equal([first]);
      const second = await join();
      await setHttpAddress({
        ...write(),
        account: stranger,
        nodeId: first,
        httpAddress: "http://new.example",
      });
      await watching.reaches(await head());
      expect(watching.node(first)?.httpAddress).to.equal("http://new.example");
      await removeFromNetwork({ ...write(), nodeId: first });
      await watching.reaches(await head());
      expect(ids()).to.deep.equal([second]);
      expect(watching.node(first)).to.equal(undefined);
      expect(changes).to.deep.equal([`added ${second}`, `changed ${first}`, `removed ${first}`]);
    });

    it("survives cut WebSockets and lost calls", async () => {
      const { watching, ids } = await watch();
      let count = 0;
      proxy.setFault(() => (count++ % 7 === 1 ? "drop" : "pass"));
      for (let round = 1; round <= 4; round += 1) {
        await join();
        proxy.cutWebSockets();
        await watching.reaches(await head());
        expect(ids().length, String(round)).to.equal(round);
      }
    });

    it("polls while there is no WebSocket, and is live again after", async () => {
      proxy.allowWebSockets(false);
      const { watching, ids } = await watch();
      await join();
      await watching.reaches(await head());
      expect(ids()).to.deep.equal([100]);
      expect(watching.isLive()).to.equal(false);
      proxy.allowWebSockets(true);
      await proxy.webSocketsOpen(1);
      await join();
      await watching.reaches(await head());
      expect(ids()).to.deep.equal([100, 200]);
    });

    it("undoes what a reorganisation undid", async () => {
      const controls = chainControls(network.settlement);
      await join();
      const { watching, changes, ids } = await watch();
      const snapshot = await controls.snapshot();
      await join();
      await watching.reaches(await head());
      expect(ids()).to.deep.equal([100, 200]);
      await controls.revert({ id: snapshot });
      await controls.mine({ blocks: 5 });
      await watching.reaches(await head());
      expect(ids()).to.deep.equal([100]);
      expect(changes).to.deep.equal(["added 200", "removed 200"]);
    });

    it("rejects waiters and tells nothing more once it is stopped", async () => {
      const { watching, changes } = await watch();
      const waiting = watching.reaches(1_000_000).then(
        () => "reached",
        () => "stopped",
      );
      watching.stop();
      expect(await waiting).to.equal("stopped");
      await join();
      expect(changes).to.deep.equal([]);
    });

    it("fails at once when the first reading fails", async () => {
      const address = network.addresses.settlementParameters;
      expect((await caughtError(watch({ address }))).code).to.equal("REVERTED");
    });
  });
});
