/**
 * Families about what surrounds the frames: TLS, PROXY headers, datagrams, the metrics page.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { concat, utf8 } from "../../../lib/base/bytes.ts";
import { delay } from "../../../lib/base/delay.ts";
import { bytesOf } from "../../support/framing_vectors.ts";
import { dial, dialFramed, frame, memoryOf, readToEnd, writeAll } from "../../support/net.ts";
import { between } from "../../support/random.ts";
import { dialFramedTls, dialTls } from "../../support/tls.ts";
import type { RunningServer } from "../../support/tools.ts";
import { type Kit, served } from "../kit.ts";
import type { Family, SuiteCase } from "../suite.ts";

const MIB = 1024 * 1024;

/** Sends bytes and ends; resolves at the server's end. */
async function sent(port: number, bytes: Uint8Array, { finish = true } = {}): Promise<Uint8Array> {
  using conn = await dial(port);
  const reading = deadline(readToEnd(conn).catch(() => new Uint8Array(0)), 15_000);
  await writeAll(conn, bytes).catch(() => {/* the server has closed */});
  if (finish) await conn.closeWrite().catch(() => {});
  return await reading;
}

// TLS ---------------------------------------------------------------------------------------------------------------

/** A ClientHello of TLS 1.2 with one suite and no extension, as far as a record goes. */
const HELLO = concat(
  bytesOf("\u0016\u0003\u0001\u0000\u002d\u0001\u0000\u0000\u0029\u0003\u0003"),
  new Uint8Array(32),
  bytesOf("\u0000\u0000\u0002\u00c0\u002b\u0001\u0000"),
);

async function tlsServer(kit: Kit, ...args: readonly string[]): Promise<{ server: RunningServer; ca: string }> {
  const { cert, key, ca } = await kit.certificate();
  return { server: await kit.server("--tls-cert", cert, "--tls-key", key, ...args), ca };
}

async function servedTls({ server, ca }: { server: RunningServer; ca: string }): Promise<void> {
  await using conn = await deadline(dialFramedTls(server.port, ca), 10_000);
  await conn.send("still there?");
  assertEquals(await conn.receiveText(), "still there?");
}

