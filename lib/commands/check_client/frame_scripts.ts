/**
 * Checks of how a client frames: whole frames out, and replies in that arrive in other pieces than they were sent in.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import { framingFrom } from "../../framing/framing.ts";
import { failed, type Message, type Outcome, type Part, passed, skipped } from "./outcome.ts";
import { answersIn, choiceToSend, NAME, yesTo } from "./questions.ts";
import type { Received } from "./client_connection.ts";
import { textIn } from "./encodings.ts";
import type { ClientHarness, ClientVisit } from "./client_harness.ts";

/** Of the first message the length differs in decimal (13) and hexadecimal (0d), and so tells `dec:2` from `hex:2`. */
const ASCII = "hello, server";
/** For clients that wait for a server that speaks first. */
const GREETING = "Hello!\n";
const WIDE = "привет, мир";
const EMOJI = "👋🏽 emoji";
const AFTER_EMPTY = "after the empty one";

/** Time between two pieces of a reply, in ms: a client that waits for the first has read it before the second leaves. */
const GAP = 30;

/** How long a client that does not wait for replies may take for its next message, in ms. */
const PIPELINED = 150;

/** Silence after which a client is taken to collect lines until it is told to end, in ms. */
const SOON = 1200;

/** What a client dies of that has asked for a number, and was told a text: the answer was wrong. */
const OTHER_ANSWER = /invalid literal for int|could not convert string/;

/** Payload of a reply that one read does not take: the receive buffer of Linux begins with 128 KiB. */
const LARGE = 200_000;
const FOR_LARGE = "a short one";
/** Less than this fits into the first read of most clients. */
const LARGE_ENOUGH = 2048;

/** The client's messages are whole frames whose length counts bytes. Finds the framing out, and how the client prints. */
export async function wholeFrames(harness: ClientHarness, { wantsHeader }: { wantsHeader: boolean }): Promise<Outcome> {
  let visit = await harness.open("whole-frames", ASCII);
  const sent: Part[] = [];
  const received: Part[] = [];
  let isLengthLine = false;
  const texts = harness.hasCommand ? [ASCII, WIDE, EMOJI] : [ASCII];
  for (const [at, text] of texts.entries()) {
    let message: Received;
    [visit, message] = await messageOf(harness, visit, { at, text });
    if (message.kind !== "whole") {
      const [why, seen] = [unwhole(message, at), { sent, received: [...received, ...visit.instead(message)] }];
      const crash = visit.client?.crash;
      // How it prints the others is known from the first.
      if (at > 0 && !harness.isSingle) await note(harness, visit, ASCII);
      if (why.key !== "skipped_silent" && why.key !== "skipped_wordless") return failed(why, seen);
      return crash === undefined || OTHER_ANSWER.test(crash)
        ? { ...skipped(why.key), ...seen }
        : failed({ key: "end_crashes", values: { error: crash } }, seen);
    }
    // Something of its own first, then what was typed before.
    if (at > 0 && harness.isFixed && message.text.includes(ASCII)) {
      [harness.isFixed, harness.preludes] = [false, at];
      await visit.finish();
      return await wholeFrames(harness, { wantsHeader });
    }
    // The line ends of lines that were collected are no framing.
    isLengthLine ||= at === 0 && isLengthLineOf(message.text);
    harness.framing ??= harness.collectsUntil !== undefined && message.framing.name === "line"
      ? framingFrom("raw")
      : message.framing;
    if (at === 0 && harness.hasCommand) harness.isFixed = !message.text.includes(text);
    if (!harness.framing.hasBoundaries && wantsHeader && !isLengthLine) {
      return failed({ key: "no_header" }, { received: [message.wire] });
    }
    received.push(message.wire);
    sent.push(await visit.reply(message.payload));
    await visit.printed(message.text, 1);
    if (harness.isSingle) {
      await note(harness, visit, text);
      if (text !== texts.at(-1)) visit = await harness.open("whole-frames", texts[at + 1] ?? text);
    }
  }
  const isRaw = harness.framing?.hasBoundaries === false;
  const empty = isRaw || harness.isSingle || !harness.hasCommand
    ? undefined
    : await emptyMessage(visit, { sent, received });
  if (!harness.isSingle) await note(harness, visit, ASCII, WIDE);
  if (isLengthLine) return skipped("skipped_length_line");
  return empty ?? (isRaw ? skipped("skipped_raw") : passed({ sent, received }));
}

