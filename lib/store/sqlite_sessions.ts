/**
 * The operations of the SQLite store on sessions, and the record of revocations, as SQL.
 *
 * @module
 */
import { FAMILY_TOKENS, REVOCATIONS_KEPT, SESSION_RETENTION } from "../base/limits.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";
import type { Operations } from "./sqlite_protocol.ts";
import { integer, text, toSession } from "./sqlite_rows.ts";
import type { Session } from "./store.ts";

type SessionOperations = Pick<
  Operations,
  | "createSession"
  | "findSession"
  | "rotateSession"
  | "touchSession"
  | "revokeSession"
  | "revokeUser"
  | "listSessions"
  | "revocationsSince"
  | "version"
>;

/** The operations of a `UserStore` that concern sessions. */
export function sessionOperations(db: SqliteConnection): SessionOperations {
  return {
    createSession: ({ id, user, secretHash, createdAt }, { max, verifier }) =>
      db.write(() => {
        const owner = db.get("SELECT verifier FROM user WHERE name = ? AND disabled = 0", user);
        if (owner === undefined || (verifier !== undefined && owner["verifier"] !== verifier)) return "refused";
        db.run("DELETE FROM session WHERE created_at < ?", createdAt - SESSION_RETENTION);
        const surplus = `SELECT family FROM session WHERE user = ? GROUP BY family
          ORDER BY max(created_at) DESC, min(seq) DESC LIMIT -1 OFFSET ?`;
        db.run(`DELETE FROM session WHERE family IN (${surplus})`, user, max - 1);
        insert(db, { id, family: id, user, secretHash, createdAt, lastUsedAt: createdAt, replacedAt: null });
        return "created";
      }),

    findSession: (id) => db.read(() => find(db, id)),

    rotateSession: (oldId, { id, secretHash }, { now, graceMs }) =>
      db.write(() => {
        const old = find(db, oldId);
        if (old === null) return { outcome: "gone" };
        const { family } = old;
        if (old.replacedAt !== null && now - old.replacedAt > graceMs) {
          endFamily(db, family);
          return { outcome: "reused", session: old };
        }
        if (old.replacedAt === null) db.run("UPDATE session SET replaced_at = ? WHERE id = ?", now, oldId);
        const session = insert(db, { ...old, id, secretHash, lastUsedAt: now, replacedAt: null });
        const newest = "SELECT seq FROM session WHERE family = ? ORDER BY seq DESC LIMIT ?";
        db.run(`DELETE FROM session WHERE family = ? AND seq NOT IN (${newest})`, family, family, FAMILY_TOKENS);
        return { outcome: "rotated", session };
      }),

    touchSession: (id, now) => {
      const sql = "UPDATE session SET last_used_at = max(last_used_at, ?) WHERE id = ?";
      db.write(() => db.run(sql, now, id), { durable: false });
    },

    revokeSession: (id) =>
      db.write(() => {
        const row = db.get("SELECT family FROM session WHERE id = ?1 OR family = ?1", id);
        if (row === undefined) return false;
        endFamily(db, text(row, "family"));
        return true;
      }),

    revokeUser: (name) => db.write(() => endSessions(db, name)),

    listSessions: (user) =>
      db.read(() => {
        const newest = "SELECT max(seq) FROM session WHERE ?1 IS NULL OR user = ?1 GROUP BY family";
        const sql = `SELECT * FROM session WHERE seq IN (${newest}) ORDER BY user, created_at, seq`;
        return db.all(sql, user ?? null).map(toSession);
      }),

    revocationsSince: (version) =>
      db.read(() => {
        const rows = db.all("SELECT * FROM revocation WHERE version > ? ORDER BY version", version);
        const last = rows.length === 0 ? lastVersion(db) : integer(rows.at(-1), "version");
        const first = rows.length === 0 ? version + 1 : integer(rows[0], "version");
        // A version of the future is one of other data: the file was replaced by a backup.
        return {
          version: last,
          users: distinct(rows.map((row) => row["user"])),
          families: distinct(rows.map((row) => row["family"])),
          complete: first <= version + 1 && version <= last,
        };
      }),

    version: () => db.read(() => lastVersion(db)),
  };
}

/** Ends all sessions of a user, within a transaction, and says so to every process; answers how many families ended. */
export function endSessions(db: SqliteConnection, user: string): number {
  const families = integer(db.get("SELECT count(DISTINCT family) AS n FROM session WHERE user = ?", user), "n");
  db.run("DELETE FROM session WHERE user = ?", user);
  // Also without a session: a connection that logged in before may still be open.
  notice(db, user, null);
  return families;
}

function endFamily(db: SqliteConnection, family: string): void {
  db.run("DELETE FROM session WHERE family = ?", family);
  notice(db, null, family);
}

function notice(db: SqliteConnection, user: string | null, family: string | null): void {
  db.run("INSERT INTO revocation (user, family) VALUES (?, ?)", user, family);
  db.run("DELETE FROM revocation WHERE version <= ?", lastVersion(db) - REVOCATIONS_KEPT);
}

function lastVersion(db: SqliteConnection): number {
  return integer(db.get("SELECT coalesce(max(version), 0) AS version FROM revocation"), "version");
}

function find(db: SqliteConnection, id: string): Session | null {
  const row = db.get("SELECT * FROM session WHERE id = ?", id);
  return row === undefined ? null : toSession(row);
}

function insert(db: SqliteConnection, session: Session): Session {
  const { id, family, user, secretHash, createdAt, lastUsedAt, replacedAt } = session;
  const sql = `INSERT INTO session (id, family, user, secret_hash, created_at, last_used_at, replaced_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)`;
  db.run(sql, id, family, user, secretHash, createdAt, lastUsedAt, replacedAt);
  return session;
}

function distinct(values: readonly unknown[]): string[] {
  return [...new Set(values.filter((value) => typeof value === "string"))];
}
