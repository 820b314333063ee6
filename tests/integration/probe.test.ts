import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Finished, isInstalled, runProgram } from "../support/programs.ts";
import { middlebox } from "../support/middleboxes.ts";
import { reservePort } from "../support/ports.ts";
import { runTool, startServer, tempDir, toolPath } from "../support/tools.ts";

/** Runs probe with `--json`; what it found, by id. */
async function probe(port: number, ...args: string[]): Promise<{ code: number; findings: string[]; notes: string[] }> {
  return told(await runTool("echo-client", ["probe", `127.0.0.1:${port}`, "--json", "--timeout", "1s", ...args]));
}

function told({ code, stdout, stderr }: Finished): { code: number; findings: string[]; notes: string[] } {
  assertEquals(stderr, "");
  const { findings, notes } = JSON.parse(stdout);
  const ids = (facts: readonly { id: string }[]): string[] => facts.map(({ id }) => id);
  return { code, findings: ids(findings), notes: ids(notes) };
}

Deno.test({
  name: "probe finds nothing behind HAProxy in TCP mode, and its idle timeout",
  ignore: !isInstalled("haproxy"),
  fn: async () => {
    using dir = tempDir();
    await using server = await startServer();
    using place = reservePort();
    const { port } = place;
    Deno.writeTextFileSync(
      dir.at("haproxy.cfg"),
      `defaults
  mode tcp
  timeout connect 1s
  timeout client 2s
  timeout server 2s
listen echo
  bind 127.0.0.1:${port}
  server one 127.0.0.1:${server.port}
`,
    );
    const haproxy = new Deno.Command("haproxy", {
      args: ["-db", "-q", "-f", dir.at("haproxy.cfg")],
      ...{ stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
    try {
      await runTool("echo-client", ["wait", `127.0.0.1:${port}`]);
      const quick = await probe(port, "--quick");
      assertEquals([quick.code, quick.findings], [0, []]);
      assert(quick.notes.includes("clean") && quick.notes.includes("half_close"), quick.notes.join());
      const slow = await probe(port, "--idle-max", "4s");
      assertEquals([slow.code, slow.findings], [10, ["idle_ended"]]);
      assert(slow.notes.includes("held_by_messages"), slow.notes.join());
      // The system's time for keep-alive is found out: HAProxy counts none of it.
      assert(slow.notes.some((id) => id === "keep_alive_late" || id === "keep_alive_fails"), slow.notes.join());
    } finally {
      haproxy.kill("SIGTERM");
      await haproxy.status;
    }
  },
});

Deno.test({
  name: "probe tells a maximum segment size of 500",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0 || !isInstalled("unshare"),
  fn: async () => {
    using dir = tempDir();
    // A network of its own, whose packets have 540 bytes: 500 without both headers.
    const script = `ip link set lo up mtu 540 || exit 99
"$1" --no-input --port 9090 --data "$2" > "$2/out" 2>&1 &
"$3" wait 127.0.0.1:9090 2> /dev/null
"$3" probe --quick --json 127.0.0.1:9090
code=$?
kill $!
wait
exit $code`;
    const finished = await runProgram("unshare", [
      ...["-n", "sh", "-c", script, "sh", toolPath("echo-server"), dir.path, toolPath("echo-client")],
    ]);
    // Containers may be refused a network of their own.
    if (finished.code === 99 || finished.stderr.includes("unshare failed")) return;
    const { code, findings } = told(finished);
    assertEquals([code, findings], [10, ["small_mss"]]);
  },
});

Deno.test("probe says in sentences, on a page, and by its exit code what is on the path", async () => {
  using dir = tempDir();
  await using server = await startServer();
  await using box = middlebox({
    to: server.port,
    change: (bytes) => bytes.forEach((byte, at) => bytes[at] = byte & 0x7f),
  });
  const page = dir.at("path.html");
  const args = ["probe", "--quick", `127.0.0.1:${box.port}`, "--html", page];
  const { code, stdout } = await runTool("echo-client", [...args, "--lang", "en"]);
  assertEquals(code, 10);
  assertStringIncludes(stdout, "The path is not 8-bit clean.");
  assertStringIncludes(Deno.readTextFileSync(page), "The path is not 8-bit clean.");
  const russian = await runTool("echo-client", [...args, "--lang", "ru"]);
  assertStringIncludes(russian.stdout, "Восьмой бит обнуляется");
  await using dead = middlebox({});
  const { findings } = await probe(dead.port, "--quick");
  assertEquals(findings, ["no_answer"]);
  await using balanced = await startServer({ args: ["--proxy-protocol", "127.0.0.1/32"] });
  const through = await probe(balanced.port, "--quick", "-4", "--send-proxy", "v2");
  assertEquals([through.code, through.findings], [0, []]);
  using nothing = reservePort();
  const refused = await runTool("echo-client", ["probe", `127.0.0.1:${nothing.port}`]);
  assertEquals(refused.code, 69);
});
