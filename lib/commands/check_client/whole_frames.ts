/**
 * The first check of a client: whole frames out, with what it waits for and how it prints found out on the way.
 *
 * @module
 */
import { framingFrom } from "../../framing/framing.ts";
import { failed, type Message, type Outcome, type Part, passed, skipped } from "./outcome.ts";
import { answersIn, choiceToSend, NAME, yesTo } from "./questions.ts";
import type { Received } from "./client_connection.ts";
import type { ClientHarness } from "./client_harness.ts";
import type { ClientVisit } from "./client_visit.ts";
import { PIPELINED } from "./frame_scripts.ts";
import { hasEndMark, hasOwnLength } from "./own_form.ts";

/** Of the first message the length differs in decimal (13) and hexadecimal (0d), and so tells `dec:2` from `hex:2`. */
const ASCII = "hello, server";
/** For clients that wait for a server that speaks first. */
const GREETING = "Hello!\n";
const WIDE = "привет, мир";
const EMOJI = "👋🏽 emoji";
const AFTER_EMPTY = "after the empty one";

/** Silence after which a client is taken to collect lines until it is told to end, in ms. */
const SOON = 1200;

/** What a client dies of that has asked for a number, and was told a text: the answer was wrong. */
const OTHER_ANSWER = /invalid literal for int|could not convert string/;

