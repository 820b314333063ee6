/**
 * What the grader says, before anybody has said it in a language: the command line has the words.
 *
 * @module
 */
import type { Details } from "../../base/errors.ts";
import type * as grading from "../grading/outcome.ts";
import { CHECK_TASKS, type CheckId } from "./ids.ts";

export { CHECK_TASKS, type CheckId };
export { failed, passed, skipped } from "../grading/outcome.ts";

/** What was sent or done, what came back, and why a check failed or does not apply. */
export type MessageKey =
  // What was done.
  | "asked"
  | "asked_many"
  | "in_pieces"
  | "in_one_segment"
  | "large"
  | "at_once"
  | "closed"
  | "closed_silent"
  | "half_closed"
  | "closed_mid_frame"
  | "reset"
  | "came_and_went"
  | "watched"
  | "started_twice"
  | "started"
  | "searched"
  | "came_again"
  | "logged_in"
  | "logged_in_wrong"
  | "token_sent"
  | "restarted"
  | "typed"
  | "reaction_listens"
  | "reaction_asks"
  | "reaction_waits"
  // What came back.
  | "nothing"
  | "nothing_within"
  | "ended"
  | "ended_after"
  | "was_reset"
  | "answered"
  | "answered_some"
  | "refused"
  | "not_served"
  | "served"
  | "cpu"
  | "descriptors"
  | "files"
  | "no_files"
  | "console"
  | "listens"
  | "exited"
  | "found_in"
  // Why it failed.
  | "why_gone_after_leave"
  | "why_stuck_after_leave"
  | "why_gone_after_reset"
  | "why_gone_after_half_close"
  | "why_gone_mid_frame"
  | "why_half_close_silent"
  | "why_spin"
  | "why_leak"
  | "why_characters"
  | "why_waits_for_characters"
  | "why_utf8_ended"
  | "why_utf8_changed"
  | "why_emoji_units"
  | "why_emoji_changed"
  | "why_emoji_ended"
  | "why_split_utf8_ended"
  | "why_split_utf8_changed"
  | "why_unframed"
  | "why_header_once"
  | "why_header_ended"
  | "why_merged_lost"
  | "why_merged_changed"
  | "why_large_short"
  | "why_large_ended"
  | "why_large_silent"
  | "why_large_changed"
  | "why_empty_ended"
  | "why_empty_silent"
  | "why_empty_changed"
  | "why_silent"
  | "why_silent_in"
  | "why_once"
  | "why_many_stopped"
  | "why_many_changed"
  | "why_one_client"
  | "why_clients_mixed"
  | "why_no_log"
  | "why_log_silent"
  | "why_console"
  | "why_busy"
  | "why_reuse_port"
  | "why_not_printed"
  | "why_printed_other"
  | "why_no_dialogue"
  | "why_no_password"
  | "why_forgot"
  | "why_nameless"
  | "why_right_refused"
  | "why_wrong_accepted"
  | "why_plain"
  | "why_encoded"
  | "why_token"
  | "why_counts_itself"
  | "note_trims"
  | "note_cut_nul"
  | "note_line_ends"
  | "why_forgets"
  | "why_bad_answer"
  // Why it does not apply.
  | "skip_not_stored"
  | "skip_no_terminal"
  | "skip_terminal_unasked"
  | "skip_no_restart"
  | "note_end_of_input"
  | "note_salted"
  | "skip_gone"
  | "skip_time"
  | "skip_blocked"
  | "skip_raw"
  | "skip_no_header"
  | "skip_no_echo"
  | "skip_no_framing"
  | "skip_small"
  | "skip_decorated"
  | "skip_needs_pid"
  | "skip_needs_command"
  | "skip_needs_dir"
  | "skip_no_proc"
  | "skip_no_dialogue"
  | "skip_no_password"
  | "skip_no_token"
  | "skip_token_use"
  | "skip_has_passwords"
  | "skip_dialogue_lost"
  | "skip_spin"
  | "skip_no_reset"
  // Said of the whole.
  | "note_greeting"
  | "note_prefix"
  | "note_upper"
  | "note_lower"
  | "note_limit"
  | "note_dialogue"
  | "pressed_enter"
  | "listens_first"
  | "died"
  | "why_protocol"
  | "why_no_echo"
  | "why_dies"
  | "why_dies_at_once"
  | "why_closes_at_once"
  | "why_keyboard"
  | "why_accumulates"
  | "why_no_header"
  | "why_no_default"
  | "why_port_left"
  | "why_digest"
  | "skip_lifeless"
  | "skip_changed"
  | "skip_known"
  | "skip_no_newcomers"
  | "skip_no_login"
  | "skip_no_question"
  | "skip_port_left"
  | "note_changed"
  | "note_blank"
  | "note_packed"
  | "note_takes_name";

/** A text with its values. */
export type Message = grading.Message<MessageKey>;

/** What was sent or came back: a text that needs no translation (bytes, already escaped), or one that does. */
export type Evidence = string | Message;

/** What a check came to. */
export type Outcome = grading.Outcome<MessageKey, Evidence>;

/** The outcome of a check by its id. */
export interface Observation extends Outcome {
  readonly id: CheckId;
}

/** A text with its values. */
export function message(key: MessageKey, values: Details = {}): Message {
  return { key, values };
}
