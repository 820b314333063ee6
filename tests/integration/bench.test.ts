import { assert, assertEquals, assertGreater, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { fakeServer, freePort, swallow } from "../support/fake_server.ts";
import { PASSWORD, startAuth } from "../support/auth.ts";
import { isLong } from "../support/long.ts";
import { delay } from "../../lib/base/delay.ts";
import { writeAll } from "../support/net.ts";
import { type Finished, runTool, sharedServer, startServer, tempDir, toolPath, until } from "../support/tools.ts";

/** For tests that only ask for its echo. */
const shared = await sharedServer();

/** So many frames, however busy the machine is, and without what is tested once. */
const SHORT = ["-n", "300", "--no-floor"];
/** So long, where the time is what is tested. */
const TIMED = ["--duration", "400ms", "--warmup", "100ms", "--no-floor"];

/** Sends everything back, as plainly as can be. */
async function echo(conn: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(65536);
  for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
    await writeAll(conn, buffer.subarray(0, read));
  }
}

/** Starts the client; what it prints is there at its end. */
function startClient(args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(toolPath("echo-client"), {
    ...{ args: [...args], stdin: "null", stdout: "piped", stderr: "null", env: { LC_ALL: "C" } },
  }).spawn();
}

/** Runs `bench --json` against a port; its exit code and result. */
async function benchJson(
  port: number,
  args: readonly string[] = [],
  short: readonly string[] = SHORT,
  // deno-lint-ignore no-explicit-any -- a result is looked at as its readers do
): Promise<{ code: number; result: any }> {
  const { code, stdout, stderr } = await runTool("echo-client", ["bench", "--json", ...short, ...args, `:${port}`]);
  assertEquals(stderr, "");
  assertMatch(stdout, /^\{[^\n]*\}\n$/, "one line");
  return { code, result: JSON.parse(stdout) };
}

Deno.test("echo-client bench --json tells what it measured, every figure with its unit", async () => {
  const { code, result } = await benchJson(shared.port, ["-c", "3", "-w", "8", "-s", "100B"], TIMED);
  assertEquals(code, 0);
  assertGreater(result.count, 0);
  assertEquals(result.settings, {
    ...{ target: `127.0.0.1:${shared.port}`, framing: "u32", mode: "closed", connections: 3, window: 8 },
    ...{ size_bytes: 100, duration_ms: 400, warmup_ms: 100, threads: 1 },
  });
  const { min, p50, p90, p99, p99_9, max } = result.latency_us;
  assertEquals([min, p50, p90, p99, p99_9, max], [min, p50, p90, p99, p99_9, max].toSorted((a, b) => a - b));
  assertGreater(min, 1);
  assert(result.fairness.jain > 0.3 && result.fairness.jain <= 1);
  assertEquals([result.errors, result.unsent, result.lost, result.pending, result.thresholds], [0, 0, 0, 0, []]);
  assertEquals([result.due, result.sent], [result.answered, result.answered]);
  assertEquals(Math.round(result.bytes_per_s / result.rate_per_s), 100);
});

Deno.test("echo-client bench speaks framings of every kind, and raw", async () => {
  for (const framing of ["u16le", "dec:8", "line", "raw"]) {
    await using server = await startServer({ args: ["--framing", framing] });
    const { code, result } = await benchJson(server.port, ["--framing", framing, "-w", "4"]);
    assertEquals([code, result.settings.framing, result.errors], [0, framing, 0]);
    assertGreater(result.count, 0, framing);
  }
});

Deno.test("echo-client bench moves frames that are larger than any buffer", async () => {
  const { code, result } = await benchJson(shared.port, ["-s", "1MiB", "-w", "4"], ["-n", "20", "--no-floor"]);
  assertEquals([code, result.errors], [0, 0]);
  assertGreater(result.count, 0);
  if (Deno.build.os === "linux") assertEquals(result.tcp_info?.connections, 1);
});

Deno.test("echo-client bench measures over a Unix socket", async () => {
  using folder = tempDir();
  const path = `unix:${folder.at("echo.sock")}`;
  await using _server = await startServer({ args: ["--host", path] });
  const { code, stdout } = await runTool("echo-client", ["bench", "--json", ...SHORT, path]);
  assertEquals([code, JSON.parse(stdout).settings.target], [0, path]);
});

Deno.test("echo-client bench shares its time among connections that Deno alone would starve", async () => {
  const { code, result } = await benchJson(shared.port, ["-c", "150"], [
    "--no-floor",
    "--duration",
    "1s",
    "--warmup",
    "300ms",
  ]);
  assertEquals([code, result.errors], [0, 0]);
  assertGreater(result.fairness.slowest.frames, 0);
  assertGreater(result.fairness.jain, 0.5);
});

