/**
 * Connecting from an address of one's choice. `Deno.connect` leaves the local end to the system; `node:net` does not.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import type { Wire } from "../framed_conn.ts";

/** An open connection, and the addresses of its two ends. */
export type Dialed = Wire & Pick<Deno.Conn, "localAddr" | "remoteAddr">;

/** A local address; without a port, any free one. */
export interface SourceAddress {
  readonly hostname: string;
  readonly port?: number;
}

/** An address of ours, and a signal that gives up. */
export interface ConnectFromOptions {
  readonly source: SourceAddress;
  readonly signal: AbortSignal;
}

/**
 * Connects to `to` from `source`.
 *
 * @throws What `Deno.connect` throws; `Deno.errors.AddrNotAvailable`, when this machine has no such address.
 */
export async function connectFrom(
  to: { readonly hostname: string; readonly port: number },
  { source, signal }: ConnectFromOptions,
): Promise<Dialed> {
  const socket = connect({
    ...{ host: to.hostname, port: to.port, localAddress: source.hostname, allowHalfOpen: true, noDelay: true },
    ...source.port === undefined ? {} : { localPort: source.port },
  });
  const giveUp = (): void => void socket.destroy(signal.reason);
  signal.addEventListener("abort", giveUp);
  try {
    await event(socket, "connect");
    return new SocketConn(socket);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** A socket of `node:net` as a connection of Deno. */
class SocketConn implements Dialed {
  readonly #socket: Socket;
  readonly localAddr: Deno.NetAddr;
  readonly remoteAddr: Deno.NetAddr;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.localAddr = { transport: "tcp", hostname: socket.localAddress ?? "", port: socket.localPort ?? 0 };
    this.remoteAddr = { transport: "tcp", hostname: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
    // Somebody has to listen; whoever reads or writes next is told.
    socket.on("error", () => {});
  }

  async read(into: Uint8Array): Promise<number | null> {
    const socket = this.#socket;
    for (;;) {
      if (socket.errored !== null) throw asDeno(socket.errored);
      if (socket.readableEnded) return null;
      if (socket.destroyed) throw new Deno.errors.Interrupted("the connection was closed");
      const chunk: Uint8Array | null = socket.read(Math.min(into.length, socket.readableLength) || undefined);
      if (chunk !== null) {
        into.set(chunk);
        return chunk.length;
      }
      await event(socket, "readable", "end", "close");
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    await new Promise<void>((resolve, reject) =>
      this.#socket.write(bytes, (error) => error ? reject(asDeno(error)) : resolve())
    );
    return bytes.length;
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(resolve));
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Resolves at the first of the events; rejects at an error. */
function event(socket: Socket, ...names: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error): void => {
      for (const name of names) socket.off(name, onEvent);
      socket.off("error", done);
      if (error === undefined) resolve();
      else reject(asDeno(error));
    };
    const onEvent = (): void => done();
    for (const name of names) socket.once(name, onEvent);
    socket.once("error", done);
  });
}

const CLASSES: Readonly<Record<string, new (message: string, options?: ErrorOptions) => Error>> = {
  ECONNREFUSED: Deno.errors.ConnectionRefused,
  ECONNRESET: Deno.errors.ConnectionReset,
  EPIPE: Deno.errors.BrokenPipe,
  EADDRNOTAVAIL: Deno.errors.AddrNotAvailable,
  EADDRINUSE: Deno.errors.AddrInUse,
  EACCES: Deno.errors.PermissionDenied,
};

/** The same error in the classes that `Deno.connect` throws. */
function asDeno(error: Error): Error {
  // Binding to an address that is not ours is told as EINVAL.
  const isBind = "syscall" in error && error.syscall === "bind" && "code" in error && error.code === "EINVAL";
  const found = "code" in error ? CLASSES[isBind ? "EADDRNOTAVAIL" : String(error.code)] : undefined;
  return found === undefined ? error : new found(error.message, { cause: error });
}
