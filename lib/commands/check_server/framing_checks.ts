/**
 * Task 7: whole frames, however they arrive, and lengths that count bytes.
 *
 * @module
 */
import { concat, hexText } from "../../base/bytes.ts";
import { headerLength, shown, textOf, utf8 } from "./bytes.ts";
import type { Answer, Channel } from "./channel.ts";
import { CHANGED, EXACT } from "./echo_style.ts";
import type { ServerUnderTest } from "./server_under_test.ts";
import { type Evidence, failed, message, type MessageKey, type Outcome, passed, skipped } from "./messages.ts";

const CYRILLIC = "привет";
const EMOJI = "😀 ok";
/** Longer than what `recv` is usually called with, and than what arrives in one go. */
const LARGE = 200_000;
/** For servers that refuse so much. */
const LESS = 20_000;

/** Who takes longer for an answer, in ms, is not sent what takes a hundred reads. */
const SLOW = 40;

/** Text of which every character has two bytes. */
export async function byteLengths(server: ServerUnderTest): Promise<Outcome> {
  if (server.style === CHANGED) return skipped("skip_changed");
  const channel = await server.session();
  const sent = shown(channel.framing.encode(utf8(CYRILLIC)));
  const answer = await channel.ask(CYRILLIC);
  if (answer.isEcho) return passed({ sent, received: answer.received });
  channel.spoil();
  const announced = announcedLength(server, answer.wire);
  const bytes = utf8(CYRILLIC).length;
  const characters = CYRILLIC.length;
  if (announced !== undefined && announced < bytes && textOf(answer.wire).includes(CYRILLIC.slice(0, 2))) {
    return failed(message("why_characters", { text: CYRILLIC, bytes, said: announced }), {
      sent,
      received: answer.received,
    });
  }
  if (answer.type === "nothing" && !answer.ended) {
    return failed(message("why_waits_for_characters", { text: CYRILLIC, bytes, characters }), {
      sent,
      received: answer.received,
    });
  }
  return failed(message(answer.ended ? "why_utf8_ended" : "why_utf8_changed"), { sent, received: answer.received });
}

/** A character of four bytes: two units in UTF-16, and beyond what one-byte encodings have. */
export async function emoji(server: ServerUnderTest): Promise<Outcome> {
  if (server.style === CHANGED) return skipped("skip_changed");
  const channel = await server.session();
  const sent = shown(channel.framing.encode(utf8(EMOJI)));
  const answer = await channel.ask(EMOJI);
  if (answer.isEcho) return passed({ sent, received: answer.received });
  channel.spoil();
  const announced = announcedLength(server, answer.wire);
  const bytes = utf8(EMOJI).length;
  if (announced !== undefined && announced !== bytes && answer.wire.includes(0xf0)) {
    return failed(message("why_emoji_units", { bytes, said: announced }), { sent, received: answer.received });
  }
  return failed(message(answer.wire.length === 0 ? "why_emoji_ended" : "why_emoji_changed"), {
    sent,
    received: answer.received,
  });
}

/** A frame that arrives in two pieces, cut inside a character. */
export async function splitUtf8(server: ServerUnderTest): Promise<Outcome> {
  const channel = await server.session();
  const payload = utf8("мир");
  if (!channel.framing.hasBoundaries) return await splitRaw(server, channel);
  const frame = channel.framing.encode(payload);
  const cut = headerLength(channel.framing) + 3;
  const pieces = [frame.subarray(0, cut), frame.subarray(cut)];
  const sent = message("in_pieces", { bytes: pieces.map(shown).join(" + ") });
  const answer = await channel.exchange(pieces, payload);
  if (answer.isEcho) return passed({ sent, received: answer.received });
  channel.spoil();
  const isChanged = answer.type === "other" || answer.type === "wrong";
  return failed(message(isChanged ? "why_split_utf8_changed" : "why_split_utf8_ended"), {
    sent,
    received: answer.received,
  });
}

/** U+FFFD, which stands for what is no character, in UTF-8. */
const REPLACEMENT = "239,191,189";