Deno.test("echo-client bench draws a report, measures its floor first and ends with a verdict", async () => {
  const args = ["bench", "--duration", "200ms", "--warmup", "50ms", "-c", "2", `:${shared.port}`];
  const { code, stdout, stderr } = await runTool("echo-client", args);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, / {2}floor {5}[\d .]+ frames\/s, p50 [\d.]+ [µm]s/);
  assertMatch(stdout, / {2}verified {2}[\d ]+ · [\d .]+ frames\/s · [\d.]+ ([KM]i)?B\/s each way · errors 0\n/);
  assertMatch(stdout, / {2}fairness {2}Jain [01]\.\d{4} over 2 connections; slowest: no\. [12] with/);
  assertMatch(stdout, / – .* {2}█+/, "the histogram");
  assertMatch(stdout, /\n\n[^\n]+\.\n$/, "the verdict");
});

Deno.test("echo-client bench speaks Russian where it is asked to", async () => {
  const { stdout } = await runTool("echo-client", ["bench", "--lang", "ru", ...SHORT, `:${shared.port}`]);
  assertStringIncludes(stdout, "кадров/с");
});

Deno.test("echo-client bench --fail-if exits with 10 when a bound is passed, and with 0 when all are kept", async () => {
  const passed = await benchJson(shared.port, ["--fail-if", "p99>0.1us", "--fail-if", "errors>0"]);
  assertEquals(passed.code, 10);
  // deno-lint-ignore no-explicit-any -- a result is looked at as its readers do
  assertEquals(passed.result.thresholds.map(({ text, fails }: any) => [text, fails]), [
    ["p99>0.1us", true],
    ["errors>0", false],
  ]);
  const kept = await benchJson(shared.port, ["--fail-if", "p99.9 > 60s", "--fail-if", "rate<1"]);
  assertEquals(kept.code, 0);
});

/** A run in which all that was due was sent: where the machine pauses, frames that were due then are told as unsent. */
async function undisturbed(run: () => ReturnType<typeof benchJson>): ReturnType<typeof benchJson> {
  for (let tries = 1;; tries++) {
    const ran = await run();
    assertEquals(ran.result.due, ran.result.sent + ran.result.unsent);
    if (ran.result.unsent === 0 || tries === 20) return ran;
  }
}

Deno.test("echo-client bench --rate keeps the rate", async () => {
  const args = ["--rate", "500", "-c", "5"];
  const { code, result } = await undisturbed(() => benchJson(shared.port, args, TIMED));
  assertEquals([code, result.settings.mode, result.settings.rate_per_s], [0, "open", 500]);
  // 200 frames are due in 400 ms, whenever their echoes come.
  assertEquals([result.due, result.sent, result.unsent, result.answered], [200, 200, 0, 200]);
  assertEquals(result.latency_us.count, 200);
});

Deno.test("echo-client bench --rate shows a stall from when frames were due, not from when they were sent", async () => {
  let read = 0;
  await using server = fakeServer(async (conn) => {
    const buffer = new Uint8Array(65536);
    let hasStalled = false;
    for (let length = await conn.read(buffer); length !== null; length = await conn.read(buffer)) {
      read += length;
      if (!hasStalled && read > 68 * 20) {
        hasStalled = true;
        await new Promise((go) => setTimeout(go, 200));
      }
      await writeAll(conn, buffer.subarray(0, length));
    }
  });
  const args = ["--mode", "echo", "--rate", "200"];
  const { result } = await benchJson(server.port, args, [...TIMED, "--warmup", "30ms"]);
  // Of some 80 frames, 40 were due during the stall; one of them was sent before it.
  assertGreater(result.latency_us.p90, 50_000);
  assertGreater(result.latency_us.max, 190_000);
  assertLess(result.from_sent_us.p90, result.latency_us.p90 / 2);
  assertGreater(result.from_sent_us.max, 190_000);
  assertEquals([result.due, result.due], [80, result.sent + result.unsent]);
  assertEquals(result.sent, result.answered + result.lost + result.pending);
});

Deno.test("echo-client bench --threads divides the connections, and tells of them as one", async () => {
  await using server = fakeServer(echo);
  const common = ["--mode", "echo", "--threads", "2", "-c", "3"];
  const { code, result } = await benchJson(server.port, [...common, "-w", "4"], TIMED);
  assertEquals([code, result.settings.threads, result.errors, server.clients], [0, 2, 0, 3]);
  assertGreater(result.fairness.slowest.frames, 0);
  assertEquals(result.elapsed_ms, result.settings.duration_ms);
  // Frames that were on their way at one end of the measured time, 12 at most, count for one of both.
  assert(Math.abs(result.count - result.latency_us.count) <= 12, `${result.count} ${result.latency_us.count}`);
  const open = await benchJson(server.port, [...common, "--rate", "500"], TIMED);
  assert(
    Math.abs(open.result.latency_us.count - open.result.settings.duration_ms / 2) <= 3,
    String(open.result.latency_us.count),
  );
});

