/**
 * The password for PostgreSQL: of the URL, `PGPASSWORD`, or the password file (libpq, "The Password File").
 *
 * @module
 */
import { readText } from "../base/text_file.ts";
import type { Environment, PostgresHost } from "./location.ts";

/** Whose password is wanted. */
export interface PasswordFor extends PostgresHost {
  readonly user: string;
  readonly database: string;
}

/** The password; an empty text where there is none. */
export function findPassword(wanted: PasswordFor, environment: Environment): string {
  const given = environment("PGPASSWORD");
  if (given) return given;
  const home = environment("HOME");
  const path = environment("PGPASSFILE") || (home ? `${home}/.pgpass` : undefined);
  if (path === undefined) return "";
  try {
    // As libpq: a file that others can read is passed over.
    const { mode } = Deno.statSync(path);
    if (mode !== null && Deno.build.os !== "windows" && (mode & 0o077) !== 0) return "";
    return passwordIn(readText(path), wanted);
  } catch {
    return "";
  }
}

/**
 * The first line that fits: `hostname:port:database:username:password`; `*` fits anything, a backslash protects `:` and `\`.
 *
 * @example
 * ```ts
 * import { passwordIn } from "./postgres_password.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const wanted = { host: "db", port: 5432, database: "echo", user: "echo" };
 * assertEquals(passwordIn("# mine\ndb:*:*:echo:a\\:b\n", wanted), "a:b");
 * ```
 */
export function passwordIn(file: string, { host, port, database, user }: PasswordFor): string {
  // A folder of a Unix socket is called localhost there.
  const wanted = [host.startsWith("/") ? "localhost" : host, String(port), database, user];
  for (const line of file.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const fields = (line.match(/(?:\\.|[^:\\])*(?::|$)/g) ?? []).map((field) =>
      field.replace(/:$/, "").replaceAll(/\\(.)/g, "$1")
    );
    if (fields.length >= 5 && wanted.every((value, at) => fields[at] === "*" || fields[at] === value)) {
      return fields[4] ?? "";
    }
  }
  return "";
}
