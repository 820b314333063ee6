/**
 * A mixed load for minutes: clients that are good, slow, resetting and hostile, from a seed, against one server.
 *
 * @module
 */
import { delay } from "../../lib/base/delay.ts";
import { encodeText } from "../../lib/protocol/commands.ts";
import { AuthClient, codeOf, tokenOf } from "../support/auth.ts";
import { descriptorsOf, OWN_PAIR, percentile, stall } from "../support/load.ts";
import { dial, dialFramed, frame, memoryOf, writeAll } from "../support/net.ts";
import type { FramedConn } from "../../lib/framed_conn.ts";
import { between, oneOf, randomFrom } from "../support/random.ts";
import type { RunningServer } from "../support/tools.ts";

/** What a server is soaked with. */
export interface SoakOptions {
  readonly server: RunningServer;
  readonly mode: "echo" | "auth";
  readonly seed: number;
  readonly minutes: number;
}

/** What came of it. */
export interface SoakReport {
  readonly mode: string;
  readonly connections: number;
  readonly echoes: number;
  readonly bytes: number;
  /** Connections of clients that are not good. */
  readonly bad: number;
  readonly p50: number;
  readonly p99: number;
  /** Resident memory in bytes: before the load, after warm-up, in the end, and the most. */
  readonly memory: { readonly before: number; readonly warm: number; readonly end: number; readonly most: number };
  /** Descriptors before the load, in its course at most, and after it. */
  readonly descriptors: { readonly before: number; readonly most: number; readonly after: number };
  /** What must not be: echoes that were lost or altered, errors, growth. */
  readonly faults: readonly string[];
}

/** `--frame-timeout` of the server, in ms. */
export const FRAME_TIMEOUT = 3000;

/** Growth of memory after warm-up that is no leak, in bytes: a collection more or less. */
const GROWTH = 20 * 1024 * 1024;

/** Echo times kept for the percentiles: a sample of all. */
const SAMPLE = 100_000;

const USERS = ["anna", "boris", "clara", "dora"] as const;

/** Runs the load, then lets the server settle. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const run = new Soak(options);
  return await run.run();
}

/** Names of the users that a server of mode `auth` has to have. */
export { USERS };

