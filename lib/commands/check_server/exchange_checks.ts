/**
 * Task 8: one message after the other, and several clients at once.
 *
 * @module
 */
import { utf8 } from "./bytes.ts";
import type { Answer, Channel } from "./channel.ts";
import { type Examinee, NotServed } from "./server_under_test.ts";
import { failed, type Outcome, passed, say } from "./messages.ts";

/** Messages of {@linkcode manyMessages}. */
const MESSAGES = 100;

/** Clients of {@linkcode manyClients}. */
const CLIENTS = 5;

/** A hundred messages in turn on one connection. */
export async function manyMessages(examinee: Examinee): Promise<Outcome> {
  const sent = say("asked_many", { count: MESSAGES });
  const channel = await examinee.session();
  for (let number = 1; number <= MESSAGES; number++) {
    const answer = await channel.ask(`message ${number}`);
    if (answer.isEcho) continue;
    channel.spoil();
    const received = say("answered_some", { count: number - 1, total: MESSAGES });
    if (answer.type === "other" || answer.type === "wrong") {
      return failed(say("asked", { text: `message ${number}` }), answer.received, say("why_many_changed", { number }));
    }
    // What ends after the first answer was taken for a connection each message.
    examinee.answersOnce = answer.ended && number <= 2;
    return failed(sent, received, say(examinee.answersOnce ? "why_once" : "why_many_stopped", { number }));
  }
  return passed(sent, say("answered_some", { count: MESSAGES, total: MESSAGES }));
}

/** Several clients that are connected at the same time, each of which is to be answered before any leaves. */
export async function manyClients(examinee: Examinee): Promise<Outcome> {
  const sent = say("at_once", { count: CLIENTS });
  // The connection of before is the first of them: nobody has to leave.
  const channels = [await examinee.session()];
  try {
    // One after the other, while those before stay: who waits in vain tells.
    while (channels.length < CLIENTS) {
      const channel = await examinee.open().catch((error) => {
        if (error instanceof NotServed && error.how === "silent") return undefined;
        throw error;
      });
      if (channel === undefined) return failed(sent, answered(channels.length), say("why_one_client"));
      channels.push(channel);
      if (examinee.answersOnce) continue;
      const answer = await channel.ask(`I am client ${channels.length}`);
      if (!answer.isEcho) return await unanswered(answer, channels.length - 1);
    }
    // Then all at once: a server that keeps one variable for all of them answers whoever came last.
    const messages = channels.map((_, at) => utf8(`I am client ${at + 1}`));
    await Promise.all(channels.map((channel, at) => channel.say(`I am client ${at + 1}`)));
    for (const [at, channel] of channels.entries()) {
      const answer = await channel.echoOf(messages[at] ?? utf8(""));
      if (answer.isEcho) continue;
      // They have all been served before.
      if (!examinee.answersOnce) return failed(sent, answer.received, say("why_clients_mixed"));
      return await unanswered(answer, at);
    }
    return passed(sent, answered(channels.length));
  } finally {
    for (const channel of channels.slice(1)) channel.close();
    examinee.lastLeave = "leave-close";
  }

  async function unanswered(answer: Answer, count: number): Promise<Outcome> {
    if (answer.type !== "nothing") return failed(sent, answer.received, say("why_clients_mixed"));
    for (const one of channels) one.spoil();
    await leaveInTurn(channels);
    return failed(sent, answered(count), say("why_one_client"));
  }

  function answered(count: number): ReturnType<typeof say> {
    return say("answered_some", { count, total: CLIENTS });
  }
}

/** Who waits for a turn gets it and leaves with the answer read: leaving earlier would be a reset, another check's. */
async function leaveInTurn(channels: readonly Channel[]): Promise<void> {
  for (const channel of channels) {
    await channel.peer.receive((bytes) => bytes.length > 0, 300);
    channel.close();
  }
}
