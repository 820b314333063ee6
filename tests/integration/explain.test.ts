import { assert, assertEquals, assertMatch, assertNotMatch, assertStringIncludes } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { frame, readToEnd, runPython, writeAll } from "../support/net.ts";
import { hasPython } from "../support/python.ts";
import { hasPty, Pty } from "../support/pty.ts";
import { until } from "../support/programs.ts";
import { PATIENCE, startServer, tempDir, toolPath } from "../support/tools.ts";

/** A running `echo-client explain`. */
interface Explain extends AsyncDisposable {
  readonly port: number;
  /** What it printed so far. */
  readonly text: () => string;
  /** Ends it by a signal. */
  kill(signal: Deno.Signal): void;
  /** Its exit code, and everything it printed. */
  readonly finished: Promise<{ code: number; stdout: string; stderr: string }>;
}

/** Starts it in front of a port of this machine, on a free one, and waits until it listens. */
async function explain(port: number, ...args: string[]): Promise<Explain> {
  const child = new Deno.Command(toolPath("echo-client"), {
    args: ["explain", `127.0.0.1:${port}`, "--listen", "0", "--lang", "en", ...args],
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
    env: { LC_ALL: "C" },
  }).spawn();
  let text = "";
  const listening = Promise.withResolvers<void>();
  const printed = (async (): Promise<void> => {
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
      text += part;
      if (text.includes("\n")) listening.resolve();
    }
    listening.resolve();
  })();
  const told = new Response(child.stderr).text();
  const finished = (async () => {
    const [{ code }, stderr] = await Promise.all([child.status, told, printed]);
    return { code, stdout: text, stderr };
  })();
  await deadline(listening.promise, PATIENCE);
  const found = /127\.0\.0\.1:(\d+)|"port":(\d+)/.exec(text);
  if (found === null) throw new Error(`explain ended: ${(await finished).stderr}`);
  let hasEnded = false;
  finished.then(() => hasEnded = true);
  return {
    port: Number(found[1] ?? found[2]),
    text: () => text,
    kill: (signal) => child.kill(signal),
    finished: deadline(finished, PATIENCE),
    async [Symbol.asyncDispose](): Promise<void> {
      if (!hasEnded) child.kill("SIGKILL");
      await finished;
    },
  };
}

/** A server in this process: `serve` has each connection, and closes it. */
function serverOf(serve: (conn: Deno.TcpConn) => Promise<void>): { port: number } & AsyncDisposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const running: Promise<void>[] = [];
  const accepting = (async (): Promise<void> => {
    for (;;) {
      const conn = await listener.accept().catch(() => undefined);
      if (conn === undefined) return;
      conn.setNoDelay(true);
      running.push(serve(conn));
    }
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      await accepting;
      await Promise.all(running);
    },
  };
}

/** Returns what comes, half-closes after it, and closes. */
async function echo(conn: Deno.TcpConn): Promise<void> {
  try {
    const buffer = new Uint8Array(65536);
    for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
      await writeAll(conn, buffer.subarray(0, read));
    }
    await conn.closeWrite();
  } catch {
    // The client is gone.
  }
  conn.close();
}

async function dial(port: number): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  return conn;
}

/** Sends, half-closes, and reads to the end. */
async function exchange(port: number, ...messages: Uint8Array[]): Promise<Uint8Array> {
  const conn = await dial(port);
  for (const message of messages) await writeAll(conn, message);
  await conn.closeWrite();
  return await readToEnd(conn);
}

/** Frames of 1 MiB, whose bytes follow from a seed. */
function pattern(frames: number, seed: number): Uint8Array {
  const size = 1024 * 1024;
  const bytes = new Uint8Array(frames * (4 + size));
  const words = new Uint32Array(size / 4);
  let state = seed;
  for (let number = 0; number < frames; number++) {
    for (let at = 0; at < words.length; at++) words[at] = state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    new DataView(bytes.buffer).setUint32(number * (4 + size), size);
    bytes.set(new Uint8Array(words.buffer), number * (4 + size) + 4);
  }
  return bytes;
}

/** Whether what comes from `conn`, to its end, is `expected`. */
async function bringsExactly(conn: Deno.TcpConn, expected: Uint8Array): Promise<boolean> {
  const buffer = new Uint8Array(256 * 1024);
  let at = 0;
  let isSame = true;
  for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
    for (let offset = 0; offset < read; offset++) if (buffer[offset] !== expected[at + offset]) isSame = false;
    at += read;
  }
  return isSame && at === expected.length;
}

