import { expect } from "chai";

import { failOnWarnings } from "../../hardhat/warningsPlugin.ts";

const MUTABILITY = {
  type: "Warning",
  component: "general",
  severity: "warning",
  errorCode: "2018",
} as const;

function compile(file: string) {
  const formattedMessage = `Warning: Function state mutability can be restricted\n --> ${file}:1:1:`;
  const warning = { ...MUTABILITY, message: "can be restricted", formattedMessage };
  return failOnWarnings({ sources: {}, errors: [warning] }).errors?.map(({ severity }) => severity);
}

describe("failOnWarnings", function () {
  it("makes a warning about a contract fail the build", function () {
    expect(compile("project/contracts/common/Migrator.sol")).to.deep.equal(["error"]);
  });

  it("lets pass what the list allows in tests", function () {
    expect(compile("project/test/solidity/Nodes.t.sol")).to.deep.equal(["warning"]);
  });
});
