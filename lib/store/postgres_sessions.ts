/**
 * The operations of the PostgreSQL store on sessions, and the record of revocations, as SQL.
 *
 * Revocations are numbered one after the other, each with the timeline of the database that it was made on, which is the
 * upper half of what the store calls a version. After a failover to a standby that lacks the last of them, their numbers
 * are given anew: a server that knows one of another timeline has to look each session up.
 *
 * @module
 */
import { CLOCK_SKEW, FAMILY_TOKENS, REVOCATIONS_KEPT, SESSION_RETENTION } from "../base/limits.ts";
import type { AsyncOperations } from "./backend.ts";
import { CHANNEL, NOT_DURABLE, type PostgresCluster, READ, type Statements, WRITE } from "./postgres_cluster.ts";
import { toSession } from "./postgres_rows.ts";
import { integer, type Row } from "./rows.ts";
import type { SessionOperation } from "./sqlite_protocol.ts";
import { TIMELINE_NOW } from "./postgres_schema.ts";
import type { Rotation, Session } from "./store.ts";

type SessionOperations = Pick<AsyncOperations, SessionOperation>;

/** Versions of a timeline begin at a multiple of this. */
const TIMELINE = 2 ** 32;

/**
 * Expired sessions that a log-in clears away: one more than it makes. The bound keeps the plan on the index whatever
 * PostgreSQL knows of the table, and so small that it is kept instead of being made for each log-in (0.3 ms).
 */
const EXPIRED_AT_ONCE = 2;

// The lock on the user holds off a change of the password until the session is there to be ended by it.
const CREATE_SESSION = `WITH
  owner AS (SELECT name FROM echo.users
    WHERE name = $2 AND NOT disabled AND ($5::text IS NULL OR verifier = $5) FOR SHARE),
  expired AS (SELECT id FROM echo.sessions WHERE created_at < $4::bigint - ${SESSION_RETENTION}
    ORDER BY created_at LIMIT ${EXPIRED_AT_ONCE} FOR UPDATE SKIP LOCKED),
  ranked AS (SELECT id, row_number() OVER (ORDER BY created_at > $4::bigint + ${CLOCK_SKEW}, created_at DESC, seq DESC) AS place
    FROM echo.sessions WHERE user_name = $2),
  ended AS (DELETE FROM echo.sessions WHERE EXISTS (SELECT FROM owner)
    AND id IN (SELECT id FROM expired UNION ALL SELECT id FROM ranked WHERE place >= $6))
  INSERT INTO echo.sessions (id, user_name, generation, secret_hash, created_at, last_used_at, replaced)
    SELECT $1, name, 0, $3, $4, $4, '{}' FROM owner`;

// The conditions are looked at again on the row as it is once its lock is held: of several calls one rotates.
const ROTATE =
  `UPDATE echo.sessions SET generation = $2::bigint, secret_hash = $3, last_used_at = $4::bigint, replaced = ARRAY(
    SELECT at FROM unnest($4::bigint || replaced) WITH ORDINALITY AS each (at, place)
    WHERE $4::bigint - at <= $5::bigint ORDER BY place LIMIT ${FAMILY_TOKENS})
  WHERE id = $1 AND generation = $2::bigint - 1 RETURNING *`;

const NOTICE = `bumped AS (UPDATE echo.revoked SET version = version + 1, timeline = ${TIMELINE_NOW}
    WHERE EXISTS (SELECT FROM what) RETURNING version, timeline),
  noticed AS (INSERT INTO echo.revocations (version, timeline, user_name, family)
    SELECT bumped.version, bumped.timeline, what.user_name, what.family FROM bumped, what),
  trimmed AS (DELETE FROM echo.revocations WHERE version < (SELECT version FROM bumped) - ${REVOCATIONS_KEPT})
  SELECT (SELECT count(*) FROM ended) AS ended, pg_notify('${CHANNEL}', '')`;

// Also without a session: a connection that logged in before may still be open.
const REVOKE_USER = `WITH ended AS (DELETE FROM echo.sessions WHERE user_name = $1 RETURNING id),
  what AS (SELECT $1::text AS user_name, NULL::text AS family), ${NOTICE}`;

