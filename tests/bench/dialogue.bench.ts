/**
 * `deno task bench micro`: what a dialogue costs beside its cryptography and its store.
 *
 * @module
 */
import { parseReply } from "../../lib/protocol/replies.ts";
import { IdentifyDialogue } from "../../lib/protocol/server_dialogue.ts";
import { ScramClient } from "../../lib/auth/scram.ts";
import { deriveKeys } from "../../lib/auth/verifier.ts";

const KNOWN = { findHost: () => Promise.resolve("Anna"), putHost: () => Promise.resolve() };
const UNKNOWN = { findHost: () => Promise.resolve(null), putHost: () => Promise.resolve() };

Deno.bench({ name: "identify, a known host", group: "dialogue" }, async () => {
  await new IdentifyDialogue(KNOWN, { language: "en" }).greeting();
});

Deno.bench({ name: "identify, a new host", group: "dialogue" }, async () => {
  const dialogue = new IdentifyDialogue(UNKNOWN, { language: "en" });
  await dialogue.greeting();
  await dialogue.receive("Anna");
});

const REPLY = `235 [TOKEN es1.${"a".repeat(22)}.${"b".repeat(43)} 2026-01-02T00:00:00Z] Welcome back, Anna.`;
Deno.bench({ name: "parseReply", group: "replies" }, () => {
  parseReply(REPLY);
});

Deno.bench({ name: "ScramClient.first", group: "SCRAM" }, () => {
  new ScramClient({ name: "anna", password: "correct horse", nonce: "nonce" }).first();
});

for (const iterations of [4096, 600_000]) {
  Deno.bench({ name: `${iterations} rounds of PBKDF2`, group: "SCRAM" }, async () => {
    await deriveKeys("correct horse", { salt: new Uint8Array(16), iterations });
  });
}