Deno.test("echo-client bench --threads ends with what one of them met: a wrong echo, silence, nobody", async () => {
  for (
    const [serve, code] of [
      // Only the last connection, which is the second thread's, is answered wrongly, or not at all.
      [async (conn: Deno.TcpConn) => await writeAll(conn, new Uint8Array(68)), 76],
      [swallow, 75],
    ] as const
  ) {
    await using server = fakeServer(async (conn) => {
      if (server.clients < 3) return await echo(conn);
      await serve(conn);
      await swallow(conn);
    });
    const args = ["bench", ...SHORT, "--mode", "echo", "--threads", "2", "-c", "3", "--timeout", "200ms"];
    const { code: found } = await runTool("echo-client", [...args, `:${server.port}`]);
    assertEquals(found, code);
  }
  const { code } = await runTool("echo-client", ["bench", ...SHORT, "--threads", "2", "-c", "2", `:${freePort()}`]);
  assertEquals(code, 69);
});

Deno.test("echo-client bench --connect measures connections", async () => {
  const { code, result } = await benchJson(shared.port, ["--connect", "-c", "2"]);
  assertEquals([code, result.settings.mode, result.errors], [0, "connect", 0]);
  assertGreater(result.count, 0);
});

Deno.test("echo-client bench --login measures log-ins, and bench logs in before it measures frames", async () => {
  await using server = await startAuth(["anna"]);
  using state = tempDir();
  const file = state.at("password");
  Deno.writeTextFileSync(file, `${PASSWORD}\n`, { mode: 0o600 });
  for (const args of [["--login", "-c", "2"], ["-c", "3"]]) {
    const all = [
      "bench",
      "--json",
      ...SHORT,
      "--user",
      "anna",
      "--password-file",
      file,
      ...args,
      `:${server.port}`,
    ];
    const { code, stdout } = await runTool("echo-client", all, { env: { XDG_STATE_HOME: state.path } });
    assertEquals(code, 0);
    assertGreater(JSON.parse(stdout).count, 0);
  }
});

for (
  const [what, spoil] of [
    ["changes a byte", (bytes: Uint8Array): Uint8Array => bytes.with(bytes.length - 1, 0)],
    ["sends a frame twice", (bytes: Uint8Array): Uint8Array => Uint8Array.of(...bytes, ...bytes)],
    [
      "swaps two frames",
      (bytes: Uint8Array): Uint8Array =>
        Uint8Array.of(...bytes.subarray(68, 136), ...bytes.subarray(0, 68), ...bytes.subarray(136)),
    ],
  ] as const
) {
  Deno.test(`echo-client bench ends with 76 when the server ${what}`, async () => {
    await using server = fakeServer(async (conn) => {
      const buffer = new Uint8Array(8 * 68);
      for (let length = 0; length < buffer.length;) length += await conn.read(buffer.subarray(length)) ?? 8 * 68;
      await writeAll(conn, spoil(buffer));
      await swallow(conn);
    });
    const { code, stdout, stderr } = await runTool("echo-client", ["bench", ...SHORT, "-w", "8", `:${server.port}`]);
    assertEquals([code, stdout], [76, ""]);
    assertMatch(
      stderr,
      /^echo-client: (?:Reply \d+ is not what was sent|The server sent \d+ bytes that answer)[^\n]*\n$/,
    );
  });
}

Deno.test("echo-client bench ends with 76 when the server gives one connection another's echo", async () => {
  const conns: Deno.Conn[] = [];
  await using server = fakeServer(async (conn) => {
    conns.push(conn);
    const buffer = new Uint8Array(65536);
    for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
      await writeAll(conns.find((other) => other !== conn) ?? conn, buffer.subarray(0, read));
    }
  });
  const { code } = await runTool("echo-client", ["bench", ...SHORT, "-c", "2", `:${server.port}`]);
  assertEquals(code, 76);
});

Deno.test("echo-client bench and ping say that the server has a dialogue", async () => {
  await using server = await startServer({ args: ["--mode", "auth"] });
  for (const args of [["bench", ...SHORT], ["bench", "--connect", ...SHORT], ["ping", "-c", "1"]]) {
    const { code, stderr } = await runTool("echo-client", [...args, `:${server.port}`]);
    assertEquals(code, 76);
    assertStringIncludes(stderr, "The server begins with a dialogue");
  }
});

Deno.test("echo-client bench counts lost connections and ends with 69, unless errors are bounded", async () => {
  await using server = fakeServer(async (conn) => {
    if (server.clients > 1) return await echo(conn);
    const buffer = new Uint8Array(68);
    await conn.read(buffer);
    await writeAll(conn, buffer);
  });
  const args = ["bench", "--json", ...SHORT, "--mode", "echo", "-c", "2", `:${server.port}`];
  const { code, stdout } = await runTool("echo-client", args);
  const { errors, due, sent, unsent, answered, lost, pending } = JSON.parse(stdout);
  assertEquals([code, errors, pending], [69, 1, 0]);
  assertEquals([due, sent], [sent + unsent, answered + lost]);
});

