/**
 * Task 8: one message after the other, and several clients at once.
 *
 * @module
 */
import { shown, textOf, utf8 } from "./bytes.ts";
import type { Answer, Channel } from "./channel.ts";
import type { Context } from "./context.ts";
import { EXACT, isSameStyle } from "./echo_style.ts";
import { NotServed } from "./not_served.ts";
import type { ServerUnderTest } from "./server_under_test.ts";
import { failed, message, type Outcome, passed } from "./messages.ts";

/** Messages of {@linkcode manyMessages}. */
const MESSAGES = 100;

/** Messages that are enough where they take so long, in ms; and of a server that takes its time for each. */
const ENOUGH = 10;
const LONG = 1500;
const ENOUGH_SLOW = 2;

/** Longest that may stand behind a message in its frame, in bytes. */
const TRAILER = 2;

/** Clients of {@linkcode manyClients}. */
const CLIENTS = 5;

/** A hundred messages in turn on one connection. */
export async function manyMessages({ server, program }: Pick<Context, "server" | "program">): Promise<Outcome> {
  const sent = message("asked_many", { count: MESSAGES });
  const channel = await server.session();
  const begun = performance.now();
  let total = MESSAGES;
  for (let number = 1; number <= total; number++) {
    const answer = await channel.ask(`message ${number}`);
    server.pace = (performance.now() - begun) / number;
    // A server that takes its time is not asked for minutes.
    const isLong = number >= ENOUGH && performance.now() > begun + LONG;
    if (isLong || number >= ENOUGH_SLOW && server.isSlow) total = number;
    if (answer.isEcho) continue;
    channel.spoil();
    const received = message("answered_some", { count: number - 1, total: MESSAGES });
    const [, more = ""] = textOf(answer.wire).split(`message ${number - 1}`);
    // The answer of before once more is not all messages so far.
    if (number > 1 && more.length > TRAILER && !answer.ended) {
      return failed(message("why_accumulates"), {
        sent: message("asked", { text: `message ${number}` }),
        received: answer.received,
      });
    }
    if (answer.type === "other" || answer.type === "wrong") {
      return failed(message("why_many_changed", { number }), {
        sent: message("asked", { text: `message ${number}` }),
        received: answer.received,
      });
    }
    // What ends after the first answer was taken for a connection each message.
    server.answersOnce ||= answer.ended && number <= 2;
    return server.answersOnce
      ? answeredOnce(number)
      : failed(message("why_many_stopped", { number }), { sent, received });
  }
  const note = server.isSlow ? undefined : await alteration(server, channel) ??
    (program?.canRestart && channel.isInOrder ? await alterationOfBytes(server, channel) : undefined);
  return passed({
    ...{ sent: message("asked_many", { count: total }), received: message("answered_some", { count: total, total }) },
    ...note === undefined ? {} : { note },
  });
}

/** That message of this number was the first of a connection to get no answer, as the connection had ended. */
export function answeredOnce(number: number): Outcome {
  const received = message("answered_some", { count: number - 1, total: MESSAGES });
  return failed(message("why_once", { number }), { sent: message("asked_many", { count: MESSAGES }), received });
}

/** What is done to a text on its way: messages that show it, where plain ones come back as they are. */
async function alteration(server: ServerUnderTest, channel: Channel): Promise<ReturnType<typeof message> | undefined> {
  if (!isSameStyle(server.style, EXACT)) return undefined;
  const probes = [["  two  ", "note_trims"], ["a\0b", "note_cut_nul"], ["one\r\ntwo\n", "note_line_ends"]] as const;
  for (const [text, key] of probes) {
    // Not where it would end the message.
    if (!isEncodable(channel, text) || (await channel.ask(text)).isEcho) continue;
    channel.spoil();
    return message(key);
  }
  return undefined;
}

function isEncodable(channel: Channel, text: string): boolean {
  try {
    channel.frame(utf8(text));
    return !(channel.framing.name === "line" && text.includes("\n"));
  } catch {
    return false;
  }
}

/** What is done to bytes that are no UTF-8. A server may end of them: they are sent to one that can be started again. */
async function alterationOfBytes(
  { style }: ServerUnderTest,
  channel: Channel,
): Promise<ReturnType<typeof message> | undefined> {
  if (!isSameStyle(style, EXACT)) return undefined;
  const answer = await channel.ask(Uint8Array.of(0x61, ...NO_UTF8, 0x62));
  if (answer.isEcho) return undefined;
  channel.spoil();
  const bytes = shown(Uint8Array.of(0x61, ...NO_UTF8, 0x62));
  if (answer.ended || answer.type === "nothing") return message("note_bytes_end", { bytes });
  const text = textOf(channel.framing.hasBoundaries ? answer.payload : answer.wire);
  if (text === "ab") return message("note_bytes_dropped", { bytes });
  if (/^a[\ufffd?]+b$/.test(text)) return message("note_bytes_replaced", { bytes });
  const spelled = NO_UTF8.map((byte) => `\\x${byte.toString(16)}`).join("");
  const read =
    ["latin1", "windows-1251", "ibm866", "koi8-r"].find((name) =>
      text === `a${new TextDecoder(name).decode(Uint8Array.from(NO_UTF8))}b`
    ) ??
      (text === `a${String.fromCharCode(...NO_UTF8)}b` ? "latin1" : text === `a${spelled}b` ? "backslashreplace" : "");
  return read === ""
    ? message("note_bytes_changed", { bytes, received: shown(answer.wire) })
    : message("note_bytes_recoded", { bytes, read });
}