function events(stdout: string): Record<string, unknown>[] {
  return stdout.trim().split("\n").map((line) => JSON.parse(line));
}

for (const [first, mib] of [["client", 64], ["server", 4]] as const) {
  Deno.test(`explain passes ${mib} MiB each way unaltered, and the half-close of the ${first} first`, async () => {
    const [up, down] = [pattern(mib, 1), pattern(mib, 2)];
    const otherHasEnded = { client: Promise.withResolvers<void>(), server: Promise.withResolvers<void>() };
    let upIsSame = false;
    await using server = serverOf(async (conn) => {
      const read = bringsExactly(conn, up).then((same) => {
        upIsSame = same;
        otherHasEnded.client.resolve();
      });
      await writeAll(conn, down.subarray(0, -1));
      // The side that is to end last keeps a byte back until the other one's end has come through.
      if (first === "client") await otherHasEnded.client.promise;
      await writeAll(conn, down.subarray(-1));
      await conn.closeWrite();
      await read;
      conn.close();
    });
    await using proxy = await explain(server.port, "--json", "--count", "1");
    const conn = await dial(proxy.port);
    const read = bringsExactly(conn, down).then((same) => {
      otherHasEnded.server.resolve();
      return same;
    });
    await writeAll(conn, up.subarray(0, -1));
    if (first === "server") await otherHasEnded.server.promise;
    await writeAll(conn, up.subarray(-1));
    await conn.closeWrite();
    assert(await deadline(read, PATIENCE), "what the server sent");
    conn.close();
    const { code, stdout } = await proxy.finished;
    assert(upIsSame, "what the client sent");
    assertEquals(code, 0);
    const seen = events(stdout);
    const ends = seen.filter(({ event }) => event === "end").map(({ from, kind, bytes, frames }) =>
      `${from} ${kind} ${bytes} ${frames}`
    );
    const expected = ["client", "server"].map((side) => `${side} half-close ${up.length} ${mib}`);
    assertEquals(ends, first === "client" ? expected : expected.toReversed());
    // The reads of a frame are those that hold bytes of it.
    const reads = seen.filter(({ event, from }) => event === "read" && from === "client");
    assertEquals(reads.reduce((sum, { bytes }) => sum + Number(bytes), 0), up.length);
    assertEquals(seen.filter(({ event, from }) => event === "frame" && from === "client").length, mib);
  });
}

Deno.test("explain tells what a read held and which reads a frame took", async () => {
  await using server = serverOf(echo);
  await using proxy = await explain(server.port, "--count", "1");
  const conn = await dial(proxy.port);
  const whole = frame("привет");
  // Each piece is answered by nothing, so only what explain shows tells that it has been read.
  await writeAll(conn, whole.subarray(0, 3));
  await until(() => proxy.text().includes("frame 1 begins: header 3 bytes") || undefined, "the header of 3 bytes");
  await writeAll(conn, new Uint8Array([...whole.subarray(3), ...frame("hi"), ...frame("")]));
  await conn.closeWrite();
  assertEquals((await readToEnd(conn)).length, 16 + 6 + 4);
  const { code, stdout } = await proxy.finished;
  assertEquals(code, 0);
  assertMatch(stdout, /client → read 2, 23 bytes: frame 1 ends: header 1 byte, payload 12 bytes; frames 2–3 whole/);
  assertStringIncludes(stdout, "frame 1: 00 00 00 0c = 12 bytes follow; took reads 1–2");
  assertStringIncludes(stdout, '"привет"');
  assertStringIncludes(stdout, "d0 bf d1 80 d0 b8 d0 b2 d0 b5 d1 82");
  assertStringIncludes(stdout, "frame 2: 00 00 00 02 = 2 bytes follow; in read 2");
  assertStringIncludes(stdout, "frame 3: 00 00 00 00 = 0 bytes follow; in read 2");
  assertMatch(stdout, /client → ends: half-close \(FIN\), passed on/);
  assertStringIncludes(stdout, "1 connection: client 26 bytes in 3 frames, server 26 bytes in 3 frames");
});

