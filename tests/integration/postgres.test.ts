// Servers that share a PostgreSQL database: what one of them does, the others know, and what they do while it is away.
import { checkUserName } from "../../lib/auth/names.ts";
import { parseToken } from "../../lib/auth/tokens.ts";
import { ConfigError, StorageError } from "../../lib/base/errors.ts";
import { delay } from "../../lib/base/delay.ts";
import { SessionKeeper } from "../../lib/protocol/session_keeper.ts";
import { LoginLimits } from "../../lib/server/login_limits.ts";
import { openStore } from "../../lib/store/open.ts";
import { PostgresCluster } from "../../lib/store/postgres_cluster.ts";
import { checkSchema, migrate, MIGRATIONS } from "../../lib/store/postgres_schema.ts";
import { storeLocation } from "../../lib/store/location.ts";
import { postgresStore } from "../../lib/store/postgres_store.ts";
import type { UserStore } from "../../lib/store/store.ts";
import {
  assert,
  assertEquals,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotMatch,
  assertRejects,
} from "@std/assert";
import { ask, AuthClient, codeOf, INVALID, logIn, registration, tokenOf } from "../support/auth.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/auth_postgres.ts";
import { startFleet } from "../support/postgres_servers.ts";
import { writeCertificate } from "../support/tls.ts";
import { type RunningServer, runTool, startServer, tempDir, until } from "../support/tools.ts";

/** From a revocation until every server has noticed, in ms: two seconds, which `deno task fleet` measures; here other work may hold it up. */
const NOTICED = 30_000;

const postgres = hasPostgres ? await startPostgres() : undefined;

function test(name: string, run: (server: Postgres) => Promise<void>): void {
  const why = postgres === undefined ? " (skipped: PostgreSQL is not installed)" : "";
  Deno.test({
    name: `${name}${why}`,
    ignore: postgres === undefined,
    fn: async () => {
      if (postgres !== undefined) await run(postgres);
    },
  });
}

if (postgres !== undefined) Deno.test.afterAll(async () => await postgres[Symbol.asyncDispose]());

/** Waits for the end of a live session; how long it took, in ms. */
async function cutOff(client: AuthClient): Promise<number> {
  const began = performance.now();
  assertEquals(await client.conn.receive().catch(() => null), null);
  return performance.now() - began;
}

/** Two servers of a fleet. */
function two([one, other]: readonly RunningServer[]): [RunningServer, RunningServer] {
  if (one === undefined || other === undefined) throw new TypeError("there are two");
  return [one, other];
}

test("--store postgres://: who registers at one server logs in at another at once", async (postgres) => {
  await using fleet = await startFleet(postgres, 2);
  const [one, other] = two(fleet.servers);
  for (const [here, there, name] of [[one, other, "berta"], [other, one, "carla"]] as const) {
    const token = tokenOf(await ask(here.port, registration(name)));
    assertEquals(codeOf(await logIn(there.port, name)), "235");
    assertEquals(await ask(there.port, registration(name)), "501 [TAKEN] That name is taken. What is your name?");
    const next = tokenOf(await ask(there.port, `AUTH TOKEN ${token}`));
    assertEquals(codeOf(await ask(here.port, `AUTH TOKEN ${next}`)), "235");
  }
  const salts = await Promise.all([one, other].map(async ({ port }) => {
    await using client = await AuthClient.to(port);
    return (await client.challenge("nobody")).serverFirst.split(",s=")[1];
  }));
  assertEquals(salts[0], salts[1]);
  const { stdout } = await runTool("echo-server", ["users", "list", "--json"], { env: fleet.env });
  assertEquals(JSON.parse(stdout).map(({ name }: { name: string }) => name), ["berta", "carla"]);
});

