import { expect } from "chai";

import { countResults } from "../../hardhat/countResults.ts";

describe("countResults", function () {
  it("adds up what mocha and Hardhat's Solidity runner report", function () {
    const output = "\u001b[32m  12 passing\u001b[0m (2s)\n  1 failing\n\n  3 passing (1s)\n";

    expect(countResults(output, false)).to.deep.equal({ passed: 15, failed: 1 });
  });

  it("counts each step of a check", function () {
    const output = "format ...\nformat: passed (5.0 s)\ntypes ...\ntypes: FAILED (12.3 s)\n";

    expect(countResults(output, false)).to.deep.equal({ passed: 1, failed: 1 });
  });

  it("counts a run that broke off as a failure", function () {
    expect(countResults("  4 passing\n", false)).to.deep.equal({ passed: 4, failed: 1 });
    expect(countResults("", true)).to.deep.equal({ passed: 0, failed: 0 });
  });
});