/** The client's message for a text, and the visit in which it was sent: what it is waiting for is found out on the way. */
async function messageOf(
  harness: ClientHarness,
  begun: ClientVisit,
  { at, text }: { readonly at: number; readonly text: string },
): Promise<[ClientVisit, Received]> {
  const soon = Math.min(harness.options.wait, SOON);
  let visit = begun;
  let message = at === 0 || harness.isSingle
    ? await visit.receive(text, at === 0 ? soon : undefined)
    : await visit.ask(text);
  if (at === 0 && message.kind !== "whole" && message.wire.length === 0) {
    [visit, message] = await answered(harness, visit, { message, text, soon });
  }
  if (at === 0 && message.kind === "silence" && visit.client !== undefined) {
    const isGreeted = harness.greeting === undefined && await visit.client.awaitsReply();
    message = isGreeted ? message : await visit.collects(text) ?? message;
    if (harness.collectsUntil !== undefined) harness.isSingle = true;
    if (message.wire.length === 0) [visit, message] = await spokenTo(harness, { text, isGreeted, message, soon });
  }
  if (at === 1 && isOverWithout(visit, message)) {
    harness.leads.next = yesTo(await visit.client?.allPrinted(harness.options.wait) ?? "");
    if (harness.leads.next !== undefined) [visit, message] = await wentOn(harness, text);
  }
  if (at === 1 && isOverWithout(visit, message)) {
    harness.leads.next = undefined;
    harness.isSingle = true;
    await note(harness, visit, ASCII);
    visit = await harness.open("whole-frames", text);
    message = await visit.receive(text);
  }
  return [visit, message];
}

/** Another start of a client that said nothing as it had asked what to do, or who somebody is: it is told so first. */
async function answered(
  harness: ClientHarness,
  begun: ClientVisit,
  { message, text, soon }: { readonly message: Received; readonly text: string; readonly soon: number },
): Promise<[ClientVisit, Received]> {
  const { leads, learned } = harness;
  const output = await begun.client?.allPrinted(harness.options.wait) ?? "";
  const choice = choiceToSend(output);
  const isSilent = message.kind === "silence" && await begun.client?.awaitsReply() !== true;
  const who = choice === undefined && isSilent ? answersIn(output) : [];
  if (choice === undefined && who.length === 0) return [begun, message];
  Object.assign(leads, { first: choice, next: choice });
  if (who.length > 0) harness.learned = [...learned ?? [], ...who];
  const visit = await harness.open("whole-frames", text);
  const next = await visit.receive(text, soon);
  if (next.wire.length === 0) {
    Object.assign(leads, { first: undefined, next: undefined });
    harness.learned = learned;
  }
  return [visit, next];
}

/** Whether the client has left instead of saying something, and not of an error. */
function isOverWithout({ client }: ClientVisit, message: Received): boolean {
  return message.kind === "over" && message.wire.length === 0 && client?.crash === undefined;
}

/** Another start, in which the client is told that there is a second message. */
async function wentOn(harness: ClientHarness, text: string): Promise<[ClientVisit, Received]> {
  const visit = await harness.open("whole-frames", ASCII);
  const first = await visit.receive(ASCII);
  if (first.kind !== "whole") return [visit, first];
  await visit.reply(first.payload);
  await visit.printed(first.text, 1);
  return [visit, await visit.ask(text)];
}

/** Whether a text begins with a line that has the length of the rest, in bytes or in characters. */
function isLengthLineOf(text: string): boolean {
  const [, length, rest = ""] = /^(\d+)\r?\n([^]+)$/.exec(text) ?? [];
  return length !== undefined && [rest.length, new TextEncoder().encode(rest).length].includes(Number(length));
}

/** Another start of a client that said nothing: it is greeted, or its first line answers a question of its own. */
async function spokenTo(
  harness: ClientHarness,
  { text, isGreeted, message, soon }: {
    readonly text: string;
    readonly isGreeted: boolean;
    readonly message: Received;
    readonly soon: number;
  },
): Promise<[ClientVisit, Received]> {
  if (isGreeted) harness.greeting = GREETING;
  else harness.learned = [...harness.learned ?? [], NAME];
  const visit = await harness.open("whole-frames", text);
  const next = await visit.receive(text, isGreeted ? undefined : soon);
  if (next.wire.length > 0) return [visit, next];
  if (isGreeted) harness.greeting = undefined;
  return [visit, message.kind === "over" ? next : message];
}

/** Ends the visit, and keeps how often the client printed these replies. */
async function note(harness: ClientHarness, visit: ClientVisit, ...texts: readonly string[]): Promise<void> {
  await visit.finish();
  for (const text of texts) {
    const count = visit.client?.count(text) ?? 0;
    if (text === ASCII) harness.prints.ascii = count;
    if (text === WIDE) harness.prints.wide = count;
  }
}

