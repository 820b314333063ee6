import { assert, assertEquals, assertRejects } from "@std/assert";
import { concat, utf8 } from "../../../../lib/base/bytes.ts";
import { EchoError } from "../../../../lib/base/errors.ts";
import { FLAGS } from "../../../../lib/commands/capture/packets.ts";
import { fileHead, packetBlock } from "../../../../lib/commands/capture/pcapng_blocks.ts";
import type { TraceEvent } from "../../../../lib/commands/capture/trace.ts";
import { handshake, pcapOf, segmentOf, sentIn, traceOf } from "../../../support/captures.ts";
import fc from "../../../support/fast_check.ts";

const { fin, ack, rst, syn } = FLAGS;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** `hello` from the client, `HELLO` from the server, and both FINs. */
const TALK = [
  ...handshake(),
  segmentOf("client", { seq: 1, ack: 1, payload: utf8("hello") }),
  segmentOf("server", { seq: 1, ack: 6, payload: utf8("HELLO") }),
  segmentOf("client", { seq: 6, ack: 6, flags: fin | ack }),
  segmentOf("server", { seq: 6, ack: 7, flags: fin | ack }),
];

/** What is told of a trace, without times. */
function told(events: readonly TraceEvent[]): string[] {
  return events.map((event) => {
    switch (event.kind) {
      case "open":
        return `open ${event.client} ${event.server}`;
      case "data":
        return `${event.from} ${text(event.bytes)}`;
      case "end":
        return `${event.from} ${event.how}`;
      case "notice":
        return `${event.from} ${event.what} ${event.bytes}`;
      case "close":
        return "close";
    }
  });
}

const WHOLE = [
  ...["open 192.0.2.1:40000 192.0.2.7:9090", "client hello", "server HELLO"],
  ...["client half-close", "server half-close", "close"],
];

for (const isLittle of [true, false]) {
  for (const isNano of [true, false]) {
    const name = `${isLittle ? "little" : "big"}-endian, ${isNano ? "nanoseconds" : "microseconds"}`;
    Deno.test(`pcap: ${name}`, async () => {
      const events = await traceOf(pcapOf(TALK, { isLittle, isNano }), 7);
      assertEquals(told(events), WHOLE);
      assertEquals(events.map(({ at }) => Math.round(at - 1_700_000_000_000)), [1, 4, 5, 6, 7, 7]);
      assertEquals(events[0]?.kind === "open" ? Math.round(events[0].connectMs ?? -1) : -1, 1);
    });
  }
}

Deno.test("pcapng: key logs in it are told, other secrets are not", async () => {
  const block = (type: number, body: Uint8Array): Uint8Array => {
    const view = new DataView(new ArrayBuffer(12));
    [10, body.length + 20, type].forEach((value, at) => view.setUint32(4 * at, value, true));
    const size = Uint8Array.of(body.length, 0, 0, 0);
    return concat(new Uint8Array(view.buffer), size, body, new Uint8Array(view.buffer, 4, 4));
  };
  const file = concat(fileHead({ program: "p", about: "a" }), block(0x544c534b, utf8("key ")), block(7, utf8("none")));
  const keys: string[] = [];
  await traceOf(file, 5, (text) => keys.push(text));
  assertEquals(keys, ["key "]);
});

