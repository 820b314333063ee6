// Echo and log-in over TLS, with the tools' own client and with others.
import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { PASSWORD, startAuth } from "../support/auth.ts";
import { frame, readToEnd, runPython, writeAll } from "../support/net.ts";
import { hasPython, python } from "../support/python.ts";
import { dialFramedTls, dialTls, startTlsServer, writeCertificate } from "../support/tls.ts";
import { isInstalled, runProgram, runTool, startServer, tempDir } from "../support/tools.ts";

const hasOpenssl = isInstalled("openssl");

/** An address of this machine that is not the loopback. */
const OUTER = Deno.networkInterfaces().find(({ family, address }) => family === "IPv4" && !address.startsWith("127."))
  ?.address;

Deno.test("echo-client talks over TLS: messages, a pipe, JSON", async () => {
  await using tls = await startTlsServer();
  const messages = await runTool("echo-client", ["-m", "hello", "-m", "Привет, мир! 👋", ...tls.client]);
  assertEquals(messages, { code: 0, stdout: "hello\nПривет, мир! 👋\n", stderr: "" });
  const lines = Array.from({ length: 20_000 }, (_, number) => `line ${number}\n`).join("");
  const piped = await runTool("echo-client", [...tls.client], { stdin: lines });
  assertEquals([piped.code, piped.stdout === lines, piped.stderr], [0, true, ""]);
  const json = await runTool("echo-client", ["--json", "-m", "hello", ...tls.client]);
  assertEquals(JSON.parse(json.stdout).match, true);
  assertEquals(tls.server.announced, `Listening on 127.0.0.1:${tls.server.port}`);
});

Deno.test("echo-server says in JSON that it speaks TLS", async () => {
  await using tls = await startTlsServer({ args: ["--json"] });
  const { event, host, port, tls: isTls } = JSON.parse(tls.server.announced);
  assertEquals([event, host, port, isTls], ["listening", "127.0.0.1", tls.server.port, true]);
  await using plain = await startServer({ args: ["--json"] });
  assertEquals("tls" in JSON.parse(plain.announced), false);
});

for (const framing of ["u8", "u16le", "dec:8", "netstring", "line", "raw"]) {
  Deno.test(`The framing ${framing} travels over TLS`, async () => {
    await using tls = await startTlsServer({ args: ["--framing", framing] });
    const { code, stdout, stderr } = await runTool("echo-client", ["--framing", framing, "-m", "one", ...tls.client]);
    assertEquals([code, stdout, stderr], [0, "one\n", ""]);
  });
}

Deno.test("A session of mode identify begins with its dialogue over TLS", async () => {
  await using tls = await startTlsServer({ args: ["--mode", "identify"] });
  const first = await runTool("echo-client", ["--mode", "identify", "--user", "Anna", "-m", "one", ...tls.client]);
  assertEquals([first.code, first.stdout], [0, "one\n"]);
  await tls.server.logged(/new client has given its name/);
});

Deno.test("A session of mode auth: password, kept token, log-out over TLS", async () => {
  using dir = tempDir();
  const files = await writeCertificate(dir.path);
  await using server = await startAuth(["anna"], { args: ["--tls-cert", files.cert, "--tls-key", files.key] });
  const env = { XDG_STATE_HOME: dir.at("state"), HOME: dir.path };
  const to = ["--tls", "--ca", files.ca, `localhost:${server.port}`];
  const login = await runTool("echo-client", ["login", "--user", "anna", "--password-stdin", ...to], {
    stdin: `${PASSWORD}\n`,
    env,
  });
  assertEquals([login.code, login.stdout.includes("Logged in as anna")], [0, true]);
  const kept = await runTool("echo-client", ["-m", "by token", ...to], { env });
  assertEquals([kept.code, kept.stdout], [0, "by token\n"]);
  await server.logged(/logged in by token/);
  assertEquals((await runTool("echo-client", ["logout", ...to], { env })).code, 0);
});

