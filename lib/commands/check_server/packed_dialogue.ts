/**
 * Logging in by one message that holds all: see `packing.ts`.
 *
 * @module
 */
import { framingFrom } from "../../framing/framing.ts";
import { concat } from "../../base/bytes.ts";
import { textOf, utf8 } from "./bytes.ts";
import type { Channel } from "./channel.ts";
import { answersInFrames, likelyFramings } from "./detect.ts";
import { Dialogue, type DialogueOptions, LOGIN_PATIENCE, NOWHERE, type Obstacle, type Visit } from "./dialogue.ts";
import { greetingText } from "./greeting.ts";
import { type Packing, packingsFor, type Said, TO_LOG_IN, TO_REGISTER, TO_SAY } from "./packing.ts";
import { type ServerUnderTest, WORDS } from "./server_under_test.ts";
import { falsified, MOST_WORDS, REFUSED, tokenIn, wantedBy } from "./words.ts";

const ASKED: Visit["asked"] = new Set(["name", "password"]);

/** A refusal in fields. */
const REFUSED_IN_FIELDS =
  /(?:^|; )(?:(?:ok|success|auth\w*|result|status|logged\w*|code|type|response|answer|accepted|valid): (?:false|0|err|fail|no\b|den|bad|wrong|invalid|unauth|forbid|reject|4\d\d)|(?:error|err|reason): (?!(?:null|none|false|0|)(?:;|$)))/i;

/** A word for what is to be done is not known. */
const UNKNOWN =
  /(?:unknown|unsupported|no such|bad|invalid|wrong) (?:action|command|cmd|type|op|method|request)|неизвест|не поддерж/i;

/** Messages to a server that asks for one thing after the other. */
const QUESTIONS = 4;

/**
 * The dialogue of a server that was not understood otherwise; `undefined` where this is none. What it answers in JSON without a
 * log-in is learnt on the way.
 *
 * @param words What it said of other messages, on the connection and on its console.
 * @throws {NotServed} when it did not survive a question: it is not asked that again.
 */
export async function findPacked(
  server: ServerUnderTest,
  { options, words }: { readonly options: DialogueOptions; readonly words: string },
): Promise<Dialogue | undefined> {
  const { packings, isTold } = packingsFor(words);
  const known = server.framing?.hasBoundaries ? [server.framing.name] : [];
  const likely = answersInFrames(server) ? [] : likelyFramings(server, isTold && known.length === 0);
  const framings = new Set([...known, ...likely]);
  const before = { framing: server.framing, foreign: server.foreign, isSilent: server.isSilent };
  for (const name of framings) {
    for (const packing of packings) {
      server.framing = framingFrom(name);
      const dialogue = new PackedDialogue(server, { options, packing });
      if (await dialogue.isUnderstood() || server.echoes) {
        server.foreign = undefined;
        server.isSilent = false;
        return dialogue.first === NOWHERE ? undefined : dialogue;
      }
    }
  }
  Object.assign(server, before);
  return undefined;
}

/** See the module. */
export class PackedDialogue extends Dialogue {
  readonly #packing: Packing;
  #toLogIn: string = TO_LOG_IN[0];
  /** Behind each message: a line end, where lines are read and the replies have none. */
  #end: Uint8Array = new Uint8Array(0);
  /** Whether each silence so far was seen to be for good. */
  #isSilenceSure: boolean;

  constructor(server: ServerUnderTest, { options, packing }: { options: DialogueOptions; packing: Packing }) {
    super(server, options);
    this.#packing = packing;
    this.#isSilenceSure = server.isHeldUp !== undefined;
    // Who tells of commands in lines may read lines.
    const isLine = packing.name === "command" && /\n$/.test(greetingText(server)) && !server.framing?.hasBoundaries;
    if (isLine) this.#end = utf8(server.lineEnd);
  }

  override get hasPasswords(): boolean {
    return true;
  }

  override get obstacle(): Obstacle | undefined {
    if (this.first.isIn !== false) return undefined;
    return this.options.isGiven ? "skip_no_login" : "skip_no_newcomers";
  }