/** The client's messages are whole frames whose length counts bytes. Finds the framing out, and how the client prints. */
export async function wholeFrames(harness: ClientHarness, { wantsHeader }: { wantsHeader: boolean }): Promise<Outcome> {
  let visit = await harness.open("whole-frames", ASCII);
  const sent: Part[] = [];
  const received: Part[] = [];
  let form: "skipped_length_line" | "skipped_own_form" | undefined;
  const texts = harness.hasCommand ? [ASCII, WIDE, EMOJI] : [ASCII];
  for (const [at, text] of texts.entries()) {
    let message: Received;
    [visit, message] = await messageOf(harness, visit, { at, text });
    if (message.kind !== "whole") {
      const why = await unwhole(message, at, visit);
      const seen = { sent, received: [...received, ...visit.instead(message)] };
      const crash = visit.client?.crash;
      // How it prints the others is known from the first.
      if (at > 0 && !harness.isSingle) await note(harness, visit, ASCII);
      if (why.key === "text_fails" && await endsAnyway(harness, at)) break;
      if (why.key !== "skipped_silent" && why.key !== "skipped_wordless") return failed(why, seen);
      return crash === undefined || OTHER_ANSWER.test(crash)
        ? { ...skipped(why.key), ...seen }
        : failed({ key: "end_crashes", values: { error: crash } }, seen);
    }
    // Something of its own first, then what was typed before.
    if (at > 0 && (harness.isFixed || harness.isCoded) && message.text.includes(ASCII)) {
      [harness.isFixed, harness.isCoded, harness.preludes] = [false, false, at];
      await visit.finish();
      return await wholeFrames(harness, { wantsHeader });
    }
    // The line ends of lines that were collected are no framing.
    harness.framing ??= harness.collectsUntil !== undefined && message.framing.name === "line"
      ? framingFrom("raw")
      : message.framing;
    if (at === 0 && harness.hasCommand) harness.isFixed = !message.text.includes(text);
    if (at === 0 && !harness.framing.hasBoundaries) form = formOf(harness, message);
    if (!harness.framing.hasBoundaries && wantsHeader && form === undefined) {
      return failed({ key: "no_header" }, { received: [message.wire] });
    }
    received.push(message.wire);
    sent.push(await visit.reply(message.payload));
    await visit.printed(message.text, 1);
    if (at === 0) {
      const waits = await visit.waitsFor();
      harness.losesKeys = waits === "both";
      if (harness.isFixed && waits === "keys") [harness.isFixed, harness.isCoded] = [false, true];
    }
    if (harness.isSingle) {
      await note(harness, visit, text);
      if (text !== texts.at(-1)) visit = await harness.open("whole-frames", texts[at + 1] ?? text);
    }
  }
  const isRaw = harness.framing?.hasBoundaries === false;
  const empty = isRaw || harness.isSingle || !harness.hasCommand
    ? undefined
    : await emptyMessage(harness, visit, { sent, received });
  if (!harness.isSingle) await note(harness, visit, ASCII, WIDE);
  if (form !== undefined) return skipped(form);
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
  // Who sleeps is not silent.
  if (at === 0 && message.kind === "silence" && !await visit.client?.isAtRest("bytes")) {
    message = await visit.receive(text);
  }
  if (at === 0 && message.kind !== "whole" && message.wire.length === 0) {
    [visit, message] = await answered(harness, visit, { message, text, soon });
  }
  if (at === 0 && message.kind === "silence" && visit.client !== undefined) {
    const isGreeted = harness.greeting === undefined &&
      (await visit.client.awaitsEvents() || await visit.client.awaitsReply());
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
    await note(harness, visit, ASCII);
    visit = await harness.open("whole-frames", text);
    message = await visit.receive(text);
    // Who does not send this text did not leave because of the number of texts.
    harness.isSingle = message.kind === "whole";
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

/** The form of the messages, where it is none that can be examined. */
function formOf(
  { collectsUntil }: ClientHarness,
  { text, typed, isForeign }: Received & { kind: "whole" },
): "skipped_length_line" | "skipped_own_form" | undefined {
  if (hasOwnLength(text)) return "skipped_length_line";
  const isMarked = collectsUntil === undefined && typed !== undefined && hasEndMark(text, typed);
  return isForeign || isMarked ? "skipped_own_form" : undefined;
}

/** Whether a client that left at the message number `at`, counted from 0, leaves there whatever it is told. */
async function endsAnyway(harness: ClientHarness, at: number): Promise<boolean> {
  const visit = await harness.open("whole-frames", ASCII);
  let message = await visit.receive(ASCII);
  for (let number = 0; number < at && message.kind === "whole"; number++) {
    await visit.reply(message.payload);
    await visit.printed(message.text, 1);
    message = await visit.ask(ASCII);
  }
  return message.kind === "over";
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
async function unwhole(
  message: Exclude<Received, { kind: "whole" }>,
  at: number,
  { client }: ClientVisit,
): Promise<Message> {
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
  if (at > 0 && client?.crash !== undefined) return { key: "end_crashes", values: { error: client.crash } };
  // What it waits for is no reply: it has left, or asks for another text.
  if (at > 0 && (message.kind === "over" || await client?.readsInput())) return { key: "text_fails" };
  const nothing = message.kind === "over" && message.by === "end" ? "skipped_wordless" : "skipped_silent";
  return { key: ([nothing, "reply_not_understood"] as const)[at] ?? "reads_characters" };
}

/** An empty line is an empty frame, or nothing, or the end; but it is not to be waited for in vain. */
async function emptyMessage(
  harness: ClientHarness,
  visit: ClientVisit,
  { sent, received }: { readonly sent: Part[]; readonly received: Part[] },
): Promise<Outcome | undefined> {
  await visit.say("");
  const isLate = harness.losesKeys;
  let message = isLate ? await visit.receive("", PIPELINED) : await visit.ask(AFTER_EMPTY);
  const isEmpty = message.kind === "whole" && message.payload.length === 0;
  if (message.kind === "whole" && isEmpty) {
    received.push(message.wire);
    sent.push(await visit.reply(message.payload));
  }
  if (isLate && (isEmpty || message.wire.length === 0)) message = await visit.ask(AFTER_EMPTY);
  else if (isEmpty) message = await visit.receive(AFTER_EMPTY);
  if (message.kind === "whole") {
    await visit.reply(message.payload);
    return undefined;
  }
  // To leave at an empty line is a way to end a conversation.
  if (message.kind === "over" && message.wire.length === 0 && visit.client?.crash === undefined) return undefined;
  return failed({ key: "empty_message" }, { sent, received: [...received, ...visit.instead(message)] });
}
