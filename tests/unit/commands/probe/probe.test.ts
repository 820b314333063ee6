import { assert, assertEquals } from "@std/assert";
import { framingFrom } from "../../../../lib/framing/framing.ts";
import { checks } from "../../../../lib/commands/probe/command.ts";
import { changeOf } from "../../../../lib/commands/probe/changes.ts";
import { checkBoundaries, checkBytes, checkLargest } from "../../../../lib/commands/probe/content.ts";
import { checkHalfClose, checkTls } from "../../../../lib/commands/probe/ends.ts";
import { checkIdle } from "../../../../lib/commands/probe/idle.ts";
import { framesOf, harmlessSize, KINDS } from "../../../../lib/commands/probe/payloads.ts";
import { checkAnswer } from "../../../../lib/commands/probe/reach.ts";
import { startEchoServer } from "../../../../lib/server/mod.ts";
import { behind, idsOf, optionsFor } from "../../../support/probing.ts";
import { middlebox, type MiddleboxSpec } from "../../../support/middleboxes.ts";

Deno.test("a plain proxy: nothing is found", async () => {
  await behind({}, async (port) => {
    const options = optionsFor(port);
    const ids = [];
    for (const check of [checkAnswer, checkBytes, checkBoundaries, checkLargest, checkHalfClose, checkTls]) {
      ids.push(...idsOf(await check(options)));
    }
    assertEquals(ids.filter((id) => id.startsWith("!")), []);
    for (const id of ["rtt", "clean", "largest", "half_close", "tls_none"]) assert(ids.includes(id), `${id} of ${ids}`);
  });
});

Deno.test("a proxy that makes letters upper case, and one that strips the eighth bit", async () => {
  const uppercase = (bytes: Uint8Array): void => {
    for (const [at, byte] of bytes.entries()) if (byte >= 0x61 && byte <= 0x7a) bytes[at] = byte - 32;
  };
  await behind({ change: uppercase }, async (port) => {
    const options = optionsFor(port);
    assertEquals(idsOf(await checkBytes(options)), ["!changes_uppercase"]);
    const largest = await checkLargest(options);
    assertEquals(idsOf(largest), ["speed", "largest"]);
    const { size_bytes: size = 0, took_ms: took = 0, rate_bytes: rate = 0 } = largest.facts[0]?.values ?? {};
    const share = Number(size) / Number(took) * 1000 / Number(rate);
    assert(Math.abs(share - 1) < 0.01, `the time is that of the rate: ${share}`);
  });
  const strip = (bytes: Uint8Array): void => {
    for (const [at, byte] of bytes.entries()) bytes[at] = byte & 0x7f;
  };
  await behind({ change: strip }, async (port) => {
    const options = optionsFor(port);
    assertEquals(idsOf(await checkBytes(options)), ["!changes_eighth_bit"]);
    assertEquals(idsOf(await checkHalfClose(options)), ["half_close"]);
  });
});

Deno.test("a proxy that doubles every byte is told once, and by its name", async () => {
  await behind({ change: (bytes) => Uint8Array.from([...bytes].flatMap((byte) => [byte, byte])) }, async (port) => {
    const found = (await checks(optionsFor(port))).flatMap(idsOf).filter((id) => id.startsWith("!"));
    assertEquals(found, ["!changes_doubles"]);
    // No frame comes back: not because a connection ended after so many bytes.
    const checked = await checkLargest(optionsFor(port, { maxFrame: 1024, timeout: 300 }));
    assertEquals(idsOf(checked).filter((id) => id === "!ends_after"), []);
  });
});

