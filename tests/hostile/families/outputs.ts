/**
 * Families about disks that are full, and what a server or a client trusts: reports, kept tokens, certificates that are
 * replaced, handshakes that stop.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { ask, codeOf, logIn, PASSWORD, registration } from "../../support/auth.ts";
import { swallow } from "../../support/fake_server.ts";
import { dial, dialFramed, writeAll } from "../../support/net.ts";
import { reservePort } from "../../support/ports.ts";
import { dialFramedTls, writeCertificate } from "../../support/tls.ts";
import { until } from "../../support/tools.ts";
import type { Kit, ToolResult } from "../kit.ts";
import type { Family, SuiteCase } from "../suite.ts";

// Full disks --------------------------------------------------------------------------------------------------------

/** What writes a file, and the option that names it. */
const REPORTS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ...["--html", "--csv", "--markdown", "--prometheus", "--jsonl", "--hgrm"].map((option) =>
    [`bench ${option}`, ["bench", "--no-floor", "-n", "50", option]] as const
  ),
  ...["--html", "--junit"].map((option) => [`check ${option}`, ["check", "--tasks", "1", option]] as const),
  ["probe --html", ["probe", "--html"]],
];

/** A file system that is full, or a file that may not grow: what stands before a tool, and the file. */
const FULL: readonly (readonly [name: string, wrapper: readonly string[], path: (kit: Kit) => string])[] = [
  ["a disk that is full", [], () => "/dev/full"],
  ["a limit of 64 bytes for files", ["prlimit", "--fsize=64:64"], (kit) => kit.dir.at(crypto.randomUUID())],
];

/** A tool that could not write says so, with the exit code for it, and leaves nothing that looks whole. */
function assertNotWritten({ code, stdout, stderr }: ToolResult): void {
  assertEquals(code, 73, `${stdout.slice(-300)} ${stderr.slice(0, 300)}`);
  assertMatch(stderr, /^echo-(client|server): Cannot write /m);
  assert(!/^\s+at .*:\d+/m.test(stderr), `a stack trace: ${stderr.slice(0, 300)}`);
}

const REPORTED: readonly SuiteCase[] = FULL.flatMap(([full, wrapper, path]) => [
  ...REPORTS.map(([name, args]): SuiteCase => ({
    name: `${name} on ${full}`,
    time: 60_000,
    run: async (kit) => {
      const { port } = await kit.server();
      assertNotWritten(
        await kit.run("echo-client", [...args, path(kit), `127.0.0.1:${port}`], { wrapper, time: 40_000 }),
      );
    },
  })),
  ...["--html", "--pcap", "--record"].map((option): SuiteCase => ({
    name: `explain ${option} on ${full}: what passes goes on`,
    run: async (kit) => {
      const { port } = await kit.server();
      using reserved = reservePort();
      const listen = reserved.port;
      const args = [
        "explain",
        "--quiet",
        "--count",
        "1",
        "--listen",
        `${listen}`,
        option,
        path(kit),
        `127.0.0.1:${port}`,
      ];
      const explained = kit.run("echo-client", args, { wrapper });
      const isOver = { yes: false };
      const ended = (async (): Promise<ToolResult> => {
        const result = await explained;
        isOver.yes = true;
        return result;
      })();
      // Some see at once that they cannot write.
      await until(async () => isOver.yes || await echoed(listen).catch(() => undefined), "an echo or the end");
      assertNotWritten(await ended);
    },
  })),
]);

async function echoed(port: number): Promise<true> {
  await using conn = await dialFramed(port);
  for (let times = 0; times < 20; times++) {
    await conn.send("x".repeat(1000));
    assertEquals((await deadline(conn.receiveText(), 5000))?.length, 1000);
  }
  return true;
}

const OWN_MOUNT = ["unshare", "--map-root-user", "--mount", "sh", "-c"];
const hasMounts = canMount();

