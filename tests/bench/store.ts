// deno-lint-ignore-file no-console -- its result goes to whoever ran the benchmark
/**
 * `deno task bench store [--users 1000,100000] [--seconds 3] [--clients 16] [--servers 1]`: what a log-in through SCRAM,
 * token and plain password costs on SQLite and on PostgreSQL, what a look-up costs with so many users, and the memory of a
 * connection that is idle. Processor time is told beside rates: on a busy machine it is what holds.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { openStore } from "../../lib/store/open.ts";
import { type StoreLocation, storeLocation } from "../../lib/store/location.ts";
import { migrate } from "../../lib/store/postgres_schema.ts";
import { PostgresCluster } from "../../lib/store/postgres_cluster.ts";
import { SqliteConnection } from "../../lib/store/sqlite_connection.ts";
import { ask, AuthClient, codeOf, cpuOf, logIn, median, PASSWORD, tokenOf, VERIFIER } from "../support/auth.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/auth_postgres.ts";
import { type RunningServer, runTool, startServer, tempDir } from "../support/tools.ts";

/** Look-ups that a figure is the middle of. */
const LOOK_UPS = 2000;
/** Log-ins, one after the other, that a time is the middle of. */
const TIMED = 200;
/** Idle connections that memory is divided by. */
const IDLE = 1000;

interface Settings {
  readonly users: readonly number[];
  readonly seconds: number;
  readonly clients: number;
  readonly servers: number;
}

/** One kind of store with users in it. */
interface Kind {
  readonly name: string;
  readonly location: StoreLocation;
  readonly env: Record<string, string>;
  /** Processor time of the database so far, in ms; none where it is the server's own. */
  readonly cpu: () => Promise<number>;
}

async function main(args: readonly string[]): Promise<void> {
  const given = parseArgs([...args], { string: ["users", "seconds", "clients", "servers"] });
  const settings: Settings = {
    users: String(given.users ?? "1000,100000").split(",").map(Number),
    seconds: Number(given.seconds ?? 3),
    clients: Number(given.clients ?? 16),
    servers: Number(given.servers ?? 1),
  };
  const { stdout: version } = await runTool("echo-server", ["--version"]);
  const cores = `${navigator.hardwareConcurrency} cores, load ${Deno.loadavg()[0]?.toFixed(1)}`;
  console.log(`${version.trim().split("\n")[0]} · ${cores} · ${settings.clients} clients, ${settings.servers} servers`);
  await using postgres = hasPostgres ? await startPostgres({ fsync: true }) : undefined;
  if (postgres === undefined) console.log("PostgreSQL is not installed: SQLite only");
  using folder = tempDir();
  console.log(
    "\n| store | users | look-up p50 | log-in p50 | SCRAM/s | token/s | plain/s | CPU of a log-in by SCRAM: server | database |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  for (const count of settings.users) {
    await row(await sqliteWith(count, folder.at(`sqlite-${count}`)), { count, ...settings });
    if (postgres !== undefined) await row(await postgresWith(count, postgres), { count, ...settings });
  }
  console.log(`\nMemory of an idle connection: ${await idleMemory()}`);
}

/** Measures one store. */
async function row(kind: Kind, settings: Settings & { readonly count: number }): Promise<void> {
  const { count, servers, seconds, clients } = settings;
  const lookUp = await lookUps(kind, count);
  await using started = await startServers(kind, servers);
  const [first] = started.servers;
  if (first === undefined) return;
  const ports = started.servers.map(({ port }) => port);
  const timed: number[] = [];
  for (let number = 0; number < TIMED; number++) {
    const began = performance.now();
    await logIn(first.port, userName(number % count));
    timed.push(performance.now() - began);
  }
  const run = (enter: Enter) => rate({ enter, ports, seconds, clients });
  const cpuBefore = [total(started.servers), await kind.cpu()] as const;
  const scram = await run((client, port) => logIn(port, userName(client)));
  const server = (total(started.servers) - cpuBefore[0]) / scram.done;
  const database = (await kind.cpu() - cpuBefore[1]) / scram.done;
  const tokens = new Map<number, string>();
  const token = await run(async (client, port) => {
    const known = tokens.get(client);
    const answer = known === undefined
      ? await logIn(port, userName(client + clients))
      : await ask(port, `AUTH TOKEN ${known}`);
    tokens.set(client, tokenOf(answer));
    return answer;
  });
  const plain = await run((client, port) => ask(port, userName(client + 2 * clients), PASSWORD));
  const cells = [
    ...[kind.name, count.toLocaleString("en"), `${lookUp.toFixed(2)} ms`, `${median(timed).toFixed(1)} ms`],
    ...[scram, token, plain].map(({ perSecond }) => perSecond.toFixed(0)),
    ...[`${server.toFixed(2)} ms`, kind.name === "SQLite" ? "-" : `${database.toFixed(2)} ms`],
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

/** One log-in of a client; the answer. */
type Enter = (client: number, port: number) => Promise<string>;

async function rate(
  { enter, ports, seconds, clients }: { enter: Enter; ports: readonly number[]; seconds: number; clients: number },
): Promise<{ readonly perSecond: number; readonly done: number }> {
  const began = performance.now();
  const end = began + seconds * 1000;
  let done = 0;
  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    for (let number = 0; performance.now() < end; number++) {
      const answer = await enter(client, ports[(client + number) % ports.length] ?? 0);
      if (codeOf(answer) !== "235") throw new Error(`Cannot log in: ${answer}`);
      done++;
    }
  }));
  return { perSecond: done / (performance.now() - began) * 1000, done };
}

