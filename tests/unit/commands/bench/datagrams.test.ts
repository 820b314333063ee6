import { assert, assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../../../lib/base/errors.ts";
import { DatagramFlow, type DatagramOutcome } from "../../../../lib/commands/bench/datagram_flow.ts";
import { runDatagrams } from "../../../../lib/commands/bench/datagrams.ts";
import { FaultyService } from "../../../../lib/commands/faults/datagrams.ts";
import { echoDatagrams } from "../../../../lib/server/udp.ts";
import { Stats } from "../../../../lib/server/stats.ts";
import type { BenchSettings } from "../../../../lib/commands/bench/settings.ts";
import { planOf } from "../faults/through.ts";

const SILENT = { debug() {}, info() {}, warn() {}, error() {}, reopen() {}, [Symbol.dispose]() {} };
const TARGET = { transport: "udp", hostname: "127.0.0.1", port: 7 } as const;

/** A socket whose datagrams a test takes, and gives back as it likes. */
class Wire implements Pick<Deno.DatagramConn, "send" | "receive"> {
  readonly sent: Uint8Array[] = [];
  readonly #back: Uint8Array<ArrayBuffer>[] = [];
  #wake = Promise.withResolvers<void>();
  #isClosed = false;

  send(bytes: Uint8Array): Promise<number> {
    this.sent.push(bytes.slice());
    return Promise.resolve(bytes.length);
  }

  give(...datagrams: (Uint8Array | undefined)[]): void {
    for (const datagram of datagrams) if (datagram !== undefined) this.#back.push(new Uint8Array(datagram));
    this.#wake.resolve();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake.resolve();
  }

  async receive(): Promise<[Uint8Array<ArrayBuffer>, Deno.Addr]> {
    for (;;) {
      const next = this.#back.shift();
      if (next !== undefined) return [next, TARGET];
      if (this.#isClosed) throw new Deno.errors.BadResource();
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
  }
}

Deno.test("DatagramFlow tells what came, once more, out of order, changed, and what nobody sent", async () => {
  const wire = new Wire();
  const outcomes: DatagramOutcome[] = [];
  const flow = new DatagramFlow({
    ...{ socket: wire, target: TARGET, payload: new Uint8Array(32).fill(7) },
    onOutcome: (outcome) => void outcomes.push(outcome),
  });
  const receiving = flow.receive();
  for (let number = 1; number <= 5; number++) await flow.send();
  const [first, second, third, fourth, fifth = new Uint8Array()] = wire.sent;
  wire.give(first, third, second, second, fifth.map((byte, at) => at === 20 ? byte ^ 1 : byte), new Uint8Array(32));
  wire.give(fourth?.subarray(0, 31));
  wire.close();
  await receiving;
  const told = outcomes.map((outcome) =>
    outcome.type === "unexpected" ? "unexpected" : [
      outcome.type,
      outcome.number,
      ...outcome.type === "echo" && outcome.reordered ? ["reordered"] : [],
    ].join(" ")
  );
  assertEquals(told, [
    ...["echo 1", "echo 3", "echo 2 reordered", "duplicate 2", "corrupted 5", "unexpected", "corrupted 4"],
  ]);
  assertEquals(flow.outstanding, 2);
});

Deno.test("DatagramFlow has the jitter of RFC 3550", async () => {
  const wire = new Wire();
  const rtts: number[] = [];
  const flow = new DatagramFlow({
    ...{ socket: wire, target: TARGET, payload: new Uint8Array(16) },
    onOutcome: (outcome) => void (outcome.type === "echo" && rtts.push(outcome.rtt)),
  });
  const receiving = flow.receive();
  assertEquals(flow.jitter, null, "nothing has come back");
  for (let number = 0; number < 20; number++) {
    await flow.send();
    await new Promise((resolve) => setTimeout(resolve, number % 3 * 4));
    wire.give(wire.sent.at(-1));
  }
  wire.close();
  await receiving;
  let [jitter, before] = [0, rtts[0] ?? 0];
  for (const rtt of rtts.slice(1)) {
    jitter += (Math.abs(rtt - before) - jitter) / 16;
    before = rtt;
  }
  assertEquals(rtts.length, 20);
  assert(jitter > 1 && Math.abs((flow.jitter ?? 0) - jitter) < 1e-9, `${flow.jitter} and ${jitter}`);
});

const SETTINGS: BenchSettings = {
  ...{ mode: "udp", framing: "u32", connections: 1, window: 1, size: 64, payload: "text", warmup: 0, threads: 1 },
  ...{ timeout: 2000, maxFrame: 1024, interval: 200, rate: 1000, count: 1000, duration: 1000 },
};

Deno.test("runDatagrams() counts exactly what a path loses and swaps", async () => {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { plan, strikes } = planOf(["drop=1/20,reorder=1/50,duplicate=1/30"]);
  const service = new FaultyService(socket, plan, { enter: () => 1, leave: () => {} });
  const served = echoDatagrams(service, {
    ...{ log: SILENT, stats: new Stats(), maxFrame: 1024, permits: () => true },
  });
  const port = socket.addr.transport === "udp" ? socket.addr.port : 0;
  // So few that a socket keeps them all, however late its owner reads: none is lost but by the plan.
  const run = await runDatagrams({ ...SETTINGS, count: 200, duration: 200 }, {
    ...{ target: { transport: "tcp", host: "127.0.0.1", port }, way: {}, signal: new AbortController().signal },
  });
  service.close();
  await served;
  const struck = (name: string): number => strikes.filter(({ fault }) => fault === name).length;
  assertEquals([run.due, run.unsent, run.lost, run.answered, run.pending], [200, 0, 10, 190, 0]);
  assertEquals(struck("drop"), 10);
  assertEquals([run.datagrams?.duplicated, run.datagrams?.corrupted], [struck("duplicate"), 0]);
  assertEquals(run.datagrams?.reordered, struck("reorder"));
  assert(struck("reorder") >= 2 && struck("duplicate") >= 3);
});

Deno.test("runDatagrams() says that nobody answers, and refuses what cannot be", async () => {
  const silent = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const port = silent.addr.transport === "udp" ? silent.addr.port : 0;
  const options = { way: {}, signal: new AbortController().signal };
  const tcp = { transport: "tcp", host: "127.0.0.1", port } as const;
  const run = await runDatagrams({ ...SETTINGS, count: 3, duration: 2, timeout: 30 }, { ...options, target: tcp });
  silent.close();
  assertEquals([run.lost, run.answered, run.failures.length], [run.due, 0, 1]);
  await assertRejects(() => runDatagrams({ ...SETTINGS, size: 15 }, { ...options, target: tcp }), UsageError);
  const unix = { transport: "unix", path: "/x" } as const;
  await assertRejects(() => runDatagrams(SETTINGS, { ...options, target: unix }), UsageError);
});
