/**
 * What explain sees, in words; the terminal and the page say the same.
 *
 * @module
 */
import { figuresIn } from "../../cli/format.ts";
import type {
  ByteView,
  DatagramEvent,
  EndEvent,
  FaultEvent,
  FrameEvent,
  Meaning,
  NoticeEvent,
  OpenEvent,
  Part,
  ProblemEvent,
  ReadEvent,
} from "./events.ts";
import { strikeText } from "../faults/open.ts";
import type { Direction } from "../capture/direction.ts";
import { escapeText } from "../../base/text.ts";
import { protocolName } from "../../net/sniff.ts";
import { countText } from "../../cli/format.ts";
import type { Translate } from "./texts.ts";

/** What can be counted; each has its forms in the catalogues. */
type Countable = "bytes" | "follow" | "more" | "frames" | "connections";

/** A count with its noun: `1 byte`, `2 байта`. */
export function counted(n: number, what: Countable, t: Translate): string {
  return t(`explain.${what}`, { n: countText(n) });
}

/** A side's name. */
export function directionText(direction: Direction, t: Translate): string {
  return t(`explain.${direction}`);
}

/** A connection: who, where to, and how long that took, where it is known. */
export function openText({ client, server, connect_ms: ms }: OpenEvent, t: Translate): string {
  return ms === null
    ? t("explain.open.unseen", { client, server })
    : t("explain.open", { client, server, ms: figuresIn(t.language).fixed(ms, 2) });
}

/** What a capture shows of the way of the bytes. */
export function noticeText({ what, bytes }: NoticeEvent, t: Translate): string {
  return t(`explain.notice.${what}`, { bytes: counted(bytes, "bytes", t) });
}

/** A read: its number, its size, and what it held of which frames. */
export function readText({ read, bytes, framing, parts, more_frames: more }: ReadEvent, t: Translate): string {
  const head = t("explain.read", { read, bytes: counted(bytes, "bytes", t) });
  if (framing === "raw") return head;
  const held = grouped(parts).map((group) => partText(group, t));
  if (more > 0) held.push(t("explain.part.more", { frames: counted(more, "frames", t) }));
  return held.length === 0 ? head : `${head}: ${held.join("; ")}`;
}

/** Whole frames in a row are told together. */
function grouped(parts: readonly Part[]): Part[][] {
  const groups: Part[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (last !== undefined && isWhole(part) && last[0] !== undefined && isWhole(last[0])) last.push(part);
    else groups.push([part]);
  }
  return groups;
}

function isWhole({ begins, ends }: Part): boolean {
  return begins && ends;
}

function partText(group: readonly Part[], t: Translate): string {
  const [first] = group;
  if (first === undefined) return "";
  const { frame, begins, ends } = first;
  if (isWhole(first)) {
    const last = group.at(-1)?.frame ?? frame;
    return t(last === frame ? "explain.part.whole" : "explain.part.wholes", { frame, last });
  }
  const what = (["header", "payload", "trailer"] as const).filter((kind) => first[kind] > 0)
    .map((kind) => t(`explain.part.${kind}`, { n: counted(first[kind], "bytes", t) })).join(", ");
  return t(`explain.part.${begins ? "begins" : ends ? "ends" : "goes_on"}`, { frame, what: what || "0" });
}

/** A frame: its number, what its header says, the reads it took. */
export function frameText(event: FrameEvent, t: Translate): string {
  const { frame, reads: [first, last], framing } = event;
  const where = t(first === last ? "explain.frame.in_read" : "explain.frame.in_reads", { first, last });
  const says = framing === "raw" ? "" : ` ${headerText(event, t)};`;
  return `${t("explain.frame", { frame })}:${says} ${where}`;
}

/** Whether the connection ended inside the frame's header. */
export function isHeaderCut({ header, length, trailer, complete, payload }: FrameEvent): boolean {
  return !complete && header.bytes > 0 && length === 0 && payload.bytes === 0 && trailer.bytes === 0;
}

