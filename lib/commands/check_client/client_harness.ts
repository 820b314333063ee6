/**
 * Where clients are examined: a listener, and a client on it, started by the grader or by a person.
 *
 * @module
 */
import type { Framing } from "../../framing/framing.ts";
import { answerTo } from "./questions.ts";
import { ActiveTimeout } from "../../base/active_timeout.ts";
import { acceptLoop } from "../../net/accept.ts";
import { ClientProcess } from "./client_process.ts";
import type { ClientCheckId } from "./outcome.ts";
import { ClientConnection } from "./client_connection.ts";
import { type Acquaintance, ClientVisit, LAST_WORDS, PRINTING } from "./client_visit.ts";
import { GraderConnection } from "../grading/grader_connection.ts";
import { isConnectedTo } from "../grading/processes.ts";

/** A started client's connection may take so many times as long as a step: some have to be compiled first. */
const START = 4;

/** How long a client is watched for a question before it connects, in ms; answers at most, and ms between two looks. */
const ASKING = 3000;
const MOST_QUESTIONS = 6;
const LOOK = 20;

/** Connections that wait to be examined; a client that connects without end gets no more. */
const MOST_WAITING = 16;

/** How a {@linkcode ClientHarness} is set. */
export interface ClientHarnessOptions {
  readonly listener: Deno.TcpListener;
  /** Words of the client's command line; without them a person starts it. `{host}` and `{port}` are filled in. */
  readonly command: readonly string[];
  /** Typed before the first message: answers to the client's questions, with the same placeholders. */
  readonly answers: readonly string[];
  /** Typed behind the last message. */
  readonly exitWords: readonly string[];
  /** What the server says before the client does. */
  readonly greeting: string | undefined;
  /** Unknown: it is found out. */
  readonly framing: Framing | undefined;
  /** How long the client may take for one step, in ms. */
  readonly wait: number;
  /** The same for one that has let all of that pass in silence once, or prints without end; default the same. */
  readonly again?: number;
  readonly signal: AbortSignal;
  /** Asks a person to let the client connect. */
  readonly invite: (check: ClientCheckId, isAgain: boolean) => void;
}

/** Nobody came: the client ended first, or the time did. */
export class NoClient extends Error {
  override readonly name = "NoClient";
  /** What the client died of, or its last words; empty where it is not known. */
  readonly words: string;
  /** Whether it ended without connecting. */
  readonly hasEnded: boolean;
  /** How long it was waited for, in ms. */
  readonly waited: number;

  constructor(init: { words: string; hasEnded: boolean; waited: number }) {
    super("No client connected");
    this.words = init.words;
    this.hasEnded = init.hasEnded;
    this.waited = init.waited;
  }
}

/** See the module. What was learned of the client in one check serves the next ones. */
export class ClientHarness implements Acquaintance, AsyncDisposable {
  readonly options: ClientHarnessOptions;
  /** The client's, once it is known. */
  framing: Framing | undefined;
  /** Whether the client leaves after one reply. */
  isSingle = false;
  /** Whether the client sends a text of its own, whatever is typed. */
  isFixed = false;
  /** Whether what the client sends stands for what was typed without containing it: in base64, in capitals. */
  isCoded = false;
  /** Whether the client connects before it asks for a message: what it is told sooner may be lost to it. */
  connectsFirst = false;
  /** Whether the client waits for keys and bytes at once: what it is told while it works may be lost to it. */
  losesKeys = false;
  /** What the client that collects lines sends them at: a word, or the end of its input, which is none. */
  collectsUntil: readonly string[] | undefined;
  /** Messages of its own before what was typed: a token, a name, a password; they are answered as anything is. */
  preludes = 0;
  /** What is typed before the first message, and before each further one: the client asks what to do, or whether to go on. */
  readonly leads: { first?: string | undefined; next?: string | undefined } = {};
  /** Typed before the first message where no answers were given: what the client was seen to ask for. */
  learned: readonly string[] | undefined;
  /** What the server says first, where the client was seen to wait for it. */
  greeting: string | undefined;
  /** Whether the client let a whole wait pass. */
  hasBeenSilent = false;
  /** Whether the client did not end in time once. */
  isSlowToEnd = false;
  /** How often the client prints a reply, of ASCII and of other letters; 0 where it does not, or escapes them. */
  prints = { ascii: 0, wide: 0 };
  /** Whether its questions have to be awaited: what it is told sooner is lost to it. */
  #asksEachTime = false;
  readonly #arrived: Deno.TcpConn[] = [];
  readonly #accepting: Promise<void>;
  #arrival = Promise.withResolvers<void>();
  #visit: ClientVisit | undefined;

