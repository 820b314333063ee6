// A kept session and whoever listens on the server's port.
import { assertEquals, assertMatch } from "@std/assert";
import { FramedConn } from "../../lib/framed_conn.ts";
import { PASSWORD, startAuth } from "../support/auth.ts";
import { fakeServer } from "../support/fake_server.ts";
import { type Finished, runTool, type TempDir, tempDir } from "../support/tools.ts";

async function client(home: TempDir, args: readonly string[], stdin?: string): Promise<Finished> {
  return await runTool("echo-client", args, {
    env: { XDG_STATE_HOME: home.path },
    ...stdin === undefined ? {} : { stdin },
  });
}

/** The token that the client keeps. */
function keptToken({ path }: TempDir): string {
  const folder = `${path}/echo-client/sessions`;
  const [file] = [...Deno.readDirSync(folder)];
  return JSON.parse(Deno.readTextFileSync(`${folder}/${file?.name}`)).token;
}

for (const workers of ["1", "2"]) {
  Deno.test(`a session on loopback is resumed without its token on the wire, --workers ${workers}`, async () => {
    using home = tempDir();
    await using server = await startAuth(["Anna"], { args: ["--workers", workers] });
    const address = `127.0.0.1:${server.port}`;
    const login = ["login", "-u", "Anna", "--password-stdin", address];
    assertEquals((await client(home, login, `${PASSWORD}\n`)).code, 0);
    for (let times = 0; times < 3; times++) {
      const before = keptToken(home);
      assertEquals((await client(home, ["-m", "hello", address])).stdout, "hello\n");
      assertEquals(keptToken(home) === before, false, "replaced at each use");
    }
    assertEquals((await client(home, ["whoami", address])).stdout, "Anna\n");
    const token = keptToken(home);
    assertEquals((await client(home, ["logout", address])).code, 0);
    // It is over on the server as well.
    const folder = `${home.path}/echo-client/sessions`;
    Deno.writeTextFileSync(
      `${folder}/kept.json`,
      JSON.stringify({ server: address, user: "Anna", token, expires: Date.now() + 3_600_000 }),
      { mode: 0o600 },
    );
    assertEquals((await client(home, ["whoami", address])).code, 77);
  });
}

Deno.test("whoever listens on the port of a server that has gone gets no token", async () => {
  using home = tempDir();
  const said: string[] = [];
  // It says yes to all, and challenges where it is asked to.
  await using thief = fakeServer(async (wire) => {
    const conn = new FramedConn(wire);
    await conn.send("331 [AUTH SCRAM-SHA-256 TOKEN PLAIN] What is your name?");
    for (let text = await conn.receiveText(); text !== null; text = await conn.receiveText()) {
      said.push(text);
      await conn.send(text.startsWith("AUTH SEALED") ? `334 ${btoa("0123456789abcdef")}` : "235 Welcome back, Anna.");
    }
  });
  const address = `127.0.0.1:${thief.port}`;
  {
    await using server = await startAuth(["Anna"]);
    const login = ["login", "-u", "Anna", "--password-stdin", `127.0.0.1:${server.port}`];
    assertEquals((await client(home, login, `${PASSWORD}\n`)).code, 0);
  }
  const token = keptToken(home);
  const folder = `${home.path}/echo-client/sessions`;
  const kept = { server: address, user: "Anna", token, expires: Date.now() + 3_600_000 };
  Deno.writeTextFileSync(`${folder}/kept.json`, JSON.stringify(kept), { mode: 0o600 });
  for (const args of [["-m", "secret message"], ["whoami"], ["logout"]]) {
    const { code, stdout } = await client(home, [...args, address]);
    if (args[0] !== "logout") assertEquals(code, 76);
    assertEquals(stdout, "");
    Deno.writeTextFileSync(`${folder}/kept.json`, JSON.stringify(kept), { mode: 0o600 });
  }
  const all = said.join("\n");
  assertMatch(all, /^AUTH SEALED /);
  assertEquals([all.includes(token.slice(-21)), all.includes("secret message")], [false, false]);
});

Deno.test("a session that cannot be kept stops no message, and login says why it is not kept", async () => {
  await using server = await startAuth(["Anna"]);
  const run = (args: readonly string[], state: string, stdin: string): Promise<Finished> =>
    runTool("echo-client", [...args, "-u", "Anna", "--password-stdin", `:${server.port}`], {
      env: { XDG_STATE_HOME: state, HOME: "" },
      stdin,
    });
  const sent = await run([], "/dev/null", `${PASSWORD}\nhello\n`);
  assertEquals([sent.code, sent.stdout], [0, "hello\n"]);
  assertMatch(sent.stderr, /^The session is not kept: Cannot (?:read|write) \/dev\/null\/echo-client/);
  assertEquals((await run(["login"], "/dev/null", `${PASSWORD}\n`)).code, 73);
  const homeless = await run(["login"], "", `${PASSWORD}\n`);
  assertEquals(
    homeless.stdout,
    "Logged in as Anna. The session is not kept: there is no folder for it (HOME, XDG_STATE_HOME).\n",
  );
});
