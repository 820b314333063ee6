// What the disk, the system and SIGKILL can do to the SQLite store. Each case that needs a program or a right that is
// missing here is ignored.
import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertGreater, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { TextLineStream } from "@std/streams/text-line-stream";
import { StorageError } from "../../lib/base/errors.ts";
import { STORE_LOCK_WAIT } from "../../lib/base/limits.ts";
import { SqliteConnection } from "../../lib/store/sqlite_connection.ts";
import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import { isLong } from "../support/long.ts";
import type { Fill, Probe } from "../support/store_child.ts";
import { newUser } from "../support/store_conformance.ts";

const CHILD = fromFileUrl(new URL("../support/store_child.ts", import.meta.url));
const ROUNDS = isLong ? 10 : 4;

/** As root, permission bits do not bind; without its capabilities, root is a user like any other. */
const AS_USER = Deno.uid() === 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];
const OWN_MOUNTS = ["unshare", "--map-root-user", "--mount"];
const TRACE = ["strace", "-f", "-o", "/dev/null", "-e"];
const FAILING_FSYNC = [...TRACE, "trace=fsync,fdatasync"];

Deno.test({
  name: "openSqliteStore() reads and refuses to write when the data directory is read-only",
  ignore: !works([...AS_USER, "true"]),
  fn: async () => {
    await using data = await seeded();
    await Deno.chmod(data.path, 0o500);
    const probe: Probe = await child(AS_USER, ["probe", data.path]);
    await Deno.chmod(data.path, 0o700);
    assertEquals(probe.open, { value: "opened" });
    assertEquals(probe.findUser, { value: "Anna" });
    assertEquals(probe.createUser?.code, "cannot_write");
    assertStringIncludes(probe.createUser?.message ?? "", `Cannot write ${join(data.path, "echo.db")}: `);
    assertStringIncludes(probe.createUser?.message ?? "", "read-only");
    assertEquals(probe.createSession?.code, "cannot_write");
    assertEquals(probe.findAgain, { value: "Anna" });
    assertEquals(await names(data.path), ["echo.db", "echo.db.exists"]);
  },
});

Deno.test({
  name: "openSqliteStore() says what is missing when a new store cannot be written",
  ignore: !works([...AS_USER, "true"]),
  fn: async () => {
    await using data = await emptyDirectory();
    await Deno.chmod(data.path, 0o500);
    const inside: Probe = await child(AS_USER, ["probe", data.path]);
    const below: Probe = await child(AS_USER, ["probe", join(data.path, "data")]);
    assertEquals([inside.open.code, below.open.code], ["cannot_write", "cannot_write"]);
    assertStringIncludes(inside.open.message ?? "", "permission denied; give this user the right to write");
    assertStringIncludes(below.open.message ?? "", `Cannot write ${join(data.path, "data")}: permission denied`);
  },
});

Deno.test({
  name: "createUser() fails clearly and loses nothing when the disk is full",
  ignore: !works([...OWN_MOUNTS, "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /tmp"]),
  fn: async () => {
    await using data = await emptyDirectory();
    const mount = 'mount -t tmpfs -o size=1m,mode=0700 tmpfs "$0" && exec "$@"';
    const fill: Fill = await child([...OWN_MOUNTS, "sh", "-c", mount, data.path], ["fill", data.path]);
    assertEquals(fill.error.code, "cannot_write");
    assertStringIncludes(fill.error.message ?? "", "the disk is full; free some space");
    assertGreater(fill.acknowledged, 20);
    assertEquals([fill.found, fill.foundAnew], [fill.acknowledged, fill.acknowledged]);
    assertEquals(fill.afterwards, { value: "created" });
  },
});

Deno.test({
  name: "createUser() fails clearly and loses nothing when fsync fails",
  ignore: !works([...FAILING_FSYNC, "true"]),
  fn: async () => {
    await using data = await seeded();
    const inject = ["-e", "inject=fsync,fdatasync:error=EIO"];
    const probe: Probe = await child([...FAILING_FSYNC, ...inject], ["probe", data.path]);
    assertEquals(probe.open, { value: "opened" });
    assertEquals(probe.findUser, { value: "Anna" });
    assertEquals(probe.createUser?.code, "cannot_write");
    assertStringIncludes(probe.createUser?.message ?? "", "the disk reports an error");
    assertEquals(probe.findAgain, { value: "Anna" });
    await using store = await openSqliteStore(data.path);
    assertEquals((await store.findUser("Anna"))?.name, "Anna");
    assert(["created", "taken"].includes(await store.createUser(newUser("Boris"))), "it can be written again");
  },
});

