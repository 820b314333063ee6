/**
 * The operations of the SQLite store on sessions, and the record of revocations, as SQL.
 *
 * @module
 */
import { CLOCK_SKEW, REVOCATIONS_KEPT, SESSION_RETENTION } from "../base/limits.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";
import type { Operations, SessionOperation } from "./sqlite_protocol.ts";
import { integer, type Row, sessionOf, text } from "./rows.ts";
import { rotated } from "./rotation.ts";
import type { Session } from "./store.ts";

type SessionOperations = Pick<Operations, SessionOperation>;

/** The operations of a `UserStore` that concern sessions. */
export function sessionOperations(db: SqliteConnection): SessionOperations {
  return {
    createSession: ({ id, user, secretHash, createdAt }, { max, verifier }) =>
      db.write(() => {
        const owner = db.get("SELECT verifier FROM user WHERE name = ? AND disabled = 0", user);
        if (owner === undefined || (verifier !== undefined && owner["verifier"] !== verifier)) return "refused";
        db.run("DELETE FROM session WHERE created_at < ?", createdAt - SESSION_RETENTION);
        const surplus = `SELECT seq FROM session WHERE user = ?
          ORDER BY created_at > ?, created_at DESC, seq DESC LIMIT -1 OFFSET ?`;
        db.run(`DELETE FROM session WHERE seq IN (${surplus})`, user, createdAt + CLOCK_SKEW, max - 1);
        const sql = `INSERT INTO session (id, user, generation, secret_hash, created_at, last_used_at, replaced)
          VALUES (?, ?, 0, ?, ?4, ?4, '')`;
        db.run(sql, id, user, secretHash, createdAt);
        return "created";
      }),

    findSession: (id) => db.read(() => find(db, id)),

    rotateSession: (id, { generation, secretHash }, { now, graceMs }) =>
      db.write(() => {
        const old = find(db, id);
        if (old === null) return { outcome: "gone" };
        if (old.generation !== generation - 1) return { outcome: "moved", session: old };
        const session = rotated(old, { generation, secretHash }, { now, graceMs });
        const sql = "UPDATE session SET generation = ?, secret_hash = ?, last_used_at = ?, replaced = ? WHERE id = ?";
        db.run(sql, generation, secretHash, now, session.replaced.join(" "), id);
        return { outcome: "rotated", session };
      }),

    touchSession: (id, now) => {
      const sql = "UPDATE session SET last_used_at = max(last_used_at, ?) WHERE id = ?";
      db.write(() => db.run(sql, now, id), { durable: false });
    },

    revokeSession: (id) =>
      db.write(() => {
        if (db.run("DELETE FROM session WHERE id = ?", id) === 0) return false;
        notice(db, null, id);
        return true;
      }),

    revokeUser: (name) => db.write(() => endSessions(db, name)),

    listSessions: (user) =>
      db.read(() => {
        const sql = "SELECT * FROM session WHERE ?1 IS NULL OR user = ?1 ORDER BY user, created_at, seq";
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

/** Ends all sessions of a user, within a transaction, and says so to every process; answers how many there were. */
export function endSessions(db: SqliteConnection, user: string): number {
  const ended = db.run("DELETE FROM session WHERE user = ?", user);
  // Also without a session: a connection that logged in before may still be open.
  notice(db, user, null);
  return ended;
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

function distinct(values: readonly unknown[]): string[] {
  return [...new Set(values.filter((value) => typeof value === "string"))];
}

function toSession(row: Row): Session {
  return sessionOf(row, {
    user: text(row, "user"),
    replaced: text(row, "replaced").split(" ").filter(Boolean).map(Number),
  });
}
