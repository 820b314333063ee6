/** The world of a dialogue, in memory: predictable randomness, a clock the test sets, and faults on demand. */
import type { UserName } from "../../../lib/auth/names.ts";
import { checkPassword, makeVerifier } from "../../../lib/auth/verifier.ts";
import { StorageError } from "../../../lib/base/errors.ts";
import type {
  AuthServices,
  Effect,
  KnownUser,
  LogFields,
  ServerDialogue,
} from "../../../lib/protocol/server_dialogue.ts";
import { type KeptSession, SessionKeeper, type SessionStore } from "../../../lib/protocol/session_keeper.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export const ROUNDS = 4096;
export const START = Date.UTC(2026, 0, 1);

/** Users, sessions and hosts in memory, with the atomicity of one thread. */
export class FakeWorld implements SessionStore {
  readonly users = new Map<string, KnownUser>();
  readonly sessions = new Map<string, KeptSession>();
  readonly calls: string[] = [];
  now = START;
  busy = false;
  failing: "none" | "write" | "all" = "none";
  #random = 0;

  readonly randomBytes = (count: number): Bytes => new Uint8Array(count).map(() => this.#random++ * 37 + 11);
  readonly keeper = new SessionKeeper({ store: this, now: () => this.now, randomBytes: this.randomBytes });

  services(): AuthServices {
    return {
      findUser: (name) => this.#read(() => this.users.get(name) ?? null),
      createUser: (name, verifier) => this.#write(() => this.#createUser(name, verifier)),
      sessions: this.keeper,
      passwords: {
        check: (password, verifier) => this.#hash("check", () => checkPassword(password, verifier)),
        make: (password) =>
          this.#hash("make", () => makeVerifier(password, { salt: this.randomBytes(16), iterations: ROUNDS })),
      },
      randomBytes: this.randomBytes,
      mock: { key: new Uint8Array(32).fill(5), iterations: ROUNDS },
    };
  }

  createSession(
    { id, user, secretHash, createdAt }: Parameters<SessionStore["createSession"]>[0],
    { verifier }: Parameters<SessionStore["createSession"]>[1],
  ): Promise<"created" | "refused"> {
    return this.#write(() => {
      const known = this.users.get(user);
      if (known === undefined || known.disabled || known.verifier !== verifier) return "refused";
      this.sessions.set(id, { id, family: id, user, secretHash, createdAt, lastUsedAt: createdAt, replacedAt: null });
      return "created";
    });
  }

  findSession(id: string): Promise<KeptSession | null> {
    return this.#read(() => this.sessions.get(id) ?? null);
  }

  rotateSession(
    oldId: string,
    next: { readonly id: string; readonly secretHash: Uint8Array },
    { now, graceMs }: { readonly now: number; readonly graceMs: number },
  ): ReturnType<SessionStore["rotateSession"]> {
    return this.#write<Awaited<ReturnType<SessionStore["rotateSession"]>>>(() => {
      const old = this.sessions.get(oldId);
      if (old === undefined) return { outcome: "gone" };
      if (old.replacedAt !== null && now > old.replacedAt + graceMs) {
        this.#drop(old.family);
        return { outcome: "reused", session: old };
      }
      const session = { ...old, ...next, lastUsedAt: now, replacedAt: null };
      this.sessions.set(oldId, { ...old, replacedAt: old.replacedAt ?? now });
      this.sessions.set(next.id, session);
      return { outcome: "rotated", session };
    });
  }

  revokeSession(id: string): Promise<boolean> {
    return this.#write(() => this.#drop(this.sessions.get(id)?.family ?? id));
  }

  #createUser(name: UserName, verifier: string): "created" | "taken" {
    if (this.users.has(name)) return "taken";
    this.users.set(name, { verifier, disabled: false });
    return "created";
  }

  #drop(family: string): boolean {
    const ids = [...this.sessions.values()].filter((session) => session.family === family).map(({ id }) => id);
    for (const id of ids) this.sessions.delete(id);
    return ids.length > 0;
  }

  #read<T>(act: () => T): Promise<T> {
    if (this.failing === "all") return Promise.reject(new StorageError("cannot_read", "Cannot read: test"));
    return Promise.resolve(act());
  }

  #write<T>(act: () => T): Promise<T> {
    if (this.failing !== "none") return Promise.reject(new StorageError("cannot_write", "Cannot write: test"));
    return Promise.resolve(act());
  }

  #hash<T>(call: string, act: () => Promise<T>): Promise<T | "busy"> {
    this.calls.push(call);
    return this.busy ? Promise.resolve("busy") : act();
  }
}

/**
 * A server's dialogue as a client meets it: say something, get the reply. Keeps every effect, and fails when a log
 * effect holds more than a name, a number, or a word of the program's own.
 */
export class Line {
  readonly effects: Effect[] = [];
  readonly #said: string[] = [];
  readonly #dialogue: ServerDialogue;

  constructor(dialogue: ServerDialogue) {
    this.#dialogue = dialogue;
  }

  async greeting(): Promise<string> {
    return this.#reply(await this.#dialogue.greeting());
  }

  async say(message: string | Uint8Array): Promise<string> {
    if (typeof message === "string") this.#said.push(message);
    return this.#reply(await this.#dialogue.receive(message));
  }

  /** What the dialogue has come to. */
  get end(): string {
    return this.effects.filter(({ type }) => type === "accept" || type === "close").map(({ type }) => type).join();
  }

  /** Who was accepted. */
  get accepted(): string | undefined {
    return this.effects.map((effect) => effect.type === "accept" ? effect.identity.name : undefined).find(Boolean);
  }

  /** The logged events with their reasons. */
  get events(): string[] {
    return this.effects.flatMap((effect) =>
      effect.type === "log" ? [[effect.event, effect.fields.reason].filter(Boolean).join(" ")] : []
    );
  }

  #reply(effects: readonly Effect[]): string {
    this.effects.push(...effects);
    for (const effect of effects) if (effect.type === "log") this.#assertNoSecret(effect.fields);
    const replies = effects.flatMap((effect) => effect.type === "reply" ? [effect.message] : []);
    if (replies.length !== 1) throw new Error(`${replies.length} replies to one message`);
    return replies[0] ?? "";
  }

  #assertNoSecret(fields: LogFields): void {
    for (const [field, value] of Object.entries(fields)) {
      const isOwn = typeof value === "number" || OWN_WORDS.test(value);
      const isSecret = typeof value === "string" && this.#said.some((said) => said === value);
      if (field !== "name" && (!isOwn || isSecret)) throw new Error(`the log field ${field} holds what a client said`);
    }
  }
}

/** Reasons, mechanisms and keys of texts: no base64, no token and no password of these tests looks like one. */
const OWN_WORDS = /^[a-z_]{4,30}$/;