Deno.test("pcapng: sections in both byte orders, a resolution of its own, unknown blocks passed over", async () => {
  const head = fileHead({ program: "p", about: "a" });
  const unknown = Uint8Array.of(0xad, 0x0b, 0, 0, 16, 0, 0, 0, 1, 2, 3, 4, 16, 0, 0, 0);
  const blocks = TALK.map((packet, number) => packetBlock(packet, { at: number, comment: "c" }));
  assertEquals(told(await traceOf(concat(head, unknown, ...blocks), 5)), WHOLE);

  const be = (size: number, ...set: readonly (readonly [number, 2 | 4 | 8, number])[]): Uint8Array => {
    const view = new DataView(new ArrayBuffer(size));
    for (const [at, width, value] of set) {
      if (width === 2) view.setUint16(at, value);
      else if (width === 4) view.setUint32(at, value);
      else view.setBigInt64(at, BigInt(value));
    }
    return new Uint8Array(view.buffer);
  };
  const section = be(28, [0, 4, 0x0a0d0d0a], [4, 4, 28], [8, 4, 0x1a2b3c4d], [12, 2, 1], [16, 8, -1], [24, 4, 28]);
  // if_tsresol: 2^-10 s; if_tsoffset: 5 s.
  const described = be(
    40,
    ...[[0, 4, 1], [4, 4, 40], [8, 2, 101], [16, 2, 9], [18, 2, 1], [20, 2, 0x8a00], [24, 2, 14], [26, 2, 8]] as const,
    ...[[28, 8, 5], [36, 4, 40]] as const,
  );
  const packets = TALK.map((packet, number) => {
    const size = 32 + Math.ceil(packet.length / 4) * 4;
    const block = be(size, [0, 4, 6], [4, 4, size], [16, 4, number * 1024], [20, 4, packet.length], [
      24,
      4,
      packet.length,
    ], [
      size - 4,
      4,
      size,
    ]);
    block.set(packet, 28);
    return block;
  });
  const events = await traceOf(concat(section, described, ...packets));
  assertEquals(told(events), WHOLE);
  assertEquals(events.map(({ at }) => at), [5000, 8000, 9000, 10_000, 11_000, 11_000]);
});

const ETHERNET = [...Array(12).fill(2)];
const LINKS: readonly (readonly [string, number, readonly number[]])[] = [
  ["BSD loopback", 0, [2, 0, 0, 0]],
  ["OpenBSD loopback", 108, [0, 0, 0, 2]],
  ["Ethernet", 1, [...ETHERNET, 8, 0]],
  ["Ethernet with a VLAN tag", 1, [...ETHERNET, 0x81, 0, 0, 5, 8, 0]],
  ["Ethernet with two VLAN tags", 1, [...ETHERNET, 0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0]],
  ["Ethernet with PPPoE", 1, [...ETHERNET, 0x88, 0x64, 0x11, 0, 0, 1, 0, 42, 0, 0x21]],
  ["Ethernet with MPLS", 1, [...ETHERNET, 0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64]],
  ["Linux cooked", 113, [0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0]],
  ["Linux cooked, version 2", 276, [8, 0, ...Array(18).fill(0)]],
  ["raw IP", 12, []],
  ["raw IP, the old number", 14, []],
  ["IPv4", 228, []],
];
for (const [name, link, header] of LINKS) {
  Deno.test(`link layer: ${name}`, async () => {
    // Ethernet pads short frames.
    const packets = TALK.map((packet) => concat(Uint8Array.from(header), packet, new Uint8Array(link === 1 ? 4 : 0)));
    assertEquals(told(await traceOf(pcapOf(packets, { link }))), WHOLE);
  });
}

Deno.test("a capture that is compressed with gzip, and one that is damaged", async () => {
  const packed = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
    await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
  const file = await packed(Uint8Array.from(pcapOf(TALK)));
  assertEquals(told(await traceOf(file)), WHOLE);
  const error = await assertRejects(() => traceOf(concat(file.subarray(0, 40), new Uint8Array(40))), EchoError);
  assertEquals(error.code, "bad_capture");
});

Deno.test("an unknown link layer, and a file that is no capture, are told", async () => {
  for (const file of [pcapOf(TALK, { link: 147 }), utf8("GET / HTTP/1.1\r\n"), utf8("{}\n"), new Uint8Array(0)]) {
    const error = await assertRejects(() => traceOf(file), EchoError);
    assertEquals(error.code, "bad_capture");
  }
});

Deno.test("TCP: segments that come again, overlap, come early, or are missing", async () => {
  const says = async (...segments: readonly (readonly [seq: number, payload: string])[]): Promise<string[]> => {
    const packets = segments.map(([seq, payload]) => segmentOf("client", { seq, ack: 1, payload: utf8(payload) }));
    const events = told(await traceOf(pcapOf([...handshake(), ...packets])));
    return events.filter((line) => line.startsWith("client ") && !line.endsWith(" open"));
  };
  assertEquals(await says([1, "abc"], [1, "abc"], [4, "d"]), ["client abc", "client retransmission 3", "client d"]);
  assertEquals(await says([1, "abc"], [2, "bcde"]), ["client abc", "client overlap 2", "client de"]);
  assertEquals(await says([1, "ab"], [5, "e"], [3, "cd"]), [
    "client ab",
    "client reordered 1",
    "client cd",
    "client e",
  ]);
  assertEquals(await says([1, "ab"], [5, "ef"]), ["client ab", "client reordered 2", "client gap 2", "client ef"]);
  // Keep-alive asks with a byte that was acknowledged.
  assertEquals(await says([1, "abc"], [3, "c"], [4, "d"]), ["client abc", "client d"]);
});

