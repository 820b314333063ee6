import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type Finished, runProgram, runTool, startServer, tempDir, toolPath } from "../support/tools.ts";

const UTF16 = Uint8Array.of(0xff, 0xfe, ...Array.from("127.0.0.1\r\n").flatMap((char) => [char.charCodeAt(0), 0]));

Deno.test("A list of --allow that was emptied lets nobody in after SIGHUP; filled again, it does", async () => {
  const folder = await Deno.makeTempDir();
  const list = join(folder, "allowed");
  await Deno.writeTextFile(list, "\ufeff# this machine\r\n127.0.0.1\r\n");
  await using server = await startServer({ args: ["--allow", `@${list}`] });
  const isServed = async (): Promise<boolean> =>
    (await runTool("echo-client", ["-m", "hi", `:${server.port}`])).code === 0;
  assertEquals(await isServed(), true);
  await Deno.writeTextFile(list, "# this machine\r\n# 127.0.0.1\r\n");
  server.kill("SIGHUP");
  await server.logged(/warn.*list of --allow is empty/i);
  await server.logged(/lists read again/);
  assertEquals(await isServed(), false);
  await Deno.writeFile(list, UTF16);
  server.kill("SIGHUP");
  await server.logged(/Cannot reload: .*UTF-16/);
  assertEquals(await isServed(), false);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("UTF-16 is named in every file that people write", async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "file");
  await Deno.writeFile(file, UTF16, { mode: 0o600 });
  const data = ["--data", join(folder, "data")];
  const cases: readonly (readonly ["echo-server" | "echo-client", readonly string[], string?])[] = [
    ["echo-server", ["--allow", `@${file}`, "--check-config"]],
    ["echo-server", ["--deny", `@${file}`, "--check-config"]],
    ["echo-server", ["--config", file, "--check-config"]],
    ["echo-server", ["users", "import", ...data], file],
    ["echo-server", ["users", "add", "anna", ...data], file],
    ["echo-client", ["--config", file, "-m", "hi"]],
    ["echo-client", ["compare", file, file]],
    ["echo-client", ["--tls", "--ca", file, "-m", "hi"]],
    ["echo-client", ["login", "--user", "anna", "--password-file", file]],
  ];
  for (const [tool, args, input] of cases) {
    const stdin = input === undefined ? {} : { stdin: await Deno.readFile(input) };
    const { code, stderr } = await runTool(tool, args, stdin);
    assertEquals(code, 78, `${args.join(" ")}: ${stderr}`);
    assertStringIncludes(stderr, "UTF-16", args.join(" "));
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("`allow = []` in a configuration file lets nobody in", async () => {
  const config = await Deno.makeTempFile({ suffix: ".toml" });
  await Deno.writeTextFile(config, "allow = [] # nobody yet\r\n");
  await using server = await startServer({ args: ["--config", config] });
  assertEquals((await runTool("echo-client", ["-m", "hi", `:${server.port}`])).code, 69);
  await Deno.remove(config);
});

Deno.test("users import takes comments, a byte order mark and CRLF", async () => {
  const folder = await Deno.makeTempDir();
  const password = { stdin: "correct horse\n" };
  await runTool("echo-server", ["users", "add", "anna", "--data", join(folder, "a")], password);
  const { stdout } = await runTool("echo-server", ["users", "export", "--data", join(folder, "a")]);
  const stdin = `\ufeff# moved\r\n${stdout.replaceAll("\n", "\r\n")}`;
  const imported = await runTool("echo-server", ["users", "import", "--json", "--data", join(folder, "b")], { stdin });
  assertEquals([imported.code, JSON.parse(imported.stdout).created], [0, 1], imported.stderr);
  await Deno.remove(folder, { recursive: true });
});

Deno.test({
  name: "A limit of file size is told as a disk is that is full: of a report, of standard output",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using folder = tempDir();
    const run = (...args: string[]): Promise<Finished> =>
      runProgram("prlimit", ["--fsize=64:64", "sh", "-c", ...args, toolPath("echo-client")]);
    const help = await run('exec "$1" help bench > "$0"', folder.at("help"));
    assertEquals([help.code, help.stderr], [73, "echo-client: Cannot write standard output: file too large.\n"]);
    await using server = await startServer();
    const command = `exec "$1" bench -n 20 --no-floor --csv "$0" 127.0.0.1:${server.port}`;
    const { code, stderr } = await run(command, folder.at("runs.csv"));
    assertEquals(code, 73, stderr);
    assertStringIncludes(stderr, "runs.csv: file too large");
  },
});
