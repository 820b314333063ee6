/**
 * Events as lines for a person at a terminal.
 *
 * @module
 */
import { figuresIn } from "../../cli/format.ts";
import type { FrameEvent, WireEvent } from "./events.ts";
import type { Direction } from "../capture/direction.ts";
import * as phrases from "./phrases.ts";
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
  const width = Math.max(
    ...(["client", "server"] as const).map((direction) => phrases.directionText(direction, t).length),
  );
  const figures = figuresIn(t.language);
  return (event) => {
    const label = `#${event.connection}`;
    const indent = " ".repeat(label.length + 18 + width);
    const from = (direction: Direction): string =>
      paint(direction, `${phrases.directionText(direction, t).padEnd(width)} ${ARROWS[direction]}`);
    const told = (text: string): string => `${label} ${figures.fixed(event.at_ms, 3).padStart(11)}  ${text}`;
    switch (event.event) {
      case "open":
        return [told(paint("header", phrases.openText(event, t)))];
      case "notice":
        return [told(`${from(event.from)} ${paint("problem", phrases.noticeText(event, t))}`)];
      case "tls":
        return [told(paint("header", t("explain.tls", { version: event.version, cipher: event.cipher })))];
      case "unreachable":
        return [told(paint("problem", t("explain.unreachable", { client: event.client, reason: event.reason })))];
      case "read":
        return [told(`${from(event.from)} ${phrases.readText(event, t)}`)];
      case "frame": {
        const [first = "", ...rest] = frameLines(event, { t, paint });
        // What is left unfinished at the end stands under no read.
        const head = event.complete ? indent + first : told(`${from(event.from)} ${first}`);
        return [head, ...rest.map((line) => indent + line)];
      }
      case "datagram": {
        const { payload, from: side } = event;
        const text = phrases.payloadText(payload, t);
        const lines = [
          ...text === undefined ? [] : [paint(side, text)],
          ...rows(payload.hex).map((row) => paint("hex", row)),
        ];
        return [told(`${from(side)} ${phrases.datagramText(event, t)}`), ...lines.map((line) => `${indent}  ${line}`)];
      }
      case "problem":
        return [indent + paint("problem", phrases.problemText(event, t))];
      case "end":
        return [
          told(
            `${from(event.from)} ${
              paint(event.kind === "half-close" ? "faint" : "problem", phrases.endText(event, t))
            }`,
          ),
        ];
      case "close": {
        const client = phrases.counted(event.client_bytes, "bytes", t);
        return [told(t("explain.close", { client, server: phrases.counted(event.server_bytes, "bytes", t) }))];
      }
      case "fault":
        return [told(`${from(event.from)} ${paint("problem", phrases.faultText(event, t))}`)];
      case "failed":
        return [told(paint("problem", t("explain.failed", { reason: event.reason })))];
    }
  };
}

const ARROWS: Readonly<Record<Direction, string>> = { client: "→", server: "←" };

function frameLines(event: FrameEvent, { t, paint }: { readonly t: Translate; readonly paint: Paint }): string[] {
  const { payload, meanings, framing } = event;
  const text = phrases.isHeaderCut(event) ? undefined : phrases.payloadText(payload, t);
  const rest = phrases.restText(payload, t);
  return [
    // Without a framing the read has said it all.
    ...framing === "raw" ? [] : [paint("header", phrases.frameText(event, t))],
    ...text === undefined ? [] : [`  ${paint(event.from, text)}`],
    ...rows(payload.hex).map((row) => `  ${paint("hex", row)}`),
    ...rest === undefined ? [] : [`  ${paint("hex", rest)}`],
    ...meanings.flatMap((meaning) => {
      const { title, fields } = phrases.meaningText(meaning, t);
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
