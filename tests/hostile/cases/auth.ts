/**
 * Rows about the dialogue, SASL and sessions, mode `auth`.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeText } from "../../../lib/protocol/commands.ts";
import { codeOf, prove, registration, tokenOf, VERIFIER } from "../../support/auth.ts";
import { concat } from "../../../lib/base/bytes.ts";
import { bytesOf } from "../../support/framing_vectors.ts";
import type { HostileCase } from "../../support/hostile.ts";
import { frame, writeAll } from "../../support/net.ts";
import scram from "../../vectors/scram.json" with { type: "json" };
import { talk } from "./rows.ts";

const NAME_REFUSED = /^501 /;
const FAKE_TOKEN = `es1.${"A".repeat(22)}.${"A".repeat(43)}`;
const NUL_FINAL = encodeText("c=biws,r=x,p=AAAA");

/** Names nobody may have. */
const NAMES: readonly (readonly [string, string])[] = [
  ["an empty name", ""],
  ["a name of 65 characters", "x".repeat(65)],
  ["a name of 4,096 bytes", "x".repeat(4096)],
  ["a name with a bidi override", "an\u202ena"],
  ["a name with an invisible character", "an\u200bna"],
  ["a name with NUL", "an\u0000na"],
  ["a name with a line end", "anna\r\n230 Welcome"],
  ["a name with terminal escapes", "\u001b[31manna"],
  ["a name of spaces", "   "],
  ["a name with two spaces", "an  na"],
  ["a name of SQL", "'; DROP TABLE user; --"],
  ["a path for a name", "../../etc/passwd"],
  ["a reply for a name", "235 [TOKEN x y] Welcome"],
];

const DIALOGUE: readonly HostileCase[] = [
  ...NAMES.map(([name, text]) => talk("dialogue", name, [[text, NAME_REFUSED], ["*", NAME_REFUSED]])),
  talk("dialogue", "commands without arguments", [["AUTH", /^501 /], ["REGISTER", /^501 /], ["LOGOUT", /^501 /]]),
  talk("dialogue", "commands with too many spaces", [
    ["AUTH  TOKEN x", /^501 /],
    ["AUTH TOKEN ", /^501 /],
    [`REGISTER  ${VERIFIER}`, /^501 /],
    ["LOGOUT x y", /^501 /],
  ]),
  talk("dialogue", "commands in lower case are names", [["auth token x", /^333 /], ["short", /^501 /]]),
  talk("dialogue", "a password where a name is wanted", [["correct horse battery staple", /^33[23] |^501 /]]),
  talk("dialogue", "names of the language's own objects", [
    ["__proto__", /^333 /],
    ["short", /^501 /],
    ["constructor", /^333 /],
    ["short", /^501 /],
  ]),
  talk("dialogue", "a new password too long", [["nobody-here", /^333 /], ["x".repeat(1025), /^501 /]]),
  talk("dialogue", "a registration with a cheap verifier", [
    [`REGISTER ${encodeText("cheap")} ${VERIFIER.replace("600000", "4096")}`, /^501 /],
    [`REGISTER ${encodeText("dear")} ${VERIFIER.replace("600000", "2000001")}`, /^501 /],
    [`REGISTER ${encodeText("none")} SCRAM-SHA-256$`, /^501 /],
    [`REGISTER ${encodeText("AUTH")} ${VERIFIER}`, /^501 /],
    [`REGISTER !!! ${VERIFIER}`, /^501 /],
  ]),
  talk("dialogue", "three failures close", [
    [`AUTH TOKEN ${FAKE_TOKEN}`, /^535 /],
    [`AUTH TOKEN ${FAKE_TOKEN}`, /^535 /],
    [`AUTH TOKEN ${FAKE_TOKEN}`, /^421 /],
    ["anna", /^end$/],
  ]),
  talk("dialogue", "100 mistakes close", [
    ...Array.from({ length: 99 }, () => ["", /^501 /] as const),
    ["", /^421 /],
    ["anna", /^end$/],
  ]),
  {
    ...{ group: "dialogue", name: "a name that is no UTF-8", mode: "auth" },
    sends: "c3 28 ff",
    must: "500, and the dialogue goes on",
    run: async (target) => {
      await using client = await target.client();
      await client.conn.send(Uint8Array.of(0xc3, 0x28, 0xff));
      assertMatch(await client.conn.receiveText() ?? "", /^500 /);
      assertMatch(await client.say(""), NAME_REFUSED);
    },
  },
  {
    ...{ group: "dialogue", name: "a message over 4 KiB before the log-in", mode: "auth" },
    sends: "4,097 bytes, and a header of 1 MiB",
    must: "552, then the end",
    run: async (target) => {
      for (const wire of [frame("x".repeat(4097)), bytesOf("\u0000\u0010\u0000\u0000")]) {
        await using client = await target.dialFramed();
        assertMatch(await client.receiveText() ?? "", /^331 /);
        using conn = await target.dial();
        await writeAll(conn, wire);
        const received = new TextDecoder().decode(await new Response(conn.readable).bytes());
        assert(received.includes("552 "), received);
      }
    },
  },
  {
    ...{ group: "dialogue", name: "everything at once before the greeting is read", mode: "auth" },
    sends: "90 bad names in one write, then the end of the client's side",
    must: "the greeting and 90 answers in order",
    run: async (target) => {
      using conn = await target.dial();
      await writeAll(conn, concat(...Array.from({ length: 90 }, (_, at) => frame(at % 2 === 0 ? "" : "AUTH"))));
      await conn.closeWrite();
      const codes = texts(await new Response(conn.readable).bytes()).map(codeOf);
      assertEquals(codes, ["331", ...Array.from({ length: 90 }, () => "501")]);
    },
  },
  {
    ...{ group: "dialogue", name: "50 clients that leave in every state", mode: "auth" },
    sends: "a part of a log-in, then a reset or the end",
    must: "others are served",
    run: async (target) => {
      const name = await target.newUser();
      const parts = [[], ["anna"], [name], [`AUTH SCRAM-SHA-256 ${encodeText(`n,,n=${name},r=x`)}`], ["AUTH"]];
      for (let times = 0; times < 50; times++) {
        await using client = await target.client();
        for (const message of parts[times % parts.length] ?? []) await client.say(message);
        await client.conn.send("one more, unread");
      }
    },
  },
  {
    ...{ group: "dialogue", name: "a client that leaves while its password is checked", mode: "auth" },
    sends: "a name, a password, and the end at once, twice",
    must: "others are served",
    run: async (target) => {
      const name = await target.newUser();
      for (let times = 0; times < 2; times++) {
        await using client = await target.client();
        assertMatch(await client.say(name), /^332 /);
        await client.conn.send("wrong password");
      }
    },
  },
];

