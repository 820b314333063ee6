/**
 * Task 1: whatever way a client leaves, the server goes on.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import { headerLength, shown, utf8 } from "./bytes.ts";
import type { Examinee, Leave, NotServed } from "./server_under_test.ts";
import { failed, type Outcome, passed, say, type SayKey, skipped, type Told } from "./messages.ts";

/** Time in which a server that dies of a client's leaving has died, in ms; what dies later is found by the next check. */
const SETTLE = 40;

/** A client that has had its answer closes. */
export async function leaveClose(examinee: Examinee): Promise<Outcome> {
  const channel = await examinee.session();
  channel.close();
  return await afterLeaving(examinee, "leave-close", say("closed"));
}

/** A client sends its last message, ends its direction, and reads the answer. */
export async function leaveHalfClose(examinee: Examinee): Promise<Outcome> {
  examinee.leave();
  const channel = await examinee.open();
  const last = utf8("last words");
  const isAsked = examinee.echoes && await channel.peer.send(channel.framing.encode(last), examinee.patience);
  await channel.peer.halfClose();
  const answer = isAsked ? await channel.echoOf(last) : undefined;
  if (answer === undefined) await channel.peer.ends(examinee.moment);
  channel.close();
  const outcome = await afterLeaving(examinee, "leave-half-close", say("half_closed"));
  if (outcome.status === "failed" || answer === undefined || answer.isEcho) return outcome;
  return failed(say("half_closed"), answer.received, say("why_half_close_silent"));
}

/** A client closes between the beginning of a message and its end. */
export async function leaveMidFrame(examinee: Examinee): Promise<Outcome> {
  const channel = await examinee.session();
  const frame = channel.framing.encode(utf8("half of this"));
  const part = frame.subarray(0, headerLength(channel.framing) + 4);
  await channel.peer.send(part, examinee.patience);
  channel.close();
  return await afterLeaving(examinee, "leave-mid-frame", say("closed_mid_frame", { bytes: shown(part) }));
}

/** A client closes without reading its answer: the system then resets the connection. */
export async function leaveReset(examinee: Examinee): Promise<Outcome> {
  examinee.leave();
  const channel = await examinee.openToReset();
  if (channel === undefined) return skipped("skip_no_reset");
  if (examinee.echoes && !examinee.answersOnce) await channel.ask("first");
  await channel.peer.leaveUnread(channel.framing.encode(utf8("nobody reads this answer")), examinee.patience);
  await channel.peer.closeAndWait();
  return await afterLeaving(examinee, "leave-reset", say("reset"));
}

/** The outcome of having left: whether a new client is served. */
export function leftOutcome(leave: Leave, sent: Told, refusal: NotServed | undefined): Outcome {
  if (refusal === undefined) return passed(sent, say("served"));
  const isGone = refusal.how === "refused";
  return failed(sent, say(isGone ? "refused" : "not_served"), say(isGone ? GONE[leave] : "why_stuck_after_leave"));
}

const GONE: Readonly<Record<Leave, SayKey>> = {
  "leave-close": "why_gone_after_leave",
  "leave-half-close": "why_gone_after_half_close",
  "leave-mid-frame": "why_gone_mid_frame",
  "leave-reset": "why_gone_after_reset",
};

async function afterLeaving(examinee: Examinee, leave: Leave, sent: Told): Promise<Outcome> {
  examinee.lastLeave = leave;
  // Served at once may be served by a program that is ending: a moment later it still has to.
  const refusal = await examinee.refusal() ?? await delay(SETTLE).then(() => examinee.stillServes());
  return leftOutcome(leave, sent, refusal);
}
