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
import { rotated } from "../../../lib/store/rotation.ts";
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
  namesTold = 0;
  revocations = 0;
  readonly key = new Uint8Array(32).fill(9);
  readonly invitations = new Set<string>();
  failing: "none" | "write" | "all" = "none";
  #random = 0;

  readonly randomBytes = (count: number): Bytes => new Uint8Array(count).map(() => this.#random++ * 37 + 11);
  readonly keeper = new SessionKeeper({
    store: this,
    now: () => this.now,
    randomBytes: this.randomBytes,
    key: this.key,
  });

  services(): AuthServices {
    return {
      findUser: (name) => this.findUser(name),
      createUser: (name, verifier, invitation) =>
        this.#write(() =>
          invitation !== undefined && !this.invitations.delete(invitation)
            ? "not_invited" as const
            : this.#createUser(name, verifier)
        ),
      sessions: this.keeper,
      passwords: {
        check: (password, verifier) => this.#hash("check", () => checkPassword(password, verifier)),
        make: (password) =>
          this.#hash("make", () => makeVerifier(password, { salt: this.randomBytes(16), iterations: ROUNDS })),
      },
      randomBytes: this.randomBytes,
      nameTold: () => this.namesTold++,
      mock: { key: new Uint8Array(32).fill(5), iterations: ROUNDS },
    };
  }

  findUser(name: string): Promise<KnownUser | null> {
    return this.#read(() => this.users.get(name) ?? null);
  }

  version(): Promise<number> {
    return this.#read(() => this.revocations);
  }

  createSession(
    { id, user, secretHash, createdAt }: Parameters<SessionStore["createSession"]>[0],
    { verifier }: Parameters<SessionStore["createSession"]>[1],
  ): Promise<"created" | "refused"> {
    return this.#write(() => {
      const known = this.users.get(user);
      if (known === undefined || known.disabled || known.verifier !== verifier) return "refused";
      const session = { id, user, generation: 0, secretHash, createdAt, lastUsedAt: createdAt, replaced: [] };
      this.sessions.set(id, session);
      return "created";
    });
  }

  findSession(id: string): Promise<KeptSession | null> {
    return this.#read(() => this.sessions.get(id) ?? null);
  }

  rotateSession(
    id: string,
    next: Parameters<SessionStore["rotateSession"]>[1],
    conditions: Parameters<SessionStore["rotateSession"]>[2],
  ): ReturnType<SessionStore["rotateSession"]> {
    return this.#write<Awaited<ReturnType<SessionStore["rotateSession"]>>>(() => {
      const old = this.sessions.get(id);
      if (old === undefined) return { outcome: "gone" };
      if (old.generation !== next.generation - 1) return { outcome: "moved", session: old };
      const session = rotated(old, next, conditions);
      this.sessions.set(id, session);
      return { outcome: "rotated", session };
    });
  }

  revokeSession(id: string): Promise<boolean> {
    return this.#write(() => this.sessions.delete(id));
  }

  #createUser(name: UserName, verifier: string): "created" | "taken" {
    if (this.users.has(name)) return "taken";
    this.users.set(name, { verifier, disabled: false });
    return "created";
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
