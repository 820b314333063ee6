import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../lib/base/errors.ts";
import { assertNoPassword, type PostgresLocation, storeLocation } from "../../../lib/store/location.ts";
import { locationFrom } from "../../../lib/store/open.ts";
import { passwordIn } from "../../../lib/store/postgres_password.ts";

function postgres(url: string): PostgresLocation {
  const location = storeLocation(url);
  if (location.type !== "postgres") throw new TypeError("it is PostgreSQL's");
  return location;
}

Deno.test("storeLocation() reads hosts, ports, names and parameters", () => {
  const cases:
    readonly (readonly [url: string, hosts: string, user: string | undefined, database: string | undefined])[] = [
      ["postgres://db/echo", "db:5432", undefined, "echo"],
      ["postgresql://anna@db:6000", "db:6000", "anna", undefined],
      ["postgres://a,b:5433,[::1]:5434/echo", "a:5432 b:5433 ::1:5434", undefined, "echo"],
      ["postgres:///echo?host=/run/postgresql&user=echo", "/run/postgresql:5432", "echo", "echo"],
      ["postgres://an%40na:p%2Fw@db/e%20x", "db:5432", "an@na", "e x"],
      ["postgres://h/d?port=7000", "h:7000", undefined, "d"],
    ];
  for (const [url, hosts, user, database] of cases) {
    const found = postgres(url);
    assertEquals(found.hosts.map(({ host, port }) => `${host}:${port}`).join(" "), hosts, url);
    assertEquals([found.user, found.database], [user, database], url);
  }
  assertEquals(postgres("postgres://u:p%2Fw@db/e").password, "p/w");
  assertEquals(postgres("postgres://db/e?connect_timeout=2&sslmode=verify-ca&sslrootcert=/ca.pem"), {
    ...postgres("postgres://db/e"),
    ...{ connectTimeout: 2000, sslMode: "verify-ca", rootCert: "/ca.pem" },
  });
});

Deno.test("storeLocation() refuses what it does not know, and tells no password", () => {
  const cases: readonly (readonly [url: string, reason: string])[] = [
    ["mysql://u:geheim@db/e", "store"],
    ["data", "store"],
    ["sqlite:", "store"],
    ["postgres://u:geheim@db:port/e", "store_host"],
    ["postgres://u:geheim@db:70000/e", "store_host"],
    ["postgres://u:geheim@db/e?sslmod=require", "store_parameter"],
    ["postgres://u:geheim@db/e?sslmode=prefer", "store_sslmode"],
    ["postgres://u:geheim@db/e?connect_timeout=soon", "store_parameter"],
    ["postgres://u:ge@heim@db/e", "store"],
    ["postgres://u:geheim%@db/e", "store"],
    ["postgres://u@db/e?password=geheim", "store_parameter"],
  ];
  for (const [url, reason] of cases) {
    const error = assertThrows(() => storeLocation(url), UsageError, undefined, url);
    assertEquals(error.details["reason"], reason, url);
    assert(!`${error.message}${JSON.stringify(error.details)}`.includes("heim"), error.message);
  }
});

Deno.test("locationFrom() refuses a password that stands on the command line, and no other", () => {
  const url = "postgres://u:geheim@db/e";
  const choice = { store: url, data: "data" };
  assertEquals(locationFrom({ ...choice, isArgument: false }), storeLocation(url));
  const error = assertThrows(() => locationFrom({ ...choice, isArgument: true }), UsageError);
  assertEquals(error.details["reason"], "store_password");
  assertNoPassword("postgres://u@db/e");
  assertEquals(locationFrom({ store: undefined, data: "d", isArgument: false }), { type: "sqlite", directory: "d" });
});

Deno.test("passwordIn() takes the first line that fits", () => {
  const file = [
    "# a:*:*:*:comment",
    "a:5432:x:anna:one",
    "a:*:*:anna:t\\:w\\\\o",
    "localhost:*:*:*:socket",
    "*:*:*:*:any",
  ];
  const find = (host: string, database: string, user = "anna"): string =>
    passwordIn(file.join("\n"), { host, port: 5432, database, user });
  assertEquals([find("a", "x"), find("a", "y"), find("b", "x")], ["one", "t:w\\o", "any"]);
  assertEquals(find("/run/postgresql", "x", "boris"), "socket");
  assertEquals(passwordIn("short:line\n", { host: "a", port: 1, database: "b", user: "c" }), "");
});