/** The header's bytes and what they say. */
export function headerText(event: FrameEvent, t: Translate): string {
  const { header, length, trailer, complete, payload, framing } = event;
  const isLine = header.bytes === 0 && framing === "line";
  if (isHeaderCut(event)) return t("explain.header.cut", { header: bytesText(header) });
  const delimiter = trailer.bytes === 0 ? "" : bytesText(trailer);
  if (isLine) {
    return t("explain.line", { length: counted(payload.bytes, "bytes", t), trailer: delimiter || "–" });
  }
  const says = t("explain.header", { header: bytesText(header), length: counted(length, "follow", t) });
  const all = delimiter === "" ? says : `${says}, ${delimiter}`;
  return complete
    ? all
    : `${all}; ${t("explain.cut_off", { received: countText(payload.bytes), length: counted(length, "bytes", t) })}`;
}

/** Bytes of a header: digits, and the text that they are, where they are. */
export function bytesText({ hex, text }: ByteView): string {
  return text === null || text === "" ? hex : `${hex} "${escapeText(text)}"`;
}

/** What a payload says as text; `undefined` where it is none. */
export function payloadText({ bytes, text }: ByteView, t: Translate): string | undefined {
  if (bytes === 0) return t("explain.empty");
  return text === null ? undefined : `"${escapeText(text)}"`;
}

/** How much of a payload is not shown; `undefined` where all of it is. */
export function restText({ bytes, shown }: ByteView, t: Translate): string | undefined {
  return shown < bytes ? t("explain.not_shown", { more: counted(bytes - shown, "more", t) }) : undefined;
}

/** What a message means, and each value it names. */
export function meaningText({ id, code, fields = [] }: Meaning, t: Translate): { title: string; fields: string[] } {
  const key = code === undefined ? `explain.meaning.${id}` : `explain.code.${code}`;
  const text = t.find(key) ?? id;
  const words = fields.filter(({ value }) => value === "").map(({ key }) => escapeText(key));
  const title = words.length === 0 ? text : `${text}: ${words.join(", ")}`;
  return {
    title: code === undefined ? title : `${code}: ${title}`,
    fields: fields.filter(({ value }) => value !== "").map(({ key, value }) => {
      const name = `explain.field.${key}`;
      const called = t.find(name) ?? "";
      const isLetter = key.length === 1;
      return `${isLetter ? `${escapeText(key)}=` : ""}${escapeText(value)}${called === "" ? "" : `  (${called})`}`;
    }),
  };
}

/** Why bytes are no frame, what they are instead, and what to do. */
export function problemText(
  { code, header, length, looks_like: looks, framing_hint: hint }: ProblemEvent,
  t: Translate,
): string {
  const key = `explain.problem.${code}`;
  const known = code === "frame_too_large" && length === null ? "explain.problem.other" : key;
  const values = { header: header.hex, length: length === null ? "" : counted(length, "bytes", t) };
  const what = t.find(known, values) ?? t("explain.problem.other", values);
  const text = header.text === null || header.text === "" ? "" : `"${escapeText(header.text)}"`;
  const is = [text, looks === null ? "" : looks === "text" ? t("explain.looks.text") : protocolName(looks)].filter((
    part,
  ) => part !== "").join(
    ", ",
  );
  return [
    ...[is === "" ? what : `${what}: ${t("explain.problem.is", { text: is })}`],
    ...hint === null ? [] : [t("explain.problem.hint", { framing: hint })],
    t("explain.problem.raw"),
  ].join("; ");
}

/** How a side ended. */
export function endText({ kind }: EndEvent, t: Translate): string {
  return t(`explain.end.${kind}`);
}

/** A datagram: its number, its size, and how old it is where it says so. */
export function datagramText({ number, payload, sequence, age_ms: age }: DatagramEvent, t: Translate): string {
  const told = t("explain.datagram", { number, bytes: counted(payload.bytes, "bytes", t) });
  if (sequence === undefined || age === undefined) return told;
  return told + t("explain.datagram.age", { sequence, ms: figuresIn(t.language).fixed(age, 3) });
}

/** A fault that strikes on purpose. */
export function faultText(event: FaultEvent, t: Translate): string {
  return t("explain.fault", { fault: event.fault, what: strikeText(event, t) });
}
