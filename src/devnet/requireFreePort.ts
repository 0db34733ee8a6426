import { createServer } from "node:net";

import { DevnetError } from "./DevnetError.ts";

/**
 * Resolves when `port` on `host` can be listened on. Port 0 always can: the system picks a free one.
 *
 * @throws {DevnetError} `PORT_TAKEN` or `PORT_REFUSED`, naming the port.
 */
export async function requireFreePort(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    probe.once("error", resolve);
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)));
  });
  if (failure === undefined) return;
  if (failure.code === "EADDRINUSE") {
    throw new DevnetError({
      code: "PORT_TAKEN",
      message: `port ${port} on ${host} is taken by another process`,
      hint: "stop that process (a devnet may still be running), or choose another port; 0 picks a free one",
      cause: failure,
    });
  }
  throw new DevnetError({
    code: "PORT_REFUSED",
    message: `cannot listen on port ${port} of ${host}: ${failure.message}`,
    hint: "choose a port above 1023, or 0 for a free one",
    cause: failure,
  });
}
