/**
 * Two ends of one connection inside this process.
 *
 * @module
 */

/** The two ends; what one writes the other reads. */
export interface SocketPair<T extends Deno.Conn> {
  readonly near: Deno.TcpConn;
  /** What the listener accepted. */
  readonly far: T;
}

/**
 * Connects to `listener`, on a port of 127.0.0.1 that nobody knows, and accepts that connection.
 *
 * @param options `signal`: gives up connecting.
 * @throws What connecting and accepting throw; `EMFILE` where no descriptor is left.
 *
 * @example
 * ```ts
 * import { socketPair } from "./socket_pair.ts";
 * import { assertEquals } from "@std/assert";
 *
 * using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const { near, far } = await socketPair(listener);
 * await near.write(Uint8Array.of(7));
 * const read = new Uint8Array(1);
 * await far.read(read);
 * assertEquals(read[0], 7);
 * near.close();
 * far.close();
 * ```
 */
export async function socketPair<T extends Deno.Conn<Deno.NetAddr>>(
  listener: Deno.Listener<T, Deno.NetAddr>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<SocketPair<T>> {
  const near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port, ...options });
  try {
    near.setNoDelay(true);
    for (;;) {
      const far = await listener.accept();
      if (far.remoteAddr.port === near.localAddr.port) return { near, far };
      // Some other program of this machine came in between.
      far.close();
    }
  } catch (error) {
    near.close();
    throw error;
  }
}
