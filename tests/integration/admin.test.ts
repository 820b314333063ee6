// The administration commands of the compiled server, on a data directory that nothing else uses.
import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { checkPassword, parseVerifier } from "../../lib/auth/verifier.ts";
import { SCRAM_ITERATIONS } from "../../lib/base/limits.ts";
import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import {
  type Finished,
  isInstalled,
  type RunOptions,
  runProgram,
  runTool,
  type TempDir,
  tempDir,
  toolPath,
} from "../support/tools.ts";

const PASSWORD = "correct horse";
const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;
/** What another PostgreSQL made of the password "pencil": RFC 7677's example, as a verifier. */
const PENCIL =
  "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

/** As root, permission bits do not bind; without its capabilities, root is a user like any other. */
const AS_USER = Deno.uid() === 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];

Deno.test("users add takes the password from a line of standard input and confirms in one line", async () => {
  using data = tempDir();
  assertEquals(await run(data, "users add Anna", `${PASSWORD}\nanother line\n`), "Added Anna.\n");
  assertEquals(await run(data, "users add Boris --json", `${PASSWORD}\r\n`), '{"event":"user_added","name":"Boris"}\n');
  assertEquals(await run(data, "users add Вера --lang ru", "длинный пароль"), "Пользователь Вера добавлен.\n");
  const exported = storedUsers(data);
  assertEquals(exported.map(({ name, disabled }) => [name, disabled]), [["Anna", false], ["Boris", false], [
    "Вера",
    false,
  ]]);
  const salts = new Set<string>();
  for (const { verifier } of exported) {
    const { iterations, salt } = parseVerifier(verifier);
    assertEquals([iterations, salt.length], [SCRAM_ITERATIONS, 16]);
    salts.add(salt.toHex());
  }
  assertEquals(salts.size, 3);
  assert(
    await checkPassword(PASSWORD, parseVerifier(exported[1]?.verifier ?? "")),
    "a carriage return is no part of it",
  );
  assert(await checkPassword("длинный пароль", parseVerifier(exported[2]?.verifier ?? "")));
});

Deno.test("users add refuses a bad name or password, and stores nothing", async () => {
  using data = tempDir();
  await addUsers(data, "Anna");
  const before = storedUsers(data);
  const cases: readonly (readonly [line: string, stdin: string | Uint8Array | undefined, part: string])[] = [
    [
      "users add Anna",
      "another password",
      'The name "Anna" is taken. To change the password: echo-server users passwd',
    ],
    ["users add An--na/", PASSWORD, 'invalid value "An--na/" for NAME: a name has letters, digits,'],
    ["users add Boris", "short", "a password needs at least 8 characters."],
    ["users add Boris", "x".repeat(1025), "a password has at most 1024 bytes."],
    ["users add Boris", "й".repeat(1025), "a password has at most 1024 bytes."],
    ["users add Boris", "\n", "a password needs at least 8 characters."],
    ["users add Boris", "", "A password is needed: type it at the terminal, or give it as a line of standard input."],
    ["users add Boris", undefined, "A password is needed"],
    ["users passwd Anna", "short", "a password needs at least 8 characters."],
    ["users passwd Boris", PASSWORD, `There is no user "Boris" in ${data.path}.`],
  ];
  for (const [line, stdin, part] of cases) {
    const env = { ECHO_PASSWORD: PASSWORD };
    const { code, stdout, stderr } = await attempt(data, line, { env, ...(stdin === undefined ? {} : { stdin }) });
    assertEquals([line, code, stdout, stderr.split("\n").length], [line, 64, "", 2]);
    assertStringIncludes(stderr, part);
    assert(!stderr.includes(PASSWORD) && !stderr.includes("another password"));
  }
  const stdin = Uint8Array.of(...new Array(9).fill(0xff), 10);
  const { code, stderr } = await attempt(data, "users add Boris", { stdin });
  assertEquals([code, stderr], [
    78,
    "echo-server: Cannot use standard input: it is not UTF-8 text; save it as UTF-8.\n",
  ]);
  assertEquals(storedUsers(data), before);
});

