/**
 * Families about the machine that the tools run on: files of others, clocks, signals, descriptors, command lines.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { delay } from "../../../lib/base/delay.ts";
import { utf8 } from "../../../lib/base/bytes.ts";
import { encodeText } from "../../../lib/protocol/commands.ts";
import { ask, AuthClient, codeOf, logIn, PASSWORD, registration, startAuth, tokenOf } from "../../support/auth.ts";
import { crowd, stall } from "../../support/load.ts";
import { dial, dialFramed, frame, writeAll } from "../../support/net.ts";
import { between } from "../../support/random.ts";
import { type RunningServer, startServer, until } from "../../support/tools.ts";
import { type Kit, served } from "../kit.ts";
import type { Family, SuiteCase } from "../suite.ts";

const NOBODY = 65534;
const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;

// Files -------------------------------------------------------------------------------------------------------------

function fifo(path: string): void {
  new Deno.Command("mkfifo", { args: [path] }).outputSync();
}

/** Files of a case: `at("data")` is the data directory of the server that is started. */
type Prepare = (at: (name: string) => string) => readonly string[] | void;

/** Makes the data directory, and something in it. */
const inData = (make: (at: (name: string) => string) => void): Prepare => (at) => {
  Deno.mkdirSync(at("data"), { mode: 0o700 });
  make((name) => at(`data/${name}`));
};

const ROOT_ONLY: readonly (readonly [string, Prepare])[] = [
  [
    "a data directory of another user",
    inData((at) => (Deno.writeTextFileSync(at("x"), ""), Deno.chownSync(at(""), NOBODY, NOBODY))),
  ],
  [
    "a database of another user",
    inData((at) => (Deno.writeTextFileSync(at("echo.db"), ""), Deno.chownSync(at("echo.db"), NOBODY, NOBODY))),
  ],
];

const REFUSED_FILES: readonly (readonly [string, Prepare])[] = [
  ...isRoot ? ROOT_ONLY : [],
  ["a file for a data directory", (at) => Deno.writeTextFileSync(at("data"), "")],
  ["a FIFO for a data directory", (at) => fifo(at("data"))],
  [
    "a data directory that all can write, with files",
    inData((at) => (Deno.writeTextFileSync(at("x"), ""), Deno.chmodSync(at(""), 0o777))),
  ],
  ["a link to nowhere for a data directory", (at) => Deno.symlinkSync(at("nowhere/else"), at("data"))],
  [
    "a link for a database",
    inData((at) => (Deno.writeTextFileSync(at("other"), ""), Deno.symlinkSync(at("other"), at("echo.db")))),
  ],
  ["a FIFO for a database", inData((at) => fifo(at("echo.db")))],
  ["a folder for a database", inData((at) => Deno.mkdirSync(at("echo.db")))],
  [
    "a database of random bytes",
    inData((at) => Deno.writeFileSync(at("echo.db"), crypto.getRandomValues(new Uint8Array(8192)), { mode: 0o600 })),
  ],
  [
    "another program's database",
    inData((at) => otherDatabase(at("echo.db"), "PRAGMA application_id = 7; CREATE TABLE t (x)")),
  ],
  [
    "a database of a later version",
    inData((at) => otherDatabase(at("echo.db"), "PRAGMA application_id = 1162037327; PRAGMA user_version = 99")),
  ],
  ["a database of zeros", inData((at) => Deno.writeFileSync(at("echo.db"), new Uint8Array(8192), { mode: 0o600 }))],
  [
    "a database of version 0",
    inData((at) => otherDatabase(at("echo.db"), "PRAGMA application_id = 1162037327; CREATE TABLE user (x)")),
  ],
  ["a folder for a journal", inData((at) => Deno.mkdirSync(at("echo.db-journal")))],
  ["a FIFO for a WAL", inData((at) => fifo(at("echo.db-wal")))],
  ["a link for a WAL's index", inData((at) => Deno.symlinkSync("/etc/passwd", at("echo.db-shm")))],
  [
    "a database that all can write",
    inData((at) => Deno.writeTextFileSync(at("echo.db"), "", { mode: 0o600 }) ?? Deno.chmodSync(at("echo.db"), 0o666)),
  ],
  ["a FIFO for a log", (at) => (fifo(at("log")), ["--log", at("log")])],
  ["a folder for a log", (at) => (Deno.mkdirSync(at("log")), ["--log", at("log")])],
  ["a device for a log", () => ["--log", "/dev/full"]],
  ["a folder for a port file", (at) => (Deno.mkdirSync(at("port")), ["--port-file", at("port")])],
  ["a port file in no folder", (at) => ["--port-file", at("nowhere/port")]],
  ["a certificate that is not there", (at) => ["--tls-cert", at("no.pem"), "--tls-key", at("no.key")]],
  ["a FIFO for a certificate", (at) => (fifo(at("cert")), ["--tls-cert", at("cert"), "--tls-key", at("cert")])],
  ["a device for a certificate", () => ["--tls-cert", "/dev/zero", "--tls-key", "/dev/zero"]],
  [
    "a certificate of random bytes",
    (
      at,
    ) => (Deno.writeFileSync(at("cert"), crypto.getRandomValues(new Uint8Array(999)), { mode: 0o600 }),
      ["--tls-cert", at("cert"), "--tls-key", at("cert")]),
  ],
  ["a FIFO for a configuration", (at) => (fifo(at("c.toml")), ["--config", at("c.toml")])],
  ["a device for a configuration", () => ["--config", "/dev/zero"]],
  [
    "a configuration that is no UTF-8",
    (at) => (Deno.writeFileSync(at("c.toml"), Uint8Array.of(0xff, 0xfe, 0x00)), ["--config", at("c.toml")]),
  ],
  [
    "a configuration of 10,000 brackets",
    (at) => (Deno.writeTextFileSync(at("c.toml"), `x = ${"[".repeat(10_000)}`), ["--config", at("c.toml")]),
  ],
  [
    "a configuration with an option nobody knows",
    (at) => (Deno.writeTextFileSync(at("c.toml"), 'evil = "\u001b[2J"'), ["--config", at("c.toml")]),
  ],
  ["a FIFO for a list of addresses", (at) => (fifo(at("list")), ["--allow", `@${at("list")}`])],
  ["a device for a list of addresses", () => ["--allow", "@/dev/zero"]],
  [
    "a list of addresses that are none",
    (at) => (Deno.writeTextFileSync(at("list"), "not an address\u001b[2J\n"), ["--deny", `@${at("list")}`]),
  ],
];

