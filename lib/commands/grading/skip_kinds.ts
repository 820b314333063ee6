/**
 * What kind of reason each skipped check has, by the keys of both graders.
 *
 * @module
 */
import type { SkipKind } from "./model.ts";

const KINDS: Readonly<Record<SkipKind, RegExp>> = {
  not_done: /_(?:raw|no_dialogue|no_password|no_token|no_question|terminal_unasked|not_stored|has_passwords|single)$/,
  needs: /_(?:needs_\w+|silent|wordless|unknown|known|no_newcomers|no_login|no_framing)$/,
  after: /_(?:gone|port_free|blocked|spin|lifeless|port_left|no_echo|after|not_sent|no_client)$/,
  not_here: /_(?:no_header|small|no_proc|no_reset|no_terminal|narrow|encoding|decorated)$/,
  unknown:
    /_(?:time|dialogue_lost|token_use|changed|no_restart|no_second|length_line|own_form|length_colon|packed|wants_json|unknown_header)$/,
};

/** The kind of a reason, by its key: `skip_raw`. */
export function skipKind(key: string): SkipKind {
  const entries = Object.entries(KINDS);
  // The keys of the table are what its type says.
  return (entries.find(([, pattern]) => pattern.test(key))?.[0] ?? "unknown") as SkipKind;
}