/** What is wrong with the message number `at`, counted from 0. */
function unwhole(message: Exclude<Received, { kind: "whole" }>, at: number): Message {
  if (message.kind === "wrong") {
    const { mistake, framing } = message;
    if (mistake !== undefined) {
      const { text, bytes, announced } = mistake;
      const values = { text, bytes, announced, framing: framing?.name ?? "" };
      return { key: `counts_${mistake.counts}`, values };
    }
    return framing === undefined ? { key: "unknown_header" } : { key: "incomplete", values: { framing: framing.name } };
  }
  if (message.wire.length > 0) return { key: "incomplete", values: { framing: "" } };
  const nothing = message.kind === "over" && message.by === "end" ? "skipped_wordless" : "skipped_silent";
  return { key: ([nothing, "reply_not_understood"] as const)[at] ?? "reads_characters" };
}

/** An empty line is an empty frame, or nothing, or the end; but it is not to be waited for in vain. */
async function emptyMessage(
  visit: ClientVisit,
  { sent, received }: { readonly sent: Part[]; readonly received: Part[] },
): Promise<Outcome | undefined> {
  visit.say("");
  let message = await visit.ask(AFTER_EMPTY);
  if (message.kind === "whole" && message.payload.length === 0) {
    received.push(message.wire);
    sent.push(await visit.reply(message.payload));
    message = await visit.receive(AFTER_EMPTY);
  }
  if (message.kind === "whole") {
    await visit.reply(message.payload);
    return undefined;
  }
  // To leave at an empty line is a way to end a conversation.
  if (message.kind === "over" && message.wire.length === 0 && visit.client?.crash === undefined) return undefined;
  return failed({ key: "empty_message" }, { sent, received: [...received, ...visit.instead(message)] });
}

/** The header byte by byte, then the payload in three pieces. */
export async function splitReply(harness: ClientHarness): Promise<Outcome> {
  const visit = await harness.open("split-reply", "split reply");
  const message = await visit.receive("split reply");
  if (message.kind !== "whole") return skipped("skipped_not_sent");
  const pieces = inPieces(visit.frame(message.payload), message.payload);
  await visit.connection.sendPieces(pieces, GAP);
  const after = await wellAfter(harness, visit, {
    reply: shownBy(message.text, "split reply"),
    next: "after the split",
    prints: harness.prints.ascii,
  });
  return "well" in after
    ? passed({ sent: pieces, received: after.well })
    : failed({ key: "split_reply" }, { sent: pieces, received: after.ill });
}

/** Two replies in one segment: the second one early, before its message was read, where the client waits for replies. */
export async function mergedReplies(harness: ClientHarness): Promise<Outcome> {
  if (harness.isSingle) return skipped("skipped_single");
  // The two are of one length, which a client may say within its payload, too.
  const [one, two, three] = ["first of two", "other of two", "after the two"];
  const visit = await harness.open("merged-replies", one);
  const first = await visit.receive(one);
  if (first.kind !== "whole") return skipped("skipped_not_sent");
  visit.say(two);
  const early = visit.client === undefined ? undefined : await visit.receive(two, PIPELINED);
  const second = early?.kind === "whole"
    ? early.payload
    : visit.client
    ? replaced(first.payload, { one, two })
    : new TextEncoder().encode(`${first.text} 2`);
  const merged = concat(visit.frame(first.payload), visit.frame(second));
  await visit.connection.peer.send(merged, harness.options.wait);
  const received: Part[] = [first.wire];
  const ill = (message: Received): Outcome =>
    failed({ key: "merged_replies" }, { sent: [merged], received: [...received, ...visit.instead(message)] });
  const next = early?.kind === "whole" ? early : await visit.receive(two);
  if (next.kind !== "whole") return ill(next);
  received.push(next.wire);
  const shown = shownBy(textIn(second, two).text, two);
  await visit.printed(shown, harness.prints.ascii);
  const last = await visit.ask(three);
  if (last.kind !== "whole") return ill(last);
  await visit.reply(last.payload);
  await visit.finish();
  const printed = visit.client?.count(shown) ?? 0;
  return visit.client === undefined || printed >= harness.prints.ascii
    ? passed({ sent: [merged], received: [...received, last.wire] })
    : failed({ key: "merged_replies" }, { sent: [merged], received: [{ printed, of: harness.prints.ascii }] });
}

