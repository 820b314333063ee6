/**
 * A PostgreSQL server of the test's own, where the programs are installed.
 *
 * @module
 */
import { join } from "@std/path";
import { type Finished, isInstalled, runProgram, tempDir } from "./programs.ts";

/** Debian keeps the programs of each version in a folder outside of PATH; `ECHO_TEST_POSTGRES` names another one. */
const FOLDERS = [
  Deno.env.get("ECHO_TEST_POSTGRES") ?? "",
  ...["18", "17", "16", "15", "14"].map((version) => `/usr/lib/postgresql/${version}/bin`),
];

const bin = FOLDERS.find((folder) => isFile(join(folder, "initdb")));
const isRoot = Deno.uid() === 0;

/** PostgreSQL refuses to run as root. */
const AS_POSTGRES = isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];

/** Whether {@linkcode startPostgres} works here. */
export const hasPostgres = bin !== undefined && isInstalled("psql") && (!isRoot || isInstalled("setpriv"));

/** The role that the server is made for. */
export const ADMIN = "admin";
/** Its password. */
export const ADMIN_PASSWORD = "of the test's own server";

/** Runs a program of PostgreSQL as a user that it accepts; fails where it fails. */
export async function runPostgres(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Record<string, string> },
): Promise<void> {
  const [command = "", ...rest] = [...AS_POSTGRES, join(bin ?? "", program), ...args];
  const { code, stdout, stderr } = await runProgram(command, rest, { cwd, env });
  if (code !== 0) throw new Error(`${program} failed: ${stdout}${stderr}`);
}

/** Gives a folder to the user that PostgreSQL runs as. */
export async function giveToPostgres(path: string): Promise<void> {
  if (isRoot) await runProgram("chown", ["-R", "postgres", path]);
}

/** Makes a cluster in `data`, in which all log in through SCRAM-SHA-256. */
export async function initCluster(folder: string, data: string): Promise<void> {
  await Deno.writeTextFile(join(folder, "password"), ADMIN_PASSWORD);
  await giveToPostgres(folder);
  const password = `--pwfile=${join(folder, "password")}`;
  const locale = ["--encoding=UTF8", "--locale=C.UTF-8"];
  await runPostgres("initdb", ["-D", data, "-U", ADMIN, password, "--auth=scram-sha-256", ...locale], { cwd: folder });
}

/** A running PostgreSQL server, in which all log in through SCRAM-SHA-256. */
export interface Postgres extends AsyncDisposable {
  readonly port: number;
  /** Its processes that are there now. */
  processes(): Promise<number[]>;
  /** Has it speak TLS with this certificate, for new connections. */
  useCertificate(cert: string, key: string): Promise<void>;
  /** The URL of a new, empty database, with the password in it. */
  newDatabase(): Promise<string>;
  /** Stops it as a crash would. */
  crash(): Promise<void>;
  /** Starts it after {@linkcode Postgres.crash}. */
  restart(): Promise<void>;
  /** Runs a statement as the given role; over the Unix socket, or over TCP. */
  query(
    sql: string,
    as?: { readonly role: string; readonly password: string; readonly tcp?: boolean },
  ): Promise<Finished>;
}

/**
 * Makes a cluster in a temporary folder and starts it, in two seconds. `fsync`: it waits for the disk, as it should
 * elsewhere. `buffers`: its `shared_buffers`.
 */
export async function startPostgres({ fsync = false, buffers = "128MB" } = {}): Promise<Postgres> {
  const folder = tempDir();
  const run = (program: string, ...args: readonly string[]) => runPostgres(program, args, { cwd: folder.path });
  const data = folder.at("data");
  const port = freePort();
  const settings = `-c fsync=${fsync ? "on" : "off"} -c shared_buffers=${buffers}`;
  const options = `-c listen_addresses=127.0.0.1 -p ${port} -k ${folder.path} ${settings}`;
  const start = () => run("pg_ctl", "-D", data, "-w", "-l", folder.at("log"), "-o", options, "start");
  const stop = () => run("pg_ctl", "-D", data, "-m", "immediate", "stop");
  let databases = 0;
  try {
    await initCluster(folder.path, data);
    await start();
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  }
  const query: Postgres["query"] = async (
    sql,
    { role, password, tcp = false } = { role: ADMIN, password: ADMIN_PASSWORD },
  ) => {
    const host = tcp ? "127.0.0.1" : folder.path;
    const args = ["-X", "-A", "-t", "-h", host, "-p", String(port), "-U", role, "-d", "postgres", "-c", sql];
    const env = { PGPASSWORD: password, PGCLIENTENCODING: "UTF8", LC_ALL: "C.UTF-8" };
    return await runProgram("psql", ["-w", ...args], { env });
  };
  return {
    port,
    query,
    async newDatabase() {
      const name = `db${++databases}`;
      const { code, stderr } = await query(`CREATE DATABASE ${name}`);
      if (code !== 0) throw new Error(stderr);
      return `postgres://${ADMIN}:${encodeURIComponent(ADMIN_PASSWORD)}@127.0.0.1:${port}/${name}`;
    },
    async processes() {
      const pid = (await Deno.readTextFile(join(data, "postmaster.pid"))).split("\n")[0] ?? "";
      const { stdout } = await runProgram("pgrep", ["-P", pid]);
      return [pid, ...stdout.split("\n")].filter(Boolean).map(Number);
    },
    async useCertificate(cert, key) {
      await Deno.copyFile(cert, join(data, "server.crt"));
      await Deno.copyFile(key, join(data, "server.key"));
      await Deno.chmod(join(data, "server.key"), 0o600);
      await giveToPostgres(data);
      await query("ALTER SYSTEM SET ssl = on");
      await query("SELECT pg_reload_conf()");
    },
    crash: stop,
    restart: start,
    async [Symbol.asyncDispose](): Promise<void> {
      await stop();
      folder[Symbol.dispose]();
    },
  };
}

/** A port that is free now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
