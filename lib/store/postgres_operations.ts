/**
 * The operations of the PostgreSQL store but for those on sessions, as SQL. Most are one statement: one round trip, and a
 * transaction of its own.
 *
 * @module
 */
import { ATTEMPTS_KEPT } from "../base/limits.ts";
import type { AsyncOperations } from "./backend.ts";
import { NOT_DURABLE, type PostgresCluster, READ, type Statements, WRITE } from "./postgres_cluster.ts";
import {
  expiryBytes,
  invitationExpiry,
  invitationName,
  isInvitationOpen,
  laterTime,
  LATEST_TIME,
  latestPossible,
} from "./invitations.ts";
import { toUser } from "./postgres_rows.ts";
import { blob, integer, toHost } from "./rows.ts";
import { endSessions, sessionOperations } from "./postgres_sessions.ts";
import type { AttemptChange } from "./sqlite_protocol.ts";
import type { AttemptCounts } from "./store.ts";

/** All operations of a `UserStore`. */
export function operations(db: PostgresCluster): AsyncOperations {
  return { ...userOperations(db), ...sessionOperations(db), ...hostOperations(db), ...otherOperations(db) };
}

const CREATE_USER = `INSERT INTO echo.users (name, verifier, disabled, created_at)
  SELECT $1, $2, $3, $4
  WHERE $5::bigint IS NULL OR (SELECT count(*) FROM (SELECT FROM echo.users LIMIT $5) few) < $5
  ON CONFLICT DO NOTHING`;

const IS_FULL = "SELECT count(*) >= $1 AS is_full FROM (SELECT FROM echo.users LIMIT $1) few";

/** Creates the user and uses the invitation up, which is locked meanwhile: of two that come with it one waits. */
async function createInvited(
  statements: Statements,
  create: Parameters<Statements["query"]>[0],
  { invitation, now }: { readonly invitation: string; readonly now: number },
): Promise<number | null | "not_invited"> {
  const values = [invitationName(invitation)];
  const find = "SELECT value FROM echo.secrets WHERE name = $1 FOR UPDATE";
  const { rows: [row] } = await statements.query({ text: find, values });
  if (row === undefined || !isInvitationOpen(invitationExpiry(blob(row, "value")), now)) return "not_invited";
  const { rowCount } = await statements.query(create);
  if (rowCount === 1) await statements.query({ text: "DELETE FROM echo.secrets WHERE name = $1", values });
  return rowCount;
}

const DATABASE_TIME = `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now,
  (SELECT value FROM echo.secrets WHERE name = $1) AS value`;

function userOperations(db: PostgresCluster) {
  /** A change of a user, and, with it, the end of all sessions. */
  const change = (text: string, values: readonly unknown[], endsSessions: boolean): Promise<boolean> =>
    db.transaction(async (statements) => {
      const { rowCount } = await statements.query({ text, values });
      if (rowCount === 0) return false;
      // A statement of its own: it sees what was committed while the one before waited for the user's lock.
      if (endsSessions) await endSessions(statements, String(values[0]));
      return true;
    });
  return {
    async createUser({ name, verifier, createdAt, disabled = false }, { max, invitation } = {}) {
      const values = [name, verifier, disabled, createdAt, max ?? null];
      const create = { name: "createUser", text: CREATE_USER, values };
      const outcome = invitation === undefined
        ? (await db.query(create, WRITE)).rowCount
        : await db.transaction((statements) => createInvited(statements, create, { invitation, now: createdAt }));
      if (outcome === "not_invited") return outcome;
      if (outcome === 1) return "created";
      if (max === undefined) return "taken";
      const { rows: [row] } = await db.query({ text: IS_FULL, values: [max] }, READ);
      return row?.["is_full"] === true ? "full" : "taken";
    },

    async addInvitations(hashes, expires) {
      const text = `INSERT INTO echo.secrets (name, value) SELECT name, $2 FROM unnest($1::text[]) AS each (name)
        ON CONFLICT DO NOTHING`;
      await db.query({ text, values: [hashes.map(invitationName), expiryBytes(expires)] }, WRITE);
    },

    // By the clock that all servers share: a wrong one of a single server must not end the sessions of the others.
    keepTime: () =>
      db.transaction(async (statements) => {
        const { rows: [row] } = await statements.query({ text: DATABASE_TIME, values: [LATEST_TIME] });
        const now = integer(row, "now");
        const later = laterTime(row?.["value"] === null ? undefined : blob(row, "value"), now);
        if (later !== undefined) return later;
        const text = `INSERT INTO echo.secrets (name, value) VALUES ($1, $2) ON CONFLICT (name)
          DO UPDATE SET value = excluded.value WHERE secrets.value < excluded.value OR secrets.value > $3`;
        const values = [LATEST_TIME, expiryBytes(now), expiryBytes(latestPossible(now))];
        await statements.query({ text, values });
        return now;
      }),

    removeInvitations: (expiredBefore = Infinity) =>
      db.transaction(async (statements) => {
        const find = "SELECT name, value FROM echo.secrets WHERE name LIKE $1 FOR UPDATE";
        const { rows } = await statements.query({ text: find, values: [invitationName("%")] });
        const gone = rows.filter((row) => invitationExpiry(blob(row, "value")) < expiredBefore);
        const values = [gone.map((row) => row["name"])];
        await statements.query({ text: "DELETE FROM echo.secrets WHERE name = ANY ($1)", values });
        return gone.length;
      }),

    async findUser(name) {
      const text = "SELECT * FROM echo.users WHERE name = $1";
      const { rows: [row] } = await db.query({ name: "findUser", text, values: [name] }, READ);
      return row === undefined ? null : toUser(row);
    },

    async listUsers() {
      return (await db.query({ text: "SELECT * FROM echo.users ORDER BY name" }, READ)).rows.map(toUser);
    },

    setVerifier: (name, verifier) =>
      change("UPDATE echo.users SET verifier = $2 WHERE name = $1", [name, verifier], true),

    setDisabled: (name, disabled) =>
      change("UPDATE echo.users SET disabled = $2 WHERE name = $1", [name, disabled], disabled),

    removeUser: (name) => change("DELETE FROM echo.users WHERE name = $1", [name], true),
  } satisfies Partial<AsyncOperations>;
}