async function lookUps({ location }: Kind, count: number): Promise<number> {
  await using store = await openStore(location, () => undefined);
  const times: number[] = [];
  for (let number = 0; number < LOOK_UPS; number++) {
    const name = userName(Math.floor(Math.random() * count));
    const began = performance.now();
    if (await store.findUser(name) === null) throw new Error(`There is no ${name}`);
    times.push(performance.now() - began);
  }
  return median(times);
}

async function startServers(
  { env, location }: Kind,
  count: number,
): Promise<{ readonly servers: readonly RunningServer[] } & AsyncDisposable> {
  const data = location.type === "sqlite" ? { data: location.directory } : {};
  const args = ["--mode", "auth", "--log-level", "error"];
  const servers: RunningServer[] = [];
  while (servers.length < count) {
    const log = location.type === "sqlite" ? ["--log", `${location.directory}/${servers.length}.log`] : [];
    servers.push(await startServer({ args: [...args, ...log], env, ...data }));
  }
  return {
    servers,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
}

async function sqliteWith(count: number, directory: string): Promise<Kind> {
  const location = storeLocation(`sqlite:${directory}`);
  await using _made = await openStore(location, () => undefined);
  using db = SqliteConnection.open(`${directory}/echo.db`);
  db.write(() => {
    for (let number = 0; number < count; number++) {
      db.run("INSERT INTO user (name, verifier, disabled, created_at) VALUES (?, ?, 0, 0)", userName(number), VERIFIER);
    }
  });
  return { name: "SQLite", location, env: {}, cpu: () => Promise.resolve(0) };
}

async function postgresWith(count: number, postgres: Postgres): Promise<Kind> {
  const url = await postgres.newDatabase();
  const location = storeLocation(url);
  if (location.type !== "postgres") throw new TypeError("it is PostgreSQL");
  await using cluster = await PostgresCluster.open(location, () => undefined);
  await migrate(cluster);
  const at = 10_000;
  for (let from = 0; from < count; from += at) {
    const text = `INSERT INTO echo.users SELECT 'user-' || number, $1, false, 0
      FROM generate_series($2::bigint, $3::bigint) AS number`;
    await cluster.query({ text, values: [VERIFIER, from, Math.min(count, from + at) - 1] }, { action: "write" });
  }
  await cluster.query({ text: "ANALYZE echo.users" }, { action: "write" });
  const cpu = async (): Promise<number> => {
    let sum = 0;
    for (const pid of await postgres.processes()) sum += cpuOf(pid);
    return sum;
  };
  return { name: "PostgreSQL", location, env: { ECHO_STORE: url }, cpu };
}

/** Resident memory that connections add, divided by their number: in mode echo, and logged in. */
async function idleMemory(): Promise<string> {
  const limits = ["--max-connections", "0", "--max-per-address", "0", "--max-unauthenticated", "0"];
  const found: string[] = [];
  for (const mode of ["echo", "auth"]) {
    await using server = await startServer({ args: ["--mode", mode, "--log-level", "error", ...limits] });
    if (mode === "auth") await ask(server.port, "REGISTER dXNlci0w " + VERIFIER);
    const before = memoryOf(server.pid);
    const open: { close(): void }[] = [];
    for (let number = 0; number < IDLE; number++) {
      if (mode === "echo") {
        open.push(await Deno.connect({ port: server.port }));
        continue;
      }
      const client = await AuthClient.to(server.port);
      await client.scram(userName(0));
      open.push(client.conn);
    }
    found.push(`mode ${mode} ${((memoryOf(server.pid) - before) / IDLE).toFixed(1)} KiB`);
    for (const each of open) each.close();
  }
  return found.join(", ");
}

/** Resident memory of a process, in KiB. */
function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s*(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
}

function total(servers: readonly RunningServer[]): number {
  return servers.reduce((sum, { pid }) => sum + cpuOf(pid), 0);
}

function userName(number: number): string {
  return `user-${number}`;
}

if (import.meta.main) await main(Deno.args);