const REVOKE_SESSION = `WITH ended AS (DELETE FROM echo.sessions WHERE id = $1 RETURNING id),
  what AS (SELECT NULL::text AS user_name, id AS family FROM ended), ${NOTICE}`;

const REVOCATIONS = `SELECT now.version AS now, now.timeline AS now_timeline, known.timeline AS known_timeline, found.*
  FROM echo.revoked now
  LEFT JOIN echo.revocations known ON known.version = $1
  LEFT JOIN echo.revocations found ON found.version > $1
  ORDER BY found.version`;

/** The operations of a `UserStore` that concern sessions. */
export function sessionOperations(db: PostgresCluster): SessionOperations {
  const findSession = async (id: string): Promise<Session | null> => {
    const text = "SELECT * FROM echo.sessions WHERE id = $1";
    const { rows: [row] } = await db.query({ name: "findSession", text, values: [id] }, READ);
    return row === undefined ? null : toSession(row);
  };
  return {
    async createSession({ id, user, secretHash, createdAt }, { max, verifier }) {
      const values = [id, user, secretHash, createdAt, verifier ?? null, max];
      const { rowCount } = await db.query({ name: "createSession", text: CREATE_SESSION, values }, WRITE);
      return rowCount === 1 ? "created" : "refused";
    },

    findSession,

    async rotateSession(id, { generation, secretHash }, { now, graceMs }): Promise<Rotation> {
      const values = [id, generation, secretHash, now, graceMs];
      const { rows: [row] } = await db.query({ name: "rotateSession", text: ROTATE, values }, WRITE);
      if (row !== undefined) return { outcome: "rotated", session: toSession(row) };
      const session = await findSession(id);
      return session === null ? { outcome: "gone" } : { outcome: "moved", session };
    },

    async touchSession(id, now) {
      const text = `WITH ${NOT_DURABLE} UPDATE echo.sessions SET last_used_at = greatest(last_used_at, $2) FROM quick
        WHERE id = $1`;
      await db.query({ name: "touchSession", text, values: [id, now] }, WRITE);
    },

    revokeSession: async (id) =>
      (await revoke(db, { name: "revokeSession", text: REVOKE_SESSION, values: [id] })) === 1,

    revokeUser: (name) => revoke(db, { name: "revokeUser", text: REVOKE_USER, values: [name] }),

    async listSessions(user) {
      const text = `SELECT * FROM echo.sessions WHERE $1::text IS NULL OR user_name = $1
        ORDER BY user_name, created_at, seq`;
      return (await db.query({ text, values: [user ?? null] }, READ)).rows.map(toSession);
    },

    async revocationsSince(version) {
      const since = version % TIMELINE;
      const { rows } = await db.query({ name: "revocationsSince", text: REVOCATIONS, values: [since] }, READ);
      const [row] = rows;
      const now = integer(row, "now");
      // What was known then is in the same history, or there was nothing to know.
      const isSame = since === 0 || row?.["known_timeline"] === Math.floor(version / TIMELINE);
      const found = rows.filter((row) => row["version"] !== null);
      return {
        version: versionOf(row, "now", "now_timeline"),
        users: distinct(found, "user_name"),
        families: distinct(found, "family"),
        complete: isSame && found.length === now - since && found.length <= REVOCATIONS_KEPT,
      };
    },

    async version() {
      const { rows: [row] } = await db.query({ name: "version", text: "SELECT * FROM echo.revoked" }, READ);
      return versionOf(row, "version", "timeline");
    },
  };
}

function versionOf(row: Row | undefined, version: string, timeline: string): number {
  return integer(row, timeline) * TIMELINE + integer(row, version);
}

/** Ends all sessions of a user, within a transaction, and says so to every server. */
export async function endSessions(statements: Statements, user: string): Promise<void> {
  await statements.query({ text: REVOKE_USER, values: [user] });
}

async function revoke(
  db: PostgresCluster,
  query: { readonly name: string; readonly text: string; readonly values: readonly unknown[] },
): Promise<number> {
  return integer((await db.query(query, WRITE)).rows[0], "ended");
}

function distinct(rows: readonly Row[], column: string): string[] {
  return [...new Set(rows.map((row) => row[column]).filter((value) => typeof value === "string"))];
}
