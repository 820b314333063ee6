/**
 * The words for what was found in a client.
 *
 * @module
 */
import type { Finding } from "../grading/model.ts";
import { skipKind } from "../grading/skip_kinds.ts";
import type { ClientFinding } from "./examine.ts";
import type { CheckEvent, ClientCheckId, Message, Part } from "./outcome.ts";
import { escapeText } from "../../base/text.ts";
import type { Translate } from "./texts.ts";

/** Bytes of one piece that are shown, and pieces. */
const SHOWN_BYTES = 64;
const SHOWN_PARTS = 16;

/** A finding in the reader's language. */
export function findingFrom(
  { id, task, outcome: { status, sent = [], received = [], diagnosis } }: ClientFinding,
  { t, page }: { readonly t: Translate; readonly page: string },
): Finding {
  const likely = diagnosis === undefined ? "" : diagnosisText(diagnosis, t);
  return {
    ...{ id, task, status, sent: partsText(sent, t), received: partsText(received, t), diagnosis: likely, page },
    ...status === "skipped" && diagnosis !== undefined ? { kind: skipKind(diagnosis.key) } : {},
    ...status === "failed" ? { try: t(`server_check.try.${id}`) } : {},
  };
}

/** What a check examines. */
export function titleOf(id: string, t: Translate): string {
  const key = `server_check.title.${id}`;
  return t.find(key) ?? "";
}

/** What a person has to do for a check. */
export function whatToDo(id: ClientCheckId, t: Translate): string {
  return t(`server_check.what.${id}`);
}

function diagnosisText({ key, values = {} }: Message, t: Translate): string {
  const escaped = Object.entries(values).map(([name, value]) =>
    [name, typeof value === "string" ? escapeText(value) : value] as const
  );
  return t(`server_check.likely.${key}`, Object.fromEntries(escaped));
}

/** Pieces as they went over the wire, each behind a bar. */
function partsText(parts: readonly Part[], t: Translate): string {
  const shown = parts.length > SHOWN_PARTS ? [...parts.slice(0, SHOWN_PARTS - 1), ...parts.slice(-1)] : parts;
  return shown.map((part) => part instanceof Uint8Array ? wireText(part, t) : eventText(part, t)).join(" | ");
}

function eventText(event: CheckEvent, t: Translate): string {
  if (typeof event === "string") return t(`server_check.part.${event}`);
  if ("crash" in event) return t("server_check.part.crash", { crash: escapeText(event.crash) });
  return t("server_check.part.printed", event);
}

function wireText(bytes: Uint8Array, t: Translate): string {
  if (bytes.length <= SHOWN_BYTES) return bytesText(bytes);
  return `${bytesText(bytes.subarray(0, SHOWN_BYTES))}… ${t("server_check.part.bytes", { bytes: bytes.length })}`;
}

/**
 * Bytes as text, with those that are none in hexadecimal: a header stays apart from its payload, and a half character
 * is one.
 *
 * @example
 * ```ts
 * import { bytesText } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(bytesText(Uint8Array.of(0, 3, 0x61, 0xd0, 0xbf, 0xd1)), "\\x00\\x03aп\\xd1");
 * ```
 */
export function bytesText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const character = characterAt(bytes, at);
    text += character?.text ?? `\\x${(bytes[at] ?? 0).toString(16).padStart(2, "0")}`;
    at += character?.size ?? 1;
  }
  return text;
}

/** The character that begins there, escaped where it is a control character; `undefined` where none does. */
function characterAt(bytes: Uint8Array, at: number): { readonly text: string; readonly size: number } | undefined {
  const first = bytes[at] ?? 0;
  const size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(at, at + size));
    return { text: escapeText(text), size };
  } catch {
    return undefined;
  }
}
