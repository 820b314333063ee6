import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "../../../lib/base/bytes.ts";
import { ProtocolError } from "../../../lib/base/errors.ts";
import { parseProxyHeader, proxyHeader } from "../../../lib/net/proxy_protocol.ts";
import { bytesOf } from "../../support/framing_vectors.ts";

const V2 = "\r\n\r\n\0\r\nQUIT\n";
const IPV4 = "\xc0\x00\x02\x07\xc6\x33\x64\x01\xc3\x50\x23\x82";

/** ALPN, authority, no-op, unique id, SSL with all that is in it, network namespace, and types of one's own. */
function everyType(): string {
  const value = (type: number, text: string): string =>
    `${String.fromCharCode(type)}\0${String.fromCharCode(text.length)}${text}`;
  const ssl = value(0x20, `\x07\0\0\0\0${[0x21, 0x22, 0x23, 0x24, 0x25].map((type) => value(type, "x")).join("")}`);
  const values = [1, 2, 4, 4, 5, 0x30, 0xe0, 0xea, 0xf0, 0xff].map((type) => value(type, type === 4 ? "" : "abc"));
  const all = IPV4 + values.join("") + ssl + value(0xe1, "");
  return `${V2}\x21\x11\0${String.fromCharCode(all.length)}${all}`;
}

for (
  const [why, text, source] of [
    ["v1 TCP4", "PROXY TCP4 192.0.2.7 198.51.100.1 50000 9090\r\n", { hostname: "192.0.2.7", port: 50000 }],
    ["v1 TCP6", "PROXY TCP6 2001:db8::7 2001:db8::1 50000 9090\r\n", { hostname: "2001:db8::7", port: 50000 }],
    ["v1 TCP6 in another spelling", "PROXY TCP6 2001:DB8:0::7 2001:db8::1 1 2\r\n", {
      hostname: "2001:db8::7",
      port: 1,
    }],
    ["v1 UNKNOWN", "PROXY UNKNOWN\r\n", undefined],
    ["v1 of 107 bytes", `PROXY UNKNOWN ${"x".repeat(91)}\r\n`, undefined],
    ["v1 UNKNOWN with anything", "PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", undefined],
    ["v2 TCP4", `${V2}\x21\x11\x00\x0c${IPV4}`, { hostname: "192.0.2.7", port: 50000 }],
    ["v2 with a type-length-value", `${V2}\x21\x11\x00\x11${IPV4}\x04\x00\x02ab`, {
      hostname: "192.0.2.7",
      port: 50000,
    }],
    ["v2 with a checksum", `${V2}\x21\x11\x00\x13${IPV4}\x03\x00\x04\x59\x61\x52\x08`, {
      hostname: "192.0.2.7",
      port: 50000,
    }],
    ["v2 with every type, some twice, some empty", everyType(), { hostname: "192.0.2.7", port: 50000 }],
    ["v2 LOCAL of a family that is none", `${V2}\x20\xff\x00\x03abc`, undefined],
    ["v2 LOCAL", `${V2}\x20\x00\x00\x00`, undefined],
    ["v2 LOCAL with addresses", `${V2}\x20\x11\x00\x0c${IPV4}`, undefined],
    ["v2 unspecified", `${V2}\x21\x00\x00\x00`, undefined],
    ["v2 Unix", `${V2}\x21\x31\x00\xd8${"\0".repeat(216)}`, undefined],
    ["v2 UDP", `${V2}\x21\x12\x00\x0c${IPV4}`, undefined],
  ] as const
) {
  Deno.test(`parseProxyHeader() reads ${why}, and waits for the rest wherever it is cut`, () => {
    const bytes = bytesOf(text);
    assertEquals(parseProxyHeader(concat(bytes, bytesOf("hello")))?.source, source);
    assertEquals(parseProxyHeader(bytes)?.size, bytes.length);
    for (let end = 1; end < bytes.length; end++) assertEquals(parseProxyHeader(bytes.subarray(0, end)), undefined);
  });
}

Deno.test("parseProxyHeader() tells that the client spoke TLS to the balancer", () => {
  const ssl = (client: number) =>
    bytesOf(`${V2}\x21\x11\x00\x14${IPV4}\x20\x00\x05${String.fromCharCode(client)}\0\0\0\0`);
  assertEquals([0, 1, 7].map((client) => parseProxyHeader(ssl(client))?.isTls), [false, true, true]);
});

