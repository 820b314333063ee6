/**
 * Events as lines for a person at a terminal.
 *
 * @module
 */
import type { FrameEvent, WireEvent } from "./events.ts";
import type { Direction } from "./direction.ts";
import {
  counted,
  datagramText,
  directionText,
  endText,
  faultText,
  frameText,
  isHeaderCut,
  meaningText,
  noticeText,
  openText,
  payloadText,
  problemText,
  readText,
  restText,
} from "./phrases.ts";
import type { Translate } from "./texts.ts";

/** SGR codes (ECMA-48, section 8.3.117) by what they are for. */
const STYLES = { client: "36", server: "32", header: "1", hex: "2", meaning: "35", problem: "31", faint: "2" } as const;

/** Puts text into a style, where there are colours. */
type Paint = (style: keyof typeof STYLES, text: string) => string;

/** Bytes of digits in a row. */
const ROW = 16;

/** A renderer of events, with colours or without. */
export function textRenderer(t: Translate, hasColour: boolean): (event: WireEvent) => string[] {
  const paint: Paint = (style, text) => hasColour ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
  const width = Math.max(...(["client", "server"] as const).map((direction) => directionText(direction, t).length));
  return (event) => {
    const label = `#${event.connection}`;
    const indent = " ".repeat(label.length + 18 + width);
    const from = (direction: Direction): string =>
      paint(direction, `${directionText(direction, t).padEnd(width)} ${ARROWS[direction]}`);
    const told = (text: string): string => `${label} ${event.at_ms.toFixed(3).padStart(11)}  ${text}`;
    switch (event.event) {
      case "open":
        return [told(paint("header", openText(event, t)))];
      case "notice":
        return [told(`${from(event.from)} ${paint("problem", noticeText(event, t))}`)];
      case "tls":
        return [told(paint("header", t("explain.tls", { version: event.version, cipher: event.cipher })))];
      case "unreachable":
        return [told(paint("problem", t("explain.unreachable", { client: event.client, reason: event.reason })))];
      case "read":
        return [told(`${from(event.from)} ${readText(event, t)}`)];
      case "frame": {
        const [first = "", ...rest] = frameLines(event, { t, paint });
        // What is left unfinished at the end stands under no read.
        const head = event.complete ? indent + first : told(`${from(event.from)} ${first}`);
        return [head, ...rest.map((line) => indent + line)];
      }
      case "datagram": {
        const { payload, from: side } = event;
        const text = payloadText(payload, t);
        const lines = [
          ...text === undefined ? [] : [paint(side, text)],
          ...rows(payload.hex).map((row) => paint("hex", row)),
        ];
        return [told(`${from(side)} ${datagramText(event, t)}`), ...lines.map((line) => `${indent}  ${line}`)];
      }
      case "problem":
        return [indent + paint("problem", problemText(event, t))];
      case "end":
        return [
          told(`${from(event.from)} ${paint(event.kind === "half-close" ? "faint" : "problem", endText(event, t))}`),
        ];
      case "close": {
        const client = counted(event.client_bytes, "bytes", t);
        return [told(t("explain.close", { client, server: counted(event.server_bytes, "bytes", t) }))];
      }
      case "fault":
        return [told(`${from(event.from)} ${paint("problem", faultText(event, t))}`)];
      case "failed":
        return [told(paint("problem", t("explain.failed", { reason: event.reason })))];
    }
  };
}

const ARROWS: Readonly<Record<Direction, string>> = { client: "→", server: "←" };

function frameLines(event: FrameEvent, { t, paint }: { readonly t: Translate; readonly paint: Paint }): string[] {
  const { payload, meanings, framing } = event;
  const text = isHeaderCut(event) ? undefined : payloadText(payload, t);
  const rest = restText(payload, t);
  return [
    // Without a framing the read has said it all.
    ...framing === "raw" ? [] : [paint("header", frameText(event, t))],
    ...text === undefined ? [] : [`  ${paint(event.from, text)}`],
    ...rows(payload.hex).map((row) => `  ${paint("hex", row)}`),
    ...rest === undefined ? [] : [`  ${paint("hex", rest)}`],
    ...meanings.flatMap((meaning) => {
      const { title, fields } = meaningText(meaning, t);
      return [`  ${paint("meaning", `= ${title}`)}`, ...fields.map((field) => `      ${field}`)];
    }),
  ];
}

function rows(hex: string): string[] {
  const bytes = hex === "" ? [] : hex.split(" ");
  return Array.from(
    { length: Math.ceil(bytes.length / ROW) },
    (_, row) => bytes.slice(row * ROW, (row + 1) * ROW).join(" "),
  );
}
