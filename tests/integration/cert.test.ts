// `echo-server cert`: what it writes, what others make of it, what it refuses.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { isInstalled, runProgram, runTool, startServer, tempDir } from "../support/tools.ts";

const hasOpenssl = isInstalled("openssl");
const DAY = 24 * 3_600_000;

Deno.test("echo-server cert writes three files, and its two command lines work as they are printed", async () => {
  using dir = tempDir();
  const out = dir.at("tls");
  const { code, stdout, stderr } = await runTool("echo-server", ["cert", "--out", out, "--host", "echo.example"]);
  assertEquals([code, stderr], [0, ""]);
  const [made = "", server = "", client = ""] = stdout.trimEnd().split("\n");
  assertMatch(made, /for localhost, 127\.0\.0\.1, ::1, echo\.example, until \d{4}-\d\d-\d\dT[\d:]+Z\.$/);
  const modes = ["ca.pem", "cert.pem", "key.pem"].map((name) => (Deno.statSync(dir.at("tls", name)).mode ?? 0) & 0o777);
  assertEquals(modes, [0o644, 0o644, 0o600]);
  assertEquals([...Deno.readDirSync(out)].length, 3);
  const serverArgs = /^Server: echo-server (.*)$/.exec(server)?.[1]?.split(" ") ?? [];
  const clientArgs = /^Client: echo-client (.*) echo\.example$/.exec(client)?.[1]?.split(" ") ?? [];
  await using running = await startServer({ args: serverArgs });
  assertEquals(running.log().includes("chmod"), false);
  for (const name of ["localhost", "127.0.0.1"]) {
    const run = await runTool("echo-client", [...clientArgs, "-m", "hello", `${name}:${running.port}`]);
    assertEquals([run.code, run.stdout, run.stderr], [0, "hello\n", ""]);
  }
  const named = await runTool("echo-client", [
    ...[...clientArgs, "--tls-name", "echo.example"],
    ...["-m", "hello", `127.0.0.1:${running.port}`],
  ]);
  assertEquals([named.code, named.stdout], [0, "hello\n"]);
});

Deno.test("echo-server cert --json says where the files are, and until when", async () => {
  using dir = tempDir();
  const before = Date.now();
  const args = ["cert", "--json", "--data", dir.path, "--days", "3", "--host", "192.0.2.7", "--host", "localhost"];
  const { code, stdout } = await runTool("echo-server", args);
  assertEquals(code, 0);
  const { expires_at, ...made } = JSON.parse(stdout);
  assertEquals(made, {
    event: "certificate_made",
    ca: dir.at("ca.pem"),
    cert: dir.at("cert.pem"),
    key: dir.at("key.pem"),
    names: ["localhost", "127.0.0.1", "::1", "192.0.2.7"],
  });
  const lasts = Date.parse(expires_at) - before;
  assert(lasts >= 3 * DAY && lasts < 3 * DAY + 20_000, String(lasts));
});

Deno.test({
  name: "OpenSSL finds nothing to object to: strict verification, for a server, by name and address",
  ignore: !hasOpenssl,
  fn: async () => {
    using dir = tempDir();
    assertEquals((await runTool("echo-server", ["cert", "--out", dir.path])).code, 0);
    const verify = async (...args: readonly string[]) =>
      await runProgram("openssl", [
        ...[
          "verify",
          "-x509_strict",
          "-purpose",
          "sslserver",
          "-CAfile",
          dir.at("ca.pem"),
          ...args,
          dir.at("cert.pem"),
        ],
      ]);
    for (const args of [["-verify_hostname", "localhost"], ["-verify_ip", "127.0.0.1"], ["-verify_ip", "::1"]]) {
      const { code, stderr } = await verify(...args);
      assertEquals([args, code], [args, 0], stderr);
    }
    assertEquals((await verify("-verify_hostname", "other.example")).code === 0, false);
    const { stdout } = await runProgram("openssl", ["x509", "-in", dir.at("cert.pem"), "-noout", "-text"]);
    for (const part of ["ecdsa-with-SHA256", "CA:FALSE", "prime256v1"]) assertStringIncludes(stdout, part);
  },
});

Deno.test("echo-server cert replaces nothing without --force, and everything with it", async () => {
  using dir = tempDir();
  const cert = async (...args: readonly string[]) => await runTool("echo-server", ["cert", "--out", dir.path, ...args]);
  assertEquals((await cert()).code, 0);
  const read = (): string[] => ["ca.pem", "cert.pem", "key.pem"].map((name) => Deno.readTextFileSync(dir.at(name)));
  const first = read();
  Deno.removeSync(dir.at("ca.pem"));
  const refused = await cert();
  assertEquals([refused.code, refused.stdout], [73, ""]);
  assertStringIncludes(refused.stderr, `Cannot write ${dir.at("cert.pem")}: it exists already; --force replaces it.`);
  assertEquals((await cert("--lang", "ru")).stderr.includes("--force его заменит"), true);
  assertEquals(Deno.readTextFileSync(dir.at("key.pem")), first[2]);
  assertEquals((await cert("--force")).code, 0);
  assert(read().every((text, index) => text !== first[index]), "all three are new");
});

Deno.test("echo-server cert says what it cannot do", async () => {
  using dir = tempDir();
  for (const days of ["0", "3651"]) {
    const { code, stderr } = await runTool("echo-server", ["cert", "--out", dir.path, "--days", days]);
    assertEquals([code, stderr.includes("a certificate lasts from 1 to 3650 days")], [64, true]);
  }
  const extra = await runTool("echo-server", ["cert", "echo.example"]);
  assertEquals([extra.code, extra.stderr.includes('unexpected argument "echo.example"')], [64, true]);
  Deno.writeTextFileSync(dir.at("file"), "");
  const inFile = await runTool("echo-server", ["cert", "--out", dir.at("file", "tls")]);
  assertEquals([inFile.code, inFile.stdout], [73, ""]);
});