/** Half a character and, a moment later, the rest, where there are no messages: each part is answered as it comes. */
async function splitRaw(server: ServerUnderTest, channel: Channel): Promise<Outcome> {
  const bytes = utf8("мир");
  const pieces = [bytes.subarray(0, 3), bytes.subarray(3)];
  const sent = message("in_pieces", { bytes: pieces.map(shown).join(" + ") });
  for (const piece of pieces) {
    await channel.peer.send(piece, server.patience);
    const { length } = channel.peer.waiting;
    await channel.peer.receive((waiting) => waiting.length > length, 4 * server.moment);
    await channel.peer.receive(() => false, server.moment / 2);
  }
  // Nothing at all may still be the end that is to come: a thread that dies of it says so first.
  await channel.peer.receive((waiting) => waiting.length > 0, server.patience);
  const isOver = !server.answersOnce && (!channel.peer.isOpen || channel.peer.waiting.length === 0);
  const wire = channel.peer.take();
  // A server that answers once returns the half that it got: what comes is compared, not how much.
  const isLost = !server.accumulates && wire.some((byte, at) => byte !== bytes[at]);
  const isChanged = server.style === EXACT && (isLost || wire.join().includes(REPLACEMENT));
  const received = wire.length > 0 ? shown(wire) : message(channel.peer.isOpen ? "nothing" : "ended");
  if (!isOver && !isChanged) return passed({ sent, received });
  channel.spoil();
  return failed(message(isOver ? "why_split_utf8_ended" : "why_split_utf8_changed"), { sent, received });
}

/** A header that arrives byte by byte. */
export async function splitHeader(server: ServerUnderTest): Promise<Outcome> {
  const channel = await server.session();
  const payload = utf8("split header");
  const frame = channel.framing.encode(payload);
  const header = headerLength(channel.framing);
  if (header < 2) return skipped("skip_no_header", { framing: channel.framing.name });
  const pieces = [...frame.subarray(0, header)].map((byte) => Uint8Array.of(byte));
  const sent = message("in_pieces", { bytes: [...pieces.map((piece) => hexText(piece)), shown(payload)].join(" + ") });
  const [first = new Uint8Array(0), ...others] = pieces;
  await channel.peer.send(first, server.patience);
  // Nobody can answer before the header is there: who does reads none.
  const isEarly = (await channel.peer.receive((bytes) => bytes.length > 0, server.moment)).length > 0;
  const answer = await channel.exchange([...others, frame.subarray(header)], payload);
  if (answer.isEcho && !isEarly) return passed({ sent, received: answer.received });
  channel.spoil();
  if (answer.isEcho) {
    return failed(message("why_unframed", { framing: channel.framing.name }), {
      sent: shown(first),
      received: shown(first),
    });
  }
  return failed(message(answer.ended ? "why_header_ended" : "why_header_once", { header }), {
    sent,
    received: answer.received,
  });
}

/** Two frames that arrive together. */
export async function mergedFrames(server: ServerUnderTest): Promise<Outcome> {
  const channel = await server.session();
  const [one, two] = [utf8("first"), utf8("second one")];
  const frames = concat(channel.framing.encode(one), channel.framing.encode(two));
  const sent = message("in_one_segment", { bytes: shown(frames) });
  const first = await channel.exchange([frames], one);
  const second = first.isEcho ? await channel.echoOf(two) : undefined;
  if (second?.isEcho) {
    const lost = server.isSlow ? undefined : await readsOver(channel, [one, two]);
    return lost ?? passed<MessageKey, Evidence>({ sent, received: shown(first.wire) });
  }
  channel.spoil();
  const came = second ?? first;
  const received = first.isEcho ? message("answered", { text: '"first"' }) : came.received;
  return failed(message(came.type === "nothing" ? "why_merged_lost" : "why_merged_changed"), { sent, received });
}

/** Whether the rest of a message is read with the beginning of the next one, and that is lost: each recv asks for too much. */
async function readsOver(
  channel: Channel,
  [one, two]: readonly [Uint8Array, Uint8Array],
): Promise<Outcome | undefined> {
  const frames = concat(channel.framing.encode(one), channel.framing.encode(two));
  const cut = headerLength(channel.framing) + 2;
  const pieces = [frames.subarray(0, cut), frames.subarray(cut)];
  const sent = message("in_pieces", { bytes: pieces.map(shown).join(" + ") });
  const first = await channel.exchange(pieces, one);
  if (first.isEcho && (await channel.echoOf(two)).isEcho) return undefined;
  channel.spoil();
  // Who reads once fails at the first: that is another check's.
  return first.isEcho
    ? failed(message("why_reads_over"), { sent, received: message("answered", { text: '"first"' }) })
    : undefined;
}

