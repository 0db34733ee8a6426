import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import {
  bytesToHex,
  createPublicClient,
  createWalletClient,
  custom,
  encodeDeployData,
  encodeFunctionData,
  getAddress,
  numberToHex,
  parseAbi,
  parseEventLogs,
  type Abi,
  type Address,
  type EIP1193RequestFn,
  type Hex,
  type TransactionReceipt,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startChains, type BlockTime, type RunningChain } from "../../src/devnet/chains.ts";
import {
  ARBOS_ACCOUNT,
  ARBOS_BALANCE,
  SEQUENCER_BALANCE,
  SEQUENCER_ACCOUNT,
} from "../../src/devnet/orbit.ts";
import { createOrbitRpc } from "../../src/devnet/orbitRpc.ts";
import {
  createRelayer,
  type Relayer,
  type RelayerConfig,
} from "../../src/devnet/relayer/createRelayer.ts";
import { ticketId } from "../../src/bridge/ticketId.ts";
import type { TicketMessage } from "../../src/devnet/relayer/parseMessage.ts";
import { delayedAbi } from "../../src/devnet/relayer/delayedMessages.ts";
import {
  readSystemCode,
  SYSTEM_CONTRACTS,
  systemTicketsAbi,
} from "../../src/devnet/relayer/systemContracts.ts";
import { createRollup } from "../../src/devnet/rollup/createRollup.ts";

/** What tests call of the inbox and the bridge. */
export const inboxAbi = parseAbi([
  "function createRetryableTicket(address to, uint256 l2CallValue, uint256 maxSubmissionCost, address excessFeeRefundAddress, address callValueRefundAddress, uint256 gasLimit, uint256 maxFeePerGas, uint256 tokenTotalFeeAmount, bytes data) returns (uint256)",
  "function unsafeCreateRetryableTicket(address to, uint256 l2CallValue, uint256 maxSubmissionCost, address excessFeeRefundAddress, address callValueRefundAddress, uint256 gasLimit, uint256 maxFeePerGas, uint256 tokenTotalFeeAmount, bytes data) returns (uint256)",
  "function depositERC20(uint256 amount) returns (uint256)",
  "function sendL2Message(bytes messageData) returns (uint256)",
  "function sendL2MessageFromOrigin(bytes messageData) returns (uint256)",
  "function sendContractTransaction(uint256 gasLimit, uint256 maxFeePerGas, address to, uint256 value, bytes data) returns (uint256)",
  "function sendUnsignedTransaction(uint256 gasLimit, uint256 maxFeePerGas, uint256 nonce, address to, uint256 value, bytes data) returns (uint256)",
]);
const tokenAbi = parseAbi([
  "function mint(address to, uint256 amount)",
  "function approve(address spender, uint256 amount) returns (bool)",
  "function balanceOf(address account) view returns (uint256)",
]);

const ARTIFACTS = fileURLToPath(new URL("../../artifacts", import.meta.url));
/** What tests call of the system contract that keeps tickets, as anybody. */
export const ticketsAbi = parseAbi([
  "function redeem(bytes32 ticketId) returns (bytes32)",
  "function cancel(bytes32 ticketId)",
  "function keepalive(bytes32 ticketId) returns (uint256)",
  "function getTimeout(bytes32 ticketId) view returns (uint256)",
  "function getBeneficiary(bytes32 ticketId) view returns (address)",
  "event RedeemScheduled(bytes32 indexed ticketId, bytes32 indexed retryTxHash, uint64 indexed sequenceNum, uint64 donatedGas, address gasDonor, uint256 maxRefund, uint256 submissionFeeRefund)",
]);

const REDEEM_SCHEDULED = ticketsAbi[5];
const EXECUTED = parseAbi([
  "event Executed(bytes32 indexed hash, bytes32 indexed transactionHash)",
])[0];

/** What `createTicket` puts into the inbox; amounts in wei. */
export interface TicketRequest extends Omit<TicketMessage, "kind"> {
  readonly isUnsafe: boolean;
}

/** Wei for each unit of the fee token. */
export const SCALE = 10n ** 12n;
export const BASE_FEE = 100_000_000n;
const TOKENS = 10n ** 12n;
const DEFAULT_TICKET = {
  value: 0n,
  maxSubmissionFee: 0n,
  gasLimit: 100_000n,
  maxFeePerGas: 2n * BASE_FEE,
  deposit: 100n * SCALE,
  data: "0x",
} as const;

/** Both chains, the rollup and a fee token that every account has; nothing relays yet. */
export async function startBridge({ blockTime = "automine" }: { blockTime?: BlockTime } = {}) {
  const chains = await startChains({
    blockTime,
    orbit: { code: await readSystemCode(ARTIFACTS) },
  });
  chains.appchain.addLayer(createOrbitRpc());
  try {
    return await connect(chains);
  } catch (error) {
    await chains.stop();
    throw error;
  }
}

