import type { BytesLike, ContractTransactionResponse, SigningKey } from "ethers";

import { payerReportDigest } from "../../src/reports/payerReportDigest.ts";
import type { Nodes, PayerReports } from "../../typechain-types/index.js";
import { PayerReports__factory } from "../../typechain-types/index.js";
import type { Bench } from "./createBench.ts";
import type { Money } from "./deployMoney.ts";
import type { MeasuredNodes } from "./measureNodes.ts";
import { word } from "./word.ts";

const END_MINUTE = 29_000_000;

/** What submits reports, each beginning where the originator's last one ends. */
export interface Reporter {
  readonly reports: PayerReports;
  readonly nodes: Nodes;
  /** Makes the nodes with the lowest ids canonical, as many as that, and no other. */
  readonly setCanonical: (count: number) => Promise<void>;
  /** Submits a report of the canonical nodes, signed by those with the lowest ids. */
  readonly submit: (
    originatorNodeId: number,
    root: string,
    signatureCount: number,
  ) => Promise<ContractTransactionResponse>;
}

/** The payer reports, which become the settler of the escrow. The protocol's part is 1 %. */
export async function createReporter(
  { chainId, deployer, deployProxied }: Bench,
  { parameters, payers }: Money,
  { nodes, signingKeys }: MeasuredNodes,
): Promise<Reporter> {
  const verifyingContract = await deployProxied(
    "PayerReportManager",
    new PayerReports__factory(deployer).deploy(parameters, nodes, payers),
  );
  const reports = PayerReports__factory.connect(verifyingContract, deployer);

  await parameters["set(string[],bytes32[])"](
    ["xmtp.payerReportManager.protocolFeeRate", "xmtp.payerRegistry.settler"],
    [word(100), word(verifyingContract)],
  );
  await reports.updateAll();
  await payers.updateAll();

  const ends = new Map<number, bigint>();

  return {
    reports,
    nodes,
    setCanonical: async (count) => {
      const nodeIds = idsOf(await nodes.getCanonicalNodes());
      // From the highest down and from the lowest up, which leaves them in order.
      for (const id of nodeIds.toReversed())
        if (id > 100 * count) await nodes.removeFromNetwork(id);
      for (let id = 100; id <= 100 * count; id += 100) {
        if (!nodeIds.includes(id)) await nodes.addToNetwork(id);
      }
    },
    submit: async (originatorNodeId, root, signatureCount) => {
      const start = ends.get(originatorNodeId) ?? 0n;
      const end = start + 1_000n;
      ends.set(originatorNodeId, end);

      const nodeIds = idsOf(await nodes.getCanonicalNodes());
      const digest = payerReportDigest(
        {
          originatorNodeId,
          startSequenceId: start,
          endSequenceId: end,
          endMinuteSinceEpoch: END_MINUTE,
          payersMerkleRoot: toHex(root),
          nodeIds,
        },
        { chainId: Number(chainId), verifyingContract },
      );
      const signatures = nodeIds.slice(0, signatureCount).map((nodeId) => ({
        nodeId,
        signature: signatureOf(signingKeys[nodeId / 100 - 1], digest),
      }));

      return reports.submit(originatorNodeId, start, end, END_MINUTE, root, nodeIds, signatures);
    },
  };
}

function idsOf(ids: readonly bigint[]): number[] {
  return ids.map(Number).toSorted((a, b) => a - b);
}

function signatureOf(key: SigningKey | undefined, digest: BytesLike): string {
  if (key === undefined) throw new Error("a canonical node has no key");
  return key.sign(digest).serialized;
}

function toHex(value: string): `0x${string}` {
  return `0x${value.slice(2)}`;
}
