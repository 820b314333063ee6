/**
 * A dialogue in free text: what the server asks for is guessed from its words, in English or Russian.
 *
 * @module
 */
import type { Channel } from "./channel.ts";
import { utf8 } from "./bytes.ts";
import { Dialogue, LOGIN_PATIENCE, NOWHERE, type Obstacle, type Visit } from "./dialogue.ts";
import { CHANGED, isEchoOf, isMadeOf } from "./echo_style.ts";
import { BY_TOKEN, choiceIn, LOGS_IN, numberOf, REGISTERS, yesIn } from "./menu.ts";
import { WORDS } from "./server_under_test.ts";
import {
  type Asked,
  besideOf,
  falsified,
  isOfPassword,
  isRepetition,
  REFUSED,
  separatorIn,
  TOKEN,
  tokenIn,
  type Wanted,
  wantedBy,
  WELCOME,
} from "./words.ts";

/** What makes another name of a name. */
const NEXT = "next";

/** What is answered to a question that nothing is known of. */
const SOMETHING = "Tester";

/** Questions answered in one visit at most: a choice, a name, a password and that again, all of it twice, and some to spare. */
const QUESTIONS = 11;

export class TextDialogue extends Dialogue {
  /** How the token is said, once a way was found. */
  #tokenMessage: string | undefined;
  #token: string | undefined;
  #newcomers = 0;
  /** What each question of the first visit asked for. */
  readonly #meanings = new Map<string, Wanted>();
  /** What is answered to questions for neither name nor password. */
  readonly #asides = new Map<string, string>();
  /** The question that was taken for one for the password, though no word of it says so. */
  #guess: string | undefined;
  #isUnderstood = false;

  override get obstacle(): Obstacle | undefined {
    const { isIn, asked } = this.first;
    if (isIn !== false) return undefined;
    if (this.options.isGiven) return "skip_no_login";
    // What was refused as a password may have been asked for as something else.
    if (this.#guess !== undefined) return "skip_dialogue_lost";
    return asked.has("name") ? "skip_no_newcomers" : "skip_known";
  }

  override get hasPasswords(): boolean {
    // What was taken for a question for a password, and is not asked for a second time, was none.
    const isDenied = this.#guess !== undefined && this.again.said.length > 0 && !this.again.asked.has("password");
    return super.hasPasswords && !isDenied;
  }

  override get isGuessed(): boolean {
    return !this.#isUnderstood;
  }

  override async begin(): Promise<void> {
    if (this.first === NOWHERE) await this.#begin();
    if (this.isNone || this.first.isIn === false) return;
    if (this.again === NOWHERE) this.again = await this.visit();
    // Some give one to newcomers, too, others only to those that log in.
    this.#token ??= tokenIn([...this.first.said, ...this.again.said].join("\n"), this.options);
    this.byToken ??= await this.#tryToken();
  }

  async #begin(): Promise<void> {
    const server = this.server;
    const channel = await this.connect();
    this.first = await this.#answer(channel, { isNew: true });
    await this.#learnEcho(channel);
    // Who says nothing behind a password, and echoes then, has let in.
    if (this.first.isIn === undefined && this.hasPasswords) this.first = { ...this.first, isIn: server.echoes };
    this.part(channel);
    this.isNone = this.#hasEchoedName();
    // As far as everybody gets.
    server.enter = this.isNone || this.first.isIn === false
      ? (channel) => channel.isGreeted()
      : (channel) => this.#enter(channel);
  }

  override async visit(password: string = this.options.password): Promise<Visit> {
    const channel = await this.connect();
    const visit = await this.#answer(channel, { password });
    const isTried = password !== this.options.password && REFUSED.test(visit.said.at(-1) ?? "");
    const goesOn = isTried && this.server.style !== CHANGED && await this.#isServedInSilence(channel) === true;
    this.part(channel);
    return { ...visit, goesOn };
  }

