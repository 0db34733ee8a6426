import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/**
 * Remembers every TCP connection that servers of this process accept on the watched ports, so that they can be cut.
 *
 * Hardhat's JSON-RPC server does not hand out its sockets, and its `close()` waits for WebSocket clients for ever.
 */
export function trackSockets() {
  const ports = new Set<number>();
  const sockets = new Set<Socket>();

  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket }; // the documented payload of `net.server.socket`
    if (socket.localPort === undefined || !ports.has(socket.localPort)) return;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  };
  subscribe("net.server.socket", onSocket);

  return {
    watch: (port: number): void => void ports.add(port),
    cut: (): void => {
      unsubscribe("net.server.socket", onSocket);
      for (const socket of sockets) socket.destroy();
    },
  };
}

export type SocketTracker = ReturnType<typeof trackSockets>;
