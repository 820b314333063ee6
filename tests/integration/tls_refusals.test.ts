// Mistakes with TLS on either side, and what each is told: in the log, on the client, in two languages.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { isServed, readToEnd, runPython, writeAll } from "../support/net.ts";
import { hasPython } from "../support/python.ts";
import { dialFramedTls, startTlsServer, type TlsServer, writeCertificate } from "../support/tls.ts";
import { dial, frame } from "../support/net.ts";
import { isInstalled, runProgram, runTool, startServer, tempDir } from "../support/tools.ts";

const HOUR = 3_600_000;
const hasOpenssl = isInstalled("openssl");

/** Runs the client against an address; answers with its exit code and its one line. */
async function refusal(...args: readonly string[]): Promise<readonly [number, string]> {
  const { code, stdout, stderr } = await runTool("echo-client", ["-m", "hello", ...args]);
  assertEquals(stdout, "");
  assertEquals(stderr.trimEnd().split("\n").length, 1, `one line: ${stderr}`);
  return [code, stderr];
}

/** The server still serves clients that do it right. */
async function assertServes({ server, files }: TlsServer): Promise<void> {
  await using conn = await dialFramedTls(server.port, files.ca);
  await conn.send("still there?");
  assertEquals(await conn.receiveText(), "still there?");
}

Deno.test("echo-client names an authority that is not trusted, and --ca", async () => {
  using dir = tempDir();
  const other = await writeCertificate(dir.path);
  await using tls = await startTlsServer();
  const address = `localhost:${tls.server.port}`;
  for (const trust of [[], ["--ca", other.ca]]) {
    const [code, line] = await refusal("--tls", ...trust, address);
    assertEquals(code, 76);
    assertStringIncludes(line, `The certificate of ${address} is from an authority that is not trusted here.`);
    assertStringIncludes(line, "--ca");
  }
  const [, russian] = await refusal("--lang", "ru", "--tls", address);
  assertStringIncludes(russian, "которому здесь не доверяют");
  assertMatch(await tls.server.logged(/no TLS connection/), /WARN .* reason="received fatal alert: \w+"/);
  await assertServes(tls);
});

Deno.test("echo-client names what the certificate is for when the name is wrong", async () => {
  await using tls = await startTlsServer({}, { names: ["echo.example", "192.0.2.1"] });
  const [code, line] = await refusal("--tls", "--ca", tls.files.ca, `127.0.0.1:${tls.server.port}`);
  assertEquals(code, 76);
  assertStringIncludes(line, 'is not for "127.0.0.1" but for: echo.example, 192.0.2.1.');
  assertStringIncludes(line, "--tls-name");
  const [, russian] = await refusal("--lang", "ru", "--tls", "--ca", tls.files.ca, `127.0.0.1:${tls.server.port}`);
  assertStringIncludes(russian, "выдан не для «127.0.0.1», а для: echo.example, 192.0.2.1");
});

for (
  const [when, validFrom, validTo, english, russian] of [
    ["has expired", -2 * HOUR, -HOUR, "has expired", "истёк"],
    ["is not valid yet", HOUR, 2 * HOUR, "is not valid yet", "ещё не действует"],
  ] as const
) {
  Deno.test(`echo-client says that a certificate ${when}`, async () => {
    await using tls = await startTlsServer({}, { validFrom, validTo });
    const [code, line] = await refusal(...tls.client);
    assertEquals([code, line.includes(english)], [76, true]);
    assertStringIncludes((await refusal("--lang", "ru", ...tls.client))[1], russian);
  });
}

Deno.test({
  name: "echo-client says what is wrong with the certificate that openssl req -x509 makes: it is an authority's",
  ignore: !hasOpenssl,
  fn: async () => {
    using dir = tempDir();
    const [cert, key] = [dir.at("cert.pem"), dir.at("key.pem")];
    const made = await runProgram("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"],
      ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
    ]);
    assertEquals(made.code, 0, made.stderr);
    await using server = await startServer({ args: ["--tls-cert", cert, "--tls-key", key] });
    const [code, line] = await refusal("--tls", "--ca", cert, `localhost:${server.port}`);
    assertEquals(code, 76);
    assertStringIncludes(line, "echo-server cert");
  },
});

