/**
 * How many connections there may be: in all, not yet logged in, and from one address.
 *
 * @module
 */
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
  // As the runtime writes it: without leading zeros, the longest run of zero groups as "::" (RFC 5952).
  const [head = [], tail = []] = address.split("::").map((part) => part === "" ? [] : part.split(":"));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(":")}::/64`;
}

/** Counts connections in and out. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #byAddress = new Map<string, number>();
  #maxConnections: number;
  #connections = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
    this.#maxConnections = limits.maxConnections;
  }

  /** Connections now. */
  get connections(): number {
    return this.#connections;
  }

  /** Takes a connection in, or tells what it is refused by. `unauthenticated`: how many others are not logged in. */
  enter(peer: Peer, unauthenticated: number): Refusal | undefined {
    const key = addressKey(peer.address);
    const fromAddress = this.#byAddress.get(key) ?? 0;
    const { maxUnauthenticated, maxPerAddress } = this.#limits;
    if (isFull(this.#connections, this.#maxConnections)) return "max_connections";
    if (isFull(unauthenticated, maxUnauthenticated)) return "max_unauthenticated";
    if (!peer.isExempt && isFull(fromAddress, maxPerAddress)) return "max_per_address";
    this.#connections++;
    this.#byAddress.set(key, fromAddress + 1);
    return undefined;
  }

  /** Lets a connection out that was taken in. */
  leave(peer: Peer): void {
    const key = addressKey(peer.address);
    const others = (this.#byAddress.get(key) ?? 1) - 1;
    if (others > 0) this.#byAddress.set(key, others);
    else this.#byAddress.delete(key);
    this.#connections--;
  }

  /**
   * The system has no descriptor left for another connection: from now on there may be 80 % of what there are, so that
   * files, the database and those who wait can have the rest. (A program with few permissions cannot read its limit.)
   * Nothing is learnt from few connections: then something else has used the descriptors up, and it may pass.
   */
  learnDescriptorLimit(): void {
    if (this.#connections < LEAST_TO_LEARN_FROM) return;
    const learnt = Math.floor(this.#connections * 0.8);
    this.#maxConnections = this.#maxConnections === 0 ? learnt : Math.min(this.#maxConnections, learnt);
  }
}

/** Far fewer connections than the smallest descriptor limit in use, 256, leaves room for. */
const LEAST_TO_LEARN_FROM = 16;

function isFull(count: number, limit: number): boolean {
  return limit > 0 && count >= limit;
}