test("users disable ends the sessions on every server, with the connections to the database cut in that moment", async (postgres) => {
  await using fleet = await startFleet(postgres, 2);
  const token = tokenOf(await ask(two(fleet.servers)[0].port, registration("anna")));
  const clients = await Promise.all(fleet.servers.map(({ port }) => AuthClient.to(port)));
  try {
    for (const client of clients) assertEquals(codeOf(await client.scram("anna")), "235");
    const ended = clients.map(cutOff);
    // Its connections are cut in that moment: it finds the revocation once it is back.
    await postgres.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'echo-server'",
    );
    assertEquals((await runTool("echo-server", ["users", "disable", "anna"], { env: fleet.env })).code, 0);
    const told = performance.now();
    await Promise.all(ended);
    assertLess(performance.now() - told, NOTICED);
    for (const { port } of fleet.servers) assertEquals(await ask(port, `AUTH TOKEN ${token}`), INVALID);
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
  }
});

test("While PostgreSQL is away sessions go on, log-ins get 421, and /readyz says why", async (postgres) => {
  await using fleet = await startFleet(postgres, 1, { args: ["--metrics", "127.0.0.1:0"] });
  const [server] = fleet.servers;
  if (server === undefined) throw new TypeError("there is one");
  const metrics = /address=(\S+) purpose=metrics/.exec(await server.logged(/purpose=metrics/))?.[1];
  const ready = async (): Promise<string> => await (await fetch(`http://${metrics}/readyz`)).text();
  assertEquals(codeOf(await ask(server.port, registration("anna"))), "235");
  assertEquals(await ready(), "ready\n");
  await using live = await AuthClient.to(server.port);
  assertEquals(codeOf(await live.scram("anna")), "235");
  await postgres.crash();
  try {
    await until(async () => (await ready()).startsWith("not ready: ") || undefined, "/readyz says that it is away");
    assertMatch(await ready(), /^not ready: Cannot read postgres:\/\/admin@127.0.0.1:\d+\/db\d+: no server of it/);
    assert(await live.isEchoed());
    for (const message of ["anna", registration("boris")]) {
      assertEquals(
        await ask(server.port, message),
        "421 Cannot read or store users now, closing: try again later.",
      );
    }
  } finally {
    await postgres.restart();
  }
  await until(async () => (await ready()) === "ready\n" || undefined, "it is back");
  assert(await live.isEchoed());
  assertEquals(codeOf(await logIn(server.port, "anna")), "235");
  assertEquals(codeOf(await ask(server.port, registration("boris"))), "235");
  assertNotMatch(server.log(), /unexpected|uncaught/i);
});

test("A password on the command line is refused, and shown nowhere", async (postgres) => {
  const url = await postgres.newDatabase();
  const password = decodeURIComponent(/:([^:@/]+)@/.exec(url)?.[1] ?? "");
  for (const args of [["--store", url], ["users", "list", "--store", url], ["store", "copy", "sqlite:x", url]]) {
    const { code, stdout, stderr } = await runTool("echo-server", args);
    assertEquals(code, 64);
    assertMatch(stderr, /PGPASSFILE or PGPASSWORD, or the whole URL into ECHO_STORE/);
    assert(!`${stdout}${stderr}`.includes(password) && !stderr.includes(encodeURIComponent(password)));
  }
  using folder = tempDir();
  const bare = url.replace(/:[^:@/]+@/, "@");
  await Deno.writeTextFile(folder.at("pass"), `127.0.0.1:${postgres.port}:*:admin:${password}\n`, { mode: 0o600 });
  const env = { PGPASSFILE: folder.at("pass") };
  assertEquals((await runTool("echo-server", ["store", "init", "--store", bare], { env })).code, 0);
  assertEquals((await runTool("echo-server", ["users", "list", "--store", bare], { env })).code, 0);
  const { code, stderr } = await runTool("echo-server", ["users", "list", "--store", bare]);
  assertEquals(code, 78);
  assertMatch(stderr, /it wants a password/);
});

