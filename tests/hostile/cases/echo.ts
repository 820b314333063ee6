/**
 * Rows about frames and what is in them, mode `echo`.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { frame, writeAll } from "../../support/net.ts";
import { concat } from "../../../lib/base/bytes.ts";
import { bytesOf, vectors } from "../../support/framing_vectors.ts";
import type { HostileCase } from "../../support/hostile.ts";
import { stream } from "./rows.ts";

const MIB = 1024 * 1024;
const GOOD = concat(frame("one"), frame(""), frame("three"));
const FULL = new Uint8Array(MIB).map((_, at) => at % 251);
const NESTED = frame(concat(frame("a"), bytesOf("\u00ff\u00ff\u00ff\u00ff"), frame("b")));

/** Other protocols' first bytes: as lengths they are over every limit. */
const STRANGERS: readonly (readonly [string, string])[] = [
  ["an HTTP request", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a TLS hello", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"],
  ["an SSH banner", "SSH-2.0-OpenSSH_9.6\r\n"],
  ["a Redis command", "*1\r\n$4\r\nPING\r\n"],
  ["text and a line end", "hello\n"],
  ["a SOCKS 4 request", "\u0004\u0001\u0000\u0050\u007f\u0000\u0000\u0001\u0000"],
];

const FRAMING: readonly HostileCase[] = [
  stream("framing", "length 0xFFFFFFFF", { sends: "\u00ff\u00ff\u00ff\u00ff", returns: "" }),
  stream("framing", "length 0xFFFFFFFF and 5,000 bytes", {
    sends: `\u00ff\u00ff\u00ff\u00ff${"x".repeat(5000)}`,
    returns: "",
  }),
  stream("framing", "length with the sign bit", { sends: "\u0080\u0000\u0000\u0001", returns: "" }),
  stream("framing", "a small length in little-endian", { sends: "\u0005\u0000\u0000\u0000hello", returns: "" }),
  stream("framing", "one byte over the limit, the header alone", { sends: "\u0000\u0010\u0000\u0001", returns: "" }),
  stream("framing", "over the limit behind good frames", {
    sends: concat(GOOD, bytesOf("\u0000\u0010\u0000\u0001")),
    returns: GOOD,
  }),
  stream("framing", "over the limit, and 8 MiB behind it", {
    sends: concat(bytesOf("\u00ff\u00ff\u00ff\u00ff"), new Uint8Array(8 * MIB)),
    returns: "",
  }),
  stream("framing", "a frame of exactly the limit", { sends: frame(FULL), finish: true }),
  stream("framing", "10,000 empty frames at once", { sends: new Uint8Array(40_000), finish: true }),
  stream("framing", "a frame of frames and bad headers", { sends: NESTED, finish: true }),
  stream("framing", "frames, then the end of the client's side", { sends: GOOD, finish: true }),
  stream("framing", "nothing but the end of the client's side", { sends: "", finish: true }),
  ...[1, 2, 3].map((length) =>
    stream("framing", `a header cut after ${length} bytes`, {
      sends: concat(GOOD, new Uint8Array(length)),
      returns: GOOD,
      finish: true,
    })
  ),
  stream("framing", "a header without its payload", { sends: "\u0000\u0000\u0001\u0000", finish: true }),
  stream("framing", "a payload cut in the middle", { sends: frame("hello").subarray(0, 6), finish: true }),
  ...STRANGERS.map(([name, sends]) => stream("framing", name, { sends, returns: "" })),
  {
    ...{ group: "framing", name: "three frames cut at every point", mode: "echo" },
    sends: "the same bytes in two writes, on a connection for each point",
    must: "all of it comes back",
    run: async (target) => {
      for (let at = 1; at < GOOD.length; at++) {
        using conn = await target.dial();
        await writeAll(conn, GOOD.subarray(0, at));
        await writeAll(conn, GOOD.subarray(at));
        await conn.closeWrite();
        assertEquals(await new Response(conn.readable).bytes(), GOOD, `cut at ${at}`);
      }
    },
  },
  {
    ...{ group: "framing", name: "a frame byte by byte", mode: "echo" },
    sends: "one byte a write",
    must: "all of it comes back",
    run: async (target) => {
      using conn = await target.dial();
      const wire = frame("byte by byte");
      for (const byte of wire) await conn.write(Uint8Array.of(byte));
      await conn.closeWrite();
      assertEquals(await new Response(conn.readable).bytes(), wire);
    },
  },
  {
    ...{ group: "framing", name: "a reset inside a frame", mode: "echo" },
    sends: "100 connections with a header and half a payload, closed with unread bytes",
    must: "others are served",
    run: async (target) => {
      for (let times = 0; times < 100; times++) {
        using conn = await target.dial();
        await writeAll(conn, frame("x".repeat(5000)).subarray(0, 3000));
      }
    },
  },
  {
    ...{ group: "framing", name: "4,000 frames sent before anything is read", mode: "echo" },
    sends: "4,000 numbered frames",
    must: "they come back in order",
    run: async (target) => {
      await using conn = await target.dialFramed();
      const count = 4000;
      const sending = (async (): Promise<void> => {
        for (let number = 0; number < count; number++) await conn.send(`number ${number}`);
      })();
      await sending;
      for (let number = 0; number < count; number++) assertEquals(await conn.receiveText(), `number ${number}`);
    },
  },
];