Deno.test("users list aligns columns for people, prints an array for programs, and shows no verifier", async () => {
  using data = tempDir();
  assertEquals(await attempt(data, "users list"), { code: 0, stdout: "", stderr: `There are none in ${data.path}.\n` });
  assertEquals(await attempt(data, "users list --json"), { code: 0, stdout: "[]\n", stderr: "" });
  await addUsers(data, "Anna-Maria", "Bo");
  await run(data, "users disable Bo");
  const text = await run(data, "users list");
  const pattern = `^NAME        STATE     CREATED\nAnna-Maria  enabled   ${TIME}\nBo          disabled  ${TIME}\n$`;
  assertMatch(text, new RegExp(pattern));
  const json = await run(data, "users list --json");
  const [first, second] = JSON.parse(json);
  assertEquals([first.name, first.disabled, second.name, second.disabled], ["Anna-Maria", false, "Bo", true]);
  assertEquals(Object.keys(first), ["name", "disabled", "created_at"]);
  assertEquals(new Date(first.created_at).toISOString(), first.created_at);
  assert(!`${text}${json}`.includes("SCRAM"));
  assertMatch(
    await run(data, "users list --lang ru"),
    /^ИМЯ +СОСТОЯНИЕ +СОЗДАН\nAnna-Maria +активен .*\nBo +заблокирован .*\n$/,
  );
});

Deno.test("users passwd, disable, enable and remove do what they say, and know who is not there", async () => {
  using data = tempDir();
  await addUsers(data, "Anna");
  const [before] = storedUsers(data);
  assertEquals(
    await run(data, "users passwd Anna", "battery staple"),
    "Changed the password of Anna; all sessions have ended.\n",
  );
  const [after] = storedUsers(data);
  assertNotEquals(after?.verifier, before?.verifier);
  assert(await checkPassword("battery staple", parseVerifier(after?.verifier ?? "")));
  assertEquals(await run(data, "users disable Anna --json"), '{"event":"user_disabled","name":"Anna"}\n');
  assertEquals(storedUsers(data)[0]?.disabled, true);
  assertEquals(await run(data, "users enable Anna"), "Enabled Anna.\n");
  assertEquals(storedUsers(data)[0]?.disabled, false);
  const unasked = await attempt(data, "users remove Anna");
  assertEquals([unasked.code, unasked.stdout], [64, ""]);
  assertMatch(unasked.stderr, /Cannot ask whether to remove user Anna: no terminal\. Add --yes /);
  assertEquals(await run(data, "users remove Anna --yes"), "Removed Anna; all sessions have ended.\n");
  assertEquals(storedUsers(data), []);
  for (const verb of ["passwd", "disable", "enable", "remove"]) {
    const { code, stdout, stderr } = await attempt(data, `users ${verb} Anna`);
    assertEquals([code, stdout, stderr], [64, "", `echo-server: There is no user "Anna" in ${data.path}.\n`]);
  }
});

Deno.test("users import brings back what users export printed, and leaves taken names alone", async () => {
  using from = tempDir();
  using to = tempDir();
  await addUsers(from, "Anna", "Boris");
  await run(from, "users disable Boris");
  const lines = await run(from, "users export");
  assertEquals(await run(to, "users import", lines), "Users added: 2; already there: 0.\n");
  assertEquals(await run(to, "users export"), lines);

  await run(to, "users passwd Anna", "battery staple");
  const changed = await run(to, "users export");
  const again = await attempt(to, "users import", { stdin: lines });
  assertEquals(again, {
    code: 0,
    stdout: "Users added: 0; already there: 2.\n",
    stderr: "Left as they are, because the names are taken: Anna, Boris.\n",
  });
  assertEquals(await run(to, "users export"), changed);

  const more = `${lines}${JSON.stringify({ name: "pencil", verifier: PENCIL })}\n`;
  const counts = { event: "users_imported", created: 1, taken: 2, names_taken: ["Anna", "Boris"] };
  assertEquals(JSON.parse(await run(to, "users import --json", more)), counts);
  const pencil = storedUsers(to).find(({ name }) => name === "pencil");
  assert(await checkPassword("pencil", parseVerifier(pencil?.verifier ?? "")), "a verifier made by PostgreSQL");
});

