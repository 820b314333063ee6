/**
 * Task 7: whole frames, however they arrive, and lengths that count bytes.
 *
 * @module
 */
import { concat, hexText } from "../../base/bytes.ts";
import { headerLength, shown, textOf, utf8 } from "./bytes.ts";
import type { Answer } from "./channel.ts";
import type { Examinee } from "./server_under_test.ts";
import { failed, type Outcome, passed, say, type SayKey, skipped } from "./messages.ts";

const CYRILLIC = "привет";
const EMOJI = "😀 ok";
/** Longer than what `recv` is usually called with, and than what arrives in one go. */
const LARGE = 200_000;
/** For servers that refuse so much. */
const LESS = 20_000;

/** Text of which every character has two bytes. */
export async function byteLengths(examinee: Examinee): Promise<Outcome> {
  const channel = await examinee.session();
  const sent = shown(channel.framing.encode(utf8(CYRILLIC)));
  const answer = await channel.ask(CYRILLIC);
  if (answer.isEcho) return passed(sent, answer.received);
  channel.spoil();
  const announced = announcedLength(examinee, answer.wire);
  const bytes = utf8(CYRILLIC).length;
  const characters = CYRILLIC.length;
  if (announced !== undefined && announced < bytes && textOf(answer.wire).includes(CYRILLIC.slice(0, 2))) {
    return failed(sent, answer.received, say("why_characters", { text: CYRILLIC, bytes, said: announced }));
  }
  if (answer.type === "nothing" && !answer.ended) {
    return failed(sent, answer.received, say("why_waits_for_characters", { text: CYRILLIC, bytes, characters }));
  }
  return failed(sent, answer.received, say(answer.ended ? "why_utf8_ended" : "why_utf8_changed"));
}

/** A character of four bytes: two units in UTF-16, and beyond what one-byte encodings have. */
export async function emoji(examinee: Examinee): Promise<Outcome> {
  const channel = await examinee.session();
  const sent = shown(channel.framing.encode(utf8(EMOJI)));
  const answer = await channel.ask(EMOJI);
  if (answer.isEcho) return passed(sent, answer.received);
  channel.spoil();
  const announced = announcedLength(examinee, answer.wire);
  const bytes = utf8(EMOJI).length;
  if (announced !== undefined && announced !== bytes && answer.wire.includes(0xf0)) {
    return failed(sent, answer.received, say("why_emoji_units", { bytes, said: announced }));
  }
  return failed(sent, answer.received, say(answer.wire.length === 0 ? "why_emoji_ended" : "why_emoji_changed"));
}

/** A frame that arrives in two pieces, cut inside a character. */
export async function splitUtf8(examinee: Examinee): Promise<Outcome> {
  const channel = await examinee.session();
  const payload = utf8("мир");
  const frame = channel.framing.encode(payload);
  const cut = headerLength(channel.framing) + 3;
  const pieces = [frame.subarray(0, cut), frame.subarray(cut)];
  const sent = say("in_pieces", { bytes: pieces.map(shown).join(" + ") });
  const answer = await channel.exchange(pieces, payload);
  if (answer.isEcho) return passed(sent, answer.received);
  channel.spoil();
  const isChanged = answer.type === "other" || answer.type === "wrong";
  return failed(sent, answer.received, say(isChanged ? "why_split_utf8_changed" : "why_split_utf8_ended"));
}

/** A header that arrives byte by byte. */
export async function splitHeader(examinee: Examinee): Promise<Outcome> {
  const channel = await examinee.session();
  const payload = utf8("split header");
  const frame = channel.framing.encode(payload);
  const header = headerLength(channel.framing);
  if (header < 2) return skipped("skip_no_header", { framing: channel.framing.name });
  const pieces = [...frame.subarray(0, header)].map((byte) => Uint8Array.of(byte));
  const sent = say("in_pieces", { bytes: [...pieces.map((piece) => hexText(piece)), shown(payload)].join(" + ") });
  const [first = new Uint8Array(0), ...others] = pieces;
  await channel.peer.send(first, examinee.patience);
  // Nobody can answer before the header is there: who does reads none.
  const isEarly = (await channel.peer.receive((bytes) => bytes.length > 0, examinee.moment)).length > 0;
  const answer = await channel.exchange([...others, frame.subarray(header)], payload);
  if (answer.isEcho && !isEarly) return passed(sent, answer.received);
  channel.spoil();
  if (answer.isEcho) return failed(shown(first), shown(first), say("why_unframed", { framing: channel.framing.name }));
  return failed(sent, answer.received, say(answer.ended ? "why_header_ended" : "why_header_once", { header }));
}

