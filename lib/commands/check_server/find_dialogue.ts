/**
 * Which kind of dialogue a server holds.
 *
 * @module
 */
import { CommandDialogue, commandsIn } from "./command_dialogue.ts";
import { greetingText } from "./greeting.ts";
import type { Dialogue, DialogueOptions } from "./dialogue.ts";
import type { ServerUnderTest } from "./server_under_test.ts";
import { OwnDialogue } from "./own_dialogue.ts";
import { TextDialogue } from "./text_dialogue.ts";

/** The dialogue of a server that speaks first, or tells of commands; `undefined` where there is none. */
export function findDialogue(server: ServerUnderTest, options: DialogueOptions): Dialogue | undefined {
  const commands = commandsIn(server.greeting.length > 0 ? greetingText(server) : server.wrongReply ?? "");
  if (commands !== undefined) return new CommandDialogue(server, { options, commands });
  if (server.greeting.length === 0) return undefined;
  const isOwn = OwnDialogue.recognizes(greetingText(server));
  return isOwn ? new OwnDialogue(server, options) : new TextDialogue(server, options);
}