for (const framing of ["u32", "line", "raw", "dec:8"]) {
  Deno.test(`A client in plain text on the port of a server with TLS is told so (${framing})`, async () => {
    await using tls = await startTlsServer({ args: ["--framing", framing] });
    const address = `127.0.0.1:${tls.server.port}`;
    const [code, line] = await refusal("--framing", framing, address);
    assertEquals([code, line], [76, `echo-client: The server at ${address} speaks TLS: use --tls.\n`]);
    assertMatch(
      await tls.server.logged(/no TLS connection/),
      /WARN {2}127\.0\.0\.1:\d+ no TLS connection reason="not TLS: a plaintext client\?"$/,
    );
  });
}

Deno.test("The log of a server with TLS has a client in plain text as an event, and others are served", async () => {
  await using tls = await startTlsServer({ args: ["--log-format", "json"] });
  await using held = await dialFramedTls(tls.server.port, tls.files.ca);
  const conn = await dial(tls.server.port);
  await writeAll(conn, frame("hello"));
  assertEquals((await readToEnd(conn)).toHex(), "1503030002020a", "an alert, then FIN and no reset");
  const { level, peer, reason } = JSON.parse(await tls.server.logged(/"tls_error"/));
  assertEquals([level, typeof peer, reason], ["warn", "string", "not TLS: a plaintext client?"]);
  await held.send("undisturbed");
  assertEquals(await held.receiveText(), "undisturbed");
});

for (const args of [[], ["--framing", "u8"], ["--framing", "line"], ["--framing", "raw"], ["--mode", "auth"]]) {
  Deno.test(`A TLS client on the port of a server without is told so, and the log says --tls-cert (${args.join(" ") || "u32"})`, async () => {
    await using server = await startServer({ args });
    const address = `127.0.0.1:${server.port}`;
    const [code, line] = await refusal("--tls", "--timeout", "2s", address);
    // A server whose framing takes the greeting for the beginning of a long message just waits for the rest.
    if (code !== 75) {
      assertEquals(code, 76);
      assertStringIncludes(line, `The server at ${address} does not speak TLS.`);
    }
    assertMatch(
      await server.logged(/no TLS connection/),
      /reason="the client speaks TLS: --tls-cert is needed"$/,
    );
    assertEquals(/its length is \d{6,}/.test(server.log()), false, "no frame of 369 MB is spoken of");
  });
}

Deno.test("A server without TLS is told apart in Russian, too", async () => {
  await using server = await startServer();
  const [code, line] = await refusal("--lang", "ru", "--tls", `127.0.0.1:${server.port}`);
  assertEquals([code, line.includes("не использует TLS")], [76, true]);
  assertEquals(await isServed(server.port), true);
});

Deno.test({
  name: "A client that leaves without TLS's goodbye has left, no more",
  ignore: !hasPython,
  fn: async () => {
    await using tls = await startTlsServer();
    const { code, stderr } = await runPython(
      `
import ssl
context = ssl.create_default_context(cafile=sys.argv[2])
conn = context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_hostname="localhost")
conn.sendall(struct.pack(">I", 2) + b"hi")
assert conn.recv(6) == struct.pack(">I", 2) + b"hi"
conn.close()`,
      [tls.server.port, tls.files.ca],
    );
    assertEquals([code, stderr], [0, ""]);
    assertMatch(await tls.server.logged(/client left/), /reason=end .* frames=1 /);
  },
});

