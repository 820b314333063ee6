/**
 * A dialogue in free text: what the server asks for is guessed from its words, in English or Russian.
 *
 * @module
 */
import type { Channel } from "./channel.ts";
import { utf8 } from "./bytes.ts";
import { Dialogue, type DialogueOptions, LOGIN_PATIENCE, NOWHERE, type Obstacle, type Visit } from "./dialogue.ts";
import { isEchoOf } from "./echo_style.ts";
import { choiceIn, LOGS_IN, REGISTERS } from "./menu.ts";
import { WORDS } from "./server_under_test.ts";

/** Questions answered in one visit at most: a choice, a name, a password and that again, all of it twice, and one to spare. */
const QUESTIONS = 9;

// Russian is written in Latin letters, too.
const PASSWORD = /парол|passw|pwd|parol/i;
const NAME =
  /(?<!\p{L})им(?:я|ени|ем)(?!\p{L})|зовут|логин|представ|обращаться|назов(?:и|ите)сь|себя|\bname\b|login|log in|who are you|user|im[yij]a|zovut|predstav/iu;
export const REFUSED =
  /(?<!\p{L})невер|непра|ошиб|отказ|запре[тщ]|недейст|не (?:подх|совпа|найд|дейст)|попробу\p{L}*|(?:введите|ввод\p{L}*) снова|снова введ|[её]ще раз|wrong|incorrect|invalid|denied|fail|bad |refus|(?:try|enter|once|type|log ?in|password)[^.!?]{0,30} again|not (?:match|correct|valid|found)|never(?:n|ny)|nepra|oshib|otkaz|zapre|ne (?:podh|sovpa|na[ij]d)|poprobu|es[hc]*[eo] raz/iu;
const TOKEN = /token|токен/i;
const WELCOME =
  /welcome|hello|\bhi\b|привет|здравств|добр[оы]|рад[ыа]?(?!\p{L})|успеш|success|logged|authori[sz]ed|вошли|принят|accepted|\bok\b|готово|ready|privet|zdravst|dobr[oy]|uspe[sx]h|vos[hc]*li|prinyat/iu;
const ASKS =
  /[?:>]\s*$|представ|себя|predstav|введ|enter|укаж|придум|назов|choose|give|your|vved|uka[zj]h|pridum|nazov/i;

export class TextDialogue extends Dialogue {
  /** How the token is said, once a way was found. */
  #tokenMessage: string | undefined;
  #token: string | undefined;
  #newcomers = 0;
  /** What each question of the first visit asked for. */
  readonly #meanings = new Map<string, Wanted>();
  #isUnderstood = false;

  override get obstacle(): Obstacle | undefined {
    const { isIn, asked } = this.first;
    if (isIn !== false) return undefined;
    return this.options.isGiven ? "skip_no_login" : asked.has("name") ? "skip_no_newcomers" : "skip_known";
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
    this.byToken = await this.#tryToken();
  }

