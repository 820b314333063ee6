/**
 * Datagrams to an echo service and back: each is a message, and may be lost, overtaken, doubled or cut on its way.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { hostPort, parseIp } from "../base/address.ts";
import { NetworkError, UsageError } from "../base/errors.ts";
import { DATAGRAM_BUFFER } from "../base/limits.ts";
import { delay } from "../base/delay.ts";
import { addressError } from "../base/system_errors.ts";
import { type SourceAddress, sourceError } from "../net/dial.ts";
import { receiveDatagram } from "../net/receive_datagram.ts";
import type { Echo } from "./echo_matcher.ts";

/** Largest payload of a datagram, in bytes: 65,535 less the headers of UDP (RFC 768) and IPv4 (RFC 791); IPv6 has 20 more. */
const MAX_DATAGRAM = 65_507;

/** The client's pause between two datagrams, in ms: half of {@linkcode DATAGRAM_RATE} (RFC 8085, section 3.1, asks for care). */
const DATAGRAM_GAP = 2;

/** Datagrams the client lets be on their way at once. */
const DATAGRAM_WINDOW = 64;

/** What became of a datagram, or came without one having been sent. */
export type DatagramEvent =
  /** It came back whole. */
  | { readonly type: "echo"; readonly echo: Echo }
  /** Only its beginning came back: somebody read it into a buffer that was too small. */
  | { readonly type: "cut"; readonly echo: Echo }
  /** Nothing came back in time. */
  | { readonly type: "lost"; readonly number: number; readonly sent: Uint8Array }
  /** It came back after it had been given up (`late`), or once more (`again`). */
  | { readonly type: "late" | "again"; readonly number: number; readonly received: Uint8Array }
  /** Nothing like it was sent. */
  | { readonly type: "unexpected"; readonly received: Uint8Array };

/** With whom, and how patiently, datagrams are exchanged. */
interface ExchangeOptions {
  readonly host: string;
  readonly port: number;
  /** How long each echo is waited for, in ms. */
  readonly timeout: number;
  /** Which address of the host is taken; default: the first of any. */
  readonly family?: 4 | 6 | undefined;
  /** The local address to send from. */
  readonly source?: SourceAddress | undefined;
}

/**
 * Sends each message as a datagram, {@linkcode DATAGRAM_GAP} apart, and tells what becomes of it, in the order in which
 * that becomes known.
 *
 * @throws {NetworkError} `host_not_found`, `unreachable`
 * @throws {UsageError} `udp_usage`, when a message is larger than any datagram.
 */
export async function* exchangeDatagrams(
  messages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ExchangeOptions,
): AsyncGenerator<DatagramEvent> {
  const { socket, target } = await openDatagrams(options);
  const exchange = new Exchange(options.timeout);
  const receiving = receiveFrom(socket, target, (bytes) => exchange.receive(bytes.slice()));
  void sendAll(socket, target, { messages, exchange });
  try {
    for (let event = await exchange.next(); event !== undefined; event = await exchange.next()) yield event;
  } finally {
    exchange.close();
    socket.close();
    await receiving;
  }
}

/** A socket for datagrams to a service. */
interface OpenDatagrams {
  readonly socket: Deno.DatagramConn;
  readonly target: Deno.NetAddr;
}

/**
 * Opens a socket.
 *
 * @throws {NetworkError} `host_not_found`; `address_unavailable`, when the source is not this machine's.
 */
export async function openDatagrams(options: Omit<ExchangeOptions, "timeout">): Promise<OpenDatagrams> {
  const target = await resolve(options);
  const unspecified = target.hostname.includes(":") ? "::" : "0.0.0.0";
  const { hostname, port = 0 } = options.source ?? { hostname: unspecified };
  try {
    return { socket: Deno.listenDatagram({ transport: "udp", hostname, port }), target };
  } catch (error) {
    throw sourceError(error, options.source) ?? addressError(error, "listen on", hostPort(hostname, port));
  }
}

async function resolve({ host, port, family }: Omit<ExchangeOptions, "timeout">): Promise<Deno.NetAddr> {
  try {
    return { transport: "udp", hostname: (await lookup(host, { family: family ?? 0 })).address, port };
  } catch (cause) {
    const details = { address: hostPort(host, port), action: "connect to" };
    throw new NetworkError("host_not_found", `Cannot connect to ${details.address}: no such host`, { details, cause });
  }
}

async function sendAll(
  socket: Deno.DatagramConn,
  target: Deno.NetAddr,
  { messages, exchange }: { messages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>; exchange: Exchange },
): Promise<void> {
  try {
    for await (const message of messages) {
      if (message.length > MAX_DATAGRAM) throw tooLarge(message.length);
      await exchange.room();
      if (exchange.isClosed) return;
      exchange.add(message);
      await socket.send(message, target);
      await delay(DATAGRAM_GAP);
    }
    exchange.end();
  } catch (error) {
    exchange.end(addressError(error, "connect to", hostPort(target.hostname, target.port)));
  }
}

