/**
 * Network addresses as people write and compare them.
 *
 * @module
 */

/** An IP address in its one spelling. */
export interface IpAddress {
  readonly address: string;
  readonly family: "ipv4" | "ipv6";
}

/**
 * Reads an IP address: IPv6 as RFC 5952 spells it and without its zone (RFC 4007), an
 * IPv4-mapped one as IPv4. Strictly: IPv4 is four decimal parts, not `127.1` and not `010.0.0.1`. `undefined` for any
 * other text.
 *
 * @example
 * ```ts
 * import { parseIp } from "./address.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseIp("2001:DB8:0:0::1"), { address: "2001:db8::1", family: "ipv6" });
 * assertEquals(parseIp("::ffff:192.0.2.7"), { address: "192.0.2.7", family: "ipv4" });
 * assertEquals([parseIp("127.1"), parseIp("localhost")], [undefined, undefined]);
 * ```
 */
export function parseIp(text: string): IpAddress | undefined {
  const parts = text.split(".");
  if (parts.length === 4 && parts.every(isOctet)) return { address: text, family: "ipv4" };
  if (!text.includes(":")) return undefined;
  const [written] = /^[\d.:a-f]+(?=(?:%[\w.-]+)?$)/i.exec(text) ?? [];
  const address = URL.parse(`http://[${written}]/`)?.hostname.slice(1, -1);
  if (address === undefined) return undefined;
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return { address, family: "ipv6" };
  const octets = [high, low].flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]);
  return { address: octets.join("."), family: "ipv4" };
}

function isOctet(part: string): boolean {
  return /^\d{1,3}$/.test(part) && Number(part) <= 255 && String(Number(part)) === part;
}

/**
 * `host:port`, with brackets around an IPv6 address (RFC 3986, section 3.2.2).
 *
 * @example
 * ```ts
 * import { hostPort } from "./address.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hostPort("::1", 9090), "[::1]:9090");
 * ```
 */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** An address as a user writes it; an IPv4-mapped IPv6 one as IPv4. */
export function addressText(addr: Deno.Addr): string {
  if ("hostname" in addr) return hostPort(unmapped(addr.hostname), addr.port);
  return "path" in addr ? `unix:${addr.path}` : addr.transport;
}

/** The address without its port, which tells clients apart; `unix` for a Unix socket. */
export function hostOf(addr: Deno.Addr): string {
  return "hostname" in addr ? unmapped(addr.hostname) : "unix";
}

/**
 * The eight groups of an IPv6 address as the runtime writes it: without leading zeros, the longest run of zero groups as "::"
 * (RFC 5952).
 *
 * @example
 * ```ts
 * import { ipv6Groups } from "./address.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ipv6Groups("2001:db8::1"), ["2001", "db8", "0", "0", "0", "0", "0", "1"]);
 * ```
 */
export function ipv6Groups(address: string): string[] {
  const [head = [], tail = []] = address.split("::").map((part) => part === "" ? [] : part.split(":"));
  return [...head, ...Array<string>(8 - head.length - tail.length).fill("0"), ...tail];
}

/** Whether nothing sent there crosses a network: 127.0.0.0/8 (RFC 1122), ::1 (RFC 4291), a Unix socket. */
export function isLocal(addr: Deno.Addr): boolean {
  const host = hostOf(addr);
  return host === "unix" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The same of a host as a user writes it; of names, `localhost` alone (RFC 6761, section 6.3). */
export function isLocalHost(host: string): boolean {
  const hostname = parseIp(host)?.address ?? host;
  return host === "localhost" || isLocal({ transport: "tcp", hostname, port: 0 });
}

/** An IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2) is the same host as its IPv4 address. */
function unmapped(host: string): string {
  return host.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}