Deno.test("echo-client bench ends with 75 when nothing comes back, and with 69 where nobody listens", async () => {
  await using server = fakeServer(swallow);
  const silent = await runTool("echo-client", ["bench", ...SHORT, "--timeout", "100ms", `:${server.port}`]);
  assertEquals([silent.code, silent.stdout], [75, ""]);
  const { code } = await runTool("echo-client", ["bench", ...SHORT, `:${freePort()}`]);
  assertEquals(code, 69);
});

Deno.test("echo-client bench --hgrm and --html write what they say", async () => {
  using folder = tempDir();
  const [hgrm, html] = [folder.at("a.hgrm"), folder.at("a.html")];
  // Long enough to be drawn over time.
  const run = ["-d", "1s", "--no-floor", "--hgrm", hgrm, "--html", html];
  const { code } = await runTool("echo-client", ["bench", ...run, `:${shared.port}`]);
  assertEquals(code, 0);
  assertMatch(Deno.readTextFileSync(hgrm), /^ +Value +Percentile TotalCount 1\/\(1-Percentile\)\n/);
  const page = Deno.readTextFileSync(html);
  assertEquals((page.match(/<figure /g) ?? []).length, 4);
  assert(!/<script|<link|https?:/.test(page), "it needs nothing else");
  const unwritable = await runTool("echo-client", [
    "bench",
    ...SHORT,
    "--html",
    folder.at("no/a.html"),
    `:${shared.port}`,
  ]);
  assertEquals(unwritable.code, 73);
});

Deno.test("echo-client compare sets two files beside each other", async () => {
  using folder = tempDir();
  const [a, b] = [folder.at("a.json"), folder.at("b.json")];
  for (const [path, args] of [[a, ["-w", "1"]], [b, ["-w", "64"]]] as const) {
    const { stdout } = await runTool("echo-client", ["bench", "--json", ...SHORT, ...args, `:${shared.port}`]);
    // On a busy machine either may have the higher rate.
    Deno.writeTextFileSync(path, JSON.stringify({ ...JSON.parse(stdout), rate_per_s: path === a ? 10_000 : 20_000 }));
  }
  const { code, stdout } = await runTool("echo-client", ["compare", a, b]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "The settings differ, so this compares more than two servers: window.");
  assertMatch(stdout, /\n {2}rate .* × +better\n/);
  assertMatch(stdout, /B is better(?: in|:) rate [\d.]+ ×/);
  const json = await runTool("echo-client", ["compare", "--json", a, b]);
  const { figures, differing } = JSON.parse(json.stdout);
  assertEquals([figures.length, figures[0].figure, differing], [8, "rate", ["window"]]);
  const limited = await runTool("echo-client", ["compare", "--fail-if", "rate<-99%", "--fail-if", "rate>+1%", a, b]);
  assertEquals(limited.code, 10);
  assertMatch(limited.stdout, /held {2}rate<-99%[^]*failed {2}rate>\+1%: \+/);
});

Deno.test("echo-client compare refuses what is no result", async () => {
  using folder = tempDir();
  const path = folder.at("x.json");
  Deno.writeTextFileSync(path, "{}\n");
  const notOne = await runTool("echo-client", ["compare", path, path]);
  assertEquals([notOne.code, notOne.stderr], [
    78,
    `echo-client: Cannot use ${path}: it holds no results of echo-client bench --json.\n`,
  ]);
  assertEquals((await runTool("echo-client", ["compare", path])).code, 64);
});

Deno.test("echo-client ping prints a line an echo and a summary", async () => {
  const { code, stdout } = await runTool("echo-client", [
    "ping",
    "--count",
    "3",
    "--interval",
    "20ms",
    `:${shared.port}`,
  ]);
  assertEquals(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.length, 4);
  assertMatch(lines[2] ?? "", /^ +3 {2}64 B in +[\d.]+ [µm]s +last 3: p50 .* · p99 .* · max /);
  assertMatch(lines[3] ?? "", /^3 sent, 3 echoed, 0 lost \(0 %\) · min /);
});

Deno.test("echo-client ping --json prints objects, and goes on after a lost connection", async () => {
  await using server = fakeServer(async (conn) => {
    if (server.clients > 1) return await echo(conn);
    const buffer = new Uint8Array(68);
    await conn.read(buffer);
    await writeAll(conn, buffer);
  });
  const args = ["ping", "--json", "--mode", "echo", "--count", "3", "--interval", "30ms", `:${server.port}`];
  const { code, stdout } = await runTool("echo-client", args);
  const [first, second, third, summary] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(code, 69);
  assertEquals([first.number, typeof first.rtt_ms, typeof second.error, third.window], [1, "number", "string", 2]);
  assertEquals([summary.sent, summary.answered, summary.lost, summary.pending], [3, 2, 1, 0]);
});

