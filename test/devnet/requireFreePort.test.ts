import { expect } from "chai";

import { requireFreePort } from "../../src/devnet/requireFreePort.ts";

describe("requireFreePort", () => {
  const refusal = (host: string, port: number): Promise<unknown> =>
    requireFreePort(host, port).then(
      () => expect.fail("expected a refusal"),
      (error: unknown) => error,
    );

  it("always grants port 0", async () => {
    await requireFreePort("127.0.0.1", 0);
  });

  it("refuses what is no port", async () => {
    for (const port of [-1, 65_536, 1.5, Number.NaN]) {
      expect(await refusal("127.0.0.1", port), String(port)).to.include({ code: "INVALID_OPTION" });
    }
  });

  it("says so when the system does not let it listen", async () => {
    const foreign = "192.0.2.1"; // reserved for documentation: no interface has it
    expect(await refusal(foreign, 40_000)).to.include({ code: "PORT_REFUSED" });
  });
});
