/**
 * What administration asks of PostgreSQL, and a server does not.
 *
 * @module
 */
import { ConfigError } from "../base/errors.ts";
import { type PostgresCluster, READ, type Statements } from "./postgres_cluster.ts";
import { toSession, toUser } from "./postgres_rows.ts";
import { blob, integer, type Row, text, toHost } from "./rows.ts";
import { MIGRATIONS, schemaVersion } from "./postgres_schema.ts";
import type { Snapshot } from "./snapshot.ts";

/** How a database is. */
export interface PostgresStatus {
  /** Of PostgreSQL: `15.18`. */
  readonly version: string;
  /** The server that can write: `db1:5432`. */
  readonly server: string;
  readonly tls: boolean;
  /** Of the tables; 0: there are none. */
  readonly schema: number;
  /** What this program needs. */
  readonly newest: number;
  /** None where the tables are of another version. */
  readonly counts: { readonly users: number; readonly sessions: number; readonly hosts: number } | undefined;
  /** As the operator has set it. */
  readonly settings: {
    readonly synchronous_commit: string;
    readonly synchronous_standby_names: string;
    readonly fsync: string;
  };
  readonly standbys: readonly { readonly name: string; readonly state: string; readonly sync: string }[];
}

const STATUS = `SELECT current_setting('server_version') AS version,
  coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS tls,
  current_setting('synchronous_commit') AS synchronous_commit,
  current_setting('synchronous_standby_names') AS synchronous_standby_names,
  current_setting('fsync') AS fsync`;

/** Columns that the role may not see are null. */
const STANDBYS = `SELECT application_name AS name, coalesce(state, '?') AS state, coalesce(sync_state, '?') AS sync
  FROM pg_stat_replication WHERE application_name NOT LIKE 'pg_basebackup%' ORDER BY 1`;

const COUNTS = `SELECT (SELECT count(*) FROM echo.users) AS users, (SELECT count(*) FROM echo.sessions) AS sessions,
  (SELECT count(*) FROM echo.hosts) AS hosts`;

/** Looks. */
export function postgresStatus(cluster: PostgresCluster): Promise<PostgresStatus> {
  return cluster.run(async (statements) => {
    const { rows: [row] } = await statements.query({ text: STATUS });
    const { rows: standbys } = await statements.query({ text: STANDBYS });
    const schema = await schemaVersion(statements);
    return {
      version: text(row, "version").replace(/ .*/, ""),
      server: cluster.server,
      tls: row?.["tls"] === true,
      schema,
      newest: MIGRATIONS.length,
      counts: schema === MIGRATIONS.length ? await countRows(statements) : undefined,
      settings: {
        synchronous_commit: text(row, "synchronous_commit"),
        synchronous_standby_names: text(row, "synchronous_standby_names"),
        fsync: text(row, "fsync"),
      },
      standbys: standbys.map((each) => ({
        name: text(each, "name"),
        state: text(each, "state"),
        sync: text(each, "sync"),
      })),
    };
  }, READ);
}

async function countRows(statements: Statements): Promise<{ users: number; sessions: number; hosts: number }> {
  const { rows: [row] } = await statements.query({ text: COUNTS });
  return { users: integer(row, "users"), sessions: integer(row, "sessions"), hosts: integer(row, "hosts") };
}

/** Rows in one statement. */
const ROWS_AT_ONCE = 1000;

/**
 * Writes all of `snapshot` into tables that are empty, reads it back and compares it, in one transaction: all of it or
 * nothing.
 *
 * @throws {ConfigError} `bad_store`: the tables are not empty, or what was read back differs.
 */
export function copyIn(cluster: PostgresCluster, snapshot: Snapshot): Promise<void> {
  const { path } = cluster;
  return cluster.transaction(async (statements) => {
    await statements.query({
      text: "LOCK TABLE echo.users, echo.sessions, echo.hosts, echo.secrets IN EXCLUSIVE MODE",
    });
    const counts = await countRows(statements);
    if (counts.users + counts.sessions + counts.hosts > 0) throw bad("store_not_empty", path);
    // Made by a server that has started already; the tokens in use need the old ones.
    await statements.query({ text: "DELETE FROM echo.secrets" });
    for (const [table, { columns, rows }] of Object.entries(tablesOf(snapshot))) {
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
        const part = rows.slice(at, at + ROWS_AT_ONCE);
        const places = part.map((row, line) =>
          `(${row.map((_, column) => `$${line * row.length + column + 1}`).join(", ")})`
        );
        const values = `INSERT INTO echo.${table} (${columns.join(", ")}) VALUES ${places.join(", ")}`;
        await statements.query({ text: values, values: part.flat() });
      }
    }
    if (JSON.stringify(await readBack(statements)) !== JSON.stringify(comparable(snapshot))) {
      throw bad("store_differs", path);
    }
    // Else the first log-ins would be planned for empty tables.
    await statements.query({ text: "ANALYZE echo.users, echo.sessions, echo.hosts" });
  });
}

function tablesOf({ users, sessions, hosts, secrets }: Snapshot) {
  return {
    users: {
      columns: ["name", "verifier", "disabled", "created_at"],
      rows: users.map(({ name, verifier, disabled, createdAt }) => [name, verifier, disabled, createdAt]),
    },
    sessions: {
      columns: ["id", "user_name", "generation", "secret_hash", "created_at", "last_used_at", "replaced"],
      rows: sessions.map((
        { id, user, generation, secretHash, createdAt, lastUsedAt, replaced },
      ) => [id, user, generation, secretHash, createdAt, lastUsedAt, replaced]),
    },
    hosts: {
      columns: ["address", "name", "created_at", "seen_at"],
      rows: hosts.map(({ address, name, createdAt, seenAt }) => [address, name, createdAt, seenAt]),
    },
    secrets: { columns: ["name", "value"], rows: secrets.map(({ name, value }) => [name, value]) },
  };
}

async function readBack(statements: Statements): Promise<unknown> {
  const all = async <T>(table: string, order: string, toRecord: (row: Row) => T): Promise<T[]> =>
    (await statements.query({ text: `SELECT * FROM echo.${table} ORDER BY ${order}` })).rows.map(toRecord);
  return comparable({
    users: await all("users", "name", toUser),
    sessions: await all("sessions", "user_name, created_at, seq", toSession),
    hosts: await all("hosts", "address", toHost),
    secrets: await all("secrets", "name", (row) => ({ name: text(row, "name"), value: blob(row, "value") })),
  });
}

/** In one order of rows and properties, with bytes as text. */
function comparable(snapshot: Snapshot): unknown {
  return Object.entries(tablesOf(snapshot)).map(([table, { rows }]) => [
    table,
    rows.map((row) => row.map((value) => value instanceof Uint8Array ? value.toHex() : value)),
  ]);
}

function bad(problem: "store_not_empty" | "store_differs", path: string): ConfigError {
  const reason = problem === "store_not_empty"
    ? "it is not empty; copy into a new database"
    : "what was read back differs from what was written; nothing was copied";
  return new ConfigError("bad_store", `Cannot use ${path}: ${reason}`, { details: { path, problem, reason } });
}
