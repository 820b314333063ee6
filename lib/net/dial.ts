/**
 * Connecting to a server, within a time.
 *
 * @module
 */
import { hostPort, isLocal } from "../base/address.ts";
import { TimeoutError } from "../base/errors.ts";
import { FramedConn } from "../framed_conn.ts";
import type { Framing } from "../framing/framing.ts";
import { addressError } from "../base/system_errors.ts";
import { PlainWire, startTls, type TlsTrust } from "./tls_client.ts";

/** Where to connect to: TCP, or a Unix socket. */
export type Target =
  | { readonly transport: "tcp"; readonly host: string; readonly port: number }
  | { readonly transport: "unix"; readonly path: string };

/** How to connect. */
export interface ConnectOptions {
  readonly framing: Framing;
  /** Largest payload accepted, in bytes. */
  readonly maxFrame: number;
  /** Longest wait for the connection, in ms. */
  readonly timeout: number;
  /** Whom to trust; without it, the connection is in plain text. */
  readonly tls?: TlsTrust | undefined;
}

/** The target as a user writes it. */
export function targetText(target: Target): string {
  return target.transport === "unix" ? `unix:${target.path}` : hostPort(target.host, target.port);
}

/** An open connection. */
export interface Connection {
  /** In frames. */
  readonly conn: FramedConn;
  /** Whether nobody on the way can read what is sent over it: it is TLS, or crosses no network. */
  readonly isSecure: boolean;
}

/**
 * A framed connection to `target`.
 *
 * @throws {NetworkError} `host_not_found`, `refused`, `unreachable`.
 * @throws {TimeoutError} when there is no answer in time.
 * @throws {ProtocolError} with `tls`, when there is no secure connection; see {@linkcode startTls}.
 */
export async function connect(target: Target, options: ConnectOptions): Promise<Connection> {
  const address = targetText(target);
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), options.timeout);
  try {
    if (target.transport === "unix") {
      const conn = await Deno.connect({ transport: "unix", path: target.path });
      return { conn: new FramedConn(conn, options), isSecure: true };
    }
    const conn = await Deno.connect({ hostname: target.host, port: target.port, signal: giveUp.signal });
    conn.setNoDelay(true);
    if (options.tls === undefined) {
      return { conn: new FramedConn(new PlainWire(conn, address), options), isSecure: isLocal(conn.remoteAddr) };
    }
    const spec = { trust: options.tls, host: target.host, address, signal: giveUp.signal };
    return { conn: new FramedConn(await startTls(conn, spec), options), isSecure: true };
  } catch (error) {
    if (giveUp.signal.aborted) {
      throw new TimeoutError(`Cannot connect to ${address}: no answer within ${options.timeout} ms`, {
        details: { address, ms: options.timeout, action: "connect to" },
        cause: error,
      });
    }
    throw addressError(error, "connect to", address);
  } finally {
    clearTimeout(timer);
  }
}

/** A deadline for replies: closes the connection when `ms` pass between {@linkcode ReplyTimer.start} and `stop`. */
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
