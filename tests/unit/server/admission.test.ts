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
  const enter = (hostname: string): string => admission.enter(peer(hostname), false) ?? "in";
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
  const enter = (): string => admission.enter(peer("192.0.2.1"), false) ?? "in";
  for (let count = 0; count < 10; count++) enter();
  admission.learnDescriptorLimit();
  for (let count = 0; count < 90; count++) assertEquals(enter(), "in");
  admission.learnDescriptorLimit();
  assertEquals(enter(), "max_connections");
  for (let count = 0; count < 21; count++) admission.leave(peer("192.0.2.1"));
  assertEquals([enter(), enter()], ["in", "max_connections"]);
});

Deno.test("enter() gives no address more than a fifth of the places before log-in, and loopback none of the others'", () => {
  const admission = new Admission({ ...OFF, maxUnauthenticated: 10 });
  const enter = (hostname: string): string => admission.enter(peer(hostname), true) ?? "in";
  for (let count = 0; count < 10; count++) assertEquals(enter("127.0.0.1"), "in");
  assertEquals([enter("127.0.0.1"), enter("::1")], ["max_unauthenticated", "max_unauthenticated"]);
  assertEquals(["192.0.2.1", "192.0.2.1", "192.0.2.1"].map(enter), ["in", "in", "max_unauthenticated"]);
  for (const last of [2, 3, 4, 5]) assertEquals([enter(`192.0.2.${last}`), enter(`192.0.2.${last}`)], ["in", "in"]);
  assertEquals(enter("192.0.2.6"), "max_unauthenticated");
});

Deno.test("markAuthenticated() makes room once, and a small limit still lets each address in", () => {
  const admission = new Admission({ ...OFF, maxUnauthenticated: 2 });
  const first = peer("192.0.2.1");
  assertEquals(admission.enter(first, true), undefined);
  assertEquals(admission.enter(peer("192.0.2.1"), true), "max_unauthenticated");
  for (let count = 0; count < 3; count++) admission.markAuthenticated(first);
  assertEquals(admission.enter(peer("192.0.2.1"), true), undefined);
  admission.leave(first);
  assertEquals(admission.enter(peer("192.0.2.1"), true), "max_unauthenticated");
});

Deno.test("strand() gives the place to others; the address pays, to the last one", () => {
  const admission = new Admission({ ...OFF, maxConnections: 10, maxPerAddress: 4 });
  const enter = (hostname: string): string => admission.enter(peer(hostname), false) ?? "in";
  for (let count = 0; count < 10; count++) assertEquals(enter("127.0.0.1"), "in");
  assertEquals(enter("192.0.2.1"), "max_connections");
  for (let count = 0; count < 2; count++) admission.strand(peer("127.0.0.1"));
  assertEquals(["192.0.2.1", "127.0.0.1"].map(enter), ["in", "max_per_address"]);
  admission.leave(peer("127.0.0.1"), true);
  assertEquals(["127.0.0.1", "192.0.2.1"].map(enter), ["in", "max_connections"]);
});

Deno.test("learnDescriptorLimit() counts connections that keep their descriptor", () => {
  const admission = new Admission(OFF);
  const enter = (last: number): string => admission.enter(peer(`192.0.2.${last}`), false) ?? "in";
  for (let last = 0; last < 100; last++) enter(last);
  for (let last = 0; last < 50; last++) admission.strand(peer(`192.0.2.${last}`));
  admission.learnDescriptorLimit();
  assertEquals(enter(200), "max_connections");
  for (let last = 0; last < 21; last++) admission.leave(peer(`192.0.2.${last}`), true);
  assertEquals([enter(200), enter(201)], ["in", "max_connections"]);
});

Deno.test("peerOf(): behind a balancer elsewhere nobody is local, and TLS to it counts where it is said to", () => {
  const local = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  const remote = { ...local, hostname: "192.0.2.7" };
  const told = (addr: Deno.NetAddr, by: Deno.NetAddr, isTls = false) => {
    const { isLocal, isSecure, isExempt } = peerOf(addr, { balancer: { addr: by, isTls } });
    return [isLocal, isSecure, isExempt];
  };
  assertEquals(told(local, remote), [false, false, false]);
  assertEquals(told(local, local), [true, true, true]);
  assertEquals(told(remote, local), [false, false, false]);
  assertEquals(told(remote, remote, true), [false, true, false]);
});
