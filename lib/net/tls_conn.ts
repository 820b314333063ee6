/**
 * The server's side of a TLS connection, which can be given up at any moment.
 *
 * Deno's own `TlsConn` cannot: closed during its handshake, or while a write waits, it keeps the client's descriptor until
 * the client leaves, so that a thousand silent clients would hold a thousand descriptors for ever. It has no keep-alive
 * either, and its listener has to be closed to change the certificate. So the client's socket stays a plain one, of which
 * all this can be asked, and the `TlsConn` stands at the end of a socket pair of this process (docs/adr/0005-tls.md):
 *
 *     client ⇄ outer ⇄ inner ⇄ TlsConn ⇄ FramedConn
 *
 * @module
 */
import { NetworkError, ProtocolError, UsageError } from "../base/errors.ts";
import type { BufferPool } from "./buffers.ts";
import { BUSY_BUFFER, IDLE_BUFFER, LINGER } from "../base/limits.ts";
import { type SocketPair, socketPair } from "./socket_pair.ts";
import { connectionError } from "../base/system_errors.ts";
import { diagnose, UNEXPECTED_MESSAGE_ALERT } from "./tls.ts";
import type { TlsIdentity } from "./certificate.ts";
import type { Wire } from "./wire.ts";

/**
 * After close, how long, in ms, what was written to a TLS client before may take to reach it, as long as it takes some of
 * it every half {@linkcode LINGER}. Without TLS the system does this.
 */
const CLOSE_TIMEOUT = 10_000;

/** Type of a record that carries a handshake: the first byte of every TLS connection (RFC 8446, section 5.1). */
const HANDSHAKE_RECORD = 0x16;

/** See the module. Reading and writing before {@linkcode TlsServerConn.handshake} is done would be in plain text. */
export class TlsServerConn implements Wire {
  readonly #outer: Wire;
  readonly #identity: TlsIdentity;
  readonly #pool: BufferPool;
  readonly #finished = Promise.withResolvers<void>();
  #carrying: Promise<void> | undefined;
  #inner: Deno.Conn | undefined;
  #tls: Deno.TlsConn | undefined;
  #isShaking = true;
  #isCarrying = false;
  #closed = false;
  #isCut = false;
  #received = 0;
  /** Bytes given to the client's socket: while it grows, the client takes what is meant for it. */
  #sent = 0;
  /** What broke the client's connection. */
  #lost: unknown;

  /** Takes `outer` over. Large buffers come from `pool`. */
  constructor(outer: Wire, { identity, pool }: { readonly identity: TlsIdentity; readonly pool: BufferPool }) {
    this.#outer = outer;
    this.#identity = identity;
    this.#pool = pool;
  }

  /** Resolves when nothing more is on its way to the client. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /** Resolves, after the end, when the client's descriptor is free: see {@linkcode FramedConn.freed}. */
  async freed(): Promise<void> {
    await this.#finished.promise;
    await this.#carrying;
  }

  /** Whether bytes are still carried from or to the client's socket, which is in use for as long. */
  get isCarrying(): boolean {
    return this.#isCarrying;
  }

  /** Bytes that came from the client, since the handshake began: what they say may not have been read yet. */
  get received(): number {
    return this.#received;
  }

  /** Whether the client has begun its handshake and not ended it. */
  get isShaking(): boolean {
    return this.#isShaking && this.#inner !== undefined;
  }