function otherDatabase(path: string, sql: string): void {
  using db = new DatabaseSync(path);
  db.exec(sql);
  Deno.chmodSync(path, 0o600);
}

/** Arguments of the client, with files that it must refuse to read. */
const CLIENT_FILES: readonly (readonly [string, Prepare])[] = [
  ["a device for a password", () => ["login", "--mode", "auth", "-u", "anna", "--password-file", "/dev/zero"]],
  [
    "a FIFO for a password",
    (at) => (fifo(at("p")), ["login", "--mode", "auth", "-u", "anna", "--password-file", at("p")]),
  ],
  [
    "a password that others can read",
    (
      at,
    ) => (Deno.writeTextFileSync(at("p"), "x", { mode: 0o644 }), ["login", "-u", "anna", "--password-file", at("p")]),
  ],
  ["a device for an authority", () => ["--tls", "--ca", "/dev/zero", "-m", "x"]],
  ["a FIFO for an authority", (at) => (fifo(at("ca")), ["--tls", "--ca", at("ca"), "-m", "x"])],
  ["a device for a payload", () => ["bench", "-n", "1", "--payload", "@/dev/zero"]],
  ["a device for results", () => ["compare", "/dev/zero", "/dev/zero"]],
  [
    "results of 10,000 brackets",
    (at) => (Deno.writeTextFileSync(at("r"), "[".repeat(10_000)), ["compare", at("r"), at("r")]),
  ],
  ["a device for a configuration", () => ["--config", "/dev/zero", "-m", "x"]],
  ["a device for a message", () => ["-m", "@/dev/zero"]],
  ["a FIFO for a message", (at) => (fifo(at("m")), ["-m", `@${at("m")}`])],
  ["a folder for a message", (at) => ["-m", `@${at("")}`]],
  ["a link to itself for a message", (at) => (Deno.symlinkSync(at("m"), at("m")), ["-m", `@${at("m")}`])],
  ["a message of 50 GiB", (at) => (sparse(at("m")), ["-m", `@${at("m")}`])],
  ["the memory of a process for a message", () => ["-m", "@/proc/self/mem"]],
  ["a message that is not there, and escapes in its name", (at) => ["-m", `@${at("\u001b[2J")}`]],
];

function sparse(path: string): void {
  using file = Deno.openSync(path, { write: true, create: true });
  file.truncateSync(50 * 1024 ** 3);
}

/** What `users import` is given and must refuse. */
const IMPORTS: readonly (readonly [string, () => string | Uint8Array])[] = [
  ["a line of 30 MB", () => `{"name":"${"a".repeat(30_000_000)}"}`],
  ["100,000 brackets", () => "[".repeat(100_000)],
  ["40 MB of line ends, and no user", () => `${"\n".repeat(40_000_000)}x`],
  ["bytes that are no text", () => Uint8Array.of(0, 0xff, 0xfe, 10)],
  ["the name of a prototype", () => '{"__proto__":{"name":"x"},"constructor":1}\n'],
  ["escapes in a name", () => '{"name":"\\u001b[2J","verifier":"x"}\n'],
];

