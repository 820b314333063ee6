/**
 * A dialogue in free text: what the server asks for is guessed from its words, in English or Russian.
 *
 * @module
 */
import type { Channel } from "./channel.ts";
import type { Dialogue, DialogueOptions, Visit } from "./dialogue.ts";
import { EXACT, isSameStyle, styleOf } from "./echo_style.ts";
import type { Examinee } from "./examinee.ts";

/** Questions answered in one visit at most: a name, a password, the password again, and some to spare. */
const QUESTIONS = 6;

const PASSWORD = /парол|passw|pwd/i;
const NAME = /(?<!\p{L})им(?:я|ени|ем)(?!\p{L})|зовут|логин|представ|\bname\b|login|log in|who are you|user/iu;
const REFUSED =
  /невер|непра|ошиб|отказ|не (?:подход|совпа|найд)|wrong|incorrect|invalid|denied|fail|bad |refus|not (?:match|correct)/i;
const ASKS = /[?:>]\s*$|введ|enter|укаж|придум|назов|choose|give|your/i;

/** See the module. */
export class TextDialogue implements Dialogue {
  readonly options: DialogueOptions;
  readonly #examinee: Examinee;
  #first: Visit = { isIn: undefined, said: [], asked: new Set() };
  #token: string | undefined;

  constructor(examinee: Examinee, options: DialogueOptions) {
    this.#examinee = examinee;
    this.options = options;
  }

  get first(): Visit {
    return this.#first;
  }

  get hasPasswords(): boolean {
    return this.#first.asked.has("password");
  }

  async begin(): Promise<void> {
    const examinee = this.#examinee;
    const channel = await this.#connect();
    this.#first = await this.#answer(channel);
    this.#token = tokenIn(this.#first.said.join("\n"), this.options);
    examinee.enter = async (channel) => (await this.#answer(channel)).said.length > 0;
    // What follows may be an echo.
    const styles = [];
    for (const word of ["Qwerty-1", "Zxcvbn-22"]) {
      if (!channel.peer.isOpen || !await channel.say(word)) break;
      const reply = await channel.listen();
      const style = reply === undefined ? undefined : styleOf(word, reply);
      if (style === undefined) break;
      styles.push(style);
    }
    const [one, two] = styles;
    examinee.echoes = one !== undefined && two !== undefined && isSameStyle(one, two);
    if (one !== undefined && examinee.echoes) {
      examinee.style = isSameStyle(one, EXACT) ? EXACT : one;
      examinee.keep(channel);
    } else channel.close();
  }

  async visit(password: string = this.options.password): Promise<Visit> {
    const channel = await this.#connect();
    const visit = await this.#answer(channel, password);
    channel.close();
    return visit;
  }

  async visitWithToken(): Promise<Visit | undefined> {
    const token = this.#token;
    if (token === undefined) return undefined;
    const channel = await this.#connect();
    const heard = await channel.listen() ?? "";
    await channel.say(token);
    const reply = await channel.listen();
    channel.close();
    const isIn = reply !== undefined && !REFUSED.test(reply) && !PASSWORD.test(reply);
    return { isIn: isIn ? true : undefined, said: [heard, reply ?? ""], asked: new Set() };
  }

  async #connect(): Promise<Channel> {
    const { enter } = this.#examinee;
    this.#examinee.enter = () => Promise.resolve(true);
    try {
      this.#examinee.leave();
      return await this.#examinee.open();
    } finally {
      this.#examinee.enter = enter;
    }
  }

  /** Answers what is asked until nothing is asked any more. */
  async #answer(channel: Channel, password: string = this.options.password): Promise<Visit> {
    const said: string[] = [];
    const asked = new Set<"name" | "password">();
    for (let question = 0; question <= QUESTIONS; question++) {
      const heard = await channel.listen();
      if (heard === undefined) break;
      said.push(heard);
      if (asked.has("password") && REFUSED.test(heard)) return { isIn: false, said, asked };
      const wanted = wantedBy(heard, asked);
      if (wanted === undefined) return { isIn: true, said, asked };
      asked.add(wanted);
      if (!await channel.say(wanted === "name" ? this.options.name : password)) break;
    }
    // Closed without another word: after a password, that is a refusal.
    return { isIn: asked.has("password") && said.length > 0 ? false : undefined, said, asked };
  }
}

/** What a message asks for. */
export function wantedBy(message: string, asked: ReadonlySet<"name" | "password">): "name" | "password" | undefined {
  const line = message.trim().split("\n").at(-1) ?? "";
  if (PASSWORD.test(message) && ASKS.test(message)) return "password";
  if (asked.has("name")) return undefined;
  return NAME.test(message) && ASKS.test(message) ? "name" : line.endsWith("?") ? "name" : undefined;
}

/** What looks like a token: a long word that is neither the name nor the password. */
function tokenIn(text: string, { name, password }: DialogueOptions): string | undefined {
  return text.match(/[A-Za-z0-9_.~+/=-]{16,}/g)?.find((word) => !word.includes(name) && !word.includes(password));
}
