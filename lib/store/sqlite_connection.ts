/**
 * One connection to the database file: opened with care, statements kept, changes in transactions, errors told as ours.
 *
 * @module
 */
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { StorageError } from "../base/errors.ts";
import { STORE_LOCK_WAIT } from "../base/limits.ts";
import { type Action, isLock, isWithoutTable, refusal, sqliteError } from "./sqlite_errors.ts";
import { exists, fileId, inspectFile, markDatabase } from "./sqlite_file.ts";
import { APPLICATION_ID, type Migration, MIGRATIONS } from "./sqlite_schema.ts";

/** A row as SQLite returns it. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** First version without the bug that can lose a commit when two connections reset the WAL at once. */
const WAL_SAFE = [3, 51, 3] as const;

/**
 * As FULL: a commit is on the disk when it returns. A rollback journal is unlinked to commit, and EXTRA syncs the directory
 * as well, or a crash of the machine could bring the journal back; with a WAL the two are the same.
 */
const DURABLE = "PRAGMA synchronous = EXTRA";

/**
 * How long SQLite itself waits for a lock at most, in ms: it looks after 1, 2 and 5. Left to itself it soon looks every 100 ms,
 * and where a server commits without a pause (the lock is free for some 100 µs each time) others waited in vain for seconds.
 * The moments of one that is free for 0.25 ms in 20 are found after 50 ms in the mean, 270 at most of 48.
 */
const LOOKS = 8;

/** How long a lock is waited for that has been waited for in vain just now, in ms: calls come one after the other. */
const NEXT_LOCK_WAIT = 100;

/** An open database file of the newest schema. */
export class SqliteConnection implements Disposable {
  /** The file, as the errors name it. */
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Which file was opened for use, as {@linkcode fileId}; none for a look at the file, or without one. */
  #file: string | undefined;
  /** Opened for use, not for a look at the file. */
  #ready = false;
  /** How long a lock is waited for, in ms; less where somebody held one for all of it the last time. */
  #lockWait = STORE_LOCK_WAIT;

  private constructor(path: string, database: DatabaseSync) {
    this.path = path;
    this.#database = database;
  }

  /**
   * Opens the file, or makes it; brings an older schema up to date. A file that is refused is left byte for byte as it
   * is, with nothing beside it. Where writing is impossible, an existing file is opened for reading all the same.
   *
   * @param migrations From the empty file to the newest schema; tests put their own in.
   * @throws {ConfigError} `bad_store`: damaged, foreign, newer or lost; `untrusted_file`
   * @throws {StorageError} `cannot_read`, `cannot_write`
   */
  static open(path: string, migrations: readonly Migration[] = MIGRATIONS): SqliteConnection {
    if (inspectFile(path, migrations.length) > 0) {
      // A connection for writing would move what a crashed process left in the -wal file into the one that may be refused.
      using seen = SqliteConnection.#connect(path, { readOnly: exists(`${path}-wal`) });
      seen.#check(migrations.length);
    }
    const connection = SqliteConnection.#connect(path, { readOnly: false });
    try {
      connection.#setUp(migrations);
      connection.#file = fileId(path);
      markDatabase(path);
      return connection;
    } catch (error) {
      connection[Symbol.dispose]();
      throw error;
    }
  }

  /** An empty database of this process alone. */
  static inMemory(): SqliteConnection {
    const connection = SqliteConnection.#connect(":memory:", { readOnly: false });
    connection.#setUp(MIGRATIONS);
    return connection;
  }