function hostOperations(db: PostgresCluster) {
  const changed = async (text: string, values: readonly unknown[]): Promise<boolean> =>
    (await db.query({ text, values }, WRITE)).rowCount === 1;
  return {
    async getHost(address) {
      const text = "SELECT * FROM echo.hosts WHERE address = $1";
      const { rows: [row] } = await db.query({ name: "getHost", text, values: [address] }, READ);
      return row === undefined ? null : toHost(row);
    },

    async putHost(address, name, now) {
      const text = `INSERT INTO echo.hosts (address, name, created_at, seen_at) VALUES ($1, $2, $3, $3)
        ON CONFLICT (address) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at RETURNING *`;
      const { rows: [row] } = await db.query({ text, values: [address, name, now] }, WRITE);
      return toHost(row ?? {});
    },

    async touchHost(address, now) {
      const text = `WITH ${NOT_DURABLE} UPDATE echo.hosts SET seen_at = greatest(seen_at, $2) FROM quick
        WHERE address = $1 RETURNING echo.hosts.*`;
      const { rows: [row] } = await db.query({ name: "touchHost", text, values: [address, now] }, WRITE);
      return row === undefined ? null : toHost(row);
    },

    async listHosts() {
      return (await db.query({ text: "SELECT * FROM echo.hosts ORDER BY address" }, READ)).rows.map(toHost);
    },

    renameHost: (address, name) => changed("UPDATE echo.hosts SET name = $2 WHERE address = $1", [address, name]),

    forgetHost: (address) => changed("DELETE FROM echo.hosts WHERE address = $1", [address]),
  } satisfies Partial<AsyncOperations>;
}

// What another server deletes at the same moment is skipped: two that wait for each other would both be held up.
const COUNT_ATTEMPT = `WITH
  gone AS (DELETE FROM echo.attempts WHERE seq IN
    (SELECT seq FROM echo.attempts WHERE address = $1 AND at <= $4 FOR UPDATE SKIP LOCKED)),
  noted AS (INSERT INTO echo.attempts (address, account, at) VALUES ($1, $2, $3) RETURNING seq),
  trimmed AS (DELETE FROM echo.attempts WHERE seq IN
    (SELECT seq FROM echo.attempts WHERE seq <= (SELECT seq FROM noted) - ${ATTEMPTS_KEPT} FOR UPDATE SKIP LOCKED))
  SELECT
    CASE WHEN $1 = '' THEN 0 ELSE 1 + (SELECT count(*) FROM echo.attempts
      WHERE address = $1 AND at > $4 AND at <= $3) END AS address,
    CASE WHEN $2 = '' THEN 0 ELSE 1 + (SELECT count(*) FROM echo.attempts
      WHERE account = $2 AND at > $4 AND at <= $3) END AS account`;

const CLEAR_ATTEMPTS = `WITH ${NOT_DURABLE} DELETE FROM echo.attempts USING quick WHERE address = $1 AND account = $2`;

async function changeAttempt(
  statements: Statements,
  { address, account, failed }: AttemptChange,
): Promise<AttemptCounts> {
  if (failed === undefined) {
    await statements.query({ name: "clearAttempts", text: CLEAR_ATTEMPTS, values: [address, account] });
    return { address: 0, account: 0 };
  }
  const { at, windowMs } = failed;
  const values = [address, account, at, at - windowMs];
  const { rows: [row] } = await statements.query({ name: "countAttempt", text: COUNT_ATTEMPT, values });
  return { address: integer(row, "address"), account: integer(row, "account") };
}

function otherOperations(db: PostgresCluster) {
  return {
    changeAttempts: (changes) => {
      const work = async (statements: Statements): Promise<AttemptCounts[]> => {
        const counts: AttemptCounts[] = [];
        for (const change of changes) counts.push(await changeAttempt(statements, change));
        return counts;
      };
      // Each log-in clears: that is one statement, and no more.
      const isOne = changes.length === 1 && changes[0]?.failed === undefined;
      return isOne ? db.run(work, WRITE) : db.transaction(work, { durable: false });
    },

    async getOrCreateSecret(name, bytes) {
      const find = async () =>
        (await db.query({ text: "SELECT value FROM echo.secrets WHERE name = $1", values: [name] }, READ)).rows[0];
      const found = await find();
      if (found !== undefined) return blob(found, "value");
      const text = "INSERT INTO echo.secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
      await db.query({ text, values: [name, crypto.getRandomValues(new Uint8Array(bytes))] }, WRITE);
      return blob(await find(), "value");
    },
  } satisfies Partial<AsyncOperations>;
}
