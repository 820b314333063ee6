/**
 * Families that stand in the table of hostile input (tests/hostile/cases), and what is generated beside it: frames that
 * are nearly right, in every framing, and dialogues of somebody who knows no password.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { concat } from "../../../lib/base/bytes.ts";
import { framingFrom } from "../../../lib/framing/framing.ts";
import { decodeText, encodeText } from "../../../lib/protocol/commands.ts";
import { AuthClient, type Challenge, codeOf, PASSWORD, prove, registration, tokenOf } from "../../support/auth.ts";
import { scanAll } from "../../support/framing_vectors.ts";
import type { Group } from "../../support/hostile.ts";
import { dial, readToEnd, writeAll } from "../../support/net.ts";
import { between, oneOf } from "../../support/random.ts";
import { CASES } from "../cases/table.ts";
import type { Family, SuiteCase } from "../suite.ts";

const MAX_FRAME = 1024 * 1024;

/** What the table has of a group: in mode `any` against a server of mode `auth`, which does the most. */
function ofGroup(...groups: readonly Group[]): SuiteCase[] {
  return CASES.filter(({ group }) => groups.includes(group)).map((it) => ({
    name: `${it.group}: ${it.name}`,
    time: 60_000,
    run: async (kit) => {
      const target = await kit.target(it.mode === "any" ? "auth" : it.mode, it.framing ?? "u32");
      await it.run(target);
      await target.check();
    },
  }));
}

const FRAMINGS = [
  ...["u8", "u16", "u16le", "u32", "u32le", "u64", "u16incl", "u32incl", "varint", "dec:1", "dec:3", "dec:64", "hex:1"],
  ...["hex:4", "netstring", "line", "crlf", "until:0d0a0d0a", "raw"],
];
/** Bytes that mean something to one framing or another. */
const TELLING = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x2b, 0x2c, 0x2d, 0x30, 0x39, 0x3a, 0x66, 0x7f, 0x80, 0xff] as const;
const MUTATIONS = ["flips", "cuts", "inserts", "repeats", "swaps"] as const;

/** A stream of frames, changed in one way, in two or three places. */
function mutated(framing: string, how: typeof MUTATIONS[number], random: () => number): Uint8Array {
  const form = framingFrom(framing);
  const payload = (): Uint8Array =>
    Uint8Array.from({ length: between(random, 0, framing.endsWith(":1") ? 9 : 60) }, () => between(random, 0x61, 0x7a));
  let stream = concat(...Array.from({ length: between(random, 1, 5) }, () => form.encode(payload())));
  for (let times = between(random, 1, 3); times > 0; times--) {
    const at = between(random, 0, Math.max(0, stream.length - 1));
    const to = Math.min(stream.length, at + between(random, 1, 8));
    const telling = Uint8Array.from({ length: between(random, 1, 4) }, () => oneOf(random, TELLING));
    const [before, part, after] = [stream.subarray(0, at), stream.subarray(at, to), stream.subarray(to)];
    switch (how) {
      case "flips":
        stream = concat(before, part.map((byte) => byte ^ (1 << between(random, 0, 7))), after);
        break;
      case "cuts":
        stream = concat(before, after);
        break;
      case "inserts":
        stream = concat(before, telling, part, after);
        break;
      case "repeats":
        stream = concat(before, part, part, part, after);
        break;
      case "swaps":
        stream = concat(after, part, before);
    }
  }
  return stream;
}

const MUTATED: readonly SuiteCase[] = FRAMINGS.flatMap((framing) =>
  MUTATIONS.map((how): SuiteCase => ({
    name: `${framing}: frames that somebody ${how}`,
    run: async (kit, random) => {
      const { port } = await kit.server("--framing", framing);
      for (let times = 0; times < 4; times++) {
        const stream = mutated(framing, how, random);
        const { valid } = scanAll(framing, MAX_FRAME, [stream]);
        using conn = await dial(port);
        const reading = readToEnd(conn).catch(() => undefined);
        await writeAll(conn, stream).catch(() => {/* refused before all was sent */});
        await conn.closeWrite().catch(() => {});
        // A reset, because of bytes that the server did not read, can overtake what was returned.
        const returned = await reading;
        if (returned !== undefined) assertEquals(returned.toHex(), stream.subarray(0, valid).toHex(), stream.toHex());
      }
    },
  }))
);

