/**
 * Who may connect, by address: `--allow` and `--deny`, each a network in CIDR notation (RFC 4632, RFC 4291), an address,
 * or `@FILE` with one of these a line.
 *
 * @module
 */
import { parseIp } from "../base/address.ts";
import { delay } from "../base/delay.ts";
import { ConfigError, UsageError } from "../base/errors.ts";
import { readTrusted } from "../base/text_file.ts";
import { type Network, type NetworkSet, NetworkSetBuilder } from "./network_set.ts";

/** Networks that are read before clients have their turn: some milliseconds. */
const AT_ONCE = 1000;

/**
 * Reads a network; an address alone is the network of itself. The zone of an address (RFC 4007) is left out: a listener is
 * not told it.
 *
 * @throws {UsageError} `bad_value`
 */
export function parseNetwork(text: string): Network {
  const [written = "", length, ...rest] = text.trim().split("/");
  const whole = networkOf(written);
  if (whole !== undefined && length === undefined) return whole;
  // The length of an IPv4-mapped network counts from the beginning of the IPv6 address.
  const skipped = whole?.family === "ipv4" && written.includes(":") ? 96 : 0;
  const bits = /^\d{1,3}$/.test(length ?? "") ? Number(length) - skipped : NaN;
  if (whole !== undefined && bits >= 0 && bits <= whole.bits && rest.length === 0) return { ...whole, bits };
  throw new UsageError("bad_value", `Cannot use "${text}": it is no address and no network such as 192.0.2.0/24`, {
    details: { value: text, reason: "network" },
  });
}

/** Whether an address is in one of `networks`; `undefined` where there is none. */
export async function proxiesIn(networks: readonly string[]): Promise<((address: string) => boolean) | undefined> {
  if (networks.length === 0) return undefined;
  const list = await AccessList.from({ allow: networks, deny: [] });
  // Who comes over a Unix socket is on every list, and passes nobody on.
  return (address) => address !== "unix" && list.permits(address);
}

/** What may be given: a network, or `@FILE`. */
export interface AccessSpecs {
  /** `undefined`: everybody. A list that holds nothing, as of an empty file, lets nobody in. */
  readonly allow: readonly string[] | undefined;
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
 * const list = await AccessList.from({ allow: ["192.0.2.0/24", "::1"], deny: ["192.0.2.13"] });
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
  readonly #allowed: NetworkSet | undefined;
  readonly #denied: NetworkSet;

  private constructor(allowed: NetworkSet | undefined, denied: NetworkSet) {
    this.#allowed = allowed;
    this.#denied = denied;
  }

  /**
   * Reads the files that are named.
   *
   * @throws {UsageError} `bad_value`, for what stands on the command line.
   * @throws {ConfigError} `bad_config`, for what stands in a file, with its line; `bad_text`.
   * @throws {StorageError} `cannot_read`
   */
  static async from({ allow, deny }: AccessSpecs): Promise<AccessList> {
    return new AccessList(allow && await setOf(allow), await setOf(deny));
  }

  /** Whether nobody may connect over the network: there is a list of those who may, with nothing in it. */
  get isEmpty(): boolean {
    return this.#allowed?.isEmpty === true;
  }

  /** Whether a client from `address`, an IP address or `unix`, may connect. */
  permits(address: string): boolean {
    if (address === "unix" || (this.#allowed === undefined && this.#denied.isEmpty)) return true;
    const client = parseIp(address);
    if (client === undefined || this.#denied.has(client)) return false;
    return this.#allowed === undefined || this.#allowed.has(client);
  }
}

/** What the specifications name. Clients are served while a long list is read. */
async function setOf(specs: readonly string[]): Promise<NetworkSet> {
  const set = new NetworkSetBuilder();
  let count = 0;
  for (const spec of specs) {
    for (const network of networks(spec)) {
      set.add(network);
      if (++count % AT_ONCE === 0) await delay(0);
    }
  }
  return set.build();
}

/** The network of one address, `undefined` where the text is none. */
function networkOf(text: string): Network | undefined {
  const ip = parseIp(text);
  return ip && { ...ip, bits: ip.family === "ipv4" ? 32 : 128 };
}

function* networks(spec: string): Generator<Network> {
  if (!spec.startsWith("@")) return yield parseNetwork(spec);
  const path = spec.slice(1);
  let number = 0;
  for (const [line] of readTrusted(path, { anyOwner: true }).matchAll(/[^\n]*\n?/g)) {
    number++;
    const entry = line.replace(/#.*$/s, "").trim();
    if (entry !== "") yield networkIn(entry, { path, line: number, column: line.indexOf(entry) + 1 });
  }
}

/** @throws {ConfigError} with the place */
function networkIn(entry: string, place: { path: string; line: number; column: number }): Network {
  try {
    return parseNetwork(entry);
  } catch (error) {
    throw new ConfigError(
      "bad_config",
      `Cannot use ${place.path}:${place.line}:${place.column}: "${entry}" is no address and no network such as 192.0.2.0/24`,
      { details: { ...place, value: entry, problem: "network" }, cause: error },
    );
  }
}
