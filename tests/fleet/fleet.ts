/**
 * A fleet on this machine: PostgreSQL with a standby, HAProxy, three servers; and what is lost when each part dies.
 *
 * @module
 */
import { ask, logIn, QUICK_VERIFIER, tokenOf } from "../support/auth.ts";
import { type RunningServer, runTool, startServer, until } from "../support/tools.ts";
import { freePort } from "../support/auth_postgres.ts";
import { BALANCER, Balancer, hasHaproxy } from "./balancer.ts";
import { Database } from "./database.ts";
import { type Door, Probe, register, type Registered, Sessions } from "./work.ts";

/** A part that dies, and what comes after. */
export type Blow = "server" | "balancer" | "database" | "promotion";

/** All of them, in the order in which they are tried. */
export const BLOWS: readonly Blow[] = ["server", "balancer", "database", "promotion"];

/** How much is going on meanwhile. */
export interface Load {
  readonly registrations: number;
  readonly sessions: number;
}

/** What a blow has done. */
export interface Damage extends Omit<Registered, "acknowledged"> {
  readonly blow: Blow;
  readonly acknowledged: number;
  /** Acknowledged, and not found afterwards. */
  readonly lost: number;
  /** Sessions through the part that died, and those of them that ended. */
  readonly struck: number;
  readonly struckEnded: number;
  /** The other sessions, and those of them that ended. */
  readonly others: number;
  readonly othersEnded: number;
  /** Until the part was killed and started again, or replaced, in ms. */
  readonly downMs: number;
  /** The longest time in which no log-in succeeded, in ms. */
  readonly gapMs: number;
}

/** Who logs in. */
const USER = "probe";

interface Member {
  readonly server: RunningServer;
  readonly metrics: number;
}

/** See the module. */
export class Fleet implements AsyncDisposable {
  readonly #database: Database;
  readonly #members: Member[] = [];
  #balancer: Balancer | undefined;
  #turn = 0;
  #names = 0;

  private constructor(database: Database) {
    this.#database = database;
  }

