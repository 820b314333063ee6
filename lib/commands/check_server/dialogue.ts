/**
 * What a server holds before, or instead of, an echo: tasks 5 and 6. Its own words are understood where they are those
 * of `docs/protocol.md`, and guessed at where they are free text.
 *
 * @module
 */
import type { Channel } from "./channel.ts";
import type { ServerUnderTest } from "./server_under_test.ts";

/** Who the grader is. */
export interface DialogueOptions {
  readonly name: string;
  readonly password: string;
  /** Whether the user gave them: they should be known to the server then. */
  readonly isGiven?: boolean;
  /** What somebody new answers, a line to each message, with `{name}` and `{password}`; what comes after is found out. */
  readonly register?: readonly string[];
}

/** What a visit came to: whether the server let the client in, and what it said. */
export interface Visit {
  /** `undefined` where its words do not tell. */
  readonly isIn: boolean | undefined;
  /** All it said, one message behind the other. */
  readonly said: readonly string[];
  readonly asked: ReadonlySet<"name" | "password">;
  /** Whether messages are echoed though it was refused. */
  readonly goesOn?: boolean;
}

/** Before the first visit. */
export const NOWHERE: Visit = { isIn: undefined, said: [], asked: new Set() };

/** Longest wait for a reply that a password has to be worked out for, in ms: hashing it is meant to be slow. */
export const LOGIN_PATIENCE = 5000;

/** One of the kinds of dialogue. */
export abstract class Dialogue {
  options: DialogueOptions;
  protected readonly server: ServerUnderTest;
  /** What the first visit came to, and a second one, in which name and password are given again. */
  first: Visit = NOWHERE;
  again: Visit = NOWHERE;
  /** A visit with the token of the first; `undefined` where the server gave none. */
  byToken: Visit | undefined;
  /** What is wrong with a token that stands for the password. */
  tokenFault: "why_token_any" | "why_token_shared" | "why_token_ends" | undefined;
  /** What a message behind the dialogue was answered with, where that is no echo of it. */
  other: string | undefined;
  /** Whether it turned out that nothing is asked at all. */
  isNone = false;

  constructor(server: ServerUnderTest, options: DialogueOptions) {
    this.server = server;
    this.options = options;
  }

  /** The first visits: make the client known, and find out what follows. Called again, it goes on where it was broken off. */
  abstract begin(): Promise<void>;

  /** A further visit with another password. */
  abstract visit(password?: string): Promise<Visit>;

  /** Whether the server asks for passwords. */
  get hasPasswords(): boolean {
    return this.first.asked.has("password");
  }

  /** Why nobody gets as far as the echo, where that is no fault of the server. */
  get obstacle(): Obstacle | undefined {
    return undefined;
  }

  /** Whether none of its words was understood. */
  get isGuessed(): boolean {
    return false;
  }

  /** A connection on which nothing has been said. */
  protected async connect(): Promise<Channel> {
    const { enter } = this.server;
    this.server.enter = () => Promise.resolve(true);
    try {
      this.server.leave();
      return await this.server.open();
    } finally {
      this.server.enter = enter;
    }
  }

  protected part(channel: Channel): void {
    // Who has closed before us was not left.
    this.server.lastLeave = channel.peer.isOpen ? "leave-close" : undefined;
    channel.close();
  }
}

/** Somebody known already is expected, or somebody of a list. */
export type Obstacle = "skip_known" | "skip_no_newcomers" | "skip_no_login" | "skip_dialogue_lost";
