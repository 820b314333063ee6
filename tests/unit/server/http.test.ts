import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { HttpServer } from "../../../lib/server/http.ts";
import { FakeWire } from "../../support/fake_wire.ts";

/** Less than the patience with half requests, in ms. */
const AT_ONCE = 4000;

function start(): HttpServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return new HttpServer(listener, {
    hostname: "127.0.0.1",
    respond: ({ method, path }) => ({ status: 200, body: `${method} ${path}\n` }),
  });
}

async function ask(server: HttpServer, request: string): Promise<string> {
  using conn = await Deno.connect({ port: server.addr.port });
  await conn.write(new TextEncoder().encode(request));
  return await new Response(conn.readable).text();
}

const host = "Host: 127.0.0.1\r\n";
const requests: readonly (readonly [name: string, request: string, answer: RegExp])[] = [
  ["a path without its query", `GET /a?b=c HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nGET \/a\n$/s],
  [
    "HEAD without a body",
    `HEAD /a HTTP/1.1\r\n${host}\r\n`,
    /^HTTP\/1\.1 200 OK\r\n.*content-length: 8\r\n.*\r\n\r\n$/s,
  ],
  ["HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", /^HTTP\/1\.1 200 /],
  ["localhost", "GET / HTTP/1.1\r\nHost: LOCALHOST:9100\r\n\r\n", /^HTTP\/1\.1 200 /],
  ["an IPv6 address", "GET / HTTP/1.1\r\nHost: [::1]:9100\r\n\r\n", /^HTTP\/1\.1 200 /],
  ["another name, as DNS rebinding gives it", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", /^HTTP\/1\.1 421 /],
  ["another name in the target", `GET http://evil.example/ HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 421 /],
  ["an absolute target", `GET http://127.0.0.1:9100/a?b HTTP/1.1\r\n${host}\r\n`, /\r\n\r\nGET \/a\n$/],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400 /],
  ["two Hosts", `GET / HTTP/1.1\r\n${host}${host}\r\n`, /^HTTP\/1\.1 400 /],
  ["a Host that is none", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", /^HTTP\/1\.1 421 /],
  ["POST", `POST / HTTP/1.1\r\n${host}content-length: 3\r\n\r\nabc`, /^HTTP\/1\.1 405 .*allow: GET, HEAD/s],
  ["a body", `GET / HTTP/1.1\r\n${host}content-length: 3\r\n\r\nabc`, /^HTTP\/1\.1 413 /],
  ["a chunked body", `GET / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, /^HTTP\/1\.1 413 /],
  ["no request", "hello\r\n\r\n", /^HTTP\/1\.1 400 /],
  ["a header that is none", `GET / HTTP/1.1\r\n${host}: x\r\n\r\n`, /^HTTP\/1\.1 400 /],
  ["a head without end", `GET / HTTP/1.1\r\n${host}X: ${"x".repeat(9000)}`, /^HTTP\/1\.1 431 /],
];
for (const [name, request, answer] of requests) {
  Deno.test(`HttpServer answers ${name}`, async () => {
    await using server = start();
    assertMatch(await ask(server, request), answer);
  });
}

Deno.test("HttpServer answers while more half requests wait than it has places for", async () => {
  await using server = start();
  const half = await Promise.all(Array.from({ length: 40 }, async () => {
    const conn = await Deno.connect({ port: server.addr.port });
    await conn.write(new TextEncoder().encode("GET /"));
    return conn;
  }));
  const before = performance.now();
  assertMatch(await ask(server, `GET / HTTP/1.1\r\n${host}\r\n`), /^HTTP\/1\.1 200 /);
  assertLess(performance.now() - before, AT_ONCE);
  // Those who came first had to go.
  assertEquals(await half[0]?.read(new Uint8Array(1)).catch(() => null), null);
  for (const conn of half) conn.close();
});

Deno.test("HttpServer ends at once, with half requests open", async () => {
  const server = start();
  using conn = await Deno.connect({ port: server.addr.port });
  await conn.write(new TextEncoder().encode("GET /"));
  // Accepted in the order of connecting: once this is answered, the other one is in.
  await ask(server, `GET / HTTP/1.1\r\n${host}\r\n`);
  const before = performance.now();
  await server[Symbol.asyncDispose]();
  assertLess(performance.now() - before, AT_ONCE);
  assertEquals(await conn.read(new Uint8Array(1)).catch(() => null), null);
});

Deno.test("HttpServer asks for no more events than a client takes, and lets go of one that takes none", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ended = Promise.withResolvers<void>();
  let asked = 0;
  async function* events(): AsyncGenerator<string> {
    try {
      for (;;) {
        asked++;
        yield await Promise.resolve("x".repeat(1024 * 1024));
      }
    } finally {
      ended.resolve();
    }
  }
  // The server's 5 s are 250 ms here.
  const { setTimeout } = globalThis;
  Object.assign(globalThis, { setTimeout: (then: () => void, ms = 0) => setTimeout(then, ms / 20) });
  using _slow = { [Symbol.dispose]: () => void Object.assign(globalThis, { setTimeout }) };
  await using server = new HttpServer(listener, {
    hostname: "127.0.0.1",
    respond: () => ({ status: 200, body: "", events: events() }),
  });
  using conn = await Deno.connect({ port: server.addr.port });
  await conn.write(new TextEncoder().encode(`GET / HTTP/1.1\r\n${host}\r\n`));
  await ended.promise;
  assertLess(asked, 20);
});

Deno.test("HttpServer ends although a client takes nothing and a close does not end the write to it", async () => {
  const addr = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  const wire = new FakeWire([new TextEncoder().encode(`GET / HTTP/1.1\r\n${host}\r\n`)], { holdWrites: true });
  const closed = Promise.withResolvers<never>();
  const waiting = [Object.assign(wire, { remoteAddr: addr })];
  const answered = Promise.withResolvers<void>();
  const server = new HttpServer({
    addr,
    accept: () => Promise.resolve(waiting.shift() ?? closed.promise),
    close: () => closed.reject(new Deno.errors.BadResource("closed")),
  }, {
    hostname: "127.0.0.1",
    respond: () => {
      answered.resolve();
      return { status: 200, body: "hello" };
    },
  });
  await answered.promise;
  await server[Symbol.asyncDispose]();
  assert(wire.closes > 0);
});
