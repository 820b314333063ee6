import { assert, assertEquals, assertNotMatch, fail } from "@std/assert";
import { concat } from "../../../../lib/base/bytes.ts";
import fc from "../../../support/fast_check.ts";
import { DialogueReader } from "../../../../lib/commands/explain/dialogue.ts";
import type { FrameEvent, WireEvent } from "../../../../lib/commands/explain/events.ts";
import { Tap } from "../../../../lib/commands/explain/tap.ts";
import type { TraceData } from "../../../../lib/commands/capture/trace.ts";
import { relay, type RelayWatcher } from "../../../../lib/commands/explain/relay.ts";
import { byteView, MASK } from "../../../../lib/commands/explain/byte_view.ts";
import type { Direction } from "../../../../lib/commands/capture/direction.ts";
import { StreamReader } from "../../../../lib/commands/explain/stream.ts";
import { type Framing, framingFrom, type Scanner } from "../../../../lib/framing/framing.ts";
import { encodeText } from "../../../../lib/protocol/commands.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const PASSWORD = "correct horse";
const TOKEN = `es1.${"i".repeat(22)}.${"s".repeat(43)}`;

/** Says what an observer makes of reads. */
function observed(
  reads: readonly (readonly [Direction, Uint8Array])[],
  { framing, showSecrets = false, most = 64, isMidway = false }: {
    framing?: Framing;
    showSecrets?: boolean;
    most?: number;
    isMidway?: boolean;
  },
): WireEvent[] {
  const events: WireEvent[] = [];
  const captured: TraceData[] = [];
  const tap = new Tap(1, {
    began: 0,
    options: {
      ...{ framing, maxFrame: 16 * 1024 * 1024, most, showSecrets, isMidway },
      onEvent: (event) => events.push(event),
      onTrace: (event) => {
        if (event.kind === "data") captured.push(event);
      },
    },
  });
  for (const [side, chunk] of reads) Array.from(tap.read(side, chunk, 0));
  tap.end("client", "half-close", 1);
  tap.end("server", "half-close", 1);
  tap.closed(1);
  assertEquals(
    captured.map(({ from, bytes: { length } }) => [from, length]),
    reads.map(([side, { length }]) => [side, length]),
  );
  for (const [number, { bytes, masked }] of captured.entries()) {
    const whole = reads[number]?.[1].slice() ?? new Uint8Array(0);
    for (const [from, to] of masked) whole.fill(0x2a, from, to);
    assertEquals(bytes, whole, "what is not masked is as it was");
  }
  CAPTURES.set(events, captured);
  return events;
}

/** What a capture would hold, by the events that were made at the same time. */
const CAPTURES = new WeakMap<readonly WireEvent[], readonly TraceData[]>();

function framesOf(events: readonly WireEvent[]): FrameEvent[] {
  return events.filter((event) => event.event === "frame");
}

/** Cuts bytes at random places. */
function cut(whole: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...new Set([0, ...at.map((place) => place % (whole.length + 1)), whole.length])].toSorted((a, b) =>
    a - b
  );
  return places.slice(1).map((end, number) => whole.slice(places[number], end));
}

const FRAMINGS = ["u8", "u16", "u32", "u32le", "dec:4", "hex:4", "netstring", "line"];

Deno.test("StreamReader finds the same frames however the bytes are cut, and tells where each byte went", () => {
  const payloads = fc.array(fc.string({ maxLength: 40 }).map((text) => bytes(text.replaceAll(/[\r\n]/g, ""))), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.constantFrom(...FRAMINGS), payloads, fc.array(fc.nat(), { maxLength: 12 }), (name, sent, at) => {
      const framing = framingFrom(name);
      const whole = concat(...sent.map((payload) => framing.encode(payload)));
      const reader = new StreamReader({ framing, maxFrame: 1024, kept: 1024 });
      const chunks = cut(whole, at).filter((chunk) => chunk.length > 0);
      const results = chunks.map((chunk) => reader.read(chunk));
      const frames = results.flatMap(({ found }) => [...found]).map((it) => it.kind === "frame" ? it : undefined);
      assertEquals(frames.map((it) => it?.payload), sent);
      assertEquals(reader.end(), undefined);
      assertEquals(reader.totals, { bytes: whole.length, reads: chunks.length, frames: sent.length });
      for (const [number, { parts, moreFrames }] of results.entries()) {
        if (moreFrames > 0) continue;
        const told = parts.reduce((sum, { header, payload, trailer }) => sum + header + payload + trailer, 0);
        assertEquals(told, chunks[number]?.length);
      }
      // The reads of a frame are those whose bytes it shares.
      let start = 0;
      const readOf = (pos: number): number => {
        let end = 0;
        return chunks.findIndex((chunk) => pos < (end += chunk.length)) + 1;
      };
      for (const it of frames) {
        const size = framing.encode(it?.payload ?? new Uint8Array()).length;
        assertEquals(it?.reads, [readOf(start), readOf(start + size - 1)]);
        start += size;
      }
    }),
  );
});