Deno.test({
  name: "openSqliteStore() begins anew when a process was killed while it made the file",
  ignore: !works([...FAILING_FSYNC, "true"]),
  fn: async () => {
    for (const write of [2, 4, 13, 16, 20]) {
      await using data = await emptyDirectory();
      const file = join(data.path, "echo.db");
      const calls = "pwrite64,fsync,unlink";
      const kill = ["-P", file, "-P", `${file}-journal`, "-e", `inject=${calls}:signal=KILL:when=${write}`];
      {
        await using process = start([...TRACE, `trace=${calls}`, ...kill], ["register", data.path, "user ", "1"]);
        assertEquals(await Array.fromAsync(process.lines()), []);
      }
      await using store = await openSqliteStore(data.path);
      assertEquals(await store.createUser(newUser("Anna")), "created", `killed at write ${write}`);
    }
  },
});

Deno.test("createUser() fails clearly when another program keeps the file locked", async () => {
  await using data = await seeded();
  await using store = await openSqliteStore(data.path);
  using other = new DatabaseSync(join(data.path, "echo.db"), { timeout: STORE_LOCK_WAIT });
  other.exec("BEGIN IMMEDIATE");
  const error = await assertRejects(() => store.createUser(newUser("Boris")), StorageError, "another program");
  assertEquals([error.code, error.details["problem"]], ["cannot_write", "locked"]);
  // Those behind it do not wait as long each: 20 would take longer than a client's patience.
  const began = performance.now();
  const next = Array.from({ length: 20 }, (_, number) => store.createUser(newUser(`later ${number}`)).catch(String));
  assertEquals((await Promise.all(next)).filter((result) => result !== "created").length, 20);
  assertLess(performance.now() - began, 10 * STORE_LOCK_WAIT);
  other.exec("ROLLBACK");
  assertEquals(await store.createUser(newUser("Boris")), "created");
});

Deno.test(`createUser() has stored what it acknowledged when the process is killed, ${ROUNDS} times`, async () => {
  await using data = await emptyDirectory();
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await using process = start([], ["register", data.path, `round ${round} user `]);
    // Killed while the next registrations are on their way, after a number of lines that differs from round to round.
    let left = 1 + (round * 7) % 23;
    for await (const line of process.lines()) {
      acknowledged.push(line);
      if (--left === 0) process.kill();
    }
    using connection = SqliteConnection.open(join(data.path, "echo.db"));
    assertEquals(connection.get("PRAGMA integrity_check"), row({ integrity_check: "ok" }));
    for (const line of acknowledged) {
      assert(connection.get("SELECT 1 FROM user WHERE name = ?", line.replace("created ", "")) !== undefined, line);
    }
  }
  assertGreater(acknowledged.length, 2 * ROUNDS);
});

Deno.test("createUser() creates one user when two processes race for each name", async () => {
  await using data = await emptyDirectory();
  await using store = await openSqliteStore(data.path);
  await using process = start([], ["register", data.path, "user ", "200"]);
  const theirs = process.lines();
  const first = await theirs.next();
  const ours: string[] = [];
  for (let i = 199; i >= 0; i--) ours.push(`${await store.createUser(newUser(`user ${i}`))} user ${i}`);
  const all = [...ours, first.value ?? ""];
  for await (const line of theirs) all.push(line);
  for (let i = 0; i < 200; i++) {
    assertEquals(all.filter((line) => line === `created user ${i}`).length, 1);
    assertEquals(all.filter((line) => line === `taken user ${i}`).length, 1);
  }
});

/** A temporary directory that goes with its scope. */
interface Temporary extends AsyncDisposable {
  readonly path: string;
}

async function emptyDirectory(): Promise<Temporary> {
  const path = await Deno.makeTempDir({ prefix: "echo-store-" });
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.chmod(path, 0o700);
      await Deno.remove(path, { recursive: true });
    },
  };
}

/** A data directory with one user. */
async function seeded(): Promise<Temporary> {
  const directory = await emptyDirectory();
  await using store = await openSqliteStore(directory.path);
  await store.createUser(newUser("Anna"));
  return directory;
}

async function names(directory: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(directory), ({ name }) => name);
  return entries.sort();
}

/** The store child, run through the programs named by `prefix`. */
function start(prefix: readonly string[], args: readonly string[]) {
  const [program = "", ...rest] = [...prefix, Deno.execPath(), "run", "-A", CHILD, ...args];
  const process = new Deno.Command(program, { args: rest, stdout: "piped", stderr: "inherit" }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  return {
    lines: () => lines[Symbol.asyncIterator](),
    kill: () => process.kill("SIGKILL"),
    status: process.status,
    async [Symbol.asyncDispose]() {
      await process.status;
    },
  };
}

/** What the store child prints, as JSON: of the type that the command is documented to print. */
async function child<T>(prefix: readonly string[], args: readonly string[]): Promise<T> {
  await using process = start(prefix, args);
  const lines = await Array.fromAsync(process.lines());
  return JSON.parse(lines.join("\n"));
}

function works(command: readonly string[]): boolean {
  const [program = "", ...args] = command;
  try {
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

function row(values: Record<string, string>): Record<string, string> {
  return Object.assign(Object.create(null), values);
}