const FILES: readonly SuiteCase[] = [
  ...REFUSED_FILES.map(([name, prepare], number): SuiteCase => ({
    name,
    run: async (kit) => {
      const at = folderOf(kit, `server${number}`);
      const args = prepare(at) ?? [];
      const answer = await kit.run("echo-server", [
        "--no-input",
        "--mode",
        "auth",
        "--port=0",
        "--data",
        at("data"),
        ...args,
      ]);
      assertRefused(answer);
    },
  })),
  ...CLIENT_FILES.map(([name, prepare], number): SuiteCase => ({
    name: `client: ${name}`,
    run: async (kit) => {
      const { port } = await kit.server();
      const args = prepare(folderOf(kit, `client${number}`)) ?? [];
      assertRefused(
        await kit.run(
          "echo-client",
          [...args, "--timeout=3s", ...args[0] === "compare" ? [] : ["--port", `${port}`]].filter((arg) =>
            args[0] !== "compare" || !arg.startsWith("--timeout")
          ),
        ),
      );
    },
  })),
  ...IMPORTS.map(([name, input], number): SuiteCase => ({
    name: `users import of ${name}`,
    run: async (kit) => {
      const data = folderOf(kit, `import${number}`)("data");
      assertRefused(await kit.run("echo-server", ["users", "import", "--data", data], { stdin: input() }));
    },
  })),
  {
    name: "a temporary port file that somebody has prepared as a link",
    run: async (kit) => {
      const at = folderOf(kit, "port-file");
      Deno.writeTextFileSync(at("precious"), "precious");
      for (const name of ["port.tmp", "port"]) Deno.symlinkSync(at("precious"), at(name));
      await using server = await kit.own({ args: ["--port-file", at("port")] });
      await until(() => Deno.readTextFileSync(at("port")).includes(String(server.port)) ? true : undefined, "the port");
      assertEquals(Deno.readTextFileSync(at("precious")), "precious");
    },
  },
  {
    name: "a log file that is replaced by a link, and SIGHUP",
    run: async (kit) => {
      await using server = await kit.own();
      const path = `${server.data}/echo-server.log`;
      const precious = `${server.data}/precious`;
      Deno.writeTextFileSync(precious, "precious");
      Deno.removeSync(path);
      Deno.symlinkSync(precious, path);
      server.kill("SIGHUP");
      await served(server.port);
      await served(server.port);
      assertEquals(Deno.readTextFileSync(precious), "precious");
    },
  },
  {
    name: "its database is emptied while it runs",
    run: async (kit) => {
      await using server = await kit.ownAuth(["anna"]);
      await using open = await AuthClient.to(server.port);
      await open.scram("anna");
      Deno.truncateSync(`${server.data}/echo.db`);
      const answers = await Promise.all(
        Array.from({ length: 5 }, (_, number) => ask(server.port, registration(`r${number}`))),
      );
      assertEquals(new Set(answers.map(codeOf)), new Set(["421"]));
      assert(await open.isEchoed(), "an open session");
      assertMatch(server.log(), /code=bad_store reason=damaged/);
      open.conn.close();
      assertEquals((await server.stop()).code, 0);
    },
  },
  {
    name: "SIGHUP with a list of 300,000 addresses: clients are served while it is read",
    run: async (kit) => {
      const list = kit.dir.at("long-list");
      Deno.writeTextFileSync(list, "192.0.2.1\n");
      await using server = await kit.own({ args: ["--deny", `@${list}`] });
      await using conn = await dialFramed(server.port);
      const addresses = Array.from({ length: 300_000 }, (_, at) => `10.${at >> 16}.${at >> 8 & 255}.${at & 255}`);
      Deno.writeTextFileSync(list, `${addresses.join("\n")}\n127.0.0.1\n`);
      server.kill("SIGHUP");
      let longest = 0;
      while (!server.log().includes("lists read again")) {
        const began = performance.now();
        await conn.send("still there?");
        assertEquals(await conn.receiveText(), "still there?");
        longest = Math.max(longest, performance.now() - began);
        await delay(5);
      }
      // With a third of them it was 10 s, and 9 ms for each client afterwards.
      assertLess(longest, 1000);
      await using denied = await dialFramed(server.port);
      assertEquals(await denied.receiveText().catch(() => null), null);
    },
  },
  {
    name: "a database that is deleted, and a new start",
    run: async (kit) => {
      const at = folderOf(kit, "deleted");
      {
        await using server = await startAuth(["anna"], { data: at("data") });
        assertEquals(codeOf(await logIn(server.port, "anna")), "235");
      }
      for (const { name } of Deno.readDirSync(at("data"))) {
        if (name.startsWith("echo.db") && !name.includes("mark")) {
          if (/^echo\.db(-wal|-shm|-journal)?$/.test(name)) Deno.removeSync(at(`data/${name}`));
        }
      }
      assertRefused(
        await kit.run("echo-server", ["--no-input", "--mode", "auth", "--port", "0", "--data", at("data")]),
      );
    },
  },
];

