/**
 * How a server echoes, found out by two messages.
 *
 * @module
 */
import { escapeText } from "../../base/text.ts";
import type { Channel } from "./channel.ts";
import { type Message, message } from "./messages.ts";
import { type ServerUnderTest, WORDS } from "./server_under_test.ts";

/** Two messages show what is constant in the replies. */
export async function learnStyle(server: ServerUnderTest, first: Channel): Promise<Message[]> {
  const replies: string[] = [];
  let channel = first;
  for (const word of WORDS) {
    const ask = async (): Promise<string | undefined> => {
      await channel.send(word);
      return await channel.listen();
    };
    const renew = async (): Promise<void> => {
      await channel.left(server.answersOnce);
      channel = await server.open();
    };
    if (server.answersOnce && replies.length > 0) {
      // What is open after an answer did not close for an answer before.
      if (await channel.peer.ends(server.patience)) await renew();
      else server.answersOnce = false;
    }
    let reply = await ask();
    if (reply === undefined && !channel.peer.isOpen && !server.answersOnce) {
      // It has answered on this connection before, and closed.
      server.answersOnce = true;
      await renew();
      reply = await ask();
    }
    if (reply === undefined && server.greeting.length > 0 && replies.length === 0 && !server.isGiven) {
      // Without a line end it waits for one.
      reply = (await channel.hearLine())?.replace(/\r?\n$/, "");
      if (reply !== undefined) server.readsLines();
    }
    if (reply === undefined) break;
    replies.push(reply);
  }
  if (server.answersOnce) await channel.peer.ends(server.patience);
  server.keep(channel);
  if (replies.length < WORDS.length) {
    channel.spoil();
    server.isSilent = replies.length === 0;
    server.wrongReply = replies[0];
    return [];
  }
  // Somebody was served since.
  server.lastLeave = undefined;
  server.learn(replies);
  if (server.accumulates || !server.echoes) channel.spoil();
  return styleNotes(server);
}

/** What the reader should know of how the server echoes. */
export function styleNotes({ style, takesName, packedAs, echoes }: ServerUnderTest): Message[] {
  const { prefix, suffix, letters, blank } = style;
  return [
    ...packedAs === undefined || !echoes ? [] : [message("note_packed", { form: packedAs })],
    ...prefix + suffix === ""
      ? []
      : [message("note_prefix", { prefix: escapeText(prefix), suffix: escapeText(suffix) })],
    ...letters === "same" ? [] : [message(`note_${letters}`)],
    ...blank === " " ? [] : [message("note_blank", { blank: escapeText(blank) })],
    ...takesName ? [message("note_takes_name")] : [],
  ];
}
