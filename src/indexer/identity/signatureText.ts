import type { Identifier, IdentityAction, IdentityUpdate } from "./types.ts";

const NS_PER_SECOND = 1_000_000_000n;

const ADDED = {
  ethereum: ["Link address to inbox", "Address"],
  installation: ["Grant messaging access to app", "ID"],
  passkey: ["Link passkey to inbox", "Passkey"],
} as const;

const REVOKED = {
  ethereum: ["Unlink address from inbox", "Address"],
  installation: ["Revoke messaging access from app", "ID"],
  passkey: ["Unlink passkey from inbox", "Passkey"],
} as const;

/** The text that every signature of an update signs. The nonce is in it only through the inbox id. */
export function signatureText({
  inboxId,
  clientTimestampNs,
  actions,
}: IdentityUpdate<unknown>): string {
  return [
    "XMTP : Authenticate to inbox",
    "",
    `Inbox ID: ${inboxId}`,
    timeLine(clientTimestampNs),
    "",
    actions.map(actionLines).join("\n"),
    "",
    "For more info: https://xmtp.org/signatures",
  ].join("\n");
}

/** A client's time in nanoseconds as the line of the text: read as signed, floored to seconds. */
export function timeLine(clientTimestampNs: bigint): string {
  const ns = BigInt.asIntN(64, clientTimestampNs);
  const beyondSecond = ((ns % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  const seconds = Number((ns - beyondSecond) / NS_PER_SECOND);

  return `Current time: ${new Date(seconds * 1000).toISOString().replace(".000Z", "Z")}`;
}

function actionLines(action: IdentityAction<unknown>): string {
  switch (action.kind) {
    case "createInbox":
      return lines(["Create inbox", "Owner"], action.owner);
    case "addMember":
      return lines(ADDED[action.member.kind], action.member);
    case "revokeMember":
      return lines(REVOKED[action.member.kind], action.member);
    case "changeRecovery":
      return lines(["Change inbox recovery address", "Address"], action.recovery);
  }
}

function lines([title, label]: readonly [string, string], { value }: Identifier): string {
  return `- ${title}\n  (${label}: ${value})`;
}
