import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { ConfigError, StorageError } from "../../../lib/base/errors.ts";
import { SqliteConnection } from "../../../lib/store/sqlite_connection.ts";
import { sqliteError } from "../../../lib/store/sqlite_errors.ts";
import { prepareDirectory } from "../../../lib/store/sqlite_file.ts";
import { APPLICATION_ID, type Migration, MIGRATIONS } from "../../../lib/store/sqlite_schema.ts";

const V1: Migration = ["CREATE TABLE one (x TEXT NOT NULL) STRICT"];
const V2: Migration = ["ALTER TABLE one ADD COLUMN y INTEGER NOT NULL DEFAULT 7", "CREATE INDEX one_x ON one (x)"];
const BROKEN: Migration = ["CREATE TABLE two (x TEXT) STRICT", "INSERT INTO nowhere VALUES (1)"];

/** A directory of its own for one case, with the path of a database in it. */
function temporary(): Disposable & { directory: string; path: string; names(): string[] } {
  const directory = Deno.makeTempDirSync({ prefix: "echo-store-" });
  return {
    directory,
    path: join(directory, "echo.db"),
    names: () => Array.from(Deno.readDirSync(directory), ({ name }) => name).sort(),
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}

function modeOf(path: string): string {
  return ((Deno.statSync(path).mode ?? 0) & 0o7777).toString(8);
}

Deno.test("SqliteConnection.open() brings an older schema up to date and keeps its rows", () => {
  using data = temporary();
  {
    using connection = SqliteConnection.open(data.path, [V1]);
    connection.write(() => connection.run("INSERT INTO one VALUES ('kept')"));
  }
  {
    using connection = SqliteConnection.open(data.path, [V1, V2]);
    assertEquals({ ...connection.get("SELECT * FROM one") }, { x: "kept", y: 7 });
    assertEquals({ ...connection.get("PRAGMA user_version") }, { user_version: 2 });
  }
  using connection = SqliteConnection.open(data.path, [V1, V2]);
  assertEquals(connection.all("SELECT * FROM one").length, 1);
});

Deno.test("SqliteConnection.open() leaves an older file as it is when a migration fails", () => {
  using data = temporary();
  SqliteConnection.open(data.path, [V1])[Symbol.dispose]();
  assertThrows(() => SqliteConnection.open(data.path, [V1, BROKEN]), Error, "nowhere");
  using connection = SqliteConnection.open(data.path, [V1]);
  assertEquals({ ...connection.get("PRAGMA user_version") }, { user_version: 1 });
  assertEquals(connection.get("SELECT 1 FROM sqlite_schema WHERE name = 'two'"), undefined);
});

Deno.test("SqliteConnection.open() makes files for the owner only", () => {
  using data = temporary();
  const directory = join(data.directory, "data");
  prepareDirectory(directory);
  assertEquals(modeOf(directory), "700");
  const path = join(directory, "echo.db");
  using connection = SqliteConnection.open(path);
  connection.write(() => {
    connection.run("INSERT INTO secret VALUES ('a', x'00')");
    for (const { name } of Deno.readDirSync(directory)) assertEquals(modeOf(join(directory, name)), "600", name);
  });
  assert(Array.from(Deno.readDirSync(directory)).length >= 1);
  for (const { name } of Deno.readDirSync(directory)) assertEquals(modeOf(join(directory, name)), "600", name);
});

Deno.test("SqliteConnection.open() takes the rights of others away when a file has them", () => {
  using data = temporary();
  SqliteConnection.open(data.path)[Symbol.dispose]();
  Deno.chmodSync(data.path, 0o644);
  SqliteConnection.open(data.path)[Symbol.dispose]();
  assertEquals(modeOf(data.path), "600");
});

Deno.test("prepareDirectory() narrows a directory of ours and no other", () => {
  using data = temporary();
  Deno.chmodSync(data.directory, 0o755);
  Deno.writeTextFileSync(join(data.directory, ".gitignore"), "*");
  prepareDirectory(data.directory);
  assertEquals(modeOf(data.directory), "700");
  Deno.chmodSync(data.directory, 0o755);
  Deno.writeTextFileSync(join(data.directory, "photo.jpg"), "");
  prepareDirectory(data.directory);
  assertEquals(modeOf(data.directory), "755");
});

Deno.test("prepareDirectory() refuses a directory that others can write, unless it is empty", () => {
  for (const mode of [0o775, 0o777, 0o1777]) {
    using data = temporary();
    Deno.chmodSync(data.directory, mode);
    if (mode < 0o1000) {
      prepareDirectory(data.directory);
      assertEquals(modeOf(data.directory), "700");
      Deno.writeTextFileSync(data.path, "");
      Deno.chmodSync(data.directory, mode);
    }
    const error = assertThrows(() => prepareDirectory(data.directory), ConfigError, "run chmod go-w");
    assertEquals([error.code, modeOf(data.directory)], ["untrusted_file", mode.toString(8)]);
  }
});

/** Files of others in place of the database, and what the message says. */
const UNTRUSTED: Record<string, { make: (path: string) => void; says: string; ignore?: boolean }> = {
  "a file that others can write": { make: (path) => Deno.chmodSync(path, 0o666), says: "run chmod go-w" },
  "another user's file": {
    make: (path) => Deno.chownSync(path, 65534, 65534),
    says: "it belongs to another user",
    ignore: Deno.uid() !== 0,
  },
  "a symbolic link": {
    make: (path) => (Deno.renameSync(path, `${path}.other`), Deno.symlinkSync(`${path}.other`, path)),
    says: "it is a symbolic link",
  },
  "a FIFO": {
    make: (path) => (Deno.removeSync(path), new Deno.Command("mkfifo", { args: [path] }).outputSync()),
    says: "it is not a regular file",
  },
  "a journal that others can write": {
    make: (path) => (Deno.writeTextFileSync(`${path}-journal`, ""), Deno.chmodSync(`${path}-journal`, 0o666)),
    says: "echo.db-journal",
  },
};

for (const [what, { make, says, ignore = false }] of Object.entries(UNTRUSTED)) {
  Deno.test({
    name: `SqliteConnection.open() refuses ${what}`,
    ignore,
    fn: () => {
      using data = temporary();
      SqliteConnection.open(data.path)[Symbol.dispose]();
      make(data.path);
      assertEquals(assertThrows(() => SqliteConnection.open(data.path), ConfigError, says).code, "untrusted_file");
    },
  });
}

Deno.test("SqliteConnection.open() misses a database that was there, and begins anew when that is wanted", () => {
  using data = temporary();
  SqliteConnection.open(data.path)[Symbol.dispose]();
  for (const lose of [() => Deno.removeSync(data.path), () => Deno.writeTextFileSync(data.path, "")]) {
    lose();
    const error = assertThrows(() => SqliteConnection.open(data.path), ConfigError, "there was a database");
    assertEquals([error.code, error.details["problem"]], ["bad_store", "lost"]);
  }
  Deno.removeSync(`${data.path}.exists`);
  SqliteConnection.open(data.path)[Symbol.dispose]();
});

Deno.test("SqliteConnection does not go on with a file that has left its place, and does when it is back", () => {
  using data = temporary();
  using connection = SqliteConnection.open(data.path);
  const count = (): unknown => connection.read(() => connection.get("SELECT count(*) AS n FROM user")?.["n"]);
  Deno.renameSync(data.path, `${data.path}.old`);
  for (const replace of [() => {}, () => Deno.copyFileSync(`${data.path}.old`, data.path)]) {
    replace();
    for (const work of [count, () => connection.write(() => connection.run("DELETE FROM user"))]) {
      assertEquals(assertThrows(work, ConfigError, "was moved").details["problem"], "moved");
    }
  }
  Deno.renameSync(`${data.path}.old`, data.path);
  assertEquals(count(), 0);
});

Deno.test("SqliteConnection.open() takes users along from the first schema, and lets its sessions go", () => {
  using data = temporary();
  {
    using old = SqliteConnection.open(data.path, MIGRATIONS.slice(0, 1));
    old.run("INSERT INTO user VALUES ('Anna', 'v', 0, 1)");
    const sql =
      "INSERT INTO session (id, family, user, secret_hash, created_at, last_used_at) VALUES (?, ?, ?, ?, 1, 1)";
    old.run(sql, "a", "a", "Anna", new Uint8Array(32));
  }
  using now = SqliteConnection.open(data.path);
  assertEquals([now.all("SELECT name FROM user").length, now.all("SELECT id FROM session").length], [1, 0]);
});

Deno.test("prepareDirectory() says so when there is a file in the way", () => {
  using data = temporary();
  Deno.writeTextFileSync(data.path, "");
  const error = assertThrows(() => prepareDirectory(data.path), StorageError, "it is not a directory");
  assertEquals(error.code, "cannot_write");
});

/** Files that must be refused, and what the message says. */
const REFUSED: Record<string, { make: (path: string) => void; says: string }> = {
  "random bytes": {
    make: (path) => Deno.writeFileSync(path, crypto.getRandomValues(new Uint8Array(8192))),
    says: "damaged",
  },
  "a text": { make: (path) => Deno.writeTextFileSync(path, "hello"), says: "damaged" },
  "half of a database": { make: (path) => truncated(path, 0.5), says: "damaged" },
  "a database cut within a page": { make: (path) => truncated(path, 0.9), says: "damaged" },
  "a database with a page overwritten": { make: overwritten, says: "damaged" },
  "a header without its database": { make: (path) => truncated(path, 0), says: "damaged" },
  "another program's database": { make: (path) => foreign(path, "DELETE"), says: "another program" },
  "another program's database in WAL mode": { make: (path) => foreign(path, "WAL"), says: "another program" },
  "ours, and of version 0": { make: (path) => ofVersion(path, 0), says: "damaged" },
  "a newer version": { make: (path) => ofVersion(path, MIGRATIONS.length + 1), says: "newer version" },
};

for (const [what, { make, says }] of Object.entries(REFUSED)) {
  Deno.test(`SqliteConnection.open() refuses the file and leaves it as it is when it is ${what}`, () => {
    using data = temporary();
    make(data.path);
    const before = Deno.readFileSync(data.path);
    const error = assertThrows(() => SqliteConnection.open(data.path), ConfigError, says);
    assertEquals(error.code, "bad_store");
    assertStringIncludes(error.message, `Cannot use ${data.path}: `);
    assertEquals(Deno.readFileSync(data.path), before);
    assertEquals(data.names().filter((name) => name !== "echo.db.exists"), ["echo.db"]);
  });
}

for (const sql of ["DROP TABLE session; DROP TABLE user", "ALTER TABLE user DROP COLUMN disabled"]) {
  Deno.test(`SqliteConnection says that its file is damaged after ${sql}`, () => {
    using data = temporary();
    using connection = SqliteConnection.open(data.path);
    const look = (): unknown => connection.read(() => connection.all("SELECT name, disabled FROM user"));
    look();
    {
      using other = new DatabaseSync(data.path);
      other.exec(sql);
    }
    const error = assertThrows(look, ConfigError, "damaged");
    assertEquals(error.code, "bad_store");
    assertThrows(() => connection.write(() => connection.run("UPDATE user SET disabled = 1")), ConfigError, "damaged");
  });
}

Deno.test("SqliteConnection.open() leaves the WAL as it is when the newer version is only there", () => {
  using data = temporary();
  using kept = temporary();
  // As a process that was killed leaves it: the main file is of version 1, the -wal file holds version 2.
  {
    using connection = SqliteConnection.open(data.path, [V1]);
    connection.write(() => connection.run("PRAGMA user_version = 2"));
    if (!data.names().includes("echo.db-wal")) return; // A SQLite too old for WAL here: nothing to be left.
    for (const name of data.names()) Deno.copyFileSync(join(data.directory, name), join(kept.directory, name));
  }
  const before = ["", "-wal"].map((suffix) => Deno.readFileSync(kept.path + suffix));
  assertThrows(() => SqliteConnection.open(kept.path, [V1]), ConfigError, "newer version");
  assertEquals(["", "-wal"].map((suffix) => Deno.readFileSync(kept.path + suffix)), before);
});

Deno.test("SqliteConnection.open() refuses a directory of that name", () => {
  using data = temporary();
  Deno.mkdirSync(data.path);
  assertThrows(() => SqliteConnection.open(data.path), ConfigError, "it is not a regular file");
});

Deno.test("SqliteConnection.open() takes an empty file for a new one", () => {
  using data = temporary();
  Deno.writeFileSync(data.path, new Uint8Array(0));
  using connection = SqliteConnection.open(data.path);
  assertEquals({ ...connection.get("PRAGMA application_id") }, { application_id: APPLICATION_ID });
  assertEquals({ ...connection.get("PRAGMA user_version") }, { user_version: MIGRATIONS.length });
});

Deno.test("SqliteConnection leaves one file that needs no other when the last connection closes", () => {
  using data = temporary();
  const journal = () => Deno.readFileSync(data.path)[18] === 2 ? "wal" : "delete";
  const first = SqliteConnection.open(data.path, [V1]);
  const second = SqliteConnection.open(data.path, [V1]);
  const mode = journal();
  first.write(() => first.run("INSERT INTO one VALUES ('kept')"));
  first[Symbol.dispose]();
  assertEquals(journal(), mode, "still in use");
  assertEquals(second.all("SELECT * FROM one").length, 1);
  second[Symbol.dispose]();
  assertEquals([journal(), data.names()], ["delete", ["echo.db", "echo.db.exists"]]);
});

Deno.test("SqliteConnection write() changes nothing when it fails, and works afterwards", () => {
  using data = temporary();
  using connection = SqliteConnection.open(data.path, [V1]);
  const insert = (x: string) => connection.run("INSERT INTO one VALUES (?)", x);
  for (const durable of [true, false]) {
    assertThrows(
      () =>
        connection.write(() => {
          insert("lost");
          throw new Error("in between");
        }, { durable }),
      Error,
      "in between",
    );
  }
  assertEquals(connection.all("SELECT * FROM one"), []);
  connection.write(() => insert("kept"), { durable: false });
  assertEquals(connection.all("SELECT * FROM one").length, 1);
  assertEquals(connection.get("PRAGMA synchronous")?.["synchronous"], 3, "EXTRA again");
});

function truncated(path: string, share: number): void {
  SqliteConnection.open(path)[Symbol.dispose]();
  const { size } = Deno.statSync(path);
  Deno.truncateSync(path, Math.max(100, Math.floor(size * share)));
}

function overwritten(path: string): void {
  SqliteConnection.open(path)[Symbol.dispose]();
  using file = Deno.openSync(path, { write: true });
  file.seekSync(4096, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(4096).fill(0xa5));
}

function foreign(path: string, journal: "DELETE" | "WAL"): void {
  using database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = ${journal}; CREATE TABLE photo (x BLOB); INSERT INTO photo VALUES (x'00')`);
}

function ofVersion(path: string, version: number): void {
  SqliteConnection.open(path)[Symbol.dispose]();
  using database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = DELETE; PRAGMA user_version = ${version}`);
}