Deno.test("echo-client ping to a closed port tells of nothing that it did not measure", async () => {
  const { code, stdout } = await runTool("echo-client", ["ping", "--count", "1", "--json", `:${freePort()}`]);
  const { sent, answered, lost, pending, latency_us: latency } = JSON.parse(stdout);
  assertEquals([code, sent, answered, lost, pending], [69, 1, 0, 1, 0]);
  assertEquals(latency, { min: null, mean: null, p50: null, p90: null, p99: null, max: null });
  const text = await runTool("echo-client", ["ping", "--count", "1", `:${freePort()}`]);
  assertEquals(text.stdout, "1 sent, 0 echoed, 1 lost (100 %)\n");
});

Deno.test("echo-client ping that is ended while it waits counts what is on its way as pending", async () => {
  const came = Promise.withResolvers<void>();
  await using server = fakeServer(async (conn) => {
    await conn.read(new Uint8Array(68));
    came.resolve();
    await swallow(conn);
  });
  const child = startClient(["ping", "--json", "--mode", "echo", `:${server.port}`]);
  await came.promise;
  child.kill("SIGINT");
  const { code, stdout } = await child.output();
  const { sent, answered, lost, pending, interrupted } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals([code, sent, answered, lost, pending, interrupted], [130, 1, 0, 0, 1, true]);
});

Deno.test("echo-client bench --json that is ended says so, and compare refuses it unless told", async () => {
  using folder = tempDir();
  const came = Promise.withResolvers<void>();
  await using server = fakeServer(async (conn) => {
    came.resolve();
    await echo(conn);
  });
  const args = ["bench", "--json", "--no-floor", "--mode", "echo", "--duration", "60s", `:${server.port}`];
  const child = startClient(args);
  await came.promise;
  child.kill("SIGINT");
  const { code, stdout } = await child.output();
  const result = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals([code, result.interrupted, result.count, result.elapsed_ms], [130, true, 0, 0]);
  // It was ended in its warm-up: nothing was measured.
  assertEquals(
    [result.rate_per_s, result.latency_us.p50, result.fairness.jain, result.client_cpu],
    Array(4).fill(null),
  );
  const path = folder.at("a.json");
  Deno.writeFileSync(path, stdout);
  const refused = await runTool("echo-client", ["compare", path, path]);
  assertEquals(refused.code, 78);
  assertStringIncludes(refused.stderr, "a run in it was interrupted");
  assertEquals((await runTool("echo-client", ["compare", "--allow-interrupted", path, path])).code, 0);
});

Deno.test("echo-client bench of no time at all measures nothing, and fails its limits", async () => {
  await using server = fakeServer(echo);
  const args = ["--mode", "echo", "-d", "0s", "--warmup", "10ms", "--fail-if", "p99>1s"];
  const { code, result } = await benchJson(server.port, args, ["--no-floor"]);
  assertEquals([code, result.count, result.rate_per_s, result.latency_us.p99], [10, 0, null, null]);
  assertEquals(result.thresholds, [{ text: "p99>1s", figure: "p99", value: null, fails: true }]);
});

Deno.test("echo-client bench --rate on an idle server leaves nothing unsent", async () => {
  await using server = fakeServer(echo);
  const args = ["--mode", "echo", "--rate", "100", "-d", "1s"];
  const { result } = await undisturbed(() => benchJson(server.port, args, ["--no-floor"]));
  assertEquals([result.due, result.sent, result.unsent, result.answered], [100, 100, 0, 100]);
});

