/**
 * Finding out how a server tells messages apart, with as little harm as possible: each question is meant to leave a
 * server of another framing waiting, not stumbling. A single digit first, which only a server without framing answers;
 * then a line end; then digits alone, as no text header is anything else; the binary headers last.
 *
 * @module
 */
import { type Framing, framingFrom } from "../../framing.ts";
import { firstFrame, same, textOf, utf8 } from "./bytes.ts";
import { Channel } from "./channel.ts";
import { EXACT, isSameStyle, styleOf } from "./echo_style.ts";
import type { Examinee } from "./examinee.ts";
import { joined } from "./peer.ts";
import { type Say, say } from "./say.ts";

/** Narrow headers before wide ones: a wide one is several empty frames to a server of a narrow one. */
const HEADERS = [
  ...[2, 3, 4, 5, 6, 7, 8, 9, 10, 12].map((width) => `dec:${width}`),
  ...["u8", "u16", "u16le", "u32", "u32le", "netstring"],
];

/**
 * Finds the framing and whether, and how, the server echoes; leaves a connection to go on with, where there is one.
 *
 * @param given The framing, where the user says it.
 * @returns What the reader should know.
 * @throws {NotServed}
 */
export async function detect(examinee: Examinee, given: Framing | undefined): Promise<Say[]> {
  const peer = await examinee.connect();
  await peer.receive((bytes) => bytes.length > 0, 2 * examinee.moment);
  if (peer.waiting.length > 0) {
    await peer.receive(() => false, examinee.moment);
    examinee.greeting = peer.take();
    examinee.framing = given ?? framingOfGreeting(examinee.greeting);
    const channel = new Channel(examinee, peer);
    const notes = [say("note_greeting", { text: greetingText(examinee) })];
    if (isEchoGreeting(examinee)) return [...notes, ...await learnStyle(examinee, channel)];
    channel.close();
    return notes;
  }
  if (given !== undefined) {
    examinee.framing = given;
    return await learnStyle(examinee, new Channel(examinee, peer));
  }
  for (const patience of [examinee.moment, examinee.patience]) {
    const found =
      await unheadered(examinee, patience === examinee.moment ? peer : await examinee.connect(), patience) ??
        await headered(examinee, patience);
    if (found !== undefined) return await learnStyle(examinee, found);
  }
  return [say("note_no_framing")];
}

/** What the greeting says. */
export function greetingText({ framing, greeting }: Examinee): string {
  const first = framing === undefined ? undefined : firstFrame(framing, greeting);
  return textOf(first?.type === "frame" ? first.payload : greeting);
}

/** Answers to a bare digit, or to a line. */
async function unheadered(examinee: Examinee, peer: Channel["peer"], patience: number): Promise<Channel | undefined> {
  await peer.send(utf8("1"), patience);
  if ((await peer.receive((bytes) => bytes.length > 0, patience)).length > 0) {
    await peer.receive(() => false, 20);
    examinee.framing = framingFrom("raw");
    peer.take();
    return await continued(examinee, peer);
  }
  await peer.send(utf8("\n"), patience);
  const reply = await peer.receive((bytes) => bytes.length > 0, patience);
  if (reply.length === 0) {
    peer.close();
    return undefined;
  }
  await peer.receive(() => false, 20);
  const text = textOf(peer.take());
  // A header that was read in one go takes the digit for a length, and the line end for the payload.
  const width = /^[ 0]*1[ ]*(?=\n$)/.exec(text)?.[0].length ?? 1;
  examinee.framing = framingFrom(width > 1 && width <= 15 ? `dec:${width}` : "line");
  return await continued(examinee, peer);
}

/** A channel on a connection that has had its first answer; on a new one, where the server has closed that. */
async function continued(examinee: Examinee, peer: Channel["peer"]): Promise<Channel> {
  if (peer.isOpen) return new Channel(examinee, peer);
  peer.close();
  examinee.answersOnce = true;
  return new Channel(examinee, await examinee.connect());
}

/** Answers to a frame of one byte with a header. */
async function headered(examinee: Examinee, patience: number): Promise<Channel | undefined> {
  for (const name of HEADERS) {
    const framing = framingFrom(name);
    const peer = await examinee.connect();
    // A digit as payload: whoever reads another header finds digits there, too.
    await peer.send(framing.encode(utf8("7")), patience);
    await peer.receive((bytes) => firstFrame(framing, bytes).type === "frame", patience);
    const first = firstFrame(framing, peer.waiting);
    if (first.type === "frame" && textOf(first.payload).includes("7")) {
      peer.take();
      const hex = name.replace("dec", "hex");
      examinee.framing = framing;
      const channel = new Channel(examinee, peer);
      if (hex !== name && await isHex(channel, patience)) examinee.framing = framingFrom(hex);
      return channel;
    }
    peer.close();
  }
  return undefined;
}

/** Whether a header of digits is hexadecimal: `12` is then 18 bytes. Leaves the connection with every frame whole. */
async function isHex(channel: Channel, patience: number): Promise<boolean> {
  if (channel.framing.capacity < 12) return false;
  const twelve = utf8("123456789012");
  const answer = await channel.peer.send(channel.framing.encode(twelve), patience) &&
    await channel.peer.receive((bytes) => firstFrame(channel.framing, bytes).type === "frame", patience);
  if (answer !== false && answer.length > 0) {
    channel.peer.take();
    return false;
  }
  await channel.peer.send(utf8("345678"), patience);
  const more = await channel.peer.receive((bytes) => bytes.length >= 18, patience);
  channel.peer.take();
  return more.length > 0;
}

/** Two messages show what is constant in the replies. */
async function learnStyle(examinee: Examinee, first: Channel): Promise<Say[]> {
  const styles = [];
  let channel = first;
  for (const word of ["Qwerty-1", "Zxcvbn-22"]) {
    await channel.say(word);
    let reply = await channel.listen();
    if (reply === undefined && !channel.peer.isOpen && styles.length > 0) {
      // It answers once, and closes.
      examinee.answersOnce = true;
      channel.close();
      channel = await examinee.open();
      await channel.say(word);
      reply = await channel.listen();
    }
    const style = reply === undefined ? undefined : styleOf(word, reply);
    if (style === undefined) {
      channel.spoil();
      examinee.keep(channel);
      return [say("note_no_echo")];
    }
    styles.push(style);
  }
  const [one, two] = styles;
  examinee.keep(channel);
  if (one === undefined || two === undefined || !isSameStyle(one, two)) return [say("note_no_echo")];
  examinee.echoes = true;
  examinee.style = isSameStyle(one, EXACT) ? EXACT : one;
  return [
    ...one.prefix + one.suffix === "" ? [] : [say("note_prefix", { prefix: one.prefix, suffix: one.suffix })],
    ...one.letters === "same" ? [] : [say(`note_${one.letters}`)],
  ];
}

/** The framing in which a greeting is one frame. */
function framingOfGreeting(greeting: Uint8Array): Framing {
  const names = [...HEADERS, ...Array.from({ length: 15 }, (_, at) => `hex:${at + 1}`)];
  for (const name of names) {
    const framing = framingFrom(name);
    const first = firstFrame(framing, greeting);
    if (first.type === "frame" && first.used === greeting.length && first.payload.length > 0) return framing;
  }
  return framingFrom("raw");
}

/** Whether a greeting asks for nothing: an echo may follow. */
function isEchoGreeting({ greeting }: Examinee): boolean {
  return !/[?:]\s*$|^\d{3} |name|login|password|имя|зовут|логин|парол/i.test(textOf(greeting)) &&
    !same(greeting, joined());
}
