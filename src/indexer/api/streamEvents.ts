import type { ServerResponse } from "node:http";

import { formatCursor } from "../../events/cursorText.ts";
import type { Followed } from "../../events/followEvents.ts";
import type { IndexedEvent } from "../read/indexedEvents.ts";
import { errorReply } from "./errorReply.ts";
import { eventToJson, reorgToJson } from "./toJson.ts";

/** Milliseconds until a client that lost the stream comes back. */
const RETRY_MS = 1_000;
/** What a client that has gone silent may still have to read when the server ends. */
const END_LIMIT_MS = 500;

/**
 * Writes steps as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) until the signal
 * aborts. The next step is asked for when the client has taken the last one, so a slow client costs no memory.
 */
export async function streamEvents({
  response,
  steps,
  heartbeatMs,
  signal,
}: {
  readonly response: ServerResponse;
  readonly steps: AsyncIterable<Followed<IndexedEvent>>;
  /** Milliseconds between two signs of life while nothing happens. */
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    // Proxies that buffer would hold events back.
    "x-accel-buffering": "no",
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(":\n\n");
  }, heartbeatMs);

  try {
    for await (const step of steps) {
      if (signal.aborted) break;
      if (!response.write(render(step))) await drained(response, signal);
    }
  } catch (error) {
    const { body } = errorReply(error);
    response.write(`event: error\ndata: ${JSON.stringify(body)}\n\n`);
  } finally {
    clearInterval(heartbeat);
    await end(response);
  }
}

function render(step: Followed<IndexedEvent>): string {
  if (step.type === "reorg") {
    const data = JSON.stringify(reorgToJson(step));
    return `id: ${formatCursor(step.cursor)}\nevent: reorg\ndata: ${data}\n\n`;
  }
  const event = eventToJson(step.event);

  return `id: ${event.cursor}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`;
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
    signal.addEventListener("abort", done);
    if (signal.aborted || response.destroyed) done();
  });
}

async function end(response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, END_LIMIT_MS);
    function done(): void {
      clearTimeout(timer);
      resolve();
    }
    response.once("close", done);
    response.end(done);
  });
  if (!response.writableFinished) response.destroy();
}
