import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../lib/base/errors.ts";
import { AccessList, parseNetwork } from "../../../lib/server/access.ts";

const permits = async (allow: string[], deny: string[], addresses: string[]): Promise<boolean[]> => {
  const list = await AccessList.from({ allow: allow.length === 0 ? undefined : allow, deny });
  return addresses.map((address) => list.permits(address));
};

Deno.test("AccessList: without a rule all are in", async () => {
  assertEquals(await permits([], [], ["192.0.2.1", "2001:db8::1", "unix"]), [true, true, true]);
});

for (const text of ["", "# nobody yet\n", "\ufeff# one\r\n\r\n   # two\r\n"]) {
  Deno.test(`AccessList: a list that was given and holds nothing lets nobody in: ${JSON.stringify(text)}`, async () => {
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, text);
    assertEquals(await permits([`@${file}`], [], ["127.0.0.1", "::1", "unix"]), [false, false, true]);
    assertEquals(await permits([], [`@${file}`], ["127.0.0.1", "::1"]), [true, true]);
    await Deno.remove(file);
  });
}

Deno.test("AccessList: a list from another system's editor is read with its comments", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "\ufeff# office\r\n192.0.2.0/24 # all of it\r\n\r\n::1\r\n");
  assertEquals(await permits([`@${file}`], [], ["192.0.2.7", "::1", "127.0.0.1"]), [true, true, false]);
  await Deno.remove(file);
});

Deno.test("AccessList: the bits behind the prefix do not count", async () => {
  assertEquals(await permits(["192.0.2.13/24"], [], ["192.0.2.99", "192.0.3.1"]), [true, false]);
  assertEquals(await permits(["2001:DB8:0:0::5/32"], [], ["2001:db8:1::1", "2001:db9::1"]), [true, false]);
});

Deno.test("AccessList: a family's /0 is all of that family", async () => {
  assertEquals(await permits(["0.0.0.0/0"], [], ["192.0.2.1", "2001:db8::1"]), [true, false]);
  assertEquals(await permits(["::/0"], [], ["192.0.2.1", "2001:db8::1"]), [false, true]);
});

for (const network of ["::ffff:10.0.0.0/104", "::ffff:a00:0/104", "::FFFF:0a00:0000/104", "10.0.0.0/8"]) {
  Deno.test(`AccessList: ${network} is 10.0.0.0/8`, async () => {
    const addresses = ["10.9.8.7", "::ffff:10.9.8.7", "11.0.0.1", "::1", "::a00:1"];
    assertEquals(await permits([network], [], addresses), [true, true, false, false, false]);
  });
}

Deno.test("AccessList: an IPv4-mapped address is the IPv4 address", async () => {
  for (const address of ["::ffff:192.0.2.1", "::ffff:c000:201", "::ffff:192.0.2.1/128"]) {
    assertEquals(await permits([address], [], ["192.0.2.1", "192.0.2.2"]), [true, false]);
  }
});

Deno.test("AccessList: a zone tells no clients apart", async () => {
  assertEquals(await permits(["fe80::1%eth0"], [], ["fe80::1", "fe80::1%eth1", "fe80::2%eth0"]), [true, true, false]);
  assertEquals(await permits([], ["fe80::%eth0/64"], ["fe80::5%eth0", "fe81::5"]), [false, true]);
});

Deno.test("AccessList: where there are rules, what is no address is out, but for Unix sockets", async () => {
  assertEquals(await permits([], ["192.0.2.1"], ["", "localhost", "::1]/[", "unix"]), [false, false, false, true]);
});

Deno.test("AccessList: who is denied is out, though allowed", async () => {
  const addresses = ["10.0.0.1", "10.1.9.9", "10.2.3.4", "11.0.0.1"];
  assertEquals(await permits(["10.0.0.0/8"], ["10.1.0.0/16", "10.2.3.4"], addresses), [true, false, false, false]);
});

const BAD = [
  ...["", "/8", "10/8", "10.1/16", "127.1", "0x7f000001", "010.0.0.1", "1.2.3.4.5", "256.0.0.1", "example.org"],
  ...["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/-1", "10.0.0.0/8.0", "10.0.0.1%eth0"],
  ...["::1/129", "::1]/8", "1::2::3", "12345::", "::ffff:10.0.0.0/8", "::ffff:0:0/95", "fe80::1%"],
];

for (const text of BAD) {
  Deno.test(`parseNetwork() refuses "${text}"`, () => {
    assertThrows(() => parseNetwork(text), UsageError, "192.0.2.0/24");
  });
}