Deno.test("users import stores nothing when one line is wrong", async () => {
  using data = tempDir();
  const good = JSON.stringify({ name: "Anna", verifier: PENCIL });
  for (const bad of ["no JSON", good, JSON.stringify({ name: "Boris", verifier: "md5…" })]) {
    const { code, stdout, stderr } = await attempt(data, "users import", { stdin: `${good}\n${bad}\n` });
    assertEquals([code, stdout], [64, ""]);
    assertMatch(stderr, /^echo-server: Line 2 of the input is wrong: .+\. Nothing was imported\.\n$/);
  }
  assertEquals((await attempt(data, "users add Anna", { stdin: "short" })).code, 64);
  assertEquals([...Deno.readDirSync(data.path)], [], "not even an empty database");
  assertEquals(await run(data, "users list --json"), "[]\n");
  assertEquals(
    await run(data, "users import --json"),
    '{"event":"users_imported","created":0,"taken":0,"names_taken":[]}\n',
  );
});

Deno.test("hosts list, rename and forget take any spelling of an address, and show old names escaped", async () => {
  using data = tempDir();
  {
    await using store = await openSqliteStore(data.path);
    await store.putHost("192.0.2.7", "An\u001b[31mna", 0);
    await store.putHost("2001:db8::1", "Boris", 1000);
  }
  const text = await run(data, "hosts list");
  assertStringIncludes(text, "192.0.2.7    An\\x1b[31mna  1970-01-01T00:00:00Z  1970-01-01T00:00:00Z\n");
  const json = await run(data, "hosts list --json");
  assert(!`${text}${json}`.includes("\u001b"));
  assertEquals(JSON.parse(json)[1], {
    address: "2001:db8::1",
    name: "Boris",
    created_at: "1970-01-01T00:00:01.000Z",
    seen_at: "1970-01-01T00:00:01.000Z",
  });
  assertEquals(await run(data, "hosts rename ::ffff:192.0.2.7 Anna"), "192.0.2.7 is Anna now.\n");
  const renamed = { event: "host_renamed", address: "2001:db8::1", name: "Вера" };
  assertEquals(JSON.parse(await run(data, "hosts rename [2001:DB8:0::1] Вера --json")), renamed);
  assertEquals(JSON.parse(await run(data, "hosts list --json")).map(({ name }: Named) => name), ["Anna", "Вера"]);
  assertStringIncludes((await attempt(data, "hosts forget 192.0.2.7")).stderr, "Add --yes to remove");
  assertEquals(await run(data, "hosts forget 192.0.2.7 --yes"), "Forgot 192.0.2.7.\n");
  for (const line of ["hosts forget 192.0.2.7", "hosts rename 192.0.2.7 Anna"]) {
    const { code, stderr } = await attempt(data, line);
    assertEquals([code, stderr], [64, `echo-server: There is no host 192.0.2.7 in ${data.path}.\n`]);
  }
  assertStringIncludes(
    (await attempt(data, "hosts rename 2001:db8::1 a/b")).stderr,
    'invalid value "a/b" for NAME: a name has',
  );
});

