/**
 * Listening through a {@linkcode Ring}.
 *
 * @module
 */
import { hostPort } from "../../base/address.ts";
import { UsageError } from "../../base/errors.ts";
import { TCP_BACKLOG } from "../../base/limits.ts";
import type { OpenListener } from "../listen.ts";
import { RingConn } from "./conn.ts";
import type { Owner } from "./owner.ts";
import { OP, type Ring } from "./ring.ts";
import { addrOf, ipAddress, unixAddress } from "./sockaddr.ts";
import { ERRNO, systemError } from "./system_error.ts";

/** IORING_CQE_F_MORE: the operation goes on. */
const MORE = 2;

const ACCEPT = 1;
const CANCEL = 2;

/** Connections that are accepted before anybody asks for them; the others wait in the system's queue. */
const AHEAD = 64;

/** IORING_ACCEPT_MULTISHOT in ioprio */
const MULTISHOT = 1 << 16;

/** SOCK_CLOEXEC, also as a flag of accept4(2); SOCK_STREAM. */
const CLOSE_ON_EXEC = 0x80000;
const STREAM = 1;

/** SO_REUSEADDR, SO_REUSEPORT, SO_KEEPALIVE, TCP_NODELAY: level and name. */
const REUSE_ADDRESS: readonly [number, number] = [1, 2];
const REUSE_PORT: readonly [number, number] = [1, 15];
const KEEP_ALIVE: readonly [number, number] = [1, 9];
const NO_DELAY: readonly [number, number] = [6, 1];

/** SO_TYPE, SO_ACCEPTCONN. */
const TYPE: readonly [number, number] = [1, 3];
const IS_LISTENING: readonly [number, number] = [1, 30];

/**
 * Listens on an address.
 *
 * @param place `hostname` may be a name: it stands for what `Deno.listen` takes it for.
 * @throws What `Deno.listen` throws.
 */
export function listenTcp(
  ring: Ring,
  { hostname, port, reusePort = false }: {
    readonly hostname: string;
    readonly port: number;
    readonly reusePort?: boolean;
  },
): RingListener<Deno.NetAddr> {
  const host = /^[\d.]+$|:/.test(hostname) ? hostname : lookUp(hostname);
  const address = ipAddress({ hostname: host, port }, (name) => ring.libc.interfaceIndex(name));
  const options = [REUSE_ADDRESS, NO_DELAY, KEEP_ALIVE, ...(reusePort ? [REUSE_PORT] : [])];
  return open(ring, address, options) as RingListener<Deno.NetAddr>;
}

/**
 * Listens on a Unix socket, whose file must not exist.
 *
 * @throws What `Deno.listen` throws.
 */
export function listenUnix(ring: Ring, path: string): RingListener<Deno.UnixAddr> {
  return open(ring, unixAddress(path), []) as RingListener<Deno.UnixAddr>;
}

/**
 * Listens on a socket that another program has opened, and of which this process has inherited the descriptor `fd`. That
 * stays open, and so does the socket's file: both are the other program's.
 *
 * @throws {UsageError} `socket_usage` where it is no listening socket of TCP or Unix.
 */
export function adopt(ring: Ring, fd: number): OpenListener {
  const { libc } = ring;
  const own = inherit(libc, fd);
  const addr = addrOf(libc.address(own, "own"));
  if ("hostname" in addr) { for (const option of [NO_DELAY, KEEP_ALIVE]) libc.setOption(own, option, true); }
  const listener = new RingListener(ring, own, addr);
  const address = "hostname" in addr ? hostPort(addr.hostname, addr.port) : `unix:${addr.path}`;
  return { listener, address, close: () => listener.close() };
}

function inherit(libc: Ring["libc"], fd: number): number {
  try {
    if (libc.option(fd, TYPE) === STREAM && libc.option(fd, IS_LISTENING) !== 0) return libc.duplicateBlocking(fd);
  } catch {
    // It is no socket at all.
  }
  throw new UsageError("socket_usage", `Cannot listen on descriptor ${fd}: it is no listening socket`, {
    details: { problem: "sockets_kind", fd },
  });
}