Deno.test("echo-client bench --count sends and measures so many, on any number of connections", async () => {
  let bytes = 0;
  await using server = fakeServer(async (conn) => {
    const buffer = new Uint8Array(65536);
    for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
      bytes += read;
      await writeAll(conn, buffer.subarray(0, read));
    }
  });
  for (const args of [["-w", "3"], ["-c", "5", "-w", "2"], ["-c", "3", "--threads", "2"], ["-c", "20"]]) {
    bytes = 0;
    const { code, result } = await benchJson(server.port, ["--mode", "echo", "--no-floor", "-n", "11", ...args], []);
    assertEquals([code, result.count, result.latency_us.count, result.sent], [0, 11, 11, 11], args.join(" "));
    assertEquals([bytes, result.settings.count], [11 * 68, 11]);
  }
  // One of the threads has nothing to send.
  const one = await benchJson(server.port, ["--mode", "echo", "-n", "1", "-c", "2", "--threads", "2"], ["--no-floor"]);
  assertEquals([one.code, one.result.count], [0, 1]);
  const cycles = await benchJson(server.port, ["--mode", "echo", "--no-floor", "-n", "7", "--connect", "-c", "2"], []);
  const { lookup, connect, tls, open, first_byte, echo } = cycles.result.phases_us;
  assertEquals([cycles.result.count, ...[lookup, connect, open, first_byte, echo].map(({ count }) => count)], [
    7,
    7,
    7,
    7,
    7,
    7,
  ]);
  assertEquals([tls, connect.p50 <= open.p50, first_byte.p50 <= echo.p50], [undefined, true, true]);
  assertEquals(connect.histogram_us.length > 0, true);
  const args = ["--mode", "echo", "--no-floor", "-n", "20", "--rate", "200"];
  await using slow = fakeServer(async (conn) => {
    const buffer = new Uint8Array(68);
    for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
      await delay(20);
      await writeAll(conn, buffer.subarray(0, read));
    }
  });
  // All that was due leaves, however late: on time, and where the server takes four times as long.
  for (const { port } of [server, slow]) {
    for (const more of [[], ["-c", "3", "--threads", "2"]]) {
      const { result } = await benchJson(port, [...args, ...more], []);
      assertEquals([result.due, result.sent, result.answered, result.count], [20, 20, 20, 20]);
    }
  }
  const { result } = await benchJson(slow.port, args, []);
  assertEquals([result.elapsed_ms >= 400, result.rate_per_s <= 50], [true, true]);
});

Deno.test("echo-client bench --interval prints a row for each part, --runs what the runs have in common", async () => {
  await using server = fakeServer(echo);
  const common = ["bench", "--mode", "echo", ...SHORT];
  const rows = await runTool("echo-client", [
    "bench",
    "--mode",
    "echo",
    ...TIMED,
    "--interval",
    "100ms",
    `:${server.port}`,
  ]);
  assertMatch(rows.stdout, /^ +0\.[1-4] s +[\d. ]+ frames\/s {2}p50 +[\d.]+ [µm]s {2}p99 +[\d.]+ [µm]s$/m);
  const runs = await runTool("echo-client", [...common, "--runs", "3", `:${server.port}`]);
  assertMatch(runs.stdout, /\n {2}run +frames\/s +p50 +p99 +max\n {2}1 [^]*\n {2}3 [^]*\n {2}mean ± σ +[\d ]+ ± /);
  const { result } = await benchJson(server.port, ["--mode", "echo", "--runs", "2", "--fail-if", "p99>60s"]);
  assertEquals([result.runs.length, result.thresholds[0].fails], [2, false]);
  assertGreater(result.summary.rate.stddev, 0);
});

Deno.test("echo-client bench --sweep measures with each value, and --csv and --markdown write what was found", async () => {
  using folder = tempDir();
  await using server = fakeServer(echo);
  const md = folder.at("a.md");
  const args = ["bench", "--mode", "echo", ...SHORT, "--sweep", "connections=1,3", "--csv", "-", "--markdown", md];
  args.push("--prometheus", folder.at("a.prom"), "--jsonl", folder.at("a.jsonl"));
  const { code, stdout } = await runTool("echo-client", [...args, `:${server.port}`]);
  const [head = "", ...lines] = stdout.trim().split("\r\n").map((line) => line.split(","));
  const column = [...head].indexOf("connections");
  assertEquals([code, lines.map((line) => [line[0], line[column]])], [0, [["1", "1"], ["3", "3"]]]);
  assertMatch(Deno.readTextFileSync(md), /\| connections \| frames\/s \|/);
  assertMatch(Deno.readTextFileSync(folder.at("a.prom")), /^echo_bench_rate\{.*point="3"\} \d/m);
  assertMatch(Deno.readTextFileSync(folder.at("a.jsonl")), /^\{"type":"result","point":"3","run":1,/m);
  const { result } = await benchJson(server.port, ["--mode", "echo", "--sweep", "size=1B,1KiB"]);
  // deno-lint-ignore no-explicit-any -- a result is looked at as its readers do
  assertEquals(result.points.map((point: any) => [point.value, point.settings.size_bytes]), [["1B", 1], [
    "1KiB",
    1024,
  ]]);
});

Deno.test("echo-client bench --payload sends what it says", async () => {
  using folder = tempDir();
  const file = folder.at("body");
  Deno.writeTextFileSync(file, "hello");
  let first: Uint8Array | undefined;
  await using server = fakeServer(async (conn) => {
    const buffer = new Uint8Array(65536);
    for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
      first ??= buffer.slice(0, read);
      await writeAll(conn, buffer.subarray(0, read));
    }
  });
  // deno-lint-ignore no-control-regex -- bytes that are no text
  const cases = [[`@${file}`, /^hello$/], ["zeros", /^\0{64}$/], ["random", /[\0-\x1f]/], [
    "zeros",
    /^\0{64}$/,
    2,
  ]] as const;
  for (const [payload, wanted, threads = 1] of cases) {
    first = undefined;
    const many = ["-n", "1", "-c", String(threads), "--threads", String(threads)];
    const { code } = await benchJson(server.port, ["--mode", "echo", ...many, "--payload", payload], ["--no-floor"]);
    assertEquals(code, 0);
    assertMatch(new TextDecoder("latin1").decode((first ?? new Uint8Array(4)).subarray(4)), wanted);
  }
  const { code } = await runTool("echo-client", ["bench", "--payload", "@/nowhere", `:${server.port}`]);
  assertEquals(code, 73);
});

