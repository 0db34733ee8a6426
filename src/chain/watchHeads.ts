/** Milliseconds before the first new attempt after a WebSocket was lost; doubled up to the maximum. */
const FIRST_RECONNECT_MS = 250;
const MAX_RECONNECT_MS = 15_000;

export interface HeadWatch {
  /** Resolves when there may be a block that has not been looked at since the last call; false once stopped. */
  next(): Promise<boolean>;
  /** Whether the WebSocket is subscribed at the moment. */
  isLive(): boolean;
  stop(): void;
}

export interface WatchHeadsParameters {
  readonly webSocketUrl?: string | undefined;
  /** Milliseconds between two looks when the WebSocket says nothing. */
  readonly pollIntervalMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Says when to look for new blocks: at once when the node announces one over WebSocket, and after each poll interval in
 * any case. It carries no data, so nothing is lost with the WebSocket but time, and a lost one is opened again.
 */
export function watchHeads({
  webSocketUrl,
  pollIntervalMs,
  signal,
}: WatchHeadsParameters): HeadWatch {
  let isStopped = false;
  let isLive = false;
  let hasNews = true;
  let wake: (() => void) | undefined;
  let socket: WebSocket | undefined;
  let reconnectMs = FIRST_RECONNECT_MS;
  let reconnectTimer: NodeJS.Timeout | undefined;

  const notify = (): void => {
    hasNews = true;
    wake?.();
  };

  const connect = (url: string): void => {
    const opened = new WebSocket(url);
    socket = opened;
    opened.addEventListener("open", () => {
      opened.send(
        JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params: ["newHeads"] }),
      );
    });
    opened.addEventListener("message", () => {
      // Whatever the node says is a reason to look: the answer to the subscription, or a new head.
      isLive = true;
      reconnectMs = FIRST_RECONNECT_MS;
      notify();
    });
    opened.addEventListener("error", () => opened.close());
    opened.addEventListener("close", () => {
      isLive = false;
      if (isStopped || socket !== opened) return;
      notify();
      reconnectTimer = setTimeout(() => connect(url), reconnectMs);
      reconnectMs = Math.min(reconnectMs * 2, MAX_RECONNECT_MS);
    });
  };

  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
    isLive = false;
    clearTimeout(reconnectTimer);
    signal?.removeEventListener("abort", stop);
    socket?.close();
    wake?.();
  };

  signal?.addEventListener("abort", stop);
  if (signal?.aborted === true) stop();
  // Node has WebSocket from 22 on; on 20 there is polling alone.
  else if (webSocketUrl !== undefined && "WebSocket" in globalThis) connect(webSocketUrl);

  return {
    next: async () => {
      if (!hasNews && !isStopped) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, pollIntervalMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      hasNews = false;

      return !isStopped;
    },
    isLive: () => isLive,
    stop,
  };
}
