/**
 * The connections to PostgreSQL: to that one of its servers that can write. Where it is lost, it is looked for with growing
 * pauses, and calls are refused at once until it is found.
 *
 * @module
 */
import pg, { type Client, type ClientConfig, type Pool, type PoolClient, type Query, type Result } from "pg";
import { isLocalHost } from "../base/address.ts";
import { delay } from "../base/delay.ts";
import { EchoError } from "../base/errors.ts";
import { readTrusted } from "../base/text_file.ts";
import type { Environment, PostgresHost, PostgresLocation } from "./location.ts";
import { type Action, postgresError, refusal, storageError, type Trouble, troubleOf } from "./postgres_errors.ts";
import { findPassword } from "./postgres_password.ts";

/** Connections of one server, beside the one that listens: a log-in is some calls of less than a millisecond each. */
const CONNECTIONS = 8;

/** For one connection to be made, in ms. */
const CONNECT_TIMEOUT = 3000;

/** For a connection to be free, in ms: a burst of thousands of calls takes seconds. */
const QUEUE_TIMEOUT = 30_000;

/** For one answer, in ms: longer than any call takes, a wait for a standby included. */
const ANSWER_TIMEOUT = 10_000;

/** Pauses between looks for a server, in ms: from the first, doubling, to the last. */
const PAUSES = { first: 100, last: 2000 } as const;

/** Tries of a transaction that others stood in the way of. */
const CONFLICT_TRIES = 5;

/** How PostgreSQL tells that a commit was not confirmed by the standbys that have to: the function that warns. */
const UNCONFIRMED = "SyncRepWaitForLSN";

/** Told on this channel after each revocation. */
export const CHANNEL = "echo_revoked";

/** What runs statements: one connection. */
export type Statements = Pick<Client, "query">;

/** How a statement is run. */
export interface CallOptions {
  readonly action: Action;
  /** May be run once more where it is not known whether it was. */
  readonly isRepeatable?: boolean;
}

/** A look, which may be repeated. */
export const READ: CallOptions = { action: "read", isRepeatable: true };

/** A change. */
export const WRITE: CallOptions = { action: "write" };

/** In a statement whose result a crash of the database may undo: nobody waits for the disk. */
export const NOT_DURABLE = "quick AS (SELECT set_config('synchronous_commit', 'off', true))";

/** A server to connect to. */
interface Found extends PostgresHost {
  readonly pool: Pool;
  /** Rejects when another has been found: the pool serves nobody any more who still waits for a connection. */
  readonly left: PromiseWithResolvers<never>;
}

/** See the module. */
export class PostgresCluster implements AsyncDisposable {
  readonly #location: PostgresLocation;
  readonly #environment: Environment;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #unconfirmed = new WeakSet<object>();
  #found: Found | undefined;
  #seeking: Promise<void> | undefined;
  /** Why calls are refused at once. */
  #reason: unknown;
  #listener: Client | undefined;
  readonly #listeners = new Set<() => void>();

  private constructor(location: PostgresLocation, environment: Environment) {
    this.#location = location;
    this.#environment = environment;
  }

  /**
   * Connects to the first server that can write.
   *
   * @throws {StorageError} `cannot_read`
   * @throws {ConfigError} `bad_store`
   */
  static async open(location: PostgresLocation, environment: Environment): Promise<PostgresCluster> {
    const cluster = new PostgresCluster(location, environment);
    try {
      await cluster.#find();
      return cluster;
    } catch (error) {
      throw cluster.#errorFor(error, "read");
    }
  }

  /** The URL without the password, as messages name it. */
  get path(): string {
    return this.#location.shown;
  }

  /** The server in use: `db1:5432`. */
  get server(): string {
    return this.#found === undefined ? "" : hostText(this.#found);
  }

