/**
 * Who is at the other end, as far as the network tells.
 *
 * @module
 */
import { addressText } from "./listen.ts";

/** A client's address. */
export interface Peer {
  /** For the log: `127.0.0.1:50000`. */
  readonly text: string;
  /** What the client is known by in mode `identify`: its IP address without the port, or `unix`. */
  readonly address: string;
  /** Whether nothing it sends crosses a network: 127.0.0.0/8, ::1, a Unix socket. */
  readonly isLocal: boolean;
  /** Whether limits per address leave it out: 127.0.0.1 and ::1 alone, and Unix sockets. */
  readonly isExempt: boolean;
}

/**
 * The client at `addr`. An IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2) is the same client as its IPv4 address.
 *
 * @example
 * ```ts
 * import { peerOf } from "./peer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const peer = peerOf({ transport: "tcp", hostname: "::ffff:127.0.0.2", port: 50000 });
 * assertEquals([peer.address, peer.isLocal, peer.isExempt], ["127.0.0.2", true, false]);
 * ```
 */
export function peerOf(addr: Deno.Addr): Peer {
  if (!("hostname" in addr)) return { text: addressText(addr), address: "unix", isLocal: true, isExempt: true };
  const address = addr.hostname.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
  const isExempt = address === "127.0.0.1" || address === "::1";
  return {
    text: addressText({ ...addr, hostname: address }),
    address,
    isLocal: isExempt || address.startsWith("127."),
    isExempt,
  };
}
