/**
 * `echo-server hosts …`: the clients of mode `identify`.
 *
 * @module
 */
import { hostOf } from "../../base/address.ts";
import { UsageError } from "../../base/errors.ts";
import type { Host } from "../../store/store.ts";
import { escapeText } from "../../base/text.ts";
import { type Admin, confirm, mayRemove, printList, timeIso, timeText } from "./context.ts";
import { nameFrom } from "./users.ts";

/** `hosts list`. */
export async function listHosts(admin: Admin): Promise<void> {
  printList(admin, {
    rows: await admin.store.listHosts(),
    toJson: ({ address, name, createdAt, seenAt }: Host) => ({
      address,
      name,
      created_at: timeIso(createdAt),
      seen_at: timeIso(seenAt),
    }),
    heading: ["admin.address", "admin.name", "admin.created", "admin.seen"],
    toCells: ({ address, name, createdAt, seenAt }: Host) => [
      escapeText(address),
      escapeText(name),
      timeText(createdAt),
      timeText(seenAt),
    ],
  });
}

/** `hosts rename ADDRESS NAME`. */
export async function renameHost(admin: Admin, [text = "", newName = ""]: readonly string[]): Promise<void> {
  const name = nameFrom(newName);
  const address = await knownAddress(admin, text);
  if (!await admin.store.renameHost(address, name)) throw noSuchHost(admin, text);
  const result = { event: "host_renamed", address, name };
  confirm(admin, "admin.host_renamed", { values: { address: escapeText(address), name }, result });
}

/** `hosts forget ADDRESS`. */
export async function forgetHost(admin: Admin, [text = ""]: readonly string[]): Promise<void> {
  const address = await knownAddress(admin, text);
  if (!await mayRemove(admin, admin.t("admin.subject_host", { address: escapeText(address) }))) return;
  if (!await admin.store.forgetHost(address)) throw noSuchHost(admin, text);
  const result = { event: "host_forgotten", address };
  confirm(admin, "admin.host_forgotten", { values: { address: escapeText(address) }, result });
}

/** The address as it is stored: exactly as written, else in the spelling that the network gives it. */
async function knownAddress(admin: Admin, text: string): Promise<string> {
  for (const address of [text, canonical(text)]) {
    if (await admin.store.getHost(address) !== null) return address;
  }
  throw noSuchHost(admin, text);
}

/**
 * One spelling for each address (RFC 5952), IPv4-mapped ones as IPv4, brackets dropped.
 *
 * @example
 * ```ts
 * import { canonical } from "./hosts.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(canonical("[2001:DB8:0:0::1]"), "2001:db8::1");
 * assertEquals(canonical("::ffff:192.0.2.7"), "192.0.2.7");
 * ```
 */
export function canonical(text: string): string {
  const hostname = hostOf({ transport: "tcp", hostname: text.trim().replace(/^\[(.*)\]$/, "$1"), port: 0 });
  return hostname.includes(":") ? URL.parse(`http://[${hostname}]/`)?.hostname.slice(1, -1) ?? hostname : hostname;
}

function noSuchHost({ data }: Admin, text: string): UsageError {
  const address = escapeText(text);
  return new UsageError("no_such_host", `Cannot find the host ${address} in ${data}`, { details: { address, data } });
}