const WORDS = [
  ...[
    "anna",
    "*",
    "",
    "AUTH",
    "REGISTER",
    "LOGOUT",
    "AUTH TOKEN x",
    `AUTH TOKEN es1.${"A".repeat(22)}.${"A".repeat(43)}`,
  ],
  ...[`REGISTER ${encodeText("anna")} SCRAM-SHA-256$`, `AUTH SCRAM-SHA-256 ${encodeText("n,,n=anna,r=x")}`],
  ...[
    encodeText("c=biws,r=x,p=AAAA"),
    "235 [TOKEN x y] Welcome",
    "short",
    "\u0000",
    "é".repeat(600),
    "AUTH SCRAM-SHA-256 =",
  ],
] as const;

const DIALOGUES: readonly SuiteCase[] = Array.from({ length: 30 }, (_, number): SuiteCase => ({
  name: `generated dialogue ${number + 1}`,
  run: async (kit, random) => {
    const target = await kit.target("auth", "u32");
    await using client = await target.client();
    for (let turns = between(random, 3, 12); turns > 0; turns--) {
      const answer = await deadline(client.say(oneOf(random, [WORDS[0], ...WORDS])), 20_000);
      // A name that nobody has may register.
      if (/^23[05] /.test(answer)) return assert(!answer.includes("anna"), `let in: ${answer}`);
      if (codeOf(answer) === "421" || answer === "end") break;
    }
  },
}));

/** Messages of a log-in that would be right, with one thing changed. Base64 is undone for that, and done again. */
const SCRAM_FIRST: readonly (readonly [string, (bare: string) => string])[] = [
  ["no gs2 header", (bare) => bare],
  ["channel binding that is not offered", (bare) => `p=tls-exporter,,${bare}`],
  ["channel binding without a name", (bare) => `p=,,${bare}`],
  ["an authorization identity", (bare) => `n,a=root,${bare}`],
  ["a mandatory extension", (bare) => `n,,m=x,${bare}`],
  ["attributes in another order", (bare) => `n,,${bare.split(",").toReversed().join(",")}`],
  ["no nonce", (bare) => `n,,${bare.split(",")[0]}`],
  ["an empty nonce", (bare) => `n,,${bare.split(",")[0]},r=`],
  ["a nonce of 600 characters", (bare) => `n,,${bare}${"x".repeat(600)}`],
  ["a nonce with a control character", (bare) => `n,,${bare}\u0007`],
  ["a nonce beyond ASCII", (bare) => `n,,${bare}é`],
  ["two names", (bare) => `n,,n=root,${bare}`],
  ["a name with a bare =", (bare) => `n,,${bare.replace("n=", "n==")}`],
  ["a name with NUL", (bare) => `n,,${bare.replace("n=", "n=\u0000")}`],
  ["a trailing comma", (bare) => `n,,${bare},`],
  ["spaces", (bare) => `n,, ${bare}`],
];

const SCRAM_FINAL: readonly (readonly [string, (final: string, challenge: Challenge) => string])[] = [
  ["a proof with one bit changed", (final) => changeProof(final, (proof) => proof.with(0, (proof[0] ?? 0) ^ 1))],
  [
    "a proof with its last bit changed",
    (final) => changeProof(final, (proof) => proof.with(31, (proof[31] ?? 0) ^ 0x80)),
  ],
  ["a proof of zeros", (final) => changeProof(final, () => new Uint8Array(32))],
  ["a proof of 31 bytes", (final) => changeProof(final, (proof) => proof.slice(0, 31))],
  ["a proof of 33 bytes", (final) => changeProof(final, (proof) => concat(proof, Uint8Array.of(0)))],
  ["no proof", (final) => final.slice(0, final.lastIndexOf(",p="))],
  ["an empty proof", (final) => final.slice(0, final.lastIndexOf(",p=") + 3)],
  ["two proofs", (final) => `${final},p=${"A".repeat(43)}=`],
  ["another nonce", (final) => final.replace(/r=./, "r=~")],
  ["the client's nonce alone", (final, { bare }) => final.replace(/r=[^,]+/, `r=${bare.split("r=")[1]}`)],
  ["a longer nonce", (final) => final.replace(/(r=[^,]+)/, "$1x")],
  ["channel binding `y`", (final) => final.replace("c=biws", `c=${encodeText("y,,")}`)],
  ["channel binding `p`", (final) => final.replace("c=biws", `c=${encodeText("p=tls-exporter,,")}`)],
  ["an authorization identity", (final) => final.replace("c=biws", `c=${encodeText("n,a=root,")}`)],
  ["no channel binding", (final) => final.replace("c=biws,", "")],
  ["attributes in another order", (final) => final.split(",").toReversed().join(",")],
  ["an extension behind the proof", (final) => `${final},x=1`],
  ["an extension before the proof, not signed", (final) => final.replace(",p=", ",x=1,p=")],
  ["capital letters", (final) => final.toUpperCase()],
  ["a NUL behind it", (final) => `${final}\u0000`],
  ["the server's message", (_, { serverFirst }) => serverFirst],
  ["100 commas", () => ",".repeat(100)],
];

