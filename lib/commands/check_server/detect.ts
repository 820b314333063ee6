/**
 * Finding out how a server tells messages apart, with as little harm as possible: each question is meant to leave a
 * server of another framing waiting, not stumbling. A single digit first, which only a server without framing answers;
 * then a line end; then digits alone, as no text header is anything else; the binary headers last.
 *
 * @module
 */
import { type Framing, framingFrom } from "../../framing/framing.ts";
import { firstFrame } from "../../framing/first_frame.ts";
import { escapeText } from "../../base/text.ts";
import { headerLength, textOf, utf8 } from "./bytes.ts";
import { Channel } from "./channel.ts";
import { choiceIn, LOGS_IN } from "./menu.ts";
import { NotServed } from "./not_served.ts";
import type { ServerUnderTest } from "./server_under_test.ts";
import { HAS_PROC } from "../grading/processes.ts";
import { confirmed, isAnything, isVarint, SILENCE } from "./confirm.ts";
import { packingsFor } from "./packing.ts";
import { isAnsweredAsName, isSameAnswer, isSameEcho, named } from "./name_first.ts";
import { isWelcome } from "./words.ts";
import type { GraderConnection } from "../grading/grader_connection.ts";
import { framingOfGreeting, greetingText } from "./greeting.ts";
import { learnStyle } from "./learn_style.ts";
import { type Message, message } from "./messages.ts";
import { withoutTracebacks } from "./process_checks.ts";

/** A greeting comes sooner, in ms. */
const AT_ONCE = 300;

const LINE_FEED = 0x0a;

/** Narrow headers before wide ones: a wide one is several empty frames to a server of a narrow one. */
const HEADERS = [
  ...[2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 32, 64].map((width) => `dec:${width}`),
  ...["u8", "u16", "u16le", "u32", "u32le", "u32incl", "u16incl", "netstring", "u64"],
];

/** What a server that is slow is asked once more: the whole list would take too long. */
const LIKELY = [
  ...[2, 3, 4, 5, 8, 10, 64].map((width) => `dec:${width}`),
  ...["u8", "u16", "u32", "u32le", "netstring"],
];

/** Ends of messages, each with its framing; the second ones are what students think of. */
const ENDS = [["\r\n", "crlf"], ["\0", "until:0x00"]] as const;
const RARE_ENDS = [
  ...["<END>", "<EOF>", "END", ";", "|", "$", "#"].map((end) => [end, `until:${end}`] as const),
  ...[["\n\n", "until:\\n\\n"], ["\r\n\r\n", "until:\\r\\n\\r\\n"]] as const,
];

/**
 * Finds the framing and whether, and how, the server echoes; leaves a connection to go on with, where there is one.
 *
 * @param given The framing, where the user says it.
 * @returns What the reader should know.
 * @throws {NotServed}
 */
