/**
 * What clients do while parts of a fleet die: echo sessions, registrations, and log-ins that show how long none was
 * possible.
 *
 * @module
 */
import { delay } from "../../lib/base/delay.ts";
import { AuthClient, codeOf, registration } from "../support/auth.ts";

/** Where clients connect to: another server each time, or a balancer. */
export type Door = () => number;

/** For one answer, in ms; then the client gives up and tries again. */
const ANSWER = 15_000;

/** Between two messages of a session, in ms. */
const MESSAGES = 50;

/** Between two tries to log in, in ms, and how many may be under way. */
const PROBES = { every: 50, most: 40 } as const;

/** Runs one dialogue that ends in time, or fails. */
async function dialogue<T>(port: number, talk: (client: AuthClient) => Promise<T>): Promise<T> {
  await using client = await AuthClient.to(port);
  const timer = setTimeout(() => client.conn.close(), ANSWER);
  try {
    return await talk(client);
  } finally {
    clearTimeout(timer);
  }
}

/** Sessions that send and compare until they are stopped. */
export class Sessions {
  /** Ended, by the name of what they were connected to. */
  readonly ended = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];

  /** Opens `count` sessions of a user. */
  async open(count: number, { user, name, door }: { user: string; name: string; door: Door }): Promise<void> {
    const clients = await Promise.all(Array.from({ length: count }, async () => {
      const client = await AuthClient.to(door());
      if (codeOf(await client.scram(user)) !== "235") throw new Error(`A session of ${user} was refused`);
      return client;
    }));
    this.ended.set(name, 0);
    for (const client of clients) this.#running.push(this.#run(client, name));
  }

  /** Ends those that are left. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  async #run(client: AuthClient, name: string): Promise<void> {
    const { signal } = this.#stop;
    try {
      for (let sent = 0; !signal.aborted; sent++) {
        if (!await client.isEchoed(`${name} ${sent}`)) throw new Error("not its echo");
        await delay(MESSAGES, signal);
      }
    } catch {
      this.ended.set(name, (this.ended.get(name) ?? 0) + 1);
    } finally {
      client.conn.close();
    }
  }
}

/** What became of registrations. */
export interface Registered {
  /** Who was told 235. */
  readonly acknowledged: readonly string[];
  /** Whose answer was lost, and who were found to exist when they tried again: nothing was promised to them. */
  readonly unacknowledged: number;
}

/** Registers all names, each of them as often as it takes. */
export async function register(
  names: readonly string[],
  { door, onEach }: { readonly door: Door; readonly onEach: (done: number) => void },
): Promise<Registered> {
  const acknowledged: string[] = [];
  let unacknowledged = 0;
  const left = names.values();
  const worker = async (): Promise<void> => {
    for (const name of left) {
      for (;;) {
        const answer = await dialogue(door(), (client) => client.say(registration(name))).catch(() => "end");
        if (codeOf(answer) === "235") acknowledged.push(name);
        else if (answer.includes("[TAKEN]")) unacknowledged++;
        else {
          await delay(50);
          continue;
        }
        break;
      }
      onEach(acknowledged.length + unacknowledged);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return { acknowledged, unacknowledged };
}

/** Logs in again and again. */
export class Probe {
  readonly #successes: { readonly begun: number; readonly done: number }[] = [];
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #underWay = 0;
  #next = Promise.withResolvers<void>();

  constructor(user: string, door: Door) {
    this.#running = this.#run(user, door);
  }

  /** Ends. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Resolves after a log-in that began after `at` has succeeded. */
  async succeeded(at: number): Promise<void> {
    while (!this.#successes.some(({ begun }) => begun > at)) await this.#next.promise;
  }

  /** The longest time without a log-in that succeeded, since `at`, in ms. */
  gapSince(at: number): number {
    const times = [at, ...this.#successes.map(({ done }) => done).filter((done) => done > at).sort((a, b) => a - b)];
    return Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time)));
  }

  async #run(user: string, door: Door): Promise<void> {
    const { signal } = this.#stop;
    const tries = new Set<Promise<void>>();
    while (!signal.aborted) {
      if (this.#underWay < PROBES.most) {
        const done: Promise<void> = this.#once(user, door).finally(() => tries.delete(done));
        tries.add(done);
      }
      await delay(PROBES.every, signal);
    }
    await Promise.all(tries);
  }

  async #once(user: string, door: Door): Promise<void> {
    this.#underWay++;
    const begun = performance.now();
    try {
      if (codeOf(await dialogue(door(), (client) => client.scram(user))) === "235") {
        this.#successes.push({ begun, done: performance.now() });
        this.#next.resolve();
        this.#next = Promise.withResolvers();
      }
    } catch {
      // That it failed is what is looked for.
    } finally {
      this.#underWay--;
    }
  }
}