Deno.test({
  name: "What must not cross a network in plain text may cross it in TLS: registration, token, password",
  ignore: OUTER === undefined,
  fn: async () => {
    using dir = tempDir();
    const host = OUTER ?? "";
    const files = await writeCertificate(dir.path, { names: [host] });
    const env = { XDG_STATE_HOME: dir.at("state"), HOME: dir.path };
    const register = ["login", "--register", "--user", "boris", "--password-stdin"];
    const secret = { stdin: "correct horse battery\n", env };
    const args = ["--host", host];
    await using plain = await startAuth([], { args });
    const refused = await runTool("echo-client", [...register, `${host}:${plain.port}`], secret);
    assertEquals(refused.code, 77);
    const tls = ["--tls-cert", files.cert, "--tls-key", files.key];
    await using server = await startAuth([], { args: [...args, ...tls] });
    const to = ["--tls", "--ca", files.ca, `${host}:${server.port}`];
    const done = await runTool("echo-client", [...register, ...to], secret);
    assertEquals([done.code, done.stdout.includes("Logged in as boris")], [0, true]);
    assertEquals((await runTool("echo-client", ["-m", "by token", ...to], { env })).stdout, "by token\n");
    await using conn = await dialFramedTls(server.port, files.ca, { host, name: host });
    assertMatch(await conn.receiveText() ?? "", /^331 \[AUTH SCRAM-SHA-256 TOKEN PLAIN\]/);
    await conn.send("boris");
    assertMatch(await conn.receiveText() ?? "", /^332 /);
  },
});

Deno.test("A server with TLS takes the next port when one is busy, and speaks TLS on every host and not on Unix sockets", async () => {
  using dir = tempDir();
  await using first = await startTlsServer({ args: ["--host", "127.0.0.1"] });
  const second = await startTlsServer({ port: first.server.port });
  await using _second = second;
  assertNotEquals(second.server.port, first.server.port);
  const socket = dir.at("echo.sock");
  await using third = await startTlsServer({
    args: ["--host", "127.0.0.1", "--host", "::1", "--host", `unix:${socket}`],
  });
  const trust = ["--tls", "--ca", third.files.ca];
  for (const host of ["127.0.0.1", "[::1]"]) {
    const { code, stdout } = await runTool("echo-client", ["-m", host, ...trust, `${host}:${third.server.port}`]);
    assertEquals([code, stdout], [0, `${host}\n`]);
  }
  assertEquals((await runTool("echo-client", ["-m", "plain", `unix:${socket}`])).stdout, "plain\n");
  const strict = await runTool("echo-server", [
    ...["--no-input", "--data", dir.path, "--strict-port", "--port", String(first.server.port)],
    ...["--tls-cert", first.files.cert, "--tls-key", first.files.key],
  ]);
  assertEquals(strict.code, 69);
});

Deno.test("--tls-name: the certificate may be for another name than the host's", async () => {
  await using tls = await startTlsServer({}, { names: ["echo.example"] });
  const to = ["-m", "hello", "--ca", tls.files.ca, "--tls", `127.0.0.1:${tls.server.port}`];
  const named = await runTool("echo-client", ["--tls-name", "echo.example", ...to]);
  assertEquals([named.code, named.stdout], [0, "hello\n"]);
  assertEquals((await runTool("echo-client", to)).code, 76);
});

/** An echo that serves those alone who have a certificate of the authority in its third argument; prints its port. */
const ASKING = `
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
context.load_verify_locations(sys.argv[3])
context.verify_mode = ssl.CERT_REQUIRED
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    conn, _ = listener.accept()
    try:
        with context.wrap_socket(conn, server_side=True) as secured:
            while data := secured.recv(65536):
                secured.sendall(data)
    except (ssl.SSLError, OSError):
        pass
`;

