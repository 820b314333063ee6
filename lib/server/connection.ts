/**
 * One client, from its connection to its leaving.
 *
 * @module
 */
import { EchoError, NetworkError, ProtocolError, UsageError } from "../base/errors.ts";
import type { BufferPool } from "../net/buffers.ts";
import { type EchoOwner, FramedConn } from "../framed_conn.ts";
import type { Framing } from "../framing/framing.ts";
import { LINGER, MAX_DIALOGUE_FRAME } from "../base/limits.ts";
import { delay } from "../base/delay.ts";
import { withImpression } from "../net/sniff.ts";
import type { Identity } from "../protocol/server_dialogue.ts";
import { converse, type Outcome, sendClosingReply } from "./carry_dialogue.ts";
import { type DeadlineLimits, Deadlines } from "./deadlines.ts";
import type { TlsIdentity } from "../net/certificate.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Peer } from "./peer.ts";
import type { ServiceLog } from "./log.ts";
import type { Stats } from "./stats.ts";
import type { FairQueue } from "../net/fair_queue.ts";
import type { Socket } from "../net/wire.ts";
import { TlsServerConn } from "../net/tls_conn.ts";
import type { SeenConnection, Watch } from "./watch.ts";

/** While draining, a session that has been silent this long, in ms, has had its answers and is closed. */
const DRAIN_QUIET = 100;

/** The end of a session that lasted this long, in ms, is noted as a use of its token; of a shorter one the beginning is near enough. */
const NOTED_USE = 60_000;

/** Why nothing can be done with a connection that has ended; one for all, as a stack trace for each takes 2 µs. */
const ENDED = new UsageError("closed", "Cannot use the connection: it has ended");

/** What all connections of a server share. */
export interface ConnectionContext extends DeadlineLimits {
  readonly framing: Framing;
  /** Largest payload, in bytes. */
  readonly maxFrame: number;
  /** For the whole dialogue, in ms; 0 for any time. */
  readonly dialogueTimeout: number;
  readonly pool: BufferPool;
  /** Where connections wait for each other; without it none waits. */
  readonly turns?: FairQueue;
  readonly log: ServiceLog;
  readonly stats: Stats;
  /** Stands before the echo; none in mode `echo`. */
  readonly authenticator?: Authenticator;
  /** What clients that speak TLS are greeted with now. */
  readonly identity?: () => TlsIdentity;
  /** Resolves when what had come before the call has been read, however long this thread did not run. */
  readonly look?: () => Promise<void>;
  /** Told once the client has been admitted. */
  readonly onAuthenticated?: (peer: Peer) => void;
  /** Told at the end. */
  readonly onEnded?: (connection: Connection) => void;
  /** Looks on. */
  readonly watch?: Watch;
}

/** Serves one connection. Has its deadlines by inheritance: in an object of their own they take 40 bytes more. */
export class Connection extends Deadlines implements EchoOwner {
  readonly peer: Peer;
  readonly #conn: FramedConn;
  /** What carries the connection, with a client that speaks TLS. */
  readonly #tls: TlsServerConn | undefined;
  readonly #context: ConnectionContext;
  /** Aborted when the server stops: nobody is kept waiting any more. Made for the dialogue. */
  #stopping: AbortController | undefined;
  /** Made when it is asked for: 10,000 connections need 4 MiB less without it. */
  #ending: AbortController | undefined;
  #isOver = false;
  #isUnauthenticated: boolean;
  /** During the TLS handshake nothing can be said. */
  #isSecuring: boolean;
  #cutOff: string | undefined;
  #identity: Identity | undefined;

  /** Takes `conn` over. */
  constructor(conn: Socket, peer: Peer, context: ConnectionContext) {
    // In whole ms: V8 keeps such a number in the object, and a fraction beside it.
    super(Math.round(performance.now()));
    this.#context = context;
    this.peer = peer;
    this.#isSecuring = peer.isTls;
    this.#isUnauthenticated = peer.isTls || context.authenticator !== undefined;
    prepare(conn);
    const maxFrame = context.authenticator === undefined ? context.maxFrame : MAX_DIALOGUE_FRAME;
    const identity = peer.isTls ? context.identity?.() : undefined;
    this.#tls = identity && new TlsServerConn(conn, { identity, pool: context.pool });
    const wire = this.#tls ?? conn;
    const isOpen = (): boolean => context.authenticator === undefined || this.#identity !== undefined;
    const isBetween = (): boolean => !this.#conn.inFrame;
    const watched = context.watch?.over(wire, { peer: peer.text, isOpen, isBetween });
    this.#conn = new FramedConn(watched ?? wire, { ...context, maxFrame });
  }

  /** Who the client is, once the dialogue has told. */
  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** What went over the connection so far. */
  get totals(): { readonly frames: number; readonly bytesIn: number; readonly bytesOut: number } {
    const { framesReceived, bytesReceived, bytesSent } = this.#conn;
    return { frames: framesReceived, bytesIn: bytesReceived, bytesOut: bytesSent };
  }

