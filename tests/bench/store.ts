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
import { decimal, markdown, type PageLanguage } from "../fleet/table.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/auth_postgres.ts";
import { type RunningServer, runTool, startServer, tempDir } from "../support/tools.ts";

/** Look-ups that a figure is the middle of. */
const LOOK_UPS = 2000;
/** Log-ins that a time is the middle of: turns among the stores, and log-ins one after the other in each. */
const TURNS = 15;
const IN_TURN = 20;
/** Idle connections that memory is divided by. */
const IDLE = 1000;

/** `shared_buffers`: users, sessions and their indexes have room in them, as an operator sees to. */
export const BUFFERS = "1GB";

/** What is measured. */
export interface Settings {
  readonly users: readonly number[];
  readonly seconds: number;
  readonly clients: number;
  readonly servers: number;
}

/** What was found for one store with so many users. Times in ms, rates a second. */
export interface StoreRow {
  readonly store: string;
  readonly users: number;
  /** Medians. */
  readonly lookUp: number;
  readonly logIn: number;
  readonly scram: number;
  readonly token: number;
  readonly plain: number;
  /** Processor time of a log-in by SCRAM: of the servers, of the database where it is not theirs, of the clients. */
  readonly cpu: { readonly server: number; readonly database: number | undefined; readonly clients: number };
}

/** One kind of store with users in it. */
interface Kind {
  readonly name: string;
  readonly location: StoreLocation;
  readonly env: Record<string, string>;
  /** Processor time of the database so far, in ms; none where it is the server's own. */
  readonly cpu: (() => Promise<number>) | undefined;
}

/** A store with users in it. */
interface FilledStore {
  readonly kind: Kind;
  /** Users. */
  readonly count: number;
  /** Of log-ins, in ms. */
  readonly times: number[];
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
  if (!hasPostgres) console.log("PostgreSQL is not installed: SQLite only");
  console.log(`\n${storeTable(await measureStores(settings))}`);
  const { echo, auth } = await idleMemory();
  console.log(`\nMemory of an idle connection: mode echo ${echo.toFixed(1)} KiB, mode auth ${auth.toFixed(1)} KiB`);
}

/**
 * Measures SQLite, and PostgreSQL where it is installed, with each number of users. Log-ins are timed in turns, so that what
 * else the machine does hits all of them alike.
 */
export async function measureStores(settings: Settings): Promise<StoreRow[]> {
  await using postgres = hasPostgres ? await startPostgres({ fsync: true, buffers: BUFFERS }) : undefined;
  using folder = tempDir();
  const kinds: FilledStore[] = [];
  for (const count of settings.users) {
    kinds.push({ kind: await sqliteWith(count, folder.at(`sqlite-${count}`)), count, times: [] });
    if (postgres !== undefined) kinds.push({ kind: await postgresWith(count, postgres), count, times: [] });
  }
  await timeInTurns(kinds, settings);
  const rows: StoreRow[] = [];
  for (const filled of kinds) rows.push(await measure(filled, settings));
  return rows;
}

/** Log-ins, one after the other. */
async function timeInTurns(kinds: readonly FilledStore[], settings: Settings): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const stores: (FilledStore & { readonly ports: readonly number[] })[] = [];
  for (const filled of kinds) {
    const { servers } = opened.use(await startServers(filled.kind, 1));
    stores.push({ ...filled, ports: servers.map(({ port }) => port) });
  }
  // Code is compiled meanwhile.
  for (const store of stores) await rate(byScram(store), { ...store, ...settings });
  for (let turn = 0; turn < TURNS; turn++) {
    for (const { ports: [port = 0], count, times } of stores) {
      for (let number = 0; number < IN_TURN; number++) {
        const began = performance.now();
        await logIn(port, userName((turn * IN_TURN + number) % count));
        times.push(performance.now() - began);
      }
    }
  }
}

const HEADINGS: Readonly<Record<PageLanguage, readonly string[]>> = {
  en: [
    ...["store", "users", "look-up p50", "log-in p50", "SCRAM/s", "token/s", "plain/s"],
    ...["processor time of a log-in by SCRAM: servers", "database", "clients"],
  ],
  ru: [
    ...["хранилище", "пользователей", "поиск, p50", "вход, p50", "SCRAM/с", "токен/с", "пароль/с"],
    ...["процессорное время входа по SCRAM: серверы", "база", "клиенты"],
  ],
};