/**
 * Receives from `target` alone until the socket is closed: anybody can send to an open port, but only the one who was asked can
 * answer. The bytes are good until the next datagram.
 */
export async function receiveFrom(
  socket: Pick<Deno.DatagramConn, "receive">,
  target: Deno.NetAddr,
  onDatagram: (bytes: Uint8Array) => void,
): Promise<void> {
  const buffer = new Uint8Array(DATAGRAM_BUFFER);
  for (let received; (received = await receiveDatagram(socket, buffer)) !== undefined;) {
    const [bytes, from] = received;
    if (isSameAddress(from, target)) onDatagram(bytes);
  }
}

/** Whether a datagram came from an address. */
function isSameAddress(from: Deno.Addr, { hostname, port }: Deno.NetAddr): boolean {
  return "hostname" in from && from.port === port && parseIp(from.hostname)?.address === parseIp(hostname)?.address;
}

interface Sent {
  readonly number: number;
  readonly sent: Uint8Array;
  readonly sentAt: number;
}

/** Sets what comes against what was sent: there are no numbers in a plain datagram, only its bytes. */
class Exchange {
  readonly #timeout: number;
  readonly #onTheWay = new Map<Sent, ReturnType<typeof setTimeout>>();
  /** What is settled, and may come once more; the last {@linkcode DATAGRAM_WINDOW}. */
  #settled: { readonly of: Sent; readonly isLost: boolean }[] = [];
  readonly #events: DatagramEvent[] = [];
  #changed = Promise.withResolvers<void>();
  #count = 0;
  #end: { readonly error?: unknown } | undefined;
  isClosed = false;

  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** Resolves once another datagram may be sent. */
  async room(): Promise<void> {
    while (this.#onTheWay.size >= DATAGRAM_WINDOW && !this.isClosed) await this.#changed.promise;
  }

  add(message: Uint8Array): void {
    const of: Sent = { number: ++this.#count, sent: message, sentAt: performance.now() };
    const lose = (): void => {
      this.#settle(of, true);
      this.#tell({ type: "lost", number: of.number, sent: of.sent });
    };
    this.#onTheWay.set(of, setTimeout(lose, this.#timeout));
  }

  receive(received: Uint8Array): void {
    const waiting = [...this.#onTheWay.keys()];
    const whole = waiting.find(({ sent }) => differsAt(sent, received) < 0);
    if (whole !== undefined) return this.#echo("echo", whole, received);
    const settled = this.#settled.find(({ of }) => differsAt(of.sent, received) < 0);
    if (settled !== undefined) {
      const { of: { number }, isLost } = settled;
      this.#settled = this.#settled.map((one) => one === settled ? { of: one.of, isLost: false } : one);
      return this.#tell({ type: isLost ? "late" : "again", number, received });
    }
    const cut = waiting.find(({ sent }) =>
      received.length < sent.length && differsAt(sent, received) === received.length
    );
    if (cut !== undefined) return this.#echo("cut", cut, received);
    this.#tell({ type: "unexpected", received });
  }

  /** Nothing more is sent. */
  end(error?: unknown): void {
    this.#end = error === undefined ? {} : { error };
    this.#change();
  }

  /** The next event; `undefined` once all is sent and settled. */
  async next(): Promise<DatagramEvent | undefined> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined && this.#onTheWay.size === 0) return undefined;
      await this.#changed.promise;
    }
  }

  close(): void {
    this.isClosed = true;
    for (const timer of this.#onTheWay.values()) clearTimeout(timer);
    this.#change();
  }

  #echo(type: "echo" | "cut", of: Sent, received: Uint8Array): void {
    const { sentAt, ...rest } = of;
    this.#settle(of, false);
    this.#tell({
      type,
      echo: { ...rest, received, rttMs: performance.now() - sentAt, differsAt: differsAt(of.sent, received) },
    });
  }

  #settle(of: Sent, isLost: boolean): void {
    clearTimeout(this.#onTheWay.get(of));
    this.#onTheWay.delete(of);
    this.#settled = [...this.#settled, { of, isLost }].slice(-DATAGRAM_WINDOW);
  }

  #tell(event: DatagramEvent): void {
    this.#events.push(event);
    this.#change();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** Offset of the first difference, or -1. */
function differsAt(sent: Uint8Array, received: Uint8Array): number {
  const shorter = Math.min(sent.length, received.length);
  for (let at = 0; at < shorter; at++) if (sent[at] !== received[at]) return at;
  return sent.length === received.length ? -1 : shorter;
}

function tooLarge(length: number): UsageError {
  return new UsageError("udp_usage", `Cannot send ${length} bytes in one datagram: it holds ${MAX_DATAGRAM}`, {
    details: { problem: "udp_too_large", length, limit: MAX_DATAGRAM },
  });
}
