/**
 * A thread of a benchmark: opens its part of the connections, and loads them when all threads are ready. Started by
 * threads.ts; a compiled binary needs it named with `--include`.
 *
 * @module
 */
import type { Wire } from "../../framed_conn.ts";
import { framingFrom } from "../../framing/framing.ts";
import { packError } from "../../base/error_transfer.ts";
import { connect } from "../../net/dial.ts";
import { openMany } from "./open_many.ts";
import { Pattern } from "./pattern.ts";
import { runLoad, type RunResult } from "./run.ts";
import type { FromThread, PackedRun, PartSpec, ToThread } from "./thread.ts";

const stop = new AbortController();
const begin = Promise.withResolvers<number>();

self.onmessage = ({ data }: { readonly data: ToThread }): void => {
  switch (data.say) {
    case "open":
      return void work(data.part);
    case "begin":
      return begin.resolve(data.at);
    case "stop":
      return stop.abort();
  }
};

async function work(part: PartSpec): Promise<void> {
  try {
    const wires = await open(part);
    self.postMessage({ say: "opened" });
    const startsAt = await begin.promise - performance.timeOrigin;
    const pattern = new Pattern(framingFrom(part.framing), part.size);
    const run = await runLoad(wires, {
      ...part,
      pattern,
      startsAt,
      signal: stop.signal,
      onSample: (sample, latencies) => self.postMessage({ say: "sample", sample, latencies: latencies.pack() }),
    });
    self.postMessage({ say: "done", run: pack(run) });
  } catch (error) {
    self.postMessage({ say: "failed", error: packError(error) });
  }
}

async function open({ target, framing: name, maxFrame, timeout, tls, connections }: PartSpec): Promise<Wire[]> {
  const options = { framing: framingFrom(name), maxFrame, timeout, tls };
  const conns = await openMany(async () => (await connect(target, options)).conn, { count: connections });
  return conns.map((conn) => conn.detach());
}

function pack({ latencies, fromSent, lateness, failures, samples: _, ...figures }: RunResult): PackedRun {
  return {
    ...figures,
    latencies: latencies.pack(),
    fromSent: fromSent?.pack(),
    lateness: lateness?.pack(),
    failures: failures.map(({ connection, error }) => ({ connection, error: packError(error) })),
  };
}

declare const self: {
  onmessage: (event: { readonly data: ToThread }) => void;
  postMessage(said: FromThread): void;
};