function changeProof(final: string, change: (proof: Uint8Array) => Uint8Array): string {
  const cut = final.lastIndexOf(",p=") + 3;
  return final.slice(0, cut) + change(Uint8Array.fromBase64(final.slice(cut))).toBase64();
}

const SCRAM: readonly SuiteCase[] = [
  ...SCRAM_FIRST.map(([name, change]): SuiteCase => ({
    name: `client-first: ${name}`,
    run: async (kit) => {
      const target = await kit.target("auth", "u32");
      await using client = await target.client();
      const answer = await client.say(`AUTH SCRAM-SHA-256 ${encodeText(change(`n=anna,r=${crypto.randomUUID()}`))}`);
      assert(/^(501|334) /.test(answer), answer);
    },
  })),
  ...SCRAM_FINAL.map(([name, change]): SuiteCase => ({
    name: `client-final: ${name}`,
    run: async (kit) => {
      const server = await kit.server("--mode", "auth", "--registration", "open");
      const name = `u${crypto.randomUUID().slice(0, 8)}`;
      {
        await using stranger = await AuthClient.to(server.port);
        assertEquals(codeOf(await stranger.say(registration(name))), "235");
      }
      await using client = await AuthClient.to(server.port);
      const challenge = await client.challenge(name);
      const { message } = await prove(challenge, PASSWORD);
      const answer = await client.say(encodeText(change(decodeText(message) ?? "", challenge)));
      assert(/^(501|530) /.test(answer), answer);
      // The right one, on a connection of its own, is good all the same.
      await using other = await AuthClient.to(server.port);
      assertEquals(codeOf(await other.scram(name)), "235");
    },
  })),
];

const TOKENS: readonly (readonly [string, (token: string) => string])[] = [
  ...[4, 10, 25, 27, 30, 48, 60, 69].map((at) =>
    [
      `character ${at} changed`,
      (token: string) => token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1),
    ] as const
  ),
  ["its last character cut", (token) => token.slice(0, -1)],
  ["a character more", (token) => `${token}A`],
  ["another version", (token) => token.replace("es1", "es2")],
  ["capital letters", (token) => token.toUpperCase()],
  ["padding", (token) => `${token}=`],
  ["its id alone", (token) => token.split(".").slice(0, 2).join(".")],
  ["no id", (token) => `es1..${token.split(".")[2]}`],
  ["the next generation", (token) => token.replace(/^(es1\.\S{16})AAAAAA/, "$1AAAAAQ")],
];

const TOKEN_CASES: readonly SuiteCase[] = TOKENS.map(([name, change]) => ({
  name: `a token with ${name}`,
  run: async (kit) => {
    const target = await kit.target("auth", "u32");
    await using first = await target.client();
    const token = tokenOf(await first.say(registration(target.newName())));
    await using client = await target.client();
    const changed = change(token);
    const answer = await client.say(`AUTH TOKEN ${changed}`);
    assert(changed === token || /^(535|501) /.test(answer), answer);
    await using owner = await target.client();
    assertEquals(codeOf(await owner.say(`AUTH TOKEN ${token}`)), "235");
  },
}));

/** See the module. */
export const TABLE_FAMILIES: readonly Family[] = [
  { name: "framing", cases: [...ofGroup("framing", "content"), ...MUTATED] },
  { name: "dialogue", cases: [...ofGroup("dialogue"), ...DIALOGUES] },
  { name: "scram", cases: [...ofGroup("sasl"), ...SCRAM] },
  { name: "sessions", cases: [...ofGroup("sessions"), ...TOKEN_CASES] },
  { name: "storage", cases: ofGroup("storage") },
  { name: "system", cases: ofGroup("system") },
];
