/**
 * The worker's side of what the main thread owns: the limiter, the dialogues, the log. Each looks to the server's code
 * like the real one.
 *
 * @module
 */
import { HeapKeeper } from "../../base/heap_keeper.ts";
import type { Effect, Identity } from "../../protocol/server_dialogue.ts";
import type { ReplyLanguage } from "../../protocol/reply_texts.ts";
import type { ConnectionLimiter, Denial } from "../connection_limiter.ts";
import type { Authenticator } from "../authenticator.ts";
import { copyOf, type Peer } from "../peer.ts";
import type { LogFields, LogLevel, ServiceLog } from "../log.ts";
import type { ClientId, MainCalls } from "./calls.ts";
import type { Link } from "../../base/worker_link.ts";

/**
 * Clients of all workers that wait for the main thread to let them in and greet them, at once; the next ones are accepted
 * when it has. With 64 a worker, a burst of 500 filled `--max-unauthenticated` with clients whose turn had not come. With 4
 * a worker, where the threads wait for a processor at each message, 4,000 clients to be turned away took 3 s.
 */
const MAX_ASKING = 32;

/** Of one worker, at least. */
const LEAST_ASKING = 4;

/** So many clients in a row whom the main thread has turned away mean that there is no place at all, for a moment. */
const SIEGE = 32;

/** How long that is taken to be so, in ms. A place that has become free meanwhile waits as long. */
const SIEGE_LASTS = 10;

/** The way to the main thread. */
type MainLink = Pick<Link<MainCalls>, "call" | "tell">;

/** Asks the main thread for each client, and numbers them. */
export class RemoteLimiter implements ConnectionLimiter {
  readonly #link: MainLink;
  readonly #maxAsking: number;
  readonly #ids = new Map<Peer, ClientId>();
  readonly #greetings = new Map<ClientId, readonly Effect[]>();
  readonly #heap = new HeapKeeper();
  #lastId = 0;
  #asking = 0;
  /** How many were turned away since the last one that was let in, for want of places, and what is known of it. */
  #denied = 0;
  #siege: { readonly denial: Denial; readonly address: string; readonly until: number } | undefined;
  #room: PromiseWithResolvers<void> | undefined;

  /** @param workers How many ask the main thread. */
  constructor(link: MainLink, workers: number) {
    this.#link = link;
    this.#maxAsking = Math.max(LEAST_ASKING, Math.floor(MAX_ASKING / workers));
  }

  /** Resolves when few enough clients wait to be let in or greeted; the others wait where they count for nothing. */
  hasRoom(): Promise<void> | undefined {
    if (this.#asking < this.#maxAsking) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  idOf(peer: Peer): ClientId {
    const id = this.#ids.get(peer);
    if (id === undefined) throw new TypeError(`Cannot tell the number of ${peer.text}: it is not in`);
    return id;
  }

  enter(peer: Peer, isUnauthenticated: boolean): Denial | Promise<Denial | undefined> {
    const siege = this.#siege;
    const isKnown = siege !== undefined && siege.until > performance.now() &&
      (siege.denial === "max_connections" || siege.address === peer.address);
    return isKnown ? siege.denial : this.#enter(peer, isUnauthenticated);
  }

  async #enter(peer: Peer, isUnauthenticated: boolean): Promise<Denial | undefined> {
    const id = ++this.#lastId;
    const { denial, greeting } = await this.#ask(this.#link.call("enter", id, copyOf(peer), isUnauthenticated));
    this.#denied = denial === undefined ? 0 : this.#denied + 1;
    this.#siege = denial === undefined || denial === "access" || this.#denied < SIEGE
      ? undefined
      : { denial, address: peer.address, until: performance.now() + SIEGE_LASTS };
    if (denial === undefined) this.#ids.set(peer, id);
    if (greeting !== undefined) this.#greetings.set(id, greeting);
    return denial;
  }

  /** What the client's dialogue begins with, once. */
  async greeting(peer: Peer): Promise<Effect[]> {
    const id = this.idOf(peer);
    const greeting = this.#greetings.get(id) ?? await this.#ask(this.#link.call("greeting", id));
    this.#greetings.delete(id);
    return [...greeting];
  }