/** Two frames that arrive together. */
export async function mergedFrames(examinee: Examinee): Promise<Outcome> {
  const channel = await examinee.session();
  const [one, two] = [utf8("first"), utf8("second one")];
  const frames = concat(channel.framing.encode(one), channel.framing.encode(two));
  const sent = say("in_one_segment", { bytes: shown(frames) });
  const first = await channel.exchange([frames], one);
  const second = first.isEcho ? await channel.echoOf(two) : undefined;
  if (second?.isEcho) return passed(sent, shown(first.wire));
  channel.spoil();
  const came = second ?? first;
  const received = first.isEcho ? say("answered", { text: '"first"' }) : came.received;
  return failed(sent, received, say(came.type === "nothing" ? "why_merged_lost" : "why_merged_changed"));
}

/** A frame that arrives in several segments, because it is larger than one. */
export async function largeFrame(examinee: Examinee): Promise<Outcome> {
  const capacity = examinee.framing?.capacity ?? 0;
  if (examinee.framing?.hasBoundaries === false && (examinee.style.prefix + examinee.style.suffix) !== "") {
    return skipped("skip_decorated");
  }
  const size = Math.min(LARGE, capacity);
  if (size < 200) return skipped("skip_small", { size });
  const first = await large(examinee, size);
  // A bound is no mistake, as long as more than one read's worth is taken.
  if (first.status === "passed" || !first.isRefused || size <= LESS) return first;
  const second = await large(examinee, LESS);
  return second.status === "passed"
    ? { ...second, why: say("note_limit", { size: LARGE, taken: LESS }) }
    : second.isRefused
    ? first
    : second;
}

async function large(examinee: Examinee, size: number): Promise<Outcome & { readonly isRefused: boolean }> {
  const channel = await examinee.session();
  const payload = new Uint8Array(size).map((_, at) => 97 + at % 26);
  const frame = channel.framing.encode(payload);
  // The beginning alone first: whoever reads once has read that.
  const cut = Math.min(600, Math.ceil(size / 3));
  const sent = say("large", { size });
  const answer = await channel.exchange([frame.subarray(0, cut), frame.subarray(cut)], payload);
  if (answer.isEcho) return { ...passed(sent, say("answered", { text: `${size} B` })), isRefused: false };
  channel.spoil();
  const isRefused = answer.ended && answer.wire.length < cut;
  return { ...failed(sent, answer.received, say(whyLarge(answer), { got: answer.wire.length, size })), isRefused };
}

function whyLarge({ type, ended, payload, wire }: Answer): SayKey {
  if (type === "other" && payload.length > 0 || type === "wrong") return "why_large_short";
  if (type === "other") return "why_large_changed";
  return ended && wire.length === 0 ? "why_large_ended" : wire.length > 0 ? "why_large_short" : "why_large_silent";
}

/** A frame without payload. */
export async function emptyMessage(examinee: Examinee): Promise<Outcome> {
  const channel = await examinee.session();
  const empty = new Uint8Array(0);
  const frame = channel.framing.encode(empty);
  const answer = await channel.ask(empty);
  // The answer has to be right behind: a server that ignores the message is in order otherwise.
  if (answer.isEcho) return passed(shown(frame), shown(answer.wire));
  channel.spoil();
  const key = answer.ended ? "why_empty_ended" : answer.type === "nothing" ? "why_empty_silent" : "why_empty_changed";
  return failed(shown(frame), answer.received, say(key));
}

/** What the header of a reply says, though the frame may not be whole or the rest of it be wrong. */
function announcedLength({ framing, style }: Examinee, wire: Uint8Array): number | undefined {
  if (framing === undefined || !framing.hasBoundaries || framing.name === "line") return undefined;
  const scanner = framing.scanner(1024);
  scanner.step(wire, 0, wire.length);
  if (scanner.error !== undefined || scanner.frameLength === 0) return undefined;
  return scanner.frameLength - utf8(style.prefix + style.suffix).length;
}
