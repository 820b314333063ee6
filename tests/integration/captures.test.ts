import { assert, assertEquals, assertMatch, assertNotMatch, assertStringIncludes } from "@std/assert";
import { concat } from "../../lib/base/bytes.ts";
import { pcapOf } from "../support/captures.ts";
import { dial, frame, readToEnd, writeAll } from "../support/net.ts";
import vectors from "../vectors/tls.json" with { type: "json" };
import { isInstalled, runTool, startServer, tempDir, toolPath } from "../support/tools.ts";

/** A client that sends some frames in pieces, and reads to the end. */
async function talk(port: number, name: string): Promise<void> {
  const conn = await dial(port);
  const [hello, large] = [frame(`hello ${name}`), frame("x".repeat(200_000))];
  const reading = readToEnd(conn);
  await writeAll(conn, hello.subarray(0, 3));
  await writeAll(conn, hello.subarray(3));
  await writeAll(conn, large);
  await conn.closeWrite();
  assertEquals((await reading).length, hello.length + large.length);
}

/** Runs explain before a port for some connections, whose clients are `work`. */
async function explained(
  port: number,
  args: readonly string[],
  work: (port: number) => Promise<unknown>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = new Deno.Command(toolPath("echo-client"), {
    args: ["explain", `127.0.0.1:${port}`, "--listen", "0", "--json", "--lang", "en", ...args],
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  let stdout = "";
  const listening = Promise.withResolvers<number>();
  const printed = (async (): Promise<void> => {
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
      stdout += part;
      const [, found] = /"port":(\d+)/.exec(stdout) ?? [];
      if (found !== undefined) listening.resolve(Number(found));
    }
  })();
  const told = new Response(child.stderr).text();
  await work(await listening.promise);
  const [{ code }, stderr] = await Promise.all([child.status, told, printed]);
  return { code, stdout, stderr };
}

/** The frames of `--json` lines by connection and side, without what depends on how the bytes were cut. */
function framesIn(lines: string): Record<string, unknown[]> {
  const found: Record<string, unknown[]> = {};
  for (const line of lines.trim().split("\n")) {
    const { event, connection, from, at_ms: _at, reads: _reads, ...rest } = JSON.parse(line);
    if (event === "frame") (found[`${connection} ${from}`] ??= []).push(rest);
  }
  return found;
}

Deno.test("explain --pcap and --record write what --read explains the same, and replay finds one changed byte", async () => {
  using dir = tempDir();
  await using server = await startServer();
  const [pcap, record] = [dir.at("wire.pcapng"), dir.at("wire.jsonl")];
  const live = await explained(server.port, ["--pcap", pcap, "--record", record, "--count", "5"], async (port) => {
    for (const name of ["a", "b", "c", "d", "e"]) await talk(port, name);
  });
  assertEquals([live.code, live.stderr], [0, ""]);
  const frames = framesIn(live.stdout);
  assertEquals(Object.keys(frames).length, 10);
  const empty = dir.at("empty.pcap");
  Deno.writeFileSync(empty, pcapOf([]));
  const replayed = await runTool("echo-client", ["replay", empty, "127.0.0.1:9", "--lang", "en"]);
  assertEquals([replayed.code, replayed.stdout], [10, `There is no TCP connection in ${empty}.\n`]);
  const nothing = await runTool("echo-client", ["explain", "--lang", "en", "--read", empty]);
  assertStringIncludes(nothing.stderr, "has no TCP or UDP that can be read");
  for (const path of [pcap, record]) {
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    const read = await runTool("echo-client", ["explain", "--json", "--read", path]);
    assertEquals([read.code, read.stderr], [0, ""]);
    assertEquals(framesIn(read.stdout), frames);
    const quiet = await runTool("echo-client", ["explain", "-q", "--json", "--read", path]);
    assertEquals(quiet.stdout, `${read.stdout.trim().split("\n").at(-1)}\n`);
    const none = await runTool("echo-client", ["explain", "--json", "--read", path, ":1"]);
    assertEquals([none.code, framesIn(none.stdout)], [0, {}]);
    assertStringIncludes(none.stderr, `has no such connection; it has connections to 127.0.0.1:${server.port}`);
    // The same server says the same.
    const same = await runTool("echo-client", ["replay", "--fast", path, `127.0.0.1:${server.port}`, "--lang", "en"]);
    assertEquals([same.code, same.stderr], [0, ""]);
    assertStringIncludes(same.stdout, "Connections: 5; with replies other than recorded: 0.");
  }
  // Another one changes one byte of the third connection.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for (let number = 1; number <= 5; number++) {
      const conn = await listener.accept();
      let echoed = 0;
      const buffer = new Uint8Array(65_536);
      for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
        const at = 5000 - echoed;
        if (number === 3 && at >= 0 && at < read) buffer[at] = 0x79;
        echoed += read;
        await writeAll(conn, buffer.subarray(0, read));
      }
      conn.close();
    }
  })();
  const other = await runTool("echo-client", ["replay", record, `127.0.0.1:${listener.addr.port}`, "--json"]);
  await serving;
  assertEquals(other.code, 10);
  const differences = other.stdout.trim().split("\n").map((line) => JSON.parse(line)).filter(({ event }) =>
    event === "difference"
  );
  // "hello c" takes 11 bytes, the next header 4.
  assertEquals(differences, [{
    ...{ event: "difference", connection: 3, offset: 5000, length: 1, frame: 2, part: "payload", at: 4985 },
    ...{ expected: "78", received: "79" },
  }]);
});

