import { readFile } from "node:fs/promises";

import JSON5 from "json5";
import { getAddress, isAddress, zeroAddress, type Address } from "viem";
import { z } from "zod";

import { DeploymentError } from "./DeploymentError.ts";

/** In bytes; what the contracts accept as their largest payload. */
const MAX_PAYLOAD_SIZE_CEILING = 262_144;
/** The contracts count canonical nodes in a uint8. */
const MAX_CANONICAL_NODES = 255;
/** Seconds: a week, the ceiling of the contract. */
const MAX_WITHDRAW_LOCK_PERIOD = 604_800;
/** Node software keeps the target in a signed 32-bit number. */
const MAX_TARGET_RATE = 2 ** 31 - 1;
/** Basis points: all of it. */
const MAX_PROTOCOL_FEE_RATE = 10_000;

const address = z
  .string()
  .refine((text) => isAddress(text) && text !== zeroAddress, {
    message: "expected a non-zero address with the right checksum, or all lowercase",
  })
  .transform((text) => getAddress(text));
/** An account; `"deployer"` is whoever runs the deployment. */
const account = z.union([z.literal("deployer"), address], {
  message: 'expected "deployer" or a non-zero address with the right checksum',
});
const admins = z.array(account).min(1);
/** `"gateway"` is the appchain's end of the bridge, which sets what was set on the settlement chain. */
const appchainAdmins = z
  .array(
    z.union([z.enum(["deployer", "gateway"]), address], {
      message: 'expected "deployer", "gateway" or a non-zero address with the right checksum',
    }),
  )
  .min(1);
const payloadSize = z.number().int().min(1).max(MAX_PAYLOAD_SIZE_CEILING);

const integer = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const payloadLog = z
  .strictObject({
    minPayloadSize: payloadSize,
    maxPayloadSize: payloadSize,
    paused: z.boolean(),
    payloadBootstrapper: account.nullable(),
  })
  .refine(({ minPayloadSize, maxPayloadSize }) => minPayloadSize <= maxPayloadSize, {
    message: "expected minPayloadSize to be at most maxPayloadSize",
    path: ["minPayloadSize"],
  });

/** The contracts of an Orbit rollup on its parent chain. They belong together: one `createRollup` makes all four. */
const bridge = z.strictObject({
  inbox: address,
  bridge: address,
  outbox: address,
  rollup: address,
});

const schema = z
  .strictObject({
    deployer: address.nullable(),
    edition: z.number().int().min(0).max(9_999),
    settlement: z.strictObject({
      chainId: z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
      parameterAdmins: admins,
      nodes: z.strictObject({
        admin: account,
        maxCanonicalNodes: z.number().int().min(1).max(MAX_CANONICAL_NODES),
      }),
      underlyingToken: z.union([z.literal("mock"), address], {
        message: 'expected "mock" or a non-zero address with the right checksum',
      }),
      payers: z.strictObject({
        minimumDeposit: integer.min(1),
        withdrawLockPeriod: integer.max(MAX_WITHDRAW_LOCK_PERIOD),
        paused: z.boolean(),
      }),
      rates: z.strictObject({
        messageFee: integer,
        storageFee: integer,
        congestionFee: integer,
        targetRatePerMinute: integer.max(MAX_TARGET_RATE),
        ratesInEffectAfter: z.union([z.literal("deployment"), integer.min(1)], {
          message: 'expected "deployment" or Unix seconds',
        }),
      }),
      payerReports: z.strictObject({
        protocolFeeRate: integer.max(MAX_PROTOCOL_FEE_RATE),
      }),
      rewards: z.strictObject({
        paused: z.boolean(),
        protocolFeesRecipient: account.nullable(),
      }),
      gateway: z.strictObject({
        paused: z.boolean(),
        strayTokensRecipient: account.nullable(),
      }),
    }),
    appchain: z.strictObject({
      chainId: z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
      parameterAdmins: appchainAdmins,
      bridge: bridge.nullable(),
      deployerGas: integer,
      gateway: z.strictObject({
        paused: z.boolean(),
      }),
      groupMessages: payloadLog,
      identityUpdates: payloadLog,
    }),
  })
  .refine(({ settlement, appchain }) => settlement.chainId !== appchain.chainId, {
    message: "expected another chain than the settlement chain",
    path: ["appchain", "chainId"],
  });

/** What a network is to be. `deploy/parameters/devnet.json5` explains every key with its unit. */
export type NetworkParameters = Readonly<z.infer<typeof schema>>;

/** The contracts of the bridge on the settlement chain. */
export type BridgeContracts = NonNullable<NetworkParameters["appchain"]["bridge"]>;

/** An account as the parameters name it. */
export type Account = "deployer" | Address;

/**
 * Checks the parameters of a network. Keys that it does not know are refused.
 *
 * @throws {DeploymentError} `INVALID_PARAMETERS`, naming every key with its value.
 */
export function parseNetworkParameters(
  value: unknown,
  source = "the parameters",
): NetworkParameters {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => {
    const key = issue.path.join(".") || "the whole";
    return `${key} is ${JSON.stringify(valueAt(value, issue.path)) ?? "missing"}: ${issue.message}`;
  });
  throw new DeploymentError("INVALID_PARAMETERS", `${source}: ${issues.join("; ")}`, parsed.error);
}

/** Reads the parameters of a network from a JSON5 file. @throws {DeploymentError} `INVALID_PARAMETERS` */
export async function readNetworkParameters(path: string): Promise<NetworkParameters> {
  let value: unknown;
  try {
    value = JSON5.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new DeploymentError(
      "INVALID_PARAMETERS",
      `${path} cannot be read as JSON5: ${String(error)}`,
      error,
    );
  }
  return parseNetworkParameters(value, path);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}
