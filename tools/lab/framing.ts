/**
 * `deno task lab:framing`: what reading returns for what was sent, without framing and with it.
 *
 * @module
 */
import { FramedConn } from "../../lib/framed_conn.ts";
import { framingFrom } from "../../lib/framing/framing.ts";
import { delay } from "../../lib/base/delay.ts";
import { connectedEnds, draw, heading, hex, speaker, writeAll } from "./lab.ts";

const say = speaker({
  en: {
    many: "Three sends, one read",
    sent: "sent      {what}",
    got: "one read  {what}",
    lesson: "Messages sent: {messages}, pieces read: {reads}. Where does the first one end?",
    cut: "One send, several reads",
    reads: "read({size})  {what}",
    character: 'The first read ends in the middle of a character: {hex} is one half of "с", {rest} the other.',
    framed: "The same three with a header of four bytes that says how long the message is (--framing u32)",
    wire: "on the wire",
    pieces: "sent by one byte at a time, read by FramedConn:",
    message: "message {number}: {text}",
    sum: "Messages sent: {count}, received: {count}, whatever the reads were.",
  },
  ru: {
    many: "Три отправки, одно чтение",
    sent: "отправлено   {what}",
    got: "одно чтение  {what}",
    lesson: "Отправлено сообщений: {messages}, пришло кусков: {reads}. Где кончается первое?",
    cut: "Одна отправка, несколько чтений",
    reads: "read({size})     {what}",
    character: "Первое чтение кончилось посреди символа: {hex} — одна половина «с», {rest} — другая.",
    framed: "Те же три с заголовком в четыре байта, в котором сказано, какой длины сообщение (--framing u32)",
    wire: "в сети",
    pieces: "отправлено по одному байту, прочитано через FramedConn:",
    message: "сообщение {number}: {text}",
    sum: "Отправлено сообщений: {count}, принято: {count}, какими бы ни были чтения.",
  },
});

const MESSAGES = ["one", "два", "three"];

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

async function showMany(): Promise<void> {
  heading(say("many"));
  using ends = await connectedEnds();
  for (const message of MESSAGES) await writeAll(ends.client, encode(message));
  const size = encode(MESSAGES.join("")).length;
  const buffer = new Uint8Array(100);
  // All three are there before the first read, as when the reader had something else to do.
  await delay(50);
  const got = await ends.server.read(buffer) ?? 0;
  const text = new TextDecoder().decode(buffer.subarray(0, got));
  draw(`\n  ${say("sent", { what: MESSAGES.map((message) => `[${message}]`).join(" ") })}`);
  draw(`  ${say("got", { what: `[${text}]` })}`);
  draw(`\n${say("lesson", { messages: MESSAGES.length, reads: got === size ? 1 : 2 })}`);
}

async function showCut(): Promise<void> {
  heading(say("cut"));
  using ends = await connectedEnds();
  const text = "message, сообщение";
  await writeAll(ends.client, encode(text));
  const size = 10;
  const buffer = new Uint8Array(size);
  draw(`\n  ${say("sent", { what: `[${text}]` })}`);
  const reads: Uint8Array[] = [];
  for (let left = encode(text).length; left > 0;) {
    const got = await ends.server.read(buffer) ?? 0;
    left -= got;
    reads.push(buffer.slice(0, got));
    draw(`  ${say("reads", { size, what: `[${new TextDecoder().decode(reads.at(-1))}]` })}`);
  }
  const [first = buffer, second = buffer] = reads;
  draw(`\n${say("character", { hex: hex(first.subarray(-1)), rest: hex(second.subarray(0, 1)) })}`);
}

async function showFramed(): Promise<void> {
  heading(say("framed"));
  using ends = await connectedEnds();
  const framing = framingFrom("u32");
  draw(`\n  ${say("wire")}:`);
  const wire: Uint8Array[] = [];
  for (const message of MESSAGES) {
    const payload = encode(message);
    const header = new Uint8Array(4);
    new DataView(header.buffer).setUint32(0, payload.length);
    wire.push(header, payload);
    draw(`    ${hex(header)} │ ${hex(payload)}`);
    draw(`    ${String(payload.length).padStart(11)} │ ${message}`);
  }
  const sending = (async () => {
    for (const part of wire) for (const byte of part) await writeAll(ends.client, Uint8Array.of(byte));
  })();
  draw(`\n  ${say("pieces")}`);
  const conn = new FramedConn(ends.server, { framing });
  for (let number = 1; number <= MESSAGES.length; number++) {
    draw(`    ${say("message", { number, text: await conn.receiveText() ?? "" })}`);
  }
  await sending;
  draw(`\n${say("sum", { count: MESSAGES.length })}`);
}

await showMany();
await showCut();
await showFramed();
