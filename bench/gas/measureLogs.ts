import type { AppchainParameters } from "../../typechain-types/index.js";
import { GroupMessages__factory, IdentityUpdates__factory } from "../../typechain-types/index.js";
import type { Bench } from "./createBench.ts";
import { word } from "./word.ts";

const PAYLOAD_SIZES = {
  addMessage: [1, 200, 1000, 2048, 10_240, 51_200, 262_144],
  addIdentityUpdate: [1, 200, 1000, 2048, 10_240],
} as const;

const BATCH_COUNT = 100;
const BATCH_PAYLOAD_SIZES = [200, 1000] as const;

/** The ordered logs of the appchain. */
export async function measureLogs(
  { bytes, deployer, deployProxied, record }: Bench,
  appchainParameters: AppchainParameters,
): Promise<void> {
  const registry = await appchainParameters.getAddress();
  const groupMessages = GroupMessages__factory.connect(
    await deployProxied(
      "GroupMessageBroadcaster",
      new GroupMessages__factory(deployer).deploy(registry),
    ),
    deployer,
  );
  const identityUpdates = IdentityUpdates__factory.connect(
    await deployProxied(
      "IdentityUpdateBroadcaster",
      new IdentityUpdates__factory(deployer).deploy(registry),
    ),
    deployer,
  );

  const setLogs = async (values: Record<string, bigint>): Promise<void> => {
    const prefixes = ["xmtp.groupMessageBroadcaster", "xmtp.identityUpdateBroadcaster"];
    const names = Object.keys(values);
    await appchainParameters["set(string[],bytes32[])"](
      prefixes.flatMap((prefix) => names.map((name) => `${prefix}.${name}`)),
      prefixes.flatMap(() => names.map((name) => word(values[name] ?? 0n))),
    );
    await groupMessages.updateAll();
    await identityUpdates.updateAll();
  };
  await setLogs({
    minPayloadSize: 1n,
    maxPayloadSize: 262_144n,
    payloadBootstrapper: BigInt(deployer.address),
  });

  await groupMessages.addMessage(bytes(16), bytes(1));
  await identityUpdates.addIdentityUpdate(bytes(32), bytes(1));

  for (const size of PAYLOAD_SIZES.addMessage) {
    await record(
      `groupMessageBroadcaster.addMessage.${size}`,
      `GroupMessages.addMessage, ${size} bytes`,
      groupMessages.addMessage(bytes(16), bytes(size)),
    );
  }
  for (const size of PAYLOAD_SIZES.addIdentityUpdate) {
    await record(
      `identityUpdateBroadcaster.addIdentityUpdate.${size}`,
      `IdentityUpdates.addIdentityUpdate, ${size} bytes`,
      identityUpdates.addIdentityUpdate(bytes(32), bytes(size)),
    );
  }

  const many = (size: number): string[] => Array.from({ length: BATCH_COUNT }, () => bytes(size));

  for (const size of BATCH_PAYLOAD_SIZES) {
    await record(
      `groupMessageBroadcaster.addMessages.${BATCH_COUNT}x${size}`,
      `GroupMessages.addMessages, ${BATCH_COUNT} x ${size} bytes`,
      groupMessages.addMessages(many(16), many(size)),
    );
    await record(
      `identityUpdateBroadcaster.addIdentityUpdates.${BATCH_COUNT}x${size}`,
      `IdentityUpdates.addIdentityUpdates, ${BATCH_COUNT} x ${size} bytes`,
      identityUpdates.addIdentityUpdates(many(32), many(size)),
    );
  }

  await setLogs({ paused: 1n });
  const sequenceIds = Array.from({ length: BATCH_COUNT }, (_, index) => 1_000_150n + BigInt(index));
  await record(
    "groupMessageBroadcaster.bootstrapMessages.100x1000",
    "GroupMessages.bootstrapMessages, 100 x 1000 bytes",
    groupMessages.bootstrapMessages(many(16), many(1000), sequenceIds),
  );
  await record(
    "identityUpdateBroadcaster.bootstrapIdentityUpdates.100x1000",
    "IdentityUpdates.bootstrapIdentityUpdates, 100 x 1000 bytes",
    identityUpdates.bootstrapIdentityUpdates(many(32), many(1000), sequenceIds),
  );
}
