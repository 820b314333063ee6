// What networks, kernels and disks do, between the compiled client and the compiled server: nothing is lost, nothing
// hangs, and what is said is clear.
import { assert, assertEquals, assertGreater, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { AuthClient, codeOf, INVALID, logIn, startAuth, tokenOf, works } from "../support/auth.ts";
import { isLong, someOf } from "../support/long.ts";
import { dial, dialFramed, frame, isServed, writeAll } from "../support/net.ts";
import { type Plan, startProxy } from "../support/proxy.ts";
import { hasPty, Pty } from "../support/pty.ts";
import { between, randomFrom } from "../support/random.ts";
import { runTool, startServer, tempDir, toolPath, until } from "../support/tools.ts";

const LINES = Array.from({ length: 300 }, (_, number) => `line ${number} ${"привет ".repeat(number % 7)}`);
const TEXT = LINES.map((line) => `${line}\n`).join("");

/** Debian's libfaketime, loaded without its program: that one does not pass signals on. */
const FAKETIME = ["x86_64", "aarch64"].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find((path) => works(["sh", "-c", `test -f ${path}`]));
const OWN_MOUNTS = ["unshare", "--map-root-user", "--mount"];

/** A plan of harmless faults: everything arrives, some time, in some pieces. */
function harmless(seed: number): Plan {
  const random = randomFrom(seed);
  const faults = (): NonNullable<Plan["toServer"]> => ({
    split: between(random, 1, 2000),
    ...(random() < 0.5 ? { delay: between(random, 0, 2) } : {}),
    ...(random() < 0.5 ? { merge: between(random, 1, 10) } : {}),
  });
  return { toServer: faults(), toClient: faults() };
}

Deno.test("delays, splits and merges: every line comes back in order", async () => {
  await using server = await startServer();
  const run = async (seed: number): Promise<void> => {
    await using proxy = startProxy({ port: server.port, seed, plan: () => harmless(seed) });
    const { code, stdout, stderr } = await runTool("echo-client", [`:${proxy.port}`], { stdin: TEXT });
    assertEquals([code, stderr], [0, ""], `seed ${seed}`);
    assertEquals(stdout, TEXT, `seed ${seed}`);
  };
  await Promise.all(someOf([1, 2, 3, 4, 5, 6], 3).map(run));
});

Deno.test("a log-in through a network that passes byte by byte", async () => {
  await using server = await startAuth(["anna"]);
  const plan = { toServer: { split: 1 }, toClient: { split: 1 } };
  await using proxy = startProxy({ port: server.port, seed: 1, plan: () => plan });
  await using client = await AuthClient.to(proxy.port);
  assertEquals(codeOf(await client.scram("anna")), "235");
  assertEquals(await client.isEchoed("привет"), true);
});

/** Faults after which a client cannot get all its answers, with the exit codes it may have and what it says. */
const ENDS: readonly (readonly [string, Plan, readonly number[], RegExp])[] = [
  ["answers cut inside a frame", { toClient: { truncateAt: 1001 } }, [65], /^echo-client: .*inside a frame/],
  ["answers cut between frames", { toClient: { truncateAt: frame(LINES[0] ?? "").length } }, [69], /^echo-client: /],
  ["a loss of the connection inside an answer", { toClient: { resetAt: 1000 } }, [65], /^echo-client: /],
  // The echo of the frame that it cuts may have begun to come back.
  ["a reset of the questions", { toServer: { resetAt: 1000 } }, [65, 69], /^echo-client: /],
  ["a header turned over", { toClient: { corruptAt: 0 } }, [65], /^echo-client: /],
  ["a payload turned over", { toClient: { corruptAt: 100 } }, [76], /^echo-client: /],
  ["a question's payload turned over", { toServer: { corruptAt: 100 } }, [76], /^echo-client: /],
  ["a question's header turned over", { toServer: { corruptAt: 0 } }, [69], /^echo-client: /],
  ["answers that stop", { toClient: { stallAt: 1000 } }, [75], /^echo-client: /],
  ["questions that stop", { toServer: { stallAt: 1000 } }, [75], /^echo-client: /],
];

for (const [fault, plan, expected, message] of ENDS) {
  Deno.test(`${fault}: the client ends with ${expected.join(" or ")} and one line, what it shows is right, the server serves on`, async () => {
    await using server = await startServer();
    await using proxy = startProxy({ port: server.port, seed: 7, plan: () => plan });
    const args = ["--timeout", "600ms", "--no-reconnect", `:${proxy.port}`];
    const before = performance.now();
    const { code, stdout, stderr } = await runTool("echo-client", args, { stdin: TEXT });
    assert(expected.includes(code), stderr);
    assertMatch(stderr, message);
    assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
    assertLess(performance.now() - before, 10_000);
    const shown = stdout.split("\n").slice(0, -1);
    // The one that was altered is shown, too: it is what came.
    const right = code === 76 ? shown.length - 1 : shown.length;
    assertEquals(shown.slice(0, right), LINES.slice(0, right));
    assertEquals(await isServed(server.port), true);
    assertEquals(server.log().match(/ ERROR /g), null);
  });
}

Deno.test("any fault at any byte: right echoes or a code of the table, never a hang", async () => {
  await using server = await startServer();
  const codes: number[] = [];
  const run = async (seed: number): Promise<void> => {
    const random = randomFrom(seed);
    const kind = (["truncateAt", "corruptAt", "resetAt", "stallAt"] as const)[between(random, 0, 3)] ?? "resetAt";
    const faults = { ...harmless(seed).toServer, [kind]: between(random, 0, TEXT.length) };
    const plan = random() < 0.5 ? { toServer: faults } : { toClient: faults };
    await using proxy = startProxy({ port: server.port, seed, plan: () => plan });
    const { code, stdout, stderr } = await runTool("echo-client", ["--timeout", "500ms", `:${proxy.port}`], {
      stdin: TEXT,
    });
    assert([0, 65, 69, 75, 76].includes(code), `seed ${seed}: ${code} ${stderr}`);
    if (code === 0) assertEquals(stdout, TEXT, `seed ${seed}`);
    else assertMatch(stderr, /^echo-client: .+\n$/, `seed ${seed}`);
    codes.push(code);
  };
  for (let seed = 1; seed <= (isLong ? 9 : 3); seed += 3) await Promise.all([seed, seed + 1, seed + 2].map(run));
  assertGreater(new Set(codes).size, isLong ? 2 : 1);
  assertEquals(await isServed(server.port), true);
  assertEquals(server.log().match(/ ERROR /g), null);
});

Deno.test("SIGSTOP of the server: the client ends with 75 at its --timeout, and the server goes on afterwards", async () => {
  await using server = await startServer();
  await using conn = await dialFramed(server.port);
  server.kill("SIGSTOP");
  try {
    const { code, stdout, stderr } = await runTool("echo-client", [
      "--timeout",
      "400ms",
      "-m",
      "hi",
      `:${server.port}`,
    ]);
    assertEquals([code, stdout], [75, ""]);
    assertMatch(stderr, /^echo-client: .+\n$/);
    await conn.send("while it stands still");
  } finally {
    server.kill("SIGCONT");
  }
  assertEquals(await conn.receiveText(), "while it stands still");
  assertEquals(await isServed(server.port), true);
});

Deno.test("SIGSTOP of a client in a stream: others are served, and it gets all its echoes when it goes on", async () => {
  await using server = await startServer();
  const child = new Deno.Command(toolPath("echo-client"), {
    args: [`:${server.port}`],
    ...{ stdin: "piped", stdout: "piped", stderr: "null" },
  }).spawn();
  const lines = `${"x".repeat(1000)}\n`.repeat(5000);
  const received = new Response(child.stdout).text();
  const writer = child.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(lines)).then(() => writer.close());
  await server.logged(/client connected/);
  child.kill("SIGSTOP");
  for (let times = 0; times < 20; times++) assertEquals(await isServed(server.port), true);
  child.kill("SIGCONT");
  await written;
  assertEquals((await received).length, lines.length);
  assertEquals((await child.status).code, 0);
});