Deno.test("TCP: what the peer acknowledged was not captured; the capture goes on behind it", async () => {
  const packets = [
    ...handshake(),
    segmentOf("client", { seq: 4, ack: 1, payload: utf8("def") }),
    segmentOf("server", { seq: 1, ack: 7, payload: utf8("ok") }),
    segmentOf("client", { seq: 7, ack: 3, flags: rst | ack }),
  ];
  assertEquals(told(await traceOf(pcapOf(packets))).slice(1), [
    ...["client reordered 3", "server ok", "client gap 3", "client def", "client reset", "server cut", "close"],
  ]);
});

Deno.test("TCP: packets cut off by the capture leave a gap; sequence numbers begin anew; no handshake is needed", async () => {
  const cut = segmentOf("client", { seq: 1, ack: 1, payload: utf8("abcdef") }).subarray(0, 43);
  const rest = segmentOf("client", { seq: 7, ack: 1, payload: utf8("g") });
  assertEquals(told(await traceOf(pcapOf([...handshake(), cut, rest]))).slice(1, 4), [
    ...["client abc", "client gap 3", "client g"],
  ]);
  const high = 0xffff_fffd;
  const around = [
    ...handshake(high, high),
    segmentOf("client", { seq: high + 1, ack: high + 1, payload: utf8("abcd") }),
    segmentOf("client", { seq: high + 5, ack: high + 1, payload: utf8("ef") }),
  ];
  assertEquals(text(sentIn(await traceOf(pcapOf(around)), "client")), "abcdef");
  // The smaller port is the server's.
  assertEquals(told(await traceOf(pcapOf(TALK.slice(4)))), [
    ...["open 192.0.2.1:40000 192.0.2.7:9090", "server HELLO", "client half-close", "server half-close", "close"],
  ]);
});

Deno.test("TCP: data in the SYN (RFC 7413), also where it is sent again", async () => {
  const whole = [
    "open 192.0.2.1:40000 192.0.2.7:9090",
    "client hi",
    "server HI",
    "client open",
    "server open",
    "close",
  ];
  const opening = segmentOf("client", { seq: 0, flags: syn, payload: utf8("hi") });
  const accepted = segmentOf("server", { seq: 0, ack: 3, flags: syn | ack });
  const answer = segmentOf("server", { seq: 1, ack: 3, payload: utf8("HI") });
  assertEquals(told(await traceOf(pcapOf([opening, accepted, answer]))), whole);
  const again = segmentOf("client", { seq: 1, ack: 1, payload: utf8("hi") });
  assertEquals(told(await traceOf(pcapOf([opening, accepted, again, answer]))), [
    ...[...whole.slice(0, 2), "client retransmission 2", ...whole.slice(2)],
  ]);
});

Deno.test("a port that is used again is another connection", async () => {
  const events = await traceOf(pcapOf([...TALK, ...handshake(77, 99), ...handshake(1234, 5)]));
  assertEquals(events.filter(({ kind }) => kind === "open").map(({ connection }) => connection), [1, 2, 3]);
});