  /** What somebody who watches is shown. */
  get seen(): SeenConnection {
    const { text: peer, address } = this.peer;
    const since = Math.round(Date.now() - performance.now() + this.startedAt);
    const name = this.#identity?.name;
    return { peer, address, name, since, ...this.totals, isUnauthenticated: this.#isUnauthenticated };
  }

  /** Whether the client has yet to be admitted. */
  get isUnauthenticated(): boolean {
    return this.#isUnauthenticated;
  }

  /** Whether, after the end, the descriptor is still in use. */
  get isStranded(): boolean {
    return this.#conn.isWriting || this.#tls?.isCarrying === true;
  }

  /** Resolves, after the end, when the descriptor is free. */
  async freed(): Promise<void> {
    await Promise.all([this.#conn.freed(), this.#tls?.freed()]);
  }

  /**
   * Talks, where the mode has a dialogue, and echoes until the client leaves; then calls `onEnded`. Never throws. Nobody waits
   * in an asynchronous function for the echo: each level of waiting costs an idle connection 0.5 KiB.
   */
  run(): void {
    this.#context.log.info("connect", { peer: this.peer.text });
    if (this.#isUnauthenticated) void this.#admitThenEcho();
    else this.#echo();
  }

  /** The echo has ended. */
  echoed(error?: unknown): void {
    if (error === undefined) void this.#end("end");
    else void this.#failed(error).then((ended) => this.#end(ended));
  }

  async #admitThenEcho(): Promise<void> {
    try {
      const ended = await this.#admit();
      if (ended === undefined) this.#echo();
      else await this.#end(ended);
    } catch (error) {
      this.echoed(error);
    }
  }

  #echo(): void {
    try {
      this.#conn.echoFor(this);
    } catch (error) {
      this.echoed(error);
    }
  }

  async #end(ended: string): Promise<void> {
    const { log } = this.#context;
    this.#conn.close(ENDED);
    // What was sent last is still on its way through this process.
    if (this.#tls !== undefined) await this.#tls.finished;
    const reason = this.#cutOff ?? ended;
    this.#isOver = true;
    this.#ending?.abort();
    if (this.#isTlsAstray) {
      log.warn("tls_error", { peer: this.peer.text, reason: "the client speaks TLS: --tls-cert is needed" });
    }
    const ms = Math.round(performance.now() - this.startedAt);
    if (this.#identity !== undefined && ms >= NOTED_USE) {
      await this.#context.authenticator?.sessionEnded(this.#identity).catch(() => {/* the store has told */});
    }
    const { frames, bytesIn, bytesOut } = this.totals;
    log.info("disconnect", {
      peer: this.peer.text,
      reason,
      bytes_in: bytesIn,
      bytes_out: bytesOut,
      frames,
      ms,
    });
    this.#context.onEnded?.(this);
  }

  /**
   * Lets the client finish what it has sent, then ends: it goes on until the client has been silent for a
   * moment or `busyMs` have passed, returns the frame it is in, and sends FIN. Who has nothing pending and stays all the
   * same is not waited for.
   */
  async drain(busyMs: number): Promise<void> {
    const { authenticator, look } = this.#context;
    const until = performance.now() + busyMs;
    const signal = this.#over;
    this.#stopping?.abort();
    // Behind a handshake that has begun, messages may be on their way already.
    const shakeUntil = performance.now() + LINGER;
    const isShaking = (): boolean => this.#tls?.isShaking === true && performance.now() < shakeUntil;
    const isMoving = (): boolean => come !== this.#come || this.#conn.isBusy || isShaking();
    let come = -1;
    while (!signal.aborted && performance.now() < until && isMoving()) {
      come = this.#come;
      await delay(DRAIN_QUIET, signal);
      await look?.();
    }
    if (this.#isSecuring) this.abort("shutdown");
    else if (authenticator !== undefined && this.#isUnauthenticated) await this.#sayGoodbye(authenticator, "shutdown");
    else this.#conn.finish();
    // What still comes is dropped; a close meanwhile would reset the client, and with that destroy what it has not read.
    for (let seen = -1; !signal.aborted && (seen !== this.#come || this.#conn.isBusy);) {
      seen = this.#come;
      await delay(LINGER / 2, signal);
      await look?.();
    }
    if (!signal.aborted) this.abort("shutdown");
  }

  /** Ends when one of the deadlines has passed. */
  sweep(now: number): void {
    if (this.#cutOff === undefined && this.#overdue(now) !== undefined) void this.#cutOffAfterLook(now);
  }

  #overdue(now: number): string | undefined {
    const { dialogueTimeout } = this.#context;
    const isLate = this.#isUnauthenticated && dialogueTimeout > 0 && now - this.startedAt > dialogueTimeout;
    const dialogue = this.#isSecuring ? "handshake_timeout" : "dialogue_timeout";
    return isLate ? dialogue : this.overdue(this.#conn, { now, limits: this.#context });
  }

  /** What the client has sent in time may have come while this process did not run. */
  async #cutOffAfterLook(now: number): Promise<void> {
    const { authenticator, log, look, stats } = this.#context;
    await look?.();
    const overdue = this.#overdue(now);
    if (overdue === undefined || this.#cutOff !== undefined || this.#isOver) return;
    this.#cutOff = overdue;
    stats.count(stats.refusals, overdue);
    log.warn("timeout", { peer: this.peer.text, limit: overdue });
    if (overdue === "write_timeout" || this.#isSecuring) return this.#conn.close();
    if (authenticator !== undefined && this.#isUnauthenticated) {
      void this.#sayGoodbye(authenticator, "dialogue_timeout");
    } else this.#conn.closeWrite().catch(() => {/* the reader learns it too */});
    // Whether or not the goodbye is taken: who does not read must not stay for that.
    void delay(LINGER, this.#over).then(() => this.#conn.close());
  }

  /** Ends at once. */
  abort(reason: "shutdown" | "revoked"): void {
    this.#cutOff = reason;
    this.#conn.close();
  }

  /** Grows with what comes from the client; of TLS, also with what has yet to be read behind it. */
  get #come(): number {
    return this.#conn.bytesReceived + (this.#tls?.received ?? 0);
  }

  /** Aborted when all is over. */
  get #over(): AbortSignal {
    this.#ending ??= new AbortController();
    if (this.#isOver) this.#ending.abort();
    return this.#ending.signal;
  }

  /** Undefined once the client may be echoed, or why it ends before that, in a word for the log. */
  async #admit(): Promise<string | undefined> {
    const { authenticator, maxFrame } = this.#context;
    await this.#tls?.handshake();
    this.#isSecuring = false;
    if (authenticator === undefined) {
      this.#markAuthenticated();
      return undefined;
    }
    const outcome = await this.#talk(authenticator);
    if (outcome.type === "disconnected") return "end";
    if (outcome.type === "closed") {
      await this.#linger();
      return "refused";
    }
    // Noted first: from here on a revocation finds the client, and what was revoked before is found now.
    this.#identity = outcome.identity;
    if (!await authenticator.isStillValid(this.peer, outcome.identity)) return "revoked";
    this.#conn.maxFrame = maxFrame;
    return undefined;
  }

  async #talk(authenticator: Authenticator): Promise<Outcome> {
    const { framing, log, stats } = this.#context;
    try {
      return await converse({
        ...{ conn: this.#conn, peer: this.peer, authenticator, framing, log, stats },
        signal: (this.#stopping = new AbortController()).signal,
        onAccepted: () => this.#markAuthenticated(),
      });
    } finally {
      this.#markAuthenticated();
    }
  }

  /** The client is no longer one of those who have yet to be admitted. */
  #markAuthenticated(): void {
    if (!this.#isUnauthenticated) return;
    this.#isUnauthenticated = false;
    this.#context.onAuthenticated?.(this.peer);
  }

  /** Ends the dialogue before the client was admitted. */
  async #sayGoodbye(authenticator: Authenticator, why: "shutdown" | "dialogue_timeout"): Promise<void> {
    try {
      await sendClosingReply({ conn: this.#conn, framing: this.#context.framing, authenticator }, 421, why);
      await this.#conn.closeWrite();
    } catch {
      // The client has left already.
    }
  }

  /** Whether the client speaks TLS to a server that does not: what it says only looks like frames. */
  get #isTlsAstray(): boolean {
    return this.#tls === undefined && this.#conn.opensTls;
  }

  async #failed(error: unknown): Promise<string> {
    const { log } = this.#context;
    if (error instanceof NetworkError) return error.code;
    // What the client still said after the goodbye.
    if (error instanceof UsageError && error.code === "closed") return "shutdown";
    withImpression(error, this.#conn, this.#context.framing);
    if (!(error instanceof EchoError)) {
      log.error("error", { peer: this.peer.text, error: String(error) });
      return "error";
    }
    if (error.code === "tls_plaintext" || error.code === "tls_failed") {
      log.warn("tls_error", { peer: this.peer.text, reason: error.details["reason"] });
    } else if (!this.#isTlsAstray) {
      const { speaks, fits, length } = error.details;
      log.warn("error", { peer: this.peer.text, code: error.code, error: error.message, speaks, fits, length });
    }
    if (error instanceof ProtocolError && error.code !== "truncated_frame") await this.#linger();
    return error.code;
  }

  /** Closes so that what was echoed before the client's mistake reaches it: no reset while its bytes are unread. */
  async #linger(): Promise<void> {
    const timer = setTimeout(() => this.#conn.close(), LINGER);
    try {
      await this.#conn.finishWriting();
    } catch {
      // The client is gone, or the time is over: there is nobody left to be gentle with.
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Small frames leave at once, and a host that vanished is noticed some day. */
function prepare(conn: Socket): void {
  try {
    conn.setNoDelay?.(true);
    conn.setKeepAlive?.(true);
  } catch {
    // The client has reset the connection already; the first read says so.
  }
}
