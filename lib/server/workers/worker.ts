/**
 * A thread that accepts and serves connections of its own, under the main thread's rules.
 *
 * @module
 */
import { BufferPool } from "../../net/buffers.ts";
import { framingFrom } from "../../framing/framing.ts";
import { RESTING_BUFFERS } from "../../base/limits.ts";
import type { TlsIdentity } from "../../net/certificate.ts";
import type { OpenListener } from "../../net/listen.ts";
import { proxiesIn } from "../access.ts";
import { serve } from "../serve.ts";
import { lastResort } from "../last_resort.ts";
import { Stats } from "../stats.ts";
import type { Counted, MainCalls, ServeSpec, WorkerCalls } from "./calls.ts";
import { Link, type Port } from "../../base/worker_link.ts";
import { RemoteAuthenticator, RemoteLimiter, remoteLog } from "./remote.ts";
import type { RingSockets } from "../../net/uring/sockets.ts";
import { listenShared } from "./shared_port.ts";
import type { Watch, WatchOptions } from "../watch.ts";

/** What a thread is given by the program that it belongs to. */
interface WorkerParts {
  /** Called where somebody watches. */
  readonly openWatch: (options: WatchOptions) => Promise<Watch>;
}

/** Makes the thread whose global scope is `scope` a worker of the pool that has started it. */
export function work(scope: Port, { openWatch }: WorkerParts): void {
  const link = new Link<MainCalls>(scope);
  const stop = new AbortController();
  const stats = new Stats();
  const open: OpenListener[] = [];
  let identity: TlsIdentity | undefined;
  let authenticator: RemoteAuthenticator | undefined;
  let ring: RingSockets | undefined;
  let watch: Watch | undefined;

  async function serveBy(spec: ServeSpec): Promise<void> {
    const { framing, language, logLevel, identity: first, workers, proxies, watchedFrames, ...limits } = spec;
    const isProxy = await proxiesIn(proxies);
    const limiter = new RemoteLimiter(link, workers);
    authenticator = language === undefined ? undefined : new RemoteAuthenticator(link, limiter, language);
    identity = first;
    const log = remoteLog(link, logLevel);
    using guard = lastResort(log, stats);
    const how = { framing: framingFrom(framing), maxFrame: limits.maxFrame };
    if (watchedFrames !== undefined) watch = await openWatch({ ...how, frames: watchedFrames });
    await serve(open, {
      ...limits,
      ...how,
      ...(watch ? { watch } : {}),
      log,
      stats,
      limiter,
      pool: new BufferPool(limits.maxPending, {
        sharers: workers,
        resting: RESTING_BUFFERS,
        isFixed: ring !== undefined,
      }),
      onDraining: (sessions) => link.tell("draining", sessions),
      ...(ring ? { look: () => ring?.look() ?? Promise.resolve() } : {}),
      signal: AbortSignal.any([stop.signal, guard.signal]),
      ...(isProxy ? { isProxy } : {}),
      ...(authenticator ? { authenticator } : {}),
      ...(first ? { identity: () => identity ?? first } : {}),
    });
    guard.signal.throwIfAborted();
  }

  const answers: WorkerCalls = {
    listen: async (places, { check, ring: isWanted }) => {
      if (isWanted) ring ??= await openRing();
      open.push(...await listenShared(places, { check, sockets: ring }));
    },
    adopt: async (descriptors) => {
      ring ??= await openRing();
      open.push(...ring.adopt(descriptors));
    },
    serve: serveBy,
    stop: () => stop.abort(),
    renew: (renewed) => void (identity = renewed),
    revoke: (ids) => authenticator?.revoke(ids),
    count: () => takeCounted(stats),
    see: () => watch?.take(),
  };
  link.answer(answers);
}

/** `--engine io_uring`; nothing of it is loaded without. */
async function openRing(): Promise<RingSockets> {
  const { RingSockets } = await import("../../net/uring/sockets.ts");
  return RingSockets.open();
}

/** The numbers since the last time, which start again from nothing. */
function takeCounted(stats: Stats): Counted {
  const { ended, logins, refusals, unforeseen } = stats;
  const counted = {
    ...{ ended: { ...ended }, logins: new Map(logins), refusals: new Map(refusals) },
    ...{ unforeseen, open: stats.open() },
  };
  stats.unforeseen = 0;
  Object.assign(ended, { connections: 0, frames: 0, bytesIn: 0, bytesOut: 0 });
  logins.clear();
  refusals.clear();
  return counted;
}