export async function detect(server: ServerUnderTest, given: Framing | undefined): Promise<Message[]> {
  const peer = await server.connect();
  // A greeting that comes after the first question would be taken for its echo.
  const begun = performance.now();
  await peer.receive(isAnything, server.patience / 2, { limits: "bytes" });
  // Who is seen to be at something else, a pause or work, has not come to the client yet.
  const isElsewhere = HAS_PROC && server.isHeldUp !== undefined && !peer.isAwaited && peer.waiting.length === 0;
  if (isElsewhere && peer.isOpen) await peer.receive(isAnything, server.patience, { limits: "bytes" });
  // What comes late, and with the end, is what a server says to those who were silent for too long.
  const isLate = peer.waiting.length > 0 && performance.now() > begun + AT_ONCE;
  if (isLate) await peer.ends(server.moment);
  const isTimedOut = isLate && !peer.isOpen;
  if (peer.waiting.length > 0 && !isTimedOut) {
    await peer.receive(() => false, server.moment);
    server.greeting = peer.waiting.slice();
    server.hangsUp = !peer.isOpen;
    server.isGiven = given !== undefined;
    server.framing = given ?? framingOfGreeting(server.greeting);
    server.isFramed = firstFrame(server.framing, server.greeting).type === "frame";
    const channel = new Channel(server, peer);
    const notes = [message("note_greeting", { text: escapeText(greetingText(server).trim()).slice(0, 200) })];
    if (!isWelcome(greetingText(server)) || choiceIn(greetingText(server), LOGS_IN) !== undefined) {
      server.keepUnused(peer);
      return notes;
    }
    peer.take();
    return [...notes, ...await learnStyle(server, channel)];
  }
  if (!peer.isOpen && !isTimedOut) throw new NotServed("closed", undefined);
  if (given !== undefined) {
    server.framing = given;
    return await learnStyle(server, isTimedOut ? await server.open() : new Channel(server, peer));
  }
  const unused = isTimedOut ? [] : [peer];
  const open = async (): Promise<GraderConnection> => unused.pop() ?? await server.connect();
  await server.seesHeader();
  const names = headersOf(server.headerWidth);
  if (names.length > 0 && !isToldPacked(server)) {
    const found = await headered(server, { round: "quick", open, patience: server.moment }, names);
    if (found !== undefined) return await learnStyle(server, found);
    // A whole frame says as much of the framing as an echo.
    if (isFrame(server)) return [];
    server.wrongReply = undefined;
  }
  for (const round of ["quick", "patient"] as const) {
    const ask = { round, open, patience: round === "quick" ? server.moment : 5 * server.moment };
    let found = await unframed(server, ask);
    // What was sent waits for the operator: whatever else is sent does, too.
    if (found === undefined && await server.isLeftToOperator()) break;
    if (found === undefined && isToldPacked(server)) {
      for (const peer of unused) peer.close();
      server.isSilent = true;
      return [];
    }
    // Who was seen to wait on after each header would not answer later either.
    if (server.foreign === undefined && (round === "quick" || !server.isSilenceSure)) {
      found ??= await headered(server, ask);
    }
    if (found !== undefined) return await learnStyle(server, found);
    if (server.wrongReply !== undefined || server.foreign !== undefined) return [];
  }
  if (!server.awaitsKeyboard) server.countsItself = await countsItself(server, open);
  if (!server.awaitsKeyboard && server.countsItself === undefined) await endsAfterOne(server, open);
  const isWithColon = server.oddReply?.framing.name === "netstring" && server.oddReply.text === "1:7";
  if (isWithColon) server.foreign = "skip_length_colon";
  // Who hangs up on some of it, and not on the rest, has read it.
  else if (server.oddReply === undefined && server.hangsUp && server.countsItself === undefined) {
    server.foreign = "skip_unknown_header";
  }
  server.isSilent = true;
  return [];
}

/** Whether an error on its console speaks of objects, which nobody has sent it yet: nothing else will be understood. */
export function isToldPacked({ hasBeenPacked, words }: ServerUnderTest): boolean {
  return !hasBeenPacked && packingsFor(words).isObject;
}

function isFrame({ framing, wrongReply }: ServerUnderTest): boolean {
  const bytes = utf8(wrongReply ?? "");
  const first = framing === undefined ? undefined : firstFrame(framing, bytes);
  return first?.type === "frame" && first.payload.length > 0 && first.used === bytes.length;
}

/** Whether it has answered in a header of its own, though with something else than an echo. */
export function answersInFrames({ framing, wrongReply }: ServerUnderTest): boolean {
  const first = framing?.hasBoundaries ? firstFrame(framing, utf8(wrongReply ?? "")) : undefined;
  return framing?.name !== "line" && first?.type === "frame" && first.payload.length > 0;
}

function headersOf(width: number | undefined = 1): string[] {
  return width < 2 ? [] : HEADERS.filter((name) => headerLength(framingFrom(name)) === width);
}

/** Framings in which a server may wait for something else than messages; all the likely ones where that is known. */
export function likelyFramings({ headerWidth }: ServerUnderTest, isTold: boolean): string[] {
  const seen = headersOf(headerWidth);
  return seen.length > 0 ? [...seen, "line"] : ["line", ...isTold ? LIKELY : []];
}

/** A pass through all questions. */
interface Round {
  readonly round: "quick" | "patient";
  /** Longest wait for an answer, in ms. */
  readonly patience: number;
  /** A connection on which nothing was said. */
  readonly open: () => Promise<GraderConnection>;
}

/** Answers to a bare digit, or to a line. */
async function unframed(server: ServerUnderTest, { round, patience, open }: Round): Promise<Channel | undefined> {
  if (server.asked.has(`${round} line`)) return undefined;
  const peer = await open();
  server.asked.add(`${round} line`);
  await peer.send(utf8("1"), patience);
  if ((await peer.receive(isAnything, patience)).length > 0) {
    await peer.receive(() => false, 20);
    server.framing = framingFrom("raw");
    const channel = new Channel(server, peer);
    const isNamed = await isAnsweredAsName(channel, textOf(peer.take()));
    return isNamed ? await named(server, channel) : await continued(server, peer);
  }
  await peer.send(utf8("\n"), patience);
  if ((await peer.receive(isAnything, patience)).length === 0) return await otherEnd(server, peer, { round, patience });
  await peer.receive(() => false, 20);
  const text = textOf(peer.take());
  // A header that was read in one go takes the digit for a length, and the line end for the payload.
  const width = /^[ 0]*1[ ]*(?=\n$)/.exec(text)?.[0].length ?? 1;
  server.framing = framingFrom(width > 1 && width <= 15 ? `dec:${width}` : "line");
  if (width > 1 || !peer.isOpen) return await continued(server, peer);
  return await lineAfterLine(server, peer, { text, patience });
}