for (
  const [why, text] of [
    ["another beginning", "GET / HTTP/1.1\r\n"],
    ["a line without CR", "PROXY TCP4 192.0.2.7 198.51.100.1 50000 9090\n"],
    ["an address of the other family", "PROXY TCP4 2001:db8::7 198.51.100.1 50000 9090\r\n"],
    ["a port with a zero before it", "PROXY TCP4 192.0.2.7 198.51.100.1 050 9090\r\n"],
    ["a port out of range", "PROXY TCP4 192.0.2.7 198.51.100.1 65536 9090\r\n"],
    ["an address with a zone", "PROXY TCP6 fe80::1%eth0 fe80::2 1 2\r\n"],
    ["two spaces", "PROXY TCP4  192.0.2.7 198.51.100.1 1 2\r\n"],
    ["a name", "PROXY TCP4 example 198.51.100.1 1 2\r\n"],
    ["a line too long", `PROXY UNKNOWN ${"x".repeat(100)}`],
    ["version 3", `${V2}\x31\x11\x00\x0c${IPV4}`],
    ["command 2", `${V2}\x22\x11\x00\x0c${IPV4}`],
    ["family 4", `${V2}\x21\x41\x00\x0c${IPV4}`],
    ["addresses that are cut", `${V2}\x21\x11\x00\x04\x01\x02\x03\x04`],
    ["a cut type-length-value", `${V2}\x21\x11\x00\x0f${IPV4}\x04\x00\x09`],
    ["a wrong checksum", `${V2}\x21\x11\x00\x13${IPV4}\x03\x00\x04\0\0\0\0`],
    ["a checksum that is cut", `${V2}\x21\x11\x00\x11${IPV4}\x03\x00\x02\0\0`],
    ["a PP2_TYPE_SSL of one byte", `${V2}\x21\x11\x00\x10${IPV4}\x20\x00\x01\x01`],
    ["a PP2_TYPE_SSL whose values are cut", `${V2}\x21\x11\x00\x16${IPV4}\x20\x00\x07\x01\0\0\0\0\x21\0`],
    ["a cut type-length-value behind PP2_TYPE_SSL", `${V2}\x21\x11\x00\x16${IPV4}\x20\x00\x05\x01\0\0\0\0\x04\0`],
    ["lower case", "proxy tcp4 192.0.2.7 198.51.100.1 1 2\r\n"],
    ["a space behind the line", "PROXY TCP4 192.0.2.7 198.51.100.1 1 2 \r\n"],
    ["a tab", "PROXY TCP4\t192.0.2.7 198.51.100.1 1 2\r\n"],
    ["an octet with a zero before it", "PROXY TCP4 192.0.02.7 198.51.100.1 1 2\r\n"],
    ["an octet out of range", "PROXY TCP4 192.0.2.256 198.51.100.1 1 2\r\n"],
    ["three octets", "PROXY TCP4 192.0.2 198.51.100.1 1 2\r\n"],
    ["a port with a sign", "PROXY TCP4 192.0.2.7 198.51.100.1 +1 2\r\n"],
    ["one port", "PROXY TCP4 192.0.2.7 198.51.100.1 1\r\n"],
    ["TCP5", "PROXY TCP5 192.0.2.7 198.51.100.1 1 2\r\n"],
    ["a line of 108 bytes", `PROXY UNKNOWN ${"x".repeat(92)}\r\n`],
    ["a length over the bound", `${V2}\x21\x11\xff\xff`],
  ] as const
) {
  Deno.test(`parseProxyHeader() refuses ${why}`, () => {
    assertEquals(assertThrows(() => parseProxyHeader(bytesOf(text)), ProtocolError).code, "bad_proxy_header");
  });
}

Deno.test("proxyHeader() writes what parseProxyHeader() reads", () => {
  for (const version of ["v1", "v2"] as const) {
    for (const [hostname, other] of [["192.0.2.7", "198.51.100.1"], ["2001:db8::7", "::1"]] as const) {
      const source = { hostname, port: 50000 };
      const header = parseProxyHeader(proxyHeader(version, source, { hostname: other, port: 9090 }));
      assertEquals([header?.version, header?.source], [version, source]);
    }
    assertEquals(parseProxyHeader(proxyHeader(version))?.source, undefined);
    const mixed = proxyHeader(version, { hostname: "192.0.2.7", port: 1 }, { hostname: "::1", port: 1 });
    assertEquals(parseProxyHeader(mixed)?.source, undefined);
  }
});
