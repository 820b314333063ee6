/**
 * Connecting to a server, within a time: every address of its name is tried, as RFC 8305 ("Happy Eyeballs") has it.
 *
 * @module
 */
import { hostPort, isLocal } from "../base/address.ts";
import { NetworkError, TimeoutError } from "../base/errors.ts";
import { addressError } from "../base/system_errors.ts";
import { FramedConn } from "../framed_conn.ts";
import type { Framing } from "../framing/framing.ts";
import type { Dialed, SourceAddress } from "./dial_from.ts";
import { proxyHeader, type ProxyVersion } from "./proxy_protocol.ts";
import { PlainWire, startTls, type TlsTrust } from "./tls_client.ts";
import type { Dialer } from "./wire.ts";

export type { Dialed, SourceAddress } from "./dial_from.ts";

/** Where to connect to: TCP, or a Unix socket. */
export type Target =
  | { readonly transport: "tcp"; readonly host: string; readonly port: number }
  | { readonly transport: "unix"; readonly path: string };

/** How to reach a target. */
export interface DialOptions {
  /** Longest wait for the connection, in ms. */
  readonly timeout: number;
  /** Tries IPv4 or IPv6 addresses only; default: both, IPv6 first. */
  readonly family?: 4 | 6 | undefined;
  /** The local address to connect from; without a port, any free one. Not for Unix sockets. */
  readonly source?: SourceAddress | undefined;
  /** Begins the connection with a PROXY header, as a balancer does. Not for Unix sockets. */
  readonly proxy?: SentProxyHeader | undefined;
  /** Who opens TCP connections; default: Deno. Not for TLS, and not with a source. */
  readonly sockets?: Dialer | undefined;
  /** Whom to trust; without it, and over a Unix socket, the connection is in plain text. */
  readonly tls?: TlsTrust | undefined;
  /** Gives up: the connecting rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told as the connecting begins, and as each part of it is over. */
  readonly onPhase?: ((phase: "begin" | "lookup" | "connect" | "tls") => void) | undefined;
}

/** The PROXY header that a connection begins with. */
export interface SentProxyHeader {
  readonly version: ProxyVersion;
  /** The client that it tells of; default: this end of the connection. Without a port, its own. */
  readonly source?: SourceAddress | undefined;
}

/** How to connect. */
export interface ConnectOptions extends DialOptions {
  readonly framing: Framing;
  /** Largest payload accepted, in bytes. */
  readonly maxFrame: number;
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
  /** Whether the other end has proved who it is: TLS. */
  readonly isVerified: boolean;
}

/**
 * A framed connection to `target`.
 *
 * @throws What {@linkcode dial} throws.
 */
export async function connect(target: Target, options: ConnectOptions): Promise<Connection> {
  const conn = await dial(target, options);
  const isUnix = target.transport === "unix";
  const isVerified = options.tls !== undefined && !isUnix;
  const wire = isUnix || isVerified ? conn : new PlainWire(conn, targetText(target));
  return {
    conn: new FramedConn(wire, options),
    isSecure: isUnix || isVerified || isLocal(conn.remoteAddr),
    isVerified,
  };
}

/**
 * A connection to `target`, without frames. Small writes leave at once.
 *
 * @throws {NetworkError} `host_not_found`, `refused`, `unreachable`, `address_unavailable`.
 * @throws {TimeoutError} when there is no answer in time.
 * @throws {ProtocolError} with `tls`, when there is no secure connection; see {@linkcode startTls}.
 * @throws `signal`'s reason.
 */
export async function dial(target: Target, options: DialOptions): Promise<Dialed> {
  const address = targetText(target);
  return await inTime(address, options, async (signal) => {
    const { tls } = options;
    if (tls === undefined || target.transport === "unix") return await open(target, { ...options, signal });
    const conn = await openTcp(target, { ...options, signal });
    const secured = await startTls(conn, { trust: tls, host: target.host, address, signal });
    options.onPhase?.("tls");
    return secured;
  });
}

/** Time between two attempts, in ms: RFC 8305, section 5. */
const STAGGER = 250;

/** What {@linkcode firstOf} needs beside the addresses. */
export interface RaceOptions<T> {
  /** Connects to one address, until the signal is aborted. */
  readonly connect: (address: string, signal: AbortSignal) => Promise<T>;
  /** Closes a connection that came too late. */
  readonly close: (conn: T) => void;
  /** Gives all attempts up. */
  readonly signal: AbortSignal;
}

/**
 * The first connection that opens: the attempts begin one after the other, {@linkcode STAGGER} ms apart or as soon as
 * the one before has failed, and run beside each other (RFC 8305, section 5).
 *
 * @throws What the most telling attempt failed of: a refusal tells more than a network without a route.
 */
export async function firstOf<T>(addresses: readonly string[], options: RaceOptions<T>): Promise<T> {
  const { connect, close, signal } = options;
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const won = Promise.withResolvers<T>();
  const failures: unknown[] = [];
  let hasWon = false;
  const attempt = async (address: string): Promise<void> => {
    try {
      const conn = await connect(address, until);
      if (hasWon || signal.aborted) return close(conn);
      hasWon = true;
      won.resolve(conn);
    } catch (error) {
      failures.push(error);
    }
  };
  const race = async (): Promise<void> => {
    const running: Promise<void>[] = [];
    for (const address of addresses) {
      if (hasWon || signal.aborted) break;
      const one = attempt(address);
      running.push(one);
      await headStart(one, until);
    }
    await Promise.all(running);
    const refusal = failures.find((error) => error instanceof Deno.errors.ConnectionRefused);
    won.reject(signal.aborted ? signal.reason : refusal ?? failures.at(-1));
  };
  void race();
  return await won.promise.finally(() => over.abort());
}

