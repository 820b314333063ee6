import { TEXTS } from "../../../../lib/commands/explain/texts.ts";
import { assert, assertEquals, assertNotMatch, assertRejects, assertStringIncludes } from "@std/assert";
import type { WireEvent } from "../../../../lib/commands/explain/events.ts";
import { Observer } from "../../../../lib/commands/explain/observer.ts";
import { explainPage } from "../../../../lib/commands/explain/html.ts";
import { EXPLAIN_OPTIONS } from "../../../../lib/commands/explain/options.ts";
import { PatientOutput } from "../../../../lib/commands/explain/output.ts";
import { counted } from "../../../../lib/commands/explain/phrases.ts";
import { MAX_ROWS, Recording } from "../../../../lib/commands/explain/recording.ts";
import { textRenderer } from "../../../../lib/commands/explain/text.ts";
import { translator } from "../../../../lib/cli/texts.ts";
import { parseCommandLine } from "../../../../lib/cli/options.ts";
import { UsageError } from "../../../../lib/base/errors.ts";
import { framingFrom } from "../../../../lib/framing/framing.ts";

const texts = { en: await translator("en", TEXTS), ru: await translator("ru", TEXTS) };

/** Events of one connection whose client sends these messages, one a read. */
function eventsOf(...messages: string[]): WireEvent[] {
  const framing = framingFrom("u32");
  const events: WireEvent[] = [{
    ...{ event: "open", connection: 1, at_ms: 1, time: "2026-01-01T00:00:00.000Z", connect_ms: 1 },
    ...{ client: "127.0.0.1:1", server: "127.0.0.1:2" },
  }];
  const observer = new Observer({
    ...{ connection: 1, framing, maxFrame: 1024, most: 64, showSecrets: false },
    emit: (event) => events.push(event),
  });
  for (const message of messages) {
    Array.from(observer.read("client", framing.encode(new TextEncoder().encode(message)), 2));
  }
  observer.end("client", "half-close", 3);
  observer.end("server", "reset", 4);
  return events;
}

