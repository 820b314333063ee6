/**
 * Clients that a balancer passes on (`--proxy-protocol`): its header is read first, and tells whose connection it is.
 *
 * @module
 */
import { addressText } from "../base/address.ts";
import { concat } from "../base/bytes.ts";
import { ProtocolError } from "../base/errors.ts";
import { withTimeout } from "../base/timeout.ts";
import { MAX_PROXY_HEADER, parseProxyHeader } from "../net/proxy_protocol.ts";
import type { Socket } from "../net/wire.ts";
import type { ServiceLog } from "./log.ts";

/** Time for a balancer to send its header, in ms: it has it at hand when it connects. */
const HEADER_TIMEOUT = 5000;

/** Connections whose header has not come yet, at most: each has a descriptor, and no limit on addresses yet. */
const MAX_AWAITED = 1000;

/** Bytes asked for at once: what comes behind the header is kept for the client. */
const CHUNK = 512;

/** A client that a balancer has passed on. */
export interface Proxied {
  /** The connection as the client's own: its address is the one that the header tells, and it begins behind the header. */
  readonly conn: Socket;
  /** Whether it speaks TLS to the balancer. */
  readonly isTls: boolean;
}

/** Balancers' connections, until their header has come. */
export class ProxyHeaders {
  readonly #awaited = new Set<Socket>();

  /** Whether no more are to be taken. */
  get isFull(): boolean {
    return this.#awaited.size >= MAX_AWAITED;
  }

  /** Reads a header; undefined where none is read, and the connection is closed then. */
  async receive(conn: Socket, log: Pick<ServiceLog, "warn">): Promise<Proxied | undefined> {
    this.#awaited.add(conn);
    try {
      const proxied = await readHeader(conn);
      return this.#awaited.delete(conn) ? proxied : undefined;
    } catch (error) {
      if (!this.#awaited.delete(conn)) return undefined;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn("proxy_error", { peer: addressText(conn.remoteAddr), reason });
      conn.close();
      return undefined;
    }
  }

  /** Closes those whose header has not come. */
  giveUp(): void {
    for (const conn of this.#awaited) if (this.#awaited.delete(conn)) conn.close();
  }
}

/** @throws {ProtocolError} `bad_proxy_header`, also where none comes in time. */
async function readHeader(conn: Socket): Promise<Proxied> {
  let bytes = new Uint8Array(0);
  for (const end = performance.now() + HEADER_TIMEOUT;;) {
    const part = new Uint8Array(CHUNK);
    const size = await withTimeout(conn.read(part), end - performance.now());
    if (size === undefined) throw missing("none came in time");
    if (size === null) throw missing("the connection ended before it was whole");
    bytes = concat(bytes, part.subarray(0, size));
    const header = parseProxyHeader(bytes);
    if (header !== undefined) {
      const { source, isTls } = header;
      const remoteAddr = source === undefined ? conn.remoteAddr : { transport: "tcp" as const, ...source };
      return { conn: new ProxiedSocket(conn, { rest: bytes.subarray(header.size), remoteAddr }), isTls };
    }
    if (bytes.length > MAX_PROXY_HEADER) throw missing("it is too long");
  }
}

function missing(reason: string): ProtocolError {
  return new ProtocolError("bad_proxy_header", `Cannot read a PROXY header: ${reason}`, { details: { reason } });
}

/** A socket of which a part has been read already. */
class ProxiedSocket implements Socket {
  readonly remoteAddr: Deno.Addr;
  readonly #conn: Socket;
  #rest: Uint8Array;

  constructor(conn: Socket, { rest, remoteAddr }: { readonly rest: Uint8Array; readonly remoteAddr: Deno.Addr }) {
    this.#conn = conn;
    this.#rest = rest;
    this.remoteAddr = remoteAddr;
  }

  read(into: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) return this.#conn.read(into);
    const part = this.#rest.subarray(0, into.length);
    into.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return Promise.resolve(part.length);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    this.#conn.close();
  }

  setNoDelay(noDelay?: boolean): void {
    this.#conn.setNoDelay?.(noDelay);
  }

  setKeepAlive(keepAlive?: boolean): void {
    this.#conn.setKeepAlive?.(keepAlive);
  }
}
