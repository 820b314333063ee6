/**
 * What is fuzzed without any I/O: each target is a property over generated input. `deno task fuzz` runs them for minutes,
 * tests/property/fuzz.test.ts a few hundred cases of each.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { parseClientFirst } from "../../lib/auth/scram/messages.ts";
import { ScramServer } from "../../lib/auth/scram.ts";
import { parseVerifier } from "../../lib/auth/verifier.ts";
import { parseIp } from "../../lib/base/address.ts";
import { NetworkError, ProtocolError } from "../../lib/base/errors.ts";
import { FramedConn } from "../../lib/framed_conn.ts";
import { framingFrom } from "../../lib/framing/framing.ts";
import { parseProxyHeader, proxyHeader } from "../../lib/net/proxy_protocol.ts";
import { decodeText, encodeText } from "../../lib/protocol/commands.ts";
import { formatReply, parseReply, REPLY_CODES, type ReplyCode } from "../../lib/protocol/replies.ts";
import { AuthDialogue, IdentifyDialogue } from "../../lib/protocol/server_dialogue.ts";
import fc from "../support/fast_check.ts";
import { CHARACTER } from "../support/character.ts";
import { FakeWire } from "../support/fake_wire.ts";
import { concat } from "../../lib/base/bytes.ts";
import { bytesOf, decodeAll, scanAll, vectors } from "../support/framing_vectors.ts";
import { FakeWorld, Line } from "../unit/protocol/fake_services.ts";
import scram from "../vectors/scram.json" with { type: "json" };

/** Something to be fuzzed. */
export interface FuzzTarget {
  readonly name: string;
  readonly property: fc.IRawProperty<unknown>;
}

const FRAMINGS = ["u8", "u16", "u16le", "u32", "u32le", "dec:3", "dec:8", "hex:4", "netstring", "line", "raw"] as const;
const LIMIT = 2000;

/** Bytes that look like headers, digits and delimiters more often than chance would have it; vectors, and what is near them. */
export const WIRE: fc.Arbitrary<Uint8Array> = fc.array(
  fc.oneof(
    fc.constantFrom(...vectors.good, ...vectors.bad, ...vectors.cut).map(({ wire }) => bytesOf(wire)),
    fc.array(
      fc.oneof(
        fc.constantFrom(0x00, 0x01, 0x05, 0x0a, 0x0d, 0x20, 0x2b, 0x2c, 0x30, 0x31, 0x39, 0x3a, 0x66, 0x7f, 0x80, 0xff),
        fc.integer({ min: 0, max: 255 }),
      ),
      { maxLength: 60 },
    ).map((array) => Uint8Array.from(array)),
    fc.uint8Array({ maxLength: 3000 }).map((payload) => framingFrom("u32").encode(new Uint8Array(payload))),
  ),
  { maxLength: 6 },
).map((parts) => concat(...parts));

const POINTS = fc.array(fc.nat(), { maxLength: 12 });

/** Cuts a stream to pieces. */
function cut(stream: Uint8Array, points: readonly number[]): Uint8Array[] {
  const at = [...new Set(points.map((point) => point % (stream.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, index) => stream.subarray(start, at[index] ?? stream.length))
    .filter((part) => part.length > 0);
}

/** What a dialogue may hear from somebody who knows no password and no token. */
export const SAID: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "anna",
    "*",
    "",
    "AUTH",
    "AUTH TOKEN x",
    `AUTH TOKEN es1.${"A".repeat(22)}.${"A".repeat(43)}`,
    `LOGOUT es1.${"A".repeat(22)}.${"A".repeat(43)}`,
    `REGISTER ${encodeText("anna")} ${scram.user.verifier}`,
    ...scram.badClients.map(({ clientFirst }) => `AUTH SCRAM-SHA-256 ${encodeText(clientFirst)}`),
    ...scram.badClients.flatMap(({ clientFinal }) => clientFinal === undefined ? [] : [encodeText(clientFinal)]),
    `AUTH SCRAM-SHA-256 ${encodeText("n,,n=anna,r=x")}`,
  ),
  fc.string({ unit: CHARACTER, maxLength: 60 }),
  fc.string({ maxLength: 60 }).map((text) => `AUTH SCRAM-SHA-256 ${encodeText(`n,,n=anna,${text}`)}`),
).filter((text) => text !== scram.user.password);

const scanners = fc.property(fc.constantFrom(...FRAMINGS), WIRE, POINTS, (framing, stream, points) => {
  const whole = decodeAll(framing, LIMIT, [stream]);
  const pieces = decodeAll(framing, LIMIT, cut(stream, points));
  if (framing === "raw") assertEquals(concat(...pieces.payloads), stream);
  else assertEquals([pieces.payloads, pieces.code, pieces.isCut], [whole.payloads, whole.code, whole.isCut]);
  assert(framing === "raw" || whole.payloads.every((payload) => payload.length <= LIMIT));
  assert(whole.valid <= stream.length);
  if (framing !== "raw") assertEquals(scanAll(framing, LIMIT, [stream]).frames, whole.payloads.length);
});

