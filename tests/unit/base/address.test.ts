import { assertEquals } from "@std/assert";
import { parseIp } from "../../../lib/base/address.ts";

Deno.test("parseIp() gives each address its one spelling", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["192.0.2.7", "192.0.2.7"],
    ["::FFFF:192.0.2.7", "192.0.2.7"],
    ["::ffff:c000:207", "192.0.2.7"],
    ["2001:DB8::0:1", "2001:db8::1"],
    ["2001:db8:0:0:0:0:0:1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
  ];
  for (const [text, expected] of cases) assertEquals(parseIp(text)?.address, expected);
});

Deno.test("parseIp() takes nothing else for an address", () => {
  const texts = [
    "",
    "unix",
    "localhost",
    "127.1",
    "010.0.0.1",
    "1.2.3.256",
    "1.2.3",
    "[::1]",
    "::1]",
    "no::such::address",
  ];
  assertEquals(texts.map(parseIp), texts.map(() => undefined));
});