Deno.test({
  name: "explain passes resets on, in both directions, and says so",
  ignore: !hasPython,
  async fn() {
    // The listener of the script is the server; each case prints what the other side met.
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serverPort = listener.addr.port;
    listener.close();
    await using proxy = await explain(serverPort, "--json", "--count", "4");
    const { stdout, stderr } = await runPython(RESETS, [proxy.port, serverPort]);
    assertEquals(stdout.trim().split("\n"), [
      "client idle gone gone",
      "server idle gone gone",
      "client busy gone",
      "server busy gone",
    ], stderr);
    const { code, stdout: seen } = await proxy.finished;
    assertEquals(code, 0);
    const ends = events(seen).filter(({ event }) => event === "end").map(({ from, kind }) => `${from} ${kind}`);
    assertEquals(ends.filter((end) => end.endsWith("reset")), [
      "client reset",
      "server reset",
      "client reset",
      "server reset",
    ]);
  },
});

/** Deno cannot set SO_LINGER: a program beside has to reset. */
const RESETS = `
import time
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[2])))
listener.listen(5)
def reset(conn):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()
def pair(who):
    client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    server = listener.accept()[0]
    # Reset while the proxy still connects, it would be a server that cannot be reached.
    server.send(b".")
    assert client.recv(1) == b"."
    return (client, server) if who == "client" else (server, client)
def ends(conn):
    # An end, or a reset: neither brings anything more.
    try:
        return "gone" if conn.recv(1) == b"" else "data"
    except ConnectionError:
        return "gone"
def refuses(conn):
    # The first write may be taken: its answer is the reset.
    try:
        for _ in range(1000):
            conn.send(b"x")
            time.sleep(0.001)
        return "takes"
    except ConnectionError:
        return "gone"
for who in ("client", "server"):
    leaves, stays = pair(who)
    reset(leaves)
    print(who, "idle", ends(stays), refuses(stays))
for who in ("client", "server"):
    leaves, stays = pair(who)
    stays.setblocking(False)
    full = 0
    while full < 20:
        try:
            stays.send(b"x" * 65536)
            full = 0
        except BlockingIOError:
            full += 1
            time.sleep(0.005)
    stays.settimeout(5)
    reset(leaves)
    # What is on its way is lost, as it is without a proxy: the writer is told at once.
    print(who, "busy", refuses(stays))
`;

Deno.test("explain closes the client where the server is not to be reached, and says why", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using proxy = await explain(port, "--count", "2");
  const conn = await dial(proxy.port);
  assertEquals(await conn.read(new Uint8Array(1)), null);
  conn.close();
  const again = await dial(proxy.port);
  assertEquals(await again.read(new Uint8Array(1)), null);
  again.close();
  const { code, stdout } = await proxy.finished;
  assertEquals(code, 69);
  assertMatch(stdout, /connected and was closed again: Cannot connect to 127\.0\.0\.1:\d+: nothing listens there/);
});

Deno.test("explain takes the next port where the wanted one is busy", async () => {
  const busy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using proxy = await explain(9, "--listen", `127.0.0.1:${busy.addr.port}`);
  assert(proxy.port !== busy.addr.port && proxy.port > 0);
  assertMatch(proxy.text(), /^Listening on 127\.0\.0\.1:\d+\n/);
  proxy.kill("SIGTERM");
  assertEquals((await proxy.finished).code, 0);
  busy.close();
});

