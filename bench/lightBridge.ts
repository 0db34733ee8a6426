import type { HardhatEthers, HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import {
  Contract,
  ContractFactory,
  ZeroAddress,
  ZeroHash,
  dataLength,
  dataSlice,
  getAddress,
  keccak256,
  type AddressLike,
  type ContractTransactionReceipt,
  type ContractTransactionResponse,
  type InterfaceAbi,
} from "ethers";

import { readNitroArtifacts } from "../src/devnet/rollup/nitroArtifacts.ts";

/** Bytes; more than any message of the gateways has. */
const MAX_DATA_SIZE = 104_857n;

const RETRYABLE = 9n;
const WORD = 32;

/** The contracts of the Arbitrum bridge that the gateways touch, and a stand-in for the rollup that would confirm exits. */
export interface LightBridge {
  readonly bridge: Contract;
  readonly inbox: Contract;
  readonly outbox: Contract;
  readonly rollup: Contract;
  /** Owns the rollup, and so the bridge. */
  readonly owner: HardhatEthersSigner;
}

/** Deploys a bridge whose appchain has this token as its native currency. */
export async function deployLightBridge(
  feeToken: AddressLike,
  ethers: HardhatEthers,
): Promise<LightBridge> {
  const [owner] = await ethers.getSigners();
  if (owner === undefined) throw new Error("the chain has no accounts");
  const rollup = await ethers.deployContract("LightRollup");
  const artifacts = await readNitroArtifacts([
    "ERC20Bridge",
    "ERC20Inbox",
    "ERC20Outbox",
    "ProxyAdmin",
    "TransparentUpgradeableProxy",
  ]);

  const deploy = async (name: keyof typeof artifacts, args: readonly unknown[] = []) => {
    const { abi, bytecode } = artifacts[name];
    const factory = new ContractFactory(abi as InterfaceAbi, bytecode, owner);
    return factory.deploy(...args);
  };
  const proxyAdmin = await deploy("ProxyAdmin");
  const deployProxied = async (
    name: "ERC20Bridge" | "ERC20Inbox" | "ERC20Outbox",
    args: readonly unknown[] = [],
  ): Promise<Contract> => {
    const implementation = await deploy(name, args);
    const proxy = await deploy("TransparentUpgradeableProxy", [implementation, proxyAdmin, "0x"]);
    return new Contract(await proxy.getAddress(), implementation.interface, owner);
  };

  const bridge = await deployProxied("ERC20Bridge");
  const inbox = await deployProxied("ERC20Inbox", [MAX_DATA_SIZE]);
  const outbox = await deployProxied("ERC20Outbox");
  await bridge.getFunction("initialize")(rollup, feeToken);
  // There are no batches here.
  await inbox.getFunction("initialize")(bridge, ZeroAddress);
  await outbox.getFunction("initialize")(bridge);
  await bridge.getFunction("setDelayedInbox")(inbox, true);
  await bridge.getFunction("setOutbox")(outbox, true);

  return { bridge, inbox, outbox, rollup, owner };
}

/** A message to the appchain that ArbOS makes a ticket of. Amounts in wei of the appchain. */
export interface Ticket {
  readonly messageNumber: bigint;
  /** Whose ticket it is on the appchain: the alias of whoever called the inbox. */
  readonly sender: string;
  readonly to: string;
  readonly callValue: bigint;
  readonly deposit: bigint;
  readonly maxSubmissionCost: bigint;
  readonly excessFeeRefundAddress: string;
  readonly callValueRefundAddress: string;
  readonly gasLimit: bigint;
  readonly maxFeePerGas: bigint;
  readonly data: string;
  /** Bytes of the whole message. */
  readonly size: number;
}

/** The tickets that a transaction ordered from one bridge, read as ArbOS reads them. */
export async function ticketsOf(
  { bridge, inbox }: Pick<LightBridge, "bridge" | "inbox">,
  transaction: ContractTransactionResponse,
): Promise<Ticket[]> {
  const receipt = await transaction.wait();
  const delivered = await eventsAt(receipt, inbox, "InboxMessageDelivered");
  const accepted = await eventsAt(receipt, bridge, "MessageDelivered");
  const data = new Map(delivered.map(([number, message]) => [number, String(message)]));

  return accepted.map(([number, , , kind, sender, messageHash]) => {
    const message = data.get(number) ?? "0x";
    if (kind !== RETRYABLE || keccak256(message) !== messageHash) {
      throw new Error(`message ${String(number)} is no ticket, or not the one that was accepted`);
    }
    return {
      messageNumber: BigInt(String(number)),
      sender: String(sender),
      ...readTicket(message),
    };
  });
}

function readTicket(message: string): Omit<Ticket, "messageNumber" | "sender"> {
  const word = (index: number): bigint =>
    BigInt(dataSlice(message, WORD * index, WORD * (index + 1)));
  const address = (index: number): string =>
    getAddress(dataSlice(message, WORD * index + 12, WORD * (index + 1)));
  const data = dataSlice(message, WORD * 9);
  if (word(8) !== BigInt(dataLength(data))) throw new Error("a ticket has the wrong length");

  return {
    to: address(0),
    callValue: word(1),
    deposit: word(2),
    maxSubmissionCost: word(3),
    excessFeeRefundAddress: address(4),
    callValueRefundAddress: address(5),
    gasLimit: word(6),
    maxFeePerGas: word(7),
    data,
    size: dataLength(message),
  };
}

async function eventsAt(
  receipt: ContractTransactionReceipt | null,
  contract: Contract,
  name: string,
): Promise<unknown[][]> {
  const address = await contract.getAddress();

  return (receipt?.logs ?? [])
    .filter((log) => log.address === address)
    .map((log) => contract.interface.parseLog(log))
    .filter((event) => event?.name === name)
    .map((event) => event?.args.toArray() as unknown[]);
}

/** A message from the appchain: who sent it there, to whom here, with how much of the native currency. */
export interface Exit {
  readonly sender: AddressLike;
  readonly to: AddressLike;
  /** Wei of the appchain. */
  readonly value: bigint;
  readonly data: string;
}

/** A confirmed exit. */
export interface ConfirmedExit {
  /** Executes it, as anybody may. */
  (): Promise<ContractTransactionResponse>;
  /** The call of the outbox that does. */
  readonly callData: string;
}

export async function confirmExit(
  { outbox, rollup }: Pick<LightBridge, "outbox" | "rollup">,
  index: number,
  { sender, to, value, data }: Exit,
): Promise<ConfirmedExit> {
  // Blocks and time of the appchain, which nobody checks.
  const message = [sender, to, 1n, 1n, 1n, value, data] as const;
  const item: unknown = await outbox.getFunction("calculateItemHash")(...message);

  // As if all other leaves were missing: only this one has to be found.
  const proof = Array.from({ length: index.toString(2).length }, () => ZeroHash);
  const root: unknown = await outbox.getFunction("calculateMerkleRoot")(proof, index, item);
  await rollup.getFunction("confirm")(outbox, root, keccak256("0x"));

  const execute = outbox.getFunction("executeTransaction");
  const { data: callData } = await execute.populateTransaction(proof, index, ...message);
  return Object.assign(
    async () => (await execute(proof, index, ...message)) as ContractTransactionResponse,
    { callData },
  );
}
