import { deployNetworkOfThree, type SettlementFixture } from "./deploySettlement.ts";
import { deployProxy } from "./deployProxy.ts";
import { ethers } from "./network.ts";
import {
  charged,
  leafOf,
  reportOf,
  rootOf,
  settlement,
  submit,
  type PayerFee,
} from "./payerReportFacts.ts";
import type { Rewards } from "../../typechain-types/index.ts";

export interface RewardsFixture extends SettlementFixture {
  /** Called by the owner of the nodes. */
  readonly rewards: Rewards;
  readonly rewardsImplementation: Rewards;
  /**
   * Submits the originator's next report with these fees in picodollars, and settles all of it, or its first leaves.
   * Resolves to the report's index.
   */
  report(
    originator: number,
    fees: readonly PayerFee[],
    options?: { readonly settled?: number; readonly nodeIds?: readonly number[] },
  ): Promise<number>;
}

export const RECIPIENT = "0x1111111111111111111111111111111111111111";

/** A network of three nodes, a protocol that takes 1 %, and rewards that the escrow sends its excess to. */
export async function deployRewards(): Promise<RewardsFixture> {
  const fixture = await deployNetworkOfThree();
  const { registry, nodes, payerReports, payers, feeToken, owner, setParameters } = fixture;

  const rewardsImplementation = await ethers.deployContract("Rewards", [
    registry,
    nodes,
    payerReports,
    payers,
    feeToken,
  ]);
  const { address } = await deployProxy(
    await rewardsImplementation.getAddress(),
    rewardsImplementation.interface.encodeFunctionData("initialize"),
  );
  const rewards = (await ethers.getContractAt("Rewards", address)).connect(owner);

  await setParameters({
    "payerRegistry.feeDistributor": address,
    "distributionManager.protocolFeesRecipient": RECIPIENT,
  });
  await payers.updateAll();
  await rewards.updateAll();

  const ends = new Map<number, { end: bigint; index: number }>();

  return {
    ...fixture,
    rewards,
    rewardsImplementation,
    report: async (originator, fees, { settled = fees.length, nodeIds } = {}) => {
      const { end, index } = ends.get(originator) ?? { end: 0n, index: 0 };
      const leaves = fees.map(leafOf);

      await submit(
        payerReports,
        reportOf({
          originator,
          start: end,
          end: end + 10n,
          root: leaves.length === 0 ? ethers.ZeroHash : rootOf(leaves),
          ...(nodeIds && { nodeIds }),
        }),
      );
      if (settled > 0)
        await payerReports.settle(...settlement(originator, index, leaves, 0, settled));
      ends.set(originator, { end: end + 10n, index: index + 1 });

      return index;
    },
  };
}

/** What a report with these fees settles, in microdollars. */
export function settledOf(fees: readonly PayerFee[]): bigint {
  return fees.reduce((sum, { fee }) => sum + charged(fee), 0n);
}

/** What each of `nodeCount` nodes and the protocol get of it, by the formula of the contract's documentation. */
export function splitOf(
  fees: readonly PayerFee[],
  nodeCount = 3n,
  rate = 100n,
): { readonly share: bigint; readonly protocol: bigint } {
  const settled = settledOf(fees);
  const share = (settled * (10_000n - rate)) / 10_000n / nodeCount;

  return { share, protocol: settled - share * nodeCount };
}