/** A server that is silent after a digit and a line feed may wait for another end of its messages. */
async function otherEnd(
  server: ServerUnderTest,
  peer: GraderConnection,
  { round, patience }: Omit<Round, "open">,
): Promise<Channel | undefined> {
  if (round === "patient" && peer.isOpen) {
    await peer.send(utf8("abc\n"), patience);
    await peer.receive((bytes) => bytes.includes(LINE_FEED), patience);
    if (textOf(peer.take()) === "abc\n") {
      // The first line was taken for something else.
      server.framing = framingFrom("line");
      server.takesName = true;
      return await continued(server, peer);
    }
  }
  for (const [end, name] of [...ENDS, ...round === "patient" ? RARE_ENDS : []]) {
    if (!peer.isOpen) {
      server.hangsUp ||= withoutTracebacks(server.words).exception === undefined;
      break;
    }
    await peer.send(utf8(`2${end}`), patience);
    // All that was sent before is the beginning of the message: a late echo would be of its end alone.
    const reply = textOf(await peer.receive(isAnything, patience));
    // The digit was the length, and the line end behind it no part of the message.
    if (reply === "1\n2") server.foreign = "skip_length_line";
    if (!reply.startsWith("1\n") || !reply.endsWith(`2${end}`)) continue;
    peer.take();
    server.framing = framingFrom(name);
    return await continued(server, peer);
  }
  return leaveMidFrame(server, peer);
}

/** Whether a server that has answered a line, with `text`, really waits for line ends. */
async function lineAfterLine(
  server: ServerUnderTest,
  peer: GraderConnection,
  { text, patience }: { readonly text: string; readonly patience: number },
): Promise<Channel | undefined> {
  // Part of a line has to wait for the rest; what comes back at once is the payload of a frame that was announced.
  await peer.send(utf8("ab"), patience);
  if ((await peer.receive(isAnything, SILENCE * server.moment)).length > 0) {
    await peer.receive(() => false, 20);
    // The digit, which was the first message, was taken for something else.
    const isNamed = isSameEcho(["\n", text], ["ab", textOf(peer.take())]);
    server.framing = framingFrom("raw");
    const channel = new Channel(server, peer);
    if (isNamed && await isSameAnswer(channel, ["\n", text])) return await named(server, channel);
    server.framing = undefined;
    return leaveMidFrame(server, peer);
  }
  await peer.send(utf8("\n"), patience);
  const second = await peer.receive((bytes) => bytes.includes(LINE_FEED), patience);
  if (second.length === 0 && !/[1\n]/.test(text)) {
    // The digit was a length, and what came does not depend on the message.
    server.wrongReply = text;
    server.framing = undefined;
    return leaveMidFrame(server, peer);
  }
  peer.take();
  return await continued(server, peer);
}

function leaveMidFrame(server: ServerUnderTest, peer: { close(): void }): undefined {
  peer.close();
  server.lastLeave = "leave-mid-frame";
}

/** A channel on a connection that has had its first answer; on a new one, where the server has closed that. */
async function continued(server: ServerUnderTest, peer: GraderConnection): Promise<Channel> {
  if (peer.isOpen) return new Channel(server, peer);
  peer.close();
  server.answersOnce = true;
  return new Channel(server, await server.connect());
}

