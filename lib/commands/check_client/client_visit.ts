/**
 * One connection of an examined client, and what is typed for it meanwhile.
 *
 * @module
 */
import type { Framing } from "../../framing/framing.ts";
import type { CheckEvent, Part } from "./outcome.ts";
import type { ClientConnection, Received } from "./client_connection.ts";
import type { ClientProcess } from "./client_process.ts";

/** How long a reply may take to be printed, in ms, before the next line is typed all the same. */
export const PRINTING = 300;

/** How long a client may take to end where that is not what is examined, in ms; and one that has not ended in that time before. */
const ENDING = { first: 1000, later: 100 };

/** Silence after the end of the input in which a client may still send, in ms. */
export const LAST_WORDS = 300;

/** Words at which clients that collect lines send them, where they are not told. */
const EXIT_WORDS = ["quit", "stop", "end", "конец", "стоп", "выход"];

/** Longest time for a client to end at an exit word before the next one is typed, in ms. */
const LOOK = 20;

/** What a visit has to know of the client, and what it finds out. */
export interface Acquaintance {
  readonly options: { readonly exitWords: readonly string[]; readonly wait: number };
  /** How long the client may take for its next step, in ms. */
  readonly wait: number;
  readonly framing: Framing | undefined;
  readonly leads: { readonly next?: string | undefined };
  readonly preludes: number;
  readonly losesKeys: boolean;
  collectsUntil: readonly string[] | undefined;
  hasBeenSilent: boolean;
  isSlowToEnd: boolean;
}

/** One connection of the examined client. */
export class ClientVisit implements AsyncDisposable {
  readonly connection: ClientConnection;
  /** Where the grader started it. */
  readonly client: ClientProcess | undefined;
  readonly #harness: Acquaintance;
  #hasBegun = false;

  constructor(harness: Acquaintance, connection: ClientConnection, client: ClientProcess | undefined) {
    this.#harness = harness;
    this.connection = connection;
    this.client = client;
  }

  /** The message that `text` should make, which was typed before. */
  async receive(text: string, wait: number = this.#harness.wait): Promise<Received> {
    const typed = this.client === undefined ? undefined : text;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      for (let number = 0; number < this.#harness.preludes; number++) {
        const prelude = await this.receive("", wait);
        if (prelude.kind !== "whole") return prelude;
        await this.reply(prelude.payload);
      }
    }
    const received = await this.connection.receive({ framing: this.#harness.framing, typed, wait });
    this.#harness.hasBeenSilent ||= received.kind === "silence" && wait >= this.#harness.wait;
    // What it died of is told a moment after its connection has ended.
    if (received.kind === "over") await this.client?.endsWithin(PRINTING);
    return received;
  }

  /** Whether the client sends what it has collected when an exit word is typed, or its input ends. */
  async collects(text: string): Promise<Received | undefined> {
    const { exitWords } = this.#harness.options;
    for (const word of [...exitWords, ...EXIT_WORDS, undefined]) {
      if (word === undefined) this.client?.endInput();
      else this.client?.type(word);
      const received = await this.receive(text, LAST_WORDS);
      if (received.wire.length === 0 && this.connection.peer.isOpen) continue;
      if (received.wire.length === 0) return undefined;
      this.#harness.collectsUntil = word === undefined ? [] : [word];
      return received;
    }
    return undefined;
  }

  /** Types a message behind another one. */
  async say(text: string): Promise<void> {
    const { leads: { next }, losesKeys } = this.#harness;
    if (losesKeys) await this.client?.endsWithin(PRINTING);
    if (next !== undefined) this.client?.type(next);
    this.client?.type(text);
  }

  /** Types a message, and waits for it. */
  async ask(text: string): Promise<Received> {
    await this.say(text);
    return await this.receive(text);
  }

  /** What the client waits for once it has nothing else to do, as far as that can be told. */
  async waitsFor(): Promise<"keys" | "both" | undefined> {
    if (this.client?.stdout.hasOverflowed) return undefined;
    await this.client?.endsWithin(PRINTING);
    if (await this.client?.readsInput()) return "keys";
    return await this.client?.awaitsEvents() ? "both" : undefined;
  }

  /** Whether a client that is not asked to sends another message, and waits for its reply then. */
  async speaksAgain(): Promise<boolean> {
    const { peer } = this.connection;
    await this.client?.awaitsReply();
    const message = await this.receive("", LAST_WORDS);
    return message.kind === "whole" && peer.isOpen && await this.client?.awaitsReply() === true;
  }

  /** Sends a message; resolves to its bytes on the wire. */
  async reply(payload: Uint8Array): Promise<Uint8Array> {
    const wire = this.frame(payload);
    await this.connection.peer.send(wire, this.#harness.options.wait);
    return wire;
  }

  /** A message in the client's framing; what that cannot carry, as it is. */
  frame(payload: Uint8Array): Uint8Array {
    try {
      return this.#harness.framing?.encode(payload) ?? payload;
    } catch {
      return payload;
    }
  }

  /** Waits until the client has printed a reply, but not long: some print at their end, or never. */
  async printed(text: string, times: number): Promise<void> {
    if (times > 0 && this.client?.stdout.hasOverflowed !== true) await this.client?.shows(text, times, PRINTING);
  }

  /** What came instead of a message, and what became of the client. */
  instead(received: Received): Part[] {
    const parts: Part[] = received.wire.length > 0 ? [received.wire] : [];
    if (received.kind === "silence") parts.push("silence");
    if (received.kind === "over") parts.push(received.by === "end" ? "left" : "left_by_reset");
    return [...parts, ...this.fate()];
  }

  /** What became of the client, where that can be known. */
  fate(): CheckEvent[] {
    const crash = this.client?.crash;
    return crash === undefined ? [] : [{ crash }];
  }

  /** Ends the conversation as a person would: the exit words, the end of the input; then the server's end. */
  async finish(wait?: number): Promise<boolean> {
    const harness = this.#harness;
    const ms = wait ?? Math.min(harness.options.wait, harness.isSlowToEnd ? ENDING.later : ENDING.first);
    if (this.client === undefined) {
      await this.connection.peer.halfClose();
      return await this.connection.leaves(ms);
    }
    for (const word of harness.options.exitWords) {
      this.client.type(word);
      // Some take what is typed behind their word for another message all the same.
      if (await this.client.endsWithin(LOOK)) break;
    }
    this.client.endInput();
    if (harness.framing !== undefined) await this.connection.echo(harness.framing, Math.min(ms, LAST_WORDS));
    await this.connection.peer.halfClose();
    const hasEnded = await this.client.endsInTime(ms);
    harness.isSlowToEnd ||= !hasEnded;
    return hasEnded;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection[Symbol.dispose]();
    await this.client?.[Symbol.asyncDispose]();
  }
}
