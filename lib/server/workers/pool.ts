/**
 * `--workers N`: several threads that accept on one port (SO_REUSEPORT) and serve what they have accepted, as one server.
 * Loaded only when asked for; docs/adr/0006-workers.md says why it is as it is.
 *
 * @module
 */
import { NetworkError } from "../../base/errors.ts";
import { delay } from "../../base/delay.ts";
import { HeapKeeper } from "../../base/heap_keeper.ts";
import { Admission } from "../admission.ts";
import { LocalLimiter } from "../connection_limiter.ts";
import { listen, listenAlone, type ListenOptions, type OpenListener } from "../../net/listen.ts";
import { DEFAULT_LIMITS, type ServeOptions } from "../serve_options.ts";
import type { LogLevel } from "../log.ts";
import { type OpenTotals, Stats } from "../stats.ts";
import type { Counted, Place, ServeSpec, WorkerCalls } from "./calls.ts";
import type { RingSockets } from "../../net/uring/sockets.ts";
import { type Link, linkWorker, type Thread } from "../../base/worker_link.ts";
import type { Identity } from "../../protocol/server_dialogue.ts";
import { endRevoked } from "../revoked.ts";
import type { Seen } from "../watch.ts";
import { openWorkerServices, type WorkerServices } from "./services.ts";

/** Tries for one port, where another server turned up at the same moment. */
const SHARING_TRIES = 3;

/** Longest pause between them, in ms; its length is random, so that the two do not meet again. */
const SHARING_PAUSE = 30;

export interface WorkerPoolOptions extends ServeOptions {
  /** Networks of balancers that tell whose connections they pass on. */
  readonly proxies?: readonly string[];
  /** The least level that the log writes: what is below it needs not travel. */
  readonly logLevel: LogLevel;
  /** Frames to be shown to somebody who watches. */
  readonly watchedFrames?: number | undefined;
}

interface Member {
  readonly number: number;
  readonly thread: Thread;
  readonly link: Link<WorkerCalls>;
}

/** Some workers; disposing of them ends them at once. */
export class WorkerPool implements Disposable {
  readonly #members: readonly Member[];
  readonly #isRing: boolean;