Deno.test({
  name: "--client-cert and --client-key: a server that asks for a certificate gets it, and refuses who has none",
  ignore: !hasPython,
  fn: async () => {
    using dir = tempDir();
    const [files, own] = [await writeCertificate(dir.at("server")), await writeCertificate(dir.at("client"))];
    const args = ["-c", ASKING, files.cert, files.key, own.ca];
    const child = new Deno.Command(python(), { args, stdout: "piped", stderr: "null" }).spawn();
    const output = child.stdout.getReader();
    const { value } = await output.read();
    const to = ["--tls", "--ca", files.ca, `localhost:${new TextDecoder().decode(value).trim()}`];
    const pair = ["--client-cert", own.cert, "--client-key", own.key];
    const message = await runTool("echo-client", ["-m", "hello", ...pair, ...to]);
    assertEquals([message.code, message.stdout], [0, "hello\n"], message.stderr);
    const bench = await runTool("echo-client", [
      "bench",
      "--connect",
      "-n",
      "3",
      "--no-floor",
      "--json",
      ...pair,
      ...to,
    ]);
    assertEquals([bench.code, JSON.parse(bench.stdout).count], [0, 3], bench.stderr);
    const refused = await runTool("echo-client", ["-m", "hello", ...to]);
    assertEquals(refused.code, 76);
    assertMatch(refused.stderr, /certificate.*--client-cert/);
    for (
      const [wrong, code] of [[["--client-cert", own.cert], 64], [[...pair, "--tls-name", "x"], 64], [
        ["--client-cert", own.cert, "--client-key", files.key],
        78,
      ]] as const
    ) {
      assertEquals((await runTool("echo-client", ["-m", "hello", ...wrong, ...to])).code, code, wrong.join(" "));
    }
    child.kill("SIGKILL");
    await output.cancel();
    await child.status;
  },
});

Deno.test("Frames of 1 MiB come back whole over TLS, many on their way at once, and the half-close is seen", async () => {
  await using tls = await startTlsServer();
  const conn = await dialTls(tls.server.port, tls.files.ca);
  const wire = frame(Uint8Array.from({ length: 1024 * 1024 }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
  const received = readToEnd(conn);
  for (let count = 0; count < 16; count++) await writeAll(conn, wire);
  await conn.closeWrite();
  const bytes = await received;
  assertEquals(bytes.length, 16 * wire.length);
  for (let at = 0; at < bytes.length; at += wire.length) {
    assert(bytes.subarray(at, at + wire.length).every((byte, index) => byte === wire[index]), `the frame at ${at}`);
  }
  assertMatch(await tls.server.logged(/client left/), / reason=end .* frames=16 /);
});

Deno.test({
  name: "Python's ssl module as the client: versions, certificate, echo",
  ignore: !hasPython,
  fn: async () => {
    await using tls = await startTlsServer();
    const { code, stdout, stderr } = await runPython(
      `
import ssl
for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    context = ssl.create_default_context(cafile=sys.argv[2])
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.minimum_version = context.maximum_version = version
    raw = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    with context.wrap_socket(raw, server_hostname="localhost") as conn:
        text = "привет".encode()
        conn.sendall(struct.pack(">I", len(text)) + text)
        reply = b""
        while len(reply) < 4 + len(text): reply += conn.recv(100)
        print(conn.version(), reply[4:].decode())`,
      [tls.server.port, tls.files.ca],
    );
    assertEquals([code, stdout, stderr], [0, "TLSv1.2 привет\nTLSv1.3 привет\n", ""]);
  },
});

Deno.test({
  name: "openssl s_client as the peer: TLS 1.2 and 1.3 are accepted, 1.1 is refused, others are served",
  ignore: !hasOpenssl,
  fn: async () => {
    await using tls = await startTlsServer({ args: ["--framing", "line"] });
    const connect = async (...options: readonly string[]) =>
      await runProgram("openssl", [
        ...["s_client", "-connect", `127.0.0.1:${tls.server.port}`, "-CAfile", tls.files.ca],
        ...["-verify_return_error", "-verify_hostname", "localhost", "-quiet", "-no_ign_eof", ...options],
      ], { stdin: "hello\n" });
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const { code, stderr } = await connect(version);
      assertEquals([version, code], [version, 0], stderr);
    }
    const old = await connect("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0");
    assertNotEquals(old.code, 0);
    assertStringIncludes(old.stderr, "alert");
    await tls.server.logged(/WARN .* no TLS connection reason=/);
    const conn = await dialFramedTls(tls.server.port, tls.files.ca);
    conn.close();
  },
});
