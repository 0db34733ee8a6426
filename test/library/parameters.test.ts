import { expect } from "chai";
import type { LocalAccount } from "viem";

import { XmtpError } from "../../src/errors/XmtpError.ts";
import {
  adminKey,
  APPCHAIN_ADMIN_PREFIX,
  APPCHAIN_PARAMETER_KEYS,
  inboxKey,
  parameterType,
  RATE_KEYS,
  type ParameterType,
} from "../../src/parameters/parameterKeys.ts";
import { decodeParameter, encodeParameter } from "../../src/parameters/parameterValues.ts";
import {
  applyUpdates,
  getParameters,
  isParameterAdmin,
  setParameters,
} from "../../src/parameters/parameters.ts";
import { caughtError } from "../helpers/caughtError.ts";
import { startNetwork, type TestNetwork } from "../helpers/startNetwork.ts";

const PREFIX = "xmtp.groupMessageBroadcaster";
const ADDRESS = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045";

describe("parameter values", () => {
  const pairs: readonly (readonly [ParameterType, boolean | number | bigint | string, string])[] = [
    ["bool", true, "01"],
    ["bool", false, "00"],
    ["uint8", 255, "ff"],
    ["uint16", 65_535, "ffff"],
    ["uint32", 4_294_967_295, "ffffffff"],
    ["uint64", 2n ** 64n - 1n, "ffffffffffffffff"],
    ["uint96", 2n ** 96n - 1n, "f".repeat(24)],
    ["address", ADDRESS, ADDRESS.slice(2).toLowerCase()],
    ["address", `0x${"0".repeat(40)}`, "00"],
  ];
  for (const [type, value, hex] of pairs) {
    it(`encodes and decodes ${type} ${String(value).slice(0, 12)}`, () => {
      const word = `0x${hex.padStart(64, "0")}` as const;
      expect(encodeParameter(type, value)).to.equal(word);
      expect(decodeParameter(type, word)).to.equal(value);
    });
  }

  const refused: readonly (readonly [ParameterType, unknown])[] = [
    ["bool", 1],
    ["bool", "yes"],
    ["uint8", 256],
    ["uint8", -1],
    ["uint32", 1.5],
    ["uint32", 2 ** 32],
    ["uint64", 2n ** 64n],
    ["uint64", "0x10"],
    ["address", "0x12"],
    ["address", 5],
  ];
  for (const [type, value] of refused) {
    it(`refuses ${String(value)} as ${type}`, () => {
      expect(() => encodeParameter(type, value as number)).to.throw(XmtpError);
    });
  }

  it("takes text from a command line", () => {
    expect(encodeParameter("uint32", "78")).to.equal(encodeParameter("uint32", 78));
    expect(encodeParameter("bool", "true")).to.equal(encodeParameter("bool", true));
  });

  it("refuses stored values that contracts refuse", () => {
    for (const type of ["bool", "uint8", "uint32", "uint96", "address"] as const) {
      expect(() => decodeParameter(type, `0x${"ff".repeat(32)}`), type).to.throw(XmtpError);
    }
  });
});

describe("parameter keys", () => {
  it("types the inbox of any chain, by its id in decimals", () => {
    expect(inboxKey(31_339)).to.equal("xmtp.settlementChainGateway.inbox.31339");
    expect(parameterType(inboxKey(241_320_162))).to.equal("address");
    const others = ["", "0", "007", "0x7", "7 ", "7.1"].map(
      (id) => `xmtp.settlementChainGateway.inbox.${id}`,
    );
    expect(others.map(parameterType)).to.deep.equal(others.map(() => undefined));
  });

  it("names what the contracts of the appchain read, and nothing of the settlement chain", () => {
    expect(APPCHAIN_PARAMETER_KEYS).to.include.members([
      "xmtp.groupMessageBroadcaster.paused",
      "xmtp.identityUpdateBroadcaster.maxPayloadSize",
      "xmtp.appChainGateway.paused",
      "xmtp.appChainParameterRegistry.migrator",
    ]);
    const parts = new Set(APPCHAIN_PARAMETER_KEYS.map((key) => key.split(".")[1]));
    expect(parts.size).to.equal(4);
  });
});

