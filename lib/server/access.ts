/**
 * Who may connect, by address: `--allow` and `--deny`, each a network in CIDR notation (RFC 4632, RFC 4291), an address,
 * or `@FILE` with one of these a line.
 *
 * @module
 */
import { BlockList, isIPv4, isIPv6 } from "node:net";
import { unmapped } from "../address.ts";
import { ConfigError, UsageError } from "../errors.ts";
import { fileError } from "../system_errors.ts";

/** A network: an address and how many of its leading bits count. */
export interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: Family;
}

type Family = "ipv4" | "ipv6";

/**
 * Reads a network; an address alone is the network of itself.
 *
 * @throws {UsageError} `bad_value`
 */
export function parseNetwork(text: string): Network {
  const [written = "", length, ...rest] = text.trim().split("/");
  const address = unmapped(written);
  const family = familyOf(address);
  const most = family === "ipv4" ? 32 : 128;
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : NaN;
  if (family !== undefined && bits <= most && rest.length === 0) return { address, bits, family };
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
  readonly #allowed: BlockList | undefined;
  readonly #denied: BlockList | undefined;

  private constructor(allowed: readonly Network[], denied: readonly Network[]) {
    this.#allowed = listOf(allowed);
    this.#denied = listOf(denied);
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
    const family = familyOf(address);
    if (family === undefined) return true;
    if (this.#denied?.check(address, family) === true) return false;
    return this.#allowed === undefined || this.#allowed.check(address, family);
  }
}

/** The networks as the runtime looks them up; `undefined` where there are none. */
function listOf(networks: readonly Network[]): BlockList | undefined {
  if (networks.length === 0) return undefined;
  const list = new BlockList();
  for (const { address, bits, family } of networks) list.addSubnet(address, bits, family);
  return list;
}

/** Strictly: four decimal parts, not `127.1` or `0x7f000001`; or IPv6 without a zone. */
function familyOf(text: string): Family | undefined {
  if (isIPv4(text)) return "ipv4";
  return isIPv6(text) && !text.includes("%") ? "ipv6" : undefined;
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
