/**
 * The accept loop: a client that is gone before it was accepted, or too few file descriptors, must not end it.
 * `for await (const conn of listener)` would end on either, a remote kill.
 *
 * @module
 */
import { ACCEPT_BURST } from "../base/limits.ts";
import { delay } from "../base/delay.ts";

/** Wait after EMFILE before accepting again: doubles from the first to the second value, in ms. */
const ACCEPT_BACKOFF: readonly [number, number] = [10, 1000];

/** What an accept loop tells. */
export interface AcceptOptions<Conn = Deno.Conn> {
  /** Awaited before each accept, where there is something to wait for: meanwhile clients wait in the system's queue. */
  readonly ready?: (() => Promise<void> | undefined) | undefined;
  /** Takes a new connection over; must not throw. */
  readonly onConnection: (conn: Conn) => void;
  /** An accept failed; the loop goes on after `waitMs`. */
  readonly onError?: (error: unknown, waitMs: number) => void;
  /** Lets those who are served already have their turn; awaited after every `burst` connections. Default: a timer. */
  readonly giveWay?: () => Promise<void>;
  /** Default: {@linkcode ACCEPT_BURST}. */
  readonly burst?: number;
}

/** Accepts until the listener is closed. */
export async function acceptLoop<Conn>(
  listener: { accept(): Promise<Conn> },
  { ready, onConnection, onError, giveWay = (): Promise<void> => delay(0), burst = ACCEPT_BURST }: AcceptOptions<Conn>,
): Promise<void> {
  const [shortest, longest] = ACCEPT_BACKOFF;
  let wait = shortest;
  let accepted = 0;
  for (;;) {
    try {
      await ready?.();
      onConnection(await listener.accept());
      wait = shortest;
      if (++accepted % burst === 0) await giveWay();
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
      if (isClientGone(error)) continue;
      onError?.(error, wait);
      await delay(wait);
      wait = Math.min(2 * wait, longest);
    }
  }
}

/** Whether the process has no file descriptor left. ENFILE, the whole machine's lack of them, says nothing about it. */
export function isOutOfDescriptors(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EMFILE";
}

/** The client reset the connection between its arrival and accept: its own affair. */
function isClientGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected || error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}
