import js from "@eslint/js";
import tseslint from "typescript-eslint";

const ONE_WAY =
  "src/ is the library: scripts, deploy and tests import it, never the other way. Move what both need into src/.";
const VIEM_ONLY = "src/ uses viem only; ethers belongs to contract tests, through typechain-types.";
const NO_HARDHAT =
  "The library runs without Hardhat. What needs it belongs to src/devnet, deploy or hardhat.";
const NO_SCRIPTS =
  "Scripts are entries, not modules: move the function into src/ and import it from both.";
const NO_TESTS = "Nothing imports tests: move the helper to src/ or keep the caller in test/.";

const SCRIPTS = { group: ["**/scripts/**"], message: NO_SCRIPTS };
const TESTS = { group: ["**/test/**"], message: NO_TESTS };
const LIBRARY = [
  { group: ["ethers", "ethers/*", "**/typechain-types/**"], message: VIEM_ONLY },
  { group: ["**/scripts/**", "**/test/**", "**/deploy/**", "**/bench/**"], message: ONE_WAY },
];
const HARDHAT = {
  group: ["hardhat", "hardhat/*", "@nomicfoundation/*", "**/hardhat/**"],
  message: NO_HARDHAT,
};

/** The rule does not merge over overlapping blocks: every folder states all that holds for it. */
function forbidImports(...patterns) {
  return { "no-restricted-imports": ["error", { patterns }] };
}

export default tseslint.config(
  {
    ignores: [
      "artifacts/",
      // A project of its own, with packages that only the benchmark installs.
      "bench/ponder/",
      "cache/",
      "coverage/",
      "dist/",
      "src/abi/",
      "src/addresses.ts",
      "src/indexer/identity/proto/*_pb.ts",
      "typechain-types/",
    ],
  },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ["*.js", "scripts/*.mjs"] } },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-console": "off",
      eqeqeq: "error",
      "prefer-const": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      // `Hex | string` says which strings are meant, though the types are the same.
      "@typescript-eslint/no-redundant-type-constituents": "off",
      // It takes assertions away that inference needs, `as Hex` on an element of a list for one.
      "@typescript-eslint/no-unnecessary-type-assertion": "off",
      "@typescript-eslint/only-throw-error": "error",
      // An async function without await turns what it throws into a rejection.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      ...forbidImports(SCRIPTS, TESTS),
    },
  },
  { files: ["scripts/**"], rules: forbidImports(TESTS) },
  { files: ["test/**"], rules: forbidImports() },
  { files: ["src/**"], rules: forbidImports(...LIBRARY, HARDHAT) },
  { files: ["src/devnet/**"], rules: forbidImports(...LIBRARY) },
  {
    files: ["test/**"],
    rules: {
      // `expect(contract.transfer(...))` and `expect(contract.transfer)`: ethers binds what it hands out.
      "@typescript-eslint/unbound-method": "off",
      // Chai's `expect(x).to.be.true` is an expression.
      "@typescript-eslint/no-unused-expressions": "off",
    },
  },
  {
    files: ["**/*.js", "**/*.mjs"],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      globals: { Buffer: "readonly", URL: "readonly", console: "readonly", process: "readonly" },
    },
  },
  {
    files: ["scripts/launch.mjs"],
    languageOptions: {
      globals: { clearInterval: "readonly", setInterval: "readonly", setTimeout: "readonly" },
    },
  },
);
