/**
 * The operations of the SQLite store but for those on sessions, as SQL.
 *
 * @module
 */
import { ATTEMPTS_KEPT } from "../base/limits.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";
import type { AttemptChange, Operations } from "./sqlite_protocol.ts";
import {
  expiryBytes,
  invitationExpiry,
  invitationName,
  isInvitationOpen,
  laterTime,
  LATEST_TIME,
  latestPossible,
} from "./invitations.ts";
import { blob, integer, type Row, text, toHost, userOf } from "./rows.ts";
import { endSessions, sessionOperations } from "./sqlite_sessions.ts";
import type { AttemptCounts, User } from "./store.ts";

/** All operations of a `UserStore` on `db`. */
export function operations(db: SqliteConnection): Operations {
  return { ...userOperations(db), ...sessionOperations(db), ...hostOperations(db), ...otherOperations(db) };
}

function userOperations(db: SqliteConnection) {
  return {
    createUser: ({ name, verifier, createdAt, disabled = false }, { max = Infinity, invitation } = {}) =>
      db.write(() => {
        const invited = invitation === undefined ? undefined : invitationName(invitation);
        if (invited !== undefined) {
          const value = db.get("SELECT value FROM secret WHERE name = ?", invited);
          if (value === undefined || !isInvitationOpen(invitationExpiry(blob(value, "value")), createdAt)) {
            return "not_invited";
          }
        }
        if (max < Infinity && integer(db.get("SELECT count(*) AS n FROM user"), "n") >= max) return "full";
        const sql =
          "INSERT INTO user (name, verifier, disabled, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
        if (db.run(sql, name, verifier, Number(disabled), createdAt) !== 1) return "taken";
        if (invited !== undefined) db.run("DELETE FROM secret WHERE name = ?", invited);
        return "created";
      }),

    addInvitations: (hashes, expires) =>
      db.write(() => {
        const sql = "INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING";
        for (const hash of hashes) db.run(sql, invitationName(hash), expiryBytes(expires));
      }),

    keepTime(now) {
      const row = db.read(() => db.get("SELECT value FROM secret WHERE name = ?", LATEST_TIME));
      const later = laterTime(row && blob(row, "value"), now);
      if (later !== undefined) return later;
      // Another process may have been faster: what is later stays.
      const sql = `INSERT INTO secret (name, value) VALUES (?, ?2) ON CONFLICT DO UPDATE SET value = ?2
        WHERE value < ?2 OR value > ?3`;
      db.write(() => db.run(sql, LATEST_TIME, expiryBytes(now), expiryBytes(latestPossible(now))));
      return now;
    },

    removeInvitations: (expiredBefore = Infinity) =>
      db.write(() => {
        const rows = db.all("SELECT name, value FROM secret WHERE name GLOB ?", invitationName("*"));
        const gone = rows.filter((row) => invitationExpiry(blob(row, "value")) < expiredBefore);
        for (const row of gone) db.run("DELETE FROM secret WHERE name = ?", text(row, "name"));
        return gone.length;
      }),

    findUser: (name) =>
      db.read(() => {
        const row = db.get("SELECT * FROM user WHERE name = ?", name);
        return row === undefined ? null : toUser(row);
      }),

    listUsers: () => db.read(() => db.all("SELECT * FROM user ORDER BY name").map(toUser)),

    setVerifier: (name, verifier) =>
      db.write(() => {
        if (db.run("UPDATE user SET verifier = ? WHERE name = ?", verifier, name) === 0) return false;
        endSessions(db, name);
        return true;
      }),

    setDisabled: (name, disabled) =>
      db.write(() => {
        if (db.run("UPDATE user SET disabled = ? WHERE name = ?", Number(disabled), name) === 0) return false;
        if (disabled) endSessions(db, name);
        return true;
      }),

    removeUser: (name) =>
      db.write(() => {
        if (db.run("DELETE FROM user WHERE name = ?", name) === 0) return false;
        endSessions(db, name);
        return true;
      }),
  } satisfies Partial<Operations>;
}

function hostOperations(db: SqliteConnection) {
  const getHost: Operations["getHost"] = (address) =>
    db.read(() => {
      const row = db.get("SELECT * FROM host WHERE address = ?", address);
      return row === undefined ? null : toHost(row);
    });
  return {
    getHost,

    putHost: (address, name, now) =>
      db.write(() => {
        const sql = `INSERT INTO host (address, name, created_at, seen_at) VALUES (?, ?, ?3, ?3)
          ON CONFLICT DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at RETURNING *`;
        return toHost(db.get(sql, address, name, now) ?? {});
      }),

    touchHost: (address, now) =>
      db.write(() => {
        db.run("UPDATE host SET seen_at = max(seen_at, ?) WHERE address = ?", now, address);
        return getHost(address);
      }, { durable: false }),

    listHosts: () => db.read(() => db.all("SELECT * FROM host ORDER BY address").map(toHost)),

    renameHost: (address, name) =>
      db.write(() => db.run("UPDATE host SET name = ? WHERE address = ?", name, address) === 1),

    forgetHost: (address) => db.write(() => db.run("DELETE FROM host WHERE address = ?", address) === 1),
  } satisfies Partial<Operations>;
}

function changeAttempts(db: SqliteConnection, { address, account, failed }: AttemptChange): AttemptCounts {
  if (failed === undefined) {
    db.run("DELETE FROM attempt WHERE address = ? AND account = ?", address, account);
    return { address: 0, account: 0 };
  }
  const { at, windowMs } = failed;
  db.run("DELETE FROM attempt WHERE address = ? AND at <= ?", address, at - windowMs);
  db.run("INSERT INTO attempt (address, account, at) VALUES (?, ?, ?)", address, account, at);
  // Sequence numbers grow by one, so the newest so many rows are no more than that.
  db.run("DELETE FROM attempt WHERE seq <= (SELECT max(seq) FROM attempt) - ?", ATTEMPTS_KEPT);
  const count = (column: keyof AttemptCounts, value: string): number => {
    const sql = `SELECT count(*) AS n FROM attempt WHERE ${column} = ? AND at > ? AND at <= ?`;
    return value === "" ? 0 : integer(db.get(sql, value, at - windowMs, at), "n");
  };
  return { address: count("address", address), account: count("account", account) };
}

function otherOperations(db: SqliteConnection) {
  return {
    changeAttempts: (changes) =>
      db.write(() => changes.map((change) => changeAttempts(db, change)), { durable: false }),

    getOrCreateSecret: (name, bytes) => {
      const find = () => db.get("SELECT value FROM secret WHERE name = ?", name);
      // First without writing: it must be found on a read-only disk as well.
      const found = db.read(find) ?? db.write(() => {
        const value = crypto.getRandomValues(new Uint8Array(bytes));
        db.run("INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", name, value);
        return find();
      });
      return blob(found, "value");
    },
  } satisfies Partial<Operations>;
}

function toUser(row: Row): User {
  return userOf(row, integer(row, "disabled") !== 0);
}
