import { fileURLToPath } from "node:url";

import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";

import { abiPlugin } from "./hardhat/abiPlugin.ts";
import { addressesPlugin } from "./hardhat/addressesPlugin.ts";
import { warningsPlugin } from "./hardhat/warningsPlugin.ts";

export default defineConfig({
  plugins: [toolbox, abiPlugin, addressesPlugin, warningsPlugin],
  solidity: {
    version: "0.8.37",
    // The compiler is an npm package: nothing is downloaded at build time.
    path: fileURLToPath(import.meta.resolve("solc/soljson.js")),
    settings: {
      evmVersion: "cancun",
      // More runs save no call more than 0.3 %, and make the implementations up to 18 % dearer to deploy.
      optimizer: { enabled: true, runs: 2_000 },
      // No metadata hash: bytecode, and with it every CREATE2 address, depends on code alone.
      metadata: { appendCBOR: false, bytecodeHash: "none" },
      outputSelection: { "*": { "*": ["storageLayout"] } },
    },
  },
  paths: { tests: { mocha: "./test", solidity: "./test/solidity" } },
  typechain: { outDir: "./typechain-types", dontOverrideCompile: false, tsNocheck: true },
  test: {
    mocha: { timeout: 60_000, forbidOnly: process.env["CI"] === "true" },
    solidity: {
      profiles: {
        default: { invariant: { runs: 16, depth: 128, failOnRevert: true } },
        // For changes of a contract: `hardhat test solidity --test-profile thorough`, a few minutes.
        thorough: {
          fuzz: { runs: 5_000 },
          invariant: { runs: 64, depth: 256, failOnRevert: true },
        },
      },
    },
  },
  networks: {
    settlement: {
      type: "http",
      chainType: "op",
      url: configVariable("SETTLEMENT_RPC_URL"),
      accounts: [configVariable("PRIVATE_KEY")],
    },
    appchain: {
      type: "http",
      chainType: "generic",
      url: configVariable("APPCHAIN_RPC_URL"),
      accounts: [configVariable("PRIVATE_KEY")],
    },
  },
});