  /**
   * Starts `count` workers.
   *
   * @param options `start`: starts a thread that calls `work` of worker.ts. `ring`: serve with io_uring.
   */
  constructor(
    count: number,
    { start, ring = false }: { readonly start: () => Thread; readonly ring?: boolean },
  ) {
    this.#isRing = ring;
    this.#members = Array.from({ length: count }, (_, index) => {
      const number = index + 1;
      const thread = start();
      const died = (why: string): Error => new Error(`worker ${number} has died (${why}); start the server again`);
      const link = linkWorker<WorkerCalls>(thread, died);
      return { number, thread, link };
    });
  }

  /**
   * Listens as {@linkcode listen} does, with all workers on each address. What comes back is closed in this thread, but
   * for datagrams.
   *
   * @throws What `listen` throws.
   */
  async listen(options: ListenOptions): Promise<OpenListener[]> {
    const handOver = (open: readonly OpenListener[]): Promise<OpenListener[]> => this.#handOver(open);
    for (let tries = 1;; tries++) {
      try {
        return await listen({ ...options, handOver });
      } catch (error) {
        // Any free port was taken by somebody else in between: the next one is as good.
        const mayRetry = options.port === 0 && error instanceof NetworkError && error.code === "port_busy";
        if (!mayRetry || tries === SHARING_TRIES) throw error;
      }
    }
  }

  /**
   * Has all workers accept on sockets that this process has inherited, and which `ring` can take over.
   *
   * @throws {UsageError} `socket_usage`
   */
  async adopt(descriptors: readonly number[], ring: RingSockets): Promise<OpenListener[]> {
    const open = ring.adopt(descriptors);
    for (const { close } of open) close();
    await Promise.all(this.#members.map(({ link }) => link.call("adopt", descriptors)));
    return open.map((each) => ({ ...each, close: () => {} }));
  }

  /** Serves as `serve` does. Rejects when a worker dies, after the others have ended in order. */
  async serve(listeners: readonly OpenListener[], options: WorkerPoolOptions): Promise<void> {
    const { log, authenticator, signal, drainTimeout } = options;
    const limits = { ...DEFAULT_LIMITS, ...options };
    const stats = options.stats ?? new Stats();
    const stopping = new AbortController();
    const limiter = new LocalLimiter({ ...options, admission: new Admission(limits) });
    const onDraining = whenAllHave(this.#members.length, (sessions) => log.info("drain", { sessions }));
    const heap = new HeapKeeper();
    const services = this.#members.map(({ number, link }) => {
      const service = openWorkerServices(number, {
        ...{ limiter, authenticator, log, heap, signal: stopping.signal, identity: options.identity },
        renew: (identity) => link.tell("renew", identity),
      });
      link.answer({ ...service.calls, draining: onDraining });
      return service;
    });
    const stop = (): void => {
      if (stopping.signal.aborted) return;
      stats.isReady = false;
      stopping.abort();
      for (const { close } of listeners) close();
      for (const { link } of this.#members) link.tell("stop");
    };
    let lost: unknown;
    const spec = specOf(options, this.#members.length);
    const served = this.#members.map(async ({ link }) => {
      try {
        await link.call("serve", spec);
      } catch (error) {
        lost ??= error;
        log.error("worker_died", { error: error instanceof Error ? error.message : String(error) });
        onDraining(0);
        stop();
      }
    });
    countInto(stats, this.#members.map(({ link }) => link));
    stats.isReady = true;
    void this.#watchRevocations(services, options, stopping.signal);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    // Workers keep the drain's time themselves; one that does not answer any more must not hold up the end.
    const over = new AbortController();
    const overdue = aborted(stopping.signal).then(() => delay(0.95 * drainTimeout, over.signal));
    await Promise.race([Promise.all(served), overdue]);
    over.abort();
    signal.removeEventListener("abort", stop);
    if (lost !== undefined) throw lost;
  }

  /** What all workers have seen since the last time; of one that has died, nothing. */
  async see(): Promise<Seen[]> {
    const seen = await Promise.all(this.#members.map(({ link }) => link.call("see").catch(() => undefined)));
    return seen.filter((one) => one !== undefined);
  }

  [Symbol.dispose](): void {
    for (const { thread, link } of this.#members) {
      link.end(new Error("the worker has been ended"));
      thread.terminate();
    }
  }

  /** Has the workers listen where this thread listens, which it ceases to do. */
  async #handOver(open: readonly OpenListener[]): Promise<OpenListener[]> {
    for (const { listener } of open) listener.close();
    try {
      await this.#share(open.flatMap(placesOf));
    } catch (error) {
      for (const { datagrams } of open) datagrams?.close();
      throw error;
    }
    return open.map((each) => ({ ...each, close: () => each.datagrams?.close() }));
  }

  async #share(places: readonly Place[]): Promise<void> {
    const [first, ...others] = this.#members;
    for (let tries = 1;; tries++) {
      try {
        await first?.link.call("listen", places, { check: true, ring: this.#isRing });
        break;
      } catch (error) {
        const isBusy = error instanceof NetworkError && error.code === "port_busy";
        if (!isBusy || tries === SHARING_TRIES) throw error;
        // Two servers may have met here, and both have gone: whoever comes back first has it.
        await delay(SHARING_PAUSE * Math.random());
        for (const place of places) listenAlone(place).close();
      }
    }
    await Promise.all(others.map(({ link }) => link.call("listen", places, { check: false, ring: this.#isRing })));
  }

  async #watchRevocations(
    services: readonly WorkerServices[],
    { authenticator, log }: WorkerPoolOptions,
    signal: AbortSignal,
  ): Promise<void> {
    const end = async (isRevoked: (identity: Identity) => Promise<boolean>): Promise<void> => {
      for (const [at, { link }] of this.#members.entries()) {
        const ids = await services[at]?.revoked(isRevoked) ?? [];
        if (ids.length > 0) link.tell("revoke", ids);
      }
    };
    if (authenticator !== undefined) await endRevoked(authenticator, { signal, log, end });
  }
}

/** A name may stand for another address the next time, and an address with a zone is told without it. */
function placesOf({ listener: { addr }, host }: OpenListener): Place[] {
  if (addr.transport !== "tcp" || !("hostname" in addr)) return [];
  return [{ hostname: host?.includes("%") ? host : addr.hostname, port: addr.port }];
}

function specOf(options: WorkerPoolOptions, workers: number): ServeSpec {
  const { framing, maxFrame, drainTimeout, authenticator, identity, logLevel, watchedFrames } = options;
  const { proxies = [], proxyTls = false } = options;
  const limits = { ...DEFAULT_LIMITS, ...options };
  const { maxConnections, maxUnauthenticated, maxPerAddress, maxPending } = limits;
  const { dialogueTimeout, frameTimeout, idleTimeout, writeTimeout } = limits;
  return {
    ...{ framing: framing.name, maxFrame, drainTimeout, logLevel, workers, proxies, proxyTls },
    ...{ maxConnections, maxUnauthenticated, maxPerAddress, maxPending },
    ...{ dialogueTimeout, frameTimeout, idleTimeout, writeTimeout },
    ...(authenticator ? { language: authenticator.language } : {}),
    ...(identity ? { identity: identity() } : {}),
    ...(watchedFrames === undefined ? {} : { watchedFrames }),
  };
}

/** Adds what the workers have counted to `stats`, whenever somebody wants to see them. */
function countInto(stats: Stats, links: readonly Link<WorkerCalls>[]): void {
  const open = new Map<Link<WorkerCalls>, OpenTotals>();
  stats.refresh = async (): Promise<void> => {
    await Promise.all(links.map(async (link) => {
      const counted = await link.call("count");
      open.set(link, counted.open);
      add(stats, counted);
    }));
  };
  stats.open = () => {
    const sum = { talking: 0, echoing: 0, frames: 0, bytesIn: 0, bytesOut: 0 };
    for (const totals of open.values()) addTo(sum, totals);
    return sum;
  };
}

function add(stats: Stats, { ended, logins, refusals, unforeseen }: Counted): void {
  addTo(stats.ended, ended);
  stats.unforeseen += unforeseen;
  for (const [event, count] of logins) stats.logins.set(event, (stats.logins.get(event) ?? 0) + count);
  for (const [limit, count] of refusals) stats.refusals.set(limit, (stats.refusals.get(limit) ?? 0) + count);
}

function addTo<Key extends string>(sum: Record<Key, number>, more: Readonly<Record<Key, number>>): void {
  for (const key in more) if (Object.hasOwn(more, key)) sum[key] += more[key];
}

/** Calls `done` with the sum once it was called `count` times. */
function whenAllHave(count: number, done: (sum: number) => void): (value: number) => void {
  let left = count;
  let sum = 0;
  return (value) => {
    sum += value;
    if (--left === 0) done(sum);
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
