/**
 * What a check of a client comes to, in values that the command line can tell in any language.
 *
 * @module
 */
import type * as grading from "../grading/outcome.ts";

export { failed, passed, skipped } from "../grading/outcome.ts";

/** Every check of a client, in the order they are made, with the lab's task. */
export const CLIENT_CHECKS = {
  "whole-frames": 7,
  "split-reply": 7,
  "merged-replies": 7,
  "large-reply": 7,
  "split-utf8": 7,
  "many-messages": 8,
  "no-hang": 1,
  "server-leaves": 1,
  "reconnects": 1,
} as const;

/** Name of a check. */
export type ClientCheckId = keyof typeof CLIENT_CHECKS;

/** Every check of a client, in the order they are made. The table is a constant: its keys are what its type says. */
export const CLIENT_CHECK_IDS = Object.keys(CLIENT_CHECKS) as readonly ClientCheckId[];

/** What is likely wrong, or why a check was not made. */
export type MessageKey =
  | "counts_characters"
  | "counts_header"
  | "counts_no_line_end"
  | "unknown_header"
  | "incomplete"
  | "reply_not_understood"
  | "reads_characters"
  | "text_fails"
  | "empty_message"
  | "no_header"
  | "split_reply"
  | "merged_replies"
  | "large_reply"
  | "split_utf8"
  | "one_message"
  | "one_connection"
  | "many_messages"
  | "leaves_hangs"
  | "leaves_spins"
  | "leaves_crashes"
  | "leaves_sends_on"
  | "leaves_unnoticed"
  | "cut_hangs"
  | "cut_spins"
  | "cut_crashes"
  | "not_again"
  | "end_hangs"
  | "end_spins"
  | "end_crashes"
  | "skipped_raw"
  | "skipped_silent"
  | "skipped_wordless"
  | "skipped_length_line"
  | "skipped_own_form"
  | "skipped_single"
  | "skipped_small"
  | "skipped_not_sent"
  | "skipped_narrow"
  | "skipped_encoding"
  | "skipped_unknown"
  | "skipped_after"
  | "skipped_no_client"
  | "skipped_no_second"
  | "skipped_time";

/** What is likely wrong, with the values its sentence names. */
export type Message = grading.Message<MessageKey>;

/** Something that happened on the way, beside bytes. */
export type CheckEvent =
  /** The grader's doing. */
  | "half_closed"
  | "closed"
  | "reset"
  /** The client's. */
  | "silence"
  | "left"
  | "left_by_reset"
  | "ended"
  | "runs"
  | "busy"
  | { readonly crash: string }
  | { readonly printed: number; readonly of: number };

/** Bytes as one write, or one read, had them; or an event between them. */
export type Part = Uint8Array | CheckEvent;

/** What one check came to. */
export type Outcome = grading.Outcome<MessageKey, readonly Part[]>;