  /** The first visit: whether the server lets somebody in that way. An answer that is the same without a name is none. */
  async isUnderstood(): Promise<boolean> {
    const { name, password, isGiven } = this.options;
    const server = this.server;
    const question = `${server.framing?.name} ${this.#packing.name}`;
    const other = this.#isObject
      ? await this.#onceEver(`${question} nobody`, { action: TO_LOG_IN[0], text: "" })
      : server.wrongReply ?? greetingText(server);
    // Each silence takes its whole time where it is not seen to be for good: the likely words are enough of it.
    const likely = other === "" && !this.#isSilenceSure ? [TO_REGISTER[0], TO_LOG_IN[0]] : undefined;
    const actions = likely ?? [TO_REGISTER[0], TO_LOG_IN[0], ...TO_REGISTER.slice(1), ...TO_LOG_IN.slice(1)];
    for (const action of isGiven ? TO_LOG_IN : actions) {
      const reply = await this.#onceEver(`${question} ${action}`, { action, name, password });
      if (reply === "" && !this.#isObject) return false;
      if (reply === "" || UNKNOWN.test(reply)) continue;
      if (reply.includes(password)) break;
      // Of an object it may be the word for what is to be done that says nothing to the server.
      if (essence(reply) === essence(other)) {
        if (this.#isObject && reply !== "") continue;
        break;
      }
      const isIn = !isRefused(reply);
      if (!isIn && !/passw|парол|user|login|польз|логин/i.test(reply)) continue;
      if (TO_LOG_IN.some((word) => word === action)) this.#toLogIn = action;
      this.first = { isIn, said: [reply], asked: ASKED };
      return true;
    }
    // There may be an echo all the same.
    if (this.#packing.name === "JSON" && other !== "") await this.#learnEcho(() => this.connect());
    return false;
  }

  override async begin(): Promise<void> {
    if (this.first === NOWHERE) await this.isUnderstood();
    if (this.first.isIn !== true) return;
    const server = this.server;
    if (this.again === NOWHERE) this.again = await this.visit();
    const logged = async (): Promise<Channel> => {
      const channel = await this.connect();
      await this.#logIn(channel, this.options.password);
      return channel;
    };
    if (!server.echoes) await this.#learnEcho(logged);
    server.enter = async (channel) =>
      (server.greeting.length === 0 || await channel.isGreeted()) &&
      (await this.#logIn(channel, this.options.password)).isIn === true;
    this.byToken ??= await this.#tryToken();
  }

  override async visit(password: string = this.options.password): Promise<Visit> {
    const channel = await this.connect();
    const visit = await this.#logIn(channel, password);
    this.part(channel);
    return visit;
  }

  async #tryToken(): Promise<Visit | undefined> {
    const token = tokenIn([...this.first.said, ...this.again.said].join(" "), this.options);
    if (token === undefined) return undefined;
    let refused: Visit | undefined;
    for (const action of ["token", ...TO_LOG_IN]) {
      const said = [await this.#once({ action, token, text: token })];
      const [reply = ""] = said;
      if (reply !== "" && !isRefused(reply) && !UNKNOWN.test(reply)) {
        const other = falsified(token);
        const answer = await this.#once({ action, token: other, text: other });
        if (answer.replaceAll(other, token) !== reply) return { isIn: true, said, asked: new Set() };
      }
      if (/token|токен/i.test(reply)) refused ??= { isIn: false, said, asked: new Set() };
    }
    return refused ?? NOWHERE;
  }

  async #logIn(channel: Channel, password: string): Promise<Visit> {
    const { name } = this.options;
    let reply = "";
    for (const action of [this.#toLogIn, ...TO_LOG_IN]) {
      reply = await this.#say(channel, { action, name, password });
      if (UNKNOWN.test(reply) && channel.peer.isOpen) continue;
      this.#toLogIn = action;
      break;
    }
    return { isIn: reply !== "" && !isRefused(reply), said: [reply], asked: ASKED };
  }

  /** What comes back for messages, once one may send them: as they are, or packed. */
  async #learnEcho(open: () => Promise<Channel>): Promise<void> {
    const server = this.server;
    for (const action of this.#isObject ? TO_SAY : []) {
      const channel = await open();
      const replies: string[] = [];
      for (const text of WORDS) {
        await this.#send(channel, { action, text });
        const reply = await channel.hear() ?? "";
        // As it was sent: nothing is unpacked here.
        if (reply.trim() === textOf(this.#packing.pack({ action, text }))) break;
        replies.push(server.framing?.name === "line" ? reply.replace(/\r?\n$/, "") : reply);
        if (!reply.includes(text)) break;
      }
      this.part(channel);
      if (replies.length === 0) break;
      if (replies.length < WORDS.length || !replies[1]?.includes(WORDS[1])) continue;
      const { wrongReply } = server;
      server.learn(replies);
      if (!server.echoes) server.wrongReply = wrongReply;
      else server.wrap = (text) => concat(this.#packing.pack({ action, text: textOf(text) }), this.#end);
      return;
    }
    const channel = await open();
    const replies: string[] = [];
    for (const word of WORDS) {
      let reply = await channel.send(word) ? await channel.listen() : undefined;
      if (reply === undefined && replies.length === 0 && this.#end.length > 0) {
        // Without a line end it waits for one.
        reply = (await channel.hearLine())?.replace(/\r?\n$/, "");
        if (reply !== undefined) server.readsLines();
      }
      replies.push(reply ?? "");
    }
    if (replies.every((reply) => reply !== "")) server.learn(replies);
    this.part(channel);
  }

  get #isObject(): boolean {
    return this.#packing.name === "JSON" || this.#packing.name === "pickle";
  }

  /** A question that the server is asked once, though it may end of it and be started anew: no answer is one, too. */
  async #onceEver(question: string, said: Said): Promise<string> {
    const { replies } = this.server;
    if (!replies.has(question)) {
      const channel = await this.connect();
      replies.set(question, "");
      const reply = await this.#say(channel, said);
      replies.set(question, reply);
      this.#isSilenceSure &&= reply !== "" || channel.peer.isAwaited || !channel.peer.isOpen;
      this.part(channel);
    }
    return replies.get(question) ?? "";
  }

  protected override async connect(): Promise<Channel> {
    const channel = await super.connect();
    if (this.server.greeting.length > 0) await channel.isGreeted();
    return channel;
  }

  /** A message on a connection of its own. */
  async #once(said: Said): Promise<string> {
    const channel = await this.connect();
    const reply = await this.#say(channel, said);
    this.part(channel);
    return reply;
  }

  /** What is answered, also where it is asked for in parts. */
  async #say(channel: Channel, said: Said): Promise<string> {
    let text = "";
    for (let question = 0; question < QUESTIONS && await this.#send(channel, said); question++) {
      const server = this.server;
      const reply = await channel.hearBytes(this.first === NOWHERE ? 2 * server.patience : LOGIN_PATIENCE);
      if (reply === undefined) break;
      if (server.framing?.name === "line" && reply.at(-1) !== 0x0a) {
        server.framing = framingFrom("raw");
        if (this.#packing.name !== "pickle") this.#end = utf8("\n");
      }
      text = this.#packing.read(reply);
      if (said.password === undefined || isRefused(text) || wantedBy(text, new Set()) === undefined) break;
    }
    return text;
  }

  async #send(channel: Channel, said: Said): Promise<boolean> {
    const { framing } = channel;
    const isPickleAlone = this.#packing.name === "pickle" && framing.name === "line";
    const isLine = framing.name === "line" || framing.name === "crlf";
    const message = concat(this.#packing.pack(said), isLine ? new Uint8Array(0) : this.#end);
    if (message.length > framing.capacity) return false;
    return await channel.peer.send(isPickleAlone ? message : framing.encode(message), this.server.patience);
  }
}

function isRefused(reply: string): boolean {
  return REFUSED.test(reply) || REFUSED_IN_FIELDS.test(reply);
}

/** Without numbers, and no longer than words are: how much is read of what has no end differs each time. */
function essence(text: string): string {
  return text.slice(0, MOST_WORDS).replaceAll(/\d+/g, "0");
}
