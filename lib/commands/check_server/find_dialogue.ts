/**
 * Which kind of dialogue a server holds.
 *
 * @module
 */
import { greetingText } from "./greeting.ts";
import type { Dialogue, DialogueOptions } from "./dialogue.ts";
import type { ServerUnderTest } from "./server_under_test.ts";
import { OwnDialogue } from "./own_dialogue.ts";
import { PackedDialogue } from "./packed_dialogue.ts";
import { commands, commandsIn } from "./packing.ts";
import { TextDialogue } from "./text_dialogue.ts";

/** The dialogue of a server that speaks first, or tells of commands; `undefined` where there is none. */
export function findDialogue(server: ServerUnderTest, options: DialogueOptions): Dialogue | undefined {
  const words = commandsIn(server.greeting.length > 0 ? greetingText(server) : server.wrongReply ?? "");
  if (words !== undefined) return new PackedDialogue(server, { options, packing: commands(words) });
  if (server.greeting.length === 0) return undefined;
  const isOwn = OwnDialogue.recognizes(greetingText(server));
  return isOwn ? new OwnDialogue(server, options) : new TextDialogue(server, options);
}