Deno.test("sessions list and revoke go by user or id, and show no hash", async () => {
  using data = tempDir();
  const ids = ["-pCDEFGHIJKLMNOP", "BBCDEFGHIJKLMNOP", "CBCDEFGHIJKLMNOP", "DBCDEFGHIJKLMNOP"];
  const [first = "", second = "", third = "", fourth = ""] = ids;
  const secretHash = new Uint8Array(32).fill(77);
  {
    await using store = await openSqliteStore(data.path);
    // The last user has taken the id of a session for a name, to keep it.
    for (const name of ["Anna", "Boris", fourth]) await store.createUser({ name, verifier: PENCIL, createdAt: 0 });
    for (const [id, user] of [[first, "Anna"], [second, "Anna"], [third, "Boris"], [fourth, "Boris"]] as const) {
      assertEquals(await store.createSession({ id, user, secretHash, createdAt: 1000 }, { max: 10 }), "created");
    }
  }
  const text = await run(data, "sessions list");
  assertMatch(text, /^USER +ID +CREATED +LAST USED +EXPIRES\n/);
  assertStringIncludes(text, `Anna   ${first}  1970-01-01T00:00:01Z  1970-01-01T00:00:01Z  1970-01-02T00:00:01Z\n`);
  const json = await run(data, "sessions list Anna --json");
  assertEquals(JSON.parse(json).map(({ id }: Identified) => id), [first, second]);
  assertEquals(Object.keys(JSON.parse(json)[0]), ["id", "user", "created_at", "last_used_at", "expires_at"]);
  for (const secret of ["TU1N", "4d4d", "77,77"]) assert(!`${text}${json}`.includes(secret));

  for (const line of ["sessions revoke Anna", `sessions revoke ${first} --json`]) {
    const { code, stderr } = await attempt(data, line);
    assertEquals([code, /no terminal.*--yes/.test(stderr)], [64, true], stderr);
  }
  assertEquals(await run(data, `sessions revoke ${first} --yes`), "Sessions ended: 1.\n");
  assertEquals(await run(data, `sessions revoke ${fourth} --yes --json`), '{"event":"sessions_revoked","count":1}\n');
  const left = JSON.parse(await run(data, "sessions list --json"));
  assertEquals(left.map(({ id }: Identified) => id), [second, third]);
  assertEquals(await run(data, "sessions revoke Anna --yes"), "Sessions ended: 1.\n");
  assertEquals(await run(data, "sessions revoke Anna --yes"), "Sessions ended: 0.\n");
  const gone = await attempt(data, `sessions revoke ${first}`);
  assertEquals([gone.code, gone.stderr], [
    64,
    `echo-server: There is no user and no session "${first}" in ${data.path}.\n`,
  ]);
  assertEquals((await attempt(data, "sessions list Nobody")).code, 64);
});

Deno.test("echo-server tells the right form of a command, in the language asked for, and makes no data directory", async () => {
  using parent = tempDir();
  const cases: readonly (readonly [line: string, stderr: string])[] = [
    ["user", 'unknown command "user". Did you mean echo-server users? See echo-server --help.'],
    ["users ad", 'unknown command "users ad". Did you mean echo-server users add? See echo-server --help.'],
    [
      "users ad --lang ru",
      "неизвестная команда «users ad». Возможно, имелось в виду echo-server users add? См. echo-server --help.",
    ],
    ["users add", "incomplete command. Usage: echo-server users add [options] NAME. See echo-server users add --help."],
    [
      "users add --lang ru",
      "команда неполная. Вызов: echo-server users add [options] NAME. См. echo-server users add --help.",
    ],
    [
      "hosts rename 192.0.2.7 Anna Maria",
      'unexpected argument "Maria". Usage: echo-server hosts rename [options] ADDRESS NAME. See echo-server hosts rename --help.',
    ],
  ];
  for (const [line, text] of cases) {
    const { code, stdout, stderr } = await runTool("echo-server", [...line.split(" "), "--data", parent.at("data")]);
    assertEquals([code, stdout, stderr], [64, "", `echo-server: ${text}\n`]);
  }
  assertEquals(Array.from(Deno.readDirSync(parent.path)), []);
});

Deno.test("a damaged file ends a command with 78 and is left as it is", async () => {
  using data = tempDir();
  Deno.writeTextFileSync(data.at("echo.db"), "no database");
  const { code, stdout, stderr } = await attempt(data, "users list");
  assertEquals([code, stdout], [78, ""]);
  assertStringIncludes(stderr, `Cannot use ${data.at("echo.db")}: the file is damaged, or no database at all;`);
  assertStringIncludes((await attempt(data, "users list --lang ru")).stderr, "файл повреждён");
  assertEquals(Deno.readTextFileSync(data.at("echo.db")), "no database");
});

