import { assertEquals } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { runProgram, tempDir } from "../support/programs.ts";
import { inRepository } from "../support/repository.ts";

const ENTRIES = Object.values(manifest.exports);

Deno.test("The entry points load and work in a folder that has no configuration", async () => {
  using folder = tempDir();
  const [conn, server, client] = ENTRIES.map((path) => JSON.stringify(`file://${inRepository(path)}`));
  const program = `
      import { FramedConn } from ${conn};
      import { startEchoServer } from ${server};
      import { connect, LoginError } from ${client};
      await using server = await startEchoServer({ mode: "auth", users: { Anna: "correct horse" } });
      await using client = await connect({ port: server.port });
      const { name } = await client.login({ name: "Anna", password: "correct horse" });
      const { differsAt } = await client.echo("hello");
      await using other = await connect({ port: server.port });
      const refused: unknown = await other.login({ name: "Anna", password: "wrong horse" }).catch((error) => error);
      console.log(name, differsAt, refused instanceof LoginError && refused.code, client.conn instanceof FramedConn);
    `;
  await Deno.writeTextFile(folder.at("main.ts"), program);
  const args = ["run", "--quiet", "--cached-only", "--no-prompt", "--allow-net=127.0.0.1", "main.ts"];
  const { code, stdout, stderr } = await runProgram(Deno.execPath(), args, { cwd: folder.path });
  assertEquals([code, stdout, stderr], [0, "Anna -1 login_incorrect true\n", ""]);
});

Deno.test("What is published is the library and its pages, nothing of the tools", async () => {
  const args = ["publish", "--dry-run", "--allow-dirty", "--no-check"];
  const { code, stdout, stderr } = await runProgram(Deno.execPath(), args, { cwd: inRepository(".") });
  assertEquals(code, 0, stderr);
  const root = `file://${inRepository("")}`.replace(/\/*$/, "/");
  const files = Array.from((stdout + stderr).matchAll(/file:\/\/(\S+) \(/g), ([, path]) => `file://${path}`)
    .map((path) => path.replace(root, ""));
  const pages = files.filter((path) => !path.startsWith("lib/"));
  assertEquals(pages.sort(), ["CHANGELOG.md", "LICENSE", "README.md", "deno.json", "docs/library.md"]);
  const rooms = new Set(files.filter((path) => path.startsWith("lib/")).map((path) => path.split("/")[1]));
  assertEquals([...rooms].sort(), [
    "auth",
    "base",
    "client",
    "framed_conn.ts",
    "framing",
    "net",
    "protocol",
    "server",
    "store",
  ]);
});

Deno.test("Everything that the entry points export is documented", async () => {
  const { code, stderr } = await runProgram(Deno.execPath(), ["doc", "--lint", ...ENTRIES], { cwd: inRepository(".") });
  assertEquals(code, 0, stderr);
});