test("store init, status, migrate and copy", async (postgres) => {
  const env = { ECHO_STORE: await postgres.newDatabase() };
  const store = async (...args: readonly string[]) => await runTool("echo-server", ["store", ...args], { env });
  assertMatch((await store("migrate")).stderr, /run echo-server store init/);
  assertEquals((await runTool("echo-server", ["--mode", "auth", "--no-input"], { env })).code, 78);
  const inits = await Promise.all([1, 2, 3].map(() => store("init", "--json")));
  assertEquals(inits.map(({ code }) => code), [0, 0, 0]);
  assertMatch((await store("migrate")).stdout, /up to date/);
  const status = JSON.parse((await store("status", "--json")).stdout);
  assertEquals([status.schema, status.users, status.synchronous_commit, status.tls], [1, 0, "on", false]);

  // An installation on SQLite, and its tokens, go on here.
  await using old = await startServer({ args: ["--mode", "auth"] });
  const token = tokenOf(await ask(old.port, registration("anna")));
  const { stderr: wrong } = await store("copy", env.ECHO_STORE.replace(/:[^:@/]+@/, "@"));
  assertMatch(wrong, /a copy leads from sqlite:DIR to postgres/);
  const copied = await store("copy", `sqlite:${old.data}`, "--json");
  assertEquals(copied.stderr, "");
  const { users, sessions, hosts, secrets } = JSON.parse(copied.stdout);
  assertEquals({ users, sessions, hosts, secrets }, { users: 1, sessions: 1, hosts: 0, secrets: 3 });
  assertMatch((await store("copy", `sqlite:${old.data}`)).stderr, /it is not empty/);
  await using server = await startServer({ args: ["--mode", "auth"], env });
  assertEquals(codeOf(await ask(server.port, `AUTH TOKEN ${token}`)), "235");
  assertEquals(codeOf(await logIn(server.port, "anna")), "235");
});

/** Stores on one new database, as so many servers have them. */
async function openStores(postgres: Postgres, count: number): Promise<UserStore[]> {
  const url = await postgres.newDatabase();
  const { code, stderr } = await runTool("echo-server", ["store", "init"], { env: { ECHO_STORE: url } });
  if (code !== 0) throw new Error(stderr);
  return await Promise.all(Array.from({ length: count }, () => openStore(storeLocation(url), () => undefined)));
}

test("A token that is rotated at two servers at once, 1,000 times, leads to one successor", async (postgres) => {
  const stores = await openStores(postgres, 2);
  const [store] = stores;
  if (store === undefined) throw new TypeError("there are two");
  try {
    await store.createUser({ name: "anna", verifier: "v", createdAt: Date.now() });
    const key = new Uint8Array(await store.getOrCreateSecret("session-token", 32));
    const randomBytes = (count: number) => crypto.getRandomValues(new Uint8Array(count));
    const keepers = stores.map((store) => new SessionKeeper({ store, now: Date.now, randomBytes, key }));
    const [user] = await store.listUsers();
    const begun = await keepers[0]?.create(checked(user?.name ?? ""), "v");
    let token = typeof begun === "object" ? begun.token : "";
    for (let times = 0; times < 1000; times++) {
      const parsed = parseToken(token);
      if (parsed === undefined) throw new TypeError("it is a token");
      const resumed = await Promise.all(keepers.map((keeper) => keeper.resume(parsed)));
      const next = resumed.map((each) => each.outcome === "resumed" ? each.issued?.token : each.reason);
      assertEquals(next[0], next[1], `rotation ${times}`);
      token = next[0] ?? "";
    }
    const sessions = await store.listSessions("anna");
    assertEquals(sessions.map(({ generation }) => generation), [1000]);
  } finally {
    for (const each of stores) await each.close();
  }
});

function checked(name: string) {
  const result = checkUserName(name);
  if ("fault" in result) throw new TypeError(result.fault);
  return result.name;
}