Deno.test("Options that do not go together are usage errors", async () => {
  const cases: readonly (readonly [tool: "echo-server" | "echo-client", args: readonly string[], part: string])[] = [
    ["echo-server", ["--tls-cert", "cert.pem"], "--tls-cert needs --tls-key, too"],
    ["echo-server", ["--tls-key", "key.pem"], "--tls-key needs --tls-cert, too"],
    ["echo-client", ["--ca", "ca.pem", "-m", "x"], "--ca works together with --tls only"],
    ["echo-client", ["--tls-name", "echo.example", "-m", "x"], "--tls-name works together with --tls only"],
    ["echo-client", ["--tls", "-m", "x", "unix:/tmp/echo.sock"], "a Unix socket does not leave this machine"],
  ];
  for (const [tool, args, part] of cases) {
    const { code, stderr } = await runTool(tool, ["--no-input", ...args]);
    assertEquals([args, code], [args, 64]);
    assertStringIncludes(stderr, part);
  }
  const russian = await runTool("echo-client", ["--no-input", "--lang", "ru", "--ca", "ca.pem", "-m", "x"]);
  assertMatch(russian.stderr, /[а-я]{4}/);
});

Deno.test("Files that cannot be used are named with the remedy, and the exit code is 78", async () => {
  using dir = tempDir();
  const good = await writeCertificate(dir.at("good"));
  const other = await writeCertificate(dir.at("other"));
  const text = (path: string): string => Deno.readTextFileSync(path);
  const file = (name: string, content: string): string => {
    Deno.writeTextFileSync(dir.at(name), content, { mode: 0o600 });
    return dir.at(name);
  };
  const empty = file("empty.pem", "");
  const bent = file("bent.pem", text(good.cert).replace(/\n.{12}/, "\nAAAAAAAAAAAA"));
  const locked = file(
    "locked.pem",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIHsMFc=\n-----END ENCRYPTED PRIVATE KEY-----\n",
  );
  const bentKey = file("bent_key.pem", text(good.key).replace(/\n.{12}/, "\nAAAAAAAAAAAA"));
  const cases: readonly (readonly [cert: string, key: string, named: string, part: string])[] = [
    [dir.at("none.pem"), good.key, dir.at("none.pem"), "there is no such file"],
    [good.cert, dir.at("none.pem"), dir.at("none.pem"), "there is no such file"],
    [dir.path, good.key, dir.path, "it is a directory"],
    [empty, good.key, empty, "there is no certificate in PEM in it"],
    [good.key, good.cert, good.key, "there is no certificate in PEM in it"],
    [bent, good.key, bent, "damaged"],
    [good.cert, empty, empty, "there is no private key in PEM in it"],
    [good.cert, locked, locked, "openssl pkey"],
    [good.cert, bentKey, bentKey, "damaged"],
    [good.cert, other.key, other.key, "does not belong to the certificate"],
  ];
  for (const [cert, key, named, part] of cases) {
    const args = ["--no-input", "--data", dir.at("data"), "--port", "0", "--tls-cert", cert, "--tls-key", key];
    const { code, stdout, stderr } = await runTool("echo-server", args);
    assertEquals([part, code, stdout], [part, 78, ""], stderr);
    assertEquals(stderr.trimEnd().split("\n").length, 1, `one line: ${stderr}`);
    assertStringIncludes(stderr, `Cannot use ${named}: `);
    assertStringIncludes(stderr, part);
  }
  await using tls = await startTlsServer();
  for (
    const [ca, part] of [[dir.at("none.pem"), "no such file"], [empty, "no certificate"], [bent, "damaged"]] as const
  ) {
    const [code, line] = await refusal("--tls", "--ca", ca, `localhost:${tls.server.port}`);
    assertEquals([code, line.includes(`Cannot use ${ca}: `), line.includes(part)], [78, true, true], line);
  }
});

Deno.test("A key that other users can read is refused, with the remedy", async () => {
  await using good = await startTlsServer();
  assertMatch(await good.server.logged(/certificate in use/), /sha256=[0-9a-f]{64}/);
  Deno.chmodSync(good.files.key, 0o644);
  using dir = tempDir();
  const args = ["--no-input", "--data", dir.path, "--tls-cert", good.files.cert, "--tls-key", good.files.key];
  const { code, stderr } = await runTool("echo-server", args);
  assertEquals(code, 78);
  assertStringIncludes(stderr, `other users can read it (mode 644); run chmod go= ${good.files.key}`);
  good.server.kill("SIGHUP");
  await good.server.logged(/The old certificate stays: .* other users can read it/);
});
