import { setTimeout as pause } from "node:timers/promises";

import {
  decodeFunctionResult,
  encodeAbiParameters,
  encodeFunctionData,
  getAddress,
  keccak256,
  maxUint256,
  numberToHex,
  parseAbi,
  parseEventLogs,
  type Address,
  type Hex,
  type Log,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import {
  appchainGatewayAbi,
  feeTokenAbi,
  mockUnderlyingFeeTokenAbi,
  settlementGatewayAbi,
} from "../../src/abi/index.ts";
import { createRpc, RpcNodeError, type Rpc } from "../../src/chain/createRpc.ts";
import type { BridgeEnds } from "./bridgeAccounts.ts";

const INBOX = parseAbi([
  "function depositERC20(uint256 amount) returns (uint256)",
  "function sendContractTransaction(uint256 gasLimit, uint256 maxFeePerGas, address to, uint256 value, bytes data) returns (uint256)",
]);
const TICKETS = parseAbi([
  "function redeem(bytes32 ticketId) returns (bytes32)",
  "function cancel(bytes32 ticketId)",
]);
const SENDS = parseAbi([
  "event L2ToL1Tx(address caller, address indexed destination, uint256 indexed hash, uint256 indexed position, uint256 arbBlockNum, uint256 ethBlockNum, uint256 timestamp, uint256 callvalue, bytes data)",
  "function constructOutboxProof(uint64 size, uint64 leaf) view returns (bytes32 send, bytes32 root, bytes32[] proof)",
  "function executeTransaction(bytes32[] proof, uint256 index, address l2Sender, address to, uint256 l2Block, uint256 l1Block, uint256 l2Timestamp, uint256 value, bytes data)",
]);
const ARB_RETRYABLE_TX = "0x000000000000000000000000000000000000006E";
const NODE_INTERFACE = "0x00000000000000000000000000000000000000C8";

const ALIAS_OFFSET = 0x1111000000000000000000000000000000001111n;

/** Generous; what is not used is not charged. */
const SETTLEMENT_GAS = 600_000n;
const APPCHAIN_GAS = 400_000n;
/** Wei per gas. */
const MAX_FEE_PER_GAS = 100n * 10n ** 9n;
/** Of the appchain: twice its base fee. */
export const TICKET_FEE = 2n * 10n ** 8n;
/** Gas that a deposit takes on the appchain, with some to spare, and too little for it. */
export const DEPOSIT_GAS = 150_000n;
export const TOO_LITTLE_GAS = 30_000n;
/** Gas for a push of a few parameters. */
export const PUSH_GAS = 500_000n;
/** Milliseconds until a transaction has to be in a block, whatever happens to the node meanwhile. */
const PATIENCE = 150_000;
const TIMEOUT = 10_000;

/** As the node answers it. */
export interface RpcReceipt {
  readonly transactionHash: Hex;
  readonly blockHash: Hex;
  readonly status: Hex;
  readonly gasUsed: Hex;
  readonly effectiveGasPrice: Hex;
  readonly logs: readonly unknown[];
}

export interface Call {
  readonly to: Address;
  readonly data: Hex;
  readonly value?: bigint;
  readonly gas?: bigint;
}

/** Sends the transactions of one account on one chain. */
export interface Sender {
  /**
   * Signs once, and sends the same bytes until the node answers with a receipt: nothing is done twice, and a node that
   * dies meanwhile may come back.
   */
  send(call: Call): Promise<RpcReceipt>;
  /** The two halves of `send`. */
  sign(call: Call): Promise<Hex>;
  deliver(raw: Hex, options?: { readonly isLasting?: boolean }): Promise<RpcReceipt>;
  /** Signs and hands over, without waiting for a block. Calls in one go keep their order. */
  post(call: Call): Promise<Hex>;
  /** What the node has answered for: it must never be otherwise. */
  readonly answered: readonly RpcReceipt[];
}

export async function createSender({
  url,
  chainId,
  privateKey,
}: {
  readonly url: string;
  readonly chainId: number;
  readonly privateKey: Hex;
}): Promise<Sender> {
  const account = privateKeyToAccount(privateKey);
  const rpc = createRpc(url, TIMEOUT);
  let nonce = Number(await rpc.call("eth_getTransactionCount", account.address, "latest"));
  let posting: Promise<unknown> = Promise.resolve();
  const answered: RpcReceipt[] = [];

  const sign = ({ gas = SETTLEMENT_GAS, ...call }: Call): Promise<Hex> =>
    account.signTransaction({
      ...call,
      gas,
      chainId,
      nonce: nonce++,
      maxFeePerGas: MAX_FEE_PER_GAS,
      maxPriorityFeePerGas: 0n,
    });

  const deliver: Sender["deliver"] = async (raw, { isLasting = true } = {}) => {
    const receipt = await insist(rpc, raw);
    if (isLasting) answered.push(receipt);
    return receipt;
  };

  return {
    answered,
    sign,
    deliver,
    send: async (call) => deliver(await sign(call)),
    post: async (call) => {
      const raw = await sign(call);
      const posted = posting.then(() => handOver(rpc, raw));
      posting = posted.catch(() => {});
      await posted;
      return keccak256(raw);
    },
  };
}

/** Busy connections break; what is sent twice is refused, and in the pool once. */
async function handOver(rpc: Rpc, raw: Hex): Promise<void> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    try {
      await rpc.call("eth_sendRawTransaction", raw);
      return;
    } catch (error) {
      const isKnown = await rpc
        .call("eth_getTransactionByHash", keccak256(raw))
        .then((transaction) => transaction !== null)
        .catch(() => false);
      if (isKnown) return;
      if (error instanceof RpcNodeError || performance.now() > end) throw error;
    }
  }
}