function canMount(): boolean {
  try {
    return new Deno.Command("unshare", { args: [...OWN_MOUNT.slice(1), "mount -t tmpfs none /mnt"], stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

/** Starts a program with a file system of so many KiB at a folder, which this process sees under `/proc`. */
function onDisk(folder: string, kib: number): string[] {
  return [...OWN_MOUNT, `mount -t tmpfs -o size=${kib}k,mode=700 none ${folder} && exec "$0" "$@"`];
}

const DISKS: readonly SuiteCase[] = !hasMounts ? [] : [
  ...[300, 1024].map((kib): SuiteCase => ({
    name: `a data directory of ${kib} KiB, and registrations until it is full`,
    time: 90_000,
    run: async (kit) => {
      const data = kit.dir.at(`disk${kib}`);
      Deno.mkdirSync(data, { mode: 0o700 });
      const port = `${data}/port`;
      await using server = await kit.own({
        ...{ data, wrapper: onDisk(data, kib) },
        args: ["--mode", "auth", "--port-file", port, "--log", `${data}/log`],
      });
      const seen = `/proc/${server.pid}/root${data}`;
      assertEquals(Deno.readTextFileSync(`${seen}/port`).trim(), String(server.port));
      const acknowledged: string[] = [];
      for (let refused = 0; refused < 5;) {
        const name = `r${acknowledged.length}-${refused}`;
        const code = codeOf(await ask(server.port, registration(name)).catch(() => "end"));
        if (code === "235") acknowledged.push(name);
        else refused++;
        assert(acknowledged.length < 5000, "it never fills");
        if (acknowledged.length === 20) fill(`${seen}/ballast`, { room: 40 * 1024 });
      }
      assert(acknowledged.length >= 20);
      for (const name of acknowledged.slice(-5)) assertEquals(codeOf(await logIn(server.port, name)), "235");
      // Room again: everything goes on, and nobody was lost.
      Deno.removeSync(`${seen}/ballast`);
      assertEquals(codeOf(await ask(server.port, registration("later"))), "235");
      for (const name of acknowledged) assertEquals(codeOf(await logIn(server.port, name)), "235");
      assertEquals((await server.stop()).code, 0);
    },
  })),
  {
    name: "a kept session on a disk that is full: logged in, and said",
    run: async (kit) => {
      await using server = await kit.ownAuth(["anna"]);
      const state = kit.dir.at("state");
      Deno.mkdirSync(state, { mode: 0o700 });
      const { code, stderr } = await kit.run(
        "echo-client",
        ["login", "-u", "anna", "--password-stdin", `127.0.0.1:${server.port}`],
        {
          stdin: `${PASSWORD}\n`,
          env: { XDG_STATE_HOME: state },
          wrapper: [...OWN_MOUNT, `mount -t tmpfs -o size=4k,nr_inodes=1 none ${state} && exec "$0" "$@"`],
        },
      );
      assertEquals(code, 73, stderr);
      assertMatch(stderr, /^echo-client: Cannot write /m);
    },
  },
];

/** Fills a file system, but for some room. */
function fill(path: string, { room }: { readonly room: number }): void {
  using file = Deno.openSync(path, { write: true, createNew: true });
  const block = new Uint8Array(4096);
  let size = 0;
  try {
    for (let wrote = file.writeSync(block); wrote > 0; wrote = file.writeSync(block)) size += wrote;
  } catch (error) {
    assert(!(error instanceof TypeError), String(error));
  }
  file.truncateSync(Math.max(0, size - room));
}

// Certificates ------------------------------------------------------------------------------------------------------

/** What takes the place of a certificate and its key while the server runs. */
const REPLACED: readonly (readonly [string, (cert: string, key: string) => Promise<void> | void])[] = [
  ["nothing in their place", (cert, key) => (Deno.removeSync(cert), Deno.removeSync(key))],
  ["an empty file for the certificate", (cert) => Deno.writeTextFileSync(cert, "")],
  ["half of the certificate", (cert) => Deno.writeTextFileSync(cert, Deno.readTextFileSync(cert).slice(0, 300))],
  ["the key for the certificate", (cert, key) => Deno.copyFileSync(key, cert)],
  ["another certificate's key", async (_cert, key) => {
    const other = await writeCertificate(`${key}.d`);
    Deno.copyFileSync(other.key, key);
  }],
  ["a link to nowhere", (cert) => (Deno.removeSync(cert), Deno.symlinkSync("/nowhere/cert.pem", cert))],
  ["a folder", (cert) => (Deno.removeSync(cert), Deno.mkdirSync(cert))],
  ["a FIFO", (cert) => (Deno.removeSync(cert), void new Deno.Command("mkfifo", { args: [cert] }).outputSync())],
  ["50 GiB of zeros", (cert) => {
    using file = Deno.openSync(cert, { write: true, truncate: true });
    file.truncateSync(50 * 1024 ** 3);
  }],
  ["a key that all can read", (_cert, key) => Deno.chmodSync(key, 0o644)],
];

const CERTIFICATES: readonly SuiteCase[] = REPLACED.map(([name, replace], number) => ({
  name: `SIGHUP with ${name}: the old certificate stays`,
  run: async (kit) => {
    const { cert, key, ca } = await writeCertificate(kit.dir.at(`replaced${number}`));
    await using server = await kit.own({ args: ["--tls-cert", cert, "--tls-key", key] });
    const authority = `${ca}.kept`;
    Deno.copyFileSync(ca, authority);
    await replace(cert, key);
    server.kill("SIGHUP");
    await server.logged(/The old certificate stays/);
    await using conn = await deadline(dialFramedTls(server.port, authority), 10_000);
    await conn.send("still there?");
    assertEquals(await conn.receiveText(), "still there?");
    assertEquals((await server.stop()).code, 0);
  },
}));

/** A file for `--ca`. */
const AUTHORITIES: readonly (readonly [string, (path: string, kit: Kit) => Promise<void> | void])[] = [
  ["a folder", (path) => Deno.mkdirSync(path)],
  ["an empty file", (path) => Deno.writeTextFileSync(path, "")],
  ["a key", async (path, kit) => Deno.copyFileSync((await kit.certificate()).key, path)],
  [
    "a certificate of random bytes",
    (path) =>
      Deno.writeTextFileSync(
        path,
        `-----BEGIN CERTIFICATE-----\n${btoa("x".repeat(900))}\n-----END CERTIFICATE-----\n`,
      ),
  ],
  ["a file of 50 GiB", (path) => {
    using file = Deno.openSync(path, { write: true, create: true });
    file.truncateSync(50 * 1024 ** 3);
  }],
  [
    "a file that begins a certificate and never ends it",
    (path) => Deno.writeTextFileSync(path, "-----BEGIN CERTIFICATE-----\n" + "A".repeat(500_000)),
  ],
];

const TRUSTED: readonly SuiteCase[] = AUTHORITIES.map(([name, write], number) => ({
  name: `--ca: ${name}`,
  run: async (kit) => {
    const { cert, key } = await kit.certificate();
    const { port } = await kit.server("--tls-cert", cert, "--tls-key", key);
    const path = kit.dir.at(`authority${number}`);
    await write(path, kit);
    const { code, stderr } = await kit.run("echo-client", ["--tls", "--ca", path, "-m", "x", `localhost:${port}`]);
    assert([73, 76, 78].includes(code), `exit ${code}: ${stderr.slice(0, 300)}`);
    assertMatch(stderr, /^echo-client: /);
    assertLess(stderr.length, 1000);
    assert(!/^\s+at .*:\d+/m.test(stderr), stderr.slice(0, 300));
  },
}));

// Handshakes that stop ----------------------------------------------------------------------------------------------

/** Bytes of the server's flight that still come. */
const CUTS = [0, 1, 5, 40, 130, 500, 900, 1300];

const STOPS: readonly SuiteCase[] = CUTS.flatMap((size) =>
  (["says no more", "ends", "resets", "goes on with zeros"] as const).map((how): SuiteCase => ({
    name: `a server that ${how} behind ${size} bytes of its handshake`,
    run: async (kit) => {
      const { cert, key, ca } = await kit.certificate();
      const { port } = await kit.server("--tls-cert", cert, "--tls-key", key);
      using relay = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const relayed = (async (): Promise<void> => {
        using client = await relay.accept();
        using server = await dial(port);
        await relayUntil(client, server, size);
        if (how === "says no more") await swallow(client);
        if (how === "goes on with zeros") { for (;;) await writeAll(client, new Uint8Array(65536)); }
        // What is left unread makes the close a reset.
        if (how === "ends") await client.closeWrite().then(() => swallow(client));
      })().catch(() => {/* the client has left */});
      const began = performance.now();
      const args = ["--tls", "--ca", ca, "--timeout", "1s", "-m", "hello", `localhost:${relay.addr.port}`];
      const { code, stderr } = await kit.run("echo-client", args);
      assert([69, 75, 76].includes(code), `exit ${code}: ${stderr.slice(0, 300)}`);
      assertLess(performance.now() - began, 8000);
      assert(!/^\s+at .*:\d+/m.test(stderr), stderr.slice(0, 300));
      await relayed;
    },
  }))
);

/** Passes the client's hello on, and so many bytes of the answer back. */
async function relayUntil(client: Deno.TcpConn, server: Deno.TcpConn, size: number): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  const hello = await client.read(buffer) ?? 0;
  await writeAll(server, buffer.slice(0, hello));
  for (let left = size; left > 0;) {
    const got = Math.min(left, await deadline(server.read(buffer), 500).catch(() => null) ?? 0);
    if (got === 0) return;
    await writeAll(client, buffer.slice(0, got));
    left -= got;
  }
}

/** See the module. */
export const OUTPUT_FAMILIES: readonly Family[] = [
  { name: "outputs", cases: [...REPORTED, ...DISKS], atOnce: 2 },
  { name: "trust", cases: [...CERTIFICATES, ...TRUSTED, ...STOPS], atOnce: 3 },
];