const receiving = fc.asyncProperty(fc.constantFrom(...FRAMINGS), WIRE, POINTS, fc.boolean(), async (...input) => {
  const [framing, stream, points, isLost] = input;
  const end = isLost ? new Deno.errors.ConnectionReset("reset") : null;
  const conn = new FramedConn(new FakeWire([...cut(stream, points), end]), {
    framing: framingFrom(framing),
    maxFrame: LIMIT,
  });
  const received: Uint8Array[] = [];
  const all = async (): Promise<void> => {
    for await (const payload of conn) received.push(payload);
  };
  const error = await all().catch((error: unknown) => error);
  const { payloads, code, isCut } = decodeAll(framing, LIMIT, cut(stream, points));
  assertEquals(concat(...received), concat(...payloads));
  if (framing !== "raw") assertEquals(received, payloads);
  if (code !== undefined) assertEquals<unknown>(error instanceof ProtocolError && error.code, code);
  else if (isLost) assert(error instanceof NetworkError, `${error}`);
  else if (isCut) assertEquals(error instanceof ProtocolError && error.code, "truncated_frame");
  else assertEquals(error, undefined);
  conn.close();
});

const echoing = fc.asyncProperty(
  fc.constantFrom(...FRAMINGS),
  WIRE,
  POINTS,
  fc.integer({ min: 1, max: 5000 }),
  async (framing, stream, points, writeSize) => {
    const wire = new FakeWire([...cut(stream, points), null], { writeSize });
    const conn = new FramedConn(wire, { framing: framingFrom(framing), maxFrame: LIMIT });
    const error = await conn.echo().catch((error: unknown) => error);
    assert(error === undefined || error instanceof ProtocolError, `${error}`);
    const { valid, code, isCut } = scanAll(framing, LIMIT, cut(stream, points));
    assertEquals(wire.written, stream.subarray(0, valid));
    assertEquals(
      error instanceof ProtocolError ? error.code : undefined,
      code ?? (isCut ? "truncated_frame" : undefined),
    );
    conn.close();
  },
);

const replies = fc.property(
  fc.oneof(
    fc.string({ unit: CHARACTER }),
    fc.tuple(
      fc.constantFrom(...Object.keys(REPLY_CODES), "999", "23"),
      fc.constantFrom(" ", "", "  ", " [", " [A] ", " [AUTH X Y] ", " [A] [A] ", " [a] ", " [A  B] "),
      fc.string({ unit: CHARACTER }),
    ).map((parts) => parts.join("")),
  ),
  (text) => {
    try {
      const { code, tags, text: words } = parseReply(text);
      assertEquals(formatReply(code, words, tags), text);
    } catch (error) {
      assert(error instanceof ProtocolError && (text.length < 12 || !error.message.includes(text)), `${error}`);
    }
  },
);

const formatted = fc.property(
  fc.constantFrom(...Object.keys(REPLY_CODES)).map((code) => Number(code) as ReplyCode),
  fc.string({ unit: CHARACTER }),
  fc.dictionary(fc.string({ maxLength: 6 }), fc.array(fc.string({ maxLength: 6 }), { maxLength: 3 }), { maxKeys: 3 }),
  (code, text, tags) => {
    const written = (() => {
      try {
        return formatReply(code, text, tags);
      } catch {
        return undefined;
      }
    })();
    if (written === undefined) return;
    const read = parseReply(written);
    assertEquals([read.code, read.text], [code, text]);
  },
);

const verifier = parseVerifier(scram.user.verifier);

const scramMessages = fc.asyncProperty(
  fc.oneof(fc.constantFrom(...scram.badClients, ...scram.good).map(({ clientFirst }) => clientFirst), fc.string()),
  fc.oneof(
    fc.constantFrom(...scram.badClients, ...scram.good).map(({ clientFinal }) => clientFinal ?? ""),
    fc.string({ unit: CHARACTER }),
    fc.string({ maxLength: 30 }).map((text) => `c=biws,r=x%,p=${text}`),
  ),
  async (first, final) => {
    const read = (() => {
      try {
        return parseClientFirst(first);
      } catch (error) {
        return error;
      }
    })();
    assert(!(read instanceof Error) || read instanceof ProtocolError, `${read}`);
    const server = new ScramServer({
      nonce: "aNonceThatNoVectorHas",
      findVerifier: (name) => Promise.resolve(name === scram.user.name ? verifier : undefined),
      mock: { key: new Uint8Array(32), iterations: 4096 },
    });
    const outcome = await server.first(first).then(() => server.final(final)).catch((error: unknown) => error);
    assert(outcome instanceof ProtocolError || (outcome as { ok?: boolean }).ok === false, `${outcome}`);
    const text = encodeText(first.toWellFormed());
    assertEquals(decodeText(text), first.toWellFormed());
  },
);

