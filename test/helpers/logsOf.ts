import type { BaseContract, ContractTransactionResponse } from "ethers";

import type { EventRecord } from "./eventsOf.ts";

/** Every event that a transaction emitted, in order: contract and name, then the arguments. Any other is an error. */
export async function logsOf(
  transaction: ContractTransactionResponse,
  contracts: Readonly<Record<string, BaseContract>>,
): Promise<EventRecord[]> {
  const logs = (await transaction.wait())?.logs ?? [];
  const named = await Promise.all(
    Object.entries(contracts).map(
      async ([name, contract]) => [await contract.getAddress(), name, contract] as const,
    ),
  );

  return logs.map((log) => {
    const [, name, contract] = named.find(([address]) => address === log.address) ?? [];
    const event = contract?.interface.parseLog(log);
    if (name === undefined || event === undefined || event === null) {
      throw new Error(`No contract of the test emits ${log.topics[0]} at ${log.address}`);
    }

    return [`${name}.${event.name}`, ...(event.args.toArray() as unknown[])];
  });
}