async function connect(chains: Awaited<ReturnType<typeof startChains>>) {
  const { settlement, appchain } = chains;
  const accounts = chains.accounts.map(({ privateKey }) => privateKeyToAccount(privateKey));
  const clients = { settlement: clientOf(settlement), appchain: clientOf(appchain) };

  const send = async (
    chain: "settlement" | "appchain",
    from: number,
    request: { to?: Address; data?: Hex; value?: bigint; gas?: bigint },
  ): Promise<TransactionReceipt> => {
    const hash = await clients[chain].wallet.sendTransaction({
      account: accounts[from]!,
      chain: null,
      ...request,
    });
    return clients[chain].client.waitForTransactionReceipt({ hash });
  };

  const tokenArtifact = await artifactOf("contracts/devnet", "MockUnderlyingFeeToken");
  const { contractAddress } = await send("settlement", 0, {
    data: encodeDeployData({ ...tokenArtifact, args: [accounts[0]!.address] }),
  });
  const token = contractAddress!;
  const rollup = await createRollup({
    provider: settlement.provider,
    feeToken: token,
    appchainId: appchain.chainId,
  });
  for (const [index, { address }] of accounts.slice(0, 5).entries()) {
    const contract = {
      abi: tokenAbi,
      address: token,
      account: accounts[index]!,
      chain: null,
    } as const;
    for (const hash of [
      await clients.settlement.wallet.writeContract({
        ...contract,
        functionName: "mint",
        args: [address, TOKENS],
      }),
      await clients.settlement.wallet.writeContract({
        ...contract,
        functionName: "approve",
        args: [rollup.inbox, TOKENS],
      }),
    ]) {
      await clients.settlement.client.waitForTransactionReceipt({ hash });
    }
  }

  const tickets = { abi: systemTicketsAbi, address: SYSTEM_CONTRACTS.ArbRetryableTx } as const;
  const escrow = () =>
    clients.settlement.client.readContract({
      ...{ abi: tokenAbi, address: token, functionName: "balanceOf", args: [rollup.bridge] },
    } as const);
  const balanceOf = (address: Address) => clients.appchain.client.getBalance({ address });
  const progress = () =>
    clients.appchain.client.readContract({ ...tickets, functionName: "progress" });

  /** Puts a ticket into the inbox; amounts in wei, the deposit a whole number of units. Returns its id. */
  const createTicket = async (
    from: number,
    { isUnsafe = false, ...ticket }: Partial<TicketRequest> & Pick<TicketRequest, "to">,
  ): Promise<Hex> => {
    const {
      to,
      value,
      maxSubmissionFee,
      feeRefund,
      beneficiary,
      gasLimit,
      maxFeePerGas,
      deposit,
      data,
    } = { ...DEFAULT_TICKET, feeRefund: ticket.to, beneficiary: ticket.to, ...ticket };
    const fees = [maxSubmissionFee, feeRefund, beneficiary, gasLimit, maxFeePerGas] as const;
    const receipt = await send("settlement", from, {
      to: rollup.inbox,
      data: encodeFunctionData({
        abi: inboxAbi,
        functionName: isUnsafe ? "unsafeCreateRetryableTicket" : "createRetryableTicket",
        args: [to, value, ...fees, deposit / SCALE, data],
      }),
    });
    const [delivered] = parseEventLogs({
      abi: delayedAbi,
      logs: receipt.logs,
      eventName: "MessageDelivered",
    });
    if (delivered === undefined) throw new Error("the inbox refused the ticket");
    const { messageIndex: messageNumber, sender, baseFeeL1: baseFee } = delivered.args;
    return ticketId(
      {
        messageNumber,
        from: sender,
        to,
        value,
        maxSubmissionFee,
        feeRefundAddress: feeRefund,
        beneficiary,
        gasLimit,
        maxFeePerGas,
        deposit,
        data,
        baseFee,
      },
      appchain.chainId,
    );
  };

  /** What the call of a ticket, known by the hash of its attempt, came to. */
  const attemptOf = async (retryHash: Hex): Promise<TransactionReceipt> => {
    const [executed] = await clients.appchain.client.getLogs({
      address: tickets.address,
      event: EXECUTED,
      args: { hash: retryHash },
      fromBlock: 0n,
      strict: true,
    });
    if (executed === undefined) throw new Error(`there was no attempt ${retryHash}`);
    return clients.appchain.client.getTransactionReceipt({ hash: executed.args.transactionHash });
  };

  /** The attempts of a ticket that were scheduled, first to last. */
  const attemptsOf = async (ticketId: Hex) => {
    const logs = await clients.appchain.client.getLogs({
      address: tickets.address,
      event: REDEEM_SCHEDULED,
      args: { ticketId },
      fromBlock: 0n,
      strict: true,
    });
    return logs.map(({ args }) => args);
  };

  /** Resolves when every message was dealt with and nothing is under way. */
  const settled = async (signal?: AbortSignal): Promise<void> => {
    while (signal?.aborted !== true) {
      const [{ messageCount, redeemCount, redeemsDone, step }, count] = await Promise.all([
        progress(),
        clients.settlement.client.readContract({
          ...{ abi: delayedAbi, address: rollup.bridge, functionName: "delayedMessageCount" },
        } as const),
      ]);
      if (messageCount === count && redeemCount === redeemsDone && step === 0) return;
      await pause(5);
    }
  };

  /**
   * Where all gas tokens are: `minted` came out of the vault; `held` is in all accounts that ever sent, received or were
   * named by a ticket, and `burned` went as base fee. `donated` is gas of redeems, burned with them and minted again.
   */
  const money = async (others: readonly Address[]) => {
    const { client } = clients.appchain;
    const latest = await client.getBlockNumber();
    const known = new Set<string>([
      ...others.map((address) => address.toLowerCase()),
      ...accounts.map(({ address }) => address.toLowerCase()),
      ...[SYSTEM_CONTRACTS.ArbRetryableTx, SYSTEM_CONTRACTS.ArbSys].map((address) =>
        address.toLowerCase(),
      ),
      SEQUENCER_ACCOUNT.toLowerCase(),
    ]);
    let burned = 0n;
    for (let blockNumber = 1n; blockNumber <= latest; blockNumber += 1n) {
      const block = await client.getBlock({ blockNumber, includeTransactions: true });
      burned += block.gasUsed * (block.baseFeePerGas ?? 0n);
      for (const { from, to } of block.transactions) {
        known.add(from.toLowerCase());
        if (to !== null) known.add(to.toLowerCase());
      }
    }
    known.delete(ARBOS_ACCOUNT.toLowerCase());
    let held = -SEQUENCER_BALANCE;
    for (const address of known) held += await balanceOf(address as Address);

    const scheduled = await client.getLogs({
      address: tickets.address,
      event: REDEEM_SCHEDULED,
      fromBlock: 0n,
      strict: true,
    });
    const executed = await client.getLogs({
      address: tickets.address,
      event: EXECUTED,
      fromBlock: 0n,
      strict: true,
    });
    const ran = new Set(executed.map(({ args }) => args.hash));
    const donated = scheduled
      .filter(({ args }) => args.sequenceNum > 0n || args.maxRefund === 2n ** 256n - 1n)
      .filter(({ args }) => ran.has(args.retryTxHash))
      .reduce((sum, { args }) => sum + args.donatedGas * BASE_FEE, 0n);

    const [ticketIds] = await client.readContract({ ...tickets, functionName: "openTickets" });
    let open = 0n;
    for (const ticketId of ticketIds) {
      const [, , value] = await client.readContract({
        ...tickets,
        functionName: "ticket",
        args: [ticketId],
      });
      open += value;
    }
    return {
      ...{ held, burned, donated, open, escrow: (await escrow()) * SCALE },
      minted: ARBOS_BALANCE - (await balanceOf(ARBOS_ACCOUNT)),
      ticketBalance: await balanceOf(tickets.address),
    };
  };

  return {
    ...{ progress, settled, escrow, balanceOf, money, createTicket, attemptOf, attemptsOf },
    ...{ chains, accounts, clients, send, token, rollup },
    /** Puts code on the appchain that is paid for by nobody's gas, so that no money has to be there first. */
    place: async (address: Address): Promise<Address> => {
      const { deployedBytecode } = await artifactOf("test/solidity/mocks", "TicketTarget");
      await appchain.provider.request({
        method: "hardhat_setCode",
        params: [address, deployedBytecode],
      });
      return address;
    },
    /** Starts a relayer, and has it look at once when the settlement chain has a block. */
    relay: (config: Partial<RelayerConfig> = {}): TestRelayer => {
      const errors: unknown[] = [];
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      const relayer = createRelayer({
        settlement: settlement.provider,
        appchain,
        bridge: rollup.bridge,
        onError: (error, isFinal) => {
          errors.push(error);
          if (isFinal) end();
        },
        ...config,
      });
      const forget = settlement.producer.onBlock(relayer.wake);
      return {
        ...relayer,
        errors,
        ended,
        stop: async () => {
          forget();
          await relayer.stop();
          end();
        },
      };
    },
  };
}

