/**
 * The PROXY protocol, by which a balancer tells whose connection it passes on: version 1, a line, and version 2, binary
 * (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, sections 2.1 and 2.2).
 *
 * @module
 */
import { concat } from "../base/bytes.ts";
import { ipv6Groups, parseIp } from "../base/address.ts";
import { ProtocolError } from "../base/errors.ts";

/** Versions there are. */
export type ProxyVersion = "v1" | "v2";

/** What a header says. */
export interface ProxyHeader {
  readonly version: ProxyVersion;
  /** The client, `undefined` where the balancer speaks for itself (LOCAL, UNKNOWN). */
  readonly source: { readonly hostname: string; readonly port: number } | undefined;
  /** Whether the client spoke TLS to the balancer (PP2_TYPE_SSL with PP2_CLIENT_SSL). */
  readonly isTls: boolean;
  /** Bytes of the header. */
  readonly size: number;
}

/** Longest line of version 1, with CR LF. */
const MAX_V1 = 107;

/** First bytes of version 2. */
const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);

/** Bytes before the addresses of version 2. */
const FIXED = 16;

/** Longest version 2 that is read: addresses, and more type-length-values than any balancer sends. */
const MAX_V2 = FIXED + 4096;

/** Most bytes that {@linkcode parseProxyHeader} asks for. */
export const MAX_PROXY_HEADER = MAX_V2;

const PP2_TYPE_CRC32C = 0x03;
const PP2_TYPE_SSL = 0x20;
const PP2_CLIENT_SSL = 0x01;

/** What a PP2_TYPE_SSL begins with, before type-length-values of its own: the flags, and how the certificate was verified. */
const SSL_FIXED = 5;

/**
 * The header at the beginning of `bytes`; `undefined` while it is not whole.
 *
 * @throws {ProtocolError} `bad_proxy_header`
 *
 * @example
 * ```ts
 * import { parseProxyHeader } from "./proxy_protocol.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("PROXY TCP4 192.0.2.7 198.51.100.1 50000 9090\r\nhello");
 * const header = parseProxyHeader(bytes);
 * assertEquals([header?.source, header?.size], [{ hostname: "192.0.2.7", port: 50000 }, 46]);
 * ```
 */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader | undefined {
  const begun = bytes.subarray(0, SIGNATURE.length);
  if (begun.every((byte, at) => byte === SIGNATURE[at])) return bytes.length < FIXED ? undefined : parseV2(bytes);
  const word = new TextEncoder().encode("PROXY ");
  if (!bytes.subarray(0, word.length).every((byte, at) => byte === word[at])) throw bad("it does not begin with one");
  const end = bytes.subarray(0, MAX_V1).indexOf(0x0a);
  if (end < 0 && bytes.length >= MAX_V1) throw bad("its line is longer than 107 bytes");
  return end < 0 ? undefined : parseV1(bytes.subarray(0, end + 1));
}

function parseV1(line: Uint8Array): ProxyHeader {
  const text = new TextDecoder("latin1").decode(line);
  const size = line.length;
  if (/^PROXY UNKNOWN(?: [^\r\n]*)?\r\n$/.test(text)) return { version: "v1", source: undefined, isTls: false, size };
  const [, family, host = "", to = "", port = "", toPort = ""] =
    /^PROXY TCP([46]) (\S+) (\S+) (\d{1,5}) (\d{1,5})\r\n$/.exec(text) ?? [];
  // A zone (RFC 4007) means something on the balancer's machine alone.
  const isFamily = (address: string): boolean =>
    parseIp(address) !== undefined && address.includes(":") === (family === "6") && !address.includes("%");
  const isPort = (digits: string): boolean => String(Number(digits)) === digits && Number(digits) <= 65535;
  if (family === undefined || ![host, to].every(isFamily) || ![port, toPort].every(isPort)) {
    throw bad("its line is not PROXY TCP4|TCP6 SOURCE DESTINATION PORT PORT");
  }
  return {
    version: "v1",
    source: { hostname: parseIp(host)?.address ?? host, port: Number(port) },
    isTls: false,
    size,
  };
}

