import { createPasskey } from "../../helpers/identity/actors.ts";
import { describeAlike } from "../../helpers/identity/describeAlike.ts";

const SEED = new Uint8Array(32).fill(0xc1);
const ORIGIN = `"origin":"https://a.example"`;

const CLIENT_DATA: readonly (readonly [
  what: string,
  clientDataOf: (challenge: string) => string | Uint8Array,
  isAccepted: boolean,
])[] = [
  ["as browsers write it", (c) => `{"type":"webauthn.get","challenge":"${c}",${ORIGIN}}`, true],
  ["with space around it", (c) => ` \t\r\n{"challenge":"${c}" , ${ORIGIN} } `, true],
  ["with a form feed", (c) => `\f{"challenge":"${c}",${ORIGIN}}`, false],
  ["with a byte order mark", (c) => `\uFEFF{"challenge":"${c}",${ORIGIN}}`, false],
  ["with more behind it", (c) => `{"challenge":"${c}",${ORIGIN}}x`, false],
  ["with a comma at the end", (c) => `{"challenge":"${c}",${ORIGIN},}`, false],
  ["with two challenges", (c) => `{"challenge":"${c}","challenge":"${c}",${ORIGIN}}`, false],
  ["with two origins", (c) => `{"challenge":"${c}",${ORIGIN},${ORIGIN}}`, false],
  [
    "with a second origin in escapes",
    (c) => `{"challenge":"${c}",${ORIGIN},"\\u006frigin":"a"}`,
    false,
  ],
  ["with its only origin in escapes", (c) => `{"challenge":"${c}","\\u006frigin":"a"}`, true],
  ["with two types", (c) => `{"type":1,"type":2,"challenge":"${c}",${ORIGIN}}`, true],
  [
    "with two origins further in",
    (c) => `{"x":{${ORIGIN},${ORIGIN}},"challenge":"${c}",${ORIGIN}}`,
    true,
  ],
  [
    "with the origin in its prototype",
    (c) => `{"__proto__":{${ORIGIN}},"challenge":"${c}"}`,
    false,
  ],
  [
    "with brackets in text",
    (c) => `{"x":"\\",\\"origin\\":1,{[","challenge":"${c}",${ORIGIN}}`,
    true,
  ],
  ["without an origin", (c) => `{"challenge":"${c}"}`, false],
  ["with no origin", (c) => `{"challenge":"${c}","origin":null}`, false],
  ["with a number as the origin", (c) => `{"challenge":"${c}","origin":1}`, false],
  ["with an object as the origin", (c) => `{"challenge":"${c}","origin":{}}`, false],
  ["with half a pair as the origin", (c) => `{"challenge":"${c}","origin":"\\ud800"}`, false],
  ["with a pair as the origin", (c) => `{"challenge":"${c}","origin":"\\ud83d\\ude00"}`, true],
  ["with half a pair as a key", (c) => `{"\\ud800":1,"challenge":"${c}",${ORIGIN}}`, false],
  ["with half a pair as a value", (c) => `{"x":"\\ud800","challenge":"${c}",${ORIGIN}}`, true],
  [
    "with half a pair as a key further in",
    (c) => `{"x":{"\\ud800":1},"challenge":"${c}",${ORIGIN}}`,
    true,
  ],
  ["with no UTF-8 as a value", (c) => raw(`{"x":"\xff","challenge":"${c}",${ORIGIN}}`), true],
  ["with no UTF-8 as a key", (c) => raw(`{"\xff":1,"challenge":"${c}",${ORIGIN}}`), false],
  ["with no UTF-8 further in", (c) => raw(`{"x":{"\xff":1},"challenge":"${c}",${ORIGIN}}`), true],
  ["with no UTF-8 as the origin", (c) => raw(`{"challenge":"${c}","origin":"\xff"}`), false],
  ["with other letters", (c) => `{"é€😀":1,"challenge":"${c}","origin":"é€😀"}`, true],
  ["with a hard space", (c) => raw(`{"challenge":"${c}",\xa0${ORIGIN}}`), false],
  ["with a control character in text", (c) => `{"x":"\u0001","challenge":"${c}",${ORIGIN}}`, false],
  ["with a thousand lists", (c) => `{"x":${nested(1000)},"challenge":"${c}",${ORIGIN}}`, true],
  ["with a number beyond all", (c) => `{"x":1e999,"challenge":"${c}",${ORIGIN}}`, true],
  ["with a number from 0", (c) => `{"x":01,"challenge":"${c}",${ORIGIN}}`, false],
  ["with the challenge padded", (c) => `{"challenge":"${c}=",${ORIGIN}}`, false],
  [
    "with the challenge in escapes",
    (c) => `{"challenge":"\\u00${hexOf(c[0])}${c.slice(1)}",${ORIGIN}}`,
    true,
  ],
  ["as a list", (c) => `["https://a.example","${c}"]`, true],
  ["as a list in another order", (c) => `["${c}","https://a.example"]`, false],
  ["as a list of three", (c) => `["https://a.example","${c}",1]`, false],
  ["as a list with a list", (c) => `["https://a.example",["${c}"]]`, false],
  ["as nothing", () => "null", false],
  ["of no bytes", () => "", false],
];

describeAlike(
  "client data of a passkey",
  CLIENT_DATA.map(([what, clientDataOf, isAccepted]) => [
    what,
    createPasskey(SEED, { clientDataOf }),
    isAccepted,
  ]),
);

function raw(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

function hexOf(character = ""): string {
  return character.charCodeAt(0).toString(16);
}
