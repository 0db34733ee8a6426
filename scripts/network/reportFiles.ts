import { readFile } from "node:fs/promises";

import { z } from "zod";

import { libraryError } from "../../src/errors/libraryErrors.ts";
import type { XmtpError } from "../../src/errors/XmtpError.ts";
import { buildPayerReport, type BuiltPayerReport } from "../../src/reports/buildPayerReport.ts";
import type { NodeSignature } from "../../src/reports/collectSignatures.ts";
import type { UsageMessage } from "../../src/reports/createUsageLedger.ts";
import type { ReportDomain } from "../../src/reports/payerReportDigest.ts";

/** Numbers that may exceed 2^53 are decimal text; small ones may be numbers, too. */
const whole = z
  .union([
    z.string().regex(/^\d{1,20}$/u),
    z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  ])
  .transform((value) => BigInt(value));
const hex = z
  .string()
  .regex(/^0x[0-9a-f]*$/iu)
  .transform((text): `0x${string}` => `0x${text.slice(2)}`);
const base = { payer: z.string(), originatorNodeId: z.number().int(), sequenceId: whole };

const usageSchema = z.union([
  z.strictObject({
    ...base,
    originatorNs: whole,
    envelopeBytes: z.number().int(),
    retentionDays: z.number().int(),
  }),
  z.strictObject({ ...base, originatorNs: whole, feePicodollars: whole }),
  z.strictObject({ ...base, minute: z.number().int(), feePicodollars: whole }),
]) satisfies z.ZodType<UsageMessage>;

const signatureSchema = z.object({
  nodeId: z.number().int(),
  signature: hex,
}) satisfies z.ZodType<NodeSignature>;

const reportSchema = z.object({
  id: hex,
  report: z.object({
    originatorNodeId: z.number().int(),
    startSequenceId: whole,
    endSequenceId: whole,
    endMinuteSinceEpoch: z.number().int(),
    payersMerkleRoot: hex,
    nodeIds: z.array(z.number().int()),
  }),
  payerFees: z.array(z.object({ payer: z.string(), feePicodollars: whole })),
});

/** What a report file holds: plain JSON, without what follows from it. */
export function reportFileOf({ id, report, payerFees }: BuiltPayerReport): object {
  return { id, report, payerFees };
}

/**
 * Reads a report that `reports build` has written. Root and digest are computed again: a file of which something was
 * changed, or of another network, is refused.
 *
 * @throws {XmtpError} `INVALID_REPORT`, `INVALID_OPTION`
 */
export async function readReportFile(
  path: string,
  domain: ReportDomain,
): Promise<BuiltPayerReport> {
  const { id, report, payerFees } = parse(reportSchema, await readJson(path), path);
  const built = buildPayerReport({ ...report, payerFees, domain });
  if (built.report.payersMerkleRoot !== report.payersMerkleRoot.toLowerCase()) {
    throw refusal(path, "its fees do not give its root");
  }
  if (built.id !== id.toLowerCase()) {
    throw refusal(path, "its fields do not give its id on this network");
  }

  return built;
}

/** Reads what messages cost, one JSON object a line. @throws {XmtpError} `INVALID_USAGE`, `INVALID_OPTION` */
export async function readUsageFile(path: string): Promise<readonly UsageMessage[]> {
  return (await readLines(path)).map(({ value, line }) => {
    const parsed = usageSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw libraryError("INVALID_USAGE", `line ${line} of ${path} is not the usage of a message`, {
      hint: 'write {"payer": "0x...", "originatorNodeId": 100, "sequenceId": 1, "originatorNs": "...", "envelopeBytes": 200, "retentionDays": 60}, or feePicodollars in place of the last two',
    });
  });
}

/** Reads signatures as `reports sign` prints them, one a line. @throws {XmtpError} `INVALID_SIGNATURE`, `INVALID_OPTION` */
export async function readSignatureFile(path: string): Promise<readonly NodeSignature[]> {
  return (await readLines(path)).map(({ value, line }) => {
    const parsed = signatureSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw libraryError("INVALID_SIGNATURE", `line ${line} of ${path} is not a signature`, {
      hint: "collect the lines that `reports sign` prints",
    });
  });
}

async function readLines(
  path: string,
): Promise<readonly { readonly value: unknown; readonly line: number }[]> {
  return (await readText(path)).split("\n").flatMap((text, index) => {
    if (text.trim() === "") return [];
    const line = index + 1;
    try {
      return [{ value: JSON.parse(text) as unknown, line }];
    } catch {
      throw libraryError("INVALID_OPTION", `line ${line} of ${path} is not JSON`, {
        hint: "write one JSON object a line",
      });
    }
  });
}

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw libraryError("INVALID_OPTION", `${path} is not JSON`, {
      cause,
      hint: "pass a file that `reports build` has written",
    });
  }
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw libraryError("INVALID_OPTION", `${path} cannot be read: ${reason}`, {
      cause,
      hint: "pass the path of a file",
    });
  });
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  path: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(
    ({ path: at, message }) => `${at.join(".") || "the whole"}: ${message}`,
  );
  throw refusal(path, issues.join("; "));
}

function refusal(path: string, reason: string): XmtpError {
  return libraryError("INVALID_REPORT", `${path} is not a report: ${reason}`, {
    hint: "pass a file that `reports build` has written on this network",
  });
}
