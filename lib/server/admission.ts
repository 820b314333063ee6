/**
 * How many connections there may be: in all, not yet logged in, and from one address.
 *
 * No address can use up what is there for all: before log-in it has a fifth of the places at most; those of 127.0.0.1 and
 * ::1, which limits per address leave out, take none of the others'. A connection that has ended while its client took no
 * bytes may keep its descriptor for as long as the client likes (Deno 2.7.11): it no longer takes a place, only its
 * address pays for it.
 *
 * @module
 */
import { ipv6Groups } from "../base/address.ts";
import type { Peer } from "./peer.ts";

/** Connections; 0 turns a limit off. */
export interface AdmissionLimits {
  /** In all. */
  readonly maxConnections: number;
  /** Not yet logged in. */
  readonly maxUnauthenticated: number;
  /** From one address. */
  readonly maxPerAddress: number;
}

/** Which limit a connection is refused by. */
export type Refusal = "max_connections" | "max_unauthenticated" | "max_per_address";

/**
 * What limits per address count by: an IPv4 address, or the /64 of an IPv6 one, which is the least that one customer has
 * (RFC 6177, section 2).
 *
 * @example
 * ```ts
 * import { addressKey } from "./admission.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(addressKey("2001:db8::1:2"), addressKey("2001:db8::ffff"));
 * assertEquals(addressKey("192.0.2.1"), "192.0.2.1");
 * ```
 */
export function addressKey(address: string): string {
  if (!address.includes(":")) return address;
  return `${ipv6Groups(address).slice(0, 4).join(":")}::/64`;
}

/** What one address has. */
interface Holding {
  connections: number;
  unauthenticated: number;
  /** Of the connections, those that have ended and keep their descriptor. */
  stranded: number;
}

/** Counts connections in and out. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #byAddress = new Map<string, Holding>();
  readonly #unauthenticated = new Set<Peer>();
  #unauthenticatedExempt = 0;
  /** What the descriptors turned out to be enough for; 0 while that is unknown. */
  #learnt = 0;
  #connections = 0;
  #stranded = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Takes a connection in, or tells what it is refused by. */
  enter(peer: Peer, isUnauthenticated: boolean): Refusal | undefined {
    const key = addressKey(peer.address);
    const holding = this.#byAddress.get(key) ?? { connections: 0, unauthenticated: 0, stranded: 0 };
    const { maxConnections, maxUnauthenticated, maxPerAddress } = this.#limits;
    const descriptors = this.#connections + this.#stranded;
    if (isFull(this.#connections, maxConnections) || isFull(descriptors, this.#learnt)) return "max_connections";
    if (!peer.isExempt && isFull(holding.connections, maxPerAddress)) return "max_per_address";
    if (isFull(holding.stranded, shareOf(this.#learnt || maxConnections))) return "max_per_address";
    if (isUnauthenticated) {
      const others = this.#unauthenticated.size - (peer.isExempt ? 0 : this.#unauthenticatedExempt);
      if (isFull(others, maxUnauthenticated)) return "max_unauthenticated";
      if (!peer.isExempt && isFull(holding.unauthenticated, shareOf(maxUnauthenticated))) return "max_unauthenticated";
      this.#unauthenticated.add(peer);
      if (peer.isExempt) this.#unauthenticatedExempt++;
      holding.unauthenticated++;
    }
    this.#connections++;
    holding.connections++;
    this.#byAddress.set(key, holding);
    return undefined;
  }

  /** A client that is in has logged in. */
  markAuthenticated(peer: Peer): void {
    if (!this.#unauthenticated.delete(peer)) return;
    if (peer.isExempt) this.#unauthenticatedExempt--;
    this.#change(peer, { unauthenticated: -1 });
  }

  /** A connection has ended, and its descriptor is still in use: {@linkcode Admission.leave} follows when it is not. */
  strand(peer: Peer): void {
    this.markAuthenticated(peer);
    this.#connections--;
    this.#stranded++;
    this.#change(peer, { stranded: 1 });
  }

  /** Lets a connection out that was taken in. */
  leave(peer: Peer, wasStranded: boolean = false): void {
    this.markAuthenticated(peer);
    if (wasStranded) this.#stranded--;
    else this.#connections--;
    this.#change(peer, { connections: -1, stranded: wasStranded ? -1 : 0 });
  }

  /**
   * The system has no descriptor left for another connection: from now on there may be 80 % of what there are, so that
   * files, the database and those who wait can have the rest. (A program with few permissions cannot read its limit.)
   * Nothing is learnt from few connections: then something else has used the descriptors up, and it may pass.
   */
  learnDescriptorLimit(): void {
    const descriptors = this.#connections + this.#stranded;
    if (descriptors < LEAST_TO_LEARN_FROM) return;
    const learnt = Math.floor(descriptors * 0.8);
    this.#learnt = this.#learnt === 0 ? learnt : Math.min(this.#learnt, learnt);
  }

  #change(peer: Peer, by: Partial<Holding>): void {
    const key = addressKey(peer.address);
    const holding = this.#byAddress.get(key);
    if (holding === undefined) return;
    holding.connections += by.connections ?? 0;
    holding.unauthenticated += by.unauthenticated ?? 0;
    holding.stranded += by.stranded ?? 0;
    if (holding.connections === 0) this.#byAddress.delete(key);
  }
}

/** Far fewer connections than the smallest descriptor limit in use, 256, leaves room for. */
const LEAST_TO_LEARN_FROM = 16;

/** What one address may have of a limit: a fifth. */
function shareOf(limit: number): number {
  return limit === 0 ? 0 : Math.max(1, Math.floor(limit / 5));
}

function isFull(count: number, limit: number): boolean {
  return limit > 0 && count >= limit;
}
