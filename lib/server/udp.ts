/**
 * The echo service for datagrams (RFC 862, section "UDP Based Echo Service"): each one goes back as it came.
 *
 * What makes this service dangerous is that a sender can be forged (CVE-1999-0103: one datagram "from" another echo
 * service keeps both busy for ever). So a datagram is not answered when it claims to come from a service's port, when it
 * claims our own port, which covers ourselves and our like elsewhere, or when its address, unless it is this
 * machine's, has had its share of answers.
 * What goes round between two echo services is the same datagram from the same port, again and again: after
 * {@linkcode DATAGRAM_REPEATS} of them one is not answered, and with that nothing is left to go round. A client that sends
 * one text over and over is answered once a second from then on.
 *
 * @module
 */
import { addressText, hostOf, isLocal } from "../base/address.ts";
import { addressKey } from "./admission.ts";
import { DATAGRAM_BUFFER, DATAGRAM_RATE } from "../base/limits.ts";
import { receiveDatagram } from "../net/receive_datagram.ts";
import { RateLimit } from "./rate_limit.ts";
import type { ServiceLog } from "./log.ts";
import type { Stats } from "./stats.ts";

/** Addresses whose rate a server keeps; of more, those heard of longest ago are forgotten. About 1 MiB. */
const DATAGRAM_SOURCES = 10_000;

/** Ports below this are services, not clients (RFC 6335, section 6): echo is 7, chargen 19, and each would answer an answer. */
const SERVICE_PORTS = 1024;

/** How often the log says which datagrams were not answered, in ms: a flood of them must not fill the disk. */
const DATAGRAM_REPORT = 10_000;

/**
 * The same datagram from the same port that is answered at once; of more, one a second. Two echo services that a forged
 * sender has set on each other over a slow network would stay under {@linkcode DATAGRAM_RATE} for ever.
 */
export const DATAGRAM_REPEATS = 250;

/** What answers need of a socket. */
export type DatagramSocket = Pick<Deno.DatagramConn, "addr" | "close" | "receive" | "send">;

/** What {@linkcode echoDatagrams} needs beside its socket. */
export interface DatagramOptions {
  /** Largest datagram that is answered, in bytes. */
  readonly maxFrame: number;
  readonly log: ServiceLog;
  readonly stats: Stats;
  /** Tells whether a client at an address may be answered. */
  readonly permits: (address: string) => boolean;
}

/** Why a datagram is not answered. */
export type Ignored = "service_port" | "own_port" | "access" | "frame_too_large" | "rate" | "loop" | "send_failed";

/** Answers datagrams until `socket` is closed. */
export async function echoDatagrams(socket: DatagramSocket, options: DatagramOptions): Promise<void> {
  const { stats, log } = options;
  const buffer = new Uint8Array(DATAGRAM_BUFFER);
  const rate = new RateLimit({ perSecond: DATAGRAM_RATE, sources: DATAGRAM_SOURCES });
  const repeats = new RateLimit({ perSecond: 1, burst: DATAGRAM_REPEATS, sources: DATAGRAM_SOURCES });
  const report = new IgnoredReport(log);
  for (;;) {
    const received = await receiveDatagram(socket, buffer);
    if (received === undefined) return report.tell();
    const [bytes, from] = received;
    const now = performance.now();
    const ignored = whyIgnored(received, socket.addr, options) ??
      (isLocal(from) || rate.take(addressKey(hostOf(from)), now) ? undefined : "rate") ??
      (repeats.take(`${addressText(from)} ${fingerprint(bytes)}`, now) ? undefined : "loop") ??
      await send(socket, bytes, from);
    stats.count(stats.datagrams, ignored ?? "answered");
    stats.ended.bytesIn += bytes.length;
    if (ignored === undefined) stats.ended.bytesOut += bytes.length;
    else report.add(ignored, addressText(from));
  }
}

async function send(socket: DatagramSocket, bytes: Uint8Array, to: Deno.Addr): Promise<Ignored | undefined> {
  try {
    await socket.send(bytes, to);
    return undefined;
  } catch {
    return "send_failed";
  }
}

function whyIgnored(
  [bytes, from]: readonly [Uint8Array, Deno.Addr],
  own: Deno.Addr,
  { maxFrame, permits }: DatagramOptions,
): Ignored | undefined {
  const port = portOf(from);
  if (port < SERVICE_PORTS) return "service_port";
  if (port === portOf(own)) return "own_port";
  if (!permits(hostOf(from))) return "access";
  return bytes.length > maxFrame ? "frame_too_large" : undefined;
}

/** Length and FNV-1a of the bytes: enough to know a datagram again, and who forges one alike harms nobody else. */
function fingerprint(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${bytes.length} ${hash}`;
}

function portOf(addr: Deno.Addr): number {
  return "port" in addr ? addr.port : 0;
}

/** Tells the log which datagrams were not answered: the first one at once, those after it together. */
class IgnoredReport {
  readonly #log: ServiceLog;
  #counts = new Map<Ignored, { count: number; peer: string }>();
  #toldAt = -Infinity;

  constructor(log: ServiceLog) {
    this.#log = log;
  }

  add(reason: Ignored, peer: string): void {
    this.#counts.set(reason, { count: (this.#counts.get(reason)?.count ?? 0) + 1, peer });
    if (performance.now() - this.#toldAt >= DATAGRAM_REPORT) this.tell();
  }

  tell(): void {
    for (const [reason, { count, peer }] of this.#counts) {
      this.#log.warn("datagrams_ignored", { peer, reason, count });
    }
    this.#counts = new Map();
    this.#toldAt = performance.now();
  }
}