/** In no place of a text in UTF-8. */
const NO_UTF8 = [0xff, 0xfe, 0xc0];

/** Words that end a conversation, as many take them; the first ones are enough for a server that takes its time. */
const LAST_WORDS = ["exit", "quit", "stop", "стоп", "выход", "конец", "end", "bye", "close", "q"];
const MOST_SLOW = 2;

/** One client's `exit` may end its conversation, not the server: that is there for others. */
export async function exitWord(server: ServerUnderTest): Promise<Outcome> {
  const words = LAST_WORDS.slice(0, server.isSlow ? MOST_SLOW : LAST_WORDS.length);
  for (const word of words) {
    const channel = await server.session();
    const answer = await channel.ask(word);
    if (answer.isEcho && !answer.ended) continue;
    channel.close();
    const refusal = await server.refusal();
    if (refusal === undefined) continue;
    return failed(message("why_exit_ends", { word }), {
      sent: message("asked", { text: word }),
      received: message(refusal.how === "refused" ? "refused" : "not_served"),
    });
  }
  return passed({ sent: message("asked", { text: words.join(", ") }), received: message("served") });
}

/** Several clients that are connected at the same time, each of which is to be answered before any leaves. */
export async function manyClients(server: ServerUnderTest): Promise<Outcome> {
  const sent = message("at_once", { count: CLIENTS });
  // The connection of before is the first of them: nobody has to leave.
  const channels = [await server.session()];
  try {
    // One after the other, while those before stay: who waits in vain tells.
    while (channels.length < CLIENTS) {
      const channel = await server.open().catch((error) => {
        if (error instanceof NotServed && error.how === "silent") return undefined;
        throw error;
      });
      if (channel === undefined) {
        return failed(whyFew(channels.length), { sent, received: answered(channels.length) });
      }
      channels.push(channel);
      if (server.isFreshEach || server.isSlow) continue;
      const answer = await channel.ask(`I am client ${channels.length}`);
      if (!answer.isEcho) {
        const isTurnedAway = !textOf(answer.wire).includes("I am client") && await channel.peer.ends(server.moment);
        return await unanswered({ ...answer, ended: answer.ended || isTurnedAway }, channels.length - 1);
      }
    }
    // Then all at once: a server that keeps one variable for all of them answers whoever came last.
    const messages = channels.map((_, at) => utf8(`I am client ${at + 1}`));
    await Promise.all(
      channels.map((channel, at) => channel.peer.send(channel.frame(messages[at] ?? utf8("")), server.patience)),
    );
    for (const [at, channel] of channels.entries()) {
      const answer = await channel.echoOf(messages[at] ?? utf8(""));
      if (answer.isEcho) continue;
      // They have all been served before.
      if (!server.isFreshEach && !server.isSlow) {
        const isDropped = answer.ended && answer.wire.length === 0;
        return failed(message(isDropped ? "why_clients_dropped" : "why_clients_mixed"), {
          sent,
          received: answer.received,
        });
      }
      return await unanswered(answer, at);
    }
    return passed({ sent, received: answered(channels.length) });
  } finally {
    for (const channel of channels.slice(1)) channel.close();
    server.lastLeave = "leave-close";
  }

  async function unanswered(answer: Answer, count: number): Promise<Outcome> {
    if (answer.type !== "nothing" && !answer.ended) {
      return failed(message("why_clients_mixed"), { sent, received: answer.received });
    }
    for (const one of channels) one.spoil();
    await leaveInTurn(channels);
    return failed(whyFew(count), { sent, received: answered(count) });
  }

  function answered(count: number): ReturnType<typeof message> {
    return message("answered_some", { count, total: CLIENTS });
  }
}

/** Why no more than so many were served at once. */
function whyFew(count: number): ReturnType<typeof message> {
  return count > 1 ? message("why_few_clients", { count }) : message("why_one_client");
}

/** Who waits for a turn gets it and leaves with the answer read: leaving earlier would be a reset, another check's. */
async function leaveInTurn(channels: readonly Channel[]): Promise<void> {
  for (const channel of channels) {
    await channel.peer.receive((bytes) => bytes.length > 0, 300);
    channel.close();
  }
}