Deno.test({
  name: "SIGKILL of the server in a conversation: the client says so, comes back, and sends again what had no answer",
  ignore: !hasPty,
  fn: async () => {
    using home = tempDir();
    const first = await startServer();
    const { port } = first;
    await using pty = new Pty("echo-client", [`127.0.0.1:${port}`], { XDG_STATE_HOME: home.path, HOME: home.path });
    await pty.expect("> ");
    await pty.enter("before");
    await pty.expect(/\nbefore\r\n/);
    first.kill("SIGKILL");
    await first.finished;
    await pty.enter("meanwhile");
    await using _second = await startServer({ port, args: ["--strict-port"] });
    await pty.expect(/\nmeanwhile\r\n/);
    await pty.enter("after");
    await pty.expect(/\nafter\r\n/);
    await pty.type("\x04");
    assertEquals((await pty.ended).exit, 0);
  },
});

Deno.test({
  name: "a clock that jumps while the server runs: expired sessions stay so, and nothing hangs",
  ignore: FAKETIME === undefined,
  fn: async () => {
    using clock = tempDir();
    const shift = async (by: string): Promise<void> => await Deno.writeTextFile(clock.at("now"), by);
    await shift("+0");
    await using server = await startAuth(["anna"], {
      args: ["--idle-timeout", "60s", "--frame-timeout", "700ms"],
      env: {
        ...{ LD_PRELOAD: FAKETIME ?? "", FAKETIME_TIMESTAMP_FILE: clock.at("now"), FAKETIME_NO_CACHE: "1" },
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      },
    });
    const token = tokenOf(await logIn(server.port, "anna"));
    await using open = await AuthClient.to(server.port);
    assertEquals(codeOf(await open.scram("anna")), "235");

    await shift("+9d");
    assertEquals(await open.isEchoed("after nine days at once"), true);
    await using late = await AuthClient.to(server.port);
    assertEquals(await late.say(`AUTH TOKEN ${token}`), INVALID);
    assertEquals(codeOf(await late.scram("anna")), "235");

    await shift("-30d");
    await using back = await AuthClient.to(server.port);
    assertEquals(await back.say(`AUTH TOKEN ${token}`), INVALID, "it does not come to life again");
    assertEquals(codeOf(await back.scram("anna")), "235");
    assertEquals(await open.isEchoed("39 days before"), true);
    // Deadlines do not follow the clock on the wall.
    using half = await dial(server.port);
    await writeAll(half, Uint8Array.of(0, 0));
    const before = performance.now();
    await new Response(half.readable).bytes();
    assertLess(performance.now() - before, 10_000);
    for (const client of [open, late, back]) client.conn.close();
    assertEquals((await server.stop()).code, 0);
  },
});

