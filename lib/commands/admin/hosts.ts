/**
 * `echo-server hosts …`: the clients of mode `identify`.
 *
 * @module
 */
import { parseIp } from "../../base/address.ts";
import { UsageError } from "../../base/errors.ts";
import type { Host } from "../../store/store.ts";
import { escapeText } from "../../base/text.ts";
import { type Admin, confirm, mayRemove, printList, timeIso, timestampText } from "./context.ts";
import { nameFrom } from "./users.ts";

export async function listHosts(admin: Admin): Promise<void> {
  printList(admin, {
    rows: await (await admin.store()).listHosts(),
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
      timestampText(createdAt),
      timestampText(seenAt),
    ],
  });
}

/** `hosts rename ADDRESS NAME`. */
export async function renameHost(admin: Admin, [text = "", newName = ""]: readonly string[]): Promise<void> {
  const name = nameFrom(newName);
  const address = await knownAddress(admin, text);
  if (!await (await admin.store()).renameHost(address, name)) throw noSuchHost(admin, text);
  const result = { event: "host_renamed", address, name };
  confirm(admin, "admin.host_renamed", { values: { address: escapeText(address), name }, result });
}

/** `hosts forget ADDRESS`. */
export async function forgetHost(admin: Admin, [text = ""]: readonly string[]): Promise<void> {
  const address = await knownAddress(admin, text);
  if (!await mayRemove(admin, admin.t("admin.subject_host", { address: escapeText(address) }))) return;
  if (!await (await admin.store()).forgetHost(address)) throw noSuchHost(admin, text);
  const result = { event: "host_forgotten", address };
  confirm(admin, "admin.host_forgotten", { values: { address: escapeText(address) }, result });
}

/** The address as it is stored: exactly as written, else in the spelling that the network gives it. */
async function knownAddress(admin: Admin, text: string): Promise<string> {
  for (const address of [text, parseIp(text.trim().replace(/^\[(.*)\]$/, "$1"))?.address ?? text]) {
    if (await (await admin.store()).getHost(address) !== null) return address;
  }
  throw noSuchHost(admin, text);
}

function noSuchHost({ data }: Admin, text: string): UsageError {
  const address = escapeText(text);
  return new UsageError("no_such_host", `Cannot find the host ${address} in ${data}`, { details: { address, data } });
}