/** What becomes of a file that the client keeps. */
const KEPT_FILES: readonly (readonly [string, (path: string) => void])[] = [
  ["emptied", (path) => Deno.truncateSync(path)],
  ["cut", (path) => Deno.truncateSync(path, 20)],
  ["of random bytes", (path) => Deno.writeFileSync(path, crypto.getRandomValues(new Uint8Array(300)))],
  ["of 50 GiB", sparse],
  ["of 20,000 brackets", (path) => Deno.writeTextFileSync(path, "[".repeat(20_000))],
  ["with names of prototypes", (path) => Deno.writeTextFileSync(path, '{"__proto__":{"x":1},"constructor":5}')],
  ["null", (path) => Deno.writeTextFileSync(path, "null")],
  ["a FIFO", (path) => (Deno.removeSync(path), fifo(path))],
  ["a folder", (path) => (Deno.removeSync(path), Deno.mkdirSync(path))],
  ["one that all can write", (path) => Deno.chmodSync(path, 0o666)],
];

/** The client with its kept session, or what it knows of servers, damaged. */
const KEPT: readonly SuiteCase[] = ["a kept session", "what is known of servers"].flatMap((kept, which) =>
  KEPT_FILES.map(([name, change], number): SuiteCase => ({
    name: `client: ${kept} is ${name}`,
    run: async (kit) => {
      const { port, data } = await kit.server("--mode", "auth");
      const user = `k${which}-${number}`;
      await kit.run("echo-server", ["users", "add", user, "--data", data], { stdin: `${PASSWORD}\n` });
      const state = folderOf(kit, `kept${which}-${number}`);
      const client = (args: readonly string[], stdin = ""): ReturnType<Kit["run"]> =>
        kit.run("echo-client", [...args, `127.0.0.1:${port}`], { stdin, env: { XDG_STATE_HOME: state("") } });
      const login = ["login", "-u", user, "--password-stdin"];
      assertEquals((await client(login, `${PASSWORD}\n`)).code, 0);
      const sessions = Array.from(Deno.readDirSync(state("echo-client/sessions")), ({ name }) => name);
      change(state(which === 0 ? `echo-client/sessions/${sessions[0]}` : "echo-client/known_servers.json"));
      for (const { code, stderr } of [await client(["whoami"]), await client(login, `${PASSWORD}\n`)]) {
        assert([0, 73, 77, 78].includes(code), `exit ${code}: ${stderr.slice(0, 300)}`);
        assert(code === 0 || /^echo-client: /m.test(stderr), stderr);
        assert(!/^\s+at .*:\d+/m.test(stderr), `a stack trace: ${stderr.slice(0, 300)}`);
      }
    },
  }))
);

/** What is done to a running server, whether users still log in meanwhile, and what ends it. */
const DISTURBED: readonly (readonly [string, boolean, (data: string) => () => void])[] = [
  ["its database is renamed", false, (data) => {
    const files = ["echo.db", "echo.db-wal", "echo.db-shm"].filter((name) => existsSync(`${data}/${name}`));
    for (const name of files) Deno.renameSync(`${data}/${name}`, `${data}/x${name}`);
    return () => files.forEach((name) => Deno.renameSync(`${data}/x${name}`, `${data}/${name}`));
  }],
  ["another database is put in the place of its own", false, (data) => {
    Deno.renameSync(`${data}/echo.db`, `${data}/xecho.db`);
    Deno.copyFileSync(`${data}/xecho.db`, `${data}/echo.db`);
    return () => Deno.renameSync(`${data}/xecho.db`, `${data}/echo.db`);
  }],
  ["a table of its database is gone", false, (data) => {
    const whole = Deno.readFileSync(`${data}/echo.db`);
    using db = new DatabaseSync(`${data}/echo.db`, { timeout: 5000 });
    db.exec("DROP TABLE session; DROP TABLE user");
    return () => Deno.writeFileSync(`${data}/echo.db`, whole);
  }],
  ["another program keeps its database locked", false, (data) => {
    const db = new DatabaseSync(`${data}/echo.db`);
    db.exec("BEGIN EXCLUSIVE");
    return () => db.close();
  }],
  ...["a FIFO", "a folder", "a link", "nothing"].map((what) =>
    [`there is ${what} in place of its log`, true, (data: string) => {
      const path = `${data}/echo-server.log`;
      Deno.renameSync(path, `${path}.x`);
      if (what === "a FIFO") fifo(path);
      if (what === "a folder") Deno.mkdirSync(path);
      if (what === "a link") Deno.symlinkSync(`${path}.x`, path);
      return () => {};
    }] as const
  ),
];

/** Log-ins and registrations while a server is disturbed, and afterwards. */
const DISTURBANCES: readonly SuiteCase[] = DISTURBED.map(([name, serves, disturb]) => ({
  name: `${name} while it runs`,
  time: 60_000,
  run: async (kit) => {
    await using server = await kit.ownAuth(["anna"]);
    const { port, data } = server;
    await using open = await AuthClient.to(port);
    await open.scram("anna");
    const end = disturb(data);
    server.kill("SIGHUP");
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => logIn(port, "anna").catch(() => "421 there was no challenge")),
      ...Array.from({ length: 5 }, (_, number) => ask(port, registration(`r${number}`)).catch(() => "end")),
    ]);
    assertEquals(new Set(answers.map(codeOf)), new Set([serves ? "235" : "421"]));
    assert(await open.isEchoed(), "an open session");
    end();
    assertEquals(codeOf(await logIn(port, "anna")), "235");
    for (let number = 0; number < 5; number++) {
      assertEquals(codeOf(await ask(port, registration(`r${number}`))), serves ? "501" : "235");
    }
    open.conn.close();
    assertEquals((await server.stop()).code, 0);
  },
}));