Deno.test("captures of a log-in hold no secret, unless they are asked for", async () => {
  using dir = tempDir();
  await using server = await startServer({ args: ["--mode", "auth"] });
  const password = "correct horse battery";
  Deno.writeTextFileSync(dir.at("password"), password, { mode: 0o600 });
  const captured = async (...args: string[]): Promise<string> => {
    const [pcap, record] = [dir.at("wire.pcapng"), dir.at("wire.jsonl")];
    const { code } = await explained(
      server.port,
      ["--pcap", pcap, "--record", record, "--count", "1", ...args],
      async (port) => {
        // As a plain client does it, in clear.
        const conn = await dial(port);
        const buffer = new Uint8Array(4096);
        for (const text of ["anna", password]) {
          await conn.read(buffer);
          await writeAll(conn, frame(text));
        }
        const read = await conn.read(buffer) ?? 0;
        assertMatch(new TextDecoder().decode(buffer.subarray(0, read)), /235 .*es1\./);
        await writeAll(conn, frame(`and again ${password}`));
        await conn.closeWrite();
        await readToEnd(conn);
      },
    );
    assertEquals(code, 0);
    const sent = Deno.readTextFileSync(record).trim().split("\n").map((line) => JSON.parse(line)).filter(({ data }) =>
      data
    );
    const bytes = concat(...sent.map(({ data }) => Uint8Array.fromBase64(data)), Deno.readFileSync(pcap));
    return new TextDecoder("latin1").decode(bytes);
  };
  const masked = await captured();
  assertNotMatch(masked, /correct horse|es1\.[\w-]/);
  assertMatch(masked, /\*{20}/);
  const refused = await runTool("echo-client", [
    "replay",
    dir.at("wire.jsonl"),
    `127.0.0.1:${server.port}`,
    "--lang",
    "en",
  ]);
  assertEquals(refused.code, 65);
  assertStringIncludes(refused.stderr, "record it with --show-secrets");
  assertMatch(await captured("--show-secrets"), /correct horse/);
});

Deno.test({
  name: "what tcpdump captures on lo is explained as it was live",
  ignore: !isInstalled("tcpdump") || Deno.uid() !== 0,
  fn: async () => {
    using dir = tempDir();
    await using server = await startServer();
    const path = dir.at("dump.pcap");
    const live = await explained(server.port, ["--count", "3"], async (port) => {
      const tcpdump = new Deno.Command("tcpdump", {
        args: [
          "-i",
          "lo",
          "-U",
          "--immediate-mode",
          "-Z",
          "root",
          "-B",
          "8192",
          "-w",
          path,
          "tcp",
          "port",
          String(port),
        ],
        ...{ stdout: "null", stderr: "piped" },
      }).spawn();
      const reader = tcpdump.stderr.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
        .getReader();
      for (let told = ""; !told.includes("listening on");) told += (await reader.read()).value ?? "listening on";
      for (const name of ["a", "b", "c"]) await talk(port, name);
      // Packets reach the file a moment later: it is whole once all three connections end in it.
      for (let told = ""; told.split('"event":"close"').length < 4 || told.includes('"kind":"open"');) {
        told = (await runTool("echo-client", ["explain", "--json", "--read", path])).stdout;
      }
      tcpdump.kill("SIGTERM");
      await tcpdump.status;
      await reader.cancel();
    });
    const read = await runTool("echo-client", ["explain", "--json", "--read", path]);
    assertEquals(read.code, 0);
    assertEquals(framesIn(read.stdout), framesIn(live.stdout));
  },
});

