/**
 * The deadline of a reply.
 *
 * @module
 */
import { TimeoutError } from "../base/errors.ts";
import type { FramedConn } from "../framed_conn.ts";

/** Closes the connection when `ms` pass between {@linkcode ReplyTimer.start} and {@linkcode ReplyTimer.stop}. */
export class ReplyTimer {
  readonly #conn: FramedConn;
  readonly #ms: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(conn: FramedConn, ms: number) {
    this.#conn = conn;
    this.#ms = ms;
  }

  /** Begins to wait, anew where it was waiting already. */
  start(): void {
    this.stop();
    this.#timer = setTimeout(() => {
      this.#conn.close(
        new TimeoutError(`Cannot go on: no reply within ${this.#ms} ms`, { details: { ms: this.#ms } }),
      );
    }, this.#ms);
  }

  /** Ends the wait. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
