/**
 * Checks of how a client reads: replies that arrive in other pieces than they were sent in.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import { failed, type Outcome, type Part, passed, skipped } from "./outcome.ts";
import type { Received } from "./client_connection.ts";
import { textIn } from "./encodings.ts";
import type { ClientHarness } from "./client_harness.ts";
import type { ClientVisit } from "./client_visit.ts";

/** Time between two pieces of a reply, in ms: a client that waits for the first has read it before the second leaves. */
const GAP = 30;

/** How long a client that does not wait for replies may take for its next message, in ms. */
export const PIPELINED = 150;

/** Payload of a reply that one read does not take: the receive buffer of Linux begins with 128 KiB. */
const LARGE = 200_000;
const FOR_LARGE = "a short one";
/** Less than this fits into the first read of most clients. */
const LARGE_ENOUGH = 2048;

/** The header byte by byte, then the payload in three pieces. */
export async function splitReply(harness: ClientHarness): Promise<Outcome> {
  const visit = await harness.open("split-reply", "split reply");
  const message = await visit.receive("split reply");
  if (message.kind !== "whole") return skipped("skipped_not_sent");
  const pieces = inPieces(visit.frame(message.payload), message.payload);
  await visit.connection.sendPieces(pieces, GAP);
  const after = await wellAfter(harness, visit, {
    reply: shownBy(harness, message.text, "split reply"),
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
  const outcome = await mergedFor(harness, { isLate: false });
  // What was typed before the replies may be lost to it; others end where a reply comes that nobody has asked for.
  return outcome.status === "failed" && harness.losesKeys ? await mergedFor(harness, { isLate: true }) : outcome;
}

/** The same; `isLate`: the second message is typed behind the replies. */
async function mergedFor(harness: ClientHarness, { isLate }: { readonly isLate: boolean }): Promise<Outcome> {
  // The two are of one length, which a client may say within its payload, too.
  const [one, two, three] = ["first of two", "other of two", "after the two"];
  const visit = await harness.open("merged-replies", one);
  const first = await visit.receive(one);
  if (first.kind !== "whole") return skipped("skipped_not_sent");
  if (!isLate) await visit.say(two);
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
  // What stands for the other text is not known: the client has got the first one twice.
  const isTwice = harness.isCoded && early?.kind !== "whole";
  const shown = isTwice ? one : shownBy(harness, textIn(second, two).text, two);
  const times = isTwice ? 2 * harness.prints.ascii : harness.prints.ascii;
  const printed = (): number => visit.client?.count(shown) ?? times;
  if (isLate) await visit.say(two);
  const printedUnasked = printed();
  const next = early?.kind === "whole" ? early : await visit.receive(two);
  if (next.kind !== "whole") return ill(next);
  received.push(next.wire);
  // Who asks anew at a reply only has had the one before it asked.
  if (isLate) await visit.reply(next.payload);
  await visit.printed(shown, times);
  const last = await visit.ask(three);
  const isOver = last.kind === "over" && visit.client?.crash === undefined;
  // Some end after two messages.
  if (last.kind !== "whole" && !(isOver && times > 0 && printed() >= times)) return ill(last);
  if (last.kind === "whole") {
    received.push(last.wire);
    await visit.reply(last.payload);
  }
  await visit.finish();
  const count = isLate ? printedUnasked : printed();
  return count >= times
    ? passed({ sent: [merged], received })
    : failed({ key: "merged_replies" }, { sent: [merged], received: [{ printed: count, of: times }] });
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
  // What stands for a text may be longer than it.
  const size = Math.min(LARGE, Math.floor((harness.framing?.capacity ?? 0) / (harness.isCoded ? 2 : 1)));
  if (size < LARGE_ENOUGH) return skipped("skipped_small", { framing: harness.framing?.name ?? "", bytes: size });
  const text = "large reply ".padEnd(size - 1, "0123456789").concat("!");
  let visit = await harness.open("large-reply", text);
  let message = await visit.receive(text);
  let isEcho = visit.client !== undefined;
  if (isEcho && !harness.isCoded && (message.kind !== "whole" || !message.text.includes(text))) {
    // Who does not read so long a line may be sent one all the same.
    isEcho = false;
    visit = await harness.open("large-reply", FOR_LARGE);
    message = await visit.receive(FOR_LARGE);
  }
  if (message.kind !== "whole") return skipped("skipped_not_sent");
  const payload = isEcho ? message.payload : new TextEncoder().encode(text);
  const wire = await visit.reply(payload);
  const reply = isEcho ? shownBy(harness, message.text, text) : text;
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
    reply: shownBy(harness, message.text, "разрез"),
    next: "after the cut",
    prints: harness.prints.wide,
  });
  return "well" in after
    ? passed({ sent: pieces, received: after.well })
    : failed({ key: "split_utf8" }, { sent: pieces, received: after.ill });
}

/** What a client shows of a reply: what was typed, where that is a part of it, or stands for it. */
function shownBy({ isCoded }: ClientHarness, reply: string, typed: string): string {
  return isCoded || reply.includes(typed) ? typed : reply;
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