  /** What follows the dialogue may be an echo. */
  async #learnEcho(channel: Channel): Promise<void> {
    const replies: string[] = [];
    for (const word of WORDS) {
      if (this.first.isIn === false || !channel.peer.isOpen || !await channel.send(word)) break;
      let reply = await channel.listen();
      if (reply === undefined && replies.length === 0) {
        // Without a line end it waits for one.
        reply = (await channel.hearLine())?.replace(/\r?\n$/, "");
        if (reply !== undefined) this.server.readsLines();
      }
      if (reply === undefined) break;
      replies.push(reply);
    }
    if (replies.length === WORDS.length) this.server.learn(replies);
    if (!this.server.echoes) this.other = replies[0];
    if (replies.length < WORDS.length) this.server.wrongReply ??= this.first.said[1];
  }

  /** Whether the answer to the name was its echo, and that to a password nobody had spoken of: the greeting asked for nothing. */
  #hasEchoedName(): boolean {
    const [, ...answers] = this.first.said;
    const { name, password } = this.options;
    const sent = this.#guess === undefined ? [name] : [name, password];
    return this.server.echoes && answers.length === sent.length &&
      sent.every((text, at) => this.#isSentBack(text, answers[at] ?? ""));
  }

  #isSentBack(text: string, answer: string): boolean {
    const { style } = this.server;
    if (style === CHANGED && this.#guess !== undefined) return isMadeOf(text, answer);
    // Behind a greeting with a line end the name had one, too.
    return isEchoOf(utf8(text), utf8(answer.replace(/\r?\n$/, "")), style);
  }

  /** Gets as far as the echo: by token where that works; as somebody new where the password is refused. */
  async #enter(channel: Channel): Promise<boolean> {
    // A token may not outlive the server; a password that was stored does.
    if (this.#tokenMessage !== undefined && this.again.isIn !== true) {
      const heard = await channel.hear();
      if (heard === undefined) return false;
      await channel.reply(this.#tokenMessage, heard);
      return await channel.hear(LOGIN_PATIENCE) !== undefined;
    }
    const isRefused = this.again.isIn === false && this.first.isIn === true;
    const name = isRefused ? `${this.options.name}${this.#newcomers++}` : this.options.name;
    const { isIn, said } = await this.#answer(channel, { name, isNew: isRefused });
    return isIn === true || isIn === undefined && said.length > 0;
  }

  /** Says the token where the name was asked for: behind the word that our own protocol has, and alone. */
  async #tryToken(): Promise<Visit | undefined> {
    if (this.#token === undefined) return undefined;
    let refused: Visit | undefined;
    const told = toldAs(this.#token, [...this.first.said, ...this.again.said]);
    for (const message of new Set([`TOKEN ${this.#token}`, this.#token, told])) {
      const visit = await this.#visitWith(message);
      if (visit.isIn === true) {
        this.#tokenMessage = message;
        this.byToken = visit;
        // A server that ends of it is not asked again.
        this.tokenFault = "why_token_ends";
        this.tokenFault = await this.#faultOf(this.#token, { message, said: visit.said });
        return visit;
      }
      // A server that speaks of tokens, in words of its own, has understood, and says no.
      if (visit.isIn === false && TOKEN.test((visit.said.at(-1) ?? "").replace(message, ""))) refused ??= visit;
    }
    return refused ?? { isIn: undefined, said: [], asked: new Set() };
  }

  /** Says something in place of a name. */
  async #visitWith(message: string): Promise<Visit> {
    const channel = await this.connect();
    let heard = await channel.hear() ?? "";
    const choice = numberOf(heard, BY_TOKEN);
    if (choice !== undefined && await channel.reply(choice, heard)) heard = await channel.hear() ?? "";
    await channel.reply(message, heard);
    const reply = await channel.hear(LOGIN_PATIENCE) ?? "";
    this.part(channel);
    const isIn = reply !== "" && wantedBy(reply, new Set()) === undefined && !REFUSED.test(reply);
    return { isIn: REFUSED.test(reply) ? false : isIn || undefined, said: [heard, reply], asked: new Set() };
  }

  /** Whether a token that nobody has been given lets in as well, or another client is given the same. */
  async #faultOf(
    token: string,
    { message, said }: { readonly message: string; readonly said: readonly string[] },
  ): Promise<Dialogue["tokenFault"]> {
    const other = await this.#visitWith(message.replace(token, falsified(token)));
    if (other.isIn === true && other.said[1] === said[1]) return "why_token_any";
    if (this.options.isGiven) return undefined;
    const channel = await this.connect();
    this.tokenFault = undefined;
    const next = await this.#answer(channel, { name: `${this.options.name}${NEXT}`, isNew: true });
    this.part(channel);
    return next.asked.has("name") && next.said.join("\n").includes(token) ? "why_token_shared" : undefined;
  }

  /** Answers what is asked until nothing is asked any more. */
  async #answer(
    channel: Channel,
    { name = this.options.name, password, isNew = false }: Answers,
  ): Promise<Visit> {
    const lines = [...isNew ? this.options.register ?? [] : []];
    const course: Course = { name, given: password, isNew, isRegistering: isNew, said: [], asked: new Set(), lines };
    const { said, asked } = course;
    const most = QUESTIONS + lines.length;
    for (let question = 0; question <= most; question++) {
      const heard = await this.#hear(channel, { isAnswer: said.length > 0, isLong: asked.has("password") });
      if (heard === undefined) break;
      said.push(heard);
      const next = this.#choice(heard, course) ?? this.#next(heard, course);
      if (typeof next === "boolean") return { isIn: next, said, asked };
      if (!await channel.reply(next, heard)) break;
    }
    // Closed without another word: after a password, that is a refusal.
    const isLast = asked.has("password") && said.length > 0;
    return { isIn: isLast ? await this.#isServedInSilence(channel) : undefined, said, asked };
  }

  /** Whether a client to whom nothing was said behind its password may send messages; not known at the first visit. */
  async #isServedInSilence(channel: Channel): Promise<boolean | undefined> {
    if (!channel.peer.isOpen) return false;
    if (this.first === NOWHERE) return undefined;
    return this.server.echoes && (await channel.ask("let in?")).isEcho;
  }

  /** What to choose where a way in is offered; false where that is a refusal, `undefined` where none is offered. */
  #choice(heard: string, course: Course): string | false | undefined {
    const { name, given = this.options.password, asked, isNew } = course;
    const line = course.lines.shift();
    // Offered again after all was given, it is the way in of those who are known by now.
    const yes = asked.size === 0 ? yesIn(heard, name) : undefined;
    if (line === undefined && yes !== undefined) return yes;
    const choice = line ?? choiceIn(heard, course.isRegistering && !asked.has("password") ? REGISTERS : LOGS_IN);
    if (choice === undefined) return undefined;
    // Who is offered the way in once more has not been let in.
    if (!isNew && asked.has("password")) return false;
    for (const wanted of ["name", "password"] as const) if (choice.includes(`{${wanted}}`)) asked.add(wanted);
    course.isRegistering &&= line !== undefined || !asked.has("password");
    return choice.replaceAll("{name}", name).replaceAll("{password}", given);
  }

  /** What to answer a question with; otherwise whether the words let in. */
  #next(heard: string, course: Course): string | boolean {
    const { name, isNew, asked } = course;
    // Who sends the password back, unasked in words, has taken it for a message.
    if (asked.has("password") && heard.includes(course.given ?? this.options.password)) {
      if (this.#guess !== undefined) asked.delete("password");
      return true;
    }
    const isRepeated = isNew && !course.hasRepeated && asked.has("password") && isRepetition(heard);
    course.hasRepeated ||= isRepeated;
    const beside = this.#asides.get(heard) ?? besideOf(heard, name);
    if (beside !== undefined) {
      if (asked.size === 0) asked.add("name");
      return beside;
    }
    if (isNew && !isRepeated) this.#correctGuess(heard, asked);
    const password = course.given ?? this.options.password;
    if (isRepeated) return password;
    const wanted = this.#meanings.get(heard) ?? this.#wantedNow(heard, { asked, name });
    if (asked.has("password") && this.#isRefused(heard, { wanted, course })) return false;
    if (wanted === undefined) return true;
    if (wanted !== "password") asked.add("name");
    if (wanted !== "name") asked.add("password");
    if (isNew) this.#meanings.set(heard, wanted);
    return wanted === "both" ? `${name}${separatorIn(heard)}${password}` : wanted === "name" ? name : password;
  }

  /** Whether words behind a password, which may ask for something, refuse it. */
  #isRefused(heard: string, { wanted, course }: { wanted: Wanted | undefined; course: Course }): boolean {
    const { asked, isNew } = course;
    if (REFUSED.test(heard)) return true;
    // Somebody new, who has chosen a password, may have to log in with it.
    if (isNew && !course.logsIn && wanted === "name") {
      course.logsIn = true;
      return false;
    }
    // A new password may be asked for twice; otherwise what is asked for once more was not accepted.
    const isAgain = wanted === "both" || wanted !== undefined && asked.has(wanted);
    return isAgain && course.isRegistering === isNew && !(isNew && wanted === "password");
  }

  /** A question that a password was the answer to for want of a better one was none for it, where that is asked for now. */
  #correctGuess(heard: string, asked: Asked): void {
    const guess = this.#guess;
    if (guess === undefined || heard === guess || REFUSED.test(heard) || wantedBy(heard, asked) !== "password") return;
    this.#guess = undefined;
    this.#meanings.delete(guess);
    this.#asides.set(guess, SOMETHING);
    // The server may have stored that one as something else.
    if (!this.options.isGiven) this.options = { ...this.options, password: `${this.options.password}q` };
  }

  /** What the server says next. One that goes on after a line end only reads lines. */
  async #hear(
    channel: Channel,
    { isAnswer, isLong }: { readonly isAnswer: boolean; readonly isLong: boolean },
  ): Promise<string | undefined> {
    const heard = await channel.hear(isLong ? LOGIN_PATIENCE : undefined);
    if (heard !== undefined || !isAnswer || this.first !== NOWHERE || isLong) return heard;
    const late = await channel.hearLine();
    if (late !== undefined) this.server.readsLines();
    return late;
  }

  /** What a message asks for, by its words; the first visit also guesses: what does not welcome asks. */
  #wantedNow(
    heard: string,
    { asked, name }: { readonly asked: Asked; readonly name: string },
  ): Wanted | undefined {
    const byWords = heard.includes(name) && !isOfPassword(heard) ? undefined : wantedBy(heard, asked);
    if (byWords !== undefined) {
      this.#isUnderstood = true;
      return byWords;
    }
    if (asked.has("password") || heard.includes(name)) return undefined;
    if (this.first !== NOWHERE) {
      // To somebody known the question for the password may be put in other words; none is let in without.
      return this.hasPasswords && asked.has("name") && !WELCOME.test(heard) ? "password" : undefined;
    }
    if (asked.size === 0) return "name";
    if (WELCOME.test(heard)) return undefined;
    if (isOfPassword(heard)) this.#isUnderstood = true;
    else this.#guess = heard;
    return "password";
  }
}

/** A token with its name, as a cookie is told: `session=42f7`. */
function toldAs(token: string, said: readonly string[]): string {
  const before = said.join("\n").split(token, 1)[0] ?? "";
  return `${/\w+[=:]$/.exec(before)?.[0] ?? ""}${token}`;
}

/** A visit on its way. */
interface Course {
  readonly name: string;
  /** The password; that of the options, which may change on the way, where there is none. */
  readonly given: string | undefined;
  readonly isNew: boolean;
  readonly said: string[];
  readonly asked: Set<"name" | "password">;
  /** What the user wants somebody new to say. */
  readonly lines: string[];
  /** Whether the name is still to be registered. */
  isRegistering: boolean;
  /** Whether the password was given a second time. */
  hasRepeated?: boolean;
  /** Whether a log-in has followed. */
  logsIn?: boolean;
}

/** What is answered in a visit. */
interface Answers {
  readonly name?: string;
  readonly password?: string;
  /** Whether the name is to be registered. */
  readonly isNew?: boolean;
}
