import type { Address, PublicClient } from "viem";

/**
 * The block in which a contract came into being: the first one with code at the address.
 *
 * Found by bisection, about 25 calls on a long chain. The node must still know old states.
 */
export async function findDeploymentBlock(client: PublicClient, address: Address): Promise<bigint> {
  const exists = async (blockNumber: bigint): Promise<boolean> =>
    (await client.getCode({ address, blockNumber })) !== undefined;
  let [low, high] = [0n, await client.getBlockNumber({ cacheTime: 0 })];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (await exists(middle)) high = middle;
    else low = middle + 1n;
  }
  return low;
}