/** Every vector of a client that does what RFC 5802 forbids. Their user is unknown here: whatever it is, it is refused. */
const VECTORS: readonly HostileCase[] = scram.badClients.map(({ name, clientFirst, clientFinal }) =>
  clientFinal === undefined
    ? talk("sasl", name, [[`AUTH SCRAM-SHA-256 ${encodeText(clientFirst)}`, /^501 /]])
    : talk("sasl", name, [
      [`AUTH SCRAM-SHA-256 ${encodeText(clientFirst)}`, /^334 /],
      [encodeText(clientFinal), /^530 /],
    ])
);

const SASL: readonly HostileCase[] = [
  ...VECTORS,
  talk("sasl", "other mechanisms", [
    [`AUTH PLAIN ${encodeText("\u0000anna\u0000password")}`, /^501 /],
    [`AUTH SCRAM-SHA-1 ${encodeText("n,,n=anna,r=x")}`, /^501 /],
    [`AUTH SCRAM-SHA-256-PLUS ${encodeText("p=tls-exporter,,n=anna,r=x")}`, /^501 /],
    ["AUTH CRAM-MD5 x", /^501 /],
  ]),
  talk("sasl", "a client-first that is no base64", [
    ["AUTH SCRAM-SHA-256 ***", /^501 /],
    ["AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9eA", /^501 /],
    ["AUTH SCRAM-SHA-256 =", /^501 /],
  ]),
  talk("sasl", "a cancelled exchange", [
    [`AUTH SCRAM-SHA-256 ${encodeText("n,,n=anna,r=x")}`, /^334 /],
    ["*", /^501 /],
    [NUL_FINAL, NAME_REFUSED],
  ]),
  talk("sasl", "a client-final without a client-first", [[NUL_FINAL, NAME_REFUSED]]),
  {
    ...{ group: "sasl", name: "a wrong password and an unknown name look the same", mode: "auth" },
    sends: "two whole exchanges with wrong proofs",
    must: "challenges of one form, and the same 530",
    run: async (target) => {
      const name = await target.newUser();
      const seen = [];
      for (const user of [name, target.newName()]) {
        await using client = await target.client();
        const challenge = await client.challenge(user, "fixed-nonce");
        const answer = await client.say((await prove(challenge, "wrong password")).message);
        seen.push([challenge.nonce.length, challenge.salt.length, challenge.iterations, answer]);
      }
      assertEquals(seen[0], seen[1]);
    },
  },
  {
    ...{ group: "sasl", name: "a proof that was good on another connection", mode: "auth" },
    sends: "a client-final a second time, after a challenge of its own",
    must: "530",
    run: async (target) => {
      const name = await target.newUser();
      await using first = await target.client();
      const { message } = await prove(await first.challenge(name, "fixed-nonce"), "correct horse battery staple");
      assertMatch(await first.say(message), /^235 /);
      await using second = await target.client();
      await second.challenge(name, "fixed-nonce");
      assertMatch(await second.say(message), /^530 /);
    },
  },
  {
    ...{ group: "sasl", name: "a proof for another user's challenge", mode: "auth" },
    sends: "the proof of one user in the exchange of another",
    must: "530, and the session of nobody",
    run: async (target) => {
      const [mine, other] = [await target.newUser(), await target.newUser()];
      await using client = await target.client();
      const challenge = await client.challenge(other);
      const forged = await prove({ ...challenge, bare: challenge.bare.replace(other, mine) }, "wrong password");
      assertMatch(await client.say(forged.message), /^530 /);
    },
  },
];