Deno.test({
  name: "a read-only data directory is read, and changes end with 73",
  ignore: AS_USER.length > 0 && !isInstalled("setpriv"),
  fn: async () => {
    using data = tempDir();
    await addUsers(data, "Anna");
    Deno.chmodSync(data.path, 0o500);
    const limited = async (line: string) => {
      const [program = "", ...args] = [...AS_USER, toolPath("echo-server"), ...line.split(" "), "--data", data.path];
      return await runProgram(program, args, { stdin: PASSWORD });
    };
    try {
      assertStringIncludes((await limited("users list")).stdout, "Anna  enabled");
      for (const [lang, text] of [["en", "read-only; give this user"], ["ru", "только для чтения; дайте"]] as const) {
        const { code, stdout, stderr } = await limited(`users add Boris --lang ${lang}`);
        assertEquals([code, stdout, stderr.split("\n").length], [73, "", 2]);
        assertStringIncludes(stderr, text);
      }
    } finally {
      Deno.chmodSync(data.path, 0o700);
    }
    assertEquals(storedUsers(data).map(({ name }) => name), ["Anna"]);
  },
});

Deno.test({
  name: "users import tells how far it came when the disk is full",
  ignore: !canMount(),
  fn: async () => {
    using data = tempDir();
    const lines = Array.from({ length: 2000 }, (_, i) => JSON.stringify({ name: `user ${i}`, verifier: PENCIL }));
    const script = [
      'mount -t tmpfs -o size=256k,mode=0700 tmpfs "$1" && cat > "$1.lines"',
      '"$0" users import --data "$1" < "$1.lines"; echo "code $?"',
      '"$0" users list --data "$1" | tail -n +2 | wc -l; rm "$1.lines"',
    ].join("; ");
    const { stdout, stderr } = await runProgram(
      "unshare",
      ["--map-root-user", "--mount", "sh", "-c", script, toolPath("echo-server"), data.path],
      { stdin: lines.join("\n") },
    );
    const [, done = ""] = /^Stopped after (\d+) of 2000 users\. /m.exec(stderr) ?? [];
    assertMatch(stderr, /\necho-server: Cannot write \S+: the disk is full; free some space and try again\.\n$/);
    assertEquals(stdout.replace(/ /g, ""), `code73\n${done}\n`);
    assert(Number(done) > 20);
  },
});

/** Whether tests may mount a small disk of their own. */
function canMount(): boolean {
  if (!isInstalled("unshare")) return false;
  const args = ["--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /tmp"];
  return new Deno.Command("unshare", { args, stdout: "null", stderr: "null" }).outputSync().success;
}

interface Named {
  readonly name: string;
}

interface Identified {
  readonly id: string;
}

interface StoredUser extends Named {
  readonly verifier: string;
  readonly disabled: boolean;
}

/** Users who are there already: quicker than `users add`, which makes a verifier of 600,000 rounds. */
async function addUsers(data: TempDir, ...names: readonly string[]): Promise<void> {
  await using store = await openSqliteStore(data.path);
  for (const name of names) await store.createUser({ name, verifier: PENCIL, createdAt: Date.now() });
}

/** Runs a command on `data`; words are separated by one space. */
async function attempt(data: TempDir, line: string, options?: RunOptions): Promise<Finished> {
  const finished = await runTool("echo-server", [...line.split(" "), "--data", data.path], options);
  return { ...finished, stderr: finished.stderr.replace(NEW_DATABASE, "") };
}

/** Said by the first command that stores something; tests/integration/command_line.test.ts looks at it. */
const NEW_DATABASE = /^(?:No database in .* yet: a new one is made\.|В .* ещё нет базы данных: создаётся новая\.)\n/;

/** The same, for a command that must succeed without a word on standard error; what it printed. */
async function run(data: TempDir, line: string, stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await attempt(data, line, stdin === undefined ? {} : { stdin });
  assertEquals([line, code, stderr], [line, 0, ""]);
  return stdout;
}

/** What is stored: quicker than `users export`. */
function storedUsers(data: TempDir): StoredUser[] {
  using database = new DatabaseSync(data.at("echo.db"));
  return database.prepare("SELECT name, verifier, disabled FROM user ORDER BY name").all().map((row) => ({
    name: String(row["name"]),
    verifier: String(row["verifier"]),
    disabled: row["disabled"] === 1,
  }));
}
