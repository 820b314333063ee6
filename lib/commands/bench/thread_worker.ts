/**
 * A thread of a benchmark: opens its part of the connections, and loads them when all threads are ready. Started by
 * threads.ts; a compiled binary needs it named with `--include`.
 *
 * @module
 */
import type { Wire } from "../../framed_conn.ts";
import { framingFrom } from "../../framing/framing.ts";
import { packError } from "../../base/error_transfer.ts";
import { Link, type Port } from "../../base/worker_link.ts";
import { connect } from "../../net/dial.ts";
import { openMany, type OpenWatch } from "./open_many.ts";
import { Pattern } from "./pattern.ts";
import { runLoad, type RunResult } from "./run.ts";
import type { PackedRun, PartSpec, ThreadCalls, ThreadReports } from "./thread.ts";

function work(scope: Port): void {
  const link = new Link<ThreadReports>(scope);
  const stop = new AbortController();
  let part: PartSpec | undefined;
  let wires: Wire[] = [];
  const answers: ThreadCalls = {
    async open(spec) {
      part = spec;
      wires = await open(spec, { signal: stop.signal, onOpened: (count) => link.tell("opened", count) });
    },
    async run(at) {
      if (part === undefined) throw new TypeError("Cannot run: no connections are open");
      const run = await runLoad(wires, {
        ...part,
        pattern: new Pattern(framingFrom(part.framing), part.size, part.payload),
        startsAt: at - performance.timeOrigin,
        signal: stop.signal,
        onTick: (tick, latencies) => link.tell("tick", tick, latencies.pack()),
      });
      return pack(run);
    },
    stop: () => stop.abort(),
  };
  link.answer(answers);
}

async function open(part: PartSpec, watch: OpenWatch): Promise<Wire[]> {
  const { target, connections } = part;
  const sockets = part.engine === "io_uring"
    ? (await import("../../net/uring/sockets.ts")).RingSockets.open()
    : undefined;
  const options = { ...part, framing: framingFrom(part.framing), sockets };
  const conns = await openMany(async () => (await connect(target, options)).conn, { count: connections, ...watch });
  return conns.map((conn) => conn.detach());
}

function pack({ latencies, fromSent, lateness, failures, phases: _, ...figures }: RunResult): PackedRun {
  return {
    ...figures,
    latencies: latencies.pack(),
    fromSent: fromSent?.pack(),
    lateness: lateness?.pack(),
    failures: failures.map(({ connection, error }) => ({ connection, error: packError(error) })),
  };
}

work(globalThis as unknown as Port);