/** Every vector that is a mistake in itself, whatever the limit, in the framings the suite runs. */
const VECTORS: readonly HostileCase[] = vectors.bad.filter(({ code }) => code !== "frame_too_large").map((vector) =>
  stream("framing", `${vector.framing}: ${vector.why}`, {
    framing: vector.framing,
    sends: vector.wire,
    returns: vector.wire.slice(0, vector.valid),
  })
);

/** Frames that stop in the middle: what has come is returned, as far as it is known to be payload. */
const CUT: readonly HostileCase[] = vectors.cut.filter(({ framing }) => framing !== "u32").map((vector) => ({
  ...{ group: "framing", name: `${vector.framing}: ${vector.why}, and the end`, mode: "echo", framing: vector.framing },
  sends: JSON.stringify(vector.wire.slice(0, 60)),
  must: "the server ends the connection",
  run: async (target) => {
    const wire = bytesOf(vector.wire);
    const returned = await target.exchange(wire, { finish: true });
    assertEquals(returned, wire.subarray(0, returned.length));
  },
} as const));

const PAYLOADS: readonly (readonly [string, string | Uint8Array])[] = [
  ["all 256 byte values", Uint8Array.from({ length: 256 }, (_, at) => at)],
  ["NUL bytes", new Uint8Array(1000)],
  ["invalid UTF-8", Uint8Array.of(0xc3, 0x28, 0xff, 0xfe, 0x80)],
  ["overlong UTF-8", Uint8Array.of(0xc0, 0xaf, 0xe0, 0x80, 0xaf)],
  ["UTF-8 of half a surrogate pair", Uint8Array.of(0xed, 0xa0, 0x80)],
  ["a byte order mark", "\ufeffhello"],
  ["bidi overrides and invisible characters", "\u202egnp.exe\u200b\u2066"],
  ["terminal escapes", "\u001b[2J\u001b]0;owned\u0007\u001b[31m"],
  ["CR, LF and both", "a\rb\nc\r\n"],
  ["exit and quit", "exit"],
  ["a command of the dialogue", "AUTH TOKEN es1.x.y"],
  ["a reply of the dialogue", "235 [TOKEN x y] Welcome"],
  ["SQL", "'; DROP TABLE user; --"],
  ["JSON that names __proto__", '{"__proto__":{"admin":true}}'],
  ["format directives", "%s%s%s%n%x"],
  ["a log line", "\n2026-01-01T00:00:00.000Z INFO  - server stopped\n"],
  ["1 MiB of 0xFF", new Uint8Array(MIB).fill(0xff)],
];

const CONTENT: readonly HostileCase[] = [
  ...PAYLOADS.map(([name, payload]) => stream("content", name, { sends: frame(payload), finish: true })),
  stream("content", "raw: bytes without any boundary", {
    framing: "raw",
    sends: "\u0000\u00ff\r\n\u0003",
    finish: true,
  }),
  stream("content", "line: NUL, CR and an empty line", { framing: "line", sends: "a\u0000b\r\n\n\r\n", finish: true }),
];

/** Rows of mode `echo`. */
export const ECHO_CASES: readonly HostileCase[] = [...FRAMING, ...VECTORS, ...CUT, ...CONTENT];
