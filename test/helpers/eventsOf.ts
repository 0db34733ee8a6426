import { Indexed, type BaseContract, type ContractTransactionResponse, type Result } from "ethers";

/** An event as its name followed by its arguments; of an indexed string, the hash. */
export type EventRecord = readonly unknown[];

/** Every event that a transaction emitted, in order, all decoded with the ABI of `contract`, which must know them. */
export async function eventsOf(
  transaction: ContractTransactionResponse,
  contract: BaseContract,
): Promise<EventRecord[]> {
  const logs = (await transaction.wait())?.logs ?? [];

  return logs.map((log) => {
    const event = contract.interface.parseLog(log);
    if (event === null) throw new Error(`No event of the contract has the topic ${log.topics[0]}`);

    return [event.name, ...plain(event.args)];
  });
}

function plain(args: Result): unknown[] {
  return args.toArray().map((value: unknown) => (value instanceof Indexed ? value.hash : value));
}
