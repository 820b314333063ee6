/**
 * What a check says: facts for the verdict, figures for programs.
 *
 * @module
 */
import { figuresIn, roundText } from "../../cli/format.ts";
import { escapeText } from "../../base/text.ts";
import type { Translate } from "./texts.ts";
import type { en } from "./texts_en.ts";

/** What can be said; each has its text. */
type FactId = keyof typeof en extends infer Key ? Key extends `probe.fact.${infer Id}` ? Id : never : never;

/** One sentence of the verdict. */
export interface Fact {
  readonly id: FactId;
  /** Whether the path does something to the bytes or the connection that a plain path does not. */
  readonly isFinding: boolean;
  /** Named by unit: `_us`, `_ms`, `_bytes`; anything else is a count or a word. */
  readonly values: Readonly<Record<string, string | number>>;
}

/** What a check found out. */
export interface Checked {
  readonly facts: readonly Fact[];
  /** For `--json`. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Something the path does. */
export function finding(id: FactId, values: Fact["values"] = {}): Fact {
  return { id, isFinding: true, values };
}

/** Something worth knowing. */
export function note(id: FactId, values: Fact["values"] = {}): Fact {
  return { id, isFinding: false, values };
}

/** A fact in words. */
export function factText({ id, values }: Fact, t: Translate): string {
  const figures = figuresIn(t.language);
  const said = Object.entries(values).map(([key, value]): [string, string] => {
    if (typeof value === "string") return [key, t.find(`probe.word.${value}`) ?? escapeText(value)];
    if (key.endsWith("_us")) return [key, figures.time(value)];
    if (key.endsWith("_ms")) return [key, roundText(figures.time(value * 1000))];
    return [key, key.endsWith("_bytes") ? figures.bytes(value) : figures.count(value)];
  });
  return t(`probe.fact.${id}`, Object.fromEntries(said));
}
