import { createCipheriv, createHash } from "node:crypto";

/** Returns a function to get so many bytes that look random and are the same for the same seed, a gigabyte a second. */
export function createKeystream(seed: string): (bytes: number) => Buffer {
  const digest = createHash("sha512").update(seed).digest();
  const cipher = createCipheriv("aes-256-ctr", digest.subarray(0, 32), digest.subarray(32, 48));

  return (bytes) => cipher.update(Buffer.alloc(bytes));
}
