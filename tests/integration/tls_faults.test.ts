// TLS under bad conditions: clients that do not finish, do not read or do not stop; a new certificate; the drain.
import { assertEquals, assertGreater, assertLess, assertMatch, assertNotEquals } from "@std/assert";
import type { FramedConn } from "../../lib/framed_conn.ts";
import { descriptorsOf, OWN_PAIR } from "../support/load.ts";
import { dial, frame, hasProc, readToEnd, writeAll } from "../support/net.ts";
import { hasPython, python } from "../support/python.ts";
import { dialFramedTls, dialTls, startTlsServer, type TlsServer, writeCertificate } from "../support/tls.ts";
import { tempDir, until } from "../support/tools.ts";

/** Short enough to wait for, and far longer than anything here takes. */
const SOON = 5000;

/** A long run (`deno task load`) makes a thousand. */
const HANDSHAKES = Deno.env.get("ECHO_LOAD") === "full" ? 1000 : 200;

/** The first bytes of a ClientHello, which announce more. */
const HALF_A_HELLO = Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3);

async function echoes(conn: FramedConn, text = "hello"): Promise<void> {
  await conn.send(text);
  assertEquals(await conn.receiveText(), text);
}

for (const [name, opening] of [["says nothing", undefined], ["stops in the middle", HALF_A_HELLO]] as const) {
  Deno.test(`A client that ${name} of its handshake is cut off at the deadline, and its descriptors are free`, async () => {
    await using tls = await startTlsServer({ args: ["--dialogue-timeout", "500ms"] });
    await using held = await dialFramedTls(tls.server.port, tls.files.ca);
    await echoes(held);
    const before = hasProc ? descriptorsOf(tls.server.pid) : 0;
    const conns = await Promise.all(Array.from({ length: 20 }, () => dial(tls.server.port)));
    if (opening !== undefined) { for (const conn of conns) await writeAll(conn, opening); }
    await until(() => count(tls, /client connected/g) === 21 ? true : undefined, "all of them");
    // Others are served meanwhile.
    await using other = await dialFramedTls(tls.server.port, tls.files.ca);
    await echoes(other);
    const since = performance.now();
    // They stay and do not close: only the server can end this. A reset is an end, too.
    for (const conn of conns) await readToEnd(conn).catch(() => {});
    assertLess(performance.now() - since, SOON);
    assertEquals(count(tls, /a deadline has passed, closing limit=handshake_timeout/g), 20);
    if (hasProc) {
      // Three for the other session: the client's socket, and the pair behind it.
      await until(() => descriptorsOf(tls.server.pid) <= before + 3 + OWN_PAIR ? true : undefined, "free descriptors");
    }
    await echoes(held);
    await echoes(other);
  });
}

Deno.test("Clients in their handshake count as not yet logged in, and make no room for more", async () => {
  await using tls = await startTlsServer({ args: ["--max-unauthenticated", "2"] });
  await using held = await dialFramedTls(tls.server.port, tls.files.ca);
  await echoes(held);
  const silent = [await dial(tls.server.port), await dial(tls.server.port)];
  await until(() => count(tls, /client connected/g) === 3 ? true : undefined, "all of them");
  assertEquals(await dialTls(tls.server.port, tls.files.ca).then(() => "accepted", () => "refused"), "refused");
  await tls.server.logged(/limit=max_unauthenticated/);
  silent.pop()?.close();
  await until(() => count(tls, /client left/g) === 1 ? true : undefined, "room for one more");
  await using next = await dialFramedTls(tls.server.port, tls.files.ca);
  await echoes(next);
  for (const conn of silent) conn.close();
});

Deno.test("A client that leaves before or in the middle of its handshake is gone, no more", async () => {
  await using tls = await startTlsServer();
  (await dial(tls.server.port)).close();
  const half = await dial(tls.server.port);
  await writeAll(half, HALF_A_HELLO);
  half.close();
  await until(() => count(tls, /client left reason=(closed_by_peer|reset)/g) === 2 ? true : undefined, "their leaving");
  assertEquals(count(tls, /ERROR/g), 0);
  await using conn = await dialFramedTls(tls.server.port, tls.files.ca);
  await echoes(conn);
});

