/**
 * The checks, in the order of examination, each with what it needs.
 *
 * @module
 */
import { looksLike, protocolName } from "../../net/sniff.ts";
import { shown, textOf, utf8 } from "./bytes.ts";
import type { Check, Context } from "./context.ts";
import { answersAtEnd } from "./detect.ts";
import type { Dialogue } from "./dialogue.ts";
import { DIALOGUE_CHECKS, remembersClient, remembersPassword, WRONG_PASSWORD } from "./dialogue_checks.ts";
import { exitWord, manyClients, manyMessages } from "./exchange_checks.ts";
import * as framing from "./framing_checks.ts";
import type { Seen } from "../grading/outcome.ts";
import * as leaving from "./leave_checks.ts";
import { type Evidence, failed, message, type Outcome, skipped } from "./messages.ts";
import * as own from "./process_checks.ts";
import { withoutTracebacks } from "./process_checks.ts";
import { WORDS } from "./server_under_test.ts";
import { isWelcome, REFUSED } from "./words.ts";
import { escapeText } from "../../base/text.ts";

/** In the order of examination: what needs no one to leave first, then leaving, then what watches the process. */
export const CHECKS: readonly Check[] = [
  { id: "many-messages", run: (c) => manyMessages(c), unfit: needsAnswer },
  { id: "byte-lengths", run: (c) => framing.byteLengths(c.server), unfit: needsFrames },
  { id: "emoji", run: (c) => framing.emoji(c.server), needs: ["byte-lengths"], unfit: needsPlain },
  { id: "empty-message", run: (c) => framing.emptyMessage(c.server), unfit: needsFrames },
  { id: "merged-frames", run: (c) => framing.mergedFrames(c.server), needs: ["many-messages"], unfit: needsFrames },
  { id: "split-header", run: (c) => framing.splitHeader(c.server), unfit: needsHeader },
  { id: "large-frame", run: (c) => framing.largeFrame(c.server), unfit: needsConversation },
  {
    id: "split-utf8",
    run: (c) => framing.splitUtf8(c.server),
    needs: ["byte-lengths", "large-frame"],
    unfit: needsPlain,
  },
  { id: "leave-close", run: (c) => leaving.leaveClose(c.server) },
  { id: "leave-half-close", run: (c) => leaving.leaveHalfClose(c.server), needs: ["leave-close", "no-spin"] },
  {
    id: "leave-mid-frame",
    run: (c) => leaving.leaveMidFrame(c.server),
    needs: ["leave-close", "no-spin"],
    unfit: needsFrames,
  },
  { id: "leave-reset", run: (c) => leaving.leaveReset(c.server), needs: ["leave-close"] },
  { id: "many-clients", run: (c) => manyClients(c.server), needs: ["leave-close"], unfit: needsEcho },
  { id: "no-spin", run: own.noSpin, unfit: needsProcess },
  { id: "no-leak", run: own.noLeak, needs: ["leave-close", "no-spin"], unfit: needsProcess },
  ...DIALOGUE_CHECKS,
  { id: "log-file", run: own.logFile, unfit: needsCommand },
  { id: "quiet-console", run: own.quietConsole, unfit: needsCommand },
  // Another server that starts may take the users from this one.
  WRONG_PASSWORD,
  { id: "port-fallback", run: own.portFallback, unfit: needsCommand, isClientless: true },
  { id: "port-printed", run: own.portPrinted, unfit: needsCommand, isClientless: true },
  // What follows ends the server: it may have left its port in TIME_WAIT then.
  { id: "remembers-client", run: remembersClient, needs: ["knows-client"], unfit: needsCommand },
  {
    id: "remembers-password",
    run: remembersPassword,
    needs: ["right-password", "wrong-password"],
    unfit: needsCommand,
  },
  { id: "exit-word", run: (c) => exitWord(c.server), needs: ["leave-close", "no-spin"], unfit: needsEcho },
  { id: "default-port", run: own.defaultPort, unfit: needsCommand, isClientless: true },
  { id: "bad-answers", run: own.badAnswers, needs: ["default-port"], unfit: needsCommand, isClientless: true },
];

function needsEcho({ server, dialogue, hasFailed }: Context): Outcome | undefined {
  const { echoes, framing, foreign, countsItself } = server;
  if (echoes) return undefined;
  if (countsItself !== undefined) return skipped("skip_blocked", { check: "split-header" });
  const isLost = dialogue !== undefined && !hasFailed("many-messages");
  const why = framing === undefined ? "skip_no_framing" : isLost ? "skip_dialogue_lost" : "skip_no_echo";
  return skipped(dialogue?.obstacle ?? foreign ?? why);
}