function parseV2(bytes: Uint8Array): ProxyHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [version, command] = [view.getUint8(12) >> 4, view.getUint8(12) & 0xf];
  const [family, protocol] = [view.getUint8(13) >> 4, view.getUint8(13) & 0xf];
  if (version !== 2) throw bad(`its version is ${version}`);
  if (command > 1) throw bad(`its command is ${command}`);
  // Of LOCAL, the receiver looks at nothing behind the command.
  if (command === 1 && (family > 3 || protocol > 2)) {
    throw bad(`its address family is 0x${view.getUint8(13).toString(16)}`);
  }
  const size = FIXED + view.getUint16(14);
  if (size > MAX_V2) throw bad(`it is ${size} bytes long`);
  if (bytes.length < size) return undefined;
  const width = [0, 4, 16, 108][family] ?? 0;
  const addresses = FIXED + (family === 3 ? 216 : 2 * width + (width > 0 ? 4 : 0));
  if (command === 1 && size < addresses) throw bad("its addresses are cut");
  const values = command === 1 ? valuesIn(bytes, addresses, size) : new Map<number, number>();
  const crc = values.get(PP2_TYPE_CRC32C);
  if (crc !== undefined && !isIntact(bytes.subarray(0, size), crc)) throw bad("its checksum is wrong");
  const ssl = values.get(PP2_TYPE_SSL);
  const isIp = command === 1 && protocol === 1 && (family === 1 || family === 2);
  return {
    version: "v2",
    source: isIp
      ? {
        hostname: ipText(bytes.subarray(FIXED, FIXED + width)),
        port: view.getUint16(FIXED + 2 * width),
      }
      : undefined,
    isTls: ssl !== undefined && (view.getUint8(ssl) & PP2_CLIENT_SSL) !== 0,
    size,
  };
}

/** Where the value of each type begins; of a type that comes twice, the first one. */
function valuesIn(bytes: Uint8Array, from: number, end: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let at = from; at < end;) {
    const [type = 0, high, low] = bytes.subarray(at, Math.min(at + 3, end));
    if (high === undefined || low === undefined) throw bad("a type-length-value is cut");
    const [begin, next] = [at + 3, at + 3 + high * 256 + low];
    const least = type === PP2_TYPE_SSL ? SSL_FIXED : type === PP2_TYPE_CRC32C ? 4 : 0;
    if (next > end || next - begin < least) throw bad("a type-length-value is cut");
    if (type === PP2_TYPE_SSL) valuesIn(bytes, begin + SSL_FIXED, next);
    if (!found.has(type)) found.set(type, begin);
    at = next;
  }
  return found;
}

/** Whether the CRC-32C at `at` (RFC 3720, appendix B.4) is that of the header with zeros in its place. */
function isIntact(header: Uint8Array, at: number): boolean {
  let crc = 0xffffffff;
  for (const [place, byte] of header.entries()) {
    crc ^= place >= at && place < at + 4 ? 0 : byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0x82f63b78);
  }
  return new DataView(header.buffer, header.byteOffset).getUint32(at) === (~crc >>> 0);
}

/** An address as text; IPv6 in the spelling of RFC 5952. */
function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const groups = Array.from({ length: 8 }, (_, at) => view.getUint16(2 * at).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

/** An end of a connection, as a header names it. */
export interface ProxyAddress {
  readonly hostname: string;
  readonly port: number;
}

/**
 * A header for a connection from `source` to `destination`; without addresses of one family it is UNKNOWN or LOCAL.
 *
 * @example
 * ```ts
 * import { proxyHeader } from "./proxy_protocol.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const ends = [{ hostname: "192.0.2.7", port: 50000 }, { hostname: "198.51.100.1", port: 9090 }] as const;
 * assertEquals(new TextDecoder().decode(proxyHeader("v1", ...ends)), "PROXY TCP4 192.0.2.7 198.51.100.1 50000 9090\r\n");
 * ```
 */
export function proxyHeader(version: ProxyVersion, source?: ProxyAddress, destination?: ProxyAddress): Uint8Array {
  const ends = source === undefined || destination === undefined ? [] : [source, destination];
  const ips = ends.map(({ hostname }) => addressBytes(hostname));
  const [from, to] = ips;
  const isKnown = from !== undefined && to !== undefined && from.length > 0 && from.length === to.length;
  if (version === "v1") {
    const family = from?.length === 4 ? "TCP4" : "TCP6";
    const line = isKnown
      ? `${family} ${source?.hostname} ${destination?.hostname} ${source?.port} ${destination?.port}`
      : "UNKNOWN";
    return new TextEncoder().encode(`PROXY ${line}\r\n`);
  }
  const ports = new Uint8Array(4);
  new DataView(ports.buffer).setUint16(0, source?.port ?? 0);
  new DataView(ports.buffer).setUint16(2, destination?.port ?? 0);
  const addresses = isKnown ? concat(from, to, ports) : new Uint8Array(0);
  const family = !isKnown ? 0x00 : from.length === 4 ? 0x11 : 0x21;
  return concat(
    SIGNATURE,
    Uint8Array.of(isKnown ? 0x21 : 0x20, family, addresses.length >> 8, addresses.length & 0xff),
    addresses,
  );
}

/** The bytes of an IP address; none of anything else. */
export function addressBytes(hostname: string): Uint8Array {
  if (/^[\d.]+$/.test(hostname)) return Uint8Array.from(hostname.split("."), Number);
  if (!hostname.includes(":") || !URL.canParse(`http://[${hostname}]`)) return new Uint8Array(0);
  const groups = ipv6Groups(new URL(`http://[${hostname}]`).hostname.slice(1, -1)).map((group) => parseInt(group, 16));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function bad(reason: string): ProtocolError {
  return new ProtocolError("bad_proxy_header", `Cannot read a PROXY header: ${reason}`, { details: { reason } });
}
