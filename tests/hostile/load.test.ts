// deno-lint-ignore-file no-console -- `deno task load` shows its figures
// Hostile clients in numbers, against the compiled server: memory stays where it is, others are served meanwhile. `deno
// task test` runs a tenth of them, `deno task load` all, with the figures.
import { delay } from "../../lib/base/delay.ts";
import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { join } from "@std/path";
import { ATTEMPTS_KEPT, STORE_LOCK_WAIT } from "../../lib/base/limits.ts";
import { scanAll } from "../support/framing_vectors.ts";
import { codeOf, logIn, startAuth, works } from "../support/auth.ts";
import {
  crowd,
  descriptorLimit,
  descriptorsOf,
  LOGIN_ATTEMPTS,
  OWN_PAIR,
  percentile,
  pingWhile,
  settled,
  stall,
} from "../support/load.ts";
import { dial, dialFramed, frame, hasProc, isServed, memoryOf, writeAll } from "../support/net.ts";
import { hasPython } from "../support/python.ts";
import { concat } from "../../lib/base/bytes.ts";
import { type RunningServer, runTool, startServer, until } from "../support/tools.ts";

const MIB = 1024 * 1024;
const ignore = !hasPython || !hasProc;

/** Whether all of them come. */
const FULL = Deno.env.get("ECHO_LOAD") === "full";
const share = (count: number): number => FULL ? count : count / 10;
/** Of 10,000 silent connections, as many as the descriptors allow. */
const MANY = hasProc ? Math.min(share(10_000), descriptorLimit() - 1000) : 0;
/** What they may cost; the first ones bring the server to its working size. */
const COST = FULL ? 100 * MIB : 30 * MIB;
const DRIPS = share(1000);
/** Seconds between two bytes of them. */
const DRIP_EVERY = FULL ? 1 : 0.2;
const STALLED = share(100);
const RESETS = share(3000);
const EMFILES = share(500);
const ATTEMPTS = FULL ? 100_000 : 500;
/** Log-ins under way at once. */
const AT_ONCE = FULL ? 500 : 250;

/** Shows what was measured. */
function figure(text: string): void {
  if (FULL) console.log(`  ${text}`);
}

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;

