// Registration by invitation, as an administrator and a new user meet it.
import { assertEquals, assertMatch } from "@std/assert";
import { ask, codeOf, PASSWORD, registration } from "../support/auth.ts";
import { type Finished, type RunOptions, runTool, startServer, type TempDir, tempDir } from "../support/tools.ts";

/** Logs in as somebody new, with a home of its own. */
async function register(
  { port, name, args = [], home }: { port: number; name: string; args?: readonly string[]; home: TempDir },
  options: RunOptions = {},
): Promise<Finished> {
  const common = ["login", "--register", "-u", name, "--password-stdin", `127.0.0.1:${port}`];
  return await runTool("echo-client", [...common, ...args], {
    stdin: `${PASSWORD}\n`,
    ...options,
    env: { XDG_STATE_HOME: home.path, ...options.env ?? {} },
  });
}

for (const workers of ["1", "2"]) {
  Deno.test(`--registration invite: a code lets one user in, with --workers ${workers}`, async () => {
    using home = tempDir();
    await using server = await startServer({
      args: ["--mode", "auth", "--registration", "invite", "--workers", workers],
    });
    const { port, data } = server;
    const made = await runTool("echo-server", ["users", "invite", "--count", "3", "--data", data]);
    const [first = "", second = "", third = ""] = made.stdout.trim().split("\n");
    assertEquals([made.code, made.stdout.trim().split("\n").length], [0, 3]);
    for (const code of [first, second, third]) assertMatch(code, /^ei1\.[\w-]{22}$/);

    const without = await register({ port, name: "Eve", home });
    assertEquals([without.code, /invitation/.test(without.stderr)], [77, true]);
    assertEquals(
      (await register({ port, name: "Eve", home, args: ["--invite", "ei1.aaaaaaaaaaaaaaaaaaaaaa"] })).code,
      77,
    );
    assertEquals((await register({ port, name: "Anna", home, args: ["--invite", first] })).code, 0);
    assertEquals((await register({ port, name: "Eve", home, args: ["--invite", first] })).code, 77);

    // By a line of the input, a file, or the environment: not every machine is its user's alone.
    const stdin = `${PASSWORD}\n${second}\n`;
    assertEquals((await register({ port, name: "Boris", home, args: ["--invite", "-"] }, { stdin })).code, 0);
    assertEquals((await register({ port, name: "Clara", home }, { env: { ECHO_INVITE: third } })).code, 0);

    const log = server.log();
    for (const code of [first, second, third]) assertEquals(log.includes(code.slice(4)), false, "a code in the log");
  });
}

Deno.test("users invite: a code expires, and --revoke ends all that are left", async () => {
  using home = tempDir();
  await using server = await startServer({ args: ["--mode", "auth", "--registration", "invite"] });
  const { port, data } = server;
  const invite = async (...args: string[]): Promise<Finished> =>
    await runTool("echo-server", ["users", "invite", "--data", data, ...args]);
  const [{ code, expires_at: expires }] = JSON.parse((await invite("--json", "--valid", "1h")).stdout);
  assertEquals(Math.abs(Date.parse(expires) - Date.now() - 3_600_000) < 60_000, true);
  const late = (await invite("--valid", "1ms")).stdout.trim();
  assertEquals(codeOf(await ask(port, `${registration("Late")} ${late}`)), "501");
  assertEquals((await invite("--revoke")).code, 64, "nobody can be asked");
  const revoked = await invite("--revoke", "--yes");
  assertMatch(revoked.stdout, /^Invitations ended: [12]\.\n$/);
  assertEquals((await register({ port, name: "Anna", home, args: ["--invite", code] })).code, 77);
  assertEquals((await invite("--count", "0")).code, 64);
  assertEquals((await invite("--valid", "0s")).code, 64);
});