Deno.test("Observer tells something of any bytes, and loses none of the count", () => {
  const reads = fc.array(
    fc.tuple(fc.constantFrom<Direction>("client", "server"), fc.uint8Array({ minLength: 1, maxLength: 60 })),
    { maxLength: 12 },
  );
  fc.assert(fc.property(fc.constantFrom(undefined, ...FRAMINGS, "raw"), reads, (name, sent) => {
    const events = observed(sent, name === undefined ? {} : { framing: framingFrom(name) });
    for (const side of ["client", "server"] as const) {
      const expected = sent.filter(([from]) => from === side).reduce((sum, [, chunk]) => sum + chunk.length, 0);
      const end = events.find((event) => event.event === "end" && event.from === side);
      assertEquals(end?.event === "end" ? end.bytes : -1, expected);
      const read = events.reduce((sum, it) => it.event === "read" && it.from === side ? sum + it.bytes : sum, 0);
      assertEquals(read, expected);
      const shown = framesOf(events).filter(({ from }) => from === side)
        .reduce((sum, it) => sum + it.header.bytes + it.payload.bytes + it.trailer.bytes, 0);
      assertEquals(shown, expected);
    }
  }));
});

/** A log-in, message by message. */
type Script = readonly (readonly [Direction, string])[];

const GREETING = "331 [AUTH SCRAM-SHA-256 TOKEN PLAIN] What is your name?";
const SCRIPTS: readonly (readonly [string, Script])[] = [
  ["a password", [["server", GREETING], ["client", "anna"], ["server", "332 Password?"], ["client", PASSWORD], [
    "server",
    `235 [TOKEN ${TOKEN} 2026-01-01T00:00:00Z] Welcome.`,
  ]]],
  ["a new password", [["server", GREETING], ["client", "anna"], ["server", "333 New here: choose a password."], [
    "client",
    PASSWORD,
  ]]],
  ["a token", [["server", GREETING], ["client", `AUTH TOKEN ${TOKEN}`], ["server", "535 No."], [
    "client",
    `LOGOUT ${TOKEN}`,
  ]]],
  ["a registration", [["server", GREETING], [
    "client",
    `REGISTER ${encodeText("anna")} SCRAM-SHA-256$600000:c2FsdA==$${TOKEN}:${PASSWORD.replace(" ", "")}`,
  ]]],
  ["SCRAM", [
    ["server", GREETING],
    ["client", `AUTH SCRAM-SHA-256 ${encodeText("n,,n=anna,r=abc")}`],
    [
      "server",
      `334 ${encodeText("r=abcdef,s=c2FsdA==,i=600000")}`,
    ],
    ["client", encodeText(`c=biws,r=abcdef,p=${btoa(PASSWORD)}`)],
    [
      "server",
      `235 [SCRAM ${encodeText(`v=${btoa(PASSWORD)}`)}] [TOKEN ${TOKEN} 2026-01-01T00:00:00Z] Welcome.`,
    ],
  ]],
];

