/**
 * What carries bytes: the part of Deno's sockets that this project uses, whoever provides them.
 *
 * @module
 */
import type { Framing } from "../framing/framing.ts";
import type { BufferPool } from "./buffers.ts";
import type { SelfEchoing } from "./echo_sink.ts";
import type { FairQueue } from "./fair_queue.ts";

/** Told how an exchange has ended: of one thing, once. */
export interface ExchangeSink {
  /** All was written, and so many bytes were read; `null` at the peer's end. */
  exchanged(length: number | null): void;
  /** With what a read or write would have rejected. */
  failed(error: unknown): void;
}

/** The part of `Deno.Conn` that carries frames; tests put a faulty one in its place. */
export type Wire = Pick<Deno.Conn, "read" | "write" | "close" | "closeWrite"> & Partial<SelfEchoing> & {
  /** Writes all of `bytes`, which never change, and then reads `into`: as one operation, and without a promise. */
  exchange?(bytes: Uint8Array, into: Uint8Array, sink: ExchangeSink): void;
  /** Has a pending read resolve with 0, unless bytes come first; nothing happens while a write is pending. */
  callOff?(): void;
};

/** A connection that a server has accepted. */
export type Socket = Wire & Pick<Deno.Conn, "remoteAddr"> & Partial<Pick<Deno.TcpConn, "setNoDelay" | "setKeepAlive">>;

/** The part of `Deno.Listener` that a server uses. */
export interface SocketListener<Addr extends Deno.Addr = Deno.Addr> {
  readonly addr: Addr;
  accept(): Promise<Socket>;
  close(): void;
}

/** Who provides sockets. */
export interface Sockets {
  /** @throws What `Deno.listen` throws. */
  listenTcp(at: { hostname: string; port: number; reusePort?: boolean }): SocketListener<Deno.NetAddr>;
  /** @throws What `Deno.listen` throws. */
  listenUnix(path: string): SocketListener;
}

/** Where a connection goes to; the signal gives it up. */
export interface DialAddress {
  /** An IP address. */
  readonly hostname: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

/** Who opens connections in place of `Deno.connect`. */
export interface Dialer {
  /** @throws What `Deno.connect` throws; the signal's reason. */
  connectTcp(to: DialAddress): Promise<Wire & Pick<Deno.Conn, "localAddr" | "remoteAddr">>;
}

/** What a `FramedConn` can be told. */
export interface FramedConnOptions {
  /** Default: `u32`, a 4-byte big-endian length. */
  readonly framing?: Framing;
  /** Largest payload accepted, in bytes. Default: 1 MiB. */
  readonly maxFrame?: number;
  /** Where busy connections borrow their large buffers; default: one for this connection alone. */
  readonly pool?: BufferPool;
  /** Where busy connections wait for each other; without it none waits. */
  readonly turns?: FairQueue;
}
