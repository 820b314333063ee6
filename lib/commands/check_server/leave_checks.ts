/**
 * Task 1: whatever way a client leaves, the server goes on.
 *
 * @module
 */
import { headerLength, shown, utf8 } from "./bytes.ts";
import type { Leave, NotServed } from "./not_served.ts";
import type { ServerUnderTest } from "./server_under_test.ts";
import { type Evidence, failed, message, type MessageKey, type Outcome, passed, skipped } from "./messages.ts";

/** Time in which a server that dies of a client's leaving has died, in ms; what dies later is found by the next check. */
const SETTLE = 40;

/** A client that has had its answer closes; then one that has not said a word. */
export async function leaveClose(server: ServerUnderTest): Promise<Outcome> {
  const channel = await server.session();
  channel.close();
  // Who takes its time for each answer is asked once.
  const outcome = server.isSlow ? undefined : await afterLeaving(server, "leave-close", message("closed"));
  if (outcome?.status === "failed") return outcome;
  server.leave();
  using silent = await server.connect();
  // A greeting that is unread would make it a reset.
  const isGreeted = server.greeting.length > 0;
  await silent.receive((bytes) => bytes.length > 0, isGreeted ? server.patience : server.moment, {
    limits: isGreeted ? "none" : "bytes",
  });
  silent.close();
  const left = message(outcome === undefined ? "closed_two" : "closed_silent");
  const after = await afterLeaving(server, "leave-close", left);
  return after.status === "failed" ? after : outcome ?? after;
}

/** A client sends its last message, ends its direction, and reads the answer. */
export async function leaveHalfClose(server: ServerUnderTest): Promise<Outcome> {
  server.leave();
  const channel = await server.open();
  const last = utf8("last words");
  const isAsked = server.echoes && await channel.peer.send(channel.frame(last), server.patience);
  await channel.peer.halfClose();
  const answer = isAsked ? await channel.echoOf(last) : undefined;
  if (answer === undefined) await channel.peer.ends(server.moment);
  channel.close();
  const outcome = await afterLeaving(server, "leave-half-close", message("half_closed"));
  if (outcome.status === "failed" || answer === undefined || answer.isEcho) return outcome;
  return failed(message("why_half_close_silent"), { sent: message("half_closed"), received: answer.received });
}

/** A client closes between the beginning of a message and its end. */
export async function leaveMidFrame(server: ServerUnderTest): Promise<Outcome> {
  const channel = await server.session();
  const frame = channel.frame(utf8("half of this"));
  const part = frame.subarray(0, headerLength(channel.framing) + 4);
  await channel.peer.send(part, server.patience);
  channel.close();
  return await afterLeaving(server, "leave-mid-frame", message("closed_mid_frame", { bytes: shown(part) }));
}

/** A client closes without reading its answer: the system then resets the connection. */
export async function leaveReset(server: ServerUnderTest): Promise<Outcome> {
  server.leave();
  const channel = await server.openToReset();
  if (channel === undefined) return skipped("skip_no_reset");
  if (server.echoes && !server.isFreshEach && !server.isSlow) await channel.ask("first");
  await channel.peer.leaveUnread(channel.frame(utf8("nobody reads this answer")), server.patience);
  await channel.peer.closeByReset();
  return await afterLeaving(server, "leave-reset", message("reset"));
}

/** The outcome of having left: whether a new client is served. */
export function leftOutcome(leave: Leave, sent: Evidence, refusal: NotServed | undefined): Outcome {
  if (refusal === undefined) return passed({ sent, received: message("served") });
  const isGone = refusal.how === "refused";
  const stuck = leave === "leave-mid-frame" ? "why_stuck_mid_frame" : "why_stuck_after_leave";
  return failed(message(isGone ? GONE[leave] : stuck), {
    sent,
    received: message(isGone ? "refused" : "not_served"),
  });
}

const GONE: Readonly<Record<Leave, MessageKey>> = {
  "leave-close": "why_gone_after_leave",
  "leave-half-close": "why_gone_after_half_close",
  "leave-mid-frame": "why_gone_mid_frame",
  "leave-reset": "why_gone_after_reset",
};

async function afterLeaving(server: ServerUnderTest, leave: Leave, sent: Evidence): Promise<Outcome> {
  server.lastLeave = leave;
  // Served at once may be served by a program that is ending: a moment later it still has to.
  const refusal = await server.refusal() ??
    (server.isSlow ? undefined : await server.settles(SETTLE).then(() => server.stillServes()));
  return leftOutcome(leave, sent, refusal);
}
