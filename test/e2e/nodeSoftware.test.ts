import { expect } from "chai";
import {
  bytesToHex,
  concatHex,
  createPublicClient,
  decodeAbiParameters,
  decodeFunctionResult,
  domainSeparator,
  encodeAbiParameters,
  encodeFunctionData,
  hexToBigInt,
  hexToBytes,
  http,
  keccak256,
  parseAbiParameters,
  toFunctionSelector,
  toHex,
  toRlp,
  trim,
  type Address,
  type Hex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startDevnet, type Devnet } from "../../deploy/devnet.ts";
import {
  groupMessagesAbi,
  nodesAbi,
  payerReportsAbi,
  ratesAbi,
  settlementParametersAbi,
} from "../../src/abi/index.ts";

/** The gateway's: an integer that no estimate precedes. */
const GATEWAY_GAS = 6_000_000n;
/** How many the gateway has in flight, in no particular order. */
const GATEWAY_CONCURRENCY = 32;
const MESSAGE_SENT = "0xe69329a8fa6c24860e47ba6211a332cf49c3e692bdbcc4bf5500d724bf9ccd05";

interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

async function rpc<Result>(
  url: string,
  method: string,
  params: readonly unknown[],
): Promise<{ result?: Result; error?: RpcError }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  return (await response.json()) as { result?: Result; error?: RpcError };
}

/** The fields of a header in the order in which they are hashed, up to the blob fields of cancun. */
const HEADER_FIELDS = [
  "parentHash",
  "sha3Uncles",
  "miner",
  "stateRoot",
  "transactionsRoot",
  "receiptsRoot",
  "logsBloom",
  "difficulty",
  "number",
  "gasLimit",
  "gasUsed",
  "timestamp",
  "extraData",
  "mixHash",
  "nonce",
  "baseFeePerGas",
  "withdrawalsRoot",
  "blobGasUsed",
  "excessBlobGas",
  "parentBeaconBlockRoot",
  "requestsHash",
] as const;
const QUANTITIES = new Set<string>([
  "difficulty",
  "number",
  "gasLimit",
  "gasUsed",
  "timestamp",
  "baseFeePerGas",
  "blobGasUsed",
  "excessBlobGas",
]);

function headerHash(header: Readonly<Record<string, Hex | undefined>>): Hex {
  const fields = HEADER_FIELDS.flatMap((name) => {
    const value = header[name];
    if (value === undefined) return [];
    if (!QUANTITIES.has(name)) return [value];
    return [hexToBigInt(value) === 0n ? ("0x" as const) : trim(toHex(hexToBigInt(value)))];
  });
  return keccak256(toRlp(fields));
}

