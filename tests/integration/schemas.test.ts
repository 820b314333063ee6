import { assert, assertEquals } from "@std/assert";
import { PASSWORD, startAuth } from "../support/auth.ts";
import { freePort } from "../support/fake_server.ts";
import { schemaFaults } from "../support/json_schema.ts";
import { inRepository } from "../support/repository.ts";
import { runTool, startServer, tempDir } from "../support/tools.ts";

/** A schema, the command that prints what it describes, and where that is not standard output. */
type Case = readonly [schema: string, tool: "echo-server" | "echo-client", line: string, from?: "stderr"];

const CASES: readonly Case[] = [
  ["error", "echo-client", "--json -m hi :1", "stderr"],
  ["error", "echo-server", "users remove nobody --json --data DATA", "stderr"],
  ["wait", "echo-client", "wait --json :ECHO"],
  ["reply", "echo-client", "--json -m hi -m hello :ECHO"],
  ["reply", "echo-client", "--json --hex -m ff :ECHO"],
  ["reply", "echo-client", "--json --udp --timeout 50ms -m hi :ECHO"],
  ["session", "echo-client", "login --json --user anna --password-file PASSWORD :AUTH"],
  ["session", "echo-client", "whoami --json :AUTH"],
  ["ping", "echo-client", "ping --json -c 2 -i 10ms :ECHO"],
  ["ping", "echo-client", "ping --udp --json -c 2 -i 10ms :ECHO"],
  ["bench", "echo-client", "bench --json --no-floor -n 100 :ECHO"],
  ["bench", "echo-client", "bench --json --udp -n 20 --rate 200 :ECHO"],
  ["bench", "echo-client", "bench --json --no-floor -n 10 --connect :ECHO"],
  ["bench", "echo-client", "bench --json --no-floor -d 200ms --warmup 0s --rate 100..300 :ECHO"],
  ["bench", "echo-client", "bench --json --no-floor -d 200ms --warmup 0s --rate 200 --fail-if p99<0us :ECHO"],
  ["bench", "echo-client", "bench --json -n 100 --runs 2 :ECHO"],
  ["one-way", "echo-client", "bench --one-way --json -d 100ms --warmup 0s :ECHO"],
  ["probe", "echo-client", "probe --quick --json :ECHO"],
  ["replay", "echo-client", "replay --fast --json RECORD :ECHO"],
  ["explain", "echo-client", "explain --json --read RECORD"],
  ["check", "echo-client", "check --json --tasks 8 :ECHO"],
  ["change", "echo-server", "cert --json --out OUT"],
  ["users", "echo-server", "users list --json --data DATA"],
  ["user", "echo-server", "users export --data DATA"],
  ["sessions", "echo-server", "sessions list --json --data DATA"],
  ["change", "echo-server", "sessions revoke anna --json --dry-run --data DATA"],
  ["change", "echo-server", "users disable anna --json --data DATA"],
  ["hosts", "echo-server", "hosts list --json --data DATA"],
];

function check(schema: string, text: string, line: string): void {
  const values = text.trim().split("\n");
  assert(text !== "", line);
  for (const value of values) assertEquals(schemaFaults(schema, JSON.parse(value)), [], `${line}: ${value}`);
}

Deno.test("What the tools print with --json is what its schema says", async () => {
  using folder = tempDir();
  Deno.writeTextFileSync(folder.at("password"), `${PASSWORD}\n`, { mode: 0o600 });
  await using echo = await startServer({ args: ["--json", "--log-format", "json", "--udp"] });
  await using auth = await startAuth(["anna"], { args: ["--json"] });
  check("listening", echo.announced, "echo-server --json");
  const names = new Map([
    ["ECHO", String(echo.port)],
    ["AUTH", String(auth.port)],
    ["DATA", auth.data],
    ["OUT", folder.at("tls")],
    ["PASSWORD", folder.at("password")],
    ["RECORD", folder.at("record")],
  ]);
  // A frame that its server echoed wrongly.
  Deno.writeTextFileSync(
    folder.at("record"),
    `{"record":"echo-client","version":1}
{"event":"open","connection":1,"at":1,"transport":"tcp","client":"127.0.0.1:5000","server":"127.0.0.1:9090","connect_ms":null}
{"event":"data","connection":1,"at":2,"from":"client","data":"AAAAAWE="}
{"event":"data","connection":1,"at":3,"from":"server","data":"AAAAAWI="}
{"event":"close","connection":1,"at":4}
`,
  );
  const env = { XDG_STATE_HOME: folder.at("state") };
  const results: string[] = [];
  for (const [schema, tool, line, from = "stdout"] of CASES) {
    const args = line.split(" ").map((word) => word.replace(/[A-Z]{3,}/, (name) => names.get(name) ?? name));
    const finished = await runTool(tool, args, { env });
    check(schema, finished[from], line);
    if (schema === "bench") results.push(finished.stdout);
  }
  const [a = "", b = ""] = [folder.at("a"), folder.at("b")];
  Deno.writeTextFileSync(a, results[0] ?? "");
  Deno.writeTextFileSync(b, results[1] ?? "");
  check("compare", (await runTool("echo-client", ["compare", "--json", a, b])).stdout, "compare");
  check("log", echo.log(), "--log-format json");
});

Deno.test("What explain --json prints of live connections is what its schema says", async () => {
  await using echo = await startServer();
  const port = freePort();
  const args = ["explain", "--json", "--listen", String(port), "--count", "2", "--fault", "down:split=3B"];
  const explained = runTool("echo-client", [...args, `:${echo.port}`]);
  // The connection of `wait` is the first one.
  assertEquals((await runTool("echo-client", ["wait", `:${port}`])).code, 0);
  assertEquals((await runTool("echo-client", ["-m", "hello", `:${port}`])).stdout, "hello\n");
  const { code, stdout, stderr } = await explained;
  assertEquals(code, 0, stderr);
  check("explain", stdout, "explain");
  const events = new Set(stdout.trim().split("\n").map((line) => JSON.parse(line).event));
  for (const event of ["listening", "open", "read", "frame", "fault", "end", "close", "summary"]) {
    assert(events.has(event), `${event}: ${stdout}`);
  }
});

Deno.test("A schema refuses what is wrong", () => {
  assertEquals(schemaFaults("reply", { number: 1, text: "hi", bytes: 2, sent_bytes: 2, match: true, rtt_ms: 1 }), []);
  assert(schemaFaults("reply", { number: 1, text: "hi" }).length > 0);
  assert(schemaFaults("error", { error: { code: "refused", message: "…", exit: "69" } }).length > 0);
  assert(schemaFaults("users", [{ name: "anna", disabled: false, created_at: "yesterday" }]).length > 0);
});

Deno.test("docs/json.md links every schema", () => {
  const page = Deno.readTextFileSync(inRepository("docs/json.md"));
  const names = Array.from(Deno.readDirSync(inRepository("docs/schemas")), ({ name }) => name);
  assertEquals(names.filter((name) => !page.includes(`(schemas/${name})`)), []);
});
