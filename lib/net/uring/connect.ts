/**
 * Connecting through a {@linkcode Ring}.
 *
 * @module
 */
import type { DialAddress } from "../wire.ts";
import { RingConn } from "./conn.ts";
import type { Owner } from "./owner.ts";
import { OP, type Ring } from "./ring.ts";
import { ipAddress } from "./sockaddr.ts";
import { systemError } from "./system_error.ts";

const CONNECT = 1;
const CANCEL = 2;

/** SOCK_STREAM | SOCK_CLOEXEC */
const STREAM = 1 | 0x80000;

/** TCP_NODELAY */
const NO_DELAY: readonly [number, number] = [6, 1];

/**
 * Connects to an IP address. Small writes leave at once.
 *
 * @throws What `Deno.connect` throws; the signal's reason.
 */
export function connectTcp(ring: Ring, { hostname, port, signal }: DialAddress): Promise<RingConn> {
  const { promise, resolve, reject } = Promise.withResolvers<RingConn>();
  signal.throwIfAborted();
  const address = ipAddress({ hostname, port }, (name) => ring.libc.interfaceIndex(name));
  const fd = ring.libc.socket((address[0] ?? 0) | (address[1] ?? 0) << 8, STREAM);
  try {
    ring.libc.setOption(fd, NO_DELAY, true);
  } catch (error) {
    ring.libc.close(fd);
    throw error;
  }
  const attempt = new Attempt(ring, fd, address);
  const giveUp = (): void => attempt.cancel();
  signal.addEventListener("abort", giveUp);
  attempt.begin((result) => {
    signal.removeEventListener("abort", giveUp);
    if (result === 0 && !signal.aborted) {
      return resolve(new RingConn(ring, fd, { transport: "tcp", hostname, port }));
    }
    ring.libc.close(fd);
    reject(signal.aborted ? signal.reason : systemError(-result, "connect"));
  });
  return promise;
}

/** One attempt. It holds the address until the kernel is done with it, and the descriptor until nothing is pending. */
class Attempt implements Owner {
  readonly #ring: Ring;
  readonly #fd: number;
  readonly #address: Uint8Array<ArrayBuffer>;
  readonly #place: number;
  #pending = 0;
  #result = 0;
  #done: (result: number) => void = () => {};

  constructor(ring: Ring, fd: number, address: Uint8Array<ArrayBuffer>) {
    this.#ring = ring;
    this.#fd = fd;
    this.#address = address;
    this.#place = ring.add(this);
  }

  /** Calls `done` with 0 or a negated error number, when nothing of it is pending any more. */
  begin(done: (result: number) => void): void {
    this.#done = done;
    this.#pending++;
    const address = this.#ring.addressOf(this.#address);
    this.#ring.begin(this.#place, CONNECT, OP.connect, this.#fd, address, 0, 0, 0, this.#address.length);
  }

  cancel(): void {
    this.#pending++;
    this.#ring.cancel(this.#place, CANCEL, this.#fd);
  }

  complete(kind: number, result: number): void {
    this.#ring.promised();
    if (kind === CONNECT) this.#result = result;
    if (--this.#pending > 0) return;
    this.#ring.remove(this.#place);
    this.#done(this.#result);
  }
}