function open(
  ring: Ring,
  address: Uint8Array<ArrayBuffer>,
  options: readonly (readonly [number, number])[],
): RingListener<Deno.NetAddr | Deno.UnixAddr> {
  const { libc } = ring;
  const family = (address[0] ?? 0) | (address[1] ?? 0) << 8;
  const fd = libc.socket(family, STREAM | CLOSE_ON_EXEC);
  try {
    for (const option of options) libc.setOption(fd, option, true);
    libc.bind(fd, address);
    libc.listen(fd, TCP_BACKLOG);
    return new RingListener(ring, fd, addrOf(libc.address(fd, "own")));
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** What the runtime takes a host's name for. */
function lookUp(hostname: string): string {
  using listener = Deno.listen({ hostname, port: 0 });
  return listener.addr.hostname;
}

/** The part of `Deno.Listener` in use. Takes the descriptor over. */
export class RingListener<Addr extends Deno.NetAddr | Deno.UnixAddr> implements Owner, Disposable {
  readonly addr: Addr;
  readonly #ring: Ring;
  readonly #fd: number;
  readonly #place: number;
  readonly #accepted: number[] = [];
  #failed: Error | undefined;
  #waiting: PromiseWithResolvers<RingConn> | undefined;
  #pending = 0;
  #isArmed = false;
  #isClosed = false;
  #isDisposed = false;

  constructor(ring: Ring, fd: number, addr: Addr) {
    this.#ring = ring;
    this.#fd = fd;
    this.addr = addr;
    this.#place = ring.add(this);
  }

  /**
   * The next connection. One at a time.
   *
   * @throws What `Deno.Listener.accept` throws.
   */
  accept(): Promise<RingConn> {
    if (this.#isClosed && this.#pending === 0 && this.#accepted.length === 0) {
      return Promise.reject(new Deno.errors.BadResource("Bad resource ID"));
    }
    if (this.#waiting !== undefined) return Promise.reject(new Deno.errors.Busy("Another accept is pending"));
    const waiting = this.#waiting = Promise.withResolvers<RingConn>();
    this.#armFor(waiting);
    this.#hand();
    return waiting.promise;
  }

  /**
   * Nobody new is let in. Whom the kernel has accepted by then `accept` still gives: a descriptor that is closed with bytes
   * unread resets its client. After them a pending `accept` rejects with `Interrupted`.
   */
  close(): void {
    if (this.#isClosed) throw new Deno.errors.BadResource("Bad resource ID");
    this.#isClosed = true;
    if (this.#pending === 0) this.#free();
    else this.#cancel();
  }

  /** Closes, and whom nobody has taken as well. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const fd of this.#accepted.splice(0)) this.#ring.libc.close(fd);
    if (!this.#isClosed) this.close();
  }

  complete(kind: number, result: number, flags: number): void {
    if ((flags & MORE) === 0) this.#pending--;
    if (kind === ACCEPT) this.#took(result, flags);
    if (this.#isClosed && this.#pending === 0) this.#free();
  }

  #took(result: number, flags: number): void {
    if ((flags & MORE) === 0) this.#isArmed = false;
    if (result >= 0 && this.#isDisposed) return this.#ring.libc.close(result);
    if (result >= 0) this.#accepted.push(result);
    else if (result !== -ERRNO.ECANCELED) this.#failed = systemError(-result, "accept");
    if (this.#accepted.length === AHEAD && this.#isArmed) this.#cancel();
    this.#hand();
    this.#armFor(this.#waiting);
  }

  /** Gives the one who waits what there is for them. */
  #hand(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const fd = this.#accepted.shift();
    if (fd === undefined && this.#failed === undefined) return;
    this.#ring.promised();
    this.#waiting = undefined;
    if (fd === undefined) {
      waiting.reject(this.#failed);
      this.#failed = undefined;
      return;
    }
    try {
      const peer = this.addr.transport === "unix" ? this.addr : addrOf(this.#ring.libc.address(fd, "peer"));
      waiting.resolve(new RingConn(this.#ring, fd, peer));
    } catch (error) {
      // The client has reset it already.
      this.#ring.libc.close(fd);
      waiting.reject(error);
    }
  }

  #armFor(waiting: PromiseWithResolvers<RingConn> | undefined): void {
    const isServed = waiting === undefined || this.#accepted.length > 0 || this.#failed !== undefined;
    if (this.#isArmed || this.#isClosed || isServed) return;
    this.#isArmed = true;
    this.#pending++;
    this.#ring.begin(this.#place, ACCEPT, OP.accept | MULTISHOT, this.#fd, 0, 0, CLOSE_ON_EXEC);
  }

  #cancel(): void {
    this.#pending++;
    this.#ring.cancel(this.#place, CANCEL, this.#fd);
  }

  #free(): void {
    this.#ring.libc.close(this.#fd);
    this.#ring.remove(this.#place);
    this.#waiting?.reject(new Deno.errors.Interrupted("Listener closed"));
    this.#waiting = undefined;
  }
}