const NO_HELLO: readonly (readonly [string, Uint8Array])[] = [
  ["nothing", new Uint8Array(0)],
  ["a frame", frame("hello")],
  ["an HTTP request", utf8("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
  ["64 KiB of zeros", new Uint8Array(65536)],
  ["64 KiB of 0x16", new Uint8Array(65536).fill(0x16)],
  ["SSL 2.0's hello", bytesOf("\u0080\u002e\u0001\u0000\u0002\u0000\u0015\u0000\u0000\u0000\u0010")],
  ["a hello that offers SSL 3.0", HELLO.with(9, 3).with(10, 0)],
  ["a hello without a common suite", HELLO.with(46, 0x13).with(47, 0x99)],
  ["a hello whose record says 65,535 bytes", HELLO.with(3, 0xff).with(4, 0xff)],
  ["a hello whose length is larger than its record", HELLO.with(7, 0x10)],
  ["a hello whose length is smaller", HELLO.with(8, 1)],
  ["an alert", bytesOf("\u0015\u0003\u0003\u0000\u0002\u0002\u0028")],
  ["an empty record", bytesOf("\u0016\u0003\u0003\u0000\u0000")],
  ["1,000 empty records", bytesOf("\u0016\u0003\u0003\u0000\u0000".repeat(1000))],
  ["application data before the handshake", bytesOf("\u0017\u0003\u0003\u0000\u0005hello")],
  ["ChangeCipherSpec first", bytesOf("\u0014\u0003\u0003\u0000\u0001\u0001")],
];

const TLS: readonly SuiteCase[] = [
  ...NO_HELLO.map(([name, bytes]): SuiteCase => ({
    name: `${name} in place of a hello`,
    run: async (kit) => {
      const tls = await tlsServer(kit);
      const answer = await sent(tls.server.port, bytes);
      assertLess(answer.length, 100);
      await servedTls(tls);
    },
  })),
  ...Array.from({ length: Math.ceil(HELLO.length / 4) }, (_, part): SuiteCase => ({
    name: `a hello cut after ${part * 4} bytes, and a reset`,
    run: async (kit) => {
      const tls = await tlsServer(kit);
      for (let cut = part * 4; cut < Math.min(HELLO.length, part * 4 + 4); cut++) {
        await sent(tls.server.port, HELLO.subarray(0, cut));
      }
      await servedTls(tls);
    },
  })),
  ...Array.from({ length: 8 }, (_, number): SuiteCase => ({
    name: `generated records ${number + 1}`,
    run: async (kit, random) => {
      const tls = await tlsServer(kit);
      const records = Array.from({ length: between(random, 1, 6) }, () => {
        const body = Uint8Array.from({ length: between(random, 0, 600) }, () => between(random, 0, 255));
        const head = [between(random, 0x14, 0x18), 3, between(random, 0, 4), body.length >> 8, body.length & 255];
        return concat(Uint8Array.from(head), body);
      });
      await sent(tls.server.port, concat(...records));
      await servedTls(tls);
    },
  })),
  {
    name: "a record changed on its way, after the handshake",
    run: async (kit) => {
      const tls = await tlsServer(kit);
      using tcp = await dial(tls.server.port);
      using relay = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const relayed = (async (): Promise<void> => {
        using inner = await relay.accept();
        const back = (async (): Promise<void> => {
          const buffer = new Uint8Array(4096);
          for (let size = await tcp.read(buffer); size !== null; size = await tcp.read(buffer)) {
            await writeAll(inner, buffer.slice(0, size));
          }
        })().catch(() => {});
        const buffer = new Uint8Array(4096);
        for (let size = await inner.read(buffer); size !== null; size = await inner.read(buffer)) {
          // Behind the hello the last byte belongs to the tag that keeps a record whole.
          if (buffer[0] !== 0x16) buffer[size - 1] = (buffer[size - 1] ?? 0) ^ 1;
          await writeAll(tcp, buffer.slice(0, size));
        }
        await back;
      })().catch(() => {});
      const { port } = relay.addr;
      const conn = await dialTls(port, tls.ca).catch(() => undefined);
      if (conn !== undefined) {
        await conn.write(frame("hello")).catch(() => {});
        assertEquals(await conn.read(new Uint8Array(100)).catch(() => null), null);
        conn.close();
      }
      await relayed;
      await servedTls(tls);
    },
  },
  {
    name: "100 silent handshakes, while another client comes",
    run: async (kit) => {
      const tls = await tlsServer(kit, "--max-unauthenticated", "1000");
      const silent = await Promise.all(Array.from({ length: 100 }, () => dial(tls.server.port)));
      await Promise.all(silent.map((conn, at) => conn.write(HELLO.subarray(0, 1 + at % 30)).catch(() => {})));
      const one = silent.pop();
      one?.close();
      await servedTls(tls);
      for (const conn of silent) conn.close();
    },
  },
];

// PROXY headers -----------------------------------------------------------------------------------------------------

const V1 = utf8("PROXY TCP4 192.0.2.7 192.0.2.1 50000 9090\r\n");
const V2 = concat(
  bytesOf("\r\n\r\n\u0000\r\nQUIT\n\u0021\u0011\u0000\u000c"),
  bytesOf("\u00c0\u0000\u0002\u0007\u00c0\u0000\u0002\u0001\u00c3\u0050\u0023\u0082"),
);

const BAD_HEADERS: readonly (readonly [string, Uint8Array])[] = [
  ["v1 of 2,000 bytes", utf8(`PROXY TCP4 ${"1".repeat(2000)}\r\n`)],
  ["v1 with a name", utf8("PROXY TCP4 localhost 192.0.2.1 1 2\r\n")],
  ["v1 with a port of 65,536", utf8("PROXY TCP4 192.0.2.7 192.0.2.1 65536 9090\r\n")],
  ["v1 with a negative port", utf8("PROXY TCP4 192.0.2.7 192.0.2.1 -1 9090\r\n")],
  ["v1 with an octet of 256", utf8("PROXY TCP4 256.0.2.7 192.0.2.1 1 9090\r\n")],
  ["v1 with zeros before the octets", utf8("PROXY TCP4 0192.000.002.007 192.0.2.1 1 9090\r\n")],
  ["v1 that ends with LF alone", utf8("PROXY TCP4 192.0.2.7 192.0.2.1 1 9090\n")],
  ["v1 of IPv6 with an IPv4 address", utf8("PROXY TCP6 192.0.2.7 192.0.2.1 1 9090\r\n")],
  ["v1 with an escape sequence", utf8("PROXY TCP4 \u001b[2J 192.0.2.1 1 9090\r\n")],
  ["v1 with a scope", utf8("PROXY TCP6 fe80::1%eth0 fe80::2 1 9090\r\n")],
  ["v1 in lower case", utf8("proxy tcp4 192.0.2.7 192.0.2.1 1 9090\r\n")],
  ["v1 with too many fields", utf8("PROXY TCP4 192.0.2.7 192.0.2.1 1 9090 1\r\n")],
  ["v2 of version 3", V2.with(12, 0x31)],
  ["v2 with command 15", V2.with(12, 0x2f)],
  ["v2 whose length is too small for its family", V2.with(15, 4)],
  ["v2 whose length is 65,535", V2.with(14, 0xff).with(15, 0xff)],
  ["v2 with a wrong signature", V2.with(11, 0x0b)],
  ["v2 of family 15", V2.with(13, 0xf1)],
  ["two headers", concat(V1, V2)],
  ["no header", frame("hello")],
];

const WITH_PROXY = ["--proxy-protocol", "127.0.0.1"];

const PROXY: readonly SuiteCase[] = [
  ...([["v1", V1], ["v2", V2]] as const).flatMap(([version, header]) =>
    Array.from({ length: header.length }, (_, cut): SuiteCase => ({
      name: `${version} cut after ${cut} bytes`,
      run: async (kit) => {
        const { port } = await kit.server(...WITH_PROXY);
        assertEquals((await sent(port, header.subarray(0, cut))).length, 0);
        // In two parts it is whole.
        using conn = await dial(port);
        if (cut > 0) await writeAll(conn, header.subarray(0, cut));
        await delay(2);
        await writeAll(conn, concat(header.subarray(cut), frame("hello")));
        await conn.closeWrite();
        assertEquals(await deadline(readToEnd(conn), 10_000), frame("hello"));
      },
    }))
  ),
  ...BAD_HEADERS.map(([name, header]): SuiteCase => ({
    name,
    run: async (kit) => {
      const { port, log } = await kit.server(...WITH_PROXY);
      const answer = await sent(port, concat(header, frame("hello")));
      // What is not a header gets no echo; families nobody knows are passed on as from the balancer.
      assert(answer.length === 0 || name.includes("family") || name.includes("zeros"), answer.toHex());
      assert(!log().includes("\u001b"), "an escape sequence in the log");
    },
  })),
  ...Array.from({ length: 8 }, (_, number): SuiteCase => ({
    name: `generated header ${number + 1}`,
    run: async (kit, random) => {
      const { port } = await kit.server(...WITH_PROXY);
      const header = (number % 2 === 0 ? V1 : V2).slice();
      for (let times = between(random, 1, 3); times > 0; times--) {
        header[between(random, 0, header.length - 1)] = between(random, 0, 255);
      }
      await sent(port, concat(header, frame("hello")));
      assertEquals(await sent(port, concat(V1, frame("hello"))), frame("hello"));
    },
  })),
];

// Datagrams ---------------------------------------------------------------------------------------------------------

async function talkUdp(kit: Kit, use: (socket: Deno.DatagramConn, to: Deno.NetAddr) => Promise<void>): Promise<void> {
  const { port } = await kit.server("--udp");
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  try {
    await use(socket, { transport: "udp", hostname: "127.0.0.1", port });
  } finally {
    socket.close();
  }
}

const DATAGRAMS: readonly (readonly [string, Uint8Array])[] = [
  ["one byte", Uint8Array.of(0)],
  ["a frame", frame("hello")],
  ["a bad frame", bytesOf("\u00ff\u00ff\u00ff\u00ff")],
  ["8 KiB", new Uint8Array(8192).fill(7)],
  ["a reply of a dialogue", utf8("331 [AUTH SCRAM-SHA-256] What is your name?")],
  ["terminal escapes", utf8("\u001b[2J\u001b]0;owned\u0007")],
  ["a DNS query", bytesOf("\u0012\u0034\u0001\u0000\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0000")],
];

const UDP: readonly SuiteCase[] = [
  ...DATAGRAMS.map(([name, bytes]): SuiteCase => ({
    name,
    run: (kit) =>
      talkUdp(kit, async (socket, to) => {
        await socket.send(bytes, to);
        const [answer] = await deadline(socket.receive(), 5000);
        assertEquals(answer, bytes);
      }),
  })),
  ...Array.from({ length: 6 }, (_, number): SuiteCase => ({
    name: `generated datagrams ${number + 1}`,
    run: (kit, random) =>
      talkUdp(kit, async (socket, to) => {
        for (let times = 0; times < 30; times++) {
          const bytes = Uint8Array.from({ length: between(random, 1, 1400) }, () => between(random, 0, 255));
          await socket.send(bytes, to);
          assertEquals((await deadline(socket.receive(), 5000))[0], bytes);
        }
      }),
  })),
  {
    name: "two echo services set on each other come to rest",
    run: (kit) =>
      talkUdp(kit, async (socket, first) => {
        const second = { ...first, port: (await kit.server("--udp", "--max-frame", "2KiB")).port };
        // One datagram goes round between them, every 3 ms: under the limit of answers a second.
        let rounds = 0;
        for (let bytes = utf8("round and round"); rounds < 2000; rounds++) {
          await socket.send(bytes, rounds % 2 === 0 ? first : second);
          const answer = await deadline(socket.receive(), 500).catch(() => undefined);
          if (answer === undefined) break;
          bytes = answer[0].slice();
          await delay(3);
        }
        assertLess(rounds, 700, "rounds until one of them stops");
      }),
  },
  {
    name: "a flood is answered no faster than the limit",
    run: (kit) =>
      talkUdp(kit, async (socket, to) => {
        for (let number = 0; number < 3000; number++) await socket.send(utf8(`datagram ${number}`), to);
        let answers = 0;
        while (await deadline(socket.receive(), 500).catch(() => undefined) !== undefined) answers++;
        assertLess(answers, 2500);
      }),
  },
];

// The metrics page --------------------------------------------------------------------------------------------------

async function metricsPort(server: RunningServer): Promise<number> {
  return Number(/address=\S+:(\d+)/.exec(await server.logged(/purpose=metrics/))?.[1]);
}

const GET = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const BAD_REQUESTS: readonly (readonly [string, string, RegExp])[] = [
  ["a method nobody knows", GET.replace("GET", "BREW"), /^HTTP\/1\.1 (400|405|501) /],
  ["POST", GET.replace("GET", "POST"), /^HTTP\/1\.1 405 /],
  ["CONNECT", "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", /^HTTP\/1\.1 4/],
  ["another host", GET.replace("127.0.0.1", "evil.example"), /^HTTP\/1\.1 421 /],
  ["no host", "GET /metrics HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400 /],
  ["a path that climbs", GET.replace("/metrics", "/../../etc/passwd"), /^HTTP\/1\.1 40[04] /],
  ["a path with NUL", GET.replace("/metrics", "/\u0000"), /^HTTP\/1\.1 40[04] /],
  ["an absolute URL", GET.replace("/metrics", "http://evil.example/metrics"), /^HTTP\/1\.1 4/],
  ["a head of 100 KiB", GET.replace("\r\n\r\n", `\r\nX: ${"x".repeat(100_000)}\r\n\r\n`), /^HTTP\/1\.1 431 |^$/],
  ["5,000 headers", GET.replace("\r\n\r\n", `\r\n${"a: b\r\n".repeat(5000)}\r\n`), /^HTTP\/1\.1 431 |^$/],
  ["a body", GET.replace("\r\n\r\n", "\r\ncontent-length: 99999999\r\n\r\n"), /^HTTP\/1\.1 413 /],
  ["two lengths", GET.replace("\r\n\r\n", "\r\ncontent-length: 0\r\ncontent-length: 5\r\n\r\n"), /^HTTP\/1\.1 [24]/],
  ["a chunked body", GET.replace("\r\n\r\n", "\r\ntransfer-encoding: chunked\r\n\r\n"), /^HTTP\/1\.1 4/],
  ["a folded header", GET.replace("\r\n\r\n", "\r\nX: a\r\n b\r\n\r\n"), /^HTTP\/1\.1 [24]/],
  ["HTTP/0.9", "GET /metrics\r\n\r\n", /^HTTP\/1\.1 400 |^$/],
  ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", /^HTTP\/1\.1 [45]|^$/],
  ["no HTTP", `${"x".repeat(500)}\r\n\r\n`, /^HTTP\/1\.1 400 |^$/],
  ["bare LF", GET.replaceAll("\r\n", "\n"), /^HTTP\/1\.1 [24]|^$/],
  ["two requests in one", GET + GET, /^HTTP\/1\.1 200 /],
];

const METRICS: readonly SuiteCase[] = [
  ...BAD_REQUESTS.map(([name, request, answer]): SuiteCase => ({
    name,
    run: async (kit) => {
      const port = await metricsPort(await kit.server("--metrics", "127.0.0.1:0"));
      assertMatch(new TextDecoder().decode(await sent(port, utf8(request))), answer);
      assertMatch(new TextDecoder().decode(await sent(port, utf8(GET), { finish: false })), /^HTTP\/1\.1 200 /);
    },
  })),
  ...Array.from({ length: Math.ceil(GET.length / 6) }, (_, part): SuiteCase => ({
    name: `a request cut after ${part * 6} bytes`,
    run: async (kit) => {
      const port = await metricsPort(await kit.server("--metrics", "127.0.0.1:0"));
      for (let cut = part * 6; cut < Math.min(GET.length, part * 6 + 6); cut++) {
        const answer = new TextDecoder().decode(await sent(port, utf8(GET.slice(0, cut))));
        assertMatch(answer, /^HTTP\/1\.1 400 |^$/);
      }
    },
  })),
  {
    name: "300 half requests do not hold up a scrape, nor the end",
    run: async (kit) => {
      await using server = await kit.own({ args: ["--metrics", "127.0.0.1:0"] });
      const port = await metricsPort(server);
      const half = await Promise.all(Array.from({ length: 300 }, async () => {
        const conn = await dial(port);
        await conn.write(utf8("GET /")).catch(() => {});
        return conn;
      }));
      const began = performance.now();
      assertMatch(new TextDecoder().decode(await sent(port, utf8(GET))), /^HTTP\/1\.1 200 /);
      assertLess(performance.now() - began, 2000);
      const stopping = performance.now();
      assertEquals((await server.stop()).code, 0);
      assertLess(performance.now() - stopping, 3000);
      for (const conn of half) conn.close();
    },
  },
  {
    name: "a scraper that does not read",
    run: async (kit) => {
      const server = await kit.server("--metrics", "127.0.0.1:0");
      const port = await metricsPort(server);
      const before = memoryOf(server.pid, "VmRSS");
      const lazy = await Promise.all(Array.from({ length: 50 }, () => dial(port)));
      await Promise.all(lazy.map((conn) => conn.write(utf8(GET)).catch(() => {})));
      assertMatch(new TextDecoder().decode(await sent(port, utf8(GET))), /^HTTP\/1\.1 200 /);
      assertLess(memoryOf(server.pid, "VmRSS") - before, 30 * MIB);
      for (const conn of lazy) conn.close();
      await served(server.port);
    },
  },
];

// The page ----------------------------------------------------------------------------------------------------------

async function pagePort(server: RunningServer): Promise<number> {
  return Number(/address=\S+:(\d+)/.exec(await server.logged(/purpose=page/))?.[1]);
}

const TOKEN = "correct-horse-battery-staple";

/** What is asked of a page that wants a token, with the head of the answer. */
const PAGE_REQUESTS: readonly (readonly [string, path: string, headers: string, RegExp])[] = [
  ["no token", "/", "", /^HTTP\/1\.1 403 /],
  ["half of the token", `/?token=${TOKEN.slice(0, 14)}`, "", /^HTTP\/1\.1 403 /],
  ["the token and a character", `/?token=${TOKEN}x`, "", /^HTTP\/1\.1 403 /],
  ["the token twice, the wrong one first", `/?token=x&token=${TOKEN}`, "", /^HTTP\/1\.1 403 /],
  ["a cookie of another port", "/", `Cookie: echo_page_1=${TOKEN}\r\n`, /^HTTP\/1\.1 403 /],
  ["two headers of credentials", "/", `Authorization: Bearer ${TOKEN}\r\n`.repeat(2), /^HTTP\/1\.1 403 /],
  ["the token for its events", `/events?token=x`, "", /^HTTP\/1\.1 403 /],
  ["line ends in the address that is gone on to", `/?token=${TOKEN}&x=%0d%0aX-Evil:%20y`, "", /^HTTP\/1\.1 303 /],
  ["markup in the query", `/?token=x&"><script>alert(1)</script>`, "", /^HTTP\/1\.1 403 /],
];

const PAGE: readonly SuiteCase[] = [
  ...PAGE_REQUESTS.map(([name, path, headers, wanted]): SuiteCase => ({
    name,
    run: async (kit) => {
      const file = kit.dir.at("token");
      Deno.writeTextFileSync(file, TOKEN, { mode: 0o600 });
      const port = await pagePort(await kit.server("--page", "0.0.0.0:0", "--page-token-file", file));
      const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n`;
      const answer = new TextDecoder().decode(await sent(port, utf8(request)));
      assertMatch(answer, wanted);
      assert(!/^X-Evil/im.test(answer) && !answer.includes("<script>alert"), answer.slice(0, 300));
      assert(wanted.source.includes("303") || !answer.includes(TOKEN), "the token in a refusal");
    },
  })),
  {
    name: "100 watchers that never read, beside one that does",
    time: 60_000,
    run: async (kit) => {
      const server = await kit.server("--page", "127.0.0.1:0", "--page-frames", "500");
      const port = await pagePort(server);
      const before = memoryOf(server.pid, "VmRSS");
      const lazy = await Promise.all(Array.from({ length: 100 }, () => dial(port)));
      const events = utf8("GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
      await Promise.all(lazy.map((conn) => conn.write(events).catch(() => {})));
      await using chatty = await dialFramed(server.port);
      for (let number = 0; number < 2000; number++) {
        await chatty.send("<img src=x onerror=alert(1)>".repeat(30));
        await chatty.receive();
      }
      const page = utf8("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
      const answer = new TextDecoder().decode(await deadline(sent(port, page), 5000));
      assertMatch(answer, /^HTTP\/1\.1 200 /);
      assert(!answer.includes("<img src=x"), "markup of a message");
      assertLess(memoryOf(server.pid, "VmRSS") - before, 40 * MIB);
      for (const conn of lazy) conn.close();
      await served(server.port);
    },
  },
  {
    name: "4,000 connections to the page and the metrics, beside clients",
    time: 60_000,
    run: async (kit) => {
      const args = ["--page", "127.0.0.1:0", "--metrics", "127.0.0.1:0"];
      await using server = await kit.own({ args, wrapper: ["prlimit", "--nofile=256:256"] });
      const ports = [await pagePort(server), await metricsPort(server)];
      for (let round = 0; round < 20; round++) {
        const many = await Promise.all(Array.from({ length: 200 }, (_, at) => dial(ports[at % 2] ?? 0)));
        await Promise.all(many.map((conn) => conn.write(utf8("GET /")).catch(() => {})));
        if (round % 5 === 0) await served(server.port);
        for (const conn of many) conn.close();
      }
      assertMatch(new TextDecoder().decode(await sent(ports[1] ?? 0, utf8(GET))), /^HTTP\/1\.1 200 /);
      await served(server.port);
      assertEquals((await server.stop()).code, 0);
    },
  },
];

/** See the module. */
export const WIRE_FAMILIES: readonly Family[] = [
  { name: "tls", cases: TLS },
  { name: "proxy", cases: PROXY, atOnce: 4 },
  { name: "udp", cases: UDP },
  { name: "metrics", cases: METRICS },
  { name: "page", cases: PAGE },
];