  /** Why the database cannot be used now. */
  get trouble(): string | undefined {
    if (this.#reason === undefined) return undefined;
    const error = this.#errorFor(this.#reason, "read");
    return error instanceof Error ? error.message : String(error);
  }

  /** Whether {@linkcode PostgresCluster.close} was called. */
  get isClosed(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Calls `listener` when something was revoked, or may have been unnoticed, until it is disposed of. */
  onRevoked(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Runs one statement, which is a transaction of its own. */
  query(query: Query, options: CallOptions): Promise<Result> {
    return this.run((statements) => statements.query(query), options);
  }

  /** Runs `work` as one transaction; once more where others stood in its way. */
  transaction<T>(work: (statements: Statements) => Promise<T>, { durable = true } = {}): Promise<T> {
    const begin = durable ? "BEGIN" : "BEGIN; SET LOCAL synchronous_commit = off";
    return this.run(async (statements) => {
      await statements.query({ text: begin });
      try {
        const result = await work(statements);
        await statements.query({ text: "COMMIT" });
        return result;
      } catch (error) {
        // Where this fails, the connection is lost, and with it the transaction.
        await statements.query({ text: "ROLLBACK" }).catch(() => {});
        throw error;
      }
    }, { action: "write" });
  }

  /** Runs `work` on a connection that is its own meanwhile. */
  run<T>(work: (statements: Statements) => Promise<T>, options: CallOptions): Promise<T> {
    const running = this.#run(work, options).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Finishes the calls made so far and closes all connections. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running);
    this.#stop.abort();
    await this.#seeking?.catch(() => {});
    await this.#listener?.end().catch(() => {});
    await this.#found?.pool.end();
  }

  async #run<T>(
    work: (statements: Statements) => Promise<T>,
    { action, isRepeatable = false }: CallOptions,
  ): Promise<T> {
    let hasFailed = false;
    for (let tries = 1;; tries++) {
      let wasSent = false;
      let found: Found | undefined;
      try {
        found = await this.#server(action);
        const client = await clientOf(found);
        wasSent = true;
        return await this.#runOn(client, work);
      } catch (error) {
        const trouble = troubleOf(error);
        if (trouble === "postgres_conflict" && tries < CONFLICT_TRIES) continue;
        if (trouble === "postgres_away" && !(error instanceof EchoError)) {
          // What comes late from a server that was left says nothing of the one in use.
          if (this.#found === found) this.#seek(error);
          if (!hasFailed && (isRepeatable || !wasSent || isReadOnly(error))) {
            hasFailed = true;
            continue;
          }
        }
        throw this.#errorFor(error, action);
      }
    }
  }

  /** The server in use; while one is looked for, what comes of that. */
  async #server(action: Action): Promise<Found> {
    await this.#seeking;
    if (this.#reason !== undefined || this.#found === undefined) throw this.#errorFor(this.#reason, action);
    return this.#found;
  }

  async #runOn<T>(client: PoolClient, work: (statements: Statements) => Promise<T>): Promise<T> {
    let broken = false;
    try {
      const result = await work(client);
      if (this.#unconfirmed.delete(client)) {
        throw storageError("postgres_unconfirmed", { action: "write", path: this.path });
      }
      return result;
    } catch (error) {
      const trouble = troubleOf(error);
      broken = !(error instanceof EchoError) && (trouble === "postgres_away" || trouble === "postgres_slow");
      throw error;
    } finally {
      client.release(broken);
    }
  }

  #errorFor(error: unknown, action: Action): unknown {
    const trouble = error instanceof EchoError ? undefined : troubleOf(error);
    return trouble !== undefined && FINAL.has(trouble)
      ? refusal(trouble, this.path, error)
      : postgresError(error, action, this.path);
  }

  /** Looks for a server, in the background; calls wait for the first round, and are refused after it. */
  #seek(error: unknown): void {
    if (this.#seeking !== undefined || this.#reason !== undefined || this.isClosed) return;
    const first = this.#find().catch((failure: unknown) => {
      this.#reason = failure ?? error;
      void this.#seekOn();
    }).finally(() => this.#seeking = undefined);
    this.#seeking = first;
  }

