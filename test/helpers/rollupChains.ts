import { encodeFunctionData, erc20Abi, parseAbi, type Address, type Hex } from "viem";

import { feeTokenAbi, mockUnderlyingFeeTokenAbi } from "../../src/abi/index.ts";
import { APPCHAIN_CHAIN_ID } from "../../src/devnet/chains.ts";
import { readSystemCode, SYSTEM_CONTRACTS } from "../../src/devnet/relayer/systemContracts.ts";
import { createRollup } from "../../src/devnet/rollup/createRollup.ts";
import { rollupAccounts } from "../../src/devnet/rollup/rollupAccounts.ts";
import { emptyChains } from "./emptyChains.ts";
import { ARTIFACTS } from "./systemContracts.ts";

/** Wei. */
const ETHER = 10n ** 18n;
/** Units of the fee token in the bridge from the start, so that withdrawals can be paid. */
export const ESCROW = 1_000_000_000n;

const inboxAbi = parseAbi(["function depositERC20(uint256 amount) returns (uint256)"]);
const arbSysAbi = parseAbi([
  "function sendTxToL1(address destination, bytes data) payable returns (uint256)",
]);

/** Two chains with the real rollup between them and nobody who relays: withdrawals leave, deposits do not arrive. */
export async function rollupChains() {
  const empty = await emptyChains();
  const { chains, deployer, settlement, appchain } = empty;
  const { addressBook } = await empty.deploy();
  const { feeToken, underlyingFeeToken } = addressBook;
  const sendFrom = empty.sendFrom("settlement", deployer);
  const code: Record<string, Hex> = await readSystemCode(ARTIFACTS);

  for (const { address } of Object.values({ ...rollupAccounts() }))
    await sendFrom({ to: address, value: ETHER * 100n });
  for (const [address, runtime] of Object.entries(code))
    await chains.appchain.provider.request({
      method: "hardhat_setCode",
      params: [address, runtime],
    });

  const contracts = await createRollup({
    provider: chains.settlement.provider,
    feeToken,
    appchainId: APPCHAIN_CHAIN_ID,
  });
  const approve = (spender: Address): Hex =>
    encodeFunctionData({ abi: erc20Abi, functionName: "approve", args: [spender, ESCROW] });
  await sendFrom({
    to: underlyingFeeToken,
    data: encodeFunctionData({
      abi: mockUnderlyingFeeTokenAbi,
      functionName: "mint",
      args: [deployer, 2n * ESCROW],
    }),
  });
  await sendFrom({ to: underlyingFeeToken, data: approve(feeToken) });
  await sendFrom({
    to: feeToken,
    data: encodeFunctionData({ abi: feeTokenAbi, functionName: "deposit", args: [ESCROW] }),
  });
  await sendFrom({ to: feeToken, data: approve(contracts.inbox) });
  await sendFrom({
    to: contracts.inbox,
    data: encodeFunctionData({ abi: inboxAbi, functionName: "depositERC20", args: [ESCROW] }),
  });

  const onAppchain = empty.sendFrom("appchain", deployer);
  return {
    chains,
    deployer,
    settlement,
    appchain,
    feeToken,
    underlyingFeeToken,
    contracts,
    /** Sends native tokens, in wei, over the bridge; whoever claims it pays them to `to`. */
    withdraw: (to: Address, value: bigint, data: Hex = "0x") =>
      onAppchain({
        to: SYSTEM_CONTRACTS.ArbSys,
        data: encodeFunctionData({ abi: arbSysAbi, functionName: "sendTxToL1", args: [to, data] }),
        value,
      }),
    onAppchain,
    onSettlement: sendFrom,
    balanceOf: (account: Address): Promise<bigint> =>
      settlement.readContract({
        address: feeToken,
        abi: erc20Abi,
        functionName: "balanceOf",
        args: [account],
      }),
  };
}

export type RollupChains = Awaited<ReturnType<typeof rollupChains>>;
