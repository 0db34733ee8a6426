import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { DeploymentError } from "../../src/deployment/DeploymentError.ts";
import {
  parseNetworkParameters,
  readNetworkParameters,
} from "../../src/deployment/networkParameters.ts";
import { DEVNET_PARAMETERS } from "../helpers/emptyChains.ts";

const FOLDER = new URL("../../deploy/parameters/", import.meta.url);

const SOMEWHERE = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";

describe("parameters of a network", () => {
  it("are valid in every file of deploy/parameters", async () => {
    const files = await readdir(FOLDER);
    expect(files).to.include.members(["devnet.json5", "base-sepolia.json5", "base.json5"]);
    for (const file of files) await readNetworkParameters(fileURLToPath(new URL(file, FOLDER)));
  });

  it("of the devnet are what local xmtpd deployments expect", async () => {
    const { settlement, appchain } = await readNetworkParameters(DEVNET_PARAMETERS);
    expect(settlement).to.deep.equal({
      chainId: 31_338,
      parameterAdmins: ["deployer"],
      nodes: { admin: "deployer", maxCanonicalNodes: 100 },
      underlyingToken: "mock",
      payers: { minimumDeposit: 10_000_000, withdrawLockPeriod: 172_800, paused: false },
      rates: {
        messageFee: 100,
        storageFee: 200,
        congestionFee: 300,
        targetRatePerMinute: 6_000,
        ratesInEffectAfter: "deployment",
      },
      payerReports: { protocolFeeRate: 100 },
      rewards: { paused: false, protocolFeesRecipient: "deployer" },
      gateway: { paused: false, strayTokensRecipient: "deployer" },
    });
    const log = {
      minPayloadSize: 78,
      maxPayloadSize: 262_144,
      paused: false,
      payloadBootstrapper: null,
    };
    expect(appchain).to.deep.include({ chainId: 31_339, groupMessages: log, identityUpdates: log });
  });

  const cases: [path: string, value: unknown, named: string][] = [
    ["edition", -1, "edition is -1"],
    ["edition", 0.5, "edition is 0.5"],
    ["deployer", "0x1234", 'deployer is "0x1234"'],
    ["deployer", "deployer", 'deployer is "deployer"'],
    ["settlement.chainId", 0, "settlement.chainId is 0"],
    ["settlement.chainId", "31338", 'settlement.chainId is "31338"'],
    ["settlement.chainId", undefined, "settlement.chainId is missing"],
    ["settlement.parameterAdmins", [], "settlement.parameterAdmins is []"],
    ["settlement.nodes.admin", `0x${"00".repeat(20)}`, "settlement.nodes.admin is"],
    [
      "settlement.nodes.admin",
      "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92267",
      "settlement.nodes.admin is",
    ],
    ["settlement.nodes.maxCanonicalNodes", 0, "settlement.nodes.maxCanonicalNodes is 0"],
    ["settlement.nodes.maxCanonicalNodes", 256, "settlement.nodes.maxCanonicalNodes is 256"],
    ["settlement.nodes.maxCanonicalNode", 5, "maxCanonicalNode"],
    ["settlement.underlyingToken", "usdc", 'settlement.underlyingToken is "usdc"'],
    ["settlement.underlyingToken", undefined, "settlement.underlyingToken is missing"],
    ["settlement.payers.minimumDeposit", 0, "settlement.payers.minimumDeposit is 0"],
    [
      "settlement.payers.withdrawLockPeriod",
      604_801,
      "settlement.payers.withdrawLockPeriod is 604801",
    ],
    ["settlement.payers.paused", 1, "settlement.payers.paused is 1"],
    ["settlement.rates.messageFee", -1, "settlement.rates.messageFee is -1"],
    ["settlement.rates.storageFee", 0.5, "settlement.rates.storageFee is 0.5"],
    ["settlement.rates.congestionFee", 2 ** 53, "settlement.rates.congestionFee is"],
    [
      "settlement.rates.targetRatePerMinute",
      2 ** 31,
      "settlement.rates.targetRatePerMinute is 2147483648",
    ],
    ["settlement.rates.ratesInEffectAfter", 0, "settlement.rates.ratesInEffectAfter is 0"],
    ["settlement.rates.ratesInEffectAfter", "now", 'settlement.rates.ratesInEffectAfter is "now"'],
    [
      "settlement.payerReports.protocolFeeRate",
      10_001,
      "settlement.payerReports.protocolFeeRate is 10001",
    ],
    [
      "settlement.rewards.protocolFeesRecipient",
      "",
      'settlement.rewards.protocolFeesRecipient is ""',
    ],
    ["settlement.parameterAdmins", ["gateway"], 'settlement.parameterAdmins.0 is "gateway"'],
    ["settlement.gateway.paused", 0, "settlement.gateway.paused is 0"],
    ["appchain.chainId", 31_338, "appchain.chainId is 31338"],
    ["appchain.parameterAdmins", ["bridge"], 'appchain.parameterAdmins.0 is "bridge"'],
    ["appchain.bridge", undefined, "appchain.bridge is missing"],
    [
      "appchain.bridge",
      { inbox: SOMEWHERE, bridge: SOMEWHERE, outbox: SOMEWHERE },
      "appchain.bridge.rollup is missing",
    ],
    ["appchain.deployerGas", -1, "appchain.deployerGas is -1"],
    ["appchain.groupMessages.minPayloadSize", 0, "appchain.groupMessages.minPayloadSize is 0"],
    [
      "appchain.groupMessages.minPayloadSize",
      262_145,
      "appchain.groupMessages.minPayloadSize is 262145",
    ],
    [
      "appchain.groupMessages.maxPayloadSize",
      262_145,
      "appchain.groupMessages.maxPayloadSize is 262145",
    ],
    [
      "appchain.identityUpdates.maxPayloadSize",
      77,
      "appchain.identityUpdates.minPayloadSize is 78",
    ],
    ["appchain.groupMessages.paused", "no", 'appchain.groupMessages.paused is "no"'],
    [
      "appchain.groupMessages.payloadBootstrapper",
      5,
      "appchain.groupMessages.payloadBootstrapper is 5",
    ],
    ["surprise", 1, "surprise"],
  ];
  for (const [path, value, named] of cases) {
    it(`refuse ${path} = ${JSON.stringify(value)}, naming it`, async () => {
      const parameters = structuredClone(await readNetworkParameters(DEVNET_PARAMETERS));
      const keys = path.split(".");
      const last = keys.pop() ?? "";
      const parent = keys.reduce<object>(
        (inner, key) => Reflect.get(inner, key) as object,
        parameters,
      );
      Reflect.set(parent, last, value);
      const refuse = () => parseNetworkParameters(parameters);
      expect(refuse).to.throw(DeploymentError).with.property("code", "INVALID_PARAMETERS");
      expect(refuse).to.throw(named);
    });
  }

  const accepted: [path: string, value: unknown][] = [
    ["settlement.nodes.maxCanonicalNodes", 1],
    ["settlement.nodes.maxCanonicalNodes", 255],
    ["settlement.underlyingToken", "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"],
    ["settlement.payers.minimumDeposit", 1],
    ["settlement.payers.withdrawLockPeriod", 0],
    ["settlement.payers.withdrawLockPeriod", 604_800],
    ["settlement.rates.messageFee", 0],
    ["settlement.rates.ratesInEffectAfter", 1],
    ["settlement.payerReports.protocolFeeRate", 0],
    ["settlement.payerReports.protocolFeeRate", 10_000],
    ["settlement.rewards.protocolFeesRecipient", null],
    ["appchain.parameterAdmins", ["gateway"]],
    ["appchain.bridge", null],
    [
      "appchain.bridge",
      { inbox: SOMEWHERE, bridge: SOMEWHERE, outbox: SOMEWHERE, rollup: SOMEWHERE },
    ],
    ["appchain.deployerGas", 0],
    ["settlement.gateway.strayTokensRecipient", null],
    ["appchain.groupMessages.minPayloadSize", 1],
    ["appchain.groupMessages.minPayloadSize", 262_144],
  ];
  for (const [path, value] of accepted) {
    it(`accept ${path} = ${JSON.stringify(value)}`, async () => {
      const parameters = structuredClone(await readNetworkParameters(DEVNET_PARAMETERS));
      const keys = path.split(".");
      const last = keys.pop() ?? "";
      Reflect.set(
        keys.reduce<object>((inner, key) => Reflect.get(inner, key) as object, parameters),
        last,
        value,
      );
      expect(parseNetworkParameters(parameters)).to.deep.equal(parameters);
    });
  }

  it("refuse a file that is missing or no JSON5, naming it", async () => {
    for (const path of ["/nowhere/net.json5", fileURLToPath(import.meta.url)]) {
      const error = await readNetworkParameters(path).catch((reason: unknown) => reason);
      expect(error, path).to.include({ code: "INVALID_PARAMETERS" });
      expect(error).to.have.property("message").that.includes(path);
    }
  });
});
