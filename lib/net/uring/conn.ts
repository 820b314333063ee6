/**
 * A connection through a {@linkcode Ring}: the part of `Deno.Conn` that this project uses, and a way to echo that needs
 * no promise for each read and write.
 *
 * @module
 */
import type { EchoSink } from "../echo_sink.ts";
import type { ExchangeSink } from "../wire.ts";
import { EchoingSocket, interrupted, LINK, MORE, SEND_FLAGS } from "./echoing_socket.ts";
import { ECHO, RECEIVE } from "./owner.ts";
import { OP, type Ring } from "./ring.ts";
import { addrOf } from "./sockaddr.ts";
import { ERRNO, systemError } from "./system_error.ts";

/** The kind of sends, by which their completions are told apart from those of an echo, and of cancellations. */
const SEND = 2;

/** IOSQE_CQE_SKIP_SUCCESS: no completion when it has succeeded; when it fails, none of what is linked to it. */
const SILENT = 64 << 8;

/** TCP_NODELAY, SO_KEEPALIVE */
const NO_DELAY: readonly [number, number] = [6, 1];
const KEEP_ALIVE: readonly [number, number] = [1, 9];

/** A read or a write that somebody waits for; it holds the bytes for as long as the kernel may use them. */
interface Waiting<T> {
  readonly bytes: Uint8Array;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: Error) => void;
}

/** An exchange that somebody waits for; it holds the bytes, too. */
interface Exchange {
  readonly bytes: Uint8Array;
  readonly into: Uint8Array;
  readonly sink: ExchangeSink;
}

/** See the module. Takes the descriptor over. */
export class RingConn extends EchoingSocket {
  readonly remoteAddr: Deno.NetAddr | Deno.UnixAddr;
  #reading: Waiting<number | null> | Exchange | undefined;
  #writing: Waiting<number> | undefined;

  constructor(ring: Ring, fd: number, remoteAddr: Deno.NetAddr | Deno.UnixAddr) {
    super(ring, fd);
    this.remoteAddr = remoteAddr;
  }

  get localAddr(): Deno.NetAddr | Deno.UnixAddr {
    this.#check();
    return addrOf(this.ring.libc.address(this.fd, "own"));
  }

  /**
   * Reads into `into`; `null` at the peer's end. One at a time. Until it settles, `into` is the kernel's.
   *
   * @throws What `Deno.Conn.read` throws.
   */
  read(into: Uint8Array): Promise<number | null> {
    return new Promise((resolve, reject) => {
      this.#checkReading();
      if (into.length === 0) return resolve(0);
      this.#reading = { bytes: into, resolve, reject };
      this.receive(into);
    });
  }