Deno.test({
  name: "A client that never reads is cut off, its descriptors are free once it has left, and others are served",
  ignore: !hasProc || !hasPython,
  fn: async () => {
    await using tls = await startTlsServer({ args: ["--write-timeout", "500ms"] });
    await using held = await dialFramedTls(tls.server.port, tls.files.ca);
    await echoes(held);
    const before = descriptorsOf(tls.server.pid);
    {
      await using _stalled = stalledClient(tls);
      await tls.server.logged(/client left reason=write_timeout/);
      await echoes(held);
    }
    // Deno 2.7.11 keeps the descriptor of a pending write until the client leaves; the pair behind it is gone before.
    await until(() => descriptorsOf(tls.server.pid) <= before + OWN_PAIR ? true : undefined, "free descriptors");
    await echoes(held);
  },
});

Deno.test("SIGHUP: new clients get the new certificate, sessions go on, and nobody is refused meanwhile", async () => {
  await using tls = await startTlsServer();
  const { server, files } = tls;
  await using held = await dialFramedTls(server.port, files.ca);
  await echoes(held);
  using dir = tempDir();
  const old = `${dir.path}/old_ca.pem`;
  Deno.copyFileSync(files.ca, old);
  // Dials without a pause, trusting either authority.
  let isDone = false;
  const both = `${dir.path}/both.pem`;
  const dialling = async (): Promise<number> => {
    let accepted = 0;
    for (; !isDone; accepted++) {
      const conn = await dialFramedTls(server.port, both);
      await echoes(conn);
      conn.close();
    }
    return accepted;
  };
  const next = await writeCertificate(dir.at("next"));
  Deno.writeTextFileSync(both, Deno.readTextFileSync(old) + Deno.readTextFileSync(next.ca));
  const dialled = dialling();
  for (const [from, to] of [[next.cert, files.cert], [next.key, files.key]] as const) Deno.copyFileSync(from, to);
  server.kill("SIGHUP");
  await until(() => count(tls, /certificate in use/g) === 2 ? true : undefined, "the new certificate");
  await using fresh = await dialFramedTls(server.port, next.ca);
  await echoes(fresh);
  const refused = await dialTls(server.port, old).then(() => "accepted", (error) => String(error));
  assertMatch(refused, /UnknownIssuer/);
  isDone = true;
  assertGreater(await dialled, 0);
  await echoes(held, "since before");
  const [first, second] = [...server.log().matchAll(/sha256=(\w+)/g)].map(([, sum]) => sum);
  assertNotEquals(first, second);
});

Deno.test("SIGHUP with files that cannot be used: the old certificate stays, and the log says why", async () => {
  await using tls = await startTlsServer();
  const { server, files } = tls;
  using dir = tempDir();
  const other = await writeCertificate(dir.path);
  Deno.copyFileSync(other.key, files.key);
  server.kill("SIGHUP");
  assertMatch(await server.logged(/The old certificate stays/), /ERROR .*key\.pem: key mismatch/);
  Deno.removeSync(files.cert);
  server.kill("SIGHUP");
  assertMatch(await server.logged(/old certificate stays.*cert\.pem/), /ERROR /);
  await using conn = await dialFramedTls(server.port, files.ca);
  await echoes(conn);
  // Put right, it is taken up.
  Deno.copyFileSync(other.cert, files.cert);
  server.kill("SIGHUP");
  await until(() => count(tls, /certificate in use/g) === 2 ? true : undefined, "the certificate put right");
  await using fresh = await dialFramedTls(server.port, other.ca);
  await echoes(fresh);
});

