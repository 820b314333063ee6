/**
 * PostgreSQL with a standby that confirms each commit, on this machine.
 *
 * @module
 */
import { ADMIN, ADMIN_PASSWORD, freePort, giveToPostgres, initCluster, runPostgres } from "../support/auth_postgres.ts";
import { runProgram, type TempDir, tempDir, until } from "../support/programs.ts";

/** One server of PostgreSQL. */
interface Node {
  readonly data: string;
  readonly port: number;
}

/** Two servers, of which one can write. */
export class Database implements AsyncDisposable {
  readonly #folder: TempDir;
  #primary: Node;
  #standby: Node;

  private constructor(folder: TempDir) {
    this.#folder = folder;
    this.#primary = { data: folder.at("one"), port: freePort() };
    this.#standby = { data: folder.at("two"), port: freePort() };
  }

  /** Makes both, and the database. */
  static async start(): Promise<Database> {
    const database = new Database(tempDir());
    try {
      await initCluster(database.#folder.path, database.#primary.data);
      await database.#start(database.#primary);
      await database.addStandby();
      await database.#query("CREATE DATABASE echo");
      return database;
    } catch (error) {
      await database[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** For `--store`, with both hosts. */
  get url(): string {
    const hosts = [this.#primary, this.#standby].map(({ port }) => `127.0.0.1:${port}`).sort().join(",");
    return `postgres://${ADMIN}:${encodeURIComponent(ADMIN_PASSWORD)}@${hosts}/echo?connect_timeout=1`;
  }

  /** Kills the one that can write, with all that it has started. */
  async kill(): Promise<void> {
    const pid = Number((await Deno.readTextFile(`${this.#primary.data}/postmaster.pid`)).split("\n")[0]);
    const children = (await runProgram("pgrep", ["-P", String(pid)])).stdout.split("\n").filter(Boolean);
    Deno.kill(pid, "SIGKILL");
    // They notice, and end; before, their memory cannot be taken over.
    const left = async (): Promise<boolean> => (await runProgram("ps", ["-p", children.join(",")])).code === 0;
    await until(async () => await left() ? undefined : true, "the end of its processes");
  }

  /** Starts it again: it recovers from what is on the disk. */
  async recover(): Promise<void> {
    await this.#start(this.#primary);
  }

  /** Makes the standby the one that can write. The other one is gone for good. */
  async promote(): Promise<void> {
    [this.#primary, this.#standby] = [this.#standby, this.#primary];
    await this.#pgCtl(this.#primary, "promote", "-w");
  }

  /** Makes a standby of the one that can write, and waits until each commit waits for it. */
  async addStandby(): Promise<void> {
    const { data, port } = this.#standby;
    await Deno.remove(data, { recursive: true }).catch(() => {});
    const env = { PGPASSWORD: ADMIN_PASSWORD };
    const from = ["-h", "127.0.0.1", "-p", String(this.#primary.port), "-U", ADMIN, "-D", data];
    const cwd = this.#folder.path;
    await runPostgres("pg_basebackup", [...from, "-R", "-X", "stream", "--checkpoint=fast"], { cwd, env });
    await giveToPostgres(data);
    await this.#start({ data, port });
    await this.#query("ALTER SYSTEM SET synchronous_standby_names = '*'");
    await this.#query("SELECT pg_reload_conf()");
    const sql = "SELECT sync_state FROM pg_stat_replication";
    await until(async () => (await this.#query(sql)).trim() === "sync" || undefined, "the standby");
  }

  /** Ends all connections of servers: each has to make new ones. */
  async cutConnections(): Promise<void> {
    const servers = "SELECT pid FROM pg_stat_activity WHERE application_name = 'echo-server'";
    await this.#query(`SELECT count(pg_terminate_backend(pid)) FROM (${servers}) each`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of [this.#primary, this.#standby]) {
      await this.#pgCtl(node, "stop", "-m", "immediate").catch(() => {/* it does not run */});
    }
    this.#folder[Symbol.dispose]();
  }

  async #start(node: Node): Promise<void> {
    // A standby that waits 5 s, its default, before it connects again holds up every commit for as long.
    const quick = "-c wal_retrieve_retry_interval=200ms";
    const options = `-c listen_addresses=127.0.0.1 -p ${node.port} -k ${this.#folder.path} ${quick}`;
    await this.#pgCtl(node, "start", "-w", "-l", `${node.data}.log`, "-o", options);
  }

  async #pgCtl({ data }: Node, ...args: readonly string[]): Promise<void> {
    await runPostgres("pg_ctl", ["-D", data, ...args], { cwd: this.#folder.path });
  }

  async #query(sql: string): Promise<string> {
    const { port } = this.#primary;
    const args = [
      "-X",
      "-A",
      "-t",
      "-w",
      "-h",
      "127.0.0.1",
      "-p",
      String(port),
      "-U",
      ADMIN,
      "-d",
      "postgres",
      "-c",
      sql,
    ];
    const { code, stdout, stderr } = await runProgram("psql", args, { env: { PGPASSWORD: ADMIN_PASSWORD } });
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }
}
