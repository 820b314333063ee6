/**
 * Logging in by commands, `/register NAME PASSWORD` and `/login NAME PASSWORD` or the like, which the server names itself.
 *
 * @module
 */
import type { Channel } from "./channel.ts";
import { Dialogue, type DialogueOptions, type Visit } from "./dialogue.ts";
import { type ServerUnderTest, WORDS } from "./server_under_test.ts";
import { MOST_WORDS, REFUSED } from "./text_dialogue.ts";

/** The words of the two commands. */
interface Commands {
  readonly register: string;
  readonly logIn: string;
}

/** A command word, then what stands for a name and for a password. */
const USAGE = /([/!]?[\p{L}_]+)[ :]+[<[{(]?[\p{L}_]+[>\]})]?[ :]+[<[{(]?(?:парол|passw|pwd|parol)/giu;

/** The commands that a text tells; `undefined` where it tells of none. */
export function commandsIn(text: string): Commands | undefined {
  const words = Array.from(text.slice(0, MOST_WORDS).matchAll(USAGE), ([, word = ""]) => word);
  const register = words.find((word) => /reg|рег/i.test(word));
  const logIn = words.find((word) => /log|вход|войти|auth/i.test(word));
  return register === undefined || logIn === undefined ? undefined : { register, logIn };
}

export class CommandDialogue extends Dialogue {
  readonly #commands: Commands;

  constructor(server: ServerUnderTest, { options, commands }: { options: DialogueOptions; commands: Commands }) {
    super(server, options);
    this.#commands = commands;
  }

  override async begin(): Promise<void> {
    const server = this.server;
    const { register, logIn } = this.#commands;
    const { name, password } = this.options;
    const channel = await server.open();
    await this.#say(channel, `${register} ${name} ${password}`);
    this.first = await this.#logIn(channel, password);
    const replies: string[] = [];
    for (const word of WORDS) replies.push(await channel.send(word) && await channel.hear() || "");
    server.learn(replies.map((reply) => server.framing?.name === "line" ? reply.replace(/\r?\n$/, "") : reply));
    channel.close();
    server.lastLeave = "leave-close";
    server.enter = async (next) =>
      (server.greeting.length === 0 || await next.isGreeted()) &&
      await this.#say(next, `${logIn} ${name} ${password}`) !== "";
    this.again = await this.visit();
  }

  override async visit(password: string = this.options.password): Promise<Visit> {
    const { enter } = this.server;
    this.server.enter = undefined;
    this.server.leave();
    const channel = await this.server.open();
    this.server.enter = enter;
    const visit = await this.#logIn(channel, password);
    channel.close();
    this.server.lastLeave = "leave-close";
    return visit;
  }

  async #logIn(channel: Channel, password: string): Promise<Visit> {
    const said = await this.#say(channel, `${this.#commands.logIn} ${this.options.name} ${password}`);
    return { isIn: said === "" ? undefined : !REFUSED.test(said), said: [said], asked: new Set(["name", "password"]) };
  }

  async #say(channel: Channel, command: string): Promise<string> {
    return await channel.send(command) ? await channel.hear() ?? "" : "";
  }
}
