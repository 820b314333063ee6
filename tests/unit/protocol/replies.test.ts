import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError, UsageError } from "../../../lib/base/errors.ts";
import {
  formatExpiry,
  formatReply,
  parseExpiry,
  parseReply,
  type Reply,
  REPLY_CODES,
} from "../../../lib/protocol/replies.ts";

const ACCEPTED: Readonly<Record<string, Reply>> = {
  "230 Welcome back, Anna.": { code: 230, tags: {}, text: "Welcome back, Anna." },
  "331 [AUTH SCRAM-SHA-256 TOKEN PLAIN] Как вас зовут?": {
    code: 331,
    tags: { AUTH: ["SCRAM-SHA-256", "TOKEN", "PLAIN"] },
    text: "Как вас зовут?",
  },
  "235 [SCRAM dj0=] [TOKEN es1.a.b 2026-01-02T03:04:05Z] Hi": {
    code: 235,
    tags: { SCRAM: ["dj0="], TOKEN: ["es1.a.b", "2026-01-02T03:04:05Z"] },
    text: "Hi",
  },
  "501 [TAKEN] That name is taken.": { code: 501, tags: { TAKEN: [] }, text: "That name is taken." },
  "334 cj1hLHM9": { code: 334, tags: {}, text: "cj1hLHM9" },
  "220 [X-NEW a=b;c,d] brackets [later] are text": {
    code: 220,
    tags: { "X-NEW": ["a=b;c,d"] },
    text: "brackets [later] are text",
  },
};

for (const [message, reply] of Object.entries(ACCEPTED)) {
  Deno.test(`parseReply() and formatReply() agree on ${JSON.stringify(message)}`, () => {
    assertEquals(parseReply(message), reply);
    assertEquals(formatReply(reply.code, reply.text, reply.tags), message);
  });
}

const REFUSED = [
  "",
  "230",
  "230 ",
  "230Welcome",
  "230-Welcome",
  "23 Welcome",
  "2300 Welcome",
  " 230 Welcome",
  "200 a code that is not ours",
  "+30 Welcome",
  "٢٣٠ Welcome",
  "toString x",
  "331 [AUTH",
  "331 [AUTH]",
  "331 [AUTH] ",
  "331 [auth A] name?",
  "331 [] name?",
  "331 [AUTH  A] name?",
  "331 [AUTH A ] name?",
  "331 [AUTH A][B] name?",
  "331 [AUTH A] [AUTH B] name?",
  "331 [AUTH Ä] name?",
  "331 [1AUTH] name?",
  "230 two\nlines",
  "230 escape \u001b[31m",
  "230 C1 \u0085",
  "230 NUL \u0000",
  "230 lone \ud800",
  "hello",
];

for (const message of REFUSED) {
  Deno.test(`parseReply() refuses ${JSON.stringify(message)}`, () => {
    assertEquals(assertThrows(() => parseReply(message), ProtocolError, "Cannot read").code, "bad_reply");
  });
}

Deno.test("parseReply() takes a tag named like a property of Object", () => {
  assertEquals(parseReply("230 [CONSTRUCTOR x] hi").tags.CONSTRUCTOR, ["x"]);
  assertEquals(Object.keys(parseReply("230 hi").tags), []);
});

Deno.test("formatReply() writes nothing that parseReply() would read otherwise", () => {
  assertThrows(() => formatReply(230, ""), UsageError);
  assertThrows(() => formatReply(230, "[TOKEN x] forged"), UsageError);
  assertThrows(() => formatReply(230, "two\r\nlines"), UsageError);
  assertThrows(() => formatReply(235, "hi", { TOKEN: ["a b]"] }), UsageError);
  assertThrows(() => formatReply(235, "hi", { token: [] }), UsageError);
});

Deno.test("REPLY_CODES holds the codes of the design", () => {
  assertEquals(Object.keys(REPLY_CODES).map(Number), [
    220,
    230,
    235,
    331,
    332,
    333,
    334,
    421,
    500,
    501,
    530,
    534,
    535,
    552,
  ]);
});

Deno.test("formatExpiry() and parseExpiry() agree to the second", () => {
  const time = Date.UTC(2026, 1, 28, 23, 59, 59);
  assertEquals(formatExpiry(time + 999), "2026-02-28T23:59:59Z");
  assertEquals(parseExpiry("2026-02-28T23:59:59Z"), time);
  for (const text of ["", "1700000000", "2026-02-28", "2026-13-28T23:59:59Z", "2026-02-28T23:59:59.000Z", "now"]) {
    assertEquals(parseExpiry(text), undefined);
  }
});
