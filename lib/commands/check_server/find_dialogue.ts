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

/**
 * Holds the first visits of a dialogue, in free text where codes like those of `docs/protocol.md` do not stand for what they
 * do there; resolves to the one that was held, `undefined` where nothing is asked.
 */
export async function held(server: ServerUnderTest, dialogue: Dialogue): Promise<Dialogue | undefined> {
  await dialogue.begin();
  const isOther = dialogue instanceof OwnDialogue && dialogue.first.isIn === undefined;
  if (isOther) return await held(server, new TextDialogue(server, dialogue.options));
  return dialogue.isNone ? undefined : dialogue;
}