describe("parameters", () => {
  let network: TestNetwork;
  let admin: LocalAccount;
  let stranger: LocalAccount;

  before(async () => {
    network = await startNetwork();
    const [first, second] = network.accounts;
    if (first === undefined || second === undefined) throw new Error("no accounts");
    [admin, stranger] = [first, second];
  });
  afterEach(() => network.reset());
  after(() => network.stop());

  const registry = () => ({
    chain: network.appchain,
    address: network.addresses.appchainParameters,
  });
  const write = () => ({ ...registry(), account: admin });
  const adminOf = (account: LocalAccount) => adminKey(APPCHAIN_ADMIN_PREFIX, account.address);

  it("sets several at once and reads them back in their types", async () => {
    const { set } = await setParameters({
      ...write(),
      values: {
        [`${PREFIX}.paused`]: true,
        [`${PREFIX}.maxPayloadSize`]: 5_000,
        [`${PREFIX}.payloadBootstrapper`]: stranger.address,
      },
    });
    expect(set.map(({ key }) => key)).to.deep.equal([
      `${PREFIX}.paused`,
      `${PREFIX}.maxPayloadSize`,
      `${PREFIX}.payloadBootstrapper`,
    ]);
    const keys = [...set.map(({ key }) => key), `${PREFIX}.migrator`, "some.other.key"];
    expect(await getParameters({ ...registry(), keys })).to.deep.equal({
      [`${PREFIX}.paused`]: true,
      [`${PREFIX}.maxPayloadSize`]: 5_000,
      [`${PREFIX}.payloadBootstrapper`]: stranger.address,
      [`${PREFIX}.migrator`]: `0x${"0".repeat(40)}`,
      "some.other.key": `0x${"0".repeat(64)}`,
    });
  });

  it("makes a contract take over what differs, and nothing the second time", async () => {
    await setParameters({
      ...write(),
      values: { [`${PREFIX}.maxPayloadSize`]: 5_000, [`${PREFIX}.minPayloadSize`]: 10 },
    });
    const apply = () =>
      applyUpdates({
        chain: network.appchain,
        account: stranger,
        address: network.addresses.groupMessages,
      });
    const names = (await apply()).updates.map(({ eventName }) => eventName);
    expect(names).to.have.members(["MaxPayloadSizeUpdated", "MinPayloadSizeUpdated"]);
    expect((await apply()).updates).to.deep.equal([]);
  });

  it("names the contract's error when it cannot take a value", async () => {
    await setParameters({ ...write(), values: { [`${PREFIX}.maxPayloadSize`]: 300_000 } });
    const error = await caughtError(
      applyUpdates({
        chain: network.appchain,
        account: stranger,
        address: network.addresses.groupMessages,
      }),
    );
    expect(error.code).to.equal("InvalidMaxPayloadSize");
  });

  it("applies the updates of the node registry", async () => {
    await setParameters({
      chain: network.settlement,
      account: admin,
      address: network.addresses.settlementParameters,
      values: { "xmtp.nodeRegistry.maxCanonicalNodes": 3 },
    });
    const { updates } = await applyUpdates({
      chain: network.settlement,
      account: stranger,
      address: network.addresses.nodes,
    });
    expect(updates).to.deep.equal([
      { eventName: "MaxCanonicalNodesUpdated", args: { maxCanonicalNodes: 3 } },
    ]);
  });

  it("sends nothing that is misspelt, out of range or by a stranger", async () => {
    const before = await network.appchain.client.getBlockNumber();
    const checksummed = `${APPCHAIN_ADMIN_PREFIX}.${admin.address}`;
    const refused = [
      [{ [`${PREFIX}.maxPayloadsize`]: 5 }, "INVALID_PARAMETER"],
      [{ [`${PREFIX}.maxPayloadSize`]: 2 ** 32 }, "INVALID_PARAMETER"],
      [{ [`${PREFIX}.migrator`]: "0x12" }, "INVALID_ADDRESS"],
      [{ [checksummed]: true }, "INVALID_PARAMETER"],
      [{}, "NoKeys"],
    ] as const;
    for (const [values, code] of refused) {
      expect((await caughtError(setParameters({ ...write(), values }))).code).to.equal(code);
    }
    const values = { [`${PREFIX}.paused`]: true };
    expect(
      (await caughtError(setParameters({ ...write(), account: stranger, values }))).code,
    ).to.equal("NotAdmin");
    expect(await network.appchain.client.getBlockNumber()).to.equal(before);
  });

  it("takes values at the limits of the contracts, and refuses those one past them", async () => {
    const settlement = {
      chain: network.settlement,
      account: admin,
      address: network.addresses.settlementParameters,
    };
    const zero = `0x${"0".repeat(40)}`;
    const taken = {
      "xmtp.payerRegistry.minimumDeposit": 1n,
      "xmtp.payerRegistry.withdrawLockPeriod": 604_800,
      "xmtp.payerReportManager.protocolFeeRate": 10_000,
      "xmtp.distributionManager.protocolFeesRecipient": zero,
    };
    const keys = Object.keys(taken);
    await setParameters({ ...settlement, values: taken });
    expect(await getParameters({ ...settlement, keys })).to.deep.equal(taken);

    const refused = [
      ["xmtp.payerRegistry.minimumDeposit", 0n],
      ["xmtp.payerRegistry.withdrawLockPeriod", 604_801],
      ["xmtp.payerReportManager.protocolFeeRate", 10_001],
      ["xmtp.payerRegistry.settler", zero],
      ["xmtp.payerRegistry.feeDistributor", zero],
    ] as const;
    for (const [key, value] of refused) {
      const error = await caughtError(setParameters({ ...settlement, values: { [key]: value } }));
      expect(error.code, key).to.equal("INVALID_PARAMETER");
      expect(error.message, key).to.include(key);
    }
    expect(await getParameters({ ...settlement, keys })).to.deep.equal(taken);
  });

  it("sets all rates or none: anyone could append a half-changed list", async () => {
    const settlement = {
      chain: network.settlement,
      account: admin,
      address: network.addresses.settlementParameters,
    };
    const all = Object.fromEntries(Object.values(RATE_KEYS).map((key, index) => [key, index + 1]));
    const { [RATE_KEYS.startTime]: _, ...withoutStart } = all;
    const error = await caughtError(setParameters({ ...settlement, values: withoutStart }));
    expect(error.code).to.equal("INVALID_PARAMETER");
    expect(error.message).to.include(RATE_KEYS.startTime);

    const { set } = await setParameters({ ...settlement, values: all });
    expect(set.map(({ key }) => key)).to.deep.equal(Object.values(RATE_KEYS));
  });

  it("takes unknown keys when it is told to", async () => {
    const word = `0x${"12".repeat(32)}` as const;
    await setParameters({ ...write(), values: { "my.key": word }, allowUnknownKeys: true });
    expect(await getParameters({ ...registry(), keys: ["my.key"] })).to.deep.equal({
      "my.key": word,
    });
    const error = await caughtError(
      setParameters({ ...write(), values: { "my.key": 5 }, allowUnknownKeys: true }),
    );
    expect(error.code).to.equal("INVALID_PARAMETER");
  });

  it("hands over admin rights, and never leaves the registry without an admin", async () => {
    const revoke = { ...write(), values: { [adminOf(admin)]: false } };
    expect((await caughtError(setParameters(revoke))).code).to.equal("NO_ADMIN_LEFT");
    const strangerAsKnown = { ...revoke, knownAdmins: [stranger.address] };
    expect((await caughtError(setParameters(strangerAsKnown))).code).to.equal("NO_ADMIN_LEFT");

    await setParameters({
      ...write(),
      values: { [adminOf(stranger)]: true, [adminOf(admin)]: false },
    });
    expect(await isParameterAdmin({ ...registry(), account: stranger.address })).to.equal(true);
    expect(await isParameterAdmin({ ...registry(), account: admin.address })).to.equal(false);

    await setParameters({ ...write(), account: stranger, values: { [adminOf(admin)]: true } });
    await setParameters({ ...revoke, account: admin, knownAdmins: [stranger.address] });
    expect(await isParameterAdmin({ ...registry(), account: admin.address })).to.equal(false);
  });
});
