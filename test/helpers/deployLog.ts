import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { AddressLike, BytesLike, ContractTransactionResponse, Signer } from "ethers";

import type { GroupMessages, IdentityUpdates } from "../../typechain-types/index.ts";
import { accounts } from "./accounts.ts";
import { deployProxy } from "./deployProxy.ts";
import { deployRegistry, type Registry } from "./deployRegistry.ts";
import { ethers } from "./network.ts";
import type { ParameterValue } from "./parameterValue.ts";
import { setParametersOf } from "./setParametersOf.ts";

/** Either log; they differ in names, and in the width of what a payload belongs to. */
export type PayloadLog = GroupMessages | IdentityUpdates;

export type LogName = "GroupMessages" | "IdentityUpdates";

type Sent = Promise<ContractTransactionResponse>;

/** What differs between the two logs: names, and the functions that take payloads. */
export interface LogKind {
  readonly name: LogName;
  readonly keyPrefix: string;
  readonly idLength: 16 | 32;
  readonly event: "MessageSent" | "IdentityUpdateCreated";
  readonly functions: {
    readonly add: string;
    readonly addMany: string;
    readonly bootstrap: string;
  };
}

export const LOG_KINDS: readonly LogKind[] = [
  {
    name: "GroupMessages",
    keyPrefix: "xmtp.groupMessageBroadcaster",
    idLength: 16,
    event: "MessageSent",
    functions: { add: "addMessage", addMany: "addMessages", bootstrap: "bootstrapMessages" },
  },
  {
    name: "IdentityUpdates",
    keyPrefix: "xmtp.identityUpdateBroadcaster",
    idLength: 32,
    event: "IdentityUpdateCreated",
    functions: {
      add: "addIdentityUpdate",
      addMany: "addIdentityUpdates",
      bootstrap: "bootstrapIdentityUpdates",
    },
  },
];

/** The functions that take payloads, under one set of names for both logs. */
export interface LogActions {
  add(id: BytesLike, payload: BytesLike): Sent;
  addMany(ids: BytesLike[], payloads: BytesLike[]): Sent;
  bootstrap(ids: BytesLike[], payloads: BytesLike[], sequenceIds: bigint[]): Sent;
}

/** Parameters of a log by the last part of their key. */
export type LogParameters = Readonly<
  Partial<
    Record<
      "minPayloadSize" | "maxPayloadSize" | "paused" | "payloadBootstrapper" | "migrator",
      ParameterValue
    >
  >
>;

export interface LogFixture {
  readonly kind: LogKind;
  readonly log: PayloadLog;
  readonly implementation: PayloadLog;
  readonly registry: Registry;
  readonly admin: HardhatEthersSigner;
  readonly bootstrapper: HardhatEthersSigner;
  readonly stranger: HardhatEthersSigner;
  /** A stranger's calls. */
  readonly actions: LogActions;
  as(signer: Signer): LogActions;
  /** Writes parameters into the registry; nothing is applied by it. */
  setParameters(parameters: LogParameters): Promise<void>;
}

export const MIN_PAYLOAD_SIZE = 78n;
export const MAX_PAYLOAD_SIZE = 262_144n;

/** Deploys a log as `initialize` leaves it: no size set, not paused, no bootstrapper. */
export async function deployLog(kind: LogKind): Promise<LogFixture> {
  const { admin, bootstrapper, stranger } = await accounts(["admin", "bootstrapper", "stranger"]);
  const { registry } = await deployRegistry("AppchainParameters", [admin.address]);
  const implementation = await deployLogImplementation(kind.name, registry);

  const { address } = await deployProxy(
    await implementation.getAddress(),
    implementation.interface.encodeFunctionData("initialize"),
  );
  const log = (await logAt(kind.name, address)).connect(stranger);
  const as = (signer: Signer) => actionsOf(log, signer);

  return {
    kind,
    log,
    implementation,
    registry,
    admin,
    bootstrapper,
    stranger,
    actions: as(stranger),
    as,
    setParameters: (parameters) => setParametersOf(registry, kind.keyPrefix, parameters),
  };
}

/** Deploys a log with the sizes of the production network and a bootstrapper. */
export async function deployConfiguredLog(kind: LogKind): Promise<LogFixture> {
  const fixture = await deployLog(kind);

  await fixture.setParameters({
    minPayloadSize: MIN_PAYLOAD_SIZE,
    maxPayloadSize: MAX_PAYLOAD_SIZE,
    payloadBootstrapper: await fixture.bootstrapper.getAddress(),
  });
  await fixture.log.updateAll();

  return fixture;
}

/** Deploys a log of either kind without a proxy. */
export async function deployLogImplementation(
  name: LogName,
  parameterRegistry: AddressLike,
): Promise<PayloadLog> {
  return name === "GroupMessages"
    ? await ethers.deployContract("GroupMessages", [parameterRegistry])
    : await ethers.deployContract("IdentityUpdates", [parameterRegistry]);
}

async function logAt(name: LogName, address: string): Promise<PayloadLog> {
  return name === "GroupMessages"
    ? await ethers.getContractAt("GroupMessages", address)
    : await ethers.getContractAt("IdentityUpdates", address);
}

function actionsOf(log: PayloadLog, signer: Signer): LogActions {
  if ("addMessage" in log) {
    const messages = log.connect(signer);
    return {
      add: (id, payload) => messages.addMessage(id, payload),
      addMany: (ids, payloads) => messages.addMessages(ids, payloads),
      bootstrap: (ids, payloads, sequenceIds) =>
        messages.bootstrapMessages(ids, payloads, sequenceIds),
    };
  }

  const updates = log.connect(signer);
  return {
    add: (id, payload) => updates.addIdentityUpdate(id, payload),
    addMany: (ids, payloads) => updates.addIdentityUpdates(ids, payloads),
    bootstrap: (ids, payloads, sequenceIds) =>
      updates.bootstrapIdentityUpdates(ids, payloads, sequenceIds),
  };
}