/** What follows a dialogue that was understood, where it is no echo. */
function needsAnswerBehind(context: Context, dialogue: Dialogue): Outcome | undefined {
  const { first: { isIn, said }, options: { name }, other } = dialogue;
  const last = said.at(-1) ?? "";
  const isWelcomed = isIn === true && (isWelcome(last) || last.includes(name) && !/[?:>]\s*$/.test(last));
  // A command may be expected, or another answer.
  if (context.server.echoes || !isWelcomed || REFUSED.test(other ?? "")) return needsEcho(context);
  const seen: Seen<Evidence> = {
    sent: message("asked", { text: WORDS[0] }),
    received: other === undefined ? message("nothing") : shown(utf8(other)),
  };
  return failed(message(other === undefined ? "why_no_echo_behind" : "why_no_echo"), seen);
}

/** That a server never answers, or answers something else, is one failure, of the first check that needs an answer. */
function needsAnswer(context: Context): Outcome | undefined {
  const { server: { isSilent, framing, echoes, greeting, wrongReply, awaitsKeyboard }, dialogue, program } = context;
  if (echoes || dialogue?.obstacle !== undefined) return needsEcho(context);
  if (dialogue?.isGuessed === false) return needsAnswerBehind(context, dialogue);
  const sent = message("asked", { text: WORDS[0] });
  const heard = greeting.length > 0 ? greeting : utf8(wrongReply ?? "");
  // A page without a header is how a web server answers what is no request (HTTP/0.9).
  const protocol = /^\s*<(?:!doctype html|html)/i.test(textOf(heard)) ? "http" : looksLike(heard);
  const seen: Seen<Evidence> = { sent, received: shown(heard) };
  if (protocol !== null && protocol !== "text") {
    return failed(message("why_protocol", { protocol: protocolName(protocol) }), seen);
  }
  if (context.server.foreign !== undefined || context.server.countsItself !== undefined) return needsEcho(context);
  if (wrongReply !== undefined && !isSilent) {
    return failed(message("why_no_echo"), { ...seen, received: shown(utf8(wrongReply)) });
  }
  const { exception } = withoutTracebacks(program?.laterOutput ?? "");
  if (exception !== undefined) {
    const received = message("note_exception", { words: escapeText(exception) });
    return failed(message("why_handler_dies"), { sent, received });
  }
  const { oddReply } = context.server;
  if (oddReply !== undefined) {
    const why = message("why_reply_header", { framing: oddReply.framing.name });
    return failed(why, { sent: shown(oddReply.framing.encode(utf8("7"))), received: shown(utf8(oddReply.text)) });
  }
  if (awaitsKeyboard) return failed(message("why_keyboard"), { sent, received: message("nothing") });
  if (greeting.length > 0 && context.server.hangsUp) return failed(message("why_only_greets"), seen);
  if (answersAtEnd(context.server)) return failed(message("why_at_end"), { sent, received: message("nothing") });
  const why = framing === undefined || context.isFound
    ? message("why_silent")
    : message("why_silent_in", { framing: framing.name });
  return failed(why, { sent, received: message("nothing") });
}

function needsFrames(context: Context): Outcome | undefined {
  return context.server.framing?.hasBoundaries === false ? skipped("skip_raw") : needsPlain(context);
}

function needsPlain(context: Context): Outcome | undefined {
  return context.server.wrap === undefined ? needsEcho(context) : skipped("skip_packed");
}

/** Without messages, and answered once, nobody can know where a large one ends. */
function needsConversation(context: Context): Outcome | undefined {
  const isOnce = context.hasFailed("many-messages") && context.server.framing?.hasBoundaries === false;
  return isOnce ? skipped("skip_blocked", { check: "many-messages" }) : needsPlain(context);
}

function needsHeader(context: Context): Outcome | undefined {
  const { framing, greeting, isFramed, echoes, countsItself } = context.server;
  if (countsItself !== undefined) {
    const seen = { sent: message("asked", { text: WORDS[0] }), received: message("nothing") };
    return failed(message("why_counts_itself", { framing: countsItself }), seen);
  }
  if (framing?.hasBoundaries === false && echoes && context.isAskedFor) return failed(message("why_no_header"));
  if (framing?.name === "line" || framing?.name === "u8") return skipped("skip_no_header", { framing: framing.name });
  if (framing !== undefined && !isFramed) {
    return failed(message("why_unframed", { framing: framing.name }), { received: shown(greeting) });
  }
  return needsFrames(context);
}

function needsProcess({ program, hasFailed }: Context): Outcome | undefined {
  if (program === undefined) return skipped("skip_needs_pid");
  if (!program.canWatch) return skipped("skip_no_proc");
  return hasFailed("no-spin") ? skipped("skip_spin") : undefined;
}

function needsCommand({ program }: Context): Outcome | undefined {
  return program?.canRestart ? undefined : skipped("skip_needs_command");
}
