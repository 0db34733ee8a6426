import { readFileSync } from "node:fs";

import { expect } from "chai";
import {
  EventFragment,
  FunctionFragment,
  type ErrorFragment,
  type Fragment,
  type Interface,
  type ParamType,
} from "ethers";

import { ethers } from "../helpers/network.ts";

interface Surface {
  readonly functions: Record<string, { selector: string; returns: string; mutability: string }>;
  readonly events: Record<string, { topic: string; indexed: number[] }>;
  readonly errors: Record<string, string>;
}

const CONTRACTS = [
  "GroupMessages",
  "IdentityUpdates",
  "AppchainParameters",
  "SettlementParameters",
  "Nodes",
  "Rates",
  "FeeToken",
  "Payers",
  "DepositSplitter",
  "PayerReports",
  "Rewards",
  "SettlementGateway",
  "AppchainGateway",
] as const;

/** What ours has beyond production, each described in docs/compatibility.md. */
const ADDITIONS: Record<(typeof CONTRACTS)[number], readonly string[]> = {
  GroupMessages: [
    "SequenceIdTooLarge(uint64)",
    "addMessages(bytes16[],bytes[])",
    "sequenceId()",
    "updateAll()",
  ],
  IdentityUpdates: [
    "SequenceIdTooLarge(uint64)",
    "addIdentityUpdates(bytes32[],bytes[])",
    "sequenceId()",
    "updateAll()",
  ],
  AppchainParameters: [],
  SettlementParameters: [],
  Nodes: [
    "getCanonicalSigners(uint32[])",
    "getNodes(uint256,uint256)",
    "isCanonicalSet(uint32[])",
    "updateAll()",
  ],
  Rates: [],
  FeeToken: [
    "ERC1363ApproveFailed(address,uint256)",
    "ERC1363InvalidReceiver(address)",
    "ERC1363InvalidSpender(address)",
    "ERC1363TransferFailed(address,uint256)",
    "ERC1363TransferFromFailed(address,address,uint256)",
    "NoChange()",
    "approveAndCall(address,uint256)",
    "approveAndCall(address,uint256,bytes)",
    "depositReceived(address,uint256)",
    "supportsInterface(bytes4)",
    "transferAndCall(address,uint256)",
    "transferAndCall(address,uint256,bytes)",
    "transferFromAndCall(address,address,uint256)",
    "transferFromAndCall(address,address,uint256,bytes)",
  ],
  Payers: [
    "NotFeeToken()",
    "SafeCastOverflowedUintDowncast(uint8,uint256)",
    "SafeERC20FailedOperation(address)",
    "depositReceivedFor(address,uint96)",
    "onTransferReceived(address,address,uint256,bytes)",
    "updateAll()",
  ],
  DepositSplitter: [],
  Rewards: ["SafeERC20FailedOperation(address)", "updateAll()"],
  PayerReports: [
    "TooManyNodeSets()",
    "getPayerReportCount(uint32)",
    "getSettlements(uint32,uint32[],uint256[])",
    "updateAll()",
  ],
  SettlementGateway: [
    "NotFeeToken()",
    "SafeERC20FailedOperation(address)",
    "TokensRecovered(address,uint256)",
    "calculateMinimumDeposit(uint256,uint256,uint256)",
    "depositReceived(uint256,address,uint256,uint256,uint256)",
    "nonce()",
    "onTransferReceived(address,address,uint256,bytes)",
    "recoverTokens()",
    "strayTokensRecipientParameterKey()",
  ],
  AppchainGateway: ["ArrayLengthMismatch()", "InvalidFeeTokenDecimals()", "nonceOf(string)"],
};

// The shape of the file is that of `Surface`, and the tests fail when it is not.
const production = JSON.parse(
  readFileSync(new URL("./fixtures/productionSurface.json", import.meta.url), "utf8"),
) as Record<string, Surface>;

describe("compatibility with the production ABI", () => {
  for (const name of CONTRACTS) {
    describe(name, () => {
      const expected = production[name];
      if (expected === undefined) throw new Error(`No production surface of ${name}`);

      let ours: Interface;
      before(async () => {
        ours = (await ethers.getContractFactory<unknown[], never>(name)).interface;
      });

      it("has every function, with its selector, results and mutability", () => {
        for (const [signature, { selector, returns, mutability }] of Object.entries(
          expected.functions,
        )) {
          const ourFunction = ours.getFunction(signature);

          expect(ourFunction?.selector, signature).to.equal(selector);
          expect(ourFunction?.outputs.map(canonicalType).join(), signature).to.equal(returns);
          // A function that promises not to read is no less than one that promises not to write.
          const allowed = mutability === "view" ? ["view", "pure"] : [mutability];
          expect(ourFunction?.stateMutability, signature).to.be.oneOf(allowed);
        }
      });

      it("has every event, with its topic and indexed fields", () => {
        for (const [signature, { topic, indexed }] of Object.entries(expected.events)) {
          const event = ours.getEvent(signature);
          const ourIndexed = event?.inputs.flatMap((input, index) =>
            input.indexed ? [index] : [],
          );

          expect(event?.topicHash, signature).to.equal(topic);
          expect(ourIndexed, signature).to.deep.equal(indexed);
        }
      });

      it("has every error, with its selector", () => {
        for (const [signature, selector] of Object.entries(expected.errors)) {
          expect(ours.getError(signature)?.selector, signature).to.equal(selector);
        }
      });

      it("has nothing more than the documented additions", () => {
        const known = new Set([
          ...Object.keys(expected.functions),
          ...Object.keys(expected.events),
          ...Object.keys(expected.errors),
        ]);
        const added = ours.fragments
          .filter(isNamed)
          .map((fragment) => fragment.format("sighash"))
          .filter((signature) => !known.has(signature));

        expect(added).to.have.members(ADDITIONS[name]);
      });

      it("names inputs and outputs of its own functions with a trailing underscore, and event fields without", () => {
        for (const fragment of ours.fragments) {
          if (FunctionFragment.isFragment(fragment) && !isInherited(fragment)) {
            for (const { name: field } of [...fragment.inputs, ...fragment.outputs]) {
              expect(field, fragment.format()).to.match(/^(.+_)?$/);
            }
          }
          if (EventFragment.isFragment(fragment)) {
            for (const { name: field } of fragment.inputs) {
              expect(field, fragment.format()).to.match(/[a-zA-Z]$/);
            }
          }
        }
      });
    });
  }
});

/** The functions of standards have the names of their fields from OpenZeppelin, in production too. */
function isInherited(fragment: FunctionFragment): boolean {
  return [
    "allowance",
    "approve",
    "approveAndCall",
    "balanceOf",
    "eip712Domain",
    "getApproved",
    "isApprovedForAll",
    "name",
    "ownerOf",
    "safeTransferFrom",
    "setApprovalForAll",
    "supportsInterface",
    "symbol",
    "tokenURI",
    "totalSupply",
    "transferAndCall",
    "transferFrom",
    "transferFromAndCall",
  ].includes(fragment.name);
}

function isNamed(fragment: Fragment): fragment is FunctionFragment | EventFragment | ErrorFragment {
  return ["function", "event", "error"].includes(fragment.type);
}

function canonicalType(type: ParamType): string {
  return type.format("sighash");
}