const authDialogue = fc.asyncProperty(fc.array(SAID, { maxLength: 12 }), fc.boolean(), async (messages, secure) => {
  const world = new FakeWorld();
  world.users.set("anna", { verifier: scram.user.verifier, disabled: false });
  const line = new Line(new AuthDialogue(world.services(), { secure, language: "en", maxAttempts: 5 }));
  parseReply(await line.greeting());
  for (const message of messages) {
    if (line.end !== "") break;
    parseReply(await line.say(message));
  }
  assert(line.accepted !== "anna");
  assertEquals(world.users.get("anna")?.verifier, scram.user.verifier);
});

const identifyDialogue = fc.asyncProperty(fc.array(SAID, { maxLength: 12 }), async (messages) => {
  const stored: string[] = [];
  const services = {
    findHost: () => Promise.resolve(null),
    putHost: (name: string) => Promise.resolve(stored.push(name)),
  };
  const line = new Line(new IdentifyDialogue(services, { language: "en" }));
  parseReply(await line.greeting());
  for (const message of messages) {
    if (line.end !== "") break;
    parseReply(await line.say(message));
  }
  assertEquals(stored, line.accepted === undefined ? [] : [line.accepted]);
});

const ENDS = fc.record({ hostname: fc.oneof(fc.ipV4(), fc.ipV6()), port: fc.integer({ min: 0, max: 65535 }) });

/** A header of the PROXY protocol, right, or spoilt in some places; type-length-values behind the addresses of version 2. */
export const PROXY: fc.Arbitrary<Uint8Array> = fc.tuple(
  fc.constantFrom("v1" as const, "v2" as const),
  fc.option(fc.tuple(ENDS, ENDS), { nil: [] }),
  fc.uint8Array({ maxLength: 40 }),
  fc.array(fc.tuple(fc.nat({ max: 70 }), fc.nat({ max: 255 })), { maxLength: 3 }),
).map(([version, [from, to], values, changes]) => {
  const header = proxyHeader(version, from, to);
  const long = version === "v1" ? header : concat(header.with(15, (header[15] ?? 0) + values.length), values.slice());
  for (const [at, byte] of changes) if (at < long.length) long[at] = byte;
  return long;
});

const proxyHeaders = fc.property(PROXY, WIRE, (header, behind) => {
  const bytes = concat(header, behind);
  const read = (end: number) => {
    try {
      return parseProxyHeader(bytes.subarray(0, end));
    } catch (error) {
      assert(error instanceof ProtocolError && error.code === "bad_proxy_header", `${error}`);
      return "refused";
    }
  };
  let first: ReturnType<typeof read>;
  for (let end = 0; end <= Math.min(bytes.length, 300); end++) {
    const now = read(end);
    // What it once is, it stays, whatever comes behind.
    if (first === undefined) first = now;
    else assertEquals(now, first);
  }
  if (first === undefined || first === "refused") return;
  assert(first.size <= bytes.length);
  if (first.source !== undefined) assertEquals(parseIp(first.source.hostname)?.address, first.source.hostname);
});

const proxyRoundTrip = fc.property(fc.constantFrom("v1" as const, "v2" as const), ENDS, ENDS, (version, from, to) => {
  const isOneFamily = from.hostname.includes(":") === to.hostname.includes(":");
  const header = parseProxyHeader(proxyHeader(version, from, to));
  const source = { hostname: parseIp(from.hostname)?.address ?? "", port: from.port };
  assertEquals(header?.source, isOneFamily ? source : undefined);
});

/** The targets that need nothing but the processor. */
export const TARGETS: readonly FuzzTarget[] = [
  { name: "scanners: any bytes in any chunks give frames or one mistake", property: scanners },
  { name: "FramedConn.receive(): frames, then a clean end or one error", property: receiving },
  { name: "FramedConn.echo(): what is good comes back, whatever the writes take", property: echoing },
  { name: "parseReply(): a reply that is written the same, or a ProtocolError", property: replies },
  { name: "formatReply(): what it writes is read back", property: formatted },
  { name: "ScramServer: no made-up message is a proof, none is more than a ProtocolError", property: scramMessages },
  { name: "AuthDialogue: accepts nobody as anna", property: authDialogue },
  { name: "IdentifyDialogue: stores the name it accepts, and no other", property: identifyDialogue },
  { name: "parseProxyHeader(): any bytes are one header or a refusal, however they are cut", property: proxyHeaders },
  { name: "proxyHeader(): what it writes is read back", property: proxyRoundTrip },
];