Deno.test("SIGTERM: what TLS clients have sent is answered, handshakes end at once, exit 0 in time", async () => {
  await using tls = await startTlsServer();
  const { server, files } = tls;
  const wire = frame("x".repeat(1000));
  const conns = await Promise.all(Array.from({ length: 10 }, () => dialTls(server.port, files.ca)));
  const silent = await dial(server.port);
  const answers = conns.map(async (conn) => {
    const received = readToEnd(conn);
    for (let sent = 0; sent < 200; sent++) await writeAll(conn, wire);
    return (await received).length;
  });
  await until(() => count(tls, /client connected/g) === 11 ? true : undefined, "all of them");
  const since = performance.now();
  server.kill("SIGTERM");
  assertEquals(await Promise.all(answers), Array(10).fill(200 * wire.length));
  const { code, stderr } = await server.finished;
  assertEquals([code, stderr], [0, ""]);
  assertLess(performance.now() - since, SOON);
  silent.close();
});

Deno.test({
  name: "SIGTERM ends in time though a TLS client does not read",
  ignore: !hasPython,
  fn: async () => {
    await using tls = await startTlsServer({ args: ["--drain-timeout", "2s", "--write-timeout", "0s"] });
    await using stalled = stalledClient(tls);
    await stalled.full;
    const since = performance.now();
    tls.server.kill("SIGTERM");
    assertEquals((await tls.server.finished).code, 0);
    assertLess(performance.now() - since, SOON);
  },
});

Deno.test("A client that half-closes and reads slowly gets everything, though the session has ended before", async () => {
  await using tls = await startTlsServer();
  const conn = await dialTls(tls.server.port, tls.files.ca);
  const wire = frame(new Uint8Array(100_000).fill(7));
  const sending = (async (): Promise<void> => {
    for (let sent = 0; sent < 20; sent++) await writeAll(conn, wire);
    await conn.closeWrite();
  })();
  const buffer = new Uint8Array(100_000);
  let received = 0;
  for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
    received += read;
    await new Promise<void>((again) => setTimeout(again, 10));
  }
  await sending;
  assertEquals(received, 20 * wire.length);
  conn.close();
});

Deno.test({
  name: `${HANDSHAKES} handshakes leave nothing behind`,
  ignore: !hasProc,
  fn: async () => {
    await using tls = await startTlsServer({ args: ["--max-unauthenticated", "0"] });
    const { server, files } = tls;
    (await dialTls(server.port, files.ca)).close();
    await server.logged(/client left/);
    const before = descriptorsOf(server.pid);
    for (let round = 0; round < HANDSHAKES / 20; round++) {
      const conns = await Promise.all(Array.from({ length: 20 }, () => dialFramedTls(server.port, files.ca)));
      await Promise.all(conns.map((conn) => echoes(conn)));
      for (const conn of conns) conn.close();
    }
    await until(() => descriptorsOf(server.pid) <= before + OWN_PAIR ? true : undefined, "free descriptors");
    assertEquals(count(tls, /ERROR|no TLS connection/g), 0);
  },
});

/** A client that sends for as long as the server takes it, and never reads, until it is disposed of. */
function stalledClient({ server, files }: TlsServer): AsyncDisposable & { readonly full: Promise<string> } {
  const script = `
import socket, ssl, sys, time
context = ssl.create_default_context(cafile=sys.argv[2])
conn = context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_hostname="localhost")
conn.settimeout(1)
try:
    while True: conn.sendall(b"\\0\\x10\\0\\0" + bytes(0x100000))
except OSError: print("full", flush=True)
time.sleep(600)`;
  const child = new Deno.Command(python(), {
    args: ["-c", script, String(server.port), files.ca],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream());
  const full = (async (): Promise<string> => {
    let text = "";
    for await (const part of output) {
      text += part;
      if (text.includes("\n")) break;
    }
    return text;
  })();
  return {
    full,
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGKILL");
      await Promise.all([child.status, full]);
    },
  };
}

function count(tls: TlsServer, pattern: RegExp): number {
  return tls.server.log().match(pattern)?.length ?? 0;
}