  /**
   * Waits for the client to begin, and goes through the handshake with it. {@linkcode TlsServerConn.close} ends it.
   *
   * @throws {ProtocolError} `tls_plaintext`, when the client does not speak TLS; it has been sent an alert. `tls_failed`.
   * @throws {NetworkError} `closed_by_peer`, when the client leaves without a word; `reset`.
   */
  async handshake(): Promise<void> {
    try {
      await this.#handshake();
    } catch (error) {
      if (this.#closed) throw new UsageError("closed", "Cannot go on with the handshake: the connection is closed");
      throw this.#lost ?? tlsError(error);
    } finally {
      this.#isShaking = this.#closed;
    }
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#tls === undefined) return await this.#outer.read(into);
    try {
      const read = await this.#tls.read(into);
      if (read === null && this.#lost !== undefined) throw this.#lost;
      return read;
    } catch (error) {
      if (this.#lost !== undefined) throw this.#lost;
      // Many clients leave without TLS's own goodbye (close_notify). What is missing of a frame is noticed by its length.
      if (error instanceof Deno.errors.UnexpectedEof) return null;
      throw tlsError(error);
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    return await (this.#tls ?? this.#outer).write(bytes);
  }

  async closeWrite(): Promise<void> {
    await (this.#tls ?? this.#outer).closeWrite();
  }

  /**
   * Closes. What was written before still goes to the client, as it would from a plain socket, for as long as the client
   * takes it and at most {@linkcode CLOSE_TIMEOUT}; in the middle of the handshake nothing does.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#tls === undefined || this.#isShaking || this.#isCut) return this.#cut();
    closeAll(this.#tls);
    const since = performance.now();
    let sent = -1;
    const timer = setInterval(() => {
      const isStuck = this.#sent === sent || performance.now() - since > CLOSE_TIMEOUT;
      sent = this.#sent;
      if (isStuck) this.#cut();
    }, LINGER / 2);
    void this.#finished.promise.then(() => clearInterval(timer));
  }

  async #handshake(): Promise<void> {
    const first = new Uint8Array(IDLE_BUFFER);
    const read = await this.#outer.read(first);
    if (read === null) throw new NetworkError("closed_by_peer", "Connection closed by the client before the handshake");
    if (first[0] !== HANDSHAKE_RECORD) {
      await this.#outer.write(UNEXPECTED_MESSAGE_ALERT);
      const reason = "not TLS: a plaintext client?";
      throw new ProtocolError("tls_plaintext", `Cannot make a TLS connection: ${reason}`, { details: { reason } });
    }
    const { near: inner, far: tls } = await this.#openPair();
    this.#inner = inner;
    this.#tls = tls;
    if (this.#closed) return this.#cut();
    await writeAll(inner, first.subarray(0, read));
    this.#carrying = this.#carry(inner);
    await tls.handshake();
  }

  /** The listener behind the pair is gone when it is there. */
  async #openPair(): Promise<SocketPair<Deno.TlsConn>> {
    using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...this.#identity });
    return await socketPair(listener);
  }

  /** Carries bytes between the sockets until both directions have ended, or one has broken. */
  async #carry(inner: Deno.Conn): Promise<void> {
    this.#isCarrying = true;
    try {
      await Promise.all([
        pump(this.#outer, inner, { pool: this.#pool, onBytes: (count) => this.#received += count }),
        pump(inner, this.#outer, { pool: this.#pool, onBytes: (count) => this.#sent += count }),
      ]);
    } catch (error) {
      this.#lost ??= connectionError(error);
    } finally {
      this.#isCarrying = false;
      this.#cut();
    }
  }

  /** Frees all sockets at once. */
  #cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    closeAll(this.#outer, this.#tls);
    // In the middle of the handshake the end of the pair is what the TlsConn waits for, afterwards it is its emptiness.
    if (this.#inner !== undefined && this.#isShaking) closeAll(this.#inner);
    else if (this.#inner !== undefined) void empty(this.#inner);
    this.#finished.resolve();
  }
}

/** Copies until the end of `from`, and passes the end on. An idle pump holds a small buffer, a busy one borrows. */
async function pump(
  from: Pick<Wire, "read">,
  to: Pick<Wire, "write" | "closeWrite">,
  { pool, onBytes }: { readonly pool: BufferPool; readonly onBytes: (count: number) => void },
): Promise<void> {
  const small = new Uint8Array(IDLE_BUFFER);
  let buffer: Uint8Array<ArrayBuffer> = small;
  try {
    for (let read = await from.read(small); read !== null; read = await from.read(buffer)) {
      await writeAll(to, buffer.subarray(0, read), onBytes);
      // A full buffer means that more is there already; after one that was not, the next read may wait for long.
      const isFull = read === buffer.length;
      if (isFull && buffer === small) buffer = pool.take() ?? small;
      else if (!isFull && buffer !== small) {
        pool.give(buffer);
        buffer = small;
      }
    }
  } finally {
    if (buffer !== small) pool.give(buffer);
  }
  await to.closeWrite();
}

async function writeAll(
  to: Pick<Wire, "write">,
  bytes: Uint8Array,
  onBytes: (count: number) => void = () => {},
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const written = await to.write(bytes.subarray(at));
    onBytes(written);
    at += written;
  }
}

/** Reads what the other end still has, so that it can end, and closes: Deno 2.7.11 keeps what has a write pending. */
async function empty(conn: Deno.Conn): Promise<void> {
  const scratch = new Uint8Array(BUSY_BUFFER);
  const timer = setTimeout(() => closeAll(conn), LINGER);
  try {
    while (await conn.read(scratch) !== null) { /* dropped */ }
  } catch {
    // Its other end has gone.
  } finally {
    clearTimeout(timer);
    closeAll(conn);
  }
}

function closeAll(...conns: readonly (Pick<Wire, "close"> | undefined)[]): void {
  for (const conn of conns) {
    try {
      conn?.close();
    } catch {
      // It is closed already.
    }
  }
}

/** What an error of the `TlsConn`, or of the sockets around it, means; the words are the library's. */
function tlsError(error: unknown): unknown {
  if (error instanceof Deno.errors.UnexpectedEof) {
    return new NetworkError("closed_by_peer", "Connection closed by the client during the handshake", { cause: error });
  }
  if (!(error instanceof Deno.errors.InvalidData)) return connectionError(error);
  const { reason } = diagnose(error.message);
  return new ProtocolError("tls_failed", `Cannot make a TLS connection: ${reason}`, {
    details: { reason },
    cause: error,
  });
}
