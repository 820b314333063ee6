import { assert, assertEquals, assertRejects } from "@std/assert";
import { echoOutput, Output, type OutputFormat } from "../../../../lib/commands/converse/output.ts";
import type { Echo } from "../../../../lib/client/echo_matcher.ts";
import { StorageError } from "../../../../lib/base/errors.ts";
import { escapeText } from "../../../../lib/base/text.ts";
import { FakeWire } from "../../../support/fake_wire.ts";
import { concat } from "../../../../lib/base/bytes.ts";
import { bytesOf } from "../../../support/framing_vectors.ts";

const MIB = 1024 * 1024;

function echoOf(received: Uint8Array): Echo {
  return { number: 1, sent: received, received, rttMs: 0.5, differsAt: -1 };
}

const printed = (echo: Echo, options: { format: OutputFormat; isTerminal: boolean }): Uint8Array =>
  concat(...echoOutput(echo, options));

Deno.test("Output writes all in order, however little is taken at a time", async () => {
  const sink = new FakeWire([], { writeSize: 3 });
  const output = new Output(sink);
  const parts = Array.from({ length: 50 }, (_, number) => bytesOf(`part ${number}\n`));
  for (const part of parts) await output.add(part);
  await output.done();
  assertEquals(sink.written, concat(...parts));
});

Deno.test("Output.add() waits while more than 1 MiB is waiting for a slow reader", async () => {
  const sink = new FakeWire([], { holdWrites: true });
  const output = new Output(sink);
  await output.add(new Uint8Array(10));
  await output.add(new Uint8Array(MIB));
  let isTaken = false;
  const adding = output.add(new Uint8Array(1)).then(() => isTaken = true);
  await Promise.resolve();
  assertEquals(isTaken, false);
  sink.release();
  await adding;
  await output.done();
  assertEquals(sink.written.length, MIB + 11);
});

Deno.test("Output.add() tells soon that nobody reads any more", async () => {
  const output = new Output(new FakeWire([], { failWriteAt: 1 }));
  const endless = async (): Promise<void> => {
    for (let line = 0; line < 1000; line++) await output.add(bytesOf("line\n"));
  };
  await assertRejects(endless, Deno.errors.BrokenPipe);
  await assertRejects(() => output.done(), Deno.errors.BrokenPipe);
});

Deno.test("Output tells that its file cannot be written", async () => {
  const full = { write: () => Promise.reject(new Error("No space left on device (os error 28)")) };
  const output = new Output(full);
  await output.add(bytesOf("x"));
  const error = await assertRejects(() => output.done(), StorageError);
  assertEquals([error.code, error.details.path], ["cannot_write", "standard output"]);
});

Deno.test("echoOutput() gives a pipe the bytes as they are, and a terminal what it can show", () => {
  const echo = echoOf(bytesOf("\u001b[31m\u00ff"));
  assertEquals(printed(echo, { format: "text", isTerminal: false }), bytesOf("\u001b[31m\u00ff\n"));
  assertEquals(printed(echo, { format: "text", isTerminal: true }), bytesOf("hex:1b5b33316dff\n"));
  const text = echoOf(new TextEncoder().encode("мир\u0007"));
  assertEquals(new TextDecoder().decode(printed(text, { format: "text", isTerminal: true })), "мир\\x07\n");
});

Deno.test("echoOutput() as JSON holds the text, and nothing that a terminal would obey", () => {
  const text = "\u202e\u009b31m \u2028 \u001b[2J мир";
  const line = new TextDecoder().decode(
    printed(echoOf(new TextEncoder().encode(text)), { format: "json", isTerminal: true }),
  );
  assert(line.endsWith("\n"));
  assertEquals(JSON.parse(line).text, text);
  assertEquals(escapeText(line.trimEnd()), line.trimEnd());
});