function existsSync(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function folderOf(kit: Kit, name: string): (file: string) => string {
  Deno.mkdirSync(kit.dir.at(name), { mode: 0o700 });
  return (file) => kit.dir.at(name, file);
}

/** A tool that refuses says so in some lines, with the exit code for it. */
function assertRefused({ code, stderr }: { readonly code: number; readonly stderr: string }): void {
  assert([64, 65, 69, 73, 78].includes(code), `exit ${code}: ${stderr.slice(0, 300)}`);
  assertMatch(stderr, /^echo-(server|client): /m);
  assert(!/^\s+at .*:\d+/m.test(stderr), `a stack trace: ${stderr.slice(0, 300)}`);
  assert(!stderr.includes("\u001b"), "an escape sequence");
}

// Clocks ------------------------------------------------------------------------------------------------------------

const YEARS_12 = 12 * 365 * 86_400_000;
const DAY = 86_400_000;

/** What the row of a session says that no honest clock has written, or that is too old. */
const TIMES: readonly (readonly [string, (now: number) => string])[] = [
  ["began in 12 years", (now) => `created_at = ${now + YEARS_12}`],
  ["began in 12 years and was used then", (now) => `created_at = ${now + YEARS_12}, last_used_at = ${now + YEARS_12}`],
  ["was used in 12 years", (now) => `last_used_at = ${now + YEARS_12}`],
  ["began 8 days ago", (now) => `created_at = ${now - 8 * DAY}`],
  ["was used 25 hours ago", (now) => `created_at = ${now - 2 * DAY}, last_used_at = ${now - 25 * 3_600_000}`],
  ["began in 1970", () => "created_at = 0, last_used_at = 0"],
  ["began before 1970", () => "created_at = -1, last_used_at = -1"],
  ["has times of 60 bits", () => "created_at = 1152921504606846976, last_used_at = 1152921504606846976"],
  ["has a secret of no bytes", () => "secret_hash = x''"],
  ["is of a later generation", () => "generation = 4000000000"],
];

const CLOCK: readonly SuiteCase[] = [
  ...TIMES.map(([name, change]): SuiteCase => ({
    name: `a session that ${name}`,
    run: async (kit) => {
      await using server = await kit.ownAuth(["anna"]);
      await using client = await AuthClient.to(server.port);
      const token = tokenOf(await client.scram("anna"));
      {
        using db = new DatabaseSync(`${server.data}/echo.db`, { timeout: 5000 });
        db.exec(`UPDATE session SET ${change(Date.now())}`);
      }
      await using second = await AuthClient.to(server.port);
      const answer = await second.say(`AUTH TOKEN ${token}`);
      // What cannot be read ends the connection.
      assertMatch(answer, /^535 |^421 |^end$/);
      assertEquals(codeOf(await logIn(server.port, "anna")), "235");
    },
  })),
  ...([["12 years ahead", YEARS_12], ["before 1970", -YEARS_12 * 10]] as const).map(([name, shift]): SuiteCase => ({
    name: `failures that were counted ${name}`,
    run: async (kit) => {
      const at = folderOf(kit, `failures${shift}`);
      {
        await using server = await startAuth(["anna"], { data: at("data") });
        await using client = await AuthClient.to(server.port);
        await client.scram("anna", "wrong password");
      }
      {
        using db = new DatabaseSync(at("data/echo.db"));
        db.exec(`UPDATE attempt SET at = at + ${shift}`);
      }
      await using server = await startServer({ data: at("data"), args: ["--mode", "auth"] });
      const began = performance.now();
      assertEquals(codeOf(await logIn(server.port, "anna")), "235");
      assertLess(performance.now() - began, 5000);
    },
  })),
];

// Signals -----------------------------------------------------------------------------------------------------------

/** What is going on when the server is told to end. */
const BUSY: readonly (readonly [string, (server: RunningServer) => Promise<() => void>])[] = [
  ["nothing", () => Promise.resolve(() => {})],
  ["a silent connection", async ({ port }) => closer(await dial(port))],
  ["half a header", async ({ port }) => closer(await sends(port, Uint8Array.of(0, 0)))],
  ["half a frame", async ({ port }) => closer(await sends(port, frame(new Uint8Array(100_000)).subarray(0, 50_000)))],
  ["a client that does not read", async ({ port }) => {
    const stalled = await stall(port);
    return () => void stalled.leave();
  }],
  ["50 connections that come and go", async ({ port }) => {
    for (let times = 0; times < 50; times++) (await dial(port)).close();
    return () => {};
  }],
];

const SIGNALS: readonly SuiteCase[] = [
  ...BUSY.map(([name, begin]): SuiteCase => ({
    name: `SIGTERM beside ${name}`,
    run: async (kit) => {
      await using server = await kit.own({ args: ["--drain-timeout", "1s", "--write-timeout", "1s"] });
      const end = await begin(server);
      // Connections are accepted in their order: with the echo on a later one, those before it are there.
      const later = await sends(server.port, frame(Uint8Array.of(1)));
      await later.read(new Uint8Array(5));
      later.close();
      const began = performance.now();
      assertEquals((await server.stop()).code, 0);
      assertLess(performance.now() - began, 10_000);
      end();
    },
  })),
  {
    name: "SIGTERM while a password is checked",
    run: async (kit) => {
      await using server = await kit.ownAuth(["anna"], { args: ["--drain-timeout", "1s"] });
      await using client = await AuthClient.to(server.port);
      await client.say("anna");
      await client.conn.send("wrong password");
      assertEquals((await server.stop()).code, 0);
    },
  },
  {
    name: "SIGTERM in the middle of a SCRAM exchange",
    run: async (kit) => {
      await using server = await kit.ownAuth(["anna"], { args: ["--drain-timeout", "1s"] });
      await using client = await AuthClient.to(server.port);
      await client.say(`AUTH SCRAM-SHA-256 ${encodeText("n,,n=anna,r=x")}`);
      assertEquals((await server.stop()).code, 0);
    },
  },
  {
    name: "two SIGINT one after the other",
    run: async (kit) => {
      await using server = await kit.own();
      using _conn = await sends(server.port, Uint8Array.of(0, 0));
      server.kill("SIGINT");
      await server.logged(/stopping/);
      const began = performance.now();
      server.kill("SIGINT");
      const { code } = await server.finished;
      assert([0, 130].includes(code), `exit ${code}`);
      assertLess(performance.now() - began, 5000);
    },
  },
  {
    name: "SIGHUP, SIGWINCH, SIGPIPE and SIGCONT 50 times each",
    run: async (kit) => {
      await using server = await kit.own();
      for (let times = 0; times < 50; times++) {
        for (const signal of ["SIGHUP", "SIGWINCH", "SIGPIPE", "SIGCONT"] as const) server.kill(signal);
        await delay(2);
      }
      await served(server.port);
      assertEquals((await server.stop()).code, 0);
    },
  },
  {
    name: "SIGSTOP for a second, with 20 clients that come meanwhile",
    run: async (kit) => {
      await using server = await kit.own();
      server.kill("SIGSTOP");
      const clients = await Promise.all(Array.from({ length: 20 }, () => dialFramed(server.port)));
      await Promise.all(clients.map((conn) => conn.send("hello")));
      await delay(1000);
      server.kill("SIGCONT");
      for (const conn of clients) {
        assertEquals(await deadline(conn.receiveText(), 10_000), "hello");
        conn.close();
      }
    },
  },
  {
    name: "standard output that nobody reads",
    run: async (kit) => {
      const { port } = await kit.server();
      const { code } = await kit.run("echo-client", ["-m", "hello", `127.0.0.1:${port}`], {
        wrapper: ["sh", "-c", 'exec 1>&-; exec "$0" "$@"'],
      });
      assert([0, 73].includes(code), `exit ${code}`);
    },
  },
  ...(["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal): SuiteCase => ({
    name: `the client waits for an echo, and gets ${signal}`,
    run: async (kit) => {
      using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { code } = await kit.run("echo-client", ["--mode", "echo", "-m", "x", `127.0.0.1:${silent.addr.port}`], {
        wrapper: ["timeout", "--preserve-status", "-s", signal.slice(3), "-k", "5", "0.7"],
        time: 8000,
      });
      assert([129, 130, 143].includes(code), `exit ${code}`);
    },
  })),
];

