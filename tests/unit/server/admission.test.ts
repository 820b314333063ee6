import { assertEquals } from "@std/assert";
import { addressKey, Admission } from "../../../lib/server/admission.ts";
import { peerOf } from "../../../lib/server/peer.ts";

const OFF = { maxConnections: 0, maxUnauthenticated: 0, maxPerAddress: 0 };
const peer = (hostname: string): ReturnType<typeof peerOf> => peerOf({ transport: "tcp", hostname, port: 50000 });

Deno.test("addressKey() takes an IPv4 address whole and an IPv6 one by its /64", () => {
  assertEquals(addressKey("192.0.2.1"), "192.0.2.1");
  assertEquals(addressKey("2001:db8:1:2::1"), addressKey("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  assertEquals(addressKey("2001:db8:1:2::1") === addressKey("2001:db8:1:3::1"), false);
});

Deno.test("addressKey() finds the /64 in every form that the runtime writes an IPv6 address in", () => {
  assertEquals(
    ["2001:db8::1", "2001:db8:0:0:1:2:3:4", "::1", "::", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::"].map(
      addressKey,
    ),
    [
      "2001:db8:0:0::/64",
      "2001:db8:0:0::/64",
      "0:0:0:0::/64",
      "0:0:0:0::/64",
      "1:0:0:0::/64",
      "1:2:3:4::/64",
      "1:2:3:4::/64",
    ],
  );
});

Deno.test("enter() counts a /64 as one address, IPv4-mapped addresses as IPv4, and leaves loopback out", () => {
  const admission = new Admission({ ...OFF, maxPerAddress: 2 });
  const enter = (hostname: string): string => admission.enter(peer(hostname), 0) ?? "in";
  assertEquals(["2001:db8::1", "2001:db8::2", "2001:db8::3"].map(enter), ["in", "in", "max_per_address"]);
  assertEquals(enter("2001:db8:0:1::1"), "in");
  assertEquals(["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"].map(enter), ["in", "in", "max_per_address"]);
  assertEquals(["::1", "::1", "::1", "127.0.0.1", "127.0.0.1", "127.0.0.1"].map(enter), Array(6).fill("in"));
  assertEquals(["127.0.0.2", "127.0.0.2", "127.0.0.2"].map(enter), ["in", "in", "max_per_address"]);
  admission.leave(peer("2001:db8::ffff"));
  assertEquals(enter("2001:db8::4"), "in");
});

Deno.test("learnDescriptorLimit() keeps a fifth free, and learns nothing from few connections", () => {
  const admission = new Admission(OFF);
  const enter = (): string => admission.enter(peer("192.0.2.1"), 0) ?? "in";
  for (let count = 0; count < 10; count++) enter();
  admission.learnDescriptorLimit();
  for (let count = 0; count < 90; count++) assertEquals(enter(), "in");
  admission.learnDescriptorLimit();
  assertEquals(enter(), "max_connections");
  for (let count = 0; count < 21; count++) admission.leave(peer("192.0.2.1"));
  assertEquals([enter(), enter()], ["in", "max_connections"]);
});