/** Waits until the attempt is over, for {@linkcode STAGGER} ms, or until nobody waits for it any more. */
function headStart(attempt: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, STAGGER);
    signal.addEventListener("abort", done);
    void attempt.then(done);
  });
}

/** IPv6 and IPv4 in turn, beginning with IPv6: a family that does not work costs one attempt (RFC 8305, section 4). */
export function inTurn(addresses: readonly { readonly address: string; readonly family: number }[]): string[] {
  const of = (family: number): string[] =>
    addresses.filter((one) => one.family === family).map(({ address }) => address);
  const [six, four] = [of(6), of(4)];
  return Array.from({ length: Math.max(six.length, four.length) }, (_, at) => [six[at], four[at]]).flat()
    .filter((address) => address !== undefined);
}

/** What a connection is opened with, once there is a signal that ends it in time. */
type OpenOptions = DialOptions & { readonly signal: AbortSignal };

async function open(target: Target, options: OpenOptions): Promise<Dialed> {
  if (target.transport === "unix") return await Deno.connect({ transport: "unix", path: target.path });
  const { source, signal, sockets } = options;
  const dialer: Dialer | undefined = sockets ?? (source && {
    connectTcp: async ({ signal, ...to }) => (await import("./dial_from.ts")).connectFrom(to, { source, signal }),
  });
  if (dialer === undefined) return await openTcp(target, options);
  const { port } = target;
  const conn = await firstOf(await addressesOf(target.host, options), {
    connect: (hostname, until) => dialer.connectTcp({ hostname, port, signal: until }),
    close: (late) => late.close(),
    signal,
  });
  options.onPhase?.("connect");
  await sendProxyHeader(conn, options);
  return conn;
}

async function sendProxyHeader(
  conn: { readonly localAddr: Deno.Addr; readonly remoteAddr: Deno.Addr; write(bytes: Uint8Array): Promise<number> },
  { proxy }: OpenOptions,
): Promise<void> {
  if (proxy === undefined) return;
  const { localAddr, remoteAddr } = conn;
  if (!("hostname" in localAddr) || !("hostname" in remoteAddr)) return;
  const { hostname = localAddr.hostname, port = localAddr.port } = proxy.source ?? {};
  const header = proxyHeader(proxy.version, { hostname, port }, remoteAddr);
  for (let at = 0; at < header.length;) at += await conn.write(header.subarray(at));
}

async function openTcp(
  { host, port }: Extract<Target, { transport: "tcp" }>,
  options: OpenOptions,
): Promise<Deno.TcpConn> {
  const conn = await firstOf(await addressesOf(host, options), {
    connect: (hostname, signal) => Deno.connect({ hostname, port, signal }),
    close: (late) => late.close(),
    signal: options.signal,
  });
  options.onPhase?.("connect");
  conn.setNoDelay(true);
  await sendProxyHeader(conn, options);
  return conn;
}

/** The addresses of a name in the order in which they are tried, as the system knows them (`getaddrinfo`). */
async function addressesOf(host: string, options: OpenOptions): Promise<string[]> {
  options.onPhase?.("begin");
  const found = await lookUp(host, options);
  options.onPhase?.("lookup");
  return found;
}

async function lookUp(host: string, { family, signal }: OpenOptions): Promise<string[]> {
  const literal = host.includes(":") ? 6 : /^[\d.]+$/.test(host) ? 4 : undefined;
  if (literal !== undefined) {
    if (family === undefined || family === literal) return [host];
    throw notFound(host);
  }
  const { lookup } = await import("node:dns");
  return await new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    lookup(host, { all: true, family: family ?? 0 }, (error, found) => {
      if (error !== null || found.length === 0) reject(error ?? notFound(host));
      else resolve(inTurn(found));
    });
  });
}

function notFound(host: string): Error {
  return new Error(`getaddrinfo ENOTFOUND ${host}`);
}

/** Does `work` until the time is over or `options.signal` is aborted, and tells its failure as ours. */
async function inTime<T>(
  address: string,
  { timeout, signal, source }: DialOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeout);
  try {
    return await work(signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]));
  } catch (error) {
    signal?.throwIfAborted();
    if (late.signal.aborted) {
      throw new TimeoutError(`Cannot connect to ${address}: no answer within ${timeout} ms`, {
        details: { address, ms: timeout, action: "connect to" },
        cause: error,
      });
    }
    throw sourceError(error, source) ?? addressError(error, "connect to", address);
  } finally {
    clearTimeout(timer);
  }
}

/** An address to connect from that is not this machine's; `undefined` for another error. */
export function sourceError(cause: unknown, source: SourceAddress | undefined): NetworkError | undefined {
  if (source === undefined || !(cause instanceof Deno.errors.AddrNotAvailable)) return undefined;
  const from = source.hostname;
  return new NetworkError("address_unavailable", `Cannot connect from ${from}: this machine has no such address`, {
    details: { address: from, action: "connect from" },
    cause,
  });
}
