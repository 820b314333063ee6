// Servers that prove less than they could, against a client that was asked to log in: nothing is taken for a log-in, and
// neither the password nor a message leaves.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FramedConn } from "../../lib/framed_conn.ts";
import { PASSWORD } from "../support/auth.ts";
import { fakeServer } from "../support/auth_fake_server.ts";
import { runTool, startServer, tempDir } from "../support/tools.ts";

/** A server that says these replies, one to each message, then echoes; and what it has heard. */
function scripted(
  ...replies: readonly string[]
): AsyncDisposable & { readonly port: number; readonly heard: string[] } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const heard: string[] = [];
  const serving = (async (): Promise<void> => {
    for await (const wire of listener) {
      await using conn = new FramedConn(wire);
      const left = [...replies];
      try {
        if (left.length > 0) await conn.send(left.shift() ?? "");
        for await (const message of conn) {
          heard.push(new TextDecoder().decode(message));
          await conn.send(left.shift() ?? message);
        }
      } catch {
        // The client has left.
      }
    }
  })();
  return {
    port: listener.addr.port,
    heard,
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      await serving;
    },
  };
}

const LETS_IN: readonly (readonly string[])[] = [
  ["230 Welcome, anna."],
  ["331 What is your name?", "230 Welcome, anna."],
  ["331 [AUTH PLAIN] What is your name?", "332 Password?", "235 Welcome, anna."],
];
for (const replies of LETS_IN) {
  Deno.test(`echo-client that was asked to log in believes no "${replies[0]}"`, async () => {
    await using server = scripted(...replies);
    using state = tempDir();
    const env = { XDG_STATE_HOME: state.path };
    for (const asked of [["--user", "anna"], ["--mode", "auth", "--user", "anna"]]) {
      const args = [...asked, "--password-stdin", "-m", "secret", `127.0.0.1:${server.port}`];
      const { code, stdout, stderr } = await runTool("echo-client", args, { stdin: `${PASSWORD}\n`, env });
      assertEquals([code, stdout, server.heard], [76, "", []]);
      assertStringIncludes(stderr, "--allow-downgrade");
    }
    const args = ["--allow-downgrade", "--user", "anna", "--password-stdin", "-m", "hello", `:${server.port}`];
    const allowed = await runTool("echo-client", args, { stdin: `${PASSWORD}\n`, env });
    assertEquals([allowed.code, allowed.stdout], [0, "hello\n"], allowed.stderr);
  });
}

Deno.test("echo-client gives no proof to a server that asks for fewer rounds than before", async () => {
  await using server = fakeServer("signs wrongly");
  using state = tempDir();
  Deno.mkdirSync(`${state.path}/echo-client`, { mode: 0o700 });
  const known = { [`127.0.0.1:${server.port} anna`]: 700_000 };
  Deno.writeTextFileSync(`${state.path}/echo-client/known_servers.json`, JSON.stringify(known), { mode: 0o600 });
  const args = ["login", "--user", "anna", "--password-stdin", `127.0.0.1:${server.port}`];
  const env = { XDG_STATE_HOME: state.path };
  const { code, stderr } = await runTool("echo-client", args, { stdin: `${PASSWORD}\n`, env });
  assertEquals([code, server.received.filter((text) => text !== "").length], [76, 1]);
  assertMatch(stderr, /rounds, where it asked for 700000 before/);
});

Deno.test("echo-client remembers the rounds of a log-in, uses a given password in spite of a session, and forgets one without a server", async () => {
  await using server = await startServer({ args: ["--mode", "auth"] });
  using state = tempDir();
  const env = { XDG_STATE_HOME: state.path };
  const to = `127.0.0.1:${server.port}`;
  const login = (...args: readonly string[]) =>
    runTool("echo-client", ["login", "--user", "anna", "--password-stdin", ...args, to], {
      stdin: `${PASSWORD}\n`,
      env,
    });
  assertEquals((await login("--register")).code, 0);
  assertEquals((await login()).code, 0);
  const known = JSON.parse(Deno.readTextFileSync(`${state.path}/echo-client/known_servers.json`));
  assertEquals(known, { [`${to} anna`]: 600_000 });
  const wrong = await runTool("echo-client", ["login", "--user", "anna", "--password-stdin", to], {
    stdin: "not the password\n",
    env,
  });
  assertEquals(wrong.code, 77, "the kept session does not stand in for a password that was given");
  await server.stop();
  const out = await runTool("echo-client", ["logout", to], { env });
  assertEquals(out.code, 0, out.stderr);
  assertMatch(out.stderr, /here only/);
  assertEquals((await runTool("echo-client", ["logout", to], { env })).code, 77);
});

Deno.test("A kept session does not stop echo-client at a server that asks for no log-in", async () => {
  await using server = await startServer();
  using state = tempDir();
  const to = `127.0.0.1:${server.port}`;
  const folder = `${state.path}/echo-client/sessions`;
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kept = { server: to, user: "anna", token: `es1.${"A".repeat(22)}.${"A".repeat(43)}`, expires: 2e12 };
  Deno.writeTextFileSync(`${folder}/x.json`, JSON.stringify(kept), { mode: 0o600 });
  const commands = [
    ["-m", "hi", to],
    ["ping", "-c", "2", "-i", "10ms", to],
    ["bench", "-n", "10", "-c", "3", "--no-floor", to],
    ["bench", "--connect", "-n", "3", "--warmup", "0s", to],
    ["bench", "--one-way", "-d", "100ms", "--warmup", "0s", to],
  ];
  for (const args of commands) {
    const { code, stdout, stderr } = await runTool("echo-client", args, { env: { XDG_STATE_HOME: state.path } });
    assertEquals([code, stdout === ""], [0, false], `${args.join(" ")}: ${stderr}`);
    assertEquals(stderr, "The server asks for no log-in; the saved session of anna is not used.\n", args.join(" "));
  }
});
