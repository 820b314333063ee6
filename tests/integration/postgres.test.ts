// Servers that share a PostgreSQL database: what one of them does, the others know, and what they do while it is away.
import { assert, assertEquals, assertLess, assertMatch, assertNotMatch } from "@std/assert";
import { ask, AuthClient, codeOf, INVALID, logIn, registration, tokenOf } from "../support/auth.ts";
import { hasPostgres, startPostgres } from "../support/auth_postgres.ts";
import { startFleet } from "../support/postgres_servers.ts";
import { type RunningServer, runTool, startServer, tempDir, until } from "../support/tools.ts";

/** From a revocation until every server has noticed, in ms. */
const NOTICED = 2000;

const postgres = hasPostgres ? await startPostgres() : undefined;

function test(name: string, run: (server: NonNullable<typeof postgres>) => Promise<void>): void {
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

test("users disable ends the sessions on every server within two seconds", async (postgres) => {
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
  assertEquals({ users, sessions, hosts, secrets }, { users: 1, sessions: 1, hosts: 0, secrets: 2 });
  assertMatch((await store("copy", `sqlite:${old.data}`)).stderr, /it is not empty/);
  await using server = await startServer({ args: ["--mode", "auth"], env });
  assertEquals(codeOf(await ask(server.port, `AUTH TOKEN ${token}`)), "235");
  assertEquals(codeOf(await logIn(server.port, "anna")), "235");
});
