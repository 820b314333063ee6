/**
 * Who may connect, by address: `--allow` and `--deny`, each a network in CIDR notation (RFC 4632, RFC 4291), an address,
 * or `@FILE` with one of these a line.
 *
 * @module
 */
import ipaddr from "ipaddr.js";
import { ConfigError, UsageError } from "../errors.ts";
import { fileError } from "../system_errors.ts";

/** A network: an address and how many of its leading bits count. */
export type Network = ReturnType<typeof ipaddr.parseCIDR>;

/**
 * Reads a network; an address alone is the network of itself.
 *
 * @throws {UsageError} `bad_value`
 */
export function parseNetwork(text: string): Network {
  const trimmed = text.trim();
  try {
    if (trimmed.includes("/") && ipaddr.isValidCIDR(trimmed)) return ipaddr.parseCIDR(trimmed);
    if (isAddress(trimmed)) {
      const address = ipaddr.process(trimmed);
      return [address, address.kind() === "ipv4" ? 32 : 128];
    }
  } catch {
    // It is told below.
  }
  throw new UsageError("bad_value", `Cannot use "${text}": it is no address and no network such as 192.0.2.0/24`, {
    details: { value: text, reason: "network" },
  });
}

/** What may be given: a network, or `@FILE`. */
export interface AccessSpecs {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/**
 * The rules of one moment. A denied address is out; where something is allowed by name, everything else is out. Clients
 * on a Unix socket have passed the file's permissions and are always in.
 *
 * @example
 * ```ts
 * import { AccessList } from "./access.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const list = AccessList.from({ allow: ["192.0.2.0/24", "::1"], deny: ["192.0.2.13"] });
 * assertEquals(["192.0.2.7", "192.0.2.13", "198.51.100.1", "::1", "unix"].map((from) => list.permits(from)), [
 *   true,
 *   false,
 *   false,
 *   true,
 *   true,
 * ]);
 * ```
 */
export class AccessList {
  readonly #allow: readonly Network[];
  readonly #deny: readonly Network[];

  private constructor(allow: readonly Network[], deny: readonly Network[]) {
    this.#allow = allow;
    this.#deny = deny;
  }

  /**
   * Reads the files that are named.
   *
   * @throws {UsageError} `bad_value`, for what stands on the command line.
   * @throws {ConfigError} `bad_config`, for what stands in a file, with its line.
   * @throws {StorageError} `cannot_read`
   */
  static from({ allow, deny }: AccessSpecs): AccessList {
    return new AccessList(allow.flatMap(networks), deny.flatMap(networks));
  }

  /** Whether a client from `address`, an IP address or `unix`, may connect. */
  permits(address: string): boolean {
    if (this.#allow.length === 0 && this.#deny.length === 0) return true;
    if (!isAddress(address)) return true;
    const parsed = ipaddr.process(address);
    if (this.#deny.some((network) => isIn(parsed, network))) return false;
    return this.#allow.length === 0 || this.#allow.some((network) => isIn(parsed, network));
  }
}

function isIn(address: ReturnType<typeof ipaddr.process>, network: Network): boolean {
  return address.kind() === network[0].kind() && address.match(network);
}

/** Strictly: four decimal parts, or IPv6. The library alone would take `127.1` and `0x7f000001`, too. */
function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}

function networks(spec: string): Network[] {
  if (!spec.startsWith("@")) return [parseNetwork(spec)];
  const path = spec.slice(1);
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw fileError(error, "read", path);
  }
  return text.split("\n").flatMap((line, index) => {
    const entry = line.replace(/#.*$/, "").trim();
    if (entry === "") return [];
    try {
      return [parseNetwork(entry)];
    } catch (error) {
      const place = { path, line: index + 1, column: line.indexOf(entry) + 1 };
      throw new ConfigError(
        "bad_config",
        `Cannot use ${path}:${place.line}:${place.column}: "${entry}" is no address and no network such as 192.0.2.0/24`,
        { details: { ...place, value: entry, problem: "network" }, cause: error },
      );
    }
  });
}