Deno.test("a proxy that drops CR before LF, one that drops control characters, one that turns letters both ways", async () => {
  const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
  const bytesOf = (some: string): Uint8Array<ArrayBuffer> => Uint8Array.from(some, (one) => one.charCodeAt(0));
  const turn = (byte: number): number =>
    byte >= 0x41 && byte <= 0x5a
      ? (byte - 0x41 + 13) % 26 + 0x41
      : byte >= 0x61 && byte <= 0x7a
      ? (byte - 0x61 + 13) % 26 + 0x61
      : byte;
  const cases: readonly (readonly [string, NonNullable<MiddleboxSpec["change"]>])[] = [
    ["!changes_drops_cr", (bytes) => bytesOf(text(bytes).replaceAll("\r\n", "\n"))],
    ["!changes_drops", (bytes) => bytes.filter((byte) => byte === 0 || byte >= 0x20)],
    ["!both_ways", (bytes) => bytes.map(turn)],
  ];
  await Promise.all(cases.map(async ([id, change]) => {
    await behind({ change }, async (port) => {
      const found = (await checks(optionsFor(port))).flatMap(idsOf).filter((id) => id.startsWith("!"));
      assertEquals(found, [id]);
    });
  }));
});

Deno.test("a proxy that swaps the case of letters both ways, so that an echo looks whole", async () => {
  const swap = (bytes: Uint8Array): void => {
    for (const [at, byte] of bytes.entries()) if (/[a-z]/i.test(String.fromCharCode(byte))) bytes[at] = byte ^ 0x20;
  };
  await behind({ change: swap }, async (port) => {
    assertEquals(idsOf(await checkBytes(optionsFor(port))), ["!both_ways"]);
  });
});

Deno.test("a proxy that says something first, and one that holds the first bytes up", async () => {
  const speaks = behind({ banner: "220 mail.example ESMTP\r\n" }, async (port) => {
    const { isAlive, bannerBytes = 0, ...checked } = await checkAnswer(optionsFor(port));
    assertEquals([isAlive, bannerBytes, idsOf(checked)[0]], [true, 24, "!banner"]);
    const options = optionsFor(port, { bannerBytes });
    for (const check of [checkBytes, checkLargest, checkHalfClose]) {
      assertEquals(idsOf(await check(options)).filter((id) => id.startsWith("!")), []);
    }
  });
  const holds = behind({ holds: 600 }, async (port) => {
    const checked = await checkAnswer(optionsFor(port, { timeout: 30_000 }));
    assertEquals(idsOf(checked)[0], "!first_late");
    assert(Number(checked.facts[0]?.values["first_ms"]) >= 590);
  });
  await Promise.all([speaks, holds]);
});

Deno.test("a proxy that ends a connection after 10 KiB is none that refuses large frames", async () => {
  await behind({ endsAfter: 10 * 1024 }, async (port) => {
    const checked = await checkLargest(optionsFor(port));
    assertEquals(idsOf(checked), ["!ends_after"]);
    const { least_bytes: least = 0, most_bytes: most = 0 } = checked.facts[0]?.values ?? {};
    assert(Number(least) <= 10 * 1024 && Number(most) > 10 * 1024, `${least} to ${most}`);
  });
});

Deno.test("a proxy that changes a byte of large frames only, and a server that answers all at once", async () => {
  const change = (bytes: Uint8Array): void => {
    if (bytes.length > 2000) bytes[1999] = 0x21;
  };
  await behind({ change }, async (port) => {
    const options = optionsFor(port);
    assertEquals(idsOf(await checkBytes(options)), ["clean"]);
    assertEquals(idsOf(await checkLargest(options)), ["!changes_large", "speed", "largest"]);
  });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using conn = await listener.accept();
    // A frame of 48 bytes, and then ten.
    const all = new Uint8Array(520);
    await conn.write(all.subarray(0, await conn.read(all) ?? 0));
    for (let read = 0; read < all.length;) read += await conn.read(all.subarray(read)) ?? all.length;
    await conn.write(all);
    await conn.read(all);
  })();
  assertEquals(idsOf(await checkBoundaries(optionsFor(listener.addr.port))), ["merges"]);
  await serving;
});

Deno.test("a proxy that accepts for a dead host", async () => {
  await using box = middlebox({});
  const { isAlive, ...checked } = await checkAnswer(optionsFor(box.port));
  assertEquals([isAlive, idsOf(checked)], [false, ["!no_answer"]]);
});