Deno.test("explain --read tells what is wrong with a file, after what it could read", async () => {
  using dir = tempDir();
  const read = (bytes: Uint8Array): ReturnType<typeof runTool> => {
    Deno.writeFileSync(dir.at("file"), bytes);
    return runTool("echo-client", ["explain", "--read", dir.at("file"), "--lang", "en"]);
  };
  const none = await read(new TextEncoder().encode("hello"));
  assertEquals(none.code, 65);
  assertStringIncludes(none.stderr, "it is no capture");
  const missing = await runTool("echo-client", ["explain", "--read", dir.at("nothing"), "--lang", "en"]);
  assert(missing.code === 73, missing.stderr);
});

Deno.test("explain --read --keylog shows what is inside of TLS, and says where the file of keys is missing", async () => {
  using dir = tempDir();
  const [vector] = vectors.good;
  assert(vector !== undefined, "there is a vector");
  const ends = { transport: "tcp", client: "127.0.0.1:5000", server: "127.0.0.1:443", connect_ms: null };
  const lines = [
    { record: "echo-client", version: 1 },
    { event: "open", connection: 1, at: 1, ...ends },
    ...vector.segments.map(([from, hex = ""], at) => ({
      ...{ event: "data", connection: 1, at: at + 2, from },
      data: Uint8Array.fromHex(hex).toBase64(),
    })),
    { event: "close", connection: 1, at: 99 },
  ];
  Deno.writeTextFileSync(dir.at("wire.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const read = [
    "explain",
    "--read",
    dir.at("wire.jsonl"),
    "--framing",
    "line",
    "--lang",
    "en",
    "--keylog",
    dir.at("keys"),
  ];
  const missing = await runTool("echo-client", read);
  assertMatch(missing.stderr, /keys/);
  assert(missing.code !== 0, missing.stdout);
  Deno.writeTextFileSync(dir.at("keys"), vector.keys.join("\n"));
  const { code, stdout, stderr } = await runTool("echo-client", read);
  assertEquals([code, stderr], [0, ""]);
  for (const said of ["hello one", "owt olleh"]) assertStringIncludes(stdout, said);
});

Deno.test("explain between two sides of TLS shows and captures what is inside", async () => {
  using dir = tempDir();
  const made = await runTool("echo-server", ["cert", "--out", dir.path, "--json"]);
  assertEquals(made.code, 0, made.stderr);
  const [ca, cert, key] = [dir.at("ca.pem"), dir.at("cert.pem"), dir.at("key.pem")];
  await using server = await startServer({ args: ["--tls-cert", cert, "--tls-key", key] });
  const record = dir.at("wire.jsonl");
  const tls = ["--tls-cert", cert, "--tls-key", key, "--tls", "--ca", ca, "--tls-name", "localhost"];
  const { code, stdout } = await explained(server.port, [...tls, "--record", record, "--count", "2"], async (port) => {
    const said = await runTool("echo-client", [
      ...["--tls", "--ca", ca, "--tls-name", "localhost", "-m", "inside", `127.0.0.1:${port}`],
    ]);
    assertEquals([said.code, said.stdout.trim()], [0, "inside"]);
    // One that does not speak TLS is told so by its end, and no server was asked.
    const plain = await dial(port);
    await writeAll(plain, frame("hello"));
    await readToEnd(plain);
  });
  assertEquals(code, 0);
  const frames = framesIn(stdout);
  assertEquals(Object.keys(frames), ["1 client", "1 server"]);
  assertStringIncludes(JSON.stringify(frames), '"text":"inside"');
  assertStringIncludes(stdout, '"code":"tls_plaintext"');
  assertStringIncludes(Deno.readTextFileSync(record), new TextEncoder().encode("\0\0\0\x06inside").toBase64());
});
