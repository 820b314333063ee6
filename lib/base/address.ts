/**
 * Network addresses as people write and compare them.
 *
 * @module
 */

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

/** Whether nothing sent there crosses a network: 127.0.0.0/8 (RFC 1122), ::1 (RFC 4291), a Unix socket. */
export function isLocal(addr: Deno.Addr): boolean {
  const host = hostOf(addr);
  return host === "unix" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** An IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2) is the same host as its IPv4 address. */
function unmapped(host: string): string {
  return host.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}
