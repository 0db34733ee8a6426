import {
  encodeFunctionData,
  numberToHex,
  padHex,
  type Address,
  type Hex,
  type LocalAccount,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { mockUnderlyingFeeTokenAbi, payersAbi } from "../../src/abi/index.ts";
import { addNode, addToNetwork } from "../../src/nodes/writeNodes.ts";
import { deployer, type TestNetwork } from "./startNetwork.ts";

/** Basis points. */
export const PROTOCOL_FEE_RATE = 100;

/** The contracts that money passes through, on the settlement chain of a test network. */
export interface Money {
  readonly addresses: {
    readonly underlying: Address;
    readonly feeToken: Address;
    readonly payers: Address;
    readonly payerReports: Address;
    readonly rates: Address;
    readonly rewards: Address;
  };
  /** Registers a node and makes it canonical; its signing key is the number of its id. */
  addNode(owner?: Address): Promise<number>;
  /** Mints tokens and deposits them for a payer. Microdollars. */
  deposit(payer: Address, amount: bigint): Promise<void>;
  /** Sets parameters by their keys without `xmtp.`, and makes the contracts apply them. */
  setParameters(entries: Readonly<Record<string, Hex>>): Promise<void>;
}

/** Deploys them behind proxies, configured as on the devnet. The first account is the admin. */
export async function addMoney(network: TestNetwork): Promise<Money> {
  const { settlement: chain, accounts } = network;
  const [admin] = accounts;
  if (admin === undefined) throw new Error("the network has no accounts");
  const { proxy, send, set } = deployer(chain, admin);
  const { settlementParameters, nodes } = network.addresses;

  const underlying = await proxy("MockUnderlyingFeeToken", [settlementParameters]);
  const feeToken = await proxy("FeeToken", [settlementParameters, underlying]);
  const payers = await proxy("Payers", [settlementParameters, feeToken]);
  const payerReports = await proxy("PayerReports", [settlementParameters, nodes, payers]);

  const rates = await proxy("Rates", [settlementParameters]);
  const rewards = await proxy("Rewards", [
    settlementParameters,
    nodes,
    payerReports,
    payers,
    feeToken,
  ]);

  const setParameters: Money["setParameters"] = async (entries) => {
    await set(
      settlementParameters,
      Object.entries(entries).map(([key, value]) => [`xmtp.${key}`, value]),
    );
    for (const contract of [payers, payerReports, rewards]) {
      await send(contract, encodeFunctionData({ abi: payersAbi, functionName: "updateAll" }));
    }
  };
  await setParameters({
    "payerRegistry.settler": padHex(payerReports, { size: 32 }),
    "payerRegistry.feeDistributor": padHex(rewards, { size: 32 }),
    "payerRegistry.minimumDeposit": numberToHex(1, { size: 32 }),
    "payerReportManager.protocolFeeRate": numberToHex(PROTOCOL_FEE_RATE, { size: 32 }),
  });

  const registry = { chain, account: admin, address: nodes };
  let nodeCount = 0;

  return {
    addresses: { underlying, feeToken, payers, payerReports, rates, rewards },
    setParameters,
    addNode: async (owner = admin.address) => {
      nodeCount += 1;
      const { publicKey } = signerOf(nodeCount * 100);
      const { nodeId } = await addNode({
        ...registry,
        owner,
        signingPublicKey: publicKey,
        httpAddress: "http://node.example",
      });
      await addToNetwork({ ...registry, nodeId });
      return nodeId;
    },
    deposit: async (payer, amount) => {
      const abi = mockUnderlyingFeeTokenAbi;
      await send(
        underlying,
        encodeFunctionData({ abi, functionName: "mint", args: [admin.address, amount] }),
      );
      await send(
        underlying,
        encodeFunctionData({ abi, functionName: "approve", args: [payers, amount] }),
      );
      await send(
        payers,
        encodeFunctionData({
          abi: payersAbi,
          functionName: "depositFromUnderlying",
          args: [payer, amount],
        }),
      );
    },
  };
}

/** The key that a node signs reports with. */
export function signerOf(nodeId: number): LocalAccount {
  return privateKeyToAccount(numberToHex(nodeId, { size: 32 }));
}
