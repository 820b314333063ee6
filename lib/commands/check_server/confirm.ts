/**
 * A second look at a framing that a server has answered in.
 *
 * @module
 */
import { type Framing, framingFrom } from "../../framing/framing.ts";
import { firstFrame } from "../../framing/first_frame.ts";
import { headerLength, utf8 } from "./bytes.ts";
import type { Channel } from "./channel.ts";
import type { ServerUnderTest } from "./server_under_test.ts";

/** Moments that make a silence. */
export const SILENCE = 4;

/** Whether there is an answer. */
export function isAnything(bytes: Uint8Array): boolean {
  return bytes.length > 0;
}

/**
 * A second look at a framing that was answered in: whether twelve bytes are twelve, not eighteen, and whether a frame ends
 * where it should. A server that returns bytes as soon as it knows the header answers any question a narrower header
 * would answer, too; but where its frame ends, the first byte of a header waits for the others.
 */
export async function confirmed(channel: Channel, server: ServerUnderTest): Promise<"decimal" | "hexadecimal" | "no"> {
  const { framing, peer } = channel;
  const { patience } = server;
  // What does not come in this time is taken not to come: a machine that is busy must not make it a wrong answer.
  const moment = SILENCE * server.moment;
  if (!peer.isOpen || framing.capacity < 12) return "decimal";
  const frame = framing.encode(utf8("123456789012"));
  const header = headerLength(framing) + (framing.name === "netstring" ? 1 : 0);
  const whole = (bytes: Uint8Array): boolean => firstFrame(framing, bytes).type === "frame";
  await peer.send(frame.subarray(0, header), patience);
  const isEarly = (await peer.receive(isAnything, moment)).length > 0;
  await peer.send(frame.subarray(header), patience);
  await peer.receive(whole, framing.name.startsWith("dec:") ? moment : patience);
  if (!whole(peer.waiting)) {
    if (framing.name.startsWith("hex:")) return "no";
    // A server that answers once is not wrong for that.
    if (!peer.isOpen) return "decimal";
    const isDecimal = framing.name.startsWith("dec:");
    const hexadecimal = isDecimal ? framingFrom(framing.name.replace("dec", "hex")) : framing;
    await peer.send(utf8("345678"), patience);
    const isAnswer = (bytes: Uint8Array): boolean =>
      isDecimal ? firstFrame(hexadecimal, bytes).type === "frame" : bytes.length > 0;
    const isHex = isAnswer(await peer.receive(isAnswer, patience));
    await peer.receive(() => false, 20);
    peer.take();
    if (!isHex || isDecimal && isEarly && !await endsFrames(channel, hexadecimal, moment)) return "no";
    return "hexadecimal";
  }
  peer.take();
  if (!isEarly) return "decimal";
  // One that returns what it has a header of one byte for would have looked like no framing at all.
  return header >= 2 && await endsFrames(channel, framing, moment) ? "decimal" : "no";
}

/** Whether the first byte of a header waits for the others: twice, as a wider header may end where a narrower one would. */
async function endsFrames({ peer }: Channel, framing: Framing, moment: number): Promise<boolean> {
  const frame = framing.encode(utf8("123456789012"));
  for (let time = 0; time < 2; time++) {
    await peer.send(frame.subarray(0, 1), moment);
    if ((await peer.receive(isAnything, moment)).length > 0) return false;
    await peer.send(frame.subarray(1), moment);
    await peer.receive((bytes) => firstFrame(framing, bytes).type === "frame", 2 * moment);
    peer.take();
    // Closing is no answer; of hexadecimal digits it is one: they are a bad header to a server of decimal ones.
    if (!peer.isOpen) return !framing.name.startsWith("hex:");
  }
  return true;
}

/** Whether a length of one byte goes on in a second where it has to (varint): 200 bytes come back behind two of them. */
export async function isVarint({ peer }: Channel, { moment, patience }: ServerUnderTest): Promise<boolean> {
  const varint = framingFrom("varint");
  const isWhole = (bytes: Uint8Array): boolean => firstFrame(varint, bytes).type === "frame";
  await peer.send(varint.encode(utf8("7".repeat(200))), patience);
  return isWhole(await peer.receive(isWhole, SILENCE * moment));
}
