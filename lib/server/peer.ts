/**
 * Who is at the other end, as far as the network tells.
 *
 * @module
 */
import { addressText, hostOf, isLocal } from "../base/address.ts";

/** A client's address. */
export interface Peer {
  /** For the log: `127.0.0.1:50000`. */
  readonly text: string;
  /** What the client is known by in mode `identify`: its IP address without the port, or `unix`. */
  readonly address: string;
  /** Whether nothing it sends crosses a network. */
  readonly isLocal: boolean;
  /** Whether it speaks TLS. */
  readonly isTls: boolean;
  /** Whether nobody on the way can read what it sends. */
  readonly isSecure: boolean;
  /** Whether limits per address leave it out: 127.0.0.1 and ::1 alone, and Unix sockets. */
  readonly isExempt: boolean;
}

/** Who has passed a client on. */
export interface Balancer {
  readonly addr: Deno.Addr;
  /** Whether the client's way to it is encrypted, and that counts. */
  readonly isTls: boolean;
}

/**
 * The client at `addr`.
 *
 * @param how Whether it speaks TLS; default: it does not. Who has passed it on, and whether it speaks TLS to that one in
 * a way that counts: behind a balancer elsewhere nobody is local, for what they send crosses a network.
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
export function peerOf(
  addr: Deno.Addr,
  { isTls = false, balancer }: { readonly isTls?: boolean; readonly balancer?: Balancer | undefined } = {},
): Peer {
  return new AddressedPeer(addr, isTls, balancer);
}

/** A copy that can be sent to another thread. */
export function copyOf({ text, address, isLocal, isTls, isSecure, isExempt }: Peer): Peer {
  return { text, address, isLocal, isTls, isSecure, isExempt };
}

/** Told when it is asked for: of an idle connection nothing is, and the texts take more than all the rest. */
class AddressedPeer implements Peer {
  readonly isTls: boolean;
  readonly #addr: Deno.Addr;
  readonly #balancer: Balancer | undefined;

  constructor(addr: Deno.Addr, isTls: boolean, balancer: Balancer | undefined) {
    this.#addr = addr;
    this.isTls = isTls;
    this.#balancer = balancer;
  }

  get text(): string {
    return addressText(this.#addr);
  }

  get address(): string {
    return hostOf(this.#addr);
  }

  get isLocal(): boolean {
    return isLocal(this.#addr) && (this.#balancer === undefined || isLocal(this.#balancer.addr));
  }

  get isSecure(): boolean {
    return this.isTls || this.isLocal || this.#balancer?.isTls === true;
  }

  get isExempt(): boolean {
    return ["127.0.0.1", "::1", "unix"].includes(this.address) && this.isLocal;
  }
}
