import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  familyOf,
  firstToken,
  formatToken,
  hashSecret,
  isGenuine,
  judgeSession,
  nextToken,
  parseToken,
  sessionExpiry,
  type SessionRecord,
} from "../../../lib/auth/tokens.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const START = 1_700_000_000_000;

const KEY = new Uint8Array(32).fill(3);
const TOKEN = await firstToken(KEY, {
  family: new Uint8Array(12).map((_, at) => 17 * at),
  seed: new Uint8Array(16).map((_, at) => 255 - 7 * at),
});
const TEXT = formatToken(TOKEN);
const secretHash = await hashSecret(TOKEN);
const RECORD: SessionRecord = { generation: 0, secretHash, createdAt: START, lastUsedAt: START, replaced: [] };

function judge(record: Partial<SessionRecord>, now: number, generation = 0): string {
  return judgeSession({ ...RECORD, ...record }, { generation, secretHash, now });
}

Deno.test("parseToken() reads what formatToken() writes", () => {
  assertEquals(TEXT.length, 4 + 22 + 1 + 43);
  assertEquals(parseToken(TEXT), TOKEN);
});

Deno.test("familyOf() begins with the second of the log-in, and goes on with what is random", () => {
  const random = new Uint8Array(12).fill(0xee);
  assertEquals(familyOf(START + 999, random).toHex(), "6553f100" + "ee".repeat(8));
  assertEquals(random, new Uint8Array(12).fill(0xee));
});

Deno.test("hashSecret() is SHA-256 of the secret alone", async () => {
  const hash = await hashSecret({ ...TOKEN, secret: new Uint8Array(32) });
  assertEquals(hash.toHex(), "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925");
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
    assertEquals(await isGenuine(KEY, token), false);
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

Deno.test("nextToken() is the same for everyone with the key, and for nobody else", async () => {
  const next = await nextToken(KEY, TOKEN);
  assertEquals(await nextToken(KEY, TOKEN), next);
  assertEquals([next.family, next.generation], [TOKEN.family, 1]);
  assertEquals(parseToken(formatToken(next)), next);
  assertNotEquals(next.secret, TOKEN.secret);
  assertNotEquals((await nextToken(new Uint8Array(32), TOKEN)).secret, next.secret);
  assertEquals([await isGenuine(KEY, next), await isGenuine(new Uint8Array(32), next)], [true, false]);
  assertEquals(await isGenuine(KEY, { ...next, generation: 2 }), false, "a token of one generation is none of another");
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

Deno.test("judgeSession() takes a replaced token for 60 s, and for a copy after that", () => {
  const at = START + HOUR;
  const record = { generation: 1, replaced: [at] };
  assertEquals(judge(record, at), "grace");
  assertEquals(judge(record, at + 60 * SECOND), "grace");
  assertEquals(judge(record, at + 60 * SECOND + 1), "reused");
  assertEquals(judge(record, START + 2 * DAY), "reused", "the copy of an idle token is still a copy");
  assertEquals(judge(record, START + 7 * DAY), "absolute_expired", "nothing is left to revoke");
  assertEquals(
    judge({ generation: 600_000, replaced: [at] }, at),
    "reused",
    "the first token, after 600,000 rotations",
  );
  assertEquals(judge({ generation: 2, replaced: [at + 1, at] }, at + 2, 1), "grace");
});

Deno.test("judgeSession() tells who does not know the secret nothing else", () => {
  for (const now of [START, START + 8 * DAY]) {
    for (const other of [new Uint8Array(32), secretHash.slice(0, 31)]) {
      assertEquals(judgeSession(RECORD, { generation: 0, secretHash: other, now }), "wrong_secret");
    }
    assertEquals(judge({}, now, 1), "wrong_secret", "a generation of the future");
  }
});

Deno.test("judgeSession() takes nothing that a clock 12 years ahead has left behind", () => {
  const ahead = START + 12 * 365 * DAY;
  assertEquals(judge({ createdAt: ahead, lastUsedAt: ahead }, START), "absolute_expired");
  assertEquals(judge({ lastUsedAt: ahead }, START), "idle_expired");
  assertEquals(judge({ generation: 1, replaced: [ahead] }, START), "reused");
  assertEquals(judge({ createdAt: START + 60 * SECOND, lastUsedAt: START + 60 * SECOND }, START), "valid");
});

Deno.test("sessionExpiry() is the earlier of both ends", () => {
  assertEquals(sessionExpiry({ createdAt: START, lastUsedAt: START }), START + DAY);
  assertEquals(sessionExpiry({ createdAt: START, lastUsedAt: START + 6.5 * DAY }), START + 7 * DAY);
});
