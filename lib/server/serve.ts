/**
 * The server: accepts on every listener, serves each client, and ends in order when asked to.
 *
 * @module
 */
import { BufferPool } from "../net/buffers.ts";
import { ACCEPT_BURST, RESTING_BUFFERS } from "../base/limits.ts";
import { hostOf } from "../base/address.ts";
import { PollBarrier } from "../net/poll_barrier.ts";
import { delay } from "../base/delay.ts";
import { acceptLoop, isOutOfDescriptors } from "../net/accept.ts";
import { Admission } from "./admission.ts";
import { Refusals } from "./refuse.ts";
import { sweepInterval } from "./deadlines.ts";
import { type ConnectionLimiter, type Denial, LocalLimiter } from "./connection_limiter.ts";
import type { Identity } from "../protocol/server_dialogue.ts";
import { endRevoked } from "./revoked.ts";
import type { OpenListener } from "../net/listen.ts";
import { type Balancer, type Peer, peerOf } from "./peer.ts";
import { ProxyHeaders } from "./proxied.ts";
import { Connection, type ConnectionContext } from "./connection.ts";
import { type OpenTotals, Stats } from "./stats.ts";
import { FairQueue } from "../net/fair_queue.ts";
import { DEFAULT_LIMITS, type ServeLimits, type ServeOptions } from "./serve_options.ts";
import type { Socket, SocketListener } from "../net/wire.ts";
import { withTimeout } from "../base/timeout.ts";

/**
 * Connections accepted in a row where clients have to be admitted: with {@linkcode ACCEPT_BURST}, of 500 that leave at once
 * so many were accepted before the first had been noticed to leave that they filled --max-unauthenticated.
 */
const ACCEPT_BURST_TALKING = 8;

/**
 * How long the accept loop waits, after each burst, for those who wait for their turn, in ms. Without it 10,000 clients that
 * connect and fall silent took all turns for as long as they came: others waited up to 200 ms, now 10 to 30. With 5, the
 * last of 1,000 busy connections was accepted so late that Jain's index of the first second was 0.987 instead of 0.999.
 */
const ACCEPT_PATIENCE = 2;

/** After SIGTERM the listener closes once nobody was accepted for this long, in ms: clients in its queue are served, too. */
const ACCEPT_QUIET = 10;

/**
 * Serves until `signal` is aborted and every session has ended.
 *
 * @example A server for a test, on a free port
 * ```ts
 * import { serve } from "./serve.ts";
 * import { listen } from "../net/listen.ts";
 * import { framingFrom } from "../framing/framing.ts";
 * import { FramedConn } from "../framed_conn.ts";
 * import { assertEquals } from "@std/assert";
 * const silent = { debug() {}, info() {}, warn() {}, error() {}, reopen() {}, [Symbol.dispose]() {} };
 * const listeners = await listen({ hosts: ["127.0.0.1"], port: 0, strictPort: true });
 * const stop = new AbortController();
 * const served = serve(listeners, {
 *   framing: framingFrom("u32"), maxFrame: 1024, log: silent, drainTimeout: 1000, signal: stop.signal,
 * });
 * {
 *   const port = Number(listeners[0]?.address.split(":")[1]);
 *   await using conn = new FramedConn(await Deno.connect({ port }));
 *   await conn.send("hello");
 *   assertEquals(await conn.receiveText(), "hello");
 * }
 * stop.abort();
 * await served;
 * ```
 */
export async function serve(listeners: readonly OpenListener[], options: ServeOptions): Promise<void> {
  using server = new Server(options);
  await server.run(listeners);
}

/** One server: its connections, and what they share. */
class Server implements Disposable {
  readonly #options: ServeOptions;
  readonly #limits: ServeLimits;
  readonly #stats: Stats;
  readonly #limiter: ConnectionLimiter;
  /** None of these two where connections are served in the order in which they become ready. */
  readonly #barrier: PollBarrier | undefined;
  readonly #turns: FairQueue | undefined;
  readonly #context: ConnectionContext;
  readonly #refusals: Refusals;
  readonly #running = new Set<Connection>();
  /** Resolves once none of these is left. */
  #emptied: PromiseWithResolvers<void> | undefined;
  /** Connections that the limiter, or their balancer's header, has yet to answer for. */
  readonly #waiting = new Set<Promise<void>>();
  readonly #headers = new ProxyHeaders();
  #isFailing = false;
  #arrived = 0;
  /** Accept loops that let others have their turn, or wait until there is room for another client. */
  #yielding = 0;

