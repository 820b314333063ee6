/**
 * A dialogue in free text: what the server asks for is guessed from its words, in English or Russian.
 *
 * @module
 */
import type { Channel } from "./channel.ts";
import type { Dialogue, DialogueOptions, Visit } from "./dialogue.ts";
import { EXACT, isSameStyle, styleOf } from "./echo_style.ts";
import type { ServerUnderTest } from "./server_under_test.ts";

/** Questions answered in one visit at most: a name, a password, the password again, and some to spare. */
const QUESTIONS = 6;

/** Longest wait for a reply that a password has to be worked out for, in ms: hashing it is meant to be slow. */
const LOGIN_PATIENCE = 5000;

const PASSWORD = /парол|passw|pwd/i;
const NAME = /(?<!\p{L})им(?:я|ени|ем)(?!\p{L})|зовут|логин|представ|\bname\b|login|log in|who are you|user/iu;
const REFUSED =
  /невер|непра|ошиб|отказ|недейст|не (?:подх|совпа|найд|дейст)|снова|ещё раз|wrong|incorrect|invalid|denied|fail|bad |refus|again|not (?:match|correct|valid|found)/i;
const TOKEN = /token|токен/i;
const ASKS = /[?:>]\s*$|введ|enter|укаж|придум|назов|choose|give|your/i;

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

  async begin(): Promise<void> {
    const server = this.#server;
    const channel = await this.#connect();
    this.#first = await this.#answer(channel, { isNew: true });
    this.#token = tokenIn(this.#first.said.join("\n"), this.options);
    await this.#learnEcho(channel);
    channel.close();
    server.lastLeave = "leave-close";
    this.#again = await this.visit();
    this.#byToken = await this.#tryToken();
    server.enter = (channel) => this.#enter(channel);
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
    const styles = [];
    for (const word of ["Qwerty-1", "Zxcvbn-22"]) {
      if (!channel.peer.isOpen || !await channel.send(word)) break;
      const reply = await channel.listen();
      const style = reply === undefined ? undefined : styleOf(word, reply);
      if (style === undefined) break;
      styles.push(style);
    }
    const [one, two] = styles;
    this.#server.echoes = one !== undefined && two !== undefined && isSameStyle(one, two);
    if (one !== undefined && this.#server.echoes) this.#server.style = isSameStyle(one, EXACT) ? EXACT : one;
  }

  /** Gets as far as the echo: by token where that works; as somebody new where the password is refused. */
  async #enter(channel: Channel): Promise<boolean> {
    if (this.#tokenMessage !== undefined) {
      const heard = await channel.listen();
      if (heard === undefined) return false;
      await channel.reply(this.#tokenMessage, heard);
      return await channel.listen(LOGIN_PATIENCE) !== undefined;
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
      const heard = await channel.listen() ?? "";
      await channel.reply(message, heard);
      const reply = await channel.listen(LOGIN_PATIENCE) ?? "";
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
    for (let question = 0; question <= QUESTIONS; question++) {
      const heard = await channel.listen(asked.has("password") ? LOGIN_PATIENCE : undefined);
      if (heard === undefined) break;
      said.push(heard);
      const wanted = wantedBy(heard, asked);
      // A new password may be asked for twice; otherwise another question behind it is a refusal.
      const isRefused = REFUSED.test(heard) || wanted !== undefined && !(isNew && wanted === "password");
      if (asked.has("password") && isRefused) return { isIn: false, said, asked };
      if (wanted === undefined) return { isIn: true, said, asked };
      asked.add(wanted);
      if (!await channel.reply(wanted === "name" ? name : password, heard)) break;
    }
    // Closed without another word: after a password, that is a refusal.
    return { isIn: asked.has("password") && said.length > 0 ? false : undefined, said, asked };
  }
}

/** What is answered in a visit. */
interface Answers {
  readonly name?: string;
  readonly password?: string;
  /** Whether the name is to be registered. */
  readonly isNew?: boolean;
}

/** What a message asks for. */
export function wantedBy(message: string, asked: ReadonlySet<"name" | "password">): "name" | "password" | undefined {
  const line = message.trim().split("\n").at(-1) ?? "";
  if (PASSWORD.test(message) && ASKS.test(message)) return "password";
  if (asked.has("name") && !asked.has("password")) return undefined;
  return NAME.test(message) && ASKS.test(message) ? "name" : line.endsWith("?") ? "name" : undefined;
}

/** What looks like a token: a long word that is neither the name nor the password. */
function tokenIn(text: string, { name, password }: DialogueOptions): string | undefined {
  return text.match(/[A-Za-z0-9_.~+/=-]{16,}/g)?.find((word) => !word.includes(name) && !word.includes(password));
}
