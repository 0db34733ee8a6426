import { expect } from "chai";

import { stopChains } from "../../src/devnet/stopChains.ts";
import { trackSockets } from "../../src/devnet/trackSockets.ts";

describe("stopChains", () => {
  const plugin = { connections: new Map<string, never>(), idle: async () => {} };

  it("gives up at the deadline with STOP_TIMEOUT, also for whoever asks later", async () => {
    const never = new Promise<never>(() => {});
    const server = { listen: () => never, close: () => never, afterClosed: () => never };
    const stop = stopChains({
      servers: [server],
      producers: [],
      plugin,
      sockets: trackSockets(),
      deadline: 10,
    });
    for (const attempt of ["first", "second"]) {
      const error = await stop().catch((reason: unknown) => reason);
      expect(error, attempt).to.include({ code: "STOP_TIMEOUT" });
    }
  });

  it("closes each server once, however often it is called", async () => {
    let closed = 0;
    const server = {
      listen: async () => ({ address: "", port: 0 }),
      close: async () => void (closed += 1),
      afterClosed: async () => {},
    };
    const stop = stopChains({ servers: [server], producers: [], plugin, sockets: trackSockets() });
    await Promise.all([stop(), stop()]);
    await stop();
    expect(closed).to.equal(1);
  });
});
