/**
 * What one check came to, before anybody has said it in a language: the texts of each grader have the words.
 *
 * @module
 */
import type { Details } from "../../base/errors.ts";
import type { CheckStatus } from "./model.ts";

/** A text by its key, with its values. */
export interface Message<Key extends string> {
  readonly key: Key;
  readonly values?: Details;
}

/** What was seen in a check: what the grader did, and what came of it. */
export interface Seen<Evidence> {
  readonly sent?: Evidence;
  readonly received?: Evidence;
}

/** What one check came to. */
export interface Outcome<Key extends string, Evidence> extends Seen<Evidence> {
  readonly status: CheckStatus;
  /** What is likely wrong, or why the check does not apply. */
  readonly diagnosis?: Message<Key>;
}

/** A check that went well; `note` is what the reader should know all the same. */
export function passed<Key extends string, Evidence>(
  { note, ...seen }: Seen<Evidence> & { readonly note?: Message<Key> } = {},
): Outcome<Key, Evidence> {
  return { status: "passed", ...seen, ...note === undefined ? {} : { diagnosis: note } };
}

/** A check that found a mistake. */
export function failed<Key extends string, Evidence>(
  diagnosis: Message<Key>,
  seen: Seen<Evidence> = {},
): Outcome<Key, Evidence> {
  return { status: "failed", ...seen, diagnosis };
}

/** A check that does not apply. */
export function skipped<Key extends string>(key: Key, values: Details = {}): Outcome<Key, never> {
  return { status: "skipped", diagnosis: { key, values } };
}