/** Everything that would give a secret away, in text, base64 and digits. */
function assertHidden(events: readonly WireEvent[]): void {
  const captured = (["client", "server"] as const).map((side) =>
    new TextDecoder("latin1").decode(
      concat(...(CAPTURES.get(events) ?? []).filter(({ from }) => from === side).map(({ bytes }) => bytes)),
    )
  );
  const told = JSON.stringify([events, captured]);
  const digits = (text: string): string =>
    Array.from(bytes(text), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  for (
    const secret of [PASSWORD, PASSWORD.replace(" ", ""), btoa(PASSWORD), "ssss", encodeText(`v=${btoa(PASSWORD)}`)]
  ) {
    assert(!told.includes(secret), secret);
    assert(!told.includes(digits(secret)), secret);
  }
}

for (const [what, script] of SCRIPTS) {
  for (const name of ["u32", "line", "raw"]) {
    const framing = framingFrom(name);
    const end = name === "raw" ? "\n" : "";
    const sent = script.map(([side, text]) => [side, framing.encode(bytes(text + end))] as const);

    Deno.test(`Observer masks ${what} with ${name}, however the client's bytes are cut`, () => {
      fc.assert(
        fc.property(fc.array(fc.nat(), { maxLength: 6 }), (at) => {
          const reads = sent.flatMap(([side, whole]) =>
            (side === "server" ? [whole] : cut(whole, at)).filter((part) => part.length > 0)
              .map((part): readonly [Direction, Uint8Array] => [side, part])
          );
          const events = observed(reads, { framing, most: 4096 });
          assertHidden(events);
          assert(framesOf(events).some(({ payload }) => payload.masked));
        }),
        { numRuns: 30 },
      );
      const shown = framesOf(observed(sent, { framing, most: 4096, showSecrets: true }));
      assertEquals(
        shown.map(({ payload }) => payload.text),
        sent.map(([, whole], number) => name === "raw" ? new TextDecoder().decode(whole) : script[number]?.[1] ?? ""),
      );
    });
  }
}

Deno.test("Observer hides a password that is sent with the name, before anything was asked", () => {
  const u32 = framingFrom("u32");
  const both = concat(u32.encode(bytes("anna")), u32.encode(bytes(PASSWORD)));
  for (
    const reads of [[["client", both], ["server", u32.encode(bytes(GREETING))]], [[
      "server",
      u32.encode(bytes(GREETING)),
    ], ["client", both]]] as const
  ) {
    const events = observed(reads, { framing: u32 });
    assertHidden(events);
    assertEquals(framesOf(events).filter(({ from }) => from === "client").map(({ meanings }) => meanings[0]?.id), [
      "name",
      "early",
    ]);
  }
});

for (
  const [wire, given] of [["line", "u32"], ["u32", "line"], ["netstring", "u8"], ["u32", "raw"], [
    "line",
    "dec:2",
  ]] as const
) {
  Deno.test(`Observer hides a log-in in ${wire} that is read as ${given}`, () => {
    for (const [, script] of SCRIPTS.slice(0, 3)) {
      const sent = script.map(([side, text]): readonly [Direction, Uint8Array] => [
        side,
        framingFrom(wire).encode(bytes(text)),
      ]);
      assertHidden(observed(sent, { framing: framingFrom(given), most: 4096 }));
    }
  });
}

Deno.test("Observer looks at what it holds back a bounded number of times, however small the reads are", () => {
  const looked = (size: number): number => {
    let seen = 0;
    const u32 = framingFrom("u32");
    const scanner = (limit: number): Scanner => {
      const real = u32.scanner(limit);
      const step = real.step.bind(real);
      real.step = (chunk, pos, end) => {
        seen += end - pos;
        return step(chunk, pos, end);
      };
      return real;
    };
    const answer = u32.encode(new Uint8Array(size));
    const pieces = Array.from(
      { length: Math.ceil(answer.length / 16) },
      (_, at) => answer.subarray(16 * at, 16 * at + 16),
    );
    const reads = pieces.map((piece): [Direction, Uint8Array] => ["server", piece]);
    observed([["client", u32.encode(bytes("hi"))], ...reads], { framing: { ...u32, scanner } });
    return seen;
  };
  const [once, twice] = [looked(16 * 1024), looked(32 * 1024)];
  assert(twice <= 3 * once, `${once} bytes, then ${twice}`);
});

Deno.test("DialogueReader takes no square of the time for what comes without frames, while a log-in is going on", () => {
  const greeting = bytes("331 [AUTH SCRAM-SHA-256] What is your name?\r\n");
  const piece = new Uint8Array(64 * 1024).fill(0x80);
  // Of this thread alone: other tests compute beside it. Proc_pid_schedstat: the first value is nanoseconds on a processor.
  const cpu = (): number => Number(Deno.readTextFileSync("/proc/thread-self/schedstat").split(" ")[0]) / 1000;
  const taken = (pieces: number): number => {
    const dialogue = new DialogueReader({ showSecrets: false });
    dialogue.sees("server", greeting);
    dialogue.explain("server", greeting, true);
    const began = cpu();
    for (let number = 0; number < pieces; number++) dialogue.explain("client", piece, true);
    return cpu() - began;
  };
  const least = (pieces: number): number => Math.min(...[1, 2, 3].map(() => taken(pieces)));
  // The square is 64 times the time; a collection of garbage in between is far from it.
  const [once, eightfold] = [least(100), least(800)];
  assert(eightfold <= 24 * once, `${once} µs, then ${eightfold}`);
});

Deno.test("Observer hides what is typed at the name's prompt, and commands that are none", () => {
  const u32 = framingFrom("u32");
  const typed = [
    PASSWORD,
    `auth token ${TOKEN}`,
    `REGISTER ${PASSWORD}`,
    `AUTH SCRAM-SHA-256 ${PASSWORD}`,
    `AUTH ${PASSWORD}`,
  ];
  for (const text of typed) {
    const script: Script = [["server", GREETING], ["client", text], ["server", "331 What is your name?"], [
      "client",
      text,
    ]];
    assertHidden(observed(script.map(([side, said]) => [side, u32.encode(bytes(said))] as const), { framing: u32 }));
  }
  // A server that only asks for a name keeps no secrets.
  const identify: Script = [["server", "331 What is your name?"], ["client", "anna"]];
  const events = observed(identify.map(([side, said]) => [side, u32.encode(bytes(said))] as const), { framing: u32 });
  assertEquals(framesOf(events)[1]?.payload.text, "anna");
});

/** Log-ins of other programs. */
const OTHER_LOGINS: readonly (readonly [string, readonly (readonly [Direction, string | Uint8Array])[]])[] = [
  ["JSON", [["client", JSON.stringify({ type: "login", user: "anna", password: PASSWORD })], [
    "server",
    '{"ok":true}',
  ]]],
  ["JSON with Russian names", [["client", JSON.stringify({ имя: "anna", пароль: PASSWORD })]]],
  ["a pickle", [["client", concat(bytes("\u0004user\u0094\u008cpassword"), Uint8Array.of(0x94, 13), bytes(PASSWORD))]]],
  ["SASL PLAIN", [["server", GREETING], ["client", `auth plain ${btoa(`\0anna\0${PASSWORD}`)}`]]],
  ["SASL PLAIN alone", [["client", btoa(`\0anna\0${PASSWORD}`)], ["server", "ok"]]],
  ["SMTP", [["server", "220 mail"], ["client", `AUTH PLAIN ${btoa(PASSWORD)}`]]],
  ["SASL LOGIN", [["server", "220 mail"], ["client", "AUTH LOGIN"], ["server", "334 UGFzc3dvcmQ6"], [
    "client",
    btoa(PASSWORD),
  ]]],
  ["FTP", [["server", "220 files"], ["client", "USER anna"], ["server", "331 Go on"], ["client", `PASS ${PASSWORD}`]]],
  ["HTTP", [["client", `Authorization: Basic ${btoa(PASSWORD)}`]]],
  ["a question", [["server", "Name:"], ["client", "anna"], ["server", "Password:"], ["client", PASSWORD]]],
  ["a Russian question", [["server", "Введите пароль:"], ["client", PASSWORD]]],
  ["a command", [["client", `/register anna ${PASSWORD}`], ["server", "ok"]]],
  ["a greeting with another tag", [["server", "331 [TLS] [AUTH PLAIN] Name?"], ["client", PASSWORD]]],
  ["a capture that begins at the password", [["server", "332 Password?"], ["client", PASSWORD]]],
  ["a list in JSON", [["client", JSON.stringify({ cmd: "login", args: ["anna", PASSWORD] })]]],
  ["XML", [["client", `<user>anna</user><password>${PASSWORD}</password>`]]],
  ["IMAP", [["server", "* OK"], ["client", `a1 LOGIN anna "${PASSWORD}"`]]],
  ["Redis", [["client", `AUTH ${PASSWORD}`], ["server", "+OK"]]],
  ["a service of IRC", [["client", `PRIVMSG NickServ :IDENTIFY ${PASSWORD}`]]],
  ["a Russian command", [["client", `войти anna ${PASSWORD}`]]],
  ["a question for a PIN", [["server", "PIN?"], ["client", PASSWORD]]],
];

/** What is sent, and what it is read as. */
const READ_AS: readonly (readonly [string, string])[] = [
  ...[["u32", "u32"], ["u32", "line"], ["u32", "raw"], ["line", "line"], ["line", "raw"]] as const,
  ...[["line", "u16"], ["line", "u8"], ["u16", "u32"], ["netstring", "u32"], ["dec:4", "u8"], [
    "u32",
    "u16le",
  ]] as const,
];

for (const [what, script] of OTHER_LOGINS) {
  Deno.test(`Observer hides the password of ${what}`, () => {
    for (const [wire, given] of READ_AS) {
      const sent = script.map(([side, said]): readonly [Direction, Uint8Array] => [
        side,
        framingFrom(wire).encode(typeof said === "string" ? bytes(said) : said),
      ]);
      for (const size of [3, 1000]) {
        const reads = sent.flatMap(([side, whole]) =>
          Array.from({ length: Math.ceil(whole.length / size) }, (_, at): readonly [Direction, Uint8Array] => [
            side,
            whole.slice(at * size, (at + 1) * size),
          ])
        );
        assertHidden(observed(reads, { framing: framingFrom(given), most: 4096 }));
      }
    }
  });
}

Deno.test("Observer hides what was sent before a capture began in the middle of a log-in, and no ordinary talk", () => {
  const u32 = framingFrom("u32");
  const talk = (script: Script): WireEvent[] =>
    observed(script.map(([side, said]) => [side, u32.encode(bytes(said))] as const), { framing: u32 });
  assertHidden(talk([["client", PASSWORD], ["server", "530 Log-in incorrect. What is your name?"]]));
  assertHidden(talk([["client", PASSWORD], ["server", "235 Welcome."]]));
  const said = ["530 echoes", "hello", '{"name":"anna"}', "log out", "What is the password policy?"];
  const shown = framesOf(talk(said.flatMap((text) => [["client", text], ["server", text]] as const)));
  assertEquals(shown.map(({ payload }) => payload.text), said.flatMap((text) => [text, text]));
});

Deno.test("Observer hides a password after a reply of which a capture has only the end", () => {
  for (const [wire, given] of READ_AS) {
    const framing = framingFrom(wire);
    const question = framing.encode(bytes("332 Password?"));
    for (let from = 0; from < question.length; from += 3) {
      for (const size of [1, 1000]) {
        const reads = [
          ...[["server", question.slice(from)], ["client", framing.encode(bytes(PASSWORD))]] as const,
          ["server", framing.encode(bytes(`235 [TOKEN ${TOKEN} 2026-01-01T00:00:00Z] Welcome.`))] as const,
        ].flatMap(([side, whole]) =>
          Array.from({ length: Math.ceil(whole.length / size) }, (_, at): readonly [Direction, Uint8Array] => [
            side,
            whole.slice(at * size, (at + 1) * size),
          ])
        );
        // Who is the client, is only guessed there.
        const swapped = reads.map(([side, chunk]) => [side === "client" ? "server" : "client", chunk] as const);
        for (const seen of [reads, swapped]) {
          assertHidden(observed(seen, { framing: framingFrom(given), most: 4096, isMidway: true }));
        }
      }
    }
  }
});

Deno.test("Tap hides what a client says where the server's words are missing, and shows what it says later", () => {
  const u32 = framingFrom("u32");
  const events: WireEvent[] = [];
  const tap = new Tap(1, {
    began: 0,
    options: {
      ...{ framing: u32, maxFrame: 1024, most: 64, showSecrets: false },
      onEvent: (event) => events.push(event),
    },
  });
  for (const side of ["client", "server"] as const) Array.from(tap.read(side, u32.encode(bytes("hello")), 0));
  tap.gap("server", 17, 1);
  for (const [side, text] of [["client", PASSWORD], ["server", "ok"], ["client", "later"]] as const) {
    Array.from(tap.read(side, u32.encode(bytes(text)), 2));
  }
  assertEquals(framesOf(events).map(({ payload }) => payload.text).filter((text) => text !== "\0\0\0\x02ok"), [
    "hello",
    "hello",
    MASK,
    "later",
  ]);
});

Deno.test("Observer hides a token and a password that come back, in an echo or in a reply", () => {
  const u32 = framingFrom("u32");
  const scripts: readonly Script[] = [
    [["client", `AUTH TOKEN ${TOKEN}`], ["server", `AUTH TOKEN ${TOKEN}`]],
    [["client", `see: ${TOKEN}!`], ["server", `see: ${TOKEN}!`]],
    [["server", GREETING], ["client", "anna"], ["server", "332 Password?"], ["client", PASSWORD], [
      "server",
      `530 "${PASSWORD}" is wrong.`,
    ]],
    [
      ["server", GREETING],
      ["client", "anna"],
      ["server", "332 Password?"],
      ["client", PASSWORD],
      [
        "server",
        "235 Welcome.",
      ],
      ["client", `was it ${PASSWORD}?`],
      ["server", `was it ${PASSWORD}?`],
      ["client", `or ${btoa(PASSWORD)}`],
      ["server", `${encodeURIComponent(PASSWORD)} ${bytes(PASSWORD).toHex()}`],
    ],
  ];
  for (const script of scripts) {
    assertHidden(observed(script.map(([side, said]) => [side, u32.encode(bytes(said))] as const), { framing: u32 }));
  }
});

/** Log-ins of hostile servers and of clients that say odd things: what must be hidden, in frames or in lines. */
const ODD_LOGINS: readonly (readonly [string, Script])[] = [
  ["a reply that repeats what was typed at the name's prompt", [
    ["server", GREETING],
    ["client", PASSWORD],
    ["server", `501 There is no "${PASSWORD}". What is your name?`],
  ]],
  ["a secret behind a command nobody knows, repeated without it", [
    ["server", GREETING],
    ["client", `auth scram-sha-1 ${encodeText(PASSWORD)}`],
    ["server", `501 Not understood: ${encodeText(PASSWORD)}. What is your name?`],
    ["client", `AUTH SCRAM-SHA-1 ${encodeText(PASSWORD)}`],
    ["server", `501 Not understood: ${encodeText(PASSWORD)}. What is your name?`],
  ]],
  ["a password for a client-first", [
    ["server", GREETING],
    ["client", `AUTH SCRAM-SHA-256 ${encodeText(PASSWORD)}`],
  ]],
  ["a field of SCRAM nobody knows, in three messages", [
    ["server", GREETING],
    ["client", `AUTH SCRAM-SHA-256 ${encodeText(`n,,n=anna,r=x,z=${PASSWORD}`)}`],
    ["server", `334 ${encodeText(`r=xy,s=c2Fs,i=4096,P=${PASSWORD}`)}`],
    ["client", encodeText(`c=biws,r=xy,P=${PASSWORD}`)],
  ]],
  ["a server that first lets everybody in, then asks for a log-in", [
    ["server", "230 Welcome."],
    ["client", "hello"],
    ["server", GREETING],
    ["client", PASSWORD],
    ["server", "501 That is no name. What is your name?"],
  ]],
  ["an echo service that asks for a log-in", [
    ["client", "hello"],
    ["server", "hello"],
    ["server", GREETING],
    ["client", PASSWORD],
  ]],
  ["a server that is full, and asks all the same", [
    ["server", "421 Too many connections, closing."],
    ["server", GREETING],
    ["client", PASSWORD],
  ]],
  ["a question for the password once more, behind the log-in", [
    ["server", GREETING],
    ["client", "anna"],
    ["server", "332 Password?"],
    ["client", "another one"],
    ["server", "235 Welcome, anna."],
    ["server", "332 Once more, please"],
    ["client", PASSWORD],
  ]],
  ["9,000 bytes before the greeting", [["server", "x".repeat(9000)], ["server", GREETING], ["client", PASSWORD]]],
  ["a question that is a code alone", [["server", "332"], ["client", PASSWORD], ["server", "530 no"]]],
  ["a tag in lower case, behind words", [
    ["server", "331 What is your name? [auth scram-sha-256]"],
    ["client", PASSWORD],
  ]],
];

for (const framing of ["u32", "line"]) {
  for (const [name, script] of ODD_LOGINS) {
    Deno.test(`Observer hides what is secret in ${framing}, of ${name}`, () => {
      const [wire, lines] = [framingFrom(framing), framingFrom("line")];
      const said = script.map(([side, text]) => [side, wire.encode(bytes(text))] as const);
      assertHidden(observed(said, { framing: wire }));
      assertHidden(observed(said, {}));
      if (wire.name === lines.name) return;
      assertHidden(observed(script.map(([side, text]) => [side, lines.encode(bytes(text))]), { framing: lines }));
    });
  }
}

Deno.test("Observer hides a password that is sent with the name, whatever the pieces that the greeting comes in", () => {
  for (const name of ["u32", "line"]) {
    const framing = framingFrom(name);
    const greeting = framing.encode(bytes(GREETING));
    for (let at = 1; at < greeting.length; at++) {
      const reads = [
        ["client", framing.encode(bytes("anna"))],
        ["client", framing.encode(bytes(PASSWORD))],
        ["server", greeting.subarray(0, at)],
        ["server", greeting.subarray(at)],
        ["server", framing.encode(bytes("332 Password?"))],
      ] as const;
      assertHidden(observed(reads, { framing }));
      assertHidden(observed(reads, {}));
    }
  }
});

Deno.test("Observer hides a token in a reply that comes in pieces, where the framing was guessed wrong", () => {
  const line = framingFrom("line");
  const reads = [["server", GREETING], ["client", `auth token ${TOKEN}`], ["server", `535 No: [${TOKEN}]`]] as const;
  for (const size of [1, 7, 20]) {
    const pieces = reads.flatMap(([side, text]) => {
      const whole = line.encode(bytes(text));
      return cut(whole, Array.from({ length: whole.length }, (_, at) => at * size)).map((piece) =>
        [side, piece] as const
      );
    });
    for (const framing of ["u32", "raw", "dec:4"]) assertHidden(observed(pieces, { framing: framingFrom(framing) }));
  }
});

Deno.test("Observer shows questions of a log-in that an echo service returns", () => {
  const u32 = framingFrom("u32");
  const script: Script = [
    ["client", "hi"],
    ["server", "hi"],
    ["client", "332 Password?"],
    ["server", "332 Password?"],
    [
      "client",
      "not secret",
    ],
  ];
  const events = observed(script.map(([side, said]) => [side, u32.encode(bytes(said))] as const), { framing: u32 });
  assertEquals(framesOf(events).at(-1)?.payload.text, "not secret");
});

Deno.test("DialogueReader names each step of SCRAM and its fields", () => {
  const dialogue = new DialogueReader({ showSecrets: false });
  const script = SCRIPTS.find(([what]) => what === "SCRAM")?.[1] ?? [];
  const meanings = script.flatMap(([side, text]) => dialogue.explain(side, bytes(text), false).meanings);
  assertEquals(meanings.map(({ id, code }) => code ?? id), [
    331,
    "mechanisms",
    "client-first",
    334,
    "server-first",
    "client-final",
    235,
    "server-final",
    "new_token",
  ]);
  const fields = meanings.flatMap(({ id, fields = [] }) => id.includes("-") ? fields : []);
  assertEquals(fields.map(({ key, value }) => `${key}=${value}`), [
    ...["gs2=n,,", "n=anna", "r=abc", "r=abcdef", "s=c2FsdA==", "i=600000"],
    ...["c=biws", "r=abcdef", `p=${MASK}`, `v=${MASK}`],
  ]);
});

Deno.test("DialogueReader finds no dialogue in an echo, nor in another protocol", () => {
  const scripts: readonly Script[] = [
    [["client", "331 x"], ["server", "331 x"], ["client", PASSWORD]],
    [["client", "hello"], ["server", "hello"], ["client", "AUTH TOKEN x"]],
    [["server", "220 mail.example ESMTP"], ["client", "EHLO x"]],
  ];
  for (const script of scripts) {
    const dialogue = new DialogueReader({ showSecrets: false });
    for (const [side, text] of script) {
      assertEquals(dialogue.explain(side, bytes(text), false), { meanings: [], secrets: [] });
    }
  }
});

Deno.test("Observer shows TLS records without reading them", () => {
  const hello = Uint8Array.of(0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0x41);
  const answer = Uint8Array.of(0x16, 3, 3, 0, 2, 2, 0, 0x17, 3, 3, 0, 1, 0x41);
  const events = observed([["client", hello.subarray(0, 2)], ["client", hello.subarray(2)], ["server", answer]], {
    framing: framingFrom("u32"),
  });
  const frames = framesOf(events);
  assertEquals(frames.map(({ framing, length, payload }) => [framing, length, payload.text]), [
    ["tls", 5, null],
    ["tls", 2, null],
    ["tls", 1, null],
  ]);
  assertEquals(frames.map(({ meanings }) => meanings[0]?.fields?.[0]?.value), [
    "handshake: ClientHello",
    "handshake: ServerHello",
    "application_data",
  ]);
});

Deno.test("byteView() cuts at whole characters and masks in text and digits", () => {
  assertEquals(byteView(bytes("привет"), { most: 3 }), {
    bytes: 12,
    shown: 3,
    text: "п",
    hex: "d0 bf d1",
    masked: false,
  });
  assertEquals(byteView(Uint8Array.of(0xff, 0x41), { most: 9 }).text, null);
  assertEquals(byteView(bytes("a secret b"), { most: 9, secrets: [[2, 8]] }), {
    ...{ bytes: 10, shown: 9, text: `a ${MASK} `, hex: "61 20 •• •• •• •• •• •• 20", masked: true },
  });
  assertNotMatch(byteView(bytes("a secret b"), { most: 4, secrets: [[2, 8]] }).text ?? "", /se/);
});

/** A connection that does as it is told. */
function fakeConn(reads: (Uint8Array | null | Error)[], log: string[], name: string): Deno.Conn {
  const forever = Promise.withResolvers<number | null>();
  forever.promise.catch(() => {/* where nobody reads */});
  return {
    read: (buffer: Uint8Array) => {
      const next = reads.shift();
      if (next === undefined) return forever.promise;
      if (next instanceof Error) return Promise.reject(next);
      if (next !== null) buffer.set(next);
      return Promise.resolve(next === null ? null : next.length);
    },
    // Writes are partial.
    write: (chunk: Uint8Array) => {
      log.push(`${name} takes ${chunk[0]}`);
      return Promise.resolve(1);
    },
    closeWrite: () => Promise.resolve(void log.push(`${name} FIN`)),
    close: () => {
      log.push(`${name} closed`);
      forever.reject(new Deno.errors.BadResource("closed"));
    },
  } as unknown as Deno.Conn;
}

Deno.test("relay() writes all of each read, in order, and passes an end on after it", async () => {
  const log: string[] = [];
  const watcher: RelayWatcher = {
    read: (side, chunk) => Promise.resolve(void log.push(`${side} read ${chunk.length}`)),
    end: (side, kind) => log.push(`${side} ${kind}`),
    closed: () => Promise.resolve(void log.push("closed")),
  };
  const client = fakeConn([Uint8Array.of(1, 2), null], log, "client");
  const server = fakeConn([null], log, "server");
  await relay({ client, server }, { watcher, stop: new AbortController().signal });
  assertEquals(log.filter((line) => line.startsWith("server takes") || line === "server FIN"), [
    "server takes 1",
    "server takes 2",
    "server FIN",
  ]);
  assertEquals(log.filter((line) => /half-close|closed/.test(line)).toSorted(), [
    "client closed",
    "client half-close",
    "closed",
    "server closed",
    "server half-close",
  ]);
});

Deno.test("relay() closes the other side at once when one is reset, and at a stop", async () => {
  for (const isReset of [true, false]) {
    const log: string[] = [];
    const stop = new AbortController();
    const watcher: RelayWatcher = {
      read: () => Promise.resolve(),
      end: (side, kind) => log.push(`${side} ${kind}`),
      closed: () => Promise.resolve(),
    };
    const client = fakeConn(isReset ? [new Deno.errors.ConnectionReset("x")] : [], log, "client");
    const relayed = relay({ client, server: fakeConn([], log, "server") }, { watcher, stop: stop.signal });
    if (!isReset) stop.abort();
    await relayed;
    assertEquals(
      log.toSorted(),
      isReset
        ? ["client closed", "client reset", "server closed", "server cut"]
        : ["client closed", "client stopped", "server closed", "server stopped"],
    );
  }
});

Deno.test("Tap.read tells many frames in steps, and a failure ends them", () => {
  const events: WireEvent[] = [];
  const options = { framing: framingFrom("u8"), maxFrame: 100, most: 64, showSecrets: false };
  const tap = new Tap(1, { began: 0, options: { ...options, onEvent: (event) => events.push(event) } });
  const told: number[] = [];
  for (const _step of tap.read("server", new Uint8Array(5000), 0)) {
    told.push(events.length);
    if (told.length === 3) events.push = () => fail("full");
  }
  // One event is the read itself.
  assertEquals(told, [1025, 2049, 3073]);
});