test("Three servers give an address no more guesses than one gives it", async (postgres) => {
  /** Time passes so many times as fast. */
  const HASTE = 20;
  const stores = await openStores(postgres, 3);
  const stop = new AbortController();
  const guesses: number[] = [];
  try {
    const began = performance.now();
    const wait = (ms: number, signal?: AbortSignal) =>
      delay(ms / HASTE, AbortSignal.any([stop.signal, ...signal ? [signal] : []]));
    for (const store of stores) {
      const { fleet } = store;
      if (fleet === undefined) throw new TypeError("it is shared");
      const hasty: typeof fleet = {
        ...fleet,
        holdBack: (key, { ms, keepMs }) => fleet.holdBack(key, { ms: Math.ceil(ms / HASTE), keepMs }),
      };
      const countAttempt: typeof store.countAttempt = (...args) => store.countAttempt(...args);
      const limits = new LoginLimits({ store: { countAttempt, fleet: hasty }, now: Date.now, wait });
      for (let number = 0; number < 30; number++) {
        const attempt = { address: "192.0.2.1", account: `user ${number}` };
        void limits.inTurn(attempt, async () => {
          if (stop.signal.aborted) return;
          guesses.push((performance.now() - began) * HASTE / 1000);
          await limits.failed(attempt, stop.signal);
        });
      }
    }
    await delay(60_000 / HASTE);
    // One server gives seven in the first minute; with three, each may have one under way before the first has failed.
    assertLessOrEqual(guesses.length, 9, guesses.map((at) => at.toFixed(1)).join(" "));
    await until(() => guesses.length > 3 || undefined, "they go on");
  } finally {
    stop.abort();
    for (const store of stores) await store.close();
  }
});

test("PostgreSQL keeps its plans for the statements of a log-in", async (postgres) => {
  const location = storeLocation(await postgres.newDatabase());
  if (location.type !== "postgres") throw new TypeError("it is PostgreSQL");
  await using cluster = await PostgresCluster.open(location, () => undefined);
  await migrate(cluster);
  const ask = async (text: string) => (await cluster.query({ text }, { action: "write" })).rows;
  const now = Date.now();
  await ask("INSERT INTO echo.users VALUES ('anna', 'v', false, 0)");
  await ask(`INSERT INTO echo.sessions (id, user_name, generation, secret_hash, created_at, last_used_at, replaced)
    SELECT number, 'user ' || number % 2000, 0, '', ${now}, ${now}, '{}' FROM generate_series(1, 10000) number`);
  await ask("ANALYZE echo.users, echo.sessions");
  const store = postgresStore(cluster);
  const session = { user: "anna", secretHash: new Uint8Array(32), createdAt: now };
  // One after the other: on one connection.
  for (let number = 0; number < 20; number++) {
    await store.findUser("anna");
    await store.fleet?.takeTurn(["account anna"], { by: "", forMs: 1, attempt: { address: "", account: "anna" } });
    await store.createSession({ ...session, id: `s${number}` }, { max: 10, verifier: "v" });
  }
  const plans = await ask("SELECT name, custom_plans FROM pg_prepared_statements ORDER BY name");
  // Five are made before PostgreSQL decides.
  const kept = plans.filter((row) => Number(row["custom_plans"]) <= 5).map((row) => row["name"]);
  assertEquals(kept, ["createSession", "findUser", "takeTurn"]);
});

test("A slow database holds up log-ins and no echo", async (postgres) => {
  await using fleet = await startFleet(postgres, 1);
  const [server] = fleet.servers;
  if (server === undefined) throw new TypeError("there is one");
  assertEquals(codeOf(await ask(server.port, registration("anna"))), "235");
  await using live = await AuthClient.to(server.port);
  assertEquals(codeOf(await live.scram("anna")), "235");
  const location = storeLocation(fleet.env["ECHO_STORE"] ?? "");
  if (location.type !== "postgres") throw new TypeError("it is PostgreSQL");
  await using cluster = await PostgresCluster.open(location, () => undefined);
  const locked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holding = cluster.transaction(async (statements) => {
    await statements.query({ text: "LOCK TABLE echo.users IN ACCESS EXCLUSIVE MODE" });
    locked.resolve();
    await release.promise;
  });
  await locked.promise;
  let isIn = false;
  const waiting = logIn(server.port, "anna").then((answer) => {
    isIn = true;
    return codeOf(answer);
  });
  for (let message = 0; message < 100; message++) assert(await live.isEchoed(`${message}`));
  assert(!isIn, "the log-in waits");
  release.resolve();
  await holding;
  assertEquals(await waiting, "235");
});

