import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  formatToken,
  hashSecret,
  judgeSession,
  makeToken,
  parseToken,
  sessionExpiry,
  type SessionRecord,
} from "../../../lib/auth/tokens.ts";
import { UsageError } from "../../../lib/base/errors.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const START = 1_700_000_000_000;

const TOKEN = makeToken(
  new Uint8Array(16).map((_, at) => 17 * at),
  new Uint8Array(32).map((_, at) => 255 - 7 * at),
);
const TEXT = formatToken(TOKEN);
const secretHash = await hashSecret(TOKEN);

function judge(record: Partial<SessionRecord>, now: number): string {
  return judgeSession({ secretHash, createdAt: START, lastUsedAt: START, replacedAt: null, ...record }, {
    secretHash,
    now,
  });
}

Deno.test("parseToken() reads what formatToken() writes", () => {
  assertEquals(TEXT.length, 4 + 22 + 1 + 43);
  assertEquals(parseToken(TEXT), TOKEN);
});

Deno.test("hashSecret() is SHA-256 of the secret alone", async () => {
  const zeros = makeToken(new Uint8Array(16), new Uint8Array(32));
  const hex = Array.from(await hashSecret(zeros), (byte) => byte.toString(16).padStart(2, "0")).join("");
  assertEquals(hex, "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925");
});

Deno.test("a token with any one bit flipped is not read, not found, or has another secret", async () => {
  const bytes = new TextEncoder().encode(TEXT);
  let read = 0;
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const token = parseToken(new TextDecoder().decode(flipped));
    if (token === undefined) continue;
    read++;
    if (token.id !== TOKEN.id) continue;
    const record = { secretHash, createdAt: START, lastUsedAt: START, replacedAt: null };
    assertEquals(judgeSession(record, { secretHash: await hashSecret(token), now: START }), "wrong_secret");
  }
  assert(read > 64, "some flips do give well-formed tokens");
});

const REFUSED: Readonly<Record<string, string>> = {
  "nothing": "",
  "another version": TEXT.replace("es1", "es2"),
  "a padded secret": `${TEXT}=`,
  "a line end": `${TEXT}\n`,
  "a leading space": ` ${TEXT}`,
  "a short id": TEXT.replace(/(?<=es1\.)./, ""),
  "a long secret": `${TEXT}A`,
  "standard base64": `es1.${"A".repeat(21)}+.${"A".repeat(43)}`,
  "a pad bit in the id": `es1.${"A".repeat(21)}B.${"A".repeat(43)}`,
  "a pad bit in the secret": `es1.${"A".repeat(22)}.${"A".repeat(42)}B`,
  "a fourth part": `${TEXT}.x`,
};

for (const [why, text] of Object.entries(REFUSED)) {
  Deno.test(`parseToken() refuses ${why}`, () => assertEquals(parseToken(text), undefined));
}

Deno.test("makeToken() demands 128 and 256 bits", () => {
  assertThrows(() => makeToken(new Uint8Array(15), new Uint8Array(32)), UsageError);
  assertThrows(() => makeToken(new Uint8Array(16), new Uint8Array(31)), UsageError);
  assertNotEquals(makeToken(new Uint8Array(16), new Uint8Array(32)).id, TOKEN.id);
});

Deno.test("judgeSession() ends a token that was idle for 24 h", () => {
  assertEquals(judge({}, START), "valid");
  assertEquals(judge({}, START + DAY - 1), "valid");
  assertEquals(judge({}, START + DAY), "idle_expired");
  assertEquals(judge({ lastUsedAt: START + 2 * DAY }, START + 3 * DAY - 1), "valid");
});

Deno.test("judgeSession() ends a family after 7 days, however busy it is", () => {
  assertEquals(judge({ lastUsedAt: START + 7 * DAY - 2 }, START + 7 * DAY - 1), "valid");
  assertEquals(judge({ lastUsedAt: START + 7 * DAY - 1 }, START + 7 * DAY), "absolute_expired");
});

Deno.test("judgeSession() takes a replaced token for 60 s, and for a thief's after that", () => {
  const replacedAt = START + HOUR;
  assertEquals(judge({ replacedAt }, replacedAt), "grace");
  assertEquals(judge({ replacedAt }, replacedAt + 60 * SECOND), "grace");
  assertEquals(judge({ replacedAt }, replacedAt + 60 * SECOND + 1), "reused");
  assertEquals(judge({ replacedAt }, START + 2 * DAY), "reused", "the copy of an idle token is still a copy");
  assertEquals(judge({ replacedAt }, START + 7 * DAY), "absolute_expired", "nothing is left to revoke");
});

Deno.test("judgeSession() tells who does not know the secret nothing else", () => {
  const other = new Uint8Array(32);
  for (const replacedAt of [null, START]) {
    for (const now of [START, START + 8 * DAY]) {
      const record = { secretHash, createdAt: START, lastUsedAt: START, replacedAt };
      assertEquals(judgeSession(record, { secretHash: other, now }), "wrong_secret");
      assertEquals(judgeSession(record, { secretHash: secretHash.slice(0, 31), now }), "wrong_secret");
    }
  }
});

Deno.test("sessionExpiry() is the earlier of both ends", () => {
  assertEquals(sessionExpiry({ createdAt: START, lastUsedAt: START }), START + DAY);
  assertEquals(sessionExpiry({ createdAt: START, lastUsedAt: START + 6.5 * DAY }), START + 7 * DAY);
});
