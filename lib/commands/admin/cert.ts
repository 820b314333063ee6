/**
 * `echo-server cert`: makes the files that `--tls-cert`, `--tls-key` and a client's `--ca` take.
 *
 * @module
 */
import { DAY } from "../../base/limits.ts";
import { join } from "@std/path";
import { StorageError, UsageError } from "../../base/errors.ts";
import { replaceFile } from "../../base/files.ts";
import type { AdminKey } from "./texts.ts";
import type { Invocation } from "../../cli/command.ts";
import type { CERT_OPTIONS } from "./options.ts";
import { print, printText } from "../../cli/output.ts";
import { timeIso, timestampText, toJson } from "./context.ts";
import { makeDevCertificate } from "./dev_certificate.ts";

/** Names that every certificate is for. */
const LOCAL_NAMES = ["localhost", "127.0.0.1", "::1"];

/** Most days a certificate may last: who wants more has forgotten about it by then. */
const MAX_DAYS = 3650;

/** How much before now it becomes valid: clocks differ. */
const EARLY = 3600 * 1000;

/**
 * Makes ca.pem, cert.pem and key.pem in the folder of `--out`.
 *
 * @throws {UsageError} `bad_value`, when no certificate can last `--days`.
 * @throws {StorageError} `cannot_write`; without `--force` also when one of the files exists.
 */
export async function certCommand({ line, texts }: Invocation<typeof CERT_OPTIONS, AdminKey>): Promise<number> {
  const { values: { days, data, out = data, force, hosts, json } } = line;
  const t = await texts();
  if (days < 1 || days > MAX_DAYS) throw badDays(days);
  const given = hosts.filter((host) => !host.startsWith("unix:"));
  const names = [...new Set([...LOCAL_NAMES, ...given])];
  const paths = { ca: join(out, "ca.pem"), cert: join(out, "cert.pem"), key: join(out, "key.pem") };
  if (!force) { for (const path of Object.values(paths)) assertNew(path); }
  const expires = Date.now() + days * DAY;
  const made = await makeDevCertificate({
    names,
    notBefore: new Date(Date.now() - EARLY),
    notAfter: new Date(expires),
  });
  replaceFile(paths.key, made.key, { mode: 0o600, folderMode: 0o755 });
  replaceFile(paths.cert, made.cert, { mode: 0o644, folderMode: 0o755 });
  replaceFile(paths.ca, made.ca, { mode: 0o644, folderMode: 0o755 });
  if (json) {
    return print(toJson({ event: "certificate_made", ...paths, names, expires_at: timeIso(expires) }));
  }
  printText(t("cert.made", { ...paths, names: names.join(", "), expires: timestampText(expires) }));
  printText(t("cert.server", { command: `echo-server --tls-cert ${paths.cert} --tls-key ${paths.key}` }));
  return printText(t("cert.client", { command: `echo-client --tls --ca ${paths.ca} ${given[0] ?? "localhost"}` }));
}

function assertNew(path: string): void {
  try {
    Deno.lstatSync(path);
  } catch {
    return;
  }
  throw new StorageError("cannot_write", `Cannot write ${path}: it exists`, { details: { path, problem: "exists" } });
}

function badDays(days: number): UsageError {
  return new UsageError("bad_value", `Cannot use the value "${days}" for --days: it is no days`, {
    details: { option: "--days", value: days, reason: "days", max: MAX_DAYS },
  });
}
