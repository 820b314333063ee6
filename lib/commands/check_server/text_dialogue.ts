/**
 * A dialogue in free text: what the server asks for is guessed from its words, in English or Russian.
 *
 * @module
 */
import { framingFrom } from "../../framing/framing.ts";
import type { Channel } from "./channel.ts";
import { utf8 } from "./bytes.ts";
import type { Dialogue, DialogueOptions, Obstacle, Visit } from "./dialogue.ts";
import { isEchoOf } from "./echo_style.ts";
import { type ServerUnderTest, WORDS } from "./server_under_test.ts";

/** Questions answered in one visit at most: a choice, a name, a password and that again, all of it twice, and one to spare. */
const QUESTIONS = 9;

/** Longest wait for a reply that a password has to be worked out for, in ms: hashing it is meant to be slow. */
const LOGIN_PATIENCE = 5000;

// Russian is written in Latin letters, too.
const PASSWORD = /парол|passw|pwd|parol/i;
const NAME =
  /(?<!\p{L})им(?:я|ени|ем)(?!\p{L})|зовут|логин|представ|обращаться|назов(?:и|ите)сь|себя|\bname\b|login|log in|who are you|user|im[yij]a|zovut|predstav/iu;
export const REFUSED =
  /(?<!\p{L})невер|непра|ошиб|отказ|запре[тщ]|недейст|не (?:подх|совпа|найд|дейст)|снова|ещё раз|wrong|incorrect|invalid|denied|fail|bad |refus|again|not (?:match|correct|valid|found)|never(?:n|ny)|nepra|oshib|otkaz|zapre|ne (?:podh|sovpa|na[ij]d)|snova|es[hc]*[eo] raz/iu;
const TOKEN = /token|токен/i;
const WELCOME =
  /welcome|hello|\bhi\b|привет|здравств|добр[оы]|рад[ыа]?(?!\p{L})|успеш|success|logged|authori[sz]ed|вошли|принят|accepted|\bok\b|готово|ready|privet|zdravst|dobr[oy]|uspe[sx]h|vos[hc]*li|prinyat/iu;
const ASKS = /[?:>]\s*$|введ|enter|укаж|придум|назов|choose|give|your|vved|uka[zj]h|pridum|nazov/i;

const NOWHERE: Visit = { isIn: undefined, said: [], asked: new Set() };

/** See the module. */
export class TextDialogue implements Dialogue {
  readonly options: DialogueOptions;
  readonly #server: ServerUnderTest;
  #first: Visit = NOWHERE;
  #again: Visit = NOWHERE;
  #byToken: Visit | undefined;
  /** How the token is said, once a way was found. */
  #tokenMessage: string | undefined;
  #token: string | undefined;
  #newcomers = 0;
  /** What each question of the first visit asked for. */
  readonly #meanings = new Map<string, Wanted>();
  #isUnderstood = false;
  #isNone = false;

  constructor(server: ServerUnderTest, options: DialogueOptions) {
    this.#server = server;
    this.options = options;
  }

  get first(): Visit {
    return this.#first;
  }

  get again(): Visit {
    return this.#again;
  }

  get byToken(): Visit | undefined {
    return this.#byToken;
  }

  get hasPasswords(): boolean {
    return this.#first.asked.has("password");
  }

  get obstacle(): Obstacle | undefined {
    const { isIn, asked } = this.#first;
    if (isIn !== false) return undefined;
    return this.options.isGiven ? "skip_no_login" : asked.has("name") ? "skip_no_newcomers" : "skip_known";
  }

  get isGuessed(): boolean {
    return !this.#isUnderstood;
  }

  get isNone(): boolean {
    return this.#isNone;
  }

  async begin(): Promise<void> {
    const server = this.#server;
    const channel = await this.#connect();
    this.#first = await this.#answer(channel, { isNew: true });
    await this.#learnEcho(channel);
    channel.close();
    server.lastLeave = "leave-close";
    this.#isNone = this.#hasEchoedName();
    if (this.#isNone || this.#first.isIn === false) {
      // As far as everybody gets.
      server.enter = (channel) => channel.isGreeted();
      return;
    }
    server.enter = (channel) => this.#enter(channel);
    this.#again = await this.visit();
    // Some give one to newcomers, too, others only to those that log in.
    this.#token = tokenIn(this.#first.said.join("\n"), this.options) ??
      tokenIn(this.#again.said.join("\n"), this.options);
    this.#byToken = await this.#tryToken();
  }

  async visit(password: string = this.options.password): Promise<Visit> {
    const channel = await this.#connect();
    const visit = await this.#answer(channel, { password });
    channel.close();
    this.#server.lastLeave = "leave-close";
    return visit;
  }

  /** What follows the dialogue may be an echo. */
  async #learnEcho(channel: Channel): Promise<void> {
    const replies: string[] = [];
    for (const word of WORDS) {
      if (this.#first.isIn === false || !channel.peer.isOpen || !await channel.send(word)) break;
      const reply = await channel.listen();
      if (reply === undefined) break;
      replies.push(reply);
    }
    if (replies.length === WORDS.length) this.#server.learn(replies);
    else this.#server.wrongReply ??= this.#first.said[1];
  }

  /** Whether the answer to the name was its echo: the greeting asked for nothing. */
  #hasEchoedName(): boolean {
    const { said } = this.#first;
    const { echoes, style } = this.#server;
    return echoes && said.length === 2 && isEchoOf(utf8(this.options.name), utf8(said[1] ?? ""), style);
  }