  constructor(options: ClientHarnessOptions) {
    this.options = options;
    this.framing = options.framing;
    this.greeting = options.greeting;
    if (options.answers.length > 0) this.learned = [];
    this.#accepting = acceptLoop(options.listener, {
      onConnection: (conn) => {
        if ("setNoDelay" in conn && this.#arrived.length < MOST_WAITING) this.#arrived.push(conn as Deno.TcpConn);
        else conn.close();
        this.#arrival.resolve();
        this.#arrival = Promise.withResolvers();
      },
    });
    options.signal.addEventListener("abort", this.#onAbort);
  }

  /** How long the client may take for its next step, in ms. */
  get wait(): number {
    const { wait, again = wait } = this.options;
    return this.hasBeenSilent || this.#visit?.client?.stdout.hasOverflowed ? again : wait;
  }

  /** Whether the grader starts the client itself. */
  get hasCommand(): boolean {
    return this.options.command.length > 0;
  }

  /**
   * Starts the client, or asks for it, and takes its connection.
   *
   * @param check What it is examined for.
   * @param first Its first message, where the grader types.
   * @throws {NoClient}
   */
  async open(check: ClientCheckId, first: string, { isAgain = false } = {}): Promise<ClientVisit> {
    await this.close();
    const client = this.hasCommand ? await this.#start(first) : undefined;
    if (client === undefined) this.options.invite(check, isAgain);
    const conn = await this.#connection(client);
    if (conn === undefined) throw await this.#noClient(client);
    conn.setNoDelay(true);
    const isAtRest = client === undefined ? undefined : () => client.isAtRest();
    const peer = new GraderConnection(conn, {
      ...{ signal: this.options.signal, isAtRest },
      workDone: client === undefined ? undefined : () => client.workDone(),
      ends: { own: conn.localAddr, other: conn.remoteAddr, isToClient: true },
      // More than the longest line that is typed, also in UTF-16.
      mostKept: 512 * 1024,
    });
    this.#visit = new ClientVisit(this, new ClientConnection(peer), client);
    const { greeting } = this;
    if (greeting !== undefined) await peer.send(this.#framed(greeting), this.options.wait);
    if (client !== undefined && this.connectsFirst) {
      // Who prints without end has nothing to lose.
      await client.endsWithin(PRINTING, async () => client.stdout.hasOverflowed || await client.isAtRest());
      this.#tell(client, first);
    }
    return this.#visit;
  }

  /** Whether another connection comes within `ms`: a client that connects again by itself. One that waits for more does not. */
  async hasArrival(ms: number): Promise<boolean> {
    const client = this.#visit?.client;
    const patience = new ActiveTimeout(ms);
    const goesOn = async (): Promise<boolean> => client === undefined || !client.hasEnded && !await client.isAtRest();
    while (this.#arrived.length === 0 && !patience.isOver) {
      const isLast = !await goesOn();
      if (await patience.settles(this.#arrival.promise, LOOK) || isLast) break;
    }
    return this.#arrived.length > 0;
  }

  /** Ends the client that is there. */
  async close(): Promise<void> {
    await this.#visit?.[Symbol.asyncDispose]();
    this.#visit = undefined;
    // What a killed client left in the queue is not the next one's; a person may have been quick.
    if (this.hasCommand) { for (const conn of this.#arrived.splice(0)) conn.close(); }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.options.signal.removeEventListener("abort", this.#onAbort);
    await this.close();
    for (const conn of this.#arrived.splice(0)) conn.close();
    this.options.listener.close();
    await this.#accepting;
  }

  /** Ends every wait at once: the connection is closed, and the client killed. */
  readonly #onAbort = (): void => {
    this.#arrival.resolve();
    this.#visit?.[Symbol.asyncDispose]().catch(() => {/* close() waits for it, too */});
  };

  async #start(first: string): Promise<ClientProcess> {
    const { listener: { addr: { hostname, port } }, command, answers } = this.options;
    const filled = (text: string): string => text.replaceAll("{host}", hostname).replaceAll("{port}", String(port));
    const client = ClientProcess.start({
      command: command.map(filled),
      env: { ECHO_HOST: hostname, ECHO_PORT: String(port) },
    });
    if (this.learned === undefined || this.#asksEachTime) {
      this.learned = await this.#questions(client, filled);
      this.connectsFirst = this.#arrived.length > 0;
    }
    const asked = client.hasAnswered ? [] : this.learned;
    for (const line of [...answers.map(filled), ...asked]) client.type(line);
    if (!this.connectsFirst) this.#tell(client, first);
    return client;
  }

  /** Types the first message, and what belongs to it. */
  #tell(client: ClientProcess, first: string): void {
    const { leads, collectsUntil } = this;
    for (const line of [leads.first, first, ...collectsUntil ?? []]) {
      if (line !== undefined) client.type(line);
    }
    if (collectsUntil?.length === 0) client.endInput();
  }

  /** Answers what a client asks for before it connects, by its words; what it was told. */
  async #questions(client: ClientProcess, filled: (text: string) => string): Promise<string[]> {
    const told: string[] = [];
    const patience = new ActiveTimeout(ASKING);
    const { signal } = this.options;
    const isAsking = (): boolean => this.#arrived.length === 0 && !client.hasEnded && !signal.aborted;
    for (let seen = 0; told.length < MOST_QUESTIONS && isAsking();) {
      // A loop of events looks for keys among other things: whether it asks, only its words tell.
      const isLoop = !await client.readsInput();
      if (isLoop && (answerTo(client.stdout.text.slice(seen)) === undefined || !await client.awaitsEvents())) {
        await patience.settles(Promise.race([this.#arrival.promise, client.ended]), LOOK);
        if (patience.isOver) break;
        continue;
      }
      // What it asks once it is connected is asked for messages.
      if (isConnectedTo(this.options.listener.addr.port)) break;
      // Who reads has printed the question: it may lie in the pipe still.
      if (client.stdout.text.length === seen) await new ActiveTimeout(PRINTING).settles(client.stdout.changed);
      const question = client.stdout.text.slice(seen);
      seen = client.stdout.text.length;
      const known = answerTo(question);
      if (known === undefined) break;
      const answer = filled(known);
      told.push(answer);
      client.type(answer);
      client.hasAnswered = true;
      this.#asksEachTime ||= isLoop;
    }
    return told;
  }

  async #noClient(client: ClientProcess | undefined): Promise<NoClient> {
    await client?.endsWithin(LAST_WORDS);
    const words = client?.crash ?? client?.lastWords ?? "";
    const hasEnded = client?.hasEnded ?? false;
    await client?.[Symbol.asyncDispose]();
    return new NoClient({ words, hasEnded, waited: this.#startWait });
  }

  get #startWait(): number {
    return this.options.wait * (this.hasCommand ? START : 1);
  }

  async #connection(client: ClientProcess | undefined): Promise<Deno.TcpConn | undefined> {
    const { signal } = this.options;
    const patience = new ActiveTimeout(this.#startWait);
    while (this.#arrived.length === 0 && !signal.aborted) {
      const arrival = this.#arrival.promise;
      if (client?.hasEnded) {
        // It may have connected and left before either was noticed.
        await new ActiveTimeout(LAST_WORDS).settles(arrival);
        break;
      }
      if (!await patience.settles(client === undefined ? arrival : Promise.race([arrival, client.ended]))) break;
    }
    return this.#arrived.shift();
  }

  /** In the framing that was named: the client has not shown its own yet when it is greeted. */
  #framed(text: string): Uint8Array {
    const payload = new TextEncoder().encode(text);
    return this.options.framing?.encode(payload) ?? payload;
  }
}