  /**
   * Writes `bytes`, all of them unless the connection is lost or closed meanwhile. One at a time. Until it settles, `bytes`
   * must not change.
   *
   * @throws What `Deno.Conn.write` throws.
   */
  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#check();
      this.#checkWriting();
      if (bytes.length === 0) return resolve(0);
      this.#writing = { bytes, resolve, reject };
      this.pending++;
      const address = this.ring.addressOf(bytes);
      this.ring.begin(this.place, SEND, OP.send, this.fd, address, bytes.length, SEND_FLAGS);
    });
  }

  /**
   * Writes `bytes`, which never change, and then reads `into`: one submission and one completion. The peer has to take them
   * while nothing is read from it. One at a time, without another write. `sink` may begin the next one when it is told.
   *
   * @throws {Deno.errors.BadResource | Deno.errors.Busy}
   */
  exchange(bytes: Uint8Array, into: Uint8Array, sink: ExchangeSink): void {
    this.#checkReading();
    this.#checkWriting();
    this.#reading = { bytes, into, sink };
    this.ring.reserve(2);
    const address = this.ring.addressOf(bytes);
    this.ring.begin(this.place, SEND, OP.send | LINK | SILENT, this.fd, address, bytes.length, SEND_FLAGS);
    // The only completion of both, but where the send fails: then that one's.
    this.receive(into);
  }

  /**
   * Returns what comes to the peer, as far as `sink` lets it, without a promise or a copy for each part; of a silent peer
   * nothing is held but, where there is room, a large buffer. Ends with what `sink` did not let back, after the rest has been
   * sent; with no bytes when more comes than fits a small buffer, and no large one is to be had; with `null` at the peer's end.
   *
   * @throws {Deno.errors.BadResource | Deno.errors.Busy}
   */
  echo(sink: EchoSink): void {
    this.#checkReading();
    this.beginEcho(sink);
  }

  /**
   * Has a pending read resolve with 0, and an echo give its large buffer back, unless bytes come first; nothing happens
   * while a write is pending.
   */
  callOff(): void {
    if (this.isClosed || this.pending !== 1) return;
    if (this.holdsLarge) this.callOffEcho();
    else if (this.#reading !== undefined) this.cancel();
  }

  /** Sends FIN; reading goes on. */
  closeWrite(): Promise<void> {
    return new Promise((resolve) => {
      this.#check();
      this.ring.libc.shutdownWrite(this.fd);
      resolve();
    });
  }

  /** The listener has it on already (tcp(7): an accepted socket takes its options over). */
  setNoDelay(noDelay: boolean = true): void {
    this.#check();
    if (!noDelay) this.ring.libc.setOption(this.fd, NO_DELAY, false);
  }

  /** As {@linkcode RingConn.setNoDelay}. */
  setKeepAlive(keepAlive: boolean = true): void {
    this.#check();
    if (!keepAlive) this.ring.libc.setOption(this.fd, KEEP_ALIVE, false);
  }

  /**
   * Calls off what is pending, which rejects with `Interrupted` when the kernel has let go of it; the descriptor is closed
   * after that.
   *
   * @throws {Deno.errors.BadResource} the second time.
   */
  close(): void {
    this.#check();
    this.isClosed = true;
    if (this.pending === 0) this.#free();
    else this.cancel();
  }

  override complete(kind: number, result: number, flags: number): void {
    if ((flags & MORE) === 0) this.pending--;
    if (kind === ECHO || (kind === RECEIVE && this.isEchoing)) this.completeEcho(kind, result, flags);
    else if (kind === RECEIVE) this.#received(result);
    else if (kind === SEND && this.#writing !== undefined) this.#written(result);
    // An exchange's, which tells its failure only.
    else if (kind === SEND) this.#received(result < 0 ? result : -ERRNO.EPIPE);
    if (this.isClosed && this.pending === 0) this.#free();
  }

  #check(): void {
    if (this.isClosed) throw new Deno.errors.BadResource("Bad resource ID");
  }

  #checkReading(): void {
    this.#check();
    if (this.#reading !== undefined || this.isEchoing) {
      throw new Deno.errors.Busy("Cannot read: a read is pending");
    }
  }

  #checkWriting(): void {
    const isExchanging = this.#reading !== undefined && "sink" in this.#reading;
    if (this.#writing !== undefined || isExchanging || this.isReturning) {
      throw new Deno.errors.Busy("Cannot write: a write is pending");
    }
  }

  /** Nothing is pending: the number may come to mean another connection. Whoever is told of a completion may have closed it. */
  #free(): void {
    if (this.fd < 0) return;
    this.ring.libc.close(this.fd);
    this.fd = -1;
    this.ring.remove(this.place);
  }

  #received(result: number): void {
    const waiting = this.#reading;
    this.#reading = undefined;
    if (waiting !== undefined && "sink" in waiting) return this.#endExchange(waiting.sink, result);
    this.ring.promised();
    if (this.isClosed) waiting?.reject(interrupted());
    else if (result === -ERRNO.ECANCELED) waiting?.resolve(0);
    else if (result < 0) waiting?.reject(systemError(-result, "recv"));
    else waiting?.resolve(result === 0 ? null : result);
  }

  #endExchange(sink: ExchangeSink, result: number): void {
    if (this.isClosed) sink.failed(interrupted());
    else if (result === -ERRNO.ECANCELED) sink.exchanged(0);
    else if (result < 0) sink.failed(systemError(-result, "recv"));
    else sink.exchanged(result === 0 ? null : result);
  }

  #written(result: number): void {
    this.ring.promised();
    const waiting = this.#writing;
    this.#writing = undefined;
    if (this.isClosed) waiting?.reject(interrupted());
    else if (result < 0) waiting?.reject(systemError(-result, "send"));
    else waiting?.resolve(result);
  }
}