Deno.test("whatever a file holds: events or bad_capture, nothing else, and no memory for what it claims", async () => {
  const pcap = pcapOf(TALK);
  const pcapng = concat(
    fileHead({ program: "p", about: "a" }),
    ...TALK.map((packet) => packetBlock(packet, { at: 1, comment: "c" })),
  );
  const json = utf8(
    '{"record":"echo-client","version":1}\n{"event":"open","connection":1,"at":1,"client":"a","server":"b"}\n' +
      '{"event":"data","connection":1,"at":2,"from":"client","data":"YWJj","masked":[[0,2]]}\n',
  );
  const read = async (file: Uint8Array): Promise<void> => {
    try {
      await traceOf(file, 100);
    } catch (error) {
      assert(error instanceof EchoError && error.code === "bad_capture", String(error));
    }
  };
  const change = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 4, 127, 128, 255)), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(pcap, pcapng, json), change, fc.nat(), async (file, changes, end) => {
      const damaged = file.slice(0, end % 3 === 0 ? end % (file.length + 1) : file.length);
      for (const [at, value] of changes) damaged[at % Math.max(damaged.length, 1)] = value;
      await read(damaged);
    }),
    { numRuns: 3000 },
  );
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), read), { numRuns: 500 });
  // Lengths of 4 GiB: of a record, of a packet block, of an unknown block, of an interface.
  const huge = (file: Uint8Array, at: number): Uint8Array => {
    const copy = file.slice();
    copy.fill(255, at, at + 4);
    return copy;
  };
  for (const file of [huge(pcap, 32), huge(pcapng, 4), huge(pcapng, pcapng.length - 4), huge(pcapng, 60)]) {
    await read(file);
  }
});

/** An IPv4 packet as fragments of so many bytes of payload, a multiple of 8; the identification tells packets apart. */
function fragmentsOf(packet: Uint8Array, size: number, id: number): Uint8Array[] {
  const payload = packet.subarray(20);
  return Array.from({ length: Math.ceil(payload.length / size) }, (_, number) => {
    const part = payload.subarray(number * size, (number + 1) * size);
    const fragment = concat(packet.subarray(0, 20), part);
    const view = new DataView(fragment.buffer, fragment.byteOffset);
    const isLast = (number + 1) * size >= payload.length;
    view.setUint16(2, fragment.length);
    view.setUint16(4, id);
    view.setUint16(6, number * size / 8 | (isLast ? 0 : 0x2000));
    return fragment;
  });
}

/** The same of an IPv6 packet that carries that segment. */
function fragments6Of(segment: Uint8Array, size: number, id: number): Uint8Array[] {
  return fragmentsOf(segment, size, id).map((fragment) => {
    const head = new DataView(new ArrayBuffer(48));
    const place = new DataView(fragment.buffer, fragment.byteOffset).getUint16(6);
    head.setUint8(0, 0x60);
    head.setUint16(4, fragment.length - 20 + 8);
    head.setUint8(6, 44);
    for (const [at, from] of [[8, 12], [24, 16]] as const) {
      head.setUint32(at, 0x20010db8);
      new Uint8Array(head.buffer).set(fragment.subarray(from, from + 4), at + 12);
    }
    head.setUint8(40, 6);
    head.setUint16(42, (place & 0x1fff) << 3 | (place >> 13 & 1));
    head.setUint32(44, id);
    return concat(new Uint8Array(head.buffer), fragment.subarray(20));
  });
}

Deno.test("fragments of IP are put together, in whatever order and however often they come", async () => {
  const words = [
    "hello, that is long enough to be cut, and not once",
    "and so is this that comes behind it, once more",
  ];
  const talk = [
    ...handshake(),
    segmentOf("client", { seq: 1, ack: 1, payload: utf8(words[0] ?? "") }),
    segmentOf("client", { seq: 51, ack: 1, payload: utf8(words[1] ?? "") }),
  ];
  for (const [cut, client] of [[fragmentsOf, "192.0.2.1"], [fragments6Of, "2001:db8::c000:201"]] as const) {
    const order = fc.infiniteStream(fc.integer());
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.boolean(), order, async (eights, isDoubled, numbers) => {
        const packets = talk.flatMap((packet, id) => {
          const parts = cut(packet, eights * 8, id);
          const all = isDoubled && parts.length > 1 ? [...parts.slice(0, -1), ...parts] : parts;
          return parts.length === 1 ? all : all.map((part) => [numbers.next().value ?? 0, part] as const)
            .toSorted(([a], [b]) => a - b).map(([, part]) => part);
        });
        const [opened, ...events] = await traceOf(pcapOf(packets));
        assert(opened?.kind === "open" && opened.client.includes(client));
        assertEquals(text(sentIn(events, "client")), words.join(""));
      }),
      { numRuns: 30 },
    );
  }
  const lost = talk.flatMap((packet, id) => id === 3 ? fragmentsOf(packet, 24, id).slice(1) : [packet]);
  assertEquals(told(await traceOf(pcapOf(lost))).filter((line) => line.startsWith("client gap")), ["client gap 50"]);
});
