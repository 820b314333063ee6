import { assertEquals, assertMatch } from "@std/assert";
import { hashInvitation, invitationFrom } from "../../../lib/auth/invitations.ts";
import { ScramClient } from "../../../lib/auth/scram.ts";
import { type Authenticator, type AuthenticatorOptions, openAuthenticator } from "../../../lib/server/authenticator.ts";
import type { ServiceLog } from "../../../lib/server/log.ts";
import { type Peer, peerOf } from "../../../lib/server/peer.ts";
import { Stats } from "../../../lib/server/stats.ts";
import { decodeText, encodeText } from "../../../lib/protocol/commands.ts";
import { parseReply } from "../../../lib/protocol/replies.ts";
import type { Effect, Identity } from "../../../lib/protocol/server_dialogue.ts";
import type { Fleet, UserStore } from "../../../lib/store/store.ts";
import { PASSWORD, QUICK_VERIFIER, VERIFIER } from "../../support/verifiers.ts";
import { MemoryStore } from "../../support/memory_store.ts";

const LOG: ServiceLog = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  reopen() {},
  [Symbol.dispose]() {},
};

/** Servers on one store, as a database is one, and a record of what they ask of it. */
class World {
  readonly store = new MemoryStore();
  readonly calls: string[] = [];
  hasFailed = false;
  readonly #fleet: Fleet = {
    trouble: () => undefined,
    onRevoked: () => ({ [Symbol.dispose]: () => {} }),
    takeTurn: () => {
      this.calls.push("takeTurn");
      return Promise.resolve({ waitMs: 0, isTaken: false, hasFailed: this.hasFailed });
    },
    endTurn: () => Promise.resolve(),
    holdBack: () => Promise.resolve(),
  };

  async open(more: Partial<AuthenticatorOptions> = {}): Promise<Authenticator> {
    await this.store.createUser({ name: "anna", verifier: QUICK_VERIFIER, createdAt: 0 });
    const store = new Proxy<UserStore>(this.store, {
      get: (target, name) => {
        if (name === "fleet") return this.#fleet;
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: readonly unknown[]): unknown => {
          this.calls.push(String(name));
          return Reflect.apply(value, target, args);
        };
      },
    });
    const options = { language: "en", allowInsecure: false, maxAttempts: 3 } as const;
    const authenticator = await openAuthenticator({ store, log: LOG, stats: new Stats(), ...options, ...more });
    this.calls.length = 0;
    return authenticator;
  }
}

/** What a connection does until the client has been told that it is in. */
async function logIn(authenticator: Authenticator, peer: Peer): Promise<Identity> {
  const dialogue = authenticator.open(peer);
  await dialogue.greeting();
  const say = async (message: string): Promise<readonly Effect[]> =>
    await authenticator.inTurn(peer, () => dialogue.receive(message));
  const client = new ScramClient({ name: "anna", password: PASSWORD, nonce: crypto.randomUUID() });
  const [challenge] = await say(`AUTH SCRAM-SHA-256 ${encodeText(client.first())}`);
  const text = challenge?.type === "reply" ? decodeText(parseReply(challenge.message).text) : undefined;
  const accepted = (await say(encodeText(await client.final(text ?? "")))).find(({ type }) => type === "accept");
  if (accepted?.type !== "accept") throw new Error("The log-in was refused");
  return accepted.identity;
}

const peer = (): Peer => peerOf({ transport: "tcp", hostname: "192.0.2.1", port: 50_000 }, { isTls: true });

Deno.test("a log-in through SCRAM asks a shared store three times, and no more where nothing happens meanwhile", async () => {
  const world = new World();
  const authenticator = await world.open();
  const client = peer();
  const identity = await logIn(authenticator, client);
  await authenticator.admitted(client, identity);
  assertEquals(await authenticator.isStillValid(client, identity), true);
  assertEquals(world.calls, ["findUser", "takeTurn", "createSession"]);
});

Deno.test("failures are forgotten where the store has some", async () => {
  const world = new World();
  const authenticator = await world.open();
  world.hasFailed = true;
  const client = peer();
  await authenticator.admitted(client, await logIn(authenticator, client));
  assertEquals(world.calls.at(-1), "clearAttempts");
});

Deno.test("a session that is revoked while it is opened is found, whether that is noticed before or after", async () => {
  for (const isNoticed of [true, false]) {
    const world = new World();
    const authenticator = await world.open();
    const stop = new AbortController();
    const revocations = authenticator.revocations(stop.signal)[Symbol.asyncIterator]();
    const client = peer();
    const identity = await logIn(authenticator, client);
    await world.store.setDisabled("anna", true);
    const noticed = isNoticed ? await revocations.next() : undefined;
    const isValid = await authenticator.isStillValid(client, identity);
    // Who is not among the live sessions yet when they are looked through has to be found by the look of its own.
    const isRevoked = (noticed ?? await revocations.next()).value;
    assertEquals([isValid, await isRevoked?.(identity)], [!isNoticed, true]);
    stop.abort();
    await revocations.return?.();
  }
});

Deno.test("nothing that had expired is good again when the clock is set back before the next start", async () => {
  const world = new World();
  const start = Date.now();
  const codes = [1, 2].map((byte) => invitationFrom(new Uint8Array(16).fill(byte)));
  const hashes = await Promise.all(codes.map(async (code) => await hashInvitation(code) ?? ""));
  await world.store.addInvitations(hashes, start + 60_000);
  /** What a server answers that starts at this time by the wall clock. */
  const answerAt = async (wall: number, message: string): Promise<string> => {
    const clocks = { wall: () => wall, steady: () => 0 };
    const authenticator = await world.open({ clocks, registration: "invite" });
    const client = peer();
    const dialogue = authenticator.open(client);
    await dialogue.greeting();
    const effects = await authenticator.inTurn(client, () => dialogue.receive(message));
    return effects.flatMap((effect) => effect.type === "reply" ? [effect.message] : []).join();
  };
  const registration = (at: number): string => `REGISTER ${encodeText(`user${at}`)} ${VERIFIER} ${codes[at]}`;
  const [, token = ""] = /^235 .*\[TOKEN (\S+)/.exec(await answerAt(start, registration(0))) ?? [];
  for (const wall of [start + 30 * 3_600_000, start + 1000]) {
    assertMatch(await answerAt(wall, registration(1)), /^501 \[INVITE\]/);
    assertMatch(await answerAt(wall, `AUTH TOKEN ${token}`), /^535 /);
  }
});