  /** Waits for an answer to a client that has just come. */
  async #ask<T>(answer: Promise<T>): Promise<T> {
    this.#asking++;
    try {
      return await answer;
    } finally {
      this.#asking--;
      this.#room?.resolve();
      this.#room = undefined;
    }
  }

  markAuthenticated(peer: Peer): void {
    this.#siege = undefined;
    this.#link.tell("markAuthenticated", this.idOf(peer));
  }

  strand(peer: Peer): void {
    this.#link.tell("strand", this.idOf(peer));
  }

  leave(peer: Peer, wasStranded: boolean): void {
    const id = this.idOf(peer);
    this.#siege = undefined;
    this.#link.tell("leave", id, wasStranded);
    this.#ids.delete(peer);
    this.#greetings.delete(id);
    this.#heap.ended();
  }

  learnDescriptorLimit(): void {
    this.#link.tell("learnDescriptorLimit");
  }
}

/** An authenticator whose dialogues take place in the main thread, beside the store and the penalties. */
export class RemoteAuthenticator implements Authenticator {
  readonly language: ReplyLanguage;
  readonly #link: MainLink;
  readonly #limiter: RemoteLimiter;
  /** The numbers of those who were admitted, by what the session knows them by. */
  readonly #admitted = new WeakMap<Identity, ClientId>();
  #onRevoked: (ids: ReadonlySet<ClientId>) => void = () => {};

  constructor(link: MainLink, limiter: RemoteLimiter, language: ReplyLanguage) {
    this.#link = link;
    this.#limiter = limiter;
    this.language = language;
  }

  open: Authenticator["open"] = (peer) => {
    const id = this.#limiter.idOf(peer);
    return {
      greeting: () => this.#limiter.greeting(peer),
      receive: async (message) => {
        const bytes = typeof message === "string" ? new TextEncoder().encode(message) : message;
        // A part of a buffer would travel with all of it.
        return [...await this.#link.call("receive", id, bytes.slice())];
      },
    };
  };

  inTurn: Authenticator["inTurn"] = async (peer, work) => {
    const id = this.#limiter.idOf(peer);
    await this.#link.call("turn", id);
    try {
      return await work();
    } finally {
      this.#link.tell("endTurn", id);
    }
  };

  // The main thread knows of the server's end itself, and ends waits then.
  failed: Authenticator["failed"] = (peer) => this.#link.call("fail", this.#limiter.idOf(peer));

  admitted: Authenticator["admitted"] = (peer, identity) =>
    this.#link.call("admit", this.#limiter.idOf(peer), identity);

  isStillValid: Authenticator["isStillValid"] = (peer, identity) => {
    const id = this.#limiter.idOf(peer);
    this.#admitted.set(identity, id);
    return this.#link.call("isStillValid", id, identity);
  };

  sessionEnded: Authenticator["sessionEnded"] = (identity) => this.#link.call("sessionEnded", identity);

  /** The main thread says that these sessions are over. */
  revoke(ids: readonly ClientId[]): void {
    this.#onRevoked(new Set(ids));
  }

  async *revocations(signal: AbortSignal): AsyncGenerator<(identity: Identity) => Promise<boolean>> {
    const found = new ReadableStream<ReadonlySet<ClientId>>({
      start: (controller): void => {
        this.#onRevoked = (ids) => controller.enqueue(ids);
        const end = (): void => {
          this.#onRevoked = () => {};
          controller.close();
        };
        if (signal.aborted) end();
        else signal.addEventListener("abort", end, { once: true });
      },
    });
    for await (const ids of found) yield (identity) => Promise.resolve(ids.has(this.#admitted.get(identity) ?? -1));
  }
}

/** A log whose lines the main thread writes; those that it would leave out stay here. */
export function remoteLog(link: MainLink, least: LogLevel): ServiceLog {
  const at = (level: LogLevel) =>
    LEVELS.indexOf(level) < LEVELS.indexOf(least)
      ? (): void => {}
      : (event: string, fields: LogFields = {}): void => link.tell("log", level, event, fields);
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    reopen: () => {/* the main thread does */},
    [Symbol.dispose]: () => {/* the main thread does */},
  };
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];
