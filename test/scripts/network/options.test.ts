import { Command } from "commander";
import { expect } from "chai";
import { z } from "zod";

import { declareOptions, optionHelp, readOptions } from "../../../scripts/network/options.ts";
import { SETTINGS } from "../../../scripts/network/settings.ts";

const SHAPE = {
  network: SETTINGS.network,
  settlementRpc: SETTINGS.settlementRpc,
  privateKey: SETTINGS.privateKey,
  yes: SETTINGS.yes,
};

describe("readOptions", () => {
  it("takes the flag before the environment, and the environment before the default", () => {
    const env = { XMTP_NETWORK: "base" };
    expect(readOptions(SHAPE, { network: "base-sepolia" }, env).network).to.equal("base-sepolia");
    expect(readOptions(SHAPE, {}, env).network).to.equal("base");
    expect(readOptions(SHAPE, {}, {})).to.include({ network: "devnet", yes: false });
  });

  it("takes an empty environment variable for none", () => {
    expect(readOptions(SHAPE, {}, { SETTLEMENT_RPC_URL: "" }).settlementRpc).to.equal(undefined);
  });

  it("names the flag or the variable that is wrong, without a value that may be secret", () => {
    const wrong = "ftp://user:hunter2@host";
    const fromFlag = errorOf(() => readOptions(SHAPE, { settlementRpc: wrong }, {}));
    expect(fromFlag).to.include({ code: "INVALID_OPTION", retryable: false });
    expect(fromFlag).to.have.property("message").that.includes("--settlement-rpc");
    const fromEnv = errorOf(() => readOptions(SHAPE, {}, { SETTLEMENT_RPC_URL: wrong }));
    expect(fromEnv).to.have.property("message").that.includes("SETTLEMENT_RPC_URL");
    expect(`${String(fromFlag)}${String(fromEnv)}`).not.to.include("hunter2");
  });
});

describe("declareOptions", () => {
  it("makes a flag of every option but of secrets", () => {
    const command = new Command("x");
    declareOptions(command, SHAPE);
    expect(command.options.map(({ long }) => long)).to.deep.equal([
      "--network",
      "--settlement-rpc",
      "--yes",
    ]);
  });

  it("refuses an option without a line of help", () => {
    expect(() => declareOptions(new Command("x"), { odd: z.string() })).to.throw(TypeError);
  });
});

describe("the settings", () => {
  it("have a line of help each, and only PRIVATE_KEY is no flag", () => {
    const secrets = Object.entries(SETTINGS).filter(([name, schema]) => {
      const help = optionHelp.get(schema);
      expect(help?.help, name).to.be.a("string").and.not.to.equal("");
      return help?.isSecret === true;
    });
    expect(secrets.map(([name]) => name)).to.deep.equal(["privateKey"]);
  });
});

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return expect.fail("expected an error");
}