async function sends(port: number, bytes: Uint8Array): Promise<Deno.TcpConn> {
  const conn = await dial(port);
  await writeAll(conn, bytes);
  return conn;
}

function closer(conn: Deno.Conn): () => void {
  return () => conn.close();
}

// Descriptors and memory --------------------------------------------------------------------------------------------

/** Peers that connect from 40 addresses, say `sys.argv[3]` and stay, until a line comes. */
const PEERS = `
port, count, text = int(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3])
poll = selectors.DefaultSelector()
held = []
for number in range(count):
    s = socket.socket()
    s.setblocking(False)
    s.bind((address(number % 40), 0))
    try: s.connect(("127.0.0.1", port))
    except BlockingIOError: pass
    held.append(s)
    if number % 200 == 0: time.sleep(0.02)
say("held", len(held))
for s in held:
    try: s.send(text)
    except OSError: pass
sys.stdin.readline()
for s in held: s.close()
say("gone")
sys.stdin.readline()
`;

/** Longest time until a server serves again once the peers have left, in ms. */
const RECOVERY = 2000;

interface Siege {
  readonly peers: number;
  readonly descriptors: number;
  readonly says: string;
  readonly mode: "echo" | "auth";
}

const SIEGES: readonly Siege[] = [
  { peers: 4000, descriptors: 256, says: "", mode: "echo" },
  { peers: 4000, descriptors: 256, says: "", mode: "auth" },
  { peers: 4000, descriptors: 256, says: "\u0000\u0000", mode: "echo" },
  { peers: 4000, descriptors: 256, says: "\u0000\u0000\u0000\u0005hello", mode: "auth" },
  { peers: 1500, descriptors: 128, says: "", mode: "auth" },
  { peers: 1500, descriptors: 1024, says: "", mode: "auth" },
];