Deno.test("echo-client bench --find lands near what a server can take", { ignore: !isLong }, async () => {
  // One frame each 4 ms: 250 a second, whoever sends them.
  await using server = fakeServer(async (conn) => {
    const frame = new Uint8Array(68);
    for (let next = performance.now();;) {
      for (let read = 0; read < frame.length;) {
        const some = await conn.read(frame.subarray(read));
        if (some === null) return;
        read += some;
      }
      next = Math.max(next, performance.now()) + 4;
      while (performance.now() < next) await new Promise((turn) => setTimeout(turn, 0));
      await writeAll(conn, frame);
    }
  });
  const way = ["--mode", "echo", "--no-floor", "-w", "16"];
  const { result: most } = await benchJson(server.port, [...way, "-d", "2s"], []);
  const args = [...way, "--find", "p50<40ms", "-d", "1s"];
  const { code, result } = await benchJson(server.port, args, []);
  assertEquals(code, 0);
  const share = result.found_rate_per_s / most.rate_per_s;
  assert(share > 0.8 && share < 1.1, `${result.found_rate_per_s} of ${most.rate_per_s}`);
  assertEquals([result.settings.mode, result.find.goal], ["open", "p50<40ms"]);
  // A trial in which all came back below the limit has held, whenever the client's own echo beside it was over.
  for (const { rate_per_s, value_us, echoed_per_s, held } of result.find.trials) {
    assert(held || value_us >= 40_000 || echoed_per_s < 0.99 * rate_per_s, JSON.stringify(result.find.trials));
  }
  assertLess(result.latency_us.p50, 40_000);
});

for (
  const [args, shown] of [
    [["ping", "--interval", "10ms"], /^\d+ sent, \d+ echoed, 0 lost/m],
    [["bench", "--no-floor", "--warmup", "10ms", "--duration", "60s"], / {2}verified {2}[\d ]+ · /],
    [
      ["bench", "--no-floor", "--warmup", "10ms", "--duration", "60s", "--threads", "2", "-c", "2"],
      / {2}verified {2}[\d ]+ · /,
    ],
  ] as const
) {
  Deno.test(`echo-client ${args.join(" ")} tells what it has at Ctrl-C, and ends with 130`, async () => {
    let answered = 0;
    await using server = fakeServer(async (conn) => {
      const first = new Uint8Array(68);
      await writeAll(conn, first.subarray(0, await conn.read(first) ?? 0));
      answered++;
      await echo(conn);
    });
    const child = startClient([...args, "--mode", "echo", `:${server.port}`]);
    await until(() => answered > 0 || undefined, "an echo");
    await new Promise((measured) => setTimeout(measured, 200));
    child.kill("SIGINT");
    const { code, stdout } = await child.output();
    assertEquals(code, 130);
    assertMatch(new TextDecoder().decode(stdout), shown);
  });
}

for (
  const [args, text] of [
    [
      ["bench", "--rate", "1", "--connect"],
      "cannot use --connect: it does not go with --rate. See echo-client bench --help.",
    ],
    [["bench", "--fail-if", "p142>1ms"], "write FIGURE>LIMIT"],
    [["bench", "--find", "p99>5ms"], "write a latency and its limit"],
    [["bench", "--find", "p99<5ms", "--rate", "5"], "it does not go with --rate"],
    [["bench", "--sweep", "timeout=1s"], "write an option and its values"],
    [["bench", "--csv", "-", "--json"], "standard output takes one of the two"],
    [["bench", "--payload", "noise"], "write text, random, zeros, or @ and a file"],
    [["compare", "--fail-if", "p99>10ms", "a", "b"], "write a figure and its change in percent"],
    [["bench", "--connections", "0"], "write a whole number from 1 to 999999999"],
    [["bench", "--duration", "10"], "a time is a number with a unit"],
    [["bench", "--threads", "2"], "2 threads have only 1 connections to share"],
    [["bench", "--threads", "0", "-c", "2"], "write a whole number from 1 to 64, or auto"],
    [["bench", "--threads", "2", "--connect"], "it does not go with --connect"],
    [["bench", "--threads", "2", "-c", "2", "--user", "anna"], "connections that begin with a dialogue"],
    [["bench", "--login"], "name the user with --user"],
    [["bench", "--windw", "1"], "Did you mean --window?"],
    [["--json", "bench", "--framing", "raw", "--size", "0B"], "an empty message is nothing at all"],
    [["ping", "--count", "x"], "write a whole number"],
  ] as const
) {
  Deno.test(`echo-client ${args.join(" ")} exits with 64 and says why`, async () => {
    const { code, stdout, stderr } = await runTool("echo-client", args);
    assertEquals([code, stdout], [64, ""]);
    assertStringIncludes(stderr, text);
  });
}

