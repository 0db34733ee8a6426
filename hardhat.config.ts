import { fileURLToPath } from "node:url";

import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";

import { abiPlugin } from "./hardhat/abiPlugin.ts";
import { addressesPlugin } from "./hardhat/addressesPlugin.ts";
import { warningsPlugin } from "./hardhat/warningsPlugin.ts";

/** Contracts that move money all day: here 0.3 % of every call outweighs what deploying them costs once. */
const HOT_CONTRACTS = [
  "contracts/devnet/MockUnderlyingFeeToken.sol",
  "contracts/settlement/DepositSplitter.sol",
  "contracts/settlement/FeeToken.sol",
  "contracts/settlement/PayerReports.sol",
  "contracts/settlement/Payers.sol",
  "contracts/settlement/Rates.sol",
  "contracts/settlement/Rewards.sol",
  "contracts/settlement/SettlementGateway.sol",
];

function compiler(runs: number) {
  return {
    version: "0.8.37",
    // The compiler is an npm package: nothing is downloaded at build time.
    path: fileURLToPath(import.meta.resolve("solc/soljson.js")),
    settings: {
      evmVersion: "cancun",
      optimizer: { enabled: true, runs },
      // No metadata hash: bytecode, and with it every CREATE2 address, depends on code alone.
      metadata: { appendCBOR: false, bytecodeHash: "none" },
      outputSelection: { "*": { "*": ["storageLayout"] } },
    },
  };
}

export default defineConfig({
  plugins: [toolbox, abiPlugin, addressesPlugin, warningsPlugin],
  solidity: {
    // More runs save a call of most contracts no more than 0.3 %, and make the implementations up to 18 % dearer to deploy.
    compilers: [compiler(2_000)],
    overrides: Object.fromEntries(HOT_CONTRACTS.map((file) => [file, compiler(1_000_000)])),
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
        // Before a release, over a million calls: see `test/solidity/invariants/README.md`.
        long: { invariant: { runs: 160, depth: 512, failOnRevert: true } },
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
