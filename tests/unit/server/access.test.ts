import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../lib/errors.ts";
import { AccessList, parseNetwork } from "../../../lib/server/access.ts";

const permits = (allow: string[], deny: string[], addresses: string[]): boolean[] => {
  const list = AccessList.from({ allow, deny });
  return addresses.map((address) => list.permits(address));
};

Deno.test("AccessList: without a rule all are in", () => {
  assertEquals(permits([], [], ["192.0.2.1", "2001:db8::1", "unix"]), [true, true, true]);
});

Deno.test("AccessList: the bits behind the prefix do not count", () => {
  assertEquals(permits(["192.0.2.13/24"], [], ["192.0.2.99", "192.0.3.1"]), [true, false]);
  assertEquals(permits(["2001:db8::5/32"], [], ["2001:db8:1::1", "2001:db9::1"]), [true, false]);
});

Deno.test("AccessList: a family's /0 is all of that family", () => {
  assertEquals(permits(["0.0.0.0/0"], [], ["192.0.2.1", "2001:db8::1"]), [true, false]);
  assertEquals(permits(["::/0"], [], ["192.0.2.1", "2001:db8::1"]), [false, true]);
});

Deno.test("AccessList: an IPv4-mapped address is the IPv4 address", () => {
  assertEquals(permits(["::ffff:192.0.2.1"], [], ["192.0.2.1", "192.0.2.2"]), [true, false]);
});

Deno.test("AccessList: who is denied is out, though allowed", () => {
  assertEquals(permits(["10.0.0.0/8"], ["10.1.0.0/16", "10.2.3.4"], ["10.0.0.1", "10.1.9.9", "10.2.3.4", "11.0.0.1"]), [
    true,
    false,
    false,
    false,
  ]);
});

for (
  const text of [
    "",
    "10/8",
    "127.1",
    "0x7f000001",
    "010.0.0.1",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
  ]
    .concat("::1/129", "fe80::1%eth0", "example.org", "1.2.3.4.5", "10.0.0.0/8.0", "/8")
) {
  Deno.test(`parseNetwork() refuses "${text}"`, () => {
    assertThrows(() => parseNetwork(text), UsageError, "192.0.2.0/24");
  });
}
