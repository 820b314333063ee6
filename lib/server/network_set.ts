/**
 * Networks, looked up by address: one comparison for each length of a prefix and each doubling of their number. With
 * 100,000 networks the runtime's `BlockList` takes 8.6 ms to look one up and 10 s to be made.
 *
 * @module
 */
import { type IpAddress, ipv6Groups } from "../base/address.ts";

/** A network: an address, and how many of its leading bits count. */
export interface Network extends IpAddress {
  readonly bits: number;
}

/** Takes networks, and makes a {@linkcode NetworkSet} of them. */
export class NetworkSetBuilder {
  /** Prefixes as numbers, by their length in bits. */
  readonly #ipv4 = new Map<number, number[]>();
  readonly #ipv6 = new Map<number, Set<bigint>>();

  /** The bits of the address behind the prefix do not count. */
  add({ address, family, bits }: Network): void {
    if (family === "ipv4") ofLength(this.#ipv4, bits, () => []).push(prefixOf4(ipv4Value(address), bits));
    else ofLength(this.#ipv6, bits, () => new Set()).add(prefixOf6(ipv6Value(address), bits));
  }

  build(): NetworkSet {
    const ipv4 = new Map(Array.from(this.#ipv4, ([bits, prefixes]) => [bits, Uint32Array.from(prefixes).sort()]));
    return new NetworkSet(ipv4, this.#ipv6);
  }
}

/** Some networks. Four bytes each for those of IPv4, of which there are lists of a million. */
export class NetworkSet {
  readonly #ipv4: ReadonlyMap<number, Uint32Array>;
  readonly #ipv6: ReadonlyMap<number, ReadonlySet<bigint>>;

  /** @param ipv4 Sorted. */
  constructor(ipv4: ReadonlyMap<number, Uint32Array>, ipv6: ReadonlyMap<number, ReadonlySet<bigint>>) {
    this.#ipv4 = ipv4;
    this.#ipv6 = ipv6;
  }

  get isEmpty(): boolean {
    return this.#ipv4.size === 0 && this.#ipv6.size === 0;
  }

  /** Whether an address, as `parseIp` gives it, is in one of them. */
  has({ address, family }: IpAddress): boolean {
    if (family === "ipv4") {
      const value = ipv4Value(address);
      return this.#ipv4.entries().some(([bits, prefixes]) => isAmong(prefixes, prefixOf4(value, bits)));
    }
    const value = this.#ipv6.size === 0 ? 0n : ipv6Value(address);
    return this.#ipv6.entries().some(([bits, prefixes]) => prefixes.has(prefixOf6(value, bits)));
  }
}

function ofLength<Prefixes>(all: Map<number, Prefixes>, bits: number, none: () => Prefixes): Prefixes {
  const known = all.get(bits) ?? none();
  all.set(bits, known);
  return known;
}

/** Whether a number is in a sorted list. */
function isAmong(sorted: Uint32Array, value: number): boolean {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] ?? 0) < value) from = middle + 1;
    else to = middle;
  }
  return sorted[from] === value;
}

/** A shift by 32 bits would be none. */
function prefixOf4(value: number, bits: number): number {
  return bits === 0 ? 0 : value >>> (32 - bits);
}

function prefixOf6(value: bigint, bits: number): bigint {
  return value >> BigInt(128 - bits);
}

function ipv4Value(address: string): number {
  return address.split(".").reduce((value, octet) => value * 256 + Number(octet), 0);
}

function ipv6Value(address: string): bigint {
  return BigInt(`0x${ipv6Groups(address).map((group) => group.padStart(4, "0")).join("")}`);
}
