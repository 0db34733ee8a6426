/**
 * The embedded database, on a thread of its own: while it stores one window, the next one is read and parsed.
 */
import { parentPort, workerData } from "node:worker_threads";

import { PGlite } from "@electric-sql/pglite";
import { dataDir } from "@electric-sql/pglite-prepopulatedfs";

export type EmbeddedRequest =
  | {
      readonly id: number;
      readonly kind: "query";
      readonly sql: string;
      readonly parameters: readonly unknown[];
    }
  | { readonly id: number; readonly kind: "copy"; readonly sql: string; readonly rows: Uint8Array }
  | { readonly id: number; readonly kind: "close" };

export type EmbeddedMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "notice"; readonly channel: string; readonly payload: string }
  | { readonly kind: "result"; readonly id: number; readonly rows: readonly unknown[] }
  | {
      readonly kind: "error";
      readonly id: number;
      readonly message: string;
      readonly code: string | undefined;
    };

const INT8 = 20;
/**
 * The process may be killed at any moment, the machine is trusted: what was written stays. Then whole pages in the log,
 * which are for machines that fail in the middle of one, only cost time.
 */
const SETTINGS = [
  "full_page_writes = off",
  "wal_level = minimal",
  "max_wal_senders = 0",
  "max_wal_size = 256MB",
  "checkpoint_timeout = 30min",
  "wal_buffers = 16MB",
  "synchronous_commit = off",
];

const { place, isNew } = workerData as { readonly place: string; readonly isNew: boolean };
const tell = (message: EmbeddedMessage): void => parentPort?.postMessage(message);

try {
  const engine = await PGlite.create(place, {
    relaxedDurability: true,
    parsers: { [INT8]: BigInt },
    postgresqlconf: SETTINGS,
    // Made beforehand: making it here takes three times as long, and a gigabyte.
    ...(isNew && { loadDataDir: await dataDir() }),
  });
  engine.onNotification((channel, payload) => tell({ kind: "notice", channel, payload }));
  parentPort?.on("message", (request: EmbeddedRequest) => {
    answer(engine, request).then(
      (rows) => tell({ kind: "result", id: request.id, rows }),
      (error: unknown) => {
        const { message, code } = error as { message?: string; code?: string };
        tell({ kind: "error", id: request.id, message: message ?? String(error), code });
      },
    );
  });
  tell({ kind: "ready" });
} catch (error) {
  tell({ kind: "failed", message: String(error) });
}

/** The engine takes one request after the other, in the order that they come in. */
async function answer(engine: PGlite, request: EmbeddedRequest): Promise<readonly unknown[]> {
  switch (request.kind) {
    case "query":
      // Without parameters a text may hold several statements, as migrations do.
      return request.parameters.length > 0
        ? (await engine.query(request.sql, [...request.parameters])).rows
        : ((await engine.exec(request.sql)).at(-1)?.rows ?? []);
    case "copy": {
      const blob = new Blob([request.rows as Uint8Array<ArrayBuffer>]);
      await engine.query(request.sql, [], { blob });
      return [];
    }
    case "close":
      await engine.close();
      return [];
  }
}
