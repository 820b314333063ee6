/**
 * The server: accepts on every listener, serves each client, and ends in order when asked to.
 *
 * @module
 */
import { BufferPool } from "../framed_conn.ts";
import type { Framing } from "../framing.ts";
import { acceptLoop } from "./accept.ts";
import type { Gate } from "./gate.ts";
import type { OpenListener } from "./listen.ts";
import type { ServiceLog } from "./service_log.ts";
import { Session } from "./session.ts";

/** What {@linkcode serve} needs beside its listeners. */
export interface ServeOptions {
  readonly framing: Framing;
  /** Largest payload, in bytes. */
  readonly maxFrame: number;
  readonly log: ServiceLog;
  /** Admits clients before they are echoed; none in mode `echo`. */
  readonly gate?: Gate;
  /** From the signal to the last session's end, in ms. */
  readonly drainTimeout: number;
  /** Ends the server: no new connections, sessions finish what they have received. */
  readonly signal: AbortSignal;
}

/**
 * Serves until `signal` is aborted and every session has ended.
 *
 * @example A server for a test, on a free port
 * ```ts
 * import { serve } from "./serve.ts";
 * import { listen } from "./listen.ts";
 * import { framingFrom } from "../framing.ts";
 * import { FramedConn } from "../framed_conn.ts";
 * import { assertEquals } from "@std/assert";
 *
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
  const { log, signal, drainTimeout } = options;
  const context = { ...options, pool: new BufferPool() };
  const running = new Map<Session, Promise<void>>();
  let failing = false;
  const onConnection = (conn: Deno.Conn): void => {
    if (failing) log.info("accept_resume", { sessions: running.size });
    failing = false;
    const session = new Session(conn, context);
    running.set(session, session.run().finally(() => running.delete(session)));
  };
  const onError = (error: unknown, waitMs: number): void => {
    if (!failing) log.error("accept_error", { error: String(error), wait_ms: waitMs, sessions: running.size });
    failing = true;
  };
  const closeAll = (): void => listeners.forEach(({ close }) => close());
  signal.addEventListener("abort", closeAll, { once: true });
  if (signal.aborted) closeAll();
  void watchRevocations(running, options);
  await Promise.all(listeners.map(({ listener }) => acceptLoop(listener, { onConnection, onError })));
  log.info("drain", { sessions: running.size });
  await drain(running, drainTimeout);
}

/** Ends the sessions of users who were revoked, as that becomes known. */
async function watchRevocations(
  running: ReadonlyMap<Session, Promise<void>>,
  { gate, signal, log }: ServeOptions,
): Promise<void> {
  try {
    for await (const isRevoked of gate?.revocations(signal) ?? []) {
      for (const session of running.keys()) {
        if (session.identity !== undefined && await isRevoked(session.identity)) session.abort("revoked");
      }
    }
  } catch (error) {
    log.error("error", { error: `Cannot watch for revocations: ${error instanceof Error ? error.message : error}` });
  }
}

/** Ends all sessions in order; those that are not done at the deadline are cut off. */
async function drain(running: ReadonlyMap<Session, Promise<void>>, timeout: number): Promise<void> {
  // Half of the time for what clients still send, half for them to take their answers and leave. The margin keeps the
  // whole under the promised time.
  const margin = timeout / 10;
  const cutOff = setTimeout(() => {
    for (const session of running.keys()) session.abort("shutdown");
  }, timeout - margin);
  for (const session of running.keys()) void session.drain(timeout / 2);
  await Promise.all(running.values());
  clearTimeout(cutOff);
}
