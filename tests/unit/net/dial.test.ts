import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, dial, firstOf, inTurn } from "../../../lib/net/dial.ts";
import { NetworkError, TimeoutError } from "../../../lib/base/errors.ts";
import { framingFrom } from "../../../lib/framing/framing.ts";

/** A connection that says how it was left. */
interface Fake {
  readonly address: string;
  closed: boolean;
}

Deno.test("Addresses are tried in turn, IPv6 first", () => {
  const found = [["127.0.0.1", 4], ["10.0.0.1", 4], ["::1", 6]].map(([address, family]) => ({
    address: String(address),
    family: Number(family),
  }));
  assertEquals(inTurn(found), ["::1", "127.0.0.1", "10.0.0.1"]);
  assertEquals(inTurn([]), []);
});

Deno.test("Where the first address refuses, the second is asked at once", async () => {
  const before = performance.now();
  const asked: string[] = [];
  const conn = await firstOf(["::1", "127.0.0.1"], {
    connect: (address) => {
      asked.push(address);
      return address === "::1"
        ? Promise.reject(new Deno.errors.ConnectionRefused("refused"))
        : Promise.resolve({ address, closed: false });
    },
    close: () => {},
    signal: new AbortController().signal,
  });
  assertEquals([conn.address, ...asked], ["127.0.0.1", "::1", "127.0.0.1"]);
  assert(performance.now() - before < 200, "no head start for an address that has refused");
});

Deno.test("Where the first address is silent, the second does not wait for it, and the late one is closed", async () => {
  const slow = Promise.withResolvers<Fake>();
  const late: Fake = { address: "::1", closed: false };
  let isGivenUp = false;
  const conn = await firstOf<Fake>(["::1", "127.0.0.1"], {
    connect: (address, signal) => {
      if (address !== "::1") return Promise.resolve({ address, closed: false });
      signal.addEventListener("abort", () => isGivenUp = true);
      return slow.promise;
    },
    close: (one) => one.closed = true,
    signal: new AbortController().signal,
  });
  assertEquals([conn.address, isGivenUp], ["127.0.0.1", true]);
  slow.resolve(late);
  await slow.promise;
  await Promise.resolve();
  assert(late.closed);
});

Deno.test("Where nobody answers, a refusal is told before a missing route", async () => {
  const errors = [new Deno.errors.ConnectionRefused("refused"), new Deno.errors.NetworkUnreachable("no route")];
  const all = () =>
    firstOf(["a", "b"], {
      connect: () => Promise.reject(errors.shift()),
      close: () => {},
      signal: new AbortController().signal,
    });
  await assertRejects(all, Deno.errors.ConnectionRefused);
});

Deno.test("A name is looked up, its family can be chosen, and a literal of the other family is no such host", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const to = (host: string) => ({ transport: "tcp", host, port } as const);
  for (const [host, family] of [["localhost", 4], ["localhost", undefined], ["127.0.0.1", 4]] as const) {
    const conn = await dial(to(host), { timeout: 5000, family });
    (await listener.accept()).close();
    conn.close();
  }
  for (const [host, family] of [["127.0.0.1", 6], ["::1", 4], ["nosuch.invalid", undefined]] as const) {
    const error = await assertRejects(() => dial(to(host), { timeout: 5000, family }), NetworkError);
    assertEquals(error.code, "host_not_found");
  }
});

Deno.test("A signal gives up with its own reason, a time with ours", async () => {
  const target = { transport: "tcp", host: "localhost", port: 9 } as const;
  const reason = new Error("enough");
  await assertRejects(() => dial(target, { timeout: 5000, signal: AbortSignal.abort(reason) }), Error, "enough");
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const silent = { transport: "tcp", host: "127.0.0.1", port: listener.addr.port } as const;
  // A handshake that the server never answers.
  const options = { timeout: 20, framing: framingFrom("u32"), maxFrame: 10, tls: {} };
  const [error, peer] = await Promise.all([
    assertRejects(() => connect(silent, options), TimeoutError),
    listener.accept(),
  ]);
  assertEquals(error.details["ms"], 20);
  peer.close();
  listener.close();
});

Deno.test("A connection can come from an address of one's choice, and carries everything both ways", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const target = { transport: "tcp", host: "localhost", port: listener.addr.port } as const;
  const conn = await dial(target, { timeout: 5000, source: { hostname: "127.0.0.9" } });
  const peer = await listener.accept();
  assertEquals([peer.remoteAddr.hostname, "hostname" in conn.localAddr && conn.localAddr.hostname], [
    "127.0.0.9",
    "127.0.0.9",
  ]);
  const sent = crypto.getRandomValues(new Uint8Array(60_000));
  const copied = peer.readable.pipeTo(peer.writable);
  const sending = (async () => {
    for (let at = 0; at < sent.length;) at += await conn.write(sent.subarray(at, at + 1000));
    await conn.closeWrite();
  })();
  const received: number[] = [];
  const buffer = new Uint8Array(777);
  for (let read; (read = await conn.read(buffer)) !== null;) received.push(...buffer.subarray(0, read));
  await Promise.all([sending, copied]);
  assertEquals(Uint8Array.from(received), sent);
  conn.close();
  const away = { timeout: 5000, source: { hostname: "192.0.2.1" } };
  const error = await assertRejects(() => dial(target, away), NetworkError);
  assertEquals(error.code, "address_unavailable");
});
