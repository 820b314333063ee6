/**
 * The dialogue of docs/protocol.md, modes `identify` and `auth`.
 *
 * @module
 */
import { LoginError, ProtocolError, UsageError } from "../../base/errors.ts";
import { ClientDialogue, type CredentialSource, type DialogueResult } from "../../protocol/client_dialogue.ts";
import { parseReply, type Reply } from "../../protocol/replies.ts";
import type { Channel } from "./channel.ts";
import { Dialogue, LOGIN_PATIENCE, NOWHERE, type Visit } from "./dialogue.ts";
import { EXACT } from "./echo_style.ts";

export class OwnDialogue extends Dialogue {
  #token: string | undefined;

  /** Whether that is a greeting of this protocol. */
  static recognizes(greeting: string): boolean {
    return replyOf(greeting) !== undefined;
  }

  override async begin(): Promise<void> {
    if (this.first === NOWHERE) await this.#begin();
    if (this.first.isIn !== true) return;
    if (this.again === NOWHERE) this.again = await this.visit();
    if (this.#token !== undefined) {
      this.byToken = await this.#visit({ source: this.#source("none"), usesToken: true });
      if (this.byToken.isIn !== true) this.#token = undefined;
    }
  }

  async #begin(): Promise<void> {
    const server = this.server;
    const channel = await this.connect();
    this.first = await this.#converse(channel, { source: this.#source("registration"), usesToken: false });
    if (this.first.isIn !== true) return channel.close();
    server.style = EXACT;
    server.echoes = (await channel.ask("echo?")).isEcho;
    this.part(channel);
    server.enter = async (channel) => {
      const visit = await this.#converse(channel, { source: this.#source("password"), usesToken: true });
      return visit.isIn === true;
    };
  }

  override async visit(password?: string): Promise<Visit> {
    return await this.#visit({ source: this.#source("password", password), usesToken: false });
  }

  async #visit(by: Approach): Promise<Visit> {
    const channel = await this.connect();
    const visit = await this.#converse(channel, by);
    this.part(channel);
    return visit;
  }

  async #converse(
    channel: Channel,
    { source, usesToken }: Approach,
  ): Promise<Visit> {
    const token = usesToken ? this.#token : undefined;
    const dialogue = new ClientDialogue({
      ...{ secure: true, proof: "any", source, name: this.options.name },
      randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
      ...token === undefined ? {} : { token },
    });
    const said: string[] = [];
    const asked = new Set<"name" | "password">();
    try {
      for (;;) {
        const heard = await channel.listen(LOGIN_PATIENCE);
        if (heard === undefined) return { isIn: undefined, said, asked };
        const message = channel.framing.hasBoundaries ? heard : heard.replace(/\r?\n$/, "");
        said.push(message);
        const reply = replyOf(message);
        if (reply?.code === 331) asked.add("name");
        if (reply?.tags.AUTH !== undefined) asked.add("password");
        const step = await dialogue.receive(message);
        if (step.type === "done") return this.#done(step.result, { isIn: true, said, asked });
        await channel.send(channel.framing.hasBoundaries ? step.message : `${step.message}\n`);
      }
    } catch (error) {
      if (error instanceof LoginError) return { isIn: false, said, asked };
      if (error instanceof ProtocolError || error instanceof UsageError) return { isIn: undefined, said, asked };
      throw error;
    }
  }

  #done({ token }: DialogueResult, visit: Visit): Visit {
    if (token !== undefined) this.#token = token;
    return visit;
  }

  /** Gives the password once; registers where the user is to be made. */
  #source(type: "registration" | "password" | "none", password: string = this.options.password): CredentialSource {
    const { name } = this.options;
    return {
      name: (refused) => Promise.resolve(refused === undefined ? name : undefined),
      credential: ({ after }) => {
        // A name that is registered already is logged in with.
        if (type === "registration" && after === "name_taken") return Promise.resolve({ type: "password", password });
        if (type === "none" || after !== undefined) return Promise.resolve(undefined);
        return Promise.resolve({ type, password });
      },
    };
  }
}

interface Approach {
  readonly source: CredentialSource;
  readonly usesToken: boolean;
}

function replyOf(message: string): Reply | undefined {
  try {
    return parseReply(message.replace(/\r?\n$/, ""));
  } catch {
    return undefined;
  }
}
