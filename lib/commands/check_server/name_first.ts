/**
 * Servers that take the first message of a connection for a name, unasked: what comes back for it differs from what comes
 * back for all others.
 *
 * @module
 */
import type { Channel } from "./channel.ts";
import { utf8 } from "./bytes.ts";
import { isEchoOf, isSameStyle, styleOf } from "./echo_style.ts";
import type { ServerUnderTest } from "./server_under_test.ts";

/** A message and its answer. */
type Exchange = readonly [sent: string, answer: string];

/** Whether the answers have the same around their messages. */
export function isSameEcho([sent, answer]: Exchange, [other, otherAnswer]: Exchange): boolean {
  const [one, two] = [styleOf(sent, answer), styleOf(other, otherAnswer)];
  return one !== undefined && two !== undefined && isSameStyle(one, two);
}

/** Whether another message is answered like one before. */
export async function isSameAnswer(channel: Channel, before: Exchange): Promise<boolean> {
  return channel.peer.isOpen && await channel.send("cd") && isSameEcho(before, ["cd", await channel.listen() ?? ""]);
}

/**
 * Whether the first message, a digit, was answered in another way than those behind it are.
 *
 * @param first Its answer; `undefined` where there was none in this framing.
 */
export async function isAnsweredAsName(channel: Channel, first: string | undefined): Promise<boolean> {
  if (first === undefined || first === "1" || !channel.peer.isOpen || !await channel.send("ab")) return false;
  const second = ["ab", await channel.listen() ?? ""] as const;
  const style = styleOf(...second);
  // A number in the answer may be that of a clock.
  return style !== undefined && !isEchoOf(utf8("1"), utf8(first), style) && await isSameAnswer(channel, second);
}

/** A channel on a new connection, on which a name was said. */
export async function named(server: ServerUnderTest, channel: Channel): Promise<Channel> {
  channel.close();
  server.saysName();
  return await server.open();
}
