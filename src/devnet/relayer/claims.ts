import { encodeFunctionData, type Address, type GetEventArgs, type PublicClient } from "viem";

import {
  ARB_SYS,
  arbSysAbi,
  NODE_INTERFACE,
  nodeInterfaceAbi,
  outboxAbi,
} from "../../bridge/orbitAbi.ts";
import type { DevnetAccount } from "../accounts.ts";
import { receiptOf, sendSigned } from "../rollup/sendSigned.ts";

type Send = GetEventArgs<
  typeof arbSysAbi,
  "L2ToL1Tx",
  { EnableUnion: false; IndexedOnly: false; Required: true }
>;

/** Executes on the settlement chain what the appchain sent there, whoever it is for. */
export function createClaimer({
  parent,
  child,
  outbox,
  account,
}: {
  readonly parent: PublicClient;
  readonly child: PublicClient;
  readonly outbox: Address;
  /** Pays for the gas on the settlement chain. */
  readonly account: DevnetAccount;
}) {
  let readUntil = -1n;
  /** Confirmed messages were offered up to this size. */
  let offered = 0n;
  const unspent = new Map<bigint, Send>();

  const readSends = async (): Promise<void> => {
    const latest = await child.getBlockNumber();
    const sends = await child.getContractEvents({
      address: ARB_SYS,
      abi: arbSysAbi,
      eventName: "L2ToL1Tx",
      fromBlock: readUntil + 1n,
      toBlock: latest,
      strict: true,
    });
    for (const { args } of sends) unspent.set(args.position, args);
    if (readUntil < 0n) {
      const executed = await parent.getContractEvents({
        address: outbox,
        abi: outboxAbi,
        eventName: "OutBoxTransactionExecuted",
        fromBlock: 0n,
        strict: true,
      });
      for (const { args } of executed) unspent.delete(args.transactionIndex);
    }
    readUntil = latest;
  };

  const execute = async (size: bigint, message: Send): Promise<void> => {
    const { position, caller, destination, arbBlockNum, ethBlockNum, timestamp, callvalue, data } =
      message;
    const [, , proof] = await child.readContract({
      address: NODE_INTERFACE,
      abi: nodeInterfaceAbi,
      functionName: "constructOutboxProof",
      args: [size, position],
    });
    const call = encodeFunctionData({
      abi: outboxAbi,
      functionName: "executeTransaction",
      args: [
        proof,
        position,
        caller,
        destination,
        arbBlockNum,
        ethBlockNum,
        timestamp,
        callvalue,
        data,
      ],
    });
    const { address, privateKey } = account;
    const gas = await parent
      .estimateGas({ account: address, to: outbox, data: call })
      .catch(() => undefined);
    // Its destination refuses it, for now or for ever: whoever sent it may find out and claim it.
    if (gas === undefined) return;
    const nonce = await parent.getTransactionCount({ address, blockTag: "latest" });
    const [hash] = await sendSigned({
      client: parent,
      privateKey,
      nonce,
      calls: [{ to: outbox, data: call, gas: (gas * 3n) / 2n }],
    });
    if (hash !== undefined) await receiptOf(parent, hash);
  };

  return {
    /** Claims each of the first `size` messages once; `size` is what an assertion that is confirmed covers. */
    claim: async (size: bigint): Promise<void> => {
      if (size === offered) return;
      await readSends();
      for (const [position, message] of unspent) {
        if (position >= size) continue;
        const isSpent = await parent.readContract({
          address: outbox,
          abi: outboxAbi,
          functionName: "isSpent",
          args: [position],
        });
        if (!isSpent) await execute(size, message);
        unspent.delete(position);
      }
      offered = size;
    },
  };
}