/** The bytes with the first of two texts in ASCII replaced, or in UTF-16; what stands around it may be no text. */
function replaced(bytes: Uint8Array, { one, two }: { readonly one: string; readonly two: string }): Uint8Array {
  const wide = (text: string): string => [...text].join("\0");
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("").replace(one, two)
    .replace(wide(one), wide(two));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** A reply larger than one read. */
export async function largeReply(harness: ClientHarness): Promise<Outcome> {
  const size = Math.min(LARGE, harness.framing?.capacity ?? 0);
  if (size < LARGE_ENOUGH) return skipped("skipped_small", { framing: harness.framing?.name ?? "", bytes: size });
  const text = "large reply ".padEnd(size - 1, "0123456789").concat("!");
  let visit = await harness.open("large-reply", text);
  let message = await visit.receive(text);
  let isEcho = visit.client !== undefined;
  if (isEcho && (message.kind !== "whole" || !message.text.includes(text))) {
    // Who does not read so long a line may be sent one all the same.
    isEcho = false;
    visit = await harness.open("large-reply", FOR_LARGE);
    message = await visit.receive(FOR_LARGE);
  }
  if (message.kind !== "whole") return skipped("skipped_not_sent");
  const payload = isEcho ? message.payload : new TextEncoder().encode(text);
  const wire = await visit.reply(payload);
  const reply = isEcho ? shownBy(message.text, text) : text;
  const after = await wellAfter(harness, visit, { reply, next: "after the large one", prints: harness.prints.ascii });
  const values = { bytes: payload.length };
  return "well" in after
    ? passed({ sent: [wire], received: after.well })
    : failed({ key: "large_reply", values }, { sent: [wire], received: after.ill });
}

/** A reply in which each piece ends within a character. */
export async function splitUtf8(harness: ClientHarness): Promise<Outcome> {
  const visit = await harness.open("split-utf8", "разрез");
  const message = await visit.receive("разрез");
  if (message.kind !== "whole") return skipped("skipped_not_sent");
  if (message.encoding !== "utf-8") return skipped("skipped_encoding", { encoding: message.encoding });
  const cut = message.payload.findIndex((byte) => byte >= 0xc0);
  if (cut < 0) return skipped("skipped_narrow");
  const wire = visit.frame(message.payload);
  const at = headerSize(wire, message.payload) + cut + 1;
  const last = wire.length - trailerSize(wire, message.payload) - 1;
  const pieces = [wire.subarray(0, at), wire.subarray(at, Math.max(at, last)), wire.subarray(Math.max(at, last))]
    .filter((piece) => piece.length > 0);
  await visit.connection.sendPieces(pieces, GAP);
  const after = await wellAfter(harness, visit, {
    reply: shownBy(message.text, "разрез"),
    next: "after the cut",
    prints: harness.prints.wide,
  });
  return "well" in after
    ? passed({ sent: pieces, received: after.well })
    : failed({ key: "split_utf8" }, { sent: pieces, received: after.ill });
}

/** What a client shows of a reply: what was typed, where that is a part of it. */
function shownBy(reply: string, typed: string): string {
  return reply.includes(typed) ? typed : reply;
}

/** Whether the client took a reply as a whole: its next message comes, and it printed the reply as often as others. */
async function wellAfter(
  harness: ClientHarness,
  visit: ClientVisit,
  { reply, next, prints }: { readonly reply: string; readonly next: string; readonly prints: number },
): Promise<{ readonly well: Part[] } | { readonly ill: Part[] }> {
  await visit.printed(reply, prints);
  const received: Part[] = [];
  if (!harness.isSingle) {
    const message = await visit.ask(next);
    if (message.kind !== "whole") return { ill: visit.instead(message) };
    received.push(message.wire);
    await visit.reply(message.payload);
  }
  const hasEnded = await visit.finish();
  const printed = visit.client?.count(reply) ?? 0;
  if (visit.client !== undefined && printed < prints) {
    return { ill: [...received, { printed, of: prints }, ...(hasEnded ? [] : ["runs" as const]), ...visit.fate()] };
  }
  return { well: received };
}

/** The header byte by byte; the first byte of the payload, its middle, its last byte; what stands behind it. */
function inPieces(wire: Uint8Array, payload: Uint8Array): Uint8Array[] {
  const start = headerSize(wire, payload);
  const end = start + payload.length;
  const header = Array.from({ length: start }, (_, at) => wire.subarray(at, at + 1));
  const body = [wire.subarray(start, start + 1), wire.subarray(start + 1, end - 1), wire.subarray(end - 1, end)];
  return [...header, ...body, wire.subarray(end)].filter((piece) => piece.length > 0);
}

function headerSize(wire: Uint8Array, payload: Uint8Array): number {
  return wire.length - payload.length - trailerSize(wire, payload);
}

/** Bytes behind the payload: the comma of a netstring, the line feed of a line. */
function trailerSize(wire: Uint8Array, payload: Uint8Array): number {
  return wire.length > payload.length && wire.at(-1) !== payload.at(-1) ? 1 : 0;
}
