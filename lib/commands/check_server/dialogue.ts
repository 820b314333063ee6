/**
 * What a server holds before, or instead of, an echo: tasks 5 and 6. Its own words are understood where they are those
 * of `docs/protocol.md`, and guessed at where they are free text.
 *
 * @module
 */
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
}

/** One of the two kinds of dialogue. */
export interface Dialogue {
  /** The first visits: make the client known, and find out what follows. Called again, it goes on where it was broken off. */
  begin(): Promise<void>;
  readonly first: Visit;
  /** A second visit, in which name and password are given again. */
  readonly again: Visit;
  /** A visit with the token of the first; `undefined` where the server gave none. */
  readonly byToken: Visit | undefined;
  /** Whether the server asks for passwords. */
  readonly hasPasswords: boolean;
  /** A further visit with another password. */
  visit(password: string): Promise<Visit>;
  readonly options: DialogueOptions;
  /** Why nobody gets as far as the echo, where that is no fault of the server. */
  readonly obstacle: Obstacle | undefined;
  /** Whether none of its words was understood. */
  readonly isGuessed: boolean;
  /** Whether it turned out that nothing is asked at all. */
  readonly isNone: boolean;
}

/** Somebody known already is expected, or somebody of a list. */
export type Obstacle = "skip_known" | "skip_no_newcomers" | "skip_no_login";
