/**
 * What a server ended of, where its own words tell that better than what was done to it last.
 *
 * @module
 */
import { escapeText } from "../../base/text.ts";
import type { CheckId } from "./ids.ts";
import { type Message, message, type Outcome } from "./messages.ts";
import type { Program } from "./program.ts";
import type { ServerUnderTest } from "./server_under_test.ts";

/** Connections after which one more client that leaves is not what ends a server without an error. */
const SOME = 6;

/** The outcome of a check that the server did not survive, or the same where it has. */
export function diedOf(id: CheckId, outcome: Outcome, { program, server }: Dead): Outcome {
  const death = program?.death;
  if (program === undefined || death === undefined) return outcome;
  const isQuiet = program.hasEndedWell && program.crash === undefined;
  const received = isQuiet ? message("ended_quietly") : message("died", { death: escapeText(death) });
  const diagnosis = id.startsWith("leave-")
    ? causeOf(program) ?? ofSending(id, program) ?? ofOwn(id, program) ?? afterSome(isQuiet, server)
    : undefined;
  return { ...outcome, received, ...diagnosis === undefined ? {} : { diagnosis } };
}

/** An error that no client's leaving causes. */
export function causeOf({ crash = "" }: Pick<Program, "crash">): Message | undefined {
  if (/^(?:TimeoutError: timed out|socket\.timeout)/.test(crash)) return message("why_ends_of_timeout");
  return /^UnicodeDecodeError/.test(crash) ? message("why_ends_of_bytes") : undefined;
}

/** That a client has left is found out by writing to it; of a reset, which says the same, there is a finding already. */
function ofSending(id: CheckId, { crash = "" }: Program): Message | undefined {
  const isOfSending = id !== "leave-reset" && /^(?:BrokenPipe|ConnectionReset|ConnectionAborted)Error/.test(crash);
  return isOfSending ? message("why_ends_of_sending") : undefined;
}

/** An error of the program's own, that a client's leaving may have led to, or the number of clients. */
function ofOwn(id: CheckId, { crash = "" }: Program): Message | undefined {
  const isOwn = /^(?:Index|Key|Type|Name|Attribute|UnboundLocal|ZeroDivision|FileNotFound|Permission|Recursion)Error\b/;
  return id === "leave-close" && isOwn.test(crash) ? message("why_ends_of_error") : undefined;
}

function afterSome(isQuiet: boolean, { connections }: ServerUnderTest): Message | undefined {
  return isQuiet && connections >= SOME ? message("why_ends_after_some", { count: connections }) : undefined;
}

interface Dead {
  readonly program: Program | undefined;
  readonly server: ServerUnderTest;
}