Deno.test({
  name: `${MANY} connections that announce 1 MiB and fall silent cost under ${
    COST / MIB
  } MiB, and a good client keeps its pace`,
  ignore: ignore || MANY < 500,
  fn: async () => {
    await using server = await startServer({ args: ["--max-connections", "0"] });
    await using good = await dialFramed(server.port);
    const quiet = percentile(await pingWhile(good, delay(300)), 0.99);
    const before = memoryOf(server.pid, "VmRSS");
    await using many = crowd(
      `
held = []
for _ in range(int(sys.argv[2])):
    s = dial(int(sys.argv[1]))
    s.sendall(struct.pack(">I", 1 << 20))
    held.append(s)
say("held", len(held))
sys.stdin.readline()
`,
      [server.port, MANY],
    );
    const times = await pingWhile(good, many.line().then((line) => assertEquals(line, `held ${MANY}`)));
    times.push(...await pingWhile(good, delay(500)));
    await until(() => descriptorsOf(server.pid) > MANY ? true : undefined, "all to be accepted");
    const growth = memoryOf(server.pid, "VmRSS") - before;
    const p99 = percentile(times, 0.99);
    figure(`growth ${mib(growth)}, good client: p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
    assertLess(growth, COST);
    // On a machine that is busy with other things a good client is slow on its own.
    assertLess(p99, Math.max(300, 10 * quiet), `p99 of ${times.length} echoes, in ms`);
  },
});

Deno.test({
  name:
    `${DRIPS} connections that send a byte every ${DRIP_EVERY} s are gone at their deadline, and leave nothing behind`,
  ignore,
  fn: async () => {
    await using server = await startServer({ args: ["--frame-timeout", "1s"] });
    const round = async (): Promise<string> => {
      await using many = crowd(
        `
began = time.monotonic()
alive = [dial(int(sys.argv[1])) for _ in range(int(sys.argv[2]))]
for s in alive: s.sendall(struct.pack(">I", 1000))
while alive and time.monotonic() - began < 60:
    time.sleep(float(sys.argv[3]))
    left = []
    for s in alive:
        try:
            s.setblocking(False)
            while s.recv(65536) != b"": pass
            s.close()
        except BlockingIOError:
            try:
                s.send(b"x")
                left.append(s)
            except OSError: s.close()
        except OSError: s.close()
    alive = left
say(len(alive), int(time.monotonic() - began))
`,
        [server.port, DRIPS, DRIP_EVERY],
      );
      return await many.line();
    };
    const rounds = [];
    const sizes = [];
    for (let times = 0; times < 2; times++) {
      const [left, seconds] = (await round()).split(" ").map(Number);
      assertEquals(left, 0);
      rounds.push(seconds);
      await until(
        () => server.log().match(/client left/g)?.length === DRIPS * (times + 1) ? true : undefined,
        "the ends",
      );
      sizes.push(memoryOf(server.pid, "VmRSS"));
    }
    figure(`gone after ${rounds.join(" s, ")} s; memory after each round: ${sizes.map(mib).join(", ")}`);
    assertLess(Math.max(...rounds.map(Number)), 20);
    assertLess((sizes[1] ?? 0) - (sizes[0] ?? 0), 15 * MIB, "memory is flat");
    assertEquals(await isServed(server.port), true);
  },
});

Deno.test({
  name: `${STALLED} clients that never read, three times over: they are cut off, memory is flat`,
  ignore: !hasProc,
  fn: async () => {
    await using server = await startServer({ args: ["--write-timeout", "300ms"] });
    const sizes = [];
    for (let round = 1; round <= 3; round++) {
      const stalled = await Promise.all(Array.from({ length: STALLED }, () => stall(server.port)));
      const cut = /client left reason=write_timeout /g;
      await until(() => (server.log().match(cut)?.length ?? 0) >= STALLED * round ? true : undefined, "the cut");
      assertEquals(await isServed(server.port), true);
      for (const client of stalled) await client.leave();
      sizes.push(memoryOf(server.pid, "VmRSS"));
    }
    figure(`memory after each round: ${sizes.map(mib).join(", ")}`);
    // The first round brings the server to its working size.
    assertLess((sizes[2] ?? 0) - (sizes[1] ?? 0), 15 * MIB, `${sizes}`);
  },
});

Deno.test({
  name: `${RESETS} connections that reset before accept: the server serves on`,
  ignore,
  fn: async () => {
    await using server = await startServer();
    assertEquals(await isServed(server.port), true);
    const before = descriptorsOf(server.pid);
    // It stands still, so that they are all gone before it accepts them.
    server.kill("SIGSTOP");
    try {
      await using many = crowd(
        `
for _ in range(int(sys.argv[2])): reset(dial(int(sys.argv[1])))
say("done")
`,
        [server.port, RESETS],
      );
      assertEquals(await many.line(), "done");
    } finally {
      server.kill("SIGCONT");
    }
    assertEquals(await isServed(server.port), true);
    await settled(() => descriptorsOf(server.pid), before + OWN_PAIR);
    assertEquals(server.log().match(/ ERROR /g), null);
  },
});

const EVERY_SECOND_ACCEPT = ["strace", "-D", "-f", "-o", "/dev/null", "--seccomp-bpf", "-e", "trace=accept4"];

Deno.test({
  name: `${EMFILES} times EMFILE: each client is served all the same, and the limit is not taken for what it is not`,
  // A ring accepts without a call that strace could have fail: tests/hostile/descriptors.test.ts has real descriptors run out.
  ignore: ignore || Deno.env.get("ECHO_TEST_ENGINE") === "io_uring" || !works([...EVERY_SECOND_ACCEPT, "true"]),
  fn: async () => {
    await using server = await startServer({
      wrapper: [...EVERY_SECOND_ACCEPT, "-e", "inject=accept4:error=EMFILE:when=1+2"],
    });
    const conns = await Promise.all(Array.from({ length: 4 }, () => dialFramed(server.port)));
    for (let times = 0; times < EMFILES; times++) assertEquals(await isServed(server.port), true);
    for (const conn of conns) {
      await conn.send("there all the while");
      assertEquals(await conn.receiveText(), "there all the while");
      conn.close();
    }
    // One may meet the accept of the server's own socket pair (lib/net/poll_barrier.ts).
    assertGreater(server.log().match(/cannot accept a connection .*(EMFILE|open files)/g)?.length ?? 0, EMFILES - 2);
    assertEquals(server.log().match(/connection refused/g), null);
  },
});

Deno.test({
  name: `${ATTEMPTS} log-in attempts from as many addresses: bounded rows, and users still log in`,
  ignore,
  fn: async () => {
    await using server = await startAuth(["anna"], {
      args: ["--max-unauthenticated", "0", "--max-connections", "0", "--host", "0.0.0.0"],
    });
    await using many = crowd(LOGIN_ATTEMPTS, [server.port, ATTEMPTS, AT_ONCE]);
    const began = performance.now();
    let isOver = false;
    const line = many.line().finally(() => isOver = true);
    const times: number[] = [];
    while (!isOver) {
      const before = performance.now();
      assertEquals(codeOf(await logIn(server.port, "anna")), "235");
      times.push(performance.now() - before);
      await delay(20);
    }
    assertEquals(await line, `${ATTEMPTS} attempts`);
    const seconds = (performance.now() - began) / 1000;
    using db = new DatabaseSync(join(server.data, "echo.db"), { readOnly: true, timeout: STORE_LOCK_WAIT });
    const rows = Number(Object.values(db.prepare("SELECT count(*) FROM attempt").get() ?? {})[0]);
    const slowest = Math.max(...times).toFixed(0);
    figure(`${seconds.toFixed(0)} s, ${rows} rows, ${times.length} good log-ins, the slowest took ${slowest} ms`);
    figure(`memory ${mib(memoryOf(server.pid, "VmRSS"))}`);
    assertGreater(rows, 0);
    assertLess(rows, ATTEMPTS_KEPT + 1);
  },
});

Deno.test("SIGTERM with 500 busy sessions: every request received before it is answered, exit 0 within 10 s", async () => {
  await using server = await startServer();
  const wire = concat(...Array.from({ length: 100 }, (_, number) => frame(`request ${number} ${"x".repeat(number)}`)));
  const conns = await Promise.all(Array.from({ length: 500 }, () => dial(server.port)));
  let received = 0;
  let sent = 0;
  const talk = async (conn: Deno.TcpConn): Promise<Uint8Array> => {
    const parts: Uint8Array[] = [];
    const buffer = new Uint8Array(64 * 1024);
    const sending = writeAll(conn, wire).then(() => sent++, () => {/* the end of the reading tells */});
    for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
      parts.push(buffer.slice(0, read));
      received += read;
    }
    await sending;
    conn.close();
    return concat(...parts);
  };
  const talking = conns.map(talk);
  // All have been sent; most are still waiting for their answers, many to be accepted.
  await until(() => received > wire.length && sent === conns.length ? true : undefined, "the first answers");
  const before = performance.now();
  server.kill("SIGTERM");
  const answers = await Promise.all(talking);
  const { code } = await server.finished;
  figure(`${answers.length} sessions ended in ${(performance.now() - before).toFixed(0)} ms`);
  assertLess(performance.now() - before, 10_000);
  assertEquals(code, 0);
  const short = answers.filter((bytes) => bytes.length !== wire.length);
  assertEquals(short.map((bytes) => scanAll("u32", MIB, [bytes]).frames), []);
});

Deno.test("1,000 connections that wait for each echo: nobody is starved", async () => {
  await using server = await startServer();
  let most = 0;
  // Where other programs take the processor, a second is too short for a turn of all; a server without turns has no time.
  for (const duration of ["1s", "4s", "10s"]) {
    const load = ["--json", "--no-floor", "-c1000", "-w1", "--duration", duration, "--warmup", "300ms"];
    const { code, stdout, stderr } = await runTool("echo-client", ["bench", ...load, `127.0.0.1:${server.port}`]);
    assertEquals(code, 0, stderr);
    const { jain, slowest } = JSON.parse(stdout).fairness;
    figure(`Jain's index ${jain.toFixed(4)}, the slowest has ${slowest.share.toFixed(2)} of the mean`);
    most = Math.max(most, slowest.share);
    if (most > 0.1) break;
  }
  // Measured with load.c: 0 without turns, 0.9 with them; half of that where other programs take the processor.
  assertGreater(most, 0.1);
});

Deno.test("Beside four clients that flood, the echoes of a quiet one do not wait, nor do new connections", async () => {
  await using server = await startServer({ args: ["--max-connections", "0"] });
  // Other programs disturb single echoes; a server that makes them wait does so each time.
  let least = Infinity;
  for (let round = 0; round < 10 && least >= 30; round++) least = Math.min(least, await besideFlood(server));
  // Measured: 2 to 5 ms; 50 to 75 where the flood is served as long as it comes.
  assertLess(least, 30, "p99 of the echoes, in ms");
});

/** p99 of a quiet client's echoes beside a flood, in ms; meanwhile new clients are served. */
async function besideFlood(server: RunningServer): Promise<number> {
  const before = server.log().match(/client connected/g)?.length ?? 0;
  await using good = await dialFramed(server.port);
  const load = ["--json", "--no-floor", "-c4", "-w16", "-s64KiB", "--duration", "2s", "--warmup", "300ms"];
  const flood = runTool("echo-client", ["bench", ...load, `127.0.0.1:${server.port}`]);
  await until(() => server.log().match(/client connected/g)?.length === before + 5 ? true : undefined, "the flood");
  const arrived = (async (): Promise<number> => {
    const before = performance.now();
    const served = await Promise.all(Array.from({ length: share(1000) }, () => isServed(server.port)));
    assertEquals(served.every((it) => it), true);
    return performance.now() - before;
  })();
  const times = await pingWhile(good, flood);
  const { code, stdout, stderr } = await flood;
  assertEquals(code, 0, stderr);
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  figure(
    `beside ${JSON.parse(stdout).rate_per_s.toFixed(0)} frames/s: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
  );
  figure(`${share(1000)} new connections were served within ${(await arrived).toFixed(0)} ms`);
  assertLess(await arrived, 2000);
  return p99;
}
