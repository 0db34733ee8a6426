import { expect } from "chai";
import fc from "fast-check";

import { XmtpError } from "../../../src/errors/XmtpError.ts";
import { formatDollars, parseAmount, parseDollars } from "../../../src/payers/microdollars.ts";

const MAX = 2n ** 96n - 1n;

describe("dollars and microdollars", () => {
  const pairs = [
    ["0", 0n],
    ["1", 1_000_000n],
    ["12.34", 12_340_000n],
    ["0.000001", 1n],
    ["007.5", 7_500_000n],
    ["79228162514264337593543.950335", MAX],
  ] as const;
  for (const [text, microdollars] of pairs) {
    it(`reads ${text} dollars as ${microdollars} microdollars`, () => {
      expect(parseDollars(text)).to.equal(microdollars);
    });
  }

  const refused = ["", "-1", "+1", "1e6", "1,000", "1.", ".5", "0.0000001", " 1", "0x10", "1.2.3"];
  for (const text of [...refused, "79228162514264337593543.950336", "9".repeat(30)]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseDollars(text))
        .to.throw(XmtpError)
        .with.property("code", "INVALID_AMOUNT");
    });
  }

  it("prints cents always, and smaller parts where there are any", () => {
    const shown = [0n, 1n, -1n, 10n, 100_000n, 12_340_000n, -10_000_000n, 1_234_500n];
    expect(shown.map(formatDollars)).to.deep.equal([
      "0.00",
      "0.000001",
      "-0.000001",
      "0.00001",
      "0.10",
      "12.34",
      "-10.00",
      "1.2345",
    ]);
  });

  it("reads back what it prints", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX }), (amount) => {
        expect(parseDollars(formatDollars(amount))).to.equal(amount);
      }),
    );
  });

  it("takes amounts of 1 to 2^96 - 1, and bigints alone", () => {
    expect([parseAmount(1n), parseAmount(MAX)]).to.deep.equal([1n, MAX]);
    for (const amount of [0n, -1n, MAX + 1n, 5 as unknown as bigint, "5" as unknown as bigint]) {
      expect(() => parseAmount(amount), String(amount))
        .to.throw(XmtpError)
        .with.property("code", "INVALID_AMOUNT");
    }
  });
});