/** Answers to a frame of one byte with a header. */
async function headered(
  server: ServerUnderTest,
  { round, patience, open }: Round,
  seen?: readonly string[],
): Promise<Channel | undefined> {
  let other: OtherAnswer | undefined;
  let unsure: Framing | undefined;
  for (const name of seen ?? (round === "quick" ? HEADERS : LIKELY)) {
    for (const candidate of name.startsWith("dec:") ? [name, name.replace("dec", "hex")] : [name]) {
      if (server.asked.has(`${round} ${candidate}`)) break;
      server.framing = framingFrom(candidate);
      const channel = new Channel(server, await open());
      server.asked.add(`${round} ${candidate}`);
      const verdict = await answersIn(channel, patience) ? await confirmed(channel, server) : "silent";
      if (verdict === "decimal" || verdict === "hexadecimal") {
        if (verdict === "hexadecimal") server.framing = framingFrom(name.replace("dec", "hex"));
        return candidate === "u8" ? await u8OrVarint(server, channel) : channel;
      }
      if (verdict === "no") unsure ??= server.framing;
      const answer = verdict === "silent" ? otherAnswer(channel) : undefined;
      if (verdict === "silent") server.oddReply ??= oddReply(channel);
      server.isSilenceSure &&= verdict !== "silent" || channel.peer.isAwaited || !channel.peer.isOpen;
      other ??= answer;
      if (answer !== undefined && await isAnsweredAsName(channel, await channel.listen(0))) {
        return await named(server, channel);
      }
      server.hangsUp ||= channel.peer.state !== "open";
      leaveMidFrame(server, channel);
      // Decimal and hexadecimal are the same up to nine: the second is tried where the first was heard.
      if (verdict === "silent") break;
    }
  }
  server.framing = other?.framing ?? unsure;
  if (other !== undefined) server.wrongReply = other.text;
  if (other !== undefined || unsure === undefined) return undefined;
  // Who takes each read for a whole frame answers whole frames, and nothing else rightly.
  const channel = new Channel(server, await open());
  if (seen === undefined) return channel;
  const isUnframed = await returnsParts(channel, server);
  if (isUnframed) server.framing = framingFrom("raw");
  leaveMidFrame(server, channel);
  return new Channel(server, await open());
}

/** Whether a byte comes back alone: a server that reads few bytes at a time looks like one that waits for a header. */
async function returnsParts({ framing, peer }: Channel, { moment, patience }: ServerUnderTest): Promise<boolean> {
  const part = framing.encode(utf8("7")).subarray(0, 1);
  await peer.send(part, patience);
  const reply = await peer.receive(isAnything, SILENCE * moment);
  return textOf(reply) === textOf(part);
}

/** Up to 127 bytes the two look alike. A server of one byte has a frame and the beginning of another then. */
async function u8OrVarint(server: ServerUnderTest, channel: Channel): Promise<Channel> {
  const isLonger = channel.peer.isOpen && await isVarint(channel, server);
  if (isLonger) {
    server.framing = framingFrom("varint");
    channel.peer.take();
    return channel;
  }
  leaveMidFrame(server, channel);
  return new Channel(server, await server.connect());
}

/** An answer that is no echo. */
interface OtherAnswer {
  readonly framing: Framing;
  readonly text: string;
}

/** An answer that ends with the message, and is not framed as that was. */
function oddReply({ framing, peer }: Channel): ServerUnderTest["oddReply"] {
  const text = textOf(peer.waiting);
  return text.endsWith("7") ? { framing, text } : undefined;
}

/** The header of digits, as a name of a framing, that a server takes to count its own bytes, too. */
async function countsItself(server: ServerUnderTest, open: Round["open"]): Promise<string | undefined> {
  for (const width of [2, 4, 5, 8, 10, 16]) {
    using peer = await open();
    await peer.send(utf8(`${String(width + 1).padStart(width, "0")}7`), server.patience);
    const reply = textOf(await peer.receive((bytes) => bytes.length > width, SILENCE * server.moment));
    server.lastLeave = "leave-mid-frame";
    if (/^[ \d]+7$/.test(reply) && reply.length === width + 1) return `dec:${width}`;
  }
  return undefined;
}

/** Whether a message came back once the server knew that no more follows. */
export function answersAtEnd({ replies }: ServerUnderTest): boolean {
  return replies.get("at the end") === "1";
}

/** Sends a message, and ends that direction. */
async function endsAfterOne(server: ServerUnderTest, open: Round["open"]): Promise<void> {
  if (server.replies.has("at the end")) return;
  using peer = await open();
  server.replies.set("at the end", "");
  await peer.send(utf8("1"), server.patience);
  await peer.halfClose();
  server.lastLeave = "leave-half-close";
  server.replies.set("at the end", textOf(await peer.receive(isAnything, server.patience)));
}

/** Whether a frame of one byte is answered. A digit as payload: whoever reads another header finds digits there, too. */
export async function answersIn({ framing, peer }: Channel, patience: number): Promise<boolean> {
  await peer.send(framing.encode(utf8("7")), patience);
  await peer.receive((bytes) => firstFrame(framing, bytes).type === "frame", patience);
  const first = firstFrame(framing, peer.waiting);
  if (first.type !== "frame" || !textOf(first.payload).includes("7")) return false;
  peer.take();
  return true;
}

/** What else came in answer to the first message in a framing: words that are the same whatever is sent, as a rule. */
function otherAnswer({ framing, peer }: Channel): OtherAnswer | undefined {
  const text = textOf(peer.waiting);
  return text.length > 1 && /\p{L}/u.test(text) ? { framing, text } : undefined;
}
