import { jsonSchemaTransformObject } from "fastify-type-provider-zod";

const ANSWERS: Readonly<Record<string, string>> = {
  200: "the answer",
  400: "what was asked for makes no sense",
  404: "there is no such thing",
  409: "this replica is behind, or the cursor is of another chain: try again",
  410: "what was asked for was detached from the database",
  503: "not now: try again",
};
/** What the description has for an answer that it knows nothing of. */
const NO_DESCRIPTION = "Default Response";

/** Says what each status means, and drops the variants of schemas that are for requests, which have none of these. */
export function finishDescription(
  document: Parameters<typeof jsonSchemaTransformObject>[0],
): ReturnType<typeof jsonSchemaTransformObject> {
  const described = jsonSchemaTransformObject(document);
  const schemas = "components" in described ? described.components?.schemas : undefined;
  const text = JSON.stringify(described.paths);
  for (const name of Object.keys(schemas ?? {})) {
    const isUsed = text.includes(`"#/components/schemas/${name}"`);
    if (name.endsWith("Input") && !isUsed) delete schemas?.[name];
  }
  for (const path of Object.values(described.paths ?? {})) {
    for (const method of Object.values(path as Record<string, Described>)) {
      for (const [status, answer] of Object.entries(method.responses ?? {})) {
        if (answer.description === NO_DESCRIPTION) answer.description = ANSWERS[status] ?? "";
      }
    }
  }

  return JSON.parse(JSON.stringify(described), withoutSafeBounds) as typeof described;
}

/** That a number in JSON is one that JSON can hold need not be said. */
function withoutSafeBounds(key: string, value: unknown): unknown {
  const isBound = key === "minimum" || key === "maximum";

  return isBound && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER ? undefined : value;
}

interface Described {
  readonly responses?: Record<string, { description: string }>;
}
