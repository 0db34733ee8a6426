import { readFile } from "node:fs/promises";

import {
  createWalletClient,
  encodeDeployData,
  encodeFunctionData,
  http,
  zeroHash,
  type Abi,
  type Address,
  type Hex,
  type LocalAccount,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startDevnet } from "../../deploy/devnet.ts";
import { feeTokenAbi, mockUnderlyingFeeTokenAbi, payersAbi } from "../../src/abi/index.ts";
import { connectChain, type Chain } from "../../src/chain/connectChain.ts";
import { applyUpdates, setParameters } from "../../src/parameters/parameters.ts";
import type { ParameterValue } from "../../src/parameters/parameterValues.ts";
import { mintMockTokens } from "../../src/payers/mintMockTokens.ts";
import { wrapFeeTokens } from "../../src/payers/wrapFeeTokens.ts";
import { remember } from "./emptyChains.ts";
import { chainControls } from "./startNetwork.ts";

/** A devnet as `npm start` has it, and what the tests of payers need besides. */
export type PayersNetwork = Awaited<ReturnType<typeof startPayersNetwork>>;

/** @param isJoined whether messages cross the bridge; what is taken back here could not be taken back over there */
export async function startPayersNetwork({ isJoined = false } = {}) {
  const devnet = await startDevnet({ blockTime: "automine" });
  if (!isJoined) await devnet.relayer.stop();
  const { url, chainId } = devnet.settlement;
  const chain = await connectChain({ url, chainId });
  const [admin, payer, other, settler] = devnet.accounts.map(({ privateKey }) =>
    privateKeyToAccount(privateKey),
  );
  if (admin === undefined || payer === undefined || other === undefined || settler === undefined)
    throw new Error("the devnet has too few accounts");
  const { addresses } = devnet;
  const send = sender(chain, admin);

  /** Sets parameters of the escrow, and makes it apply them. */
  const setEscrow = async (values: Readonly<Record<string, ParameterValue>>) => {
    await setParameters({
      chain,
      account: admin,
      address: addresses.settlementChainParameterRegistry,
      values: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [`xmtp.payerRegistry.${name}`, value]),
      ),
    });
    await applyUpdates({ chain, account: admin, address: addresses.payerRegistry });
  };
  let forget = await remember(devnet);

  return {
    devnet,
    chain,
    addresses,
    admin,
    payer,
    other,
    setEscrow,
    controls: chainControls(chain),
    /** What writes to the escrow take, signed by the payer. */
    escrow: () => ({ chain, account: payer, address: addresses.payerRegistry }),
    mint: (recipient: Address, amount: bigint) =>
      mintMockTokens({
        chain,
        account: admin,
        address: addresses.underlyingFeeToken,
        recipient,
        amount,
      }),
    /** Gives somebody fee tokens. */
    give: async (recipient: Address, amount: bigint) => {
      await mintMockTokens({
        chain,
        account: admin,
        address: addresses.underlyingFeeToken,
        amount,
      });
      await wrapFeeTokens({
        chain,
        account: admin,
        address: addresses.feeToken,
        recipient,
        amount,
      });
    },
    balanceOf: (token: Address, owner: Address) =>
      chain.client.readContract({
        address: token,
        abi: feeTokenAbi,
        functionName: "balanceOf",
        args: [owner],
      }),
    sentBy: (account: LocalAccount) =>
      chain.client.getTransactionCount({ address: account.address }),
    /** Charges payers, as the contract of the payer reports does. */
    settle: async (
      fees: readonly { readonly payer: Address; readonly fee: bigint }[],
      id: Hex = zeroHash,
    ) => {
      const settlerNow = await chain.client.readContract({
        address: addresses.payerRegistry,
        abi: payersAbi,
        functionName: "settler",
      });
      if (settlerNow !== settler.address) await setEscrow({ settler: settler.address });
      const data = encodeFunctionData({
        abi: payersAbi,
        functionName: "settleUsage",
        args: [id, fees],
      });
      await sender(chain, settler)({ to: addresses.payerRegistry, data });
    },
    /** Deploys a contract of the tests. */
    deployMock: async (file: string, name: string, args: readonly unknown[] = []) => {
      const path = `../../artifacts/test/solidity/mocks/${file}.sol/${name}.json`;
      return deploy(send, path, args);
    },
    /** Deploys one of our contracts, without a proxy. */
    deployContract: async (path: string, args: readonly unknown[]) =>
      deploy(send, `../../artifacts/contracts/${path}`, args),
    send,
    /** Approves underlying tokens of the payer for the escrow. */
    approve: (amount: bigint) =>
      sender(
        chain,
        payer,
      )({
        to: addresses.underlyingFeeToken,
        data: encodeFunctionData({
          abi: feeTokenAbi,
          functionName: "approve",
          args: [addresses.payerRegistry, amount],
        }),
      }),
    reset: async () => {
      await forget();
      forget = await remember(devnet);
    },
    stop: () => devnet.stop(),
  };
}

function sender({ client, url }: Chain, account: LocalAccount) {
  const wallet = createWalletClient({ account, chain: client.chain, transport: http(url) });

  return async (transaction: { readonly to?: Address; readonly data: Hex }) => {
    const hash = await wallet.sendTransaction(transaction);
    const receipt = await client.waitForTransactionReceipt({ hash, pollingInterval: 10 });
    if (receipt.status !== "success") throw new Error(`transaction ${hash} failed`);
    return receipt;
  };
}

async function deploy(
  send: ReturnType<typeof sender>,
  path: string,
  args: readonly unknown[],
): Promise<Address> {
  const text = await readFile(new URL(path, import.meta.url), "utf8");
  const { abi, bytecode } = JSON.parse(text) as { abi: Abi; bytecode: Hex }; // an artifact of the build
  const { contractAddress } = await send({ data: encodeDeployData({ abi, bytecode, args }) });
  if (contractAddress === null || contractAddress === undefined) throw new Error(`no ${path}`);

  return contractAddress;
}

/** An escrow whose fee token wraps another token than the devnet's. Nothing is configured. */
export async function foreignEscrow(
  { addresses, deployMock, deployContract }: PayersNetwork,
  file: string,
  name: string,
): Promise<{ readonly token: Address; readonly escrow: Address }> {
  const registry = addresses.settlementChainParameterRegistry;
  const token = await deployMock(file, name);
  const feeToken = await deployContract("settlement/FeeToken.sol/FeeToken.json", [registry, token]);
  const escrow = await deployContract("settlement/Payers.sol/Payers.json", [registry, feeToken]);

  return { token, escrow };
}

/** A call that mints tokens, of any mock. */
export function mintOf(to: Address, recipient: Address, amount: bigint) {
  const abi = mockUnderlyingFeeTokenAbi;

  return { to, data: encodeFunctionData({ abi, functionName: "mint", args: [recipient, amount] }) };
}

/** An account that sends transactions, and signs no permits. */
export function unwilling({ payer }: PayersNetwork): LocalAccount {
  return { ...payer, signTypedData: () => Promise.reject(new Error("signs no permits")) };
}
