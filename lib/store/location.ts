/**
 * `--store URL`: where users, sessions and hosts are kept.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";

/** Looks an environment variable up. */
export type Environment = (name: string) => string | undefined;

/** How a connection to PostgreSQL is protected, in libpq's words; `prefer` protects from nothing and is refused. */
const SSL_MODES = ["disable", "require", "verify-ca", "verify-full"] as const;

/** One of {@linkcode SSL_MODES}. */
export type SslMode = typeof SSL_MODES[number];

/** A server of PostgreSQL; `host` is a folder where it begins with a slash. */
export interface PostgresHost {
  readonly host: string;
  readonly port: number;
}

/** A database in PostgreSQL. */
export interface PostgresLocation {
  readonly type: "postgres";
  /** In the order in which they are tried. */
  readonly hosts: readonly PostgresHost[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  /** Not given: `disable` on this machine, `verify-full` elsewhere. */
  readonly sslMode: SslMode | undefined;
  /** File with the authorities to trust, in PEM. */
  readonly rootCert: string | undefined;
  /** Milliseconds for each connection to be made. */
  readonly connectTimeout: number | undefined;
  /** Settings of the session, as libpq's `options`. */
  readonly options: string | undefined;
  readonly applicationName: string | undefined;
  /** The URL without the password: for messages. */
  readonly shown: string;
}

/** Where a store is. */
export type StoreLocation = { readonly type: "sqlite"; readonly directory: string } | PostgresLocation;

/** The parameters of the URL that are known. Another one may be a mistake that matters, such as a misspelt `sslmode`. */
const PARAMETERS: ReadonlySet<string> = new Set([
  ...["host", "port", "user", "dbname", "sslmode", "sslrootcert"],
  ...["connect_timeout", "options", "application_name", "target_session_attrs"],
]);

/**
 * Reads `sqlite:DIR` or `postgres://[USER[:PASSWORD]@]HOST[:PORT][,HOST…]/DATABASE[?PARAMETER=…]`.
 *
 * @throws {UsageError} `bad_value`; the password is in no message.
 *
 * @example
 * ```ts
 * import { storeLocation } from "./location.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const found = storeLocation("postgres://echo:secret@a,b:5433/users?sslmode=verify-full");
 * assertEquals(found.type === "postgres" && found.hosts, [{ host: "a", port: 5432 }, { host: "b", port: 5433 }]);
 * assertEquals(found.type === "postgres" && found.shown, "postgres://echo@a,b:5433/users");
 * ```
 */
export function storeLocation(text: string): StoreLocation {
  const directory = /^sqlite:(.+)$/s.exec(text)?.[1];
  if (directory !== undefined) return { type: "sqlite", directory };
  const parts = /^postgres(?:ql)?:\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(text);
  if (parts === null || parts[3]?.includes("@")) throw refused("store", text);
  const [, user, password, authority = "", database, query = ""] = parts;
  const given = new Map(
    query.split("&").filter(Boolean).map((pair): [string, string] => {
      const [name = "", value = ""] = pair.split(/=(.*)/s);
      return [name, decoded(value, text)];
    }),
  );
  for (const name of given.keys()) {
    if (!PARAMETERS.has(name)) throw refused("store_parameter", text, { parameter: name });
  }
  const sslText = given.get("sslmode");
  const sslMode = SSL_MODES.find((mode) => mode === sslText);
  if (sslText !== undefined && sslMode === undefined) throw refused("store_sslmode", text, { mode: sslText });
  const hosts = hostsOf(given.get("host") ?? decoded(authority, text), given.get("port"), text);
  const timeout = given.get("connect_timeout");
  const seconds = timeout === undefined ? undefined : Number(timeout);
  if (seconds !== undefined && !(seconds > 0)) throw refused("store_parameter", text, { parameter: "connect_timeout" });
  return {
    type: "postgres",
    hosts,
    user: decoded(user ?? "", text) || given.get("user"),
    password: password === undefined ? undefined : decoded(password, text),
    database: decoded(database ?? "", text) || given.get("dbname"),
    sslMode,
    rootCert: given.get("sslrootcert"),
    connectTimeout: seconds === undefined ? undefined : seconds * 1000,
    options: given.get("options"),
    applicationName: given.get("application_name"),
    shown: withoutSecrets(text),
  };
}

/** `--store` as an option: text that {@linkcode storeLocation} takes. */
export function parseStoreUrl(text: string): string {
  storeLocation(text);
  return text;
}

/**
 * A URL from the command line, which every user of the machine can read in the list of processes, has no password.
 *
 * @throws {UsageError} `bad_value`
 */
export function assertNoPassword(text: string): void {
  const location = storeLocation(text);
  if (location.type !== "postgres" || location.password === undefined) return;
  const error = refused("store_password", text);
  error.annotate({ option: "--store" });
  throw error;
}

function hostsOf(text: string, ports: string | undefined, url: string): readonly PostgresHost[] {
  const given = ports?.split(",") ?? [];
  return text.split(",").map((each, at) => {
    const [, bracketed, name, own] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(each) ?? [];
    const host = bracketed ?? name;
    const port = Number(own ?? given[at] ?? given[0] ?? 5432);
    if (host === undefined || !(port > 0 && port < 65536)) throw refused("store_host", url, { host: each });
    return { host: host === "" ? "localhost" : host, port };
  });
}

function decoded(text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused("store", url);
  }
}

/** Without whatever stands between a user's name and the host, in a URL of whatever form, and without parameters. */
function withoutSecrets(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^:@/]*):.*@/s, "$1@").replace(/\?.*$/s, "");
}

function refused(reason: string, url: string, more: Readonly<Record<string, string>> = {}): UsageError {
  const value = withoutSecrets(url);
  return new UsageError("bad_value", `Cannot use the value "${value}": it is no ${reason}`, {
    details: { value, reason, option: "--store", ...more },
  });
}