Deno.test("explain keeps many connections apart at once, and writes the page at Ctrl-C", async () => {
  using dir = tempDir();
  await using server = serverOf(echo);
  await using proxy = await explain(server.port, "--html", dir.at("wire.html"), "--json");
  const messages = Array.from({ length: 40 }, (_, at) => frame(`message ${at}`));
  const held = await dial(proxy.port);
  const echoes = await Promise.all(messages.map((message) => exchange(proxy.port, message)));
  assertEquals(echoes, messages);
  proxy.kill("SIGINT");
  const { code, stdout } = await proxy.finished;
  assertEquals(code, 130);
  assertEquals(await held.read(new Uint8Array(1)), null);
  held.close();
  const summary = events(stdout).at(-1);
  assertEquals([summary?.["event"], summary?.["connections"], summary?.["client_frames"]], ["summary", 41, 40]);
  const page = Deno.readTextFileSync(dir.at("wire.html"));
  assertEquals([...page.matchAll(/<li class="frame /g)].length, 80);
  assertNotMatch(page, /https?:|<script|src=|url\(/i);
});

Deno.test("explain does not hold the wire up where nobody reads its output", async () => {
  await using server = serverOf(echo);
  const child = new Deno.Command(toolPath("echo-client"), {
    args: ["explain", `127.0.0.1:${server.port}`, "--listen", "0", "--framing", "u8", "--json"],
    ...{ stdin: "null", stdout: "piped", stderr: "null" },
  }).spawn();
  const reader = child.stdout.getReader();
  const [, port] = /"port":(\d+)/.exec(new TextDecoder().decode((await reader.read()).value)) ?? [];
  // Each byte pair is a frame: megabytes of lines, which nobody takes.
  const frames = new Uint8Array(96 * 1024).fill(1);
  const echoed = await deadline(exchange(Number(port), frames), PATIENCE);
  assertEquals(echoed, frames);
  child.kill("SIGKILL");
  await reader.cancel();
  await child.status;
});

Deno.test("explain shows a log-in step by step, and nobody's secrets", async () => {
  using dir = tempDir();
  await using server = await startServer({ args: ["--mode", "auth"] });
  const password = "correct horse";
  const plain = async (port: number, shows: number): Promise<void> => {
    const conn = await dial(port);
    const { FramedConn } = await import("../../lib/framed_conn.ts");
    const framed = new FramedConn(conn);
    await framed.receiveText();
    await framed.send("anna");
    assertMatch(await framed.receiveText() ?? "", new RegExp(`^${shows} `));
    await framed.send(password);
    assertMatch(await framed.receiveText() ?? "", /^235 /);
    await framed.closeWrite();
    framed.close();
  };
  await using masked = await explain(server.port, "--count", "1", "--html", dir.at("masked.html"));
  await plain(masked.port, 333);
  const { stdout } = await masked.finished;
  await using open = await explain(server.port, "--count", "1", "--show-secrets");
  await plain(open.port, 332);
  const shown = (await open.finished).stdout;
  for (const text of [stdout, Deno.readTextFileSync(dir.at("masked.html"))]) {
    assertStringIncludes(text, "331: the server wants a name");
    assertStringIncludes(text, "333: new name; the server wants a password chosen");
    assertStringIncludes(text, "235: logged in, the session is open");
    assertStringIncludes(text, "•••••");
    assertNotMatch(text, /correct|horse|63 6f 72 72|es1\.[\w-]/);
  }
  assertStringIncludes(shown, password);
  assertMatch(shown, /es1\.[\w-]{22}\.[\w-]{43}/);
});

Deno.test("explain says of bytes that are no frames what they are, and passes them on", async () => {
  await using server = serverOf(echo);
  await using proxy = await explain(server.port, "--count", "1");
  const request = new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n");
  assertEquals(await exchange(proxy.port, request), request);
  const { stdout } = await proxy.finished;
  assertMatch(
    stdout,
    /47 45 54 20 would announce 1 195 725 856 bytes: that is "GET ", HTTP; from here on/,
  );
  assertStringIncludes(stdout, '"GET / HTTP/1.1\\r\\n\\r\\n"');
});

for (
  const [name, sent, says] of [
    ["dec:4", "0002hi", '30 30 30 32 "0002" = 2 bytes follow'],
    ["line", "hi\r\n", "2 bytes, then 0d 0a"],
    ["netstring", "2:hi,", "= 2 bytes follow, 2c"],
    ["u16le", "\x02\x00hi", "02 00 = 2 bytes follow"],
  ] as const
) {
  Deno.test(`explain --framing auto finds ${name}`, async () => {
    await using server = serverOf(echo);
    await using proxy = await explain(server.port, "--count", "1", "--framing", "auto");
    await exchange(proxy.port, new TextEncoder().encode(sent));
    assertStringIncludes((await proxy.finished).stdout, says);
  });
}

Deno.test({
  name: "explain uses colours on a terminal, and escapes what comes from the wire",
  ignore: !hasPty,
  async fn() {
    await using server = serverOf(echo);
    for (const env of [{ NO_COLOR: "" }, { NO_COLOR: "1" }, { NO_COLOR: "", TERM: "dumb" }]) {
      await using pty = new Pty(
        "echo-client",
        ["explain", `127.0.0.1:${server.port}`, "--listen", "0", "--count", "1"],
        env,
      );
      const port = Number((await pty.expect(/127\.0\.0\.1:\d+/)).split(":")[1]);
      await exchange(port, frame("\x1b[2J\u202e"));
      await pty.expect("\\x1b[2J\\u{202e}");
      await pty.expect("1 connection");
      assertEquals((await pty.ended).exit, 0);
      assertEquals(pty.text.includes("\x1b[36m"), env.NO_COLOR === "" && !("TERM" in env));
      assert(!pty.text.includes("\x1b[2J"));
    }
  },
});