  async #begin(): Promise<void> {
    const server = this.server;
    const channel = await this.connect();
    this.first = await this.#answer(channel, { isNew: true });
    await this.#learnEcho(channel);
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
    this.part(channel);
    return visit;
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
    else this.server.wrongReply ??= this.first.said[1];
  }

  /** Whether the answer to the name was its echo: the greeting asked for nothing. */
  #hasEchoedName(): boolean {
    const { said } = this.first;
    const { echoes, style } = this.server;
    return echoes && said.length === 2 && isEchoOf(utf8(this.options.name), utf8(said[1] ?? ""), style);
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
    for (const message of [`TOKEN ${this.#token}`, this.#token]) {
      const channel = await this.connect();
      const heard = await channel.hear() ?? "";
      await channel.reply(message, heard);
      const reply = await channel.hear(LOGIN_PATIENCE) ?? "";
      this.part(channel);
      const said = [heard, reply];
      const asked = wantedBy(reply, new Set());
      if (reply !== "" && asked === undefined && !REFUSED.test(reply)) {
        this.#tokenMessage = message;
        return { isIn: true, said, asked: new Set() };
      }
      // A server that speaks of tokens has understood, and says no.
      if (REFUSED.test(reply) && TOKEN.test(reply)) refused ??= { isIn: false, said, asked: new Set() };
    }
    return refused ?? { isIn: undefined, said: [], asked: new Set() };
  }

  /** Answers what is asked until nothing is asked any more. */
  async #answer(
    channel: Channel,
    { name = this.options.name, password = this.options.password, isNew = false }: Answers,
  ): Promise<Visit> {
    const said: string[] = [];
    const asked = new Set<"name" | "password">();
    const lines = [...isNew ? this.options.register ?? [] : []];
    let isRegistering = isNew;
    for (let question = 0; question <= QUESTIONS + lines.length; question++) {
      const heard = await this.#hear(channel, { isAnswer: said.length > 0, isLong: asked.has("password") });
      if (heard === undefined) break;
      said.push(heard);
      const line = lines.shift();
      // Offered again after all was given, it is the way in of those who are known by now.
      const choice = line ?? choiceIn(heard, isRegistering && !asked.has("password") ? REGISTERS : LOGS_IN);
      // Who is offered the way in once more has not been let in.
      if (choice !== undefined && !isNew && asked.has("password")) return { isIn: false, said, asked };
      if (choice !== undefined) {
        for (const wanted of ["name", "password"] as const) if (choice.includes(`{${wanted}}`)) asked.add(wanted);
        isRegistering &&= line !== undefined || !asked.has("password");
        if (!await channel.reply(choice.replaceAll("{name}", name).replaceAll("{password}", password), heard)) break;
        continue;
      }
      // Who sends the password back has taken it for a message.
      if (asked.has("password") && heard.includes(password)) {
        asked.delete("password");
        return { isIn: true, said, asked };
      }
      const wanted = this.#meanings.get(heard) ?? this.#wantedNow(heard, { asked, name });
      // A new password may be asked for twice; otherwise another question behind it is a refusal.
      const isAskedAgain = wanted !== undefined && isRegistering === isNew && !(isNew && wanted === "password");
      const isRefused = REFUSED.test(heard) || isAskedAgain;
      if (asked.has("password") && isRefused) return { isIn: false, said, asked };
      if (wanted === undefined) return { isIn: true, said, asked };
      if (wanted !== "password") asked.add("name");
      if (wanted !== "name") asked.add("password");
      if (isNew) this.#meanings.set(heard, wanted);
      const both = `${name}${separatorIn(heard)}${password}`;
      if (!await channel.reply(wanted === "both" ? both : wanted === "name" ? name : password, heard)) break;
    }
    // Closed without another word: after a password, that is a refusal.
    return { isIn: asked.has("password") && said.length > 0 ? false : undefined, said, asked };
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
    const byWords = heard.includes(name) && !PASSWORD.test(heard) ? undefined : wantedBy(heard, asked);
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
    return WELCOME.test(heard) ? undefined : "password";
  }
}

/** What a question can be about, and what was asked for before it. */
type Wanted = "name" | "password" | "both";
type Asked = ReadonlySet<"name" | "password">;

/** What is answered in a visit. */
interface Answers {
  readonly name?: string;
  readonly password?: string;
  /** Whether the name is to be registered. */
  readonly isNew?: boolean;
}

/** What a message asks for, as far as its words tell. */
export function wantedBy(message: string, asked: Asked): Wanted | undefined {
  if (message.length > MOST_WORDS) return undefined;
  if (asked.size === 0 && BOTH.test(message) && !REFUSED.test(message)) return "both";
  const line = message.trim().split("\n").at(-1) ?? "";
  const isShort = line.length <= SHORT && !REFUSED.test(message) && !WELCOME.test(message);
  if (PASSWORD.test(message) && (ASKS.test(message) || isShort)) return "password";
  if (NAME.test(message) && ASKS.test(message)) return "name";
  return !asked.has("name") && line.endsWith("?") ? "name" : undefined;
}

/** Longest question that is no sentence, in characters. */
const SHORT = 40;

/** Both in one answer, told by what stands between the two words, or by a word for that. */
const BOTH = /(?:логин|имя|login|name|im[yij]a)\s*(?:[:;,|/_ ]|и |and |i )\s*(?:парол|passw|parol)/i;

function separatorIn(question: string): string {
  if (/двоеточ|colon/i.test(question)) return ":";
  if (/запят|comma/i.test(question)) return ",";
  return /(?:логин|имя|login|name|im[yij]a)\s*([:;,|/_])\s*(?:парол|passw|parol)/i.exec(question)?.[1] ?? " ";
}

/** Longest message whose words are looked at, in characters: a server may send without end. */
export const MOST_WORDS = 4000;

/** What looks like a token: a long word that is neither the name nor the password, without what it is called. */
export function tokenIn(
  text: string,
  { name, password }: Pick<DialogueOptions, "name" | "password">,
): string | undefined {
  const words = text.slice(0, MOST_WORDS).replaceAll(/(?:token|cookie|session|sid|id)\w*=/gi, " ").match(
    /[A-Za-z0-9_.~+/=-]{16,}/g,
  );
  return words?.find((word) => !word.includes(name) && !word.includes(password));
}

/** Whether a greeting welcomes and asks for nothing: an echo may follow at once. */
export function isWelcome(message: string): boolean {
  return message.length <= MOST_WORDS && WELCOME.test(message) && !/[?:]\s*$|^\d{3} /.test(message) &&
    !NAME.test(message) && !PASSWORD.test(message);
}