describe("what production's node software asks of the chains", () => {
  let devnet: Devnet;

  before(async () => {
    devnet = await startDevnet({ blockTime: 100 });
  });
  after(() => devnet.stop());

  it("reads the registry with the call in `input`, as its bindings send it", async () => {
    const { result } = await rpc<Hex>(devnet.settlement.url, "eth_call", [
      {
        to: devnet.addresses.nodeRegistry,
        input: encodeFunctionData({ abi: nodesAbi, functionName: "getAllNodes" }),
      },
      "latest",
    ]);

    expect(
      decodeFunctionResult({ abi: nodesAbi, functionName: "getAllNodes", data: result ?? "0x" }),
    ).to.deep.equal([]);
  });

  it("finds a price list with an entry that holds since the deployment", async () => {
    const call = async (input: Hex): Promise<Hex> => {
      const { result } = await rpc<Hex>(devnet.settlement.url, "eth_call", [
        { to: devnet.addresses.rateRegistry, input },
        "latest",
      ]);
      return result ?? "0x";
    };
    const count = decodeFunctionResult({
      abi: ratesAbi,
      functionName: "getRatesCount",
      data: await call("0x2da72291"),
    });
    expect(count).to.equal(1n);
    const page = encodeAbiParameters([{ type: "uint256" }, { type: "uint256" }], [0n, count]);
    const [rates] = decodeFunctionResult({
      abi: ratesAbi,
      functionName: "getRates",
      data: await call(concatHex(["0x45b05a43", page])),
    });

    const client = createPublicClient({ transport: http(devnet.settlement.url) });
    const { timestamp } = await client.getBlock();
    const { startTime, ...prices } = rates ?? {};
    expect(prices).to.deep.equal({
      messageFee: 100n,
      storageFee: 200n,
      congestionFee: 300n,
      targetRatePerMinute: 6_000n,
    });
    expect(Number(startTime)).to.be.within(Number(timestamp) - 3_600, Number(timestamp));
  });

  it("finds the escrow, the payer reports and the rewards as a local deployment leaves them", async () => {
    const { addresses } = devnet;
    const admin = devnet.accounts[0]?.address ?? "0x";
    const expected: [address: Address, getter: string, word: Hex | bigint][] = [
      [addresses.nodeRegistry, "admin", admin],
      [addresses.payerRegistry, "settler", addresses.payerReportManager],
      [addresses.payerRegistry, "feeDistributor", addresses.distributionManager],
      [addresses.payerRegistry, "minimumDeposit", 10_000_000n],
      [addresses.payerRegistry, "withdrawLockPeriod", 172_800n],
      [addresses.payerRegistry, "paused", 0n],
      [addresses.payerRegistry, "excess", 0n],
      [addresses.distributionManager, "paused", 0n],
      [addresses.groupMessageBroadcaster, "minPayloadSize", 78n],
      [addresses.identityUpdateBroadcaster, "maxPayloadSize", 262_144n],
    ];
    for (const [to, getter, value] of expected) {
      const isAppchain =
        to === addresses.groupMessageBroadcaster || to === addresses.identityUpdateBroadcaster;
      const { url } = isAppchain ? devnet.appchain : devnet.settlement;
      const { result } = await rpc<Hex>(url, "eth_call", [
        { to, input: toFunctionSelector(`${getter}()`) },
        "latest",
      ]);
      expect(BigInt(result ?? "0x"), getter).to.equal(BigInt(value));
    }
  });

  it("finds code and a version wherever the address book says that a contract is", async () => {
    const { addresses } = devnet;
    const { appChainParameterRegistry, groupMessageBroadcaster, identityUpdateBroadcaster } =
      addresses;
    const onAppchain = {
      appChainParameterRegistry,
      groupMessageBroadcaster,
      identityUpdateBroadcaster,
    };
    const onSettlement = {
      settlementChainParameterRegistry: addresses.settlementChainParameterRegistry,
      nodeRegistry: addresses.nodeRegistry,
      payerRegistry: addresses.payerRegistry,
      rateRegistry: addresses.rateRegistry,
      payerReportManager: addresses.payerReportManager,
      distributionManager: addresses.distributionManager,
    };
    for (const [{ url }, contracts] of [
      [devnet.appchain, onAppchain],
      [devnet.settlement, onSettlement],
    ] as const) {
      for (const [name, to] of Object.entries(contracts)) {
        const { result } = await rpc<Hex>(url, "eth_call", [{ to, input: "0x54fd4d50" }, "latest"]);
        const [version] = decodeAbiParameters([{ type: "string" }], result ?? "0x");
        expect(version, name).to.match(/^\d+\.\d+\.\d+$/u);
      }
    }
  });

  it("computes the ids of payer reports from a domain separator that is not zero", async () => {
    const to = devnet.addresses.payerReportManager;
    const { result: separator } = await rpc<Hex>(devnet.settlement.url, "eth_call", [
      { to, input: "0x3644e515" },
      "latest",
    ]);

    expect(separator).to.equal(
      domainSeparator({
        domain: {
          name: "PayerReportManager",
          version: "1",
          chainId: devnet.settlement.chainId,
          verifyingContract: to,
        },
      }),
    );
    const client = createPublicClient({ transport: http(devnet.settlement.url) });
    const report = [100, 0n, 7n, 29_000_000, keccak256("0x01"), [100, 200, 300]] as const;
    const structHash = keccak256(
      encodeAbiParameters(
        parseAbiParameters("bytes32,uint32,uint64,uint64,uint32,bytes32,bytes32"),
        [
          "0x3737a2cced99bb28fc5aede45aa81d3ce0aa9137c5f417641835d0d71d303346",
          report[0],
          report[1],
          report[2],
          report[3],
          report[4],
          keccak256(encodeAbiParameters([{ type: "uint32[]" }], [report[5]])),
        ],
      ),
    );

    expect(
      await client.readContract({
        address: to,
        abi: payerReportsAbi,
        functionName: "getPayerReportDigest",
        args: report,
      }),
    ).to.equal(keccak256(concatHex(["0x1901", separator ?? "0x", structHash])));
  });

  it("gets NoChange from a second update as a hex string, which it takes for success", async () => {
    const { addresses, settlement, appchain } = devnet;
    for (const [{ url }, to, functionName] of [
      [settlement, addresses.nodeRegistry, "updateMaxCanonicalNodes"],
      [settlement, addresses.payerRegistry, "updateMinimumDeposit"],
      [settlement, addresses.payerRegistry, "updateWithdrawLockPeriod"],
      [settlement, addresses.payerRegistry, "updatePauseStatus"],
      [settlement, addresses.rateRegistry, "updateRates"],
      [settlement, addresses.payerReportManager, "updateProtocolFeeRate"],
      [settlement, addresses.distributionManager, "updatePauseStatus"],
      [settlement, addresses.distributionManager, "updateProtocolFeesRecipient"],
      [appchain, addresses.groupMessageBroadcaster, "updateMaxPayloadSize"],
    ] as const) {
      const input = toFunctionSelector(`${functionName}()`);
      const { error } = await rpc(url, "eth_estimateGas", [{ to, input }]);

      expect(error?.data, functionName).to.equal("0xa88ee577");
    }
  });

  it("writes a parameter, then applies it", async () => {
    const [admin] = devnet.accounts;
    const send = async (to: Address, data: Hex): Promise<Hex> => {
      const { result } = await rpc<Hex>(devnet.settlement.url, "eth_sendTransaction", [
        { from: admin?.address, to, input: data },
      ]);
      return result ?? "0x";
    };
    await send(
      devnet.addresses.settlementChainParameterRegistry,
      encodeFunctionData({
        abi: settlementParametersAbi,
        functionName: "set",
        args: ["xmtp.nodeRegistry.maxCanonicalNodes", toHex(99, { size: 32 })],
      }),
    );
    const client = createPublicClient({ transport: http(devnet.settlement.url) });
    const hash = await send(
      devnet.addresses.nodeRegistry,
      encodeFunctionData({ abi: nodesAbi, functionName: "updateMaxCanonicalNodes" }),
    );
    const { status } = await client.waitForTransactionReceipt({ hash, pollingInterval: 20 });

    expect(status).to.equal("success");
    expect(
      await client.readContract({
        address: devnet.addresses.nodeRegistry,
        abi: nodesAbi,
        functionName: "maxCanonicalNodes",
      }),
    ).to.equal(99);
  });

  it("finds headers that hash to the hash they are known by, each the parent of the next", async () => {
    for (const { url } of [devnet.settlement, devnet.appchain]) {
      let parentHash: Hex | undefined;
      for (const number of [1, 2, 3, 4]) {
        const { result: header = {} } = await rpc<Record<string, Hex>>(
          url,
          "eth_getBlockByNumber",
          [toHex(number), false],
        );

        expect(headerHash(header), `block ${number} of ${url}`).to.equal(header["hash"]);
        if (parentHash !== undefined) expect(header["parentHash"]).to.equal(parentHash);
        parentHash = header["hash"];
      }
    }
  });

  it("has many legacy transactions of one account in flight, in any order, one event each", async () => {
    const [, payer] = devnet.accounts;
    const account = privateKeyToAccount(payer?.privateKey ?? "0x");
    const client = createPublicClient({ transport: http(devnet.appchain.url) });
    const first = await client.getTransactionCount({ address: account.address });
    const gasPrice = (await client.getGasPrice()) * 2n;
    const signed = await Promise.all(
      Array.from({ length: GATEWAY_CONCURRENCY }, (_, index) =>
        account.signTransaction({
          type: "legacy",
          chainId: devnet.appchain.chainId,
          to: devnet.addresses.groupMessageBroadcaster,
          nonce: first + index,
          gas: GATEWAY_GAS,
          gasPrice,
          data: encodeFunctionData({
            abi: groupMessagesAbi,
            functionName: "addMessage",
            args: [toHex(index, { size: 16 }), bytesToHex(new Uint8Array(100).fill(index + 1))],
          }),
        }),
      ),
    );

    const hashes = await Promise.all(
      signed
        .toReversed()
        .map((raw) => rpc<Hex>(devnet.appchain.url, "eth_sendRawTransaction", [raw])),
    );
    const receipts = await Promise.all(
      hashes.map(({ result, error }) => {
        expect(error).to.equal(undefined);
        return client.waitForTransactionReceipt({ hash: result ?? "0x", pollingInterval: 20 });
      }),
    );

    const sequenceIds = receipts.map(({ logs }) => {
      expect(logs).to.have.lengthOf(1);
      expect(logs[0]?.topics).to.have.lengthOf(3);
      expect(logs[0]?.topics[0]).to.equal(MESSAGE_SENT);
      return Number(hexToBigInt(bytesToHex(hexToBytes(logs[0]?.topics[2] ?? "0x").slice(-8))));
    });
    expect(sequenceIds.toSorted((a, b) => a - b)).to.deep.equal(
      Array.from({ length: GATEWAY_CONCURRENCY }, (_, index) => index + 1),
    );
  });

  it("learns from the call tracer why a transaction failed", async () => {
    const [admin] = devnet.accounts;
    const { result: hash } = await rpc<Hex>(devnet.appchain.url, "eth_sendTransaction", [
      {
        from: admin?.address,
        to: devnet.addresses.groupMessageBroadcaster,
        gas: toHex(GATEWAY_GAS),
        input: encodeFunctionData({
          abi: groupMessagesAbi,
          functionName: "addMessage",
          args: [toHex(1, { size: 16 }), "0x00"],
        }),
      },
    ]);
    const client = createPublicClient({ transport: http(devnet.appchain.url) });
    const { status } = await client.waitForTransactionReceipt({
      hash: hash ?? "0x",
      pollingInterval: 20,
    });
    const { result: trace } = await rpc<{ output: Hex }>(
      devnet.appchain.url,
      "debug_traceTransaction",
      [hash, { tracer: "callTracer" }],
    );

    expect(status).to.equal("reverted");
    expect(trace?.output.slice(0, 10)).to.equal("0x93b7abe6");
  });
});
