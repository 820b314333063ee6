/**
 * The framing of a server that mixes its clients up: what one has left behind, as half a frame, reaches the next.
 *
 * @module
 */
import { framingFrom } from "../../framing/framing.ts";
import { confirmed } from "./confirm.ts";
import { answersIn } from "./detect.ts";
import { learnStyle } from "./learn_style.ts";
import type { Message } from "./messages.ts";
import { NotServed } from "./not_served.ts";
import type { ServerUnderTest } from "./server_under_test.ts";

/** The likeliest ones: each takes a start. */
const LIKELIEST = ["u32", "dec:4", "dec:10", "u16", "dec:8", "u32le", "dec:5", "dec:2"];

/**
 * Asks in each framing as the first client of a server that was started anew; `undefined` where none is answered.
 *
 * @param restart Starts it anew; false where it does not come to listen.
 */
export async function detectAfresh(
  server: ServerUnderTest,
  restart: () => Promise<boolean>,
): Promise<Message[] | undefined> {
  for (const name of LIKELIEST) {
    if (!await restart()) break;
    server.framing = framingFrom(name);
    try {
      const channel = await server.open();
      if (await answersIn(channel, server.moment) && await confirmed(channel, server) === "decimal") {
        return await learnStyle(server, channel);
      }
      channel.close();
    } catch (error) {
      if (!(error instanceof NotServed)) throw error;
    }
  }
  server.framing = undefined;
  return undefined;
}
