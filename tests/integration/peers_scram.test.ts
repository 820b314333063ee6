// Programs of others that speak SCRAM-SHA-256: what they make is taken here, and the other way round.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { formatVerifier, makeVerifier } from "../../lib/auth/verifier.ts";
import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import { addUser, AuthClient, codeOf, logIn, replyOf, startAuth } from "../support/auth.ts";
import { hasPostgres, startPostgres } from "../support/auth_postgres.ts";
import { isInstalled, PATIENCE, runProgram } from "../support/tools.ts";

/** Plain; Cyrillic; changed by SASLprep; refused by SASLprep, so hashed as typed. */
const PASSWORDS = [
  "correct horse battery staple",
  "пароль по-русски",
  "\u2168\u00a0so\u00adft e\u0301\ufb01",
  "\u0627\u0628\u0629 and Latin",
  "🦊 and the grapes",
];
const ITERATIONS = 4096;

Deno.test({
  name: "PostgreSQL lets psql in by our verifiers, and echo-server lets clients in by PostgreSQL's",
  ignore: !hasPostgres,
  fn: async (t) => {
    await using postgres = await startPostgres();
    await t.step("PostgreSQL takes a verifier as it is, and the password logs in", async () => {
      for (const [at, password] of PASSWORDS.entries()) {
        const role = `ours${at}`;
        const salt = crypto.getRandomValues(new Uint8Array(16));
        const verifier = formatVerifier(
          await makeVerifier(password, { salt, iterations: at === 0 ? 600_000 : ITERATIONS }),
        );
        const created = await postgres.query(`CREATE ROLE ${role} LOGIN PASSWORD '${verifier}'`);
        assertEquals(created.stderr, "");
        const stored = await postgres.query(`SELECT rolpassword FROM pg_authid WHERE rolname = '${role}'`);
        assertEquals(stored.stdout.trim(), verifier, "stored as a verifier, not hashed as a password");
        const { stdout, stderr } = await postgres.query("SELECT current_user", { role, password, tcp: at % 2 === 0 });
        assertEquals([stdout, stderr], [`${role}\n`, ""], password);
        const wrong = await postgres.query("SELECT current_user", { role, password: `${password}!` });
        assertEquals([wrong.code, wrong.stdout], [2, ""]);
        assertStringIncludes(wrong.stderr, "password authentication failed");
      }
    });
    await t.step("echo-server takes PostgreSQL's verifier, and the password logs in", async () => {
      await using server = await startAuth();
      await using store = await openSqliteStore(server.data);
      for (const [at, password] of PASSWORDS.entries()) {
        const role = `theirs${at}`;
        await postgres.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
        const { stdout } = await postgres.query(`SELECT rolpassword FROM pg_authid WHERE rolname = '${role}'`);
        assertMatch(stdout, /^SCRAM-SHA-256\$4096:/);
        await addUser(store, role, stdout.trim());
        assertEquals(codeOf(await logIn(server.port, role, password)), "235", password);
        assertEquals(codeOf(await logIn(server.port, role, `${password}!`)), "530", password);
        await using plain = await AuthClient.to(server.port);
        assertEquals(codeOf(await plain.sayAll(role, password)), "235", `${password}, in the plain dialogue`);
      }
    });
  },
});

Deno.test({
  name: "makeVerifier() gives the keys of gsasl --mkpasswd",
  ignore: !isInstalled("gsasl"),
  fn: async () => {
    // gsasl refuses what SASLprep refuses; PostgreSQL and we hash it as typed.
    for (const [at, password] of PASSWORDS.slice(0, 3).entries()) {
      const iterations = at === 0 ? 600_000 : ITERATIONS;
      const salt = new Uint8Array(16).fill(at + 1);
      const given = ["--iteration-count", String(iterations), "--salt", salt.toBase64(), "--password", password];
      const args = ["--mkpasswd", "--mechanism", "SCRAM-SHA-256", ...given];
      const { stdout } = await runProgram("gsasl", args, { env: { LC_ALL: "C.UTF-8" } });
      // {SCRAM-SHA-256}iterations,salt,StoredKey,ServerKey
      const [, rounds, saltText, storedKey, serverKey] = /^\{SCRAM-SHA-256\}(\d+),(.+),(.+),(.+)\n$/.exec(stdout) ?? [];
      const ours = formatVerifier(await makeVerifier(password, { salt, iterations }));
      assertEquals(ours, `SCRAM-SHA-256$${rounds}:${saltText}$${storedKey}:${serverKey}`, password);
    }
  },
});

for (
  const { when, password, typed = password, code: expected } of [
    { when: "the password is right", password: "correct horse battery staple", code: 235 },
    { when: "SASLprep changes the password", password: "\u2168\u00a0so\u00adft e\u0301\ufb01", code: 235 },
    { when: "the password is wrong", password: "correct horse", typed: "incorrect horse", code: 530 },
  ]
) {
  Deno.test({
    name: `echo-server answers gsasl, as its client, with ${expected} when ${when}`,
    ignore: !isInstalled("gsasl"),
    fn: async () => {
      await using server = await startAuth();
      {
        await using store = await openSqliteStore(server.data);
        const salt = new Uint8Array(16).fill(3);
        await addUser(store, "anna", formatVerifier(await makeVerifier(password, { salt, iterations: ITERATIONS })));
      }
      await using client = await AuthClient.to(server.port);
      await using gsasl = new Gsasl("anna", typed);
      const challenge = await client.say(`AUTH SCRAM-SHA-256 ${await gsasl.message()}`);
      await gsasl.take(replyOf(challenge).text);
      const { code, tags } = replyOf(await client.say(await gsasl.message()));
      assertEquals(code, expected);
      if (code !== 235) return;
      await gsasl.take(tags.SCRAM?.[0] ?? "");
      await gsasl.take(""); // asks once more, with nothing left to say
      assertStringIncludes(await gsasl.end(), "server trusted", "gsasl has checked the server's signature");
      assert(await client.isEchoed());
    },
  });
}

/** `gsasl --client` at work: writes SASL messages in base64, a line each, and takes the server's. */
class Gsasl implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #told: Promise<string>;
  #text = "";

  constructor(name: string, password: string) {
    this.#process = new Deno.Command("gsasl", {
      args: ["--client", "--no-cb", "-m", "SCRAM-SHA-256", "-a", name, "-p", password],
      env: { LC_ALL: "C.UTF-8" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#output = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#told = new Response(this.#process.stderr).text();
  }

  /** The next message of the client. */
  async message(): Promise<string> {
    for (;;) {
      const [line, message] = /^(?:SCRAM-SHA-256\n)?([A-Za-z0-9+/]+=*)\n/.exec(this.#text) ?? [];
      if (line !== undefined && message !== undefined) {
        this.#text = this.#text.slice(line.length);
        return message;
      }
      const { value, done } = await deadline(this.#output.read(), PATIENCE);
      if (done) throw new Error(`gsasl ended: ${await this.#told}`);
      this.#text += value;
    }
  }

  /** Hands over a message of the server. */
  async take(message: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${message}\n`));
  }

  /** What gsasl has told, once it is done. */
  async end(): Promise<string> {
    await this.#input.close();
    await deadline(this.#process.status, PATIENCE);
    return await this.#told;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {/* closed already */});
    await this.#output.cancel();
    await this.#process.status;
    await this.#told;
  }
}