  /** Starts all parts. */
  static async start(servers = 3): Promise<Fleet> {
    const fleet = new Fleet(await Database.start());
    try {
      const { code, stderr } = await runTool("echo-server", ["store", "init"], { env: fleet.#env });
      if (code !== 0) throw new Error(stderr);
      const user = JSON.stringify({ name: USER, verifier: QUICK_VERIFIER });
      await runTool("echo-server", ["users", "import"], { env: fleet.#env, stdin: user });
      while (fleet.#members.length < servers) fleet.#members.push(await fleet.#startServer());
      if (hasHaproxy) fleet.#balancer = await Balancer.start(fleet.#members.map(portsOf));
      return fleet;
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A session that is begun at one server goes on at each other one, by its token; how many moves it made. */
  async move(): Promise<number> {
    const [first] = this.#members;
    if (first === undefined) return 0;
    let token = tokenOf(await logIn(first.server.port, USER));
    let moves = 0;
    for (const { server } of [...this.#members.slice(1), first]) {
      const answer = await ask(server.port, `AUTH TOKEN ${token}`);
      token = tokenOf(answer);
      moves++;
    }
    return moves;
  }

  /** Strikes under load, and mends what was struck. */
  async strike(blow: Blow, { registrations, sessions }: Load): Promise<Damage> {
    const names = Array.from({ length: registrations }, () => `user-${++this.#names}`);
    // Each server finds the database by itself, after the blow before.
    await Promise.all(this.#members.map(isReady));
    const echoing = new Sessions();
    await this.#openSessions(echoing, { blow, count: sessions });
    const probe = new Probe(USER, this.#door);
    await probe.succeeded(performance.now());
    const begin = Promise.withResolvers<void>();
    const registered = register(names, {
      door: this.#door,
      onEach: (done) => done >= registrations / 4 && begin.resolve(),
    });
    await begin.promise;
    const at = performance.now();
    const mend = await this.#hit(blow);
    const downMs = performance.now() - at;
    await probe.succeeded(performance.now());
    const { acknowledged, unacknowledged } = await registered;
    await probe.succeeded(performance.now());
    const gapMs = probe.gapSince(at);
    await probe.close();
    await echoing.close();
    const known = new Set(JSON.parse(await this.#users("list", "--json")).map(({ name }: { name: string }) => name));
    await mend();
    const ended = (name: string): number => echoing.ended.get(name) ?? 0;
    const struck = echoing.ended.has("struck") ? Math.ceil(sessions / this.#shares(blow)) : 0;
    return {
      ...{ blow, unacknowledged, downMs, gapMs, struck, struckEnded: ended("struck") },
      acknowledged: acknowledged.length,
      lost: acknowledged.filter((name) => !known.has(name)).length,
      others: sessions - struck,
      othersEnded: ended("others"),
    };
  }

  /**
   * Disables a user with `count` sessions at all servers, whose connections to the database are cut in that moment; how long
   * after the command had begun the last of the sessions ended, in ms.
   */
  async disable(count: number): Promise<number> {
    await Promise.all(this.#members.map(isReady));
    const echoing = new Sessions();
    await echoing.open(count, { user: USER, name: "disabled", door: () => this.#anyServer() });
    await this.#database.cutConnections();
    const at = performance.now();
    await this.#users("disable", USER);
    await until(() => echoing.ended.get("disabled") === count || undefined, "the end of the sessions");
    const took = performance.now() - at;
    await echoing.close();
    await this.#users("enable", USER);
    return took;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#balancer?.[Symbol.asyncDispose]();
    for (const { server } of this.#members) await server[Symbol.asyncDispose]();
    await this.#database[Symbol.asyncDispose]();
  }

  get #env(): Record<string, string> {
    return { ECHO_STORE: this.#database.url };
  }

  readonly #door: Door = () => this.#balancer?.port ?? this.#anyServer();

  #anyServer(): number {
    return this.#members[this.#turn++ % this.#members.length]?.server.port ?? 0;
  }

  /** Of how many parts one is struck. */
  #shares(blow: Blow): number {
    return blow === "server" ? this.#members.length : 1;
  }

  /** Sessions at the servers themselves, so that it is known whose end is whose; through the balancer where that is struck. */
  async #openSessions(sessions: Sessions, { blow, count }: { blow: Blow; count: number }): Promise<void> {
    const [first, ...others] = this.#members;
    if (first === undefined) return;
    if (blow === "balancer") return await sessions.open(count, { user: USER, name: "struck", door: this.#door });
    if (blow === "server") {
      const struck = Math.ceil(count / this.#members.length);
      await sessions.open(struck, { user: USER, name: "struck", door: () => first.server.port });
      count -= struck;
    }
    let turn = 0;
    const door = (): number => others[turn++ % others.length]?.server.port ?? 0;
    await sessions.open(count, { user: USER, name: "others", door });
  }

  /** Kills a part and does what its supervisor would do; answers what is to be done afterwards. */
  async #hit(blow: Blow): Promise<() => Promise<void>> {
    const nothing = (): Promise<void> => Promise.resolve();
    switch (blow) {
      case "server": {
        const [first] = this.#members;
        first?.server.kill("SIGKILL");
        await first?.server.finished;
        return async () => void (this.#members[0] = await this.#startServer(first));
      }
      case "balancer":
        await this.#balancer?.kill();
        await this.#balancer?.restart();
        return nothing;
      case "database":
        await this.#database.kill();
        await this.#database.recover();
        return nothing;
      case "promotion":
        await this.#database.kill();
        await this.#database.promote();
        return () => this.#database.addStandby();
    }
  }

  async #startServer(before?: Member): Promise<Member> {
    const metrics = before?.metrics ?? freePort();
    const server = await startServer({
      args: ["--mode", "auth", "--metrics", `127.0.0.1:${metrics}`, "--proxy-protocol", BALANCER, "--strict-port"],
      env: this.#env,
      ...(before === undefined ? {} : { port: before.server.port }),
    });
    return { server, metrics };
  }

  async #users(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runTool("echo-server", ["users", ...args], { env: this.#env });
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }
}

async function isReady({ metrics }: Member): Promise<void> {
  const ask = async (): Promise<true | undefined> => {
    const { ok, body } = await fetch(`http://127.0.0.1:${metrics}/readyz`);
    await body?.cancel();
    return ok || undefined;
  };
  await until(ask, "a server to be ready");
}

function portsOf({ server, metrics }: Member): { port: number; metrics: number } {
  return { port: server.port, metrics };
}