for (const language of ["en", "ru"] as const) {
  const t = texts[language];

  Deno.test(`${language}: lines and page of explain have no hole, and nothing that acts`, async () => {
    const evil = `<img src=x onerror=alert(1)>"'&\x1b[2J\u202e{n}`;
    const recording = new Recording();
    const lines: string[] = [];
    const render = textRenderer(t, false);
    for (const event of eventsOf(evil, "x".repeat(500), "")) {
      recording.add(event);
      lines.push(...render(event));
    }
    const page = await explainPage(recording, { target: "<b>:1", showsSecrets: false, summary: "<i>", t });
    for (const text of [lines.join("\n"), page]) {
      assertNotMatch(text, /\{(?!n\}|202e\})\w+\}|undefined|NaN|\u202e/);
      assert(!text.includes("\x1b"));
    }
    assertNotMatch(page, /<img|<script|<b>:1|<i>(?!\p{L})|https?:|url\(|@import/iu);
    const tags = [...page.matchAll(/<[^>]*>/g)].map(([tag]) => tag).join("");
    assertNotMatch(tags, /\son\w+=|\sstyle=|src=|href=/i);
    assertEquals(
      [...page.matchAll(/<(\w+)[ >]/g)].map(([, tag]) => tag).filter((tag) =>
        ["link", "iframe", "object", "base"].includes(tag ?? "")
      ),
      [],
    );
    for (const tag of ["section", "ol", "li", "details", "summary", "div", "span", "pre", "p"]) {
      const count = (pattern: string): number => [...page.matchAll(new RegExp(pattern, "g"))].length;
      assertEquals(count(`<${tag}[ >]`), count(`</${tag}>`), tag);
    }
    assertEquals([...page.matchAll(/<li class="frame /g)].length, 3);
  });
}

Deno.test("counted() has the forms of both languages", () => {
  const forms = (language: "en" | "ru"): string[] =>
    [0, 1, 2, 5, 11, 12, 21, 22, 1111].map((n) => counted(n, "bytes", texts[language]));
  assertEquals(forms("en").join(), "0 bytes,1 byte,2 bytes,5 bytes,11 bytes,12 bytes,21 bytes,22 bytes,1 111 bytes");
  assertEquals(forms("ru").join(), "0 байт,1 байт,2 байта,5 байт,11 байт,12 байт,21 байт,22 байта,1 111 байт");
});

Deno.test("Times have the decimal mark of the language, in the column as in the sentence", () => {
  const open = { event: "open", connection: 1, at_ms: 4.9464, connect_ms: 4.9464, server: "s" } as const;
  const first = (language: "en" | "ru"): string => {
    const event = { ...open, client: "c", time: "2026-01-01T00:00:00.000Z" };
    return textRenderer(texts[language], false)(event)[0] ?? "";
  };
  assertEquals(first("en"), "#1       4.946  c connected; on to s in 4.95 ms");
  assertEquals(first("ru"), "#1       4,946  c подключился; соединение с s установлено за 4,95 мс");
});

Deno.test("The page draws so many events and says how many there were", async () => {
  const recording = new Recording();
  for (const event of eventsOf(...Array.from({ length: MAX_ROWS }, (_, at) => `${at}`))) recording.add(event);
  assertEquals(recording.events.length, MAX_ROWS);
  assertEquals(recording.all, 2 * MAX_ROWS + 3);
  assertEquals(recording.totals.client_frames, MAX_ROWS);
  const t = texts.en;
  const page = await explainPage(recording, { target: "x", showsSecrets: false, summary: "", t });
  assertStringIncludes(page, "Only the first 2 000 of 4 003 events are drawn.");
});

Deno.test("Several connections have their sums added up", () => {
  const recording = new Recording();
  for (const connection of [1, 2]) {
    recording.add({ event: "close", connection, at_ms: 1, client_bytes: 5, server_bytes: 7 });
  }
  assertEquals([recording.totals.client_bytes, recording.totals.server_bytes], [10, 14]);
});

Deno.test("--listen takes a port, or an address and a port", () => {
  const listen = (text: string): string => {
    const { host, port } =
      parseCommandLine(["--listen", text], EXPLAIN_OPTIONS, { environment: () => undefined }).values.listen;
    return `${host} ${port}`;
  };
  assertEquals(["9091", ":7", "0.0.0.0:0", "[::1]:9"].map(listen), [
    "127.0.0.1 9091",
    "127.0.0.1 7",
    "0.0.0.0 0",
    "::1 9",
  ]);
  for (const bad of ["x", "host", "1:2:3", "70000"]) {
    let error: unknown;
    try {
      listen(bad);
    } catch (caught) {
      error = caught;
    }
    assert(error instanceof UsageError, bad);
  }
});

/** A sink that takes what it is let to. */
class Sink {
  text = "";
  #gate = Promise.withResolvers<void>();
  isOpen = true;

  async write(bytes: Uint8Array): Promise<number> {
    if (!this.isOpen) await this.#gate.promise;
    this.text += new TextDecoder().decode(bytes);
    return bytes.length;
  }

  open(): void {
    this.isOpen = true;
    this.#gate.resolve();
  }
}

Deno.test("PatientOutput holds the wire up while the output moves, and no longer", async () => {
  const sink = new Sink();
  const output = new PatientOutput(sink, {
    ...{ skipped: (n) => `skipped ${n}`, onError: () => {}, most: 100, patience: 20 },
  });
  output.add(() => ["a"]);
  assertEquals(output.room(), undefined);
  await output.done();
  assertEquals(sink.text, "a\n");
  sink.isOpen = false;
  output.add(() => ["b".repeat(200)]);
  const room = output.room();
  assert(room !== undefined);
  // The output stands still: the wait ends all the same.
  await room;
  assertEquals(output.room(), undefined);
  let isMade = false;
  output.add(() => {
    isMade = true;
    return ["c"];
  });
  assertEquals(isMade, false);
  sink.open();
  await output.done();
  assertEquals(sink.text, `a\n${"b".repeat(200)}\nskipped 1\n`);
  output.add(() => ["d"]);
  await output.done();
  assertStringIncludes(sink.text, "\nd\n");
});

Deno.test("PatientOutput tells an error once and takes nothing any more", async () => {
  const errors: unknown[] = [];
  const broken = { write: () => Promise.reject(new Deno.errors.BrokenPipe("x")) };
  const output = new PatientOutput(broken, { skipped: String, onError: (error) => errors.push(error) });
  output.add(() => ["a"]);
  await output.done();
  output.add(() => ["b"]);
  await output.done();
  assertEquals(errors.length, 1);
  await assertRejects(() => broken.write(), Deno.errors.BrokenPipe);
});
