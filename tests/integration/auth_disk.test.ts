// A disk that takes nothing more, seen by the clients of the compiled server. tests/integration/store_faults.test.ts
// has the same for the store alone.
import { assert, assertEquals, assertGreater, assertMatch, assertStringIncludes } from "@std/assert";
import {
  ask,
  AuthClient,
  codeOf,
  inTurn,
  logIn,
  PASSWORD,
  registration,
  replyOf,
  startAuth,
  works,
} from "../support/auth.ts";
import { runProgram, startServer, tempDir, toolPath } from "../support/tools.ts";

/** As root, permission bits do not bind; without its capabilities, root is a user like any other. */
const AS_USER = Deno.uid() === 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];
const OWN_MOUNTS = ["unshare", "--map-root-user", "--mount"];
const TRACE = ["strace", "-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"];

const NO_STORE = "421 Cannot read or store users now, closing: try again later.";

/** Who is a user already gets in, both ways; who is none is told that it cannot be stored. */
async function assertReadOnlyService(port: number, user: string): Promise<void> {
  for (const answer of [await logIn(port, user), await ask(port, user, PASSWORD)]) {
    const { code, tags } = replyOf(answer);
    assertEquals([code, tags.TOKEN], [235, undefined], "logged in, without a token");
  }
  assertEquals(codeOf(await logIn(port, user, "wrong password")), "530");
  assertEquals(codeOf(await logIn(port, "nobody")), "530");
  assertEquals(await ask(port, registration("newcomer")), NO_STORE);
  assertEquals(await ask(port, "newcomer", PASSWORD), NO_STORE);
}

Deno.test({
  name: "echo-server lets users in and takes no new ones when its data directory is read-only",
  ignore: !works([...AS_USER, "true"]),
  fn: async () => {
    using logs = tempDir();
    await using writable = await startAuth(["anna"]);
    const token = replyOf(await logIn(writable.port, "anna")).tags.TOKEN?.[0];
    await writable.stop();
    await Deno.chmod(`${writable.data}/echo-server.log`, 0o400);
    await Deno.chmod(writable.data, 0o500);
    try {
      const args = ["--no-input", "--mode", "auth", "--port", "0", "--data", writable.data];
      const [program = "", ...rest] = [...AS_USER, toolPath("echo-server"), ...args];
      const refused = await runProgram(program, rest);
      assertEquals([refused.code, refused.stdout], [73, ""], "there is nowhere to log to");
      assertMatch(refused.stderr, /^echo-server: Cannot write \S+\/echo-server\.log: permission denied/);
      await using server = await startServer({
        args: ["--mode", "auth", "--log", logs.at("server.log")],
        data: writable.data,
        wrapper: AS_USER,
      });
      await assertReadOnlyService(server.port, "anna");
      assertEquals(
        await ask(server.port, `AUTH TOKEN ${token}`),
        "235 Welcome back, anna.",
        "the token stays as it is",
      );
      const log = await Deno.readTextFile(logs.at("server.log"));
      assertStringIncludes(log, "the session could not be stored: no token was given name=anna");
      assertStringIncludes(log, "the database does not answer code=cannot_write");
    } finally {
      await Deno.chmod(writable.data, 0o700);
      await Deno.chmod(`${writable.data}/echo-server.log`, 0o600);
    }
    await using again = await startServer({ args: ["--mode", "auth"], data: writable.data });
    assertEquals(codeOf(await ask(again.port, `AUTH TOKEN ${token}`)), "235");
    assertEquals(codeOf(await ask(again.port, registration("newcomer"))), "235", "it was not half stored");
  },
});

Deno.test({
  name: "echo-server keeps whom it has acknowledged and lets them in when the disk is full, its log on the same disk",
  ignore: !works([...OWN_MOUNTS, "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /tmp"]),
  fn: async () => {
    using folder = tempDir();
    const mount =
      'mount -t tmpfs -o size=1m,mode=0700 tmpfs "$0" && head -c 850000 /dev/zero >"$0/ballast" && exec "$@"';
    const wrapper = [...OWN_MOUNTS, "sh", "-c", mount, folder.path];
    await using server = await startServer({ args: ["--mode", "auth"], data: folder.path, wrapper });
    const acknowledged: string[] = [];
    let answer = "";
    for (let number = 0; codeOf(answer) !== "421"; number++) {
      answer = await ask(server.port, registration(`user${number}`));
      if (codeOf(answer) === "235") acknowledged.push(`user${number}`);
    }
    assertEquals(answer, NO_STORE);
    assertGreater(acknowledged.length, 20);
    await assertReadOnlyService(server.port, acknowledged[0] ?? "");
    const answers = await inTurn(acknowledged, (name) => logIn(server.port, name));
    assertEquals(new Set(answers.map(codeOf)), new Set(["235"]));
    await using client = await AuthClient.to(server.port);
    await client.scram(acknowledged.at(-1) ?? "");
    assert(await client.isEchoed());
  },
});

Deno.test({
  name: "echo-server keeps whom it has acknowledged when its files reach the limit of their size",
  ignore: !works(["prlimit", "--fsize=1", "true"]),
  fn: async () => {
    const acknowledged: string[] = [];
    await using server = await startAuth(["anna"], { wrapper: ["prlimit", "--fsize=65536:65536"] });
    for (let number = 0;; number++) {
      if (codeOf(await ask(server.port, registration(`user ${number}`))) !== "235") break;
      acknowledged.push(`user ${number}`);
    }
    assertEquals(codeOf(await logIn(server.port, "anna")), "235");
    assertEquals((await server.stop()).code, 0);
    await using again = await startServer({ args: ["--mode", "auth"], data: server.data });
    const answers = await inTurn(acknowledged.slice(-5), (name) => logIn(again.port, name));
    assertEquals(new Set(answers.map(codeOf)), new Set(["235"]));
  },
});

Deno.test({
  name: "echo-server acknowledges nobody and lets users in when fsync fails",
  ignore: !works([...TRACE, "true"]),
  fn: async () => {
    await using healthy = await startAuth(["anna"]);
    await healthy.stop();
    {
      const wrapper = [...TRACE, "-e", "inject=fsync,fdatasync:error=EIO"];
      await using server = await startServer({ args: ["--mode", "auth", "--json"], data: healthy.data, wrapper });
      await assertReadOnlyService(server.port, "anna");
      await server.logged(/the database does not answer code=cannot_write/);
      // strace keeps the signal to itself.
      Deno.kill(JSON.parse(server.announced).pid, "SIGTERM");
    }
    await using server = await startServer({ args: ["--mode", "auth"], data: healthy.data });
    assertEquals(codeOf(await logIn(server.port, "anna")), "235");
    assertEquals(codeOf(await ask(server.port, registration("newcomer"))), "235");
  },
});