async function insist(rpc: Rpc, raw: Hex): Promise<RpcReceipt> {
  const hash = keccak256(raw);
  const end = performance.now() + PATIENCE;
  let refusal: unknown;
  while (performance.now() < end) {
    try {
      await rpc.call("eth_sendRawTransaction", raw).catch((error: unknown) => {
        // It has it already, or it says why not.
        if (!(error instanceof RpcNodeError)) throw error;
        refusal = error;
      });
      const receipt = (await rpc.call("eth_getTransactionReceipt", hash)) as RpcReceipt | null;
      if (receipt !== null) return receipt;
    } catch {
      // Nobody there: it will be back.
    }
    await pause(20);
  }
  throw new Error(`no block held ${hash}`, { cause: refusal });
}

/** What an account does at both ends of a bridge. Amounts on the settlement chain in units, on the appchain in wei. */
export async function createBridgeClient(ends: BridgeEnds, privateKey: Hex) {
  const { addresses } = ends;
  const { address } = privateKeyToAccount(privateKey);
  const alias = getAddress(
    numberToHex((BigInt(address) + ALIAS_OFFSET) % 2n ** 160n, { size: 20 }),
  );
  const {
    appChainInbox: inbox,
    appChainOutbox: outbox,
    settlementChainGateway,
    appChainGateway,
  } = addresses;
  if (inbox === undefined || outbox === undefined) throw new Error("the network has no bridge");
  const appchainId = BigInt(ends.appchain.chainId);
  const settlement = await createSender({ ...ends.settlement, privateKey });
  const appchain = await createSender({ ...ends.appchain, privateKey });
  const appchainRpc = createRpc(ends.appchain.url, TIMEOUT);

  const calls = {
    /** Tokens that become native currency of the recipient. */
    deposit: (
      amount: bigint,
      {
        recipient = address,
        gasLimit = DEPOSIT_GAS,
      }: { recipient?: Address; gasLimit?: bigint } = {},
    ): Call => ({
      to: addresses.feeToken,
      data: encodeFunctionData({
        abi: feeTokenAbi,
        functionName: "transferAndCall",
        args: [
          settlementChainGateway,
          amount,
          encodeAbiParameters(
            [{ type: "uint256" }, { type: "address" }, { type: "uint256" }, { type: "uint256" }],
            [appchainId, recipient, gasLimit, TICKET_FEE],
          ),
        ],
      }),
    }),
    /** The same without our gateways, and without a call. */
    depositRaw: (amount: bigint): Call => ({
      to: inbox,
      data: encodeFunctionData({ abi: INBOX, functionName: "depositERC20", args: [amount] }),
    }),
    push: (
      keys: readonly string[],
      {
        gasLimit = PUSH_GAS,
        amount = costOf(gasLimit),
      }: { gasLimit?: bigint; amount?: bigint } = {},
    ): Call => ({
      to: settlementChainGateway,
      data: encodeFunctionData({
        abi: settlementGatewayAbi,
        functionName: "sendParameters",
        args: [[appchainId], keys, gasLimit, TICKET_FEE, amount],
      }),
    }),
    /** A call that is made in the name of the account's alias, which pays for its gas. */
    callAsAlias: (to: Address, data: Hex): Call => ({
      to: inbox,
      data: encodeFunctionData({
        abi: INBOX,
        functionName: "sendContractTransaction",
        args: [APPCHAIN_GAS, TICKET_FEE, to, 0n, data],
      }),
    }),
    withdraw: (value: bigint, { recipient = address, isUnwrapped = false } = {}): Call => ({
      to: appChainGateway,
      value,
      gas: APPCHAIN_GAS,
      data: encodeFunctionData({
        abi: appchainGatewayAbi,
        functionName: isUnwrapped ? "withdrawIntoUnderlying" : "withdraw",
        args: [recipient],
      }),
    }),
    redeem: (ticketId: Hex): Call => ({
      to: ARB_RETRYABLE_TX,
      gas: 1_000_000n,
      data: encodeFunctionData({ abi: TICKETS, functionName: "redeem", args: [ticketId] }),
    }),
    cancel: (ticketId: Hex): Call => ({
      to: ARB_RETRYABLE_TX,
      gas: APPCHAIN_GAS,
      data: encodeFunctionData({ abi: TICKETS, functionName: "cancel", args: [ticketId] }),
    }),
  };

  return {
    address,
    /** Who makes the calls of its messages. */
    alias,
    settlement,
    appchain,
    calls,
    /** Fee tokens for the account, and what it takes to spend them on messages. */
    fund: async (amount: bigint): Promise<void> => {
      const { underlyingFeeToken, feeToken } = addresses;
      const approve = (to: Address, spender: Address) => ({
        to,
        data: encodeFunctionData({
          abi: feeTokenAbi,
          functionName: "approve",
          args: [spender, maxUint256],
        }),
      });
      await settlement.send({
        to: underlyingFeeToken,
        data: encodeFunctionData({
          abi: mockUnderlyingFeeTokenAbi,
          functionName: "mint",
          args: [address, amount],
        }),
      });
      await settlement.send(approve(underlyingFeeToken, feeToken));
      await settlement.send({
        to: feeToken,
        data: encodeFunctionData({ abi: feeTokenAbi, functionName: "deposit", args: [amount] }),
      });
      await settlement.send(approve(feeToken, settlementChainGateway));
      await settlement.send(approve(feeToken, inbox));
    },
    /** The call that claims what a transaction of the appchain withdrew, proven for the first `size` withdrawals. */
    claim: async (receipt: RpcReceipt, size: bigint): Promise<Call> => {
      const {
        position,
        caller,
        destination,
        arbBlockNum,
        ethBlockNum,
        timestamp,
        callvalue,
        data,
      } = sendOf(receipt);
      const proof = await readProof(appchainRpc, size, position);
      const args = [
        ...([proof, position, caller, destination, arbBlockNum, ethBlockNum] as const),
        ...([timestamp, callvalue, data] as const),
      ] as const;
      return {
        to: outbox,
        data: encodeFunctionData({ abi: SENDS, functionName: "executeTransaction", args }),
      };
    },
  };
}

export type BridgeClient = Awaited<ReturnType<typeof createBridgeClient>>;

/** What a transaction of the appchain sent to the settlement chain. */
export function sendOf({ logs, transactionHash }: RpcReceipt) {
  const [send] = parseEventLogs({ abi: SENDS, eventName: "L2ToL1Tx", logs: [...logs] as Log[] });
  if (send === undefined) throw new Error(`the transaction ${transactionHash} withdrew nothing`);
  return send.args;
}

async function readProof(rpc: Rpc, size: bigint, leaf: bigint): Promise<readonly Hex[]> {
  const data = encodeFunctionData({
    abi: SENDS,
    functionName: "constructOutboxProof",
    args: [size, leaf],
  });
  const answer = (await rpc.call("eth_call", { to: NODE_INTERFACE, data }, "latest")) as Hex;
  const [, , proof] = decodeFunctionResult({
    abi: SENDS,
    functionName: "constructOutboxProof",
    data: answer,
  });

  return proof;
}

/** Units that pay for a message, rounded up. */
export function costOf(gasLimit: bigint): bigint {
  return (gasLimit * TICKET_FEE + 10n ** 12n - 1n) / 10n ** 12n;
}