Deno.test({
  name: "a log on a full disk of 1 MiB: the server serves on, and tells how much is missing once there is room",
  ignore: !works([...OWN_MOUNTS, "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /tmp"]),
  fn: async () => {
    using disk = tempDir();
    const fill = 'mount -t tmpfs -o size=1m,mode=0700 tmpfs "$0" && head -c 1040000 /dev/zero > "$0/fill"; exec "$@"';
    const log = disk.at("server.log");
    await using server = await startServer({
      wrapper: [...OWN_MOUNTS, "sh", "-c", fill, disk.path],
      args: ["--log", log],
    });
    // The disk is its own: seen through the process.
    const inside = `/proc/${server.pid}/root`;
    const text = (): string => Deno.readTextFileSync(`${inside}${log}`);
    let size = -1;
    for (let rounds = 0; size !== text().length && rounds < 50; rounds++) {
      size = text().length;
      for (let times = 0; times < 20; times++) assertEquals(await isServed(server.port), true);
    }
    assertLess(text().length, 20_000);
    for (let times = 0; times < 20; times++) assertEquals(await isServed(server.port), true);
    Deno.removeSync(`${inside}${disk.at("fill")}`);
    assertEquals(await isServed(server.port), true);
    const told = await until(() => /log lines .*lost.* lines=.*/.exec(text())?.[0], "a line about the lost ones");
    assertMatch(told, /lines=\d\d+/);
    const lines = text().trimEnd().split("\n");
    const torn = lines.filter((line) =>
      !/^\d{4}-\d\d-\d\dT[\d:.]+Z (INFO|WARN) /.test(line) || line.lastIndexOf("Z INFO") > 30
    );
    // The line that the full disk took a part of stands alone.
    assertLess(torn.length, 2, torn.join("\n"));
    assertStringIncludes(text(), "server starts");
  },
});