/** A frame that arrives in several segments, because it is larger than one. */
export async function largeFrame(server: ServerUnderTest): Promise<Outcome> {
  const capacity = server.framing?.capacity ?? 0;
  if (server.style === CHANGED) return skipped("skip_changed");
  if (server.framing?.hasBoundaries === false && (server.style.prefix + server.style.suffix) !== "") {
    return skipped("skip_decorated");
  }
  // What is added has to fit as well, also where it is a number that grows.
  const added = 2 * utf8(server.style.prefix + server.style.suffix).length;
  const size = Math.min(server.pace > SLOW ? LESS / 5 : LARGE, capacity - added);
  if (size < 200) return skipped("skip_small", { size });
  const first = await large(server, size);
  // A bound is no mistake, as long as more than one read's worth is taken.
  if (first.status === "passed" || !first.isRefused || size <= LESS) return first;
  const second = await large(server, LESS);
  return second.status === "passed"
    ? { ...second, diagnosis: message("note_limit", { size: LARGE, taken: LESS }) }
    : second.isRefused
    ? first
    : second;
}

async function large(server: ServerUnderTest, size: number): Promise<Outcome & { readonly isRefused: boolean }> {
  const channel = await server.session();
  const payload = new Uint8Array(size).map((_, at) => 97 + at % 26);
  const frame = channel.framing.encode(payload);
  // The beginning alone first: whoever reads once has read that.
  const cut = Math.min(600, Math.ceil(size / 3));
  const sent = message("large", { size });
  const answer = await channel.exchange([frame.subarray(0, cut), frame.subarray(cut)], payload);
  if (answer.isEcho) {
    return { ...passed({ sent, received: message("answered", { text: `${size} B` }) }), isRefused: false };
  }
  channel.spoil();
  const isRefused = answer.ended && answer.wire.length < cut || isOther(answer);
  return {
    ...failed(message(whyLarge(answer), { got: answer.wire.length, size }), { sent, received: answer.received }),
    isRefused,
  };
}

/** Whether nothing of a message of {@linkcode large} is in what came: it was refused in words, or taken for something else. */
function isOther({ wire }: Answer): boolean {
  return wire.length > 0 && !textOf(wire).toLowerCase().includes("abcdef");
}

function whyLarge(answer: Answer): MessageKey {
  const { type, ended, payload, wire } = answer;
  if (isOther(answer)) return "why_large_other";
  if (type === "other" && payload.length > 0 || type === "wrong") return "why_large_short";
  if (type === "other") return "why_large_changed";
  return ended && wire.length === 0 ? "why_large_ended" : wire.length > 0 ? "why_large_short" : "why_large_silent";
}

/** A frame without payload. */
export async function emptyMessage(server: ServerUnderTest): Promise<Outcome> {
  const channel = await server.session();
  const empty = new Uint8Array(0);
  const frame = channel.framing.encode(empty);
  const answer = await channel.ask(empty);
  // The answer has to be right behind: a server that ignores the message is in order otherwise.
  if (answer.isEcho) return passed({ sent: shown(frame), received: shown(answer.wire) });
  channel.spoil();
  const key = answer.ended ? "why_empty_ended" : answer.type === "nothing" ? "why_empty_silent" : "why_empty_changed";
  return failed(message(key), { sent: shown(frame), received: answer.received });
}

/** What the header of a reply says, though the frame may not be whole or the rest of it be wrong. */
function announcedLength({ framing, style }: ServerUnderTest, wire: Uint8Array): number | undefined {
  if (framing === undefined || !framing.hasBoundaries || framing.name === "line") return undefined;
  const scanner = framing.scanner(1024);
  scanner.step(wire, 0, wire.length);
  if (scanner.error !== undefined || scanner.frameLength === 0) return undefined;
  return scanner.frameLength - utf8(style.prefix + style.suffix).length;
}