Deno.test("echo-client bench --help is its own, and the client's help names the commands", async () => {
  const own = await runTool("echo-client", ["bench", "--help"]);
  assertEquals(own.code, 0);
  assertMatch(own.stdout, /^echo-client bench puts a load/);
  assertStringIncludes(own.stdout, "--window N");
  const all = await runTool("echo-client", ["--help"]);
  assertStringIncludes(all.stdout, "bench [HOST[:PORT]]");
  assert(!all.stdout.includes("--window"));
});

Deno.test("bench --one-way counts what was sent to a server that resets, and says when and why it ended", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const most = 16 * 1024 * 1024;
  const measure = async (...args: string[]): Promise<Finished> => {
    const serving = listener.accept().then(async (conn) => {
      const buffer = new Uint8Array(65_536);
      for (let taken = 0; taken < most;) taken += await conn.read(buffer) ?? most;
      // What was not read makes this a reset.
      conn.close();
    });
    const place = `127.0.0.1:${listener.addr.port}`;
    const finished = await runTool("echo-client", [
      "bench",
      "--one-way",
      "-d",
      "1min",
      "--warmup",
      "0s",
      ...args,
      place,
    ]);
    await serving;
    return finished;
  };
  const json = await measure("--json");
  const { bytes, bytes_per_s: rate, errors, ended_early: isEndedEarly } = JSON.parse(json.stdout);
  assertEquals([json.code, errors, isEndedEarly], [69, 1, true]);
  assert(bytes > most / 2 && rate > 0, `${bytes} bytes, ${rate} a second`);
  const text = await measure("--lang", "en");
  assertMatch(
    text.stdout,
    /After .* of 1 min no connection was left\.\n(.*\n)*.*connections that failed: 1, the first because:/,
  );
});

Deno.test("bench --one-way counts what a server takes, --reverse what one sends by itself", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const measure = async (
    serve: (conn: Deno.Conn, left: Promise<void>) => Promise<void>,
    ...args: string[]
  ): Promise<Finished> => {
    const left = Promise.withResolvers<void>();
    const serving = listener.accept().then(async (conn) => {
      // The client leaves when it has measured.
      await serve(conn, left.promise).catch(() => {});
      conn.close();
    });
    const place = `127.0.0.1:${listener.addr.port}`;
    const finished = await runTool("echo-client", [
      "bench",
      place,
      "-d",
      "500ms",
      "--warmup",
      "100ms",
      "--json",
      ...args,
    ]);
    left.resolve();
    await serving;
    return finished;
  };
  let taken = 0;
  const up = await measure(async (conn) => {
    const buffer = new Uint8Array(65_536);
    for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) taken += read;
  }, "--one-way");
  const sent = JSON.parse(up.stdout);
  assertEquals([up.code, sent.settings.mode, sent.other_way_bytes, sent.errors], [0, "one-way", 0, 0]);
  assert(sent.bytes > 0 && sent.bytes <= taken, `${sent.bytes} of ${taken}`);
  const full = await measure((_conn, left) => left, "--one-way");
  assertEquals(full.code, 0, "it ends, though its last write does not");
  let given = 0;
  const down = await measure(async (conn) => {
    for (const bytes = new Uint8Array(65_536);;) given += await conn.write(bytes);
  }, "--reverse");
  const received = JSON.parse(down.stdout);
  assertEquals([down.code, received.counted], [0, "received"]);
  assert(received.bytes > 0 && received.bytes <= given, `${received.bytes} of ${given}`);
  const silent = await measure(async (conn) => void await conn.read(new Uint8Array(1)), "--reverse", "--lang", "en");
  assertEquals(silent.code, 75);
  assertStringIncludes(silent.stderr, "an echo server sends only what it was sent");
  assertStringIncludes(silent.stderr, "500 ms");
  const ended = await measure(() => Promise.resolve(), "--reverse", "--lang", "en");
  assertEquals(ended.code, 69);
  assertStringIncludes(ended.stderr, "closed");
  const refused = async (...args: string[]): Promise<unknown> =>
    (await runTool("echo-client", ["bench", "--one-way", ...args, ":1"])).code;
  assertEquals(
    await Promise.all([refused("--prometheus", "a"), refused("--jsonl", "a"), refused("--payload", "zeros")]),
    [
      64,
      64,
      64,
    ],
  );
});