  async #seekOn(): Promise<void> {
    const { signal } = this.#stop;
    for (let pause: number = PAUSES.first; !signal.aborted; pause = Math.min(pause * 2, PAUSES.last)) {
      // Of many servers that have lost the database at one moment, not all come back at one moment.
      await delay(pause * (0.75 + Math.random() / 2), signal);
      if (signal.aborted) return;
      try {
        await this.#find();
        this.#reason = undefined;
        return;
      } catch (error) {
        this.#reason = error;
      }
    }
  }

  /** Connects to the first server that can write, the last one first. All connections are new: those that were idle may be dead. */
  async #find(): Promise<void> {
    const last = this.#found;
    const others = this.#location.hosts.filter((host) => last === undefined || hostText(host) !== hostText(last));
    let failure: unknown;
    for (const { host, port } of last === undefined ? others : [last, ...others]) {
      const pool = this.#open({ host, port });
      try {
        (await pool.connect()).release();
        if (this.isClosed) throw new Error("the store is closed");
        void last?.pool.end().catch(() => {});
        const left = Promise.withResolvers<never>();
        left.promise.catch(() => {/* nobody may be waiting */});
        this.#found = { host, port, pool, left };
        last?.left.reject(new Error(`${hostText(last)} was left`));
        this.#listen();
        return;
      } catch (error) {
        void pool.end().catch(() => {});
        // That there is a server, and why it does not help, tells more than that another is not there.
        if (failure === undefined || troubleOf(error) !== "postgres_away") failure = error;
      }
    }
    throw failure;
  }

  #open(host: PostgresHost): Pool {
    const config = this.#config(host);
    const pool = new pg.Pool({
      ...config,
      // The pool's own is for the wait in its queue.
      connectionTimeoutMillis: QUEUE_TIMEOUT,
      Client: class extends pg.Client {
        constructor() {
          super(config);
        }
      },
      max: CONNECTIONS,
      // One that is kept shows that the server is gone.
      min: 1,
      idleTimeoutMillis: 60_000,
      onConnect: async (client) => {
        client.on("notice", (notice) => {
          if ("routine" in notice && notice.routine === UNCONFIRMED) this.#unconfirmed.add(client);
        });
        await assertWritable(client);
      },
    });
    pool.on("error", (error) => {
      if (this.#found?.pool === pool) this.#seek(error);
    });
    return pool;
  }

  #config({ host, port }: PostgresHost): ClientConfig {
    const { location, environment } = { location: this.#location, environment: this.#environment };
    const user = location.user || environment("PGUSER") || environment("USER") || "postgres";
    const database = location.database || environment("PGDATABASE") || user;
    return {
      ...{ host, port, user, database },
      password: () => location.password ?? findPassword({ host, port, user, database }, environment),
      ssl: sslOf(location, host, environment),
      application_name: location.applicationName ?? "echo-server",
      ...(location.options === undefined ? {} : { options: location.options }),
      keepAlive: true,
      connectionTimeoutMillis: location.connectTimeout ?? CONNECT_TIMEOUT,
      query_timeout: ANSWER_TIMEOUT,
    };
  }

  /** Listens for revocations on a connection of its own, anew after it has ended. What is lost meanwhile is polled for. */
  #listen(): void {
    const found = this.#found;
    if (found === undefined) return;
    void this.#listener?.end().catch(() => {});
    const client = new pg.Client(this.#config(found));
    this.#listener = client;
    const again = (): void => {
      if (this.#listener !== client || this.isClosed) return;
      this.#listener = undefined;
      void client.end().catch(() => {});
      void delay(1000, this.#stop.signal).then(() => {
        if (this.#listener === undefined && this.#reason === undefined && !this.isClosed) this.#listen();
      });
    };
    client.on("error", again);
    client.on("end", again);
    client.on("notification", () => this.#notify());
    client.connect().then(() => client.query({ text: `LISTEN ${CHANNEL}` })).then(() => this.#notify(), again);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** What no waiting puts right. */
const FINAL: ReadonlySet<Trouble> = new Set([
  ...["postgres_password", "postgres_refused", "postgres_database", "postgres_tls", "postgres_permission"] as const,
  ...["postgres_empty", "postgres_old", "postgres_newer"] as const,
]);

/** A connection to a server, unless that is left before there is one. */
async function clientOf({ pool, left }: Found): Promise<PoolClient> {
  const client = pool.connect();
  try {
    return await Promise.race([client, left.promise]);
  } catch (error) {
    client.then((late) => late.release(true), () => {/* told by the race */});
    throw error;
  }
}

/** Whether a server that cannot write has refused to: nothing was done. */
function isReadOnly(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "25006" || error.code === "55000");
}

/** @throws {Error} of a kind that means "look elsewhere". */
async function assertWritable(statements: Statements): Promise<void> {
  const { rows: [row] } = await statements.query({
    text: "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS read_only",
  });
  if (row?.["read_only"] !== false) throw new Error("the server is a standby, or read-only");
}

function sslOf(location: PostgresLocation, host: string, environment: Environment): ClientConfig["ssl"] {
  // Nobody listens between a machine and itself.
  const mode = location.sslMode ?? (host.startsWith("/") || isLocalHost(host) ? "disable" : "verify-full");
  if (mode === "disable") return false;
  const path = location.rootCert ?? environment("PGSSLROOTCERT");
  const ca = path === undefined || path === "system" ? {} : { ca: readTrusted(path, { lossy: true, anyOwner: true }) };
  return {
    ...ca,
    rejectUnauthorized: mode !== "require",
    ...(mode === "verify-ca" ? { checkServerIdentity: () => undefined } : {}),
  };
}

function hostText({ host, port }: PostgresHost): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