  static #connect(path: string, { readOnly }: { readOnly: boolean }): SqliteConnection {
    const options = { readOnly, timeout: LOOKS, enableForeignKeyConstraints: true };
    try {
      return new SqliteConnection(path, new DatabaseSync(path, options));
    } catch (error) {
      throw sqliteError(error, "read", path);
    }
  }

  /** The first row, or `undefined`. */
  get(sql: string, ...params: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...params);
  }

  /** All rows. */
  all(sql: string, ...params: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...params);
  }

  /** Runs a statement; answers how many rows it changed. */
  run(sql: string, ...params: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...params).changes);
  }

  /**
   * What `query` answers.
   *
   * @throws {StorageError} `cannot_read`
   * @throws {ConfigError} `bad_store`: damaged, or no longer in its place
   */
  read<T>(query: () => T): T {
    return this.#told("read", () => this.#unlocked(query));
  }

  /**
   * Runs `change` as one transaction: all of it or nothing.
   *
   * @param durable Whether it must be on the disk when this returns. Without, a crash of the machine may undo it.
   * @throws {StorageError} `cannot_write`
   * @throws {ConfigError} `bad_store`
   */
  write<T>(change: () => T, { durable }: { durable: boolean } = { durable: true }): T {
    return this.#told("write", () => {
      if (durable) return this.#transaction(change);
      this.#database.exec("PRAGMA synchronous = NORMAL");
      try {
        return this.#transaction(change);
      } finally {
        this.#database.exec(DURABLE);
      }
    });
  }

  /**
   * Closes. The last connection leaves one file without a WAL, which can be copied, and read where nothing can be written
   * (a WAL needs its other files even for reading).
   */
  [Symbol.dispose](): void {
    this.#statements.clear();
    if (this.#ready) {
      this.#database.exec("PRAGMA busy_timeout = 0");
      this.#tryJournal("DELETE");
    }
    this.#database.close();
  }

  /** Refuses what the header alone did not give away. */
  #check(newest: number): void {
    // A process that was killed while it made the file: opening has just undone that.
    if (this.read(() => this.#pragma("page_count")) === 0) return;
    const version = this.read(() => {
      if (this.#pragma("application_id") !== APPLICATION_ID) throw refusal("foreign", this.path);
      return Number(this.#pragma("user_version"));
    });
    if (version > newest) throw refusal("newer", this.path);
    const found = this.read(() => this.#pragma("quick_check"));
    if (found !== "ok") throw refusal("damaged", this.path, new Error(String(found)));
  }

  #setUp(migrations: readonly Migration[]): void {
    if (Number(this.read(() => this.#pragma("user_version"))) < migrations.length) this.#migrate(migrations);
    this.#told("write", () => this.#unlocked(() => this.#setJournal()));
    this.#ready = true;
  }

  /** Runs in the journal mode that the file has: one just made has the rollback journal, so its header is never half ours. */
  #migrate(migrations: readonly Migration[]): void {
    this.write(() => {
      // Another process may have been faster: what counts is what is seen within the transaction.
      const version = Number(this.#pragma("user_version"));
      for (const statement of migrations.slice(version).flat()) this.#database.prepare(statement).run();
      if (version >= migrations.length) return;
      this.#database.prepare(`PRAGMA application_id = ${APPLICATION_ID}`).run();
      this.#database.prepare(`PRAGMA user_version = ${migrations.length}`).run();
    });
  }

  #setJournal(): void {
    const mode = this.#pragma("journal_mode");
    if (isAtLeast(String(this.get("SELECT sqlite_version() AS version")?.["version"]), WAL_SAFE)) {
      // Needs the file for itself: when another process has it open, or it is read-only, the present mode does as well.
      if (mode !== "wal") this.#tryJournal("WAL");
    } else if (mode === "wal" && this.#tryJournal("DELETE") !== "delete") {
      const reason = "a newer version of this program has it open; end that program, or update this one";
      throw new StorageError("cannot_write", `Cannot write ${this.path}: ${reason}`, {
        details: { path: this.path, problem: "locked", reason },
      });
    }
    this.#database.exec(DURABLE);
  }

  /** The mode the file has now; `undefined` where it cannot be changed: another connection is open, or all is read-only. */
  #tryJournal(mode: "WAL" | "DELETE"): SQLOutputValue | undefined {
    try {
      return this.#pragma(`journal_mode = ${mode}`);
    } catch {
      return undefined;
    }
  }

  #transaction<T>(change: () => T): T {
    this.#unlocked(() => this.run("BEGIN IMMEDIATE"));
    try {
      const result = change();
      // Refused because of a lock, it leaves the transaction open, and keeps those out who come after it.
      this.#unlocked(() => this.run("COMMIT"));
      return result;
    } catch (error) {
      // Many errors have rolled back already. Where rolling back fails too, SQLite does it at the next access.
      try {
        if (this.#database.isTransaction) this.run("ROLLBACK");
      } catch { /* The first error says more. */ }
      throw error;
    }
  }

  /** The first column of the first row; pragmas act while they are prepared, so they are not kept. */
  #pragma(pragma: string): SQLOutputValue | undefined {
    return Object.values(this.#database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0];
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = this.#database.prepare(sql));
    return statement;
  }

  #told<T>(action: Action, work: () => T): T {
    try {
      // SQLite would go on reading a file that has left its place, and miss whom others disable in the one that is there now.
      if (this.#file !== undefined && fileId(this.path) !== this.#file) throw refusal("moved", this.path);
      const result = work();
      this.#lockWait = STORE_LOCK_WAIT;
      return result;
    } catch (error) {
      // They were all there when the file was opened.
      if (this.#ready && isWithoutTable(error)) throw refusal("damaged", this.path, error);
      const told = sqliteError(error, action, this.path);
      if (told instanceof StorageError && told.details["problem"] === "locked") this.#lockWait = NEXT_LOCK_WAIT;
      throw told;
    }
  }

  /**
   * Does `work` again as long as others hold a lock that it needs. SQLite has waited in each kind of it that was tried, 15 in
   * both journal modes: the processor is busy for 7 % of the time. Each time it waits for another while, or its looks fall
   * into step with one who takes the lock at regular intervals, and miss every moment in between (seen: for 5 s).
   */
  #unlocked<T>(work: () => T): T {
    for (const end = performance.now() + this.#lockWait;;) {
      try {
        return work();
      } catch (error) {
        if (performance.now() >= end || !isLock(error)) throw error;
        this.#database.exec(`PRAGMA busy_timeout = ${1 + Math.floor(Math.random() * LOOKS)}`);
      }
    }
  }
}

function isAtLeast(version: string, wanted: readonly number[]): boolean {
  const parts = version.split(".").map(Number);
  const index = wanted.findIndex((number, at) => parts[at] !== number);
  return index === -1 || (parts[index] ?? 0) > (wanted[index] ?? 0);
}