export interface TestRelayer extends Relayer {
  readonly errors: unknown[];
  /** Resolves when it was stopped, or can do nothing any more. */
  readonly ended: Promise<void>;
}

export type TestBridge = Awaited<ReturnType<typeof startBridge>>;

function clientOf({ provider }: RunningChain) {
  const request = provider.request.bind(provider) as EIP1193RequestFn;
  const transport = custom({ request }, { retryCount: 0 });
  return {
    client: createPublicClient({ transport, cacheTime: 0, pollingInterval: 5 }),
    wallet: createWalletClient({ transport }),
  };
}

async function artifactOf(folder: string, name: string) {
  const file = join(ARTIFACTS, folder, `${name}.sol`, `${name}.json`);
  return JSON.parse(await readFile(file, "utf8")) as {
    readonly abi: Abi;
    readonly bytecode: Hex;
    readonly deployedBytecode: Hex;
  };
}

/** The account that sends on the appchain what `account` put into the inbox. */
export function aliasOf(account: Address): Address {
  const alias = (BigInt(account) + 0x1111000000000000000000000000000000001111n) & (2n ** 160n - 1n);
  return getAddress(numberToHex(alias, { size: 20 }));
}

/** An account that nobody has used, and nobody has the key of. */
export function freshAddress(): Address {
  return getAddress(bytesToHex(randomBytes(20)));
}