Deno.test("a server that takes no more connections: what cannot be tried is left open, and nothing is found", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const leaving = (async () => {
    for await (const conn of listener) conn.close();
  })();
  assertEquals(await checkIdle(optionsFor(port, { idleMax: 800 })), { facts: [], data: { idle: null } });
  listener.close();
  await leaving;
  const options = optionsFor(port, { idleMax: 800 });
  const checked = [];
  for (const check of [checkIdle, checkBoundaries, checkHalfClose]) checked.push(await check(options));
  assertEquals(checked, [
    { facts: [], data: { idle: null } },
    { facts: [], data: { boundaries: null } },
    { facts: [], data: { half_close: null } },
  ]);
});

Deno.test("a proxy that ends both directions at a half-close", async () => {
  await using server = await startEchoServer();
  await using box = middlebox({ to: server.port, fullClose: true });
  const [id] = idsOf(await checkHalfClose(optionsFor(box.port)));
  assert(id === "!half_close_lost" || id === "!half_close_reset", id);
});

Deno.test("a server that takes small frames only, and one that wants a log-in first", async () => {
  {
    await using server = await startEchoServer({ maxFrame: 3000 });
    const checked = await checkLargest(optionsFor(server.port));
    assertEquals(idsOf(checked), ["!largest_small"]);
    const { good_bytes: good = 0, bad_bytes: bad = 0 } = checked.facts[0]?.values ?? {};
    assert(Number(good) <= 3000 && Number(bad) > 3000 && Number(bad) - Number(good) < 1100, `${good} to ${bad}`);
  }
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    const conn = await listener.accept();
    await conn.write(new TextEncoder().encode("220 mail.example ESMTP\r\n"));
    await conn.read(new Uint8Array(100));
    conn.close();
  })();
  const { isAlive, ...checked } = await checkAnswer(optionsFor(listener.addr.port));
  await serving;
  assertEquals([isAlive, idsOf(checked)], [false, ["!greeting"]]);
});

Deno.test("changeOf() names what was done to bytes", () => {
  const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ["aZ\xe9", "aZ\xe9", undefined],
    ["aZ\xe9", "AZ\xe9", "uppercase"],
    ["aZ\xe9", "az\xe9", "lowercase"],
    ["aZ\xe9", "aZi", "eighth_bit"],
    ["a\nb\r\n", "a\r\nb\r\n", "adds_cr"],
    ["a\nb\r\n", "a\nb\n", "drops_cr"],
    ["a\xff", "a\xff\xff", "doubles_iac"],
    ["a\0b\0", "ab", "drops"],
    ["ab", "ac", "others"],
    ["ab", "aabb", "doubles"],
    ["ab", "abab", "adds"],
    ["ab", "a<!---->b", "adds"],
    // Both ways, as much as a server of frames echoes, and an end that is missing.
    ["ab\ncdefgh", "ab\r\r\ncdefg", "adds_cr"],
    ["ab\xffcdefgh", "ab\xff\xff\xff\xffcdefg", "doubles_iac"],
    ["abcdefgh", "abcdef", undefined],
    ["abcdefgh", "ABCDEF", "uppercase"],
  ];
  for (const [sent, received, change] of cases) assertEquals(changeOf(bytes(sent), bytes(received)), change);
});

Deno.test("payloads: no byte of a binary length is a letter or has the eighth bit", () => {
  for (const name of ["u8", "u16", "u32", "u32le", "u64", "varint", "u32incl"]) {
    const frame = framesOf("digits", framingFrom(name));
    assert(frame.length > 0 && frame.every((byte) => byte < 0x41), name);
  }
  // A line cannot carry its own end.
  assert(!framesOf("controls", framingFrom("line")).subarray(0, 40).slice(0, -1).includes(10));
  for (const kind of KINDS) assert(framesOf(kind, framingFrom("netstring")).length > 0);
  assertEquals([harmlessSize(1024 * 1024), harmlessSize(0x7f), harmlessSize(100)], [1024 * 1024, 0x3f, 36]);
});
