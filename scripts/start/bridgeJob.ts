import { randomBytes } from "node:crypto";

import {
  bytesToHex,
  createWalletClient,
  encodeFunctionData,
  http,
  parseEther,
  type Hex,
  type LocalAccount,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

import { groupMessagesAbi } from "../../src/abi/index.ts";
import { claimWithdrawal } from "../../src/bridge/claimWithdrawal.ts";
import { pushParameters } from "../../src/bridge/pushParameters.ts";
import { waitForTickets } from "../../src/bridge/waitForTickets.ts";
import { waitForWithdrawals } from "../../src/bridge/waitForWithdrawals.ts";
import { withdrawFromAppchain } from "../../src/bridge/withdrawFromAppchain.ts";
import type { Chain } from "../../src/chain/connectChain.ts";
import { transact } from "../../src/chain/transact.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import { ContractError } from "../../src/errors/ContractError.ts";
import { applyUpdates, getParameters, setParameters } from "../../src/parameters/parameters.ts";
import { formatDollars, parseDollars, WEI_PER_MICRODOLLAR } from "../../src/payers/microdollars.ts";
import { mintMockTokens } from "../../src/payers/mintMockTokens.ts";
import { splitDeposit } from "../../src/payers/splitDeposit.ts";
import { readPurse } from "../../src/payers/spendTokens.ts";
import { createPublisher } from "../../src/publisher/createPublisher.ts";
import type { Published } from "../../src/publisher/decodePublished.ts";

const ESCROW = parseDollars("25");
const GAS_MONEY = parseDollars("5");
const WITHDRAWN = parseDollars("3");
/** What a push may take of the account that pays for it. */
const PUSH_MONEY = parseDollars("1");
/** On the settlement chain, for gas. */
const ETHER = parseEther("1");
const SIZE_KEY = "xmtp.groupMessageBroadcaster.maxPayloadSize";
/** Bytes. */
const SMALL = 1_000;
const POLL_MS = 50;

/** What one payer moved between the chains. */
export interface Crossing {
  readonly name: string;
  readonly published: Published;
  /** In microdollars, on the settlement chain. */
  readonly microdollars: {
    readonly escrow: bigint;
    readonly gasMoney: bigint;
    readonly claimed: bigint;
  };
  /** Where the gas money is, in wei of the appchain. */
  readonly wei: {
    readonly delivery: bigint;
    readonly publishing: bigint;
    readonly withdrawing: bigint;
    readonly withdrawn: bigint;
    readonly left: bigint;
  };
}

/** Everybody and everything that the bridge needs here. */
interface Crossed {
  readonly settlement: Chain;
  readonly appchain: Chain;
  readonly addresses: AddressBook;
  /** Admin of the settlement chain's parameters. */
  readonly admin: LocalAccount;
  /** Sends what everybody may send. */
  readonly anyone: LocalAccount;
  readonly say: (line: string) => void;
}

/**
 * The bridge, once: a payer who has nothing on the appchain funds escrow and gas in one transaction, publishes with that
 * gas, and takes most of what is left of it back; meanwhile a parameter goes the same way, and is obeyed.
 *
 * @throws {Error} if the amounts do not add up, or the parameter changed nothing
 */
export async function runBridgeJob(crossed: Crossed): Promise<Crossing> {
  const { settlement, appchain, addresses, say } = crossed;
  const payer = privateKeyToAccount(generatePrivateKey());
  await provide(crossed, payer);

  const split = await splitDeposit({
    chain: settlement,
    account: payer,
    address: addresses.depositSplitter,
    escrowAmount: ESCROW,
    appchain,
    appchainAmount: GAS_MONEY,
  });
  const sent = performance.now();
  const delivery = await deliver(crossed, split.transactionHash);
  say(
    `a payer put ${formatDollars(ESCROW)} dollars into escrow and ${formatDollars(GAS_MONEY)} into gas on the appchain, there ${Math.round(performance.now() - sent)} ms later`,
  );

  const published = await publish(crossed, payer);
  const publishing = await gasCost(appchain, published.transactionHash);
  say(`the payer published message ${published.sequenceId} with that gas`);

  // The withdrawal waits for the rollup; nothing else does.
  const [withdrawal] = await Promise.all([takeBack(crossed, payer), govern(crossed)]);

  const { escrowAmount: escrow, appchainAmount: gasMoney } = split;
  const crossing = {
    name: "Cleo",
    published,
    microdollars: { escrow, gasMoney, claimed: withdrawal.claimed },
    wei: {
      delivery,
      publishing,
      withdrawing: withdrawal.gas,
      withdrawn: withdrawal.value,
      left: await appchain.client.getBalance({ address: payer.address }),
    },
  };
  requireSum(crossing);

  return crossing;
}

/** Tokens for both legs, and what it takes to send one transaction. */
async function provide(
  { settlement: chain, addresses, admin }: Crossed,
  payer: LocalAccount,
): Promise<void> {
  const wallet = createWalletClient({
    account: admin,
    chain: chain.client.chain,
    transport: http(chain.url),
  });
  const hash = await wallet.sendTransaction({ to: payer.address, value: ETHER });
  await chain.client.waitForTransactionReceipt({ hash, pollingInterval: POLL_MS });
  await mintMockTokens({
    chain,
    account: payer,
    address: addresses.underlyingFeeToken,
    amount: ESCROW + GAS_MONEY,
  });
}

/** Waits for a message. Returns what its call cost on the appchain, in wei. @throws {Error} if the call failed */
async function deliver({ settlement, appchain }: Crossed, transactionHash: Hex): Promise<bigint> {
  const [ticket] = await waitForTickets({
    settlement,
    appchain,
    transactionHash,
    pollIntervalMs: POLL_MS,
  });
  if (ticket?.status !== "redeemed" || ticket.retryHash === undefined) {
    throw new Error(`a message to the appchain is ${ticket?.status}`);
  }

  return gasCost(appchain, ticket.retryHash);
}

async function publish({ appchain, addresses }: Crossed, payer: LocalAccount): Promise<Published> {
  const publisher = await createPublisher({ chain: appchain, account: payer, addresses });
  try {
    return await publisher.publishGroupMessage({
      groupId: bytesToHex(randomBytes(16)),
      payload: randomBytes(200),
    });
  } finally {
    await publisher.close();
  }
}

/** Withdraws and claims. Amounts on the appchain are wei, that on the settlement chain microdollars. */
async function takeBack(
  { settlement, appchain, addresses, say }: Crossed,
  payer: LocalAccount,
): Promise<{ readonly value: bigint; readonly gas: bigint; readonly claimed: bigint }> {
  const address = addresses.settlementChainGateway;
  const { transactionHash, value } = await withdrawFromAppchain({
    chain: appchain,
    account: payer,
    address: addresses.appChainGateway,
    value: WITHDRAWN * WEI_PER_MICRODOLLAR,
  });
  const sent = performance.now();
  const chains = { settlement, appchain, address };
  const [withdrawal] = await waitForWithdrawals({
    ...chains,
    transactionHash,
    pollIntervalMs: POLL_MS,
  });
  if (withdrawal === undefined) throw new Error(`${transactionHash} withdrew nothing`);
  await claimWithdrawal({ ...chains, chain: settlement, account: payer, withdrawal });
  const { underlyingTokens: claimed } = await readPurse(
    settlement,
    addresses.feeToken,
    payer.address,
  );
  say(
    `the payer withdrew ${formatDollars(WITHDRAWN)} dollars, and claimed them with a proof ${((performance.now() - sent) / 1_000).toFixed(1)} s later`,
  );

  return { value, gas: await gasCost(appchain, transactionHash), claimed };
}

/** A parameter is set on the settlement chain, obeyed on the appchain, and set back. */
async function govern(crossed: Crossed): Promise<void> {
  const { settlement, appchain, addresses, anyone, say } = crossed;
  const { [SIZE_KEY]: before } = await getParameters({
    chain: settlement,
    address: addresses.settlementChainParameterRegistry,
    keys: [SIZE_KEY],
  });
  await mintMockTokens({
    chain: settlement,
    account: anyone,
    address: addresses.underlyingFeeToken,
    amount: PUSH_MONEY,
  });

  await change(crossed, SMALL);
  const tooLarge = encodeFunctionData({
    abi: groupMessagesAbi,
    functionName: "addMessage",
    args: [bytesToHex(randomBytes(16)), bytesToHex(randomBytes(SMALL + 1))],
  });
  const refusal = await transact({
    chain: appchain,
    account: anyone,
    to: addresses.groupMessageBroadcaster,
    data: tooLarge,
  }).catch((error: unknown) => error);
  if (!(refusal instanceof ContractError)) {
    throw new Error(`the appchain takes more than ${SMALL} bytes`, { cause: refusal });
  }
  say(
    `governance set ${SIZE_KEY} to ${SMALL}, and the appchain refuses ${SMALL + 1}: ${refusal.code}`,
  );
  await change(crossed, Number(before));
}

async function change(crossed: Crossed, maxPayloadSize: number): Promise<void> {
  const { settlement, appchain, addresses, admin, anyone } = crossed;
  await setParameters({
    chain: settlement,
    account: admin,
    address: addresses.settlementChainParameterRegistry,
    values: { [SIZE_KEY]: maxPayloadSize },
  });
  const { transactionHash } = await pushParameters({
    chain: settlement,
    appchain,
    account: anyone,
    address: addresses.settlementChainGateway,
    keys: [SIZE_KEY],
  });
  await deliver(crossed, transactionHash);
  await applyUpdates({
    chain: appchain,
    account: anyone,
    address: addresses.groupMessageBroadcaster,
  });
}

/** Wei of the appchain. */
async function gasCost({ client }: Chain, hash: Hex): Promise<bigint> {
  const { gasUsed, effectiveGasPrice } = await client.getTransactionReceipt({ hash });

  return gasUsed * effectiveGasPrice;
}

/** Every wei of the gas money was spent, withdrawn, or is left; what was withdrawn was paid. */
function requireSum({ microdollars: { gasMoney, claimed }, wei }: Crossing): void {
  const sum = Object.values(wei).reduce((total, one) => total + one, 0n);
  if (sum !== gasMoney * WEI_PER_MICRODOLLAR || claimed * WEI_PER_MICRODOLLAR !== wei.withdrawn) {
    throw new Error(
      `${gasMoney} microdollars of gas money became ${sum} wei, and ${wei.withdrawn} wei became ${claimed}`,
    );
  }
}