const RESOURCES: readonly SuiteCase[] = [
  ...SIEGES.map(({ peers, descriptors, says, mode }): SuiteCase => ({
    name: `${peers} peers that say ${JSON.stringify(says)} against ${descriptors} descriptors, mode ${mode}`,
    time: 120_000,
    run: async (kit) => {
      const spec = {
        args: ["--metrics", "127.0.0.1:0"],
        wrapper: ["prlimit", `--nofile=${descriptors}:${descriptors}`],
      };
      await using server = mode === "auth" ? await kit.ownAuth(["anna"], spec) : await kit.own(spec);
      const metrics = Number(/address=\S+:(\d+)/.exec(await server.logged(/purpose=metrics/))?.[1]);
      await using many = crowd(PEERS, [server.port, peers, utf8(says).toHex()]);
      assertEquals(await many.line(), `held ${peers}`);
      await delay(500);
      const page = await deadline(
        fetch(`http://127.0.0.1:${metrics}/metrics`).then((answer) => answer.text()),
        RECOVERY,
      );
      assertMatch(page, /^echo_unforeseen_errors_total 0$/m);
      if (mode === "auth") {
        const list = await kit.run("echo-server", ["users", "list", "--data", server.data]);
        assertEquals([list.code, list.stdout.includes("anna")], [0, true], list.stderr);
      }
      await many.goOn();
      assertEquals(await many.line(), "gone");
      const left = performance.now();
      if (mode === "echo") await served(server.port, 30_000);
      else while (codeOf(await logIn(server.port, "anna").catch(() => "")) !== "235") await delay(20);
      const time = Math.round(performance.now() - left);
      assertLess(time, RECOVERY, `${time} ms until it serves again`);
      assertEquals((await server.stop()).code, 0);
    },
  })),
  ...[48, 64, 96].map((descriptors): SuiteCase => ({
    name: `${descriptors} descriptors from the start`,
    run: async (kit) => {
      const wrapper = ["prlimit", `--nofile=${descriptors}:${descriptors}`];
      const args = ["--no-input", "--mode", "auth", "--port", "0", "--data", kit.dir.at(`fd${descriptors}`)];
      const { code, stderr } = await kit.run("echo-server", args, {
        wrapper: ["timeout", "--preserve-status", "-k", "9", "2", ...wrapper],
      });
      assert(code === 0 || code === 143 || stderr.includes("echo-server: "), `exit ${code}: ${stderr.slice(0, 300)}`);
    },
  })),
  {
    name: "2,000 begun frames of 1 MiB",
    run: async (kit) => {
      await using server = await kit.own({ args: ["--max-connections", "0"] });
      await using many = crowd(PEERS, [server.port, 2000, "00100000"]);
      assertEquals(await many.line(), "held 2000");
      await served(server.port);
    },
  },
  {
    name: "40 clients that send and never read",
    run: async (kit) => {
      await using server = await kit.own({ args: ["--write-timeout", "1s"] });
      const stalled = await Promise.all(Array.from({ length: 40 }, () => stall(server.port)));
      await until(() => (server.log().match(/write_timeout/g)?.length ?? 0) >= 40 ? true : undefined, "the cut");
      await served(server.port);
      for (const client of stalled) await client.leave();
    },
  },
  {
    name: "a file size limit of 64 KiB, and registrations until it is reached",
    run: async (kit) => {
      await using server = await kit.ownAuth(["anna"], { wrapper: ["prlimit", "--fsize=65536:65536"] });
      let last = "235";
      for (let number = 0; last === "235"; number++) {
        last = codeOf(await ask(server.port, registration(`r${number}`)).catch(() => "end"));
      }
      assertEquals(codeOf(await logIn(server.port, "anna")), "235");
      assertEquals((await server.stop()).code, 0);
    },
  },
  ...[1300, 5000].map((strangers): SuiteCase => ({
    name: `${strangers.toLocaleString("en")} registrations by strangers`,
    time: 180_000,
    run: async (kit) => {
      await using server = await kit.ownAuth(["anna"]);
      for (let number = 0; number < strangers; number += 50) {
        await Promise.all(
          Array.from({ length: 50 }, (_, at) => ask(server.port, registration(`r${number + at}`)).catch(() => "end")),
        );
      }
      assertEquals(codeOf(await logIn(server.port, "anna")), "235");
      using db = new DatabaseSync(`${server.data}/echo.db`, { timeout: 5000 });
      assertLess(Number(db.prepare("SELECT count(*) AS n FROM user").get()?.["n"]), 1200);
    },
  })),
  {
    name: "100 registrations at once, and as many log-ins",
    run: async (kit) => {
      const server = await kit.server("--mode", "auth", "--max-unauthenticated", "0");
      const names = Array.from({ length: 90 }, (_, number) => `r${number}`);
      await Promise.all(names.map(async (name) => {
        await using client = await AuthClient.to(server.port);
        assertEquals(codeOf(await client.say(registration(name))), "235");
      }));
      const answers = await Promise.all(names.map((name) => logIn(server.port, name)));
      assertEquals(new Set(answers.map(codeOf)), new Set(["235"]));
    },
  },
];