  /** Gets as far as the echo: by token where that works; as somebody new where the password is refused. */
  async #enter(channel: Channel): Promise<boolean> {
    if (this.#tokenMessage !== undefined) {
      const heard = await channel.hear();
      if (heard === undefined) return false;
      await channel.reply(this.#tokenMessage, heard);
      return await channel.hear(LOGIN_PATIENCE) !== undefined;
    }
    const isRefused = this.#again.isIn === false && this.#first.isIn === true;
    const name = isRefused ? `${this.options.name}${this.#newcomers++}` : this.options.name;
    const { isIn, said } = await this.#answer(channel, { name, isNew: isRefused });
    return isIn === true || isIn === undefined && said.length > 0;
  }

  /** Says the token where the name was asked for: behind the word that our own protocol has, and alone. */
  async #tryToken(): Promise<Visit | undefined> {
    if (this.#token === undefined) return undefined;
    let refused: Visit | undefined;
    for (const message of [`TOKEN ${this.#token}`, this.#token]) {
      const channel = await this.#connect();
      const heard = await channel.hear() ?? "";
      await channel.reply(message, heard);
      const reply = await channel.hear(LOGIN_PATIENCE) ?? "";
      channel.close();
      this.#server.lastLeave = "leave-close";
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

  async #connect(): Promise<Channel> {
    const { enter } = this.#server;
    this.#server.enter = () => Promise.resolve(true);
    try {
      this.#server.leave();
      return await this.#server.open();
    } finally {
      this.#server.enter = enter;
    }
  }

  /** Answers what is asked until nothing is asked any more. */
  async #answer(
    channel: Channel,
    { name = this.options.name, password = this.options.password, isNew = false }: Answers,
  ): Promise<Visit> {
    const said: string[] = [];
    const asked = new Set<"name" | "password">();
    let choices = 0;
    for (let question = 0; question <= QUESTIONS; question++) {
      const heard = await this.#hear(channel, { isAnswer: said.length > 0, isLong: asked.has("password") });
      if (heard === undefined) break;
      said.push(heard);
      // Who sends the password back has taken it for a message.
      if (asked.has("password") && heard.includes(password)) {
        asked.delete("password");
        return { isIn: true, said, asked };
      }
      const choice = choiceIn(heard, isNew && choices === 0);
      if (choice !== undefined && !(asked.has("password") && (REFUSED.test(heard) || !isNew || choices > 1))) {
        choices++;
        asked.clear();
        if (!await channel.reply(choice, heard)) break;
        continue;
      }
      const wanted = this.#meanings.get(heard) ?? this.#wantedNow(heard, { asked, name });
      // A new password may be asked for twice; otherwise another question behind it is a refusal.
      const isRefused = REFUSED.test(heard) || wanted !== undefined && !(isNew && wanted === "password");
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
    if (heard !== undefined || !isAnswer || this.#first !== NOWHERE || isLong) return heard;
    const late = await channel.hearLine();
    if (late !== undefined) this.#server.framing = framingFrom("line");
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
    if (this.#first !== NOWHERE) {
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

const CHOICE = new RegExp(
  ["(LOGIN)SEP(NEW)", "(NEW)SEP(LOGIN)"].join("|")
    .replaceAll("SEP", "[\"'»)]*\\s*(?:\\/|\\||,|или|or|ili)\\s*[\"'«(]*")
    .replaceAll("LOGIN", "\\/?(?:login|log in|sign ?in|вход|войти|авторизация)")
    .replaceAll("NEW", "\\/?(?:register|registration|sign ?up|reg|регистрация|зарегистрироваться)(?!\\p{L})"),
  "iu",
);
export const REGISTER = /регистр|созда|новый|registr?|sign ?up|create|new/i;
export const LOG_IN = /вход|вой[тд]|авториз|логин|log ?in|sign ?in|auth|vhod|vo[ij]ti/i;

/** What to answer where a server lets one choose between registering and logging in; `undefined` where it does not. */
export function choiceIn(message: string, isNew: boolean): string | undefined {
  if (message.length > MOST_WORDS) return undefined;
  const wanted = isNew ? REGISTER : LOG_IN;
  const options = [
    ...message.matchAll(
      /(?<![\p{L}\d])(\d|[a-zа-я])\s*(?:[-–—.):=]|(?=для |чтобы |если |to |for |if ))\s*([^\n,;\d]*)/giu,
    ),
  ];
  if (options.length > 1 && options.some(([, , text]) => REGISTER.test(text ?? ""))) {
    return options.find(([, , text = ""]) => wanted.test(text) && (isNew || !REGISTER.test(text)))?.[1];
  }
  const [, yes, no] = /(y|yes|да|д)\s*\/\s*(n|no|нет|н)(?!\p{L})/iu.exec(message) ?? [];
  if (yes !== undefined && /зарегистр|ак+аунт|учётн|учетн|account|registered/i.test(message)) return isNew ? no : yes;
  const words = CHOICE.exec(message)?.slice(1).filter((word) => word !== undefined) ?? [];
  return words.find((word) => REGISTER.test(word) === isNew);
}

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