class Soak {
  readonly #options: SoakOptions;
  readonly #end: number;
  readonly #times: number[] = [];
  readonly #faults: string[] = [];
  #connections = 0;
  #echoes = 0;
  #bytes = 0;
  #bad = 0;

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#end = performance.now() + options.minutes * 60_000;
  }

  async run(): Promise<SoakReport> {
    const { server, mode, seed } = this.#options;
    const before = { memory: memoryOf(server.pid, "VmRSS"), descriptors: descriptorsOf(server.pid) };
    const kinds = [
      ...Array.from({ length: mode === "echo" ? 8 : 6 }, () => this.#good),
      ...[this.#slow, this.#slow, this.#resetting, this.#resetting, this.#hostile, this.#hostile, this.#stalled],
    ];
    const samples: { memory: number; descriptors: number }[] = [];
    const sampling = setInterval(() => {
      samples.push({ memory: memoryOf(server.pid, "VmRSS"), descriptors: descriptorsOf(server.pid) });
    }, 1000);
    await Promise.all(kinds.map((kind, worker) => this.#work(kind, randomFrom(seed * 1000 + worker))));
    clearInterval(sampling);
    const after = await this.#settled(before.descriptors + OWN_PAIR);
    const memory = samples.map((sample) => sample.memory);
    // The first fifth is warm-up: code is compiled, buffers are borrowed, the database is cached.
    const warm = percentile(part(memory, 0.2, 0.3), 0.5);
    const end = percentile(part(memory, 0.9, 1), 0.5);
    if (end - warm > GROWTH) this.#faults.push(`memory grew by ${end - warm} bytes after warm-up`);
    if (after > before.descriptors + OWN_PAIR) {
      this.#faults.push(`${after - before.descriptors} descriptors are left open`);
    }
    return {
      mode,
      connections: this.#connections,
      echoes: this.#echoes,
      bytes: this.#bytes,
      bad: this.#bad,
      p50: percentile(this.#times, 0.5),
      p99: percentile(this.#times, 0.99),
      memory: { before: before.memory, warm, end, most: Math.max(...memory) },
      descriptors: { before: before.descriptors, most: Math.max(...samples.map((it) => it.descriptors)), after },
      faults: this.#faults,
    };
  }

  /** One worker, connection after connection. */
  async #work(kind: (random: () => number) => Promise<void>, random: () => number): Promise<void> {
    const isGood = kind === this.#good || kind === this.#slow;
    while (performance.now() < this.#end && this.#faults.length < 20) {
      this.#connections++;
      if (!isGood) this.#bad++;
      try {
        await kind.call(this, random);
      } catch (error) {
        // A bad client is cut off in the middle of its work.
        if (isGood) this.#faults.push(`a good client: ${error instanceof Error ? error.message : error}`);
      }
    }
  }

  /** A connection in its echo session. */
  async #open(random: () => number): Promise<FramedConn> {
    const { server: { port }, mode } = this.#options;
    if (mode === "echo") return await dialFramed(port);
    const client = await AuthClient.to(port);
    const answer = await client.scram(oneOf(random, USERS));
    if (codeOf(answer) !== "235") throw new Error(`refused: ${answer}`);
    if (random() < 0.5) return client.conn;
    client.conn.close();
    const again = await AuthClient.to(port);
    const resumed = await again.say(`AUTH TOKEN ${tokenOf(answer)}`);
    // Another session of the same user may have made room for this one meanwhile: ten are kept.
    if (codeOf(resumed) !== "235") {
      again.conn.close();
      return await this.#open(random);
    }
    return again.conn;
  }

  /** Sends messages in bursts and compares every echo. */
  async #good(random: () => number): Promise<void> {
    await using conn = await this.#open(random);
    for (let bursts = between(random, 1, 40); bursts > 0 && performance.now() < this.#end; bursts--) {
      const messages = Array.from({ length: between(random, 1, 20) }, () => message(random));
      const began = performance.now();
      const sending = (async (): Promise<void> => {
        for (const bytes of messages) await conn.send(bytes);
      })();
      for (const bytes of messages) this.#compare(bytes, await conn.receive());
      await sending;
      if (this.#times.length < SAMPLE) this.#times.push((performance.now() - began) / messages.length);
      await delay(between(random, 0, 20));
    }
    await conn.closeWrite();
    if (await conn.receive() !== null) this.#faults.push("an echo that nobody asked for");
  }

  /** Sends a few bytes at a time, and reads as slowly. On a busy machine it may be slower than the server allows. */
  async #slow(random: () => number): Promise<void> {
    const began = performance.now();
    let ended = Infinity;
    try {
      await this.#trickle(random, () => ended = performance.now());
    } catch (error) {
      if (Math.min(ended, performance.now()) - began < FRAME_TIMEOUT) throw error;
      this.#bad++;
    }
  }

  async #trickle(random: () => number, sent: () => void): Promise<void> {
    using conn = await dial(this.#options.server.port);
    const isEcho = this.#options.mode === "echo";
    const wire = frame(isEcho ? message(random).subarray(0, 2000) : "no name: \u0007");
    const reading = (async (): Promise<Uint8Array> => {
      const parts: number[] = [];
      const buffer = new Uint8Array(100);
      for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
        parts.push(...buffer.subarray(0, read));
        await delay(2);
      }
      return Uint8Array.from(parts);
    })();
    const writing = (async (): Promise<void> => {
      for (let at = 0; at < wire.length;) {
        const end = Math.min(wire.length, at + between(random, 1, 200));
        await writeAll(conn, wire.subarray(at, end));
        at = end;
        await delay(between(random, 0, 20));
      }
      sent();
      await conn.closeWrite();
    })();
    // Both at once: where the server cuts the client off, both fail, and neither may do so unheard.
    const [received] = await Promise.all([reading, writing]);
    if (received.length < (isEcho ? wire.length : 10)) throw new Error("a greeting, an echo or an answer is missing");
    if (isEcho) this.#compare(wire, received);
  }

  /** Leaves in the middle, with bytes unread. */
  async #resetting(random: () => number): Promise<void> {
    using conn = await dial(this.#options.server.port);
    const wire = frame(message(random));
    await writeAll(conn, wire.subarray(0, between(random, 0, wire.length)));
    await delay(between(random, 0, 5));
  }

  /** Says what nobody should. */
  async #hostile(random: () => number): Promise<void> {
    const { server: { port }, mode } = this.#options;
    if (mode === "auth" && random() < 0.7) {
      await using client = await AuthClient.to(port);
      for (let times = between(random, 1, 5); times > 0; times--) {
        const said = oneOf(random, [
          "",
          "AUTH",
          `AUTH TOKEN es1.${"A".repeat(22)}.${"A".repeat(43)}`,
          `AUTH SCRAM-SHA-256 ${encodeText("n,,n=anna,r=x")}`,
          `LOGOUT ${"A".repeat(100)}`,
          "\u0000",
          "x".repeat(3000),
        ]);
        if (["421", "end"].includes(codeOf(await client.say(said)))) return;
      }
      return;
    }
    using conn = await dial(port);
    const bad = oneOf(random, [
      Uint8Array.of(0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(0, 0x10, 0, 1),
      Uint8Array.of(0, 0, 1),
      new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"),
      crypto.getRandomValues(new Uint8Array(between(random, 1, 5000))),
    ]);
    await writeAll(conn, bad);
    await conn.closeWrite();
    await new Response(conn.readable).bytes();
  }

  /** Never reads, for a while. */
  async #stalled(random: () => number): Promise<void> {
    const client = await stall(this.#options.server.port);
    await delay(between(random, 500, 3000));
    await client.leave();
  }

  #compare(sent: Uint8Array, received: Uint8Array | null): void {
    this.#echoes++;
    this.#bytes += sent.length;
    if (received === null) this.#faults.push("an echo was lost");
    else if (sent.length !== received.length || sent.some((byte, at) => received[at] !== byte)) {
      this.#faults.push(`an echo of ${sent.length} bytes was altered`);
    }
  }

  /** Descriptors once everybody has left. */
  async #settled(expected: number): Promise<number> {
    const { pid } = this.#options.server;
    for (let waits = 0; waits < 100 && descriptorsOf(pid) > expected; waits++) await delay(100);
    return descriptorsOf(pid);
  }
}

/** A message of any size, most of them small. */
function message(random: () => number): Uint8Array {
  const size = random() < 0.02 ? between(random, 0, 300_000) : between(random, 0, random() < 0.5 ? 100 : 5000);
  const first = between(random, 0, 255);
  return new Uint8Array(size).map((_, at) => first + at * 7);
}

function part<T>(items: readonly T[], from: number, to: number): T[] {
  return items.slice(Math.floor(items.length * from), Math.max(Math.ceil(items.length * to), 1));
}
