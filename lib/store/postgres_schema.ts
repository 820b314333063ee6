/**
 * The tables of the PostgreSQL store, in a schema of their own, and how those of any earlier version become those of this.
 *
 * Texts compare and sort as in SQLite, byte by byte: collation "C". Times are milliseconds since 1970.
 *
 * @module
 */
import { type PostgresCluster, READ, type Statements } from "./postgres_cluster.ts";
import { refusal } from "./postgres_errors.ts";

/** The schema that the tables are in. */
const SCHEMA = "echo";

/** One migration at a time, of whichever server: "ECHO", as in SQLite's files. */
const LOCK = 0x4543484f;

/** The timeline that the database writes: the first part of the name of a WAL file. A failover begins another one. */
export const TIMELINE_NOW = "('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer";

/** The statements that lead from one version to the next. */
export type Migration = readonly string[];

const FIRST: Migration = [
  `CREATE TABLE echo.users (
    name text COLLATE "C" PRIMARY KEY,
    verifier text NOT NULL,
    disabled boolean NOT NULL,
    created_at bigint NOT NULL
  )`,
  // No foreign key: who begins a session locks its user, who removes a user ends the sessions; a check would cost each log-in.
  `CREATE TABLE echo.sessions (
    id text COLLATE "C" PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    user_name text COLLATE "C" NOT NULL,
    generation bigint NOT NULL,
    secret_hash bytea NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    replaced bigint[] NOT NULL
  )`,
  "CREATE INDEX sessions_user_name ON echo.sessions (user_name)",
  "CREATE INDEX sessions_created_at ON echo.sessions (created_at)",
  `CREATE TABLE echo.revocations (
    version bigint PRIMARY KEY,
    timeline integer NOT NULL,
    user_name text COLLATE "C",
    family text COLLATE "C",
    CHECK ((user_name IS NULL) <> (family IS NULL))
  )`,
  // One row, whose lock puts revocations into the order of their commits: a sequence would not.
  "CREATE TABLE echo.revoked (version bigint NOT NULL, timeline integer NOT NULL)",
  `INSERT INTO echo.revoked VALUES (0, ${TIMELINE_NOW})`,
  `CREATE TABLE echo.hosts (
    address text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    created_at bigint NOT NULL,
    seen_at bigint NOT NULL
  )`,
  `CREATE TABLE echo.attempts (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    at bigint NOT NULL
  )`,
  "CREATE INDEX attempts_address ON echo.attempts (address, at)",
  "CREATE INDEX attempts_account ON echo.attempts (account, at)",
  // By the clock of the database, which all servers share.
  `CREATE TABLE echo.turns (
    key text COLLATE "C" PRIMARY KEY,
    held_until bigint NOT NULL,
    taken_until bigint NOT NULL,
    taken_by text COLLATE "C" NOT NULL
  )`,
  `CREATE TABLE echo.secrets (name text COLLATE "C" PRIMARY KEY, value bytea NOT NULL)`,
];

/** Migration `n` leads from version `n` to `n + 1`. Append; never change one that was released. */
export const MIGRATIONS: readonly Migration[] = [FIRST];

/** The version of the tables; 0: there are none. */
export async function schemaVersion(statements: Statements): Promise<number> {
  // Not to_regclass(): within a transaction it may answer from before the lock was waited for.
  const text = "SELECT FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'schema'";
  const { rowCount } = await statements.query({ text, values: [SCHEMA] });
  if (rowCount === 0) return 0;
  const { rows: [row] } = await statements.query({ text: `SELECT version FROM ${SCHEMA}.schema` });
  return Number(row?.["version"] ?? 0);
}

/**
 * Makes the tables, or brings them to the newest version; answers what version they had. Any number of callers may do so at
 * the same moment: one does it, the others wait and find it done.
 *
 * @throws {ConfigError} `bad_store`: the tables are newer than this program.
 */
export function migrate(cluster: PostgresCluster, migrations: readonly Migration[] = MIGRATIONS): Promise<number> {
  return cluster.transaction(async (statements) => {
    await statements.query({ text: `SELECT pg_advisory_xact_lock(${LOCK})` });
    const version = await schemaVersion(statements);
    if (version > migrations.length) throw refusal("postgres_newer", cluster.path);
    if (version === migrations.length) return version;
    if (version === 0) {
      await statements.query({ text: `CREATE SCHEMA IF NOT EXISTS ${SCHEMA}` });
      await statements.query({ text: `CREATE TABLE ${SCHEMA}.schema (version integer NOT NULL)` });
      await statements.query({ text: `INSERT INTO ${SCHEMA}.schema VALUES (0)` });
    }
    for (const text of migrations.slice(version).flat()) await statements.query({ text });
    await statements.query({ text: `UPDATE ${SCHEMA}.schema SET version = $1`, values: [migrations.length] });
    return version;
  });
}

/**
 * Makes sure that the tables are those of this program.
 *
 * @throws {ConfigError} `bad_store`
 */
export async function checkSchema(cluster: PostgresCluster): Promise<void> {
  const version = await cluster.run(schemaVersion, READ);
  if (version === 0) throw refusal("postgres_empty", cluster.path);
  if (version < MIGRATIONS.length) throw refusal("postgres_old", cluster.path);
  if (version > MIGRATIONS.length) throw refusal("postgres_newer", cluster.path);
}