/** In Markdown. */
export function storeTable(rows: readonly StoreRow[], language: PageLanguage = "en"): string {
  const number = (value: number, digits = 0): string => decimal(value, { digits, language });
  const ms = (value: number | undefined): string =>
    value === undefined ? "-" : `${number(value, 2)} ${language === "en" ? "ms" : "мс"}`;
  return markdown(
    HEADINGS[language],
    rows.map(({ store, users, lookUp, logIn, scram, token, plain, cpu }) => [
      ...[store, number(users), ms(lookUp), ms(logIn), number(scram), number(token), number(plain)],
      ...[ms(cpu.server), ms(cpu.database), ms(cpu.clients)],
    ]),
  );
}

async function measure({ kind, count, times }: FilledStore, settings: Settings): Promise<StoreRow> {
  const { clients } = settings;
  const lookUp = await lookUps(kind, count);
  await using started = await startServers(kind, settings.servers);
  const ports = started.servers.map(({ port }) => port);
  const run = (enter: Enter) => rate(enter, { ports, ...settings });
  await run(byScram({ count }));
  const spent = async () => ({
    server: started.servers.reduce((sum, { pid }) => sum + cpuOf(pid), 0),
    database: await kind.cpu?.() ?? 0,
    clients: cpuOf(Deno.pid),
  });
  const before = await spent();
  const scram = await run(byScram({ count }));
  const after = await spent();
  const each = (part: keyof typeof before): number => (after[part] - before[part]) / scram.done;
  const tokens = new Map<number, string>();
  const token = await run(async (port, client) => {
    const known = tokens.get(client);
    const answer = known === undefined
      ? await logIn(port, userName(client + clients))
      : await ask(port, `AUTH TOKEN ${known}`);
    tokens.set(client, tokenOf(answer));
    return answer;
  });
  const plain = await run((port, client) => ask(port, userName(client + 2 * clients), PASSWORD));
  return {
    ...{ store: kind.name, users: count, lookUp, logIn: median(times) },
    ...{ scram: scram.perSecond, token: token.perSecond, plain: plain.perSecond },
    cpu: { server: each("server"), database: kind.cpu && each("database"), clients: each("clients") },
  };
}

/** One log-in of a client, `at` of all clients' log-ins; the answer. */
type Enter = (port: number, client: number, at: number) => Promise<string>;

function byScram({ count }: { readonly count: number }): Enter {
  return (port, _, at) => logIn(port, userName(at % count));
}

async function rate(
  enter: Enter,
  { ports, seconds, clients }: {
    readonly ports: readonly number[];
    readonly seconds: number;
    readonly clients: number;
  },
): Promise<{ readonly perSecond: number; readonly done: number }> {
  const began = performance.now();
  const end = began + seconds * 1000;
  let done = 0;
  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    for (let number = 0; performance.now() < end; number++) {
      const port = ports[(client + number) % ports.length] ?? 0;
      const answer = await enter(port, client, client + number * clients);
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
  return { name: "SQLite", location, env: {}, cpu: undefined };
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
  // As many sessions as a database has that has been in use for some days.
  const sessions =
    `INSERT INTO echo.sessions (id, user_name, generation, secret_hash, created_at, last_used_at, replaced)
    SELECT 'session-' || number, 'user-' || number, 0, sha256(''), $1, $1, '{}' FROM generate_series(0, $2::bigint - 1) AS number`;
  await cluster.query({ text: sessions, values: [Date.now(), count] }, { action: "write" });
  await cluster.query({ text: "VACUUM ANALYZE" }, { action: "write" });
  await cluster.query({ text: "CHECKPOINT" }, { action: "write" });
  const cpu = async (): Promise<number> => {
    let sum = 0;
    for (const pid of await postgres.processes()) {
      try {
        sum += cpuOf(pid);
      } catch (error) {
        // Workers of autovacuum come and go.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return sum;
  };
  return { name: "PostgreSQL", location, env: { ECHO_STORE: url }, cpu };
}

/** Resident memory that connections add, divided by their number, in KiB: in mode echo, and logged in. */
export async function idleMemory(): Promise<{ readonly echo: number; readonly auth: number }> {
  return { echo: await idleMemoryIn("echo"), auth: await idleMemoryIn("auth") };
}

async function idleMemoryIn(mode: "echo" | "auth"): Promise<number> {
  const limits = ["--max-connections", "0", "--max-per-address", "0", "--max-unauthenticated", "0"];
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
  const each = (memoryOf(server.pid) - before) / IDLE;
  for (const one of open) one.close();
  return each;
}

/** Resident memory of a process, in KiB. */
function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s*(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
}

function userName(number: number): string {
  return `user-${number}`;
}

if (import.meta.main) await main(Deno.args);
