/**
 * Addresses as system calls take them (sockaddr(3type), on a little-endian machine).
 *
 * @module
 */
import { ipv6Groups, parseIp } from "../../base/address.ts";

/** Address families. */
const FAMILY = { unix: 1, ipv4: 2, ipv6: 10 } as const;

/**
 * The address of an IP address, with its zone where it has one.
 *
 * @param zoneIndex Gives the number of a network interface.
 *
 * @example
 * ```ts
 * import { addrOf, ipAddress } from "./sockaddr.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = ipAddress({ hostname: "::1", port: 9090 }, () => 0);
 * assertEquals(addrOf(bytes), { transport: "tcp", hostname: "::1", port: 9090 });
 * ```
 */
export function ipAddress(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  zoneIndex: (name: string) => number,
): Uint8Array<ArrayBuffer> {
  const [host = "", zone] = hostname.split("%");
  const isIpv4 = !host.includes(":");
  const bytes = new Uint8Array(isIpv4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, isIpv4 ? FAMILY.ipv4 : FAMILY.ipv6, true);
  view.setUint16(2, port);
  if (isIpv4) {
    bytes.set(host.split(".").map(Number), 4);
    return bytes;
  }
  groupsOf(host).forEach((group, at) => view.setUint16(8 + 2 * at, group));
  if (zone !== undefined) view.setUint32(24, /^\d+$/.test(zone) ? Number(zone) : zoneIndex(zone), true);
  return bytes;
}

/** The address of a Unix socket's file. */
export function unixAddress(path: string): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(path);
  const bytes = new Uint8Array(2 + name.length + 1);
  new DataView(bytes.buffer).setUint16(0, FAMILY.unix, true);
  bytes.set(name, 2);
  return bytes;
}

/** An address of IP or of a Unix socket, as Deno tells it. */
export function addrOf(bytes: Uint8Array): Deno.NetAddr | Deno.UnixAddr {
  return ipAddrOf(bytes) ??
    { transport: "unix", path: new TextDecoder().decode(bytes.subarray(2)).replace(/\0.*$/s, "") };
}

/** An IP address as Deno tells it; undefined for other families (vsock(7), netlink(7), whatever a process was started with). */
export function ipAddrOf(bytes: Uint8Array): Deno.NetAddr | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const family = bytes.length < 16 ? undefined : view.getUint16(0, true);
  const port = family === undefined ? 0 : view.getUint16(2);
  if (family === FAMILY.ipv4) {
    return { transport: "tcp", hostname: `${bytes[4]}.${bytes[5]}.${bytes[6]}.${bytes[7]}`, port };
  }
  return family === FAMILY.ipv6 ? { transport: "tcp", hostname: ipv6Text(view), port } : undefined;
}

/** An IPv4-mapped address keeps its form, as Deno's. */
function ipv6Text(view: DataView): string {
  const groups = Array.from({ length: 8 }, (_, at) => view.getUint16(8 + 2 * at).toString(16));
  const parsed = parseIp(groups.join(":"));
  if (parsed === undefined) return groups.join(":");
  return parsed.family === "ipv4" ? `::ffff:${parsed.address}` : parsed.address;
}

/** The eight groups of an IPv6 address. */
function groupsOf(host: string): number[] {
  const parsed = parseIp(host);
  if (parsed?.family === "ipv4") {
    const [a = 0, b = 0, c = 0, d = 0] = parsed.address.split(".").map(Number);
    return [0, 0, 0, 0, 0, 0xffff, a << 8 | b, c << 8 | d];
  }
  return ipv6Groups(parsed?.address ?? "::").map((group) => parseInt(group, 16));
}