const SESSIONS: readonly HostileCase[] = [
  talk("sessions", "tokens that are none", [["AUTH TOKEN x", /^535 /], [`AUTH TOKEN ${FAKE_TOKEN}.x`, /^535 /]]),
  talk("sessions", "a token that looks good", [[`AUTH TOKEN ${FAKE_TOKEN}`, /^535 /], [
    `LOGOUT ${FAKE_TOKEN}`,
    /^220 /,
  ]]),
  {
    ...{ group: "sessions", name: "a known token's id with another secret", mode: "auth" },
    sends: "the token with another secret, to log in and to log out",
    must: "535 and 220, and the token is as good as before",
    run: async (target) => {
      const token = await newToken(target);
      const forged = `${token.slice(0, token.lastIndexOf("."))}.${"A".repeat(43)}`;
      await using client = await target.client();
      assertMatch(await client.say(`AUTH TOKEN ${forged}`), /^535 /);
      assertMatch(await client.say(`LOGOUT ${forged}`), /^220 /);
      assertMatch(await client.say(`AUTH TOKEN ${token}`), /^235 /);
    },
  },
  {
    ...{ group: "sessions", name: "a token after its log-out", mode: "auth" },
    sends: "LOGOUT, then the token, then LOGOUT again",
    must: "220, 535, 220",
    run: async (target) => {
      const token = await newToken(target);
      await using client = await target.client();
      assertMatch(await client.say(`LOGOUT ${token}`), /^220 /);
      assertMatch(await client.say(`AUTH TOKEN ${token}`), /^535 /);
      assertMatch(await client.say(`LOGOUT ${token}`), /^220 /);
    },
  },
  {
    ...{ group: "sessions", name: "a log-out ends the session that is open", mode: "auth" },
    sends: "LOGOUT with the token of an open session",
    must: "the session's connection ends",
    run: async (target) => {
      await using open = await target.client();
      const token = tokenOf(await open.say(registration(target.newName())));
      await using other = await target.client();
      assertMatch(await other.say(`LOGOUT ${token}`), /^220 /);
      assertEquals(await open.conn.receive().catch(() => null), null);
    },
  },
  {
    ...{ group: "sessions", name: "one token on 20 connections at once", mode: "auth" },
    sends: "the same token, 20 times",
    must: "235 to each, within the grace of a minute",
    run: async (target) => {
      const token = await newToken(target);
      const answers = await Promise.all(Array.from({ length: 20 }, async () => {
        await using client = await target.client();
        return codeOf(await client.say(`AUTH TOKEN ${token}`));
      }));
      assertEquals(new Set(answers), new Set(["235"]));
    },
  },
  {
    ...{ group: "sessions", name: "30 log-ins of one user", mode: "auth" },
    sends: "whole exchanges, more than a user has sessions",
    must: "235 to each",
    run: async (target) => {
      const name = await target.newUser();
      for (let times = 0; times < 30; times++) {
        await using client = await target.client();
        assertMatch(await client.scram(name), /^235 /);
      }
    },
  },
  {
    ...{ group: "sessions", name: "commands inside a session are echoed", mode: "auth" },
    sends: "AUTH, LOGOUT, REGISTER and * after the log-in",
    must: "each comes back",
    run: async (target) => {
      await using client = await target.client();
      assertMatch(await client.say(registration(target.newName())), /^235 /);
      for (const message of ["AUTH", `LOGOUT ${FAKE_TOKEN}`, registration("x"), "*", ""]) {
        assertEquals(await client.say(message), message);
      }
    },
  },
  {
    ...{ group: "sessions", name: "an echo sent together with the last message of the log-in", mode: "auth" },
    sends: "REGISTER and three frames in one write, one of them over 4 KiB",
    must: "235, then the three frames",
    run: async (target) => {
      const echoes = concat(frame("one"), frame("x".repeat(5000)), frame("three"));
      using conn = await target.dial();
      await writeAll(conn, concat(frame(registration(target.newName())), echoes));
      await conn.closeWrite();
      const [greeting = "", welcome = "", ...rest] = texts(await new Response(conn.readable).bytes());
      assertEquals([codeOf(greeting), codeOf(welcome)], ["331", "235"]);
      assertEquals(rest, ["one", "x".repeat(5000), "three"]);
    },
  },
];

/** Rows of mode `auth`. */
export const AUTH_CASES: readonly HostileCase[] = [...DIALOGUE, ...SASL, ...SESSIONS];

async function newToken(target: Parameters<HostileCase["run"]>[0]): Promise<string> {
  await using client = await target.client();
  return tokenOf(await client.say(registration(target.newName())));
}

/** The payloads of a stream of whole frames. */
function texts(stream: Uint8Array): string[] {
  const found: string[] = [];
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  for (let at = 0; at < stream.length;) {
    const length = view.getUint32(at);
    found.push(new TextDecoder().decode(stream.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return found;
}
