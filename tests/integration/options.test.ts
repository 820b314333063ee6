// Options that no other test uses: what each changes.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { freePort } from "../support/fake_server.ts";
import { hasPython } from "../support/python.ts";
import { inRepository } from "../support/repository.ts";
import { runTool, startServer, tempDir } from "../support/tools.ts";

Deno.test("echo-client -4 and -6 try addresses of one family only", async () => {
  await using server = await startServer({ args: ["--host", "127.0.0.1"] });
  const reach = async (...args: readonly string[]): Promise<number> =>
    (await runTool("echo-client", [...args, "-m", "hi", `localhost:${server.port}`])).code;
  assertEquals(await reach("-4"), 0);
  assertEquals(await reach("--ipv4"), 0);
  // Refused, or no such host where localhost is IPv4 only.
  assert([68, 69].includes(await reach("-6")));
  assert([68, 69].includes(await reach("--ipv6")));
});

Deno.test("echo-client explain --max-payload-shown shows so much of a payload; --scenario takes faults it has with it", async () => {
  await using server = await startServer();
  const port = freePort();
  const args = ["--listen", String(port), "--count", "2", "--max-payload-shown", "4B", "--scenario", "chopped"];
  const explained = runTool("echo-client", ["explain", `:${server.port}`, ...args]);
  // The connection of `wait` is the first one.
  assertEquals((await runTool("echo-client", ["wait", `:${port}`])).code, 0);
  assertEquals((await runTool("echo-client", ["-m", "y".repeat(40), `:${port}`])).stdout, `${"y".repeat(40)}\n`);
  const { code, stdout, stderr } = await explained;
  assertEquals([code, /yyyy/.test(stdout), /yyyyy/.test(stdout)], [0, true, false], stdout);
  assertMatch(stderr + stdout, /split=3B/);
});

Deno.test("echo-server --scenario takes faults that it has with it; others than this machine need --allow-faults", async () => {
  await using server = await startServer({ args: ["--scenario", "chopped"] });
  assertEquals((await runTool("echo-client", ["-m", "hello", `:${server.port}`])).stdout, "hello\n");
  assertMatch(await server.logged(/strikes/), /fault=split/);
  const args = ["--host", "0.0.0.0", "--scenario", "chopped", "--check-config"];
  const refused = await runTool("echo-server", args);
  assertEquals([refused.code, refused.stderr.includes("--allow-faults")], [64, true], refused.stderr);
  assertEquals((await runTool("echo-server", [...args, "--allow-faults"])).code, 0);
});

Deno.test("echo-server --page-token-file takes the token of the page from a file", async () => {
  using folder = tempDir();
  const token = "0123456789abcdef0123456789abcdef";
  Deno.writeTextFileSync(folder.at("token"), `\ufeff${token}\r\n`, { mode: 0o600 });
  const page = `127.0.0.1:${freePort()}`;
  await using _server = await startServer({ args: ["--page", page, "--page-token-file", folder.at("token")] });
  const status = async (query: string): Promise<number> => {
    const response = await fetch(`http://${page}/${query}`, { redirect: "manual" });
    await response.body?.cancel();
    return response.status;
  };
  assert(await status("") >= 400);
  assert(await status(`?token=${token}`) < 400);
});

Deno.test({
  name: "echo-client check --class: --in-place, --afresh, --jobs, --moodle, --gradescope, --classroom50",
  ignore: !hasPython,
  fn: async () => {
    using folder = tempDir();
    using out = tempDir();
    Deno.mkdirSync(folder.at("anna"));
    Deno.copyFileSync(inRepository("tests/lab/corpus/asyncio_frames.py"), folder.at("anna", "server.py"));
    const args = ["check", "--class", folder.path, "--tasks", "8", "--timeout", "20s", "--jobs", "1", "--json"];
    const files = {
      "--moodle": "moodle.csv",
      "--gradescope": "{name}.grade.json",
      "--classroom50": "{name}.room.json",
    };
    const outputs = Object.entries(files).flatMap(([option, name]) => [option, out.at(name)]);
    const { stdout, stderr } = await runTool("echo-client", [...args, "--in-place", "--afresh", ...outputs]);
    assertEquals(JSON.parse(stdout).submissions.length, 1, stderr);
    assertStringIncludes(Deno.readTextFileSync(out.at("moodle.csv")), "Grade");
    assertEquals(typeof JSON.parse(Deno.readTextFileSync(out.at("anna.grade.json"))).score, "number");
    assertStringIncludes(JSON.parse(Deno.readTextFileSync(out.at("anna.room.json"))).schema, "classroom50");
    // What runs where it lies leaves its traces there.
    assert(Array.from(Deno.readDirSync(folder.at("anna"))).length > 1);
  },
});
