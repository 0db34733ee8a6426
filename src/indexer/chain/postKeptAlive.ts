import http from "node:http";
import https from "node:https";

import type { Post } from "../../chain/createRpc.ts";

const KEEP_ALIVE = { keepAlive: true, maxSockets: 16 };
const AGENTS = { "http:": new http.Agent(KEEP_ALIVE), "https:": new https.Agent(KEEP_ALIVE) };

/** Ten times what is asked for: an answer of all the blocks that were empty until now may be too large for memory. */
export const MAX_ANSWER_BYTES = 64 << 20;
/** `classifyFailure` knows it. */
export const TOO_MANY_BYTES = "the answer is too large to be read";

/**
 * Posts over connections that stay open. Takes 0.85 of the time of `fetch` for answers of megabytes, by not going through
 * web streams.
 */
export const postKeptAlive: Post = (url, headers, body, timeoutMs) =>
  new Promise((resolve, reject) => {
    const target = new URL(url);
    const isSecure = target.protocol === "https:";
    const request = (isSecure ? https : http).request(target, {
      method: "POST",
      agent: AGENTS[isSecure ? "https:" : "http:"],
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    request.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.once("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) request.destroy(new Error(TOO_MANY_BYTES));
      });
      // An answer that was cut off ends with an error, never with "end".
      response.once("error", (error) => {
        clearTimeout(timer);
        reject(error);
      });
      response.once("end", () => {
        clearTimeout(timer);
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    request.end(body);
  });