test("sslmode: verify-full is the default elsewhere, and what does not verify is refused", async (postgres) => {
  using folder = tempDir();
  const files = await writeCertificate(folder.at("tls"), { names: ["localhost", "127.0.0.1"] });
  await postgres.useCertificate(files.cert, files.key);
  const url = await postgres.newDatabase();
  const run = async (parameters: string, from = url) =>
    await runTool("echo-server", ["store", "status", "--json"], { env: { ECHO_STORE: `${from}?${parameters}` } });
  const isTls = async (parameters: string, from = url): Promise<boolean> => {
    const { stdout, stderr } = await run(parameters, from);
    assertEquals(stderr, "", parameters);
    return JSON.parse(stdout).tls;
  };
  // The configuration is read again in a moment of the server's own choice.
  await until(async () => (await run("sslmode=require")).code === 0 || undefined, "TLS");
  assertEquals(await isTls("sslmode=require"), true);
  assertEquals(await isTls("sslmode=disable"), false);
  assertEquals(await isTls(`sslmode=verify-full&sslrootcert=${files.ca}`), true);
  assertEquals(await isTls(`sslmode=verify-ca&sslrootcert=${files.ca}`), true);
  for (const parameters of ["sslmode=verify-full", "sslmode=verify-ca"]) {
    const { code, stderr } = await run(parameters);
    assertEquals(code, 78, parameters);
    assertMatch(stderr, /TLS fails/);
  }
  const other = await writeCertificate(folder.at("other"), { names: ["other.example"] });
  await postgres.useCertificate(other.cert, other.key);
  const wrongName = `sslmode=verify-full&sslrootcert=${other.ca}`;
  await until(
    async () => (await run(`sslmode=verify-ca&sslrootcert=${other.ca}`)).code === 0 || undefined,
    "the other one",
  );
  assertEquals((await run(wrongName)).code, 78);
  assertMatch((await run("sslmode=prefer")).stderr, /sslmode is disable, require, verify-ca or verify-full/);
});

test("What no standby has confirmed is not acknowledged", async (postgres) => {
  const [store] = await openStores(postgres, 1);
  if (store === undefined) throw new TypeError("there is one");
  const set = async (value: string): Promise<void> => {
    await postgres.query(`ALTER SYSTEM SET synchronous_standby_names = '${value}'`);
    await postgres.query("SELECT pg_reload_conf()");
  };
  try {
    await set("nobody");
    // The servers of PostgreSQL learn of the setting one after the other: who is written before that waits for nobody.
    let written = 0;
    const write = () =>
      store.createUser({ name: `anna${written++}`, verifier: "v", createdAt: 0 }).then(() => undefined);
    // PostgreSQL then takes the commit for done, with a warning.
    const cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    await Promise.all([
      assertRejects(() => until(write, "the refusal"), StorageError, "a standby that has to confirm has not"),
      until(async () => (await postgres.query(cancel)).stdout.includes("t") || undefined, "the wait for a standby"),
    ]);
  } finally {
    await set("");
    await store.close();
  }
});

test("Tables of another version are refused until store migrate", async (postgres) => {
  const location = storeLocation(await postgres.newDatabase());
  if (location.type !== "postgres") throw new TypeError("it is PostgreSQL");
  await using cluster = await PostgresCluster.open(location, () => undefined);
  const more = [...MIGRATIONS, ["CREATE TABLE echo.more (it integer)"]];
  const versions = await Promise.all([1, 2, 3].map(() => migrate(cluster)));
  assertEquals(versions.sort(), [0, MIGRATIONS.length, MIGRATIONS.length]);
  await checkSchema(cluster);
  await cluster.query({ text: "UPDATE echo.schema SET version = version - 1" }, { action: "write" });
  await assertRejects(() => checkSchema(cluster), ConfigError, MIGRATIONS.length > 1 ? "store migrate" : "store init");
  await cluster.query({ text: "UPDATE echo.schema SET version = version + 1" }, { action: "write" });
  assertEquals(await migrate(cluster, more), MIGRATIONS.length);
  await assertRejects(() => checkSchema(cluster), ConfigError, "newer version");
  await assertRejects(() => migrate(cluster), ConfigError, "newer version");
});
