/**
 * Sockets of io_uring in place of Deno's own: `--engine io_uring`.
 *
 * @module
 */
import type { OpenListener } from "../listen.ts";
import type { DialAddress, Dialer, Sockets } from "../wire.ts";
import type { RingConn } from "./conn.ts";
import { connectTcp } from "./connect.ts";
import { adopt, listenTcp, listenUnix, type RingListener } from "./listener.ts";
import { Ring } from "./ring.ts";

/**
 * Sockets of this thread, through a ring of its own.
 *
 * @example
 * ```ts ignore
 * await using sockets = RingSockets.open();
 * const listeners = await listen({ hosts: ["127.0.0.1"], port: 9090, strictPort: true, sockets });
 * ```
 */
export class RingSockets implements Sockets, Dialer, AsyncDisposable {
  readonly #ring: Ring;

  private constructor(ring: Ring) {
    this.#ring = ring;
  }

  /** @throws {NetworkError} `no_io_uring` */
  static open(): RingSockets {
    return new RingSockets(Ring.open());
  }

  listenTcp(at: Parameters<Sockets["listenTcp"]>[0]): RingListener<Deno.NetAddr> {
    return listenTcp(this.#ring, at);
  }

  listenUnix(path: string): RingListener<Deno.UnixAddr> {
    return listenUnix(this.#ring, path);
  }

  connectTcp(to: DialAddress): Promise<RingConn> {
    return connectTcp(this.#ring, to);
  }

  /**
   * Listens on sockets that this process has inherited, by their descriptors.
   *
   * @throws {UsageError} `socket_usage`
   */
  adopt(descriptors: readonly number[]): OpenListener[] {
    return descriptors.map((fd) => adopt(this.#ring, fd));
  }

  /** See {@linkcode Ring.look}. */
  look(): Promise<void> {
    return this.#ring.look();
  }

  /** Resolves when all that was opened has been closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ring[Symbol.asyncDispose]();
  }
}