/** Keeps the database locked but for a quarter of a ms at a time, as a server does that commits without a pause. */
const HOLDER = `
import { DatabaseSync } from "node:sqlite";
self.onmessage = ({ data: path }) => {
  const db = new DatabaseSync(path, { timeout: 5000 });
  for (const end = performance.now() + 30_000; performance.now() < end;) {
    db.exec("BEGIN EXCLUSIVE");
    self.postMessage("held");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    db.exec("COMMIT");
    const free = performance.now() + 0.25;
    while (performance.now() < free);
  }
};`;

Deno.test("SqliteConnection finds the moments in which a lock is free", async () => {
  using data = temporary();
  SqliteConnection.open(data.path)[Symbol.dispose]();
  const holder = new Worker(`data:text/javascript,${encodeURIComponent(HOLDER)}`, { type: "module" });
  const held = new Promise((resolve) => holder.onmessage = resolve);
  holder.postMessage(data.path);
  await held;
  try {
    using connection = SqliteConnection.open(data.path);
    for (const name of ["a", "b", "c", "d", "e"]) {
      connection.write(() => connection.run("INSERT INTO secret VALUES (?, x'00')", name));
    }
    assertEquals(connection.read(() => connection.all("SELECT * FROM secret")).length, 5);
  } finally {
    holder.terminate();
  }
});

Deno.test("sqliteError() takes locks on the WAL's index that nobody gives back for a lock, not for a bug", () => {
  // What SQLite says after it has looked for 10 s; a program that keeps byte 120 to 127 of the -shm file brings it about.
  const told = sqliteError(Object.assign(new Error("locking protocol"), { errcode: 15 }), "write", "/data/echo.db");
  assert(told instanceof StorageError);
  assertEquals([told.code, told.details["problem"]], ["cannot_write", "locked"]);
});
