import { createServer } from "node:net";

import { parseInteger } from "../inputs/parseOption.ts";
import { DevnetError } from "./DevnetError.ts";

/**
 * Resolves when `port` on `host` can be listened on. Port 0 always can: the system picks a free one.
 *
 * @throws {DevnetError} `PORT_TAKEN` or `PORT_REFUSED`, naming the port
 * @throws {XmtpError} `INVALID_OPTION`
 */
export async function requireFreePort(host: string, port: number): Promise<void> {
  parseInteger(port, "port", 0, 65_535);
  if (port === 0) return;
  const probe = createServer();
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    probe.once("error", resolve);
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)));
  });
  if (failure === undefined) return;
  if (failure.code === "EADDRINUSE") {
    throw new DevnetError(
      "PORT_TAKEN",
      `port ${port} on ${host} is taken by another process`,
      failure,
    );
  }
  throw new DevnetError(
    "PORT_REFUSED",
    `cannot listen on port ${port} of ${host}: ${failure.message}`,
    failure,
  );
}