  constructor(options: ServeOptions) {
    this.#options = options;
    const barrier = this.#barrier = options.look ? undefined : new PollBarrier();
    this.#turns = barrier && new FairQueue({ poll: () => barrier.wait() });
    this.#limits = { ...DEFAULT_LIMITS, ...options };
    this.#stats = options.stats ?? new Stats();
    this.#limiter = options.limiter ??
      new LocalLimiter({ ...options, admission: new Admission(this.#limits) });
    this.#refusals = new Refusals(options);
    this.#context = {
      ...this.#limits,
      ...options,
      stats: this.#stats,
      pool: options.pool ??
        new BufferPool(this.#limits.maxPending, { resting: RESTING_BUFFERS, isFixed: options.look !== undefined }),
      ...(this.#turns ? { turns: this.#turns } : {}),
      look: () => this.#look(),
      onAuthenticated: (peer) => this.#limiter.markAuthenticated(peer),
      onEnded: (connection) => this.#left(connection),
    };
    // Opens the pair while there are descriptors for it.
    void barrier?.wait();
  }

  /** Accepts until the signal, and resolves when every connection has ended. */
  async run(listeners: readonly OpenListener[]): Promise<void> {
    const { signal, log, watch, drainTimeout, onDraining = (sessions: number) => log.info("drain", { sessions }) } =
      this.#options;
    const close = (): void => listeners.forEach(({ close }) => close());
    if (signal.aborted) close();
    const ended = new AbortController();
    let stoppedAt = performance.now();
    signal.addEventListener("abort", () => {
      stoppedAt = performance.now();
      this.#stats.isReady = false;
      void this.#quiet(drainTimeout / 10).then(close).then(() => delay(drainTimeout / 20, ended.signal))
        .then(() => this.#headers.giveUp());
    }, { once: true });
    void this.#watchRevocations();
    this.#stats.open = () => this.#openTotals();
    if (watch !== undefined) watch.connections = this.#running;
    this.#stats.isReady = !signal.aborted;
    const sweeper = setInterval(() => this.#sweep(), sweepInterval(this.#limits));
    try {
      await Promise.all(listeners.map(({ listener }) => this.#accept(listener)));
      await Promise.all(this.#waiting);
      onDraining(this.#running.size);
      await this.#drain(drainTimeout, stoppedAt);
    } finally {
      ended.abort();
      clearInterval(sweeper);
      this.#refusals.tell();
    }
  }

  [Symbol.dispose](): void {
    this.#barrier?.[Symbol.dispose]();
  }

  async #accept(listener: SocketListener): Promise<void> {
    const { authenticator, identity, log } = this.#options;
    const startsUnauthenticated = authenticator !== undefined || identity !== undefined;
    await acceptLoop(listener, {
      ready: () => this.#waitForRoom(),
      onConnection: (conn) => this.#enter(conn),
      onError: (error, waitMs) => {
        const fields = { error: String(error), wait_ms: waitMs, sessions: this.#running.size };
        if (!this.#isFailing) log.error("accept_error", fields);
        if (isOutOfDescriptors(error)) this.#limiter.learnDescriptorLimit();
        this.#isFailing = true;
      },
      giveWay: () => this.#giveWay(),
      burst: startsUnauthenticated ? ACCEPT_BURST_TALKING : ACCEPT_BURST,
    });
  }

  #waitForRoom(): Promise<void> | undefined {
    const room = this.#limiter.hasRoom?.();
    if (room === undefined) return undefined;
    this.#yielding++;
    return room.finally(() => this.#yielding--);
  }

  /** Resolves when whom and what had come before has been accepted and read, however long this thread did not run. */
  async #look(): Promise<void> {
    await (this.#options.look?.() ?? this.#barrier?.wait());
  }

  async #giveWay(): Promise<void> {
    if (this.#barrier === undefined || this.#turns === undefined) return;
    this.#yielding++;
    // With hundreds of busy connections a poll takes a round of all of them, in which nobody new would be accepted.
    await withTimeout(this.#barrier.wait(), 0);
    // Nor may those who are accepted and silent take all turns from the others.
    await withTimeout(this.#turns.pass(), ACCEPT_PATIENCE);
    this.#yielding--;
  }

  #enter(conn: Socket): void {
    const { isProxy, log } = this.#options;
    this.#arrived++;
    if (this.#isFailing) log.info("accept_resume", { sessions: this.#running.size });
    this.#isFailing = false;
    if (isProxy === undefined || !isProxy(hostOf(conn.remoteAddr))) return this.#meet(conn);
    if (this.#headers.isFull) return conn.close();
    this.#await(this.#receiveProxied(conn));
  }

  async #receiveProxied(conn: Socket): Promise<void> {
    const proxied = await this.#headers.receive(conn, this.#options.log);
    if (proxied === undefined) return;
    this.#meet(proxied.conn, { addr: conn.remoteAddr, isTls: proxied.isTls && this.#options.proxyTls === true });
  }

  /** The server ends no sooner than this. */
  #await(work: Promise<void>): void {
    const done = work.finally(() => this.#waiting.delete(done));
    this.#waiting.add(done);
  }

  /** Asks whether a client may come in. */
  #meet(conn: Socket, balancer?: Balancer): void {
    const { authenticator, identity } = this.#options;
    const isTls = identity !== undefined && "hostname" in conn.remoteAddr;
    const peer = peerOf(conn.remoteAddr, { isTls, balancer });
    const answer = this.#limiter.enter(peer, peer.isTls || authenticator !== undefined);
    if (!(answer instanceof Promise)) return this.#admit(conn, peer, answer);
    // It fails only together with all the rest: nobody is left to answer.
    this.#await(answer.then((denial) => this.#admit(conn, peer, denial), () => conn.close()));
  }

  #admit(conn: Socket, peer: Peer, denial: Denial | undefined): void {
    if (denial !== undefined) {
      this.#stats.count(this.#stats.refusals, denial);
      return this.#refusals.refuse(conn, peer, denial);
    }
    const connection = new Connection(this.#options.wrap?.(conn) ?? conn, peer, this.#context);
    this.#running.add(connection);
    connection.run();
  }

  #left(connection: Connection): void {
    const { peer, isStranded } = connection;
    this.#running.delete(connection);
    addTotals(this.#stats.ended, connection.totals);
    this.#stats.ended.connections++;
    if (this.#running.size === 0) this.#emptied?.resolve();
    if (!isStranded) return this.#limiter.leave(peer);
    // A descriptor that is still in use counts, apart: clients that never read must not use up all of them.
    this.#limiter.strand(peer);
    void connection.freed().then(() => this.#limiter.leave(peer, true));
  }

  #sweep(): void {
    const now = Math.round(performance.now());
    this.#context.pool.tidy(now);
    this.#refusals.tell(now);
    for (const connection of this.#running) connection.sweep(now);
  }

  /** Ends the sessions of users who were revoked, as that becomes known. */
  async #watchRevocations(): Promise<void> {
    const { authenticator, signal, log } = this.#options;
    const end = async (isRevoked: (identity: Identity) => Promise<boolean>): Promise<void> => {
      for (const connection of this.#running) {
        const { identity } = connection;
        if (identity !== undefined && await isRevoked(identity)) connection.abort("revoked");
      }
    };
    if (authenticator !== undefined) await endRevoked(authenticator, { signal, log, end });
  }

  /**
   * Resolves when nobody arrives any more, in `ms` at most. Who has connected before the signal may still wait to be
   * accepted: closing the listener at once would reset them.
   */
  async #quiet(ms: number): Promise<void> {
    const end = performance.now() + ms;
    for (let seen = -1; (seen !== this.#arrived || this.#yielding > 0) && performance.now() < end;) {
      seen = this.#arrived;
      await delay(ACCEPT_QUIET);
      // On a busy server an accept that is ready may still wait for its turn; on a busy machine, the server.
      await this.#look();
    }
  }

  /**
   * Ends all connections in order; those that are not done at the deadline are cut off. Half of the time is for what
   * clients still send, the rest for them to take their answers and leave, but for a tenth: from the signal to its end the
   * process keeps within `timeout`, after which a container is killed.
   */
  async #drain(timeout: number, stoppedAt: number): Promise<void> {
    const passed = performance.now() - stoppedAt;
    const cutOff = setTimeout(() => {
      for (const connection of this.#running) connection.abort("shutdown");
    }, 0.85 * timeout - passed);
    for (const connection of this.#running) void connection.drain(timeout / 2 - passed);
    // A write to a client that does not read cannot be called off on every version of Deno: it ends with the process.
    const late = new AbortController();
    this.#emptied = Promise.withResolvers();
    if (this.#running.size === 0) this.#emptied.resolve();
    await Promise.race([this.#emptied.promise, delay(0.9 * timeout - passed, late.signal)]);
    late.abort();
    clearTimeout(cutOff);
  }

  #openTotals(): OpenTotals {
    const totals = { frames: 0, bytesIn: 0, bytesOut: 0 };
    for (const connection of this.#running) addTotals(totals, connection.totals);
    const talking = [...this.#running].filter((connection) => connection.isUnauthenticated).length;
    return { ...totals, talking, echoing: this.#running.size - talking };
  }
}

function addTotals(
  sum: { frames: number; bytesIn: number; bytesOut: number },
  { frames, bytesIn, bytesOut }: Connection["totals"],
): void {
  sum.frames += frames;
  sum.bytesIn += bytesIn;
  sum.bytesOut += bytesOut;
}
