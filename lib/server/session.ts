/**
 * One client, from its connection to its leaving.
 *
 * @module
 */
import { EchoError, NetworkError, ProtocolError } from "../errors.ts";
import type { BufferPool } from "../framed_conn.ts";
import { FramedConn } from "../framed_conn.ts";
import type { Framing } from "../framing.ts";
import { DRAIN_QUIET, LINGER } from "../limits.ts";
import { pause } from "../pause.ts";
import { addressText } from "./listen.ts";
import type { ServiceLog } from "./service_log.ts";

/** What all sessions of a server share. */
export interface SessionContext {
  readonly framing: Framing;
  /** Largest payload, in bytes. */
  readonly maxFrame: number;
  readonly pool: BufferPool;
  readonly log: ServiceLog;
}

/** Serves one connection. */
export class Session {
  readonly #conn: FramedConn;
  readonly #context: SessionContext;
  readonly #peer: string;
  readonly #startedAt = performance.now();
  #draining: AbortController | undefined;

  /** Takes `conn` over. */
  constructor(conn: Deno.Conn, context: SessionContext) {
    this.#context = context;
    this.#peer = addressText(conn.remoteAddr);
    prepare(conn);
    this.#conn = new FramedConn(conn, context);
  }

  /** Echoes until the client leaves. Never rejects. */
  async run(): Promise<void> {
    const { log } = this.#context;
    log.info("connect", { peer: this.#peer });
    const reason = await this.#serve();
    this.#draining?.abort();
    log.info("disconnect", {
      peer: this.#peer,
      reason,
      bytes_in: this.#conn.bytesReceived,
      bytes_out: this.#conn.bytesSent,
      frames: this.#conn.framesReceived,
      ms: Math.round(performance.now() - this.#startedAt),
    });
  }

  /**
   * Lets the session finish what it has received, then ends it: it goes on until the client has been silent for a
   * moment or `busyMs` have passed, returns the frame it is in, and sends FIN.
   */
  async drain(busyMs: number): Promise<void> {
    const until = performance.now() + busyMs;
    const { signal } = this.#draining = new AbortController();
    let reads = -1;
    while (!signal.aborted && performance.now() < until && (reads !== this.#conn.reads || this.#conn.inFrame)) {
      reads = this.#conn.reads;
      await pause(DRAIN_QUIET, signal);
    }
    this.#conn.finish();
  }

  /** Ends the session at once. */
  abort(reason: Error): void {
    this.#conn.close(reason);
  }

  /** Why the session ended, in a word for the log. */
  async #serve(): Promise<string> {
    try {
      await this.#conn.echo();
      return "end";
    } catch (error) {
      return await this.#failed(error);
    } finally {
      this.#conn.close();
    }
  }

  async #failed(error: unknown): Promise<string> {
    const { log } = this.#context;
    if (error instanceof NetworkError) return error.code;
    if (!(error instanceof EchoError)) {
      log.error("error", { peer: this.#peer, error: String(error) });
      return "error";
    }
    log.warn("error", { peer: this.#peer, code: error.code, error: error.message });
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
function prepare(conn: Deno.Conn): void {
  if (!("setNoDelay" in conn)) return;
  try {
    (conn as Deno.TcpConn).setNoDelay(true);
    (conn as Deno.TcpConn).setKeepAlive(true);
  } catch {
    // The client has reset the connection already; the first read says so.
  }
}