// Command lines -----------------------------------------------------------------------------------------------------

const BAD_LINES: readonly (readonly [tool: "echo-server" | "echo-client", args: readonly string[]])[] = [
  ["echo-server", ["--port", "65536"]],
  ["echo-server", ["--port", "-1"]],
  ["echo-server", ["--port", "1e3"]],
  ["echo-server", ["--port", "９０９０"]],
  ["echo-server", ["--max-frame", "1"]],
  ["echo-server", ["--max-frame", "99999999999GiB"]],
  ["echo-server", ["--framing", "dec:65"]],
  ["echo-server", ["--framing", "__proto__"]],
  ["echo-server", ["--framing", "\u001b[2J"]],
  ["echo-server", ["--mode", "constructor"]],
  ["echo-server", ["--__proto__", "x"]],
  ["echo-server", ["--constructor=x"]],
  ["echo-server", ["\u001b]0;owned\u0007"]],
  ["echo-server", ["--workers", "100000"]],
  ["echo-server", ["--allow", "10.0.0.0/33"]],
  ["echo-server", ["users", "add", "\u202enimda"]],
  ["echo-server", ["users", "remove", "--", "--yes"]],
  ["echo-server", ["--host", "a".repeat(300)]],
  ["echo-server", ["--log-level", "x".repeat(100_000)]],
  ["echo-client", ["127.0.0.1:99999", "-m", "x"]],
  ["echo-client", ["-m", "x", "http://127.0.0.1:9090/"]],
  ["echo-client", ["--timeout", "-5s", "-m", "x"]],
  ["echo-client", ["bench", "-c", "0"]],
  ["echo-client", ["bench", "-c", "1000000000"]],
  ["echo-client", ["bench", "--size", "99999GiB"]],
  ["echo-client", ["bench", "--fail-if", `p${"9".repeat(5000)}>1ms`]],
  ["echo-client", ["check", "--tasks", "1-999999999999"]],
  ["echo-client", ["compare", "\u001b[2J", "x"]],
  ["echo-client", ["nosuchcommand", "x", "y"]],
];

const LINES: readonly SuiteCase[] = [
  ...BAD_LINES.map(([tool, args]): SuiteCase => ({
    name: `${tool} ${args.map((arg) => JSON.stringify(arg.slice(0, 40))).join(" ")}`,
    run: async (kit) => {
      const data = tool === "echo-server" && !["users"].includes(args[0] ?? "") ? ["--data", kit.dir.at("lines")] : [];
      assertLineRefused(await kit.run(tool, [...args, ...data, ...data.length > 0 ? ["--no-input"] : []]));
    },
  })),
  ...Array.from({ length: 10 }, (_, number): SuiteCase => ({
    name: `generated arguments ${number + 1}`,
    run: async (kit, random) => {
      const word = (): string =>
        String.fromCodePoint(...Array.from({ length: between(random, 1, 12) }, () => between(random, 0x21, 0x2fff)));
      const tool = number % 2 === 0 ? "echo-server" : "echo-client";
      assertLineRefused(await kit.run(tool, [`--${word()}`, word(), word()]));
    },
  })),
];

function assertLineRefused({ code, stderr }: { readonly code: number; readonly stderr: string }): void {
  assert([64, 65, 68, 69, 73, 78].includes(code), `exit ${code}: ${stderr.slice(0, 300)}`);
  assert(
    stderr.length > 0 && !stderr.includes("\u001b"),
    `not explained, or an escape sequence: ${stderr.slice(0, 200)}`,
  );
  assertLess(utf8(stderr).length, 4000);
  assert(!/^\s+at .*:\d+/m.test(stderr), `a stack trace: ${stderr.slice(0, 300)}`);
}

/** See the module. */
export const MACHINE_FAMILIES: readonly Family[] = [
  { name: "files", cases: [...FILES, ...KEPT, ...DISTURBANCES], atOnce: 2 },
  { name: "clock", cases: CLOCK, atOnce: 2 },
  { name: "signals", cases: SIGNALS, atOnce: 3 },
  { name: "resources", cases: RESOURCES },
  { name: "command-lines", cases: LINES, atOnce: 3 },
];
