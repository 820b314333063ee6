/**
 * The conformance suite of hostile input: what a case is, what it runs against, and what must hold after each of them.
 *
 * A case needs no more than an address, so that any server can be tried. Some need the process of the server, or its data
 * folder as well; they are skipped where these are not known.
 *
 * @module
 */
import { deadline } from "@std/async/deadline";
import { FramedConn } from "../../lib/framed_conn.ts";
import { framingFrom } from "../../lib/framing/framing.ts";
import { AuthClient, codeOf, PASSWORD, registration, tokenOf } from "./auth.ts";
import { writeAll } from "./net.ts";
import type { RunningServer } from "./tools.ts";

/** What a case is about. */
export type Group = "framing" | "content" | "dialogue" | "sasl" | "sessions" | "storage" | "system";

/** One row of the table. */
export interface HostileCase {
  readonly group: Group;
  readonly name: string;
  /** Mode of the server; `any` for cases that only connect, reset or signal. */
  readonly mode: "echo" | "identify" | "auth" | "any";
  /** Default: `u32`. */
  readonly framing?: string;
  /** What the case sends. */
  readonly sends: string;
  /** What must happen. */
  readonly must: string;
  /** What the case needs beside an address: the server's process, or a server that the suite has started itself. */
  readonly needs?: "pid" | "own";
  /** Fails when something else happens. */
  readonly run: (target: Target) => Promise<void>;
}

/** A server under test. */
export interface TargetSpec {
  readonly host: string;
  readonly port: number;
  readonly mode: "echo" | "identify" | "auth";
  readonly framing: string;
  /** Largest payload it accepts, in bytes. */
  readonly maxFrame: number;
  readonly pid?: number;
  /** Set where the suite has started it. */
  readonly own?: RunningServer;
}

/** How many cases ended how. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Longest wait for what must happen, in ms. */
const PATIENCE = 15_000;

/** See the module. */
export class Target implements AsyncDisposable {
  readonly spec: TargetSpec;
  /** Told apart from names of earlier runs against the same server. */
  readonly #run = crypto.randomUUID().slice(0, 8);
  #names = 0;
  #neighbour: FramedConn | undefined;
  #witness = "";
  #token = "";

  private constructor(spec: TargetSpec) {
    this.spec = spec;
  }

  /** Connects, and leaves behind what every case must leave alone: a session, two users, a token, or a known host. */
  static async at(spec: TargetSpec): Promise<Target> {
    const target = new Target(spec);
    if (spec.mode === "auth") {
      target.#witness = await target.newUser();
      await using second = await target.client();
      target.#token = tokenOf(await second.say(registration(target.newName())));
    }
    target.#neighbour = await target.session();
    return target;
  }

  /** A name nobody has. */
  newName(): string {
    return `h${this.#run}.${++this.#names}`;
  }

  /** Registers a user with the password of all users here. */
  async newUser(): Promise<string> {
    const name = this.newName();
    await using client = await this.client();
    const answer = await client.say(registration(name));
    if (codeOf(answer) !== "235") throw new Error(`Cannot register ${name}: ${answer}`);
    return name;
  }

  /** A plain connection. */
  async dial(): Promise<Deno.TcpConn> {
    const conn = await Deno.connect({ hostname: this.spec.host, port: this.spec.port });
    conn.setNoDelay(true);
    return conn;
  }

  /** A framed connection. */
  async dialFramed(): Promise<FramedConn> {
    return new FramedConn(await this.dial(), { framing: framingFrom(this.spec.framing), maxFrame: this.spec.maxFrame });
  }

  /** A client in its dialogue. */
  async client(): Promise<AuthClient> {
    return await AuthClient.to(this.spec.port, this.spec.host);
  }

  /** A connection in its echo session. */
  async session(): Promise<FramedConn> {
    if (this.spec.mode === "auth") {
      const client = await this.client();
      const answer = await client.scram(this.#witness);
      if (codeOf(answer) !== "235") throw new Error(`${this.#witness} cannot log in any more: ${answer}`);
      return client.conn;
    }
    const conn = await this.dialFramed();
    if (this.spec.mode === "identify") {
      const greeting = await conn.receiveText() ?? "end";
      if (codeOf(greeting) === "331" && this.#witness === "") {
        this.#witness = `Host ${this.#run}`;
        await conn.send(this.#witness);
        await conn.receiveText();
      } else if (codeOf(greeting) !== "230") {
        throw new Error(`This host is not known any more: ${greeting}`);
      }
    }
    return conn;
  }

  /** Sends bytes on a connection of its own; what comes back until the server's end. */
  async exchange(wire: Uint8Array, { finish = false } = {}): Promise<Uint8Array> {
    using conn = await this.dial();
    const reading = this.inTime(readToEnd(conn), "the server's end");
    await writeAll(conn, wire).catch(() => {/* it has closed already: what it sent is what counts */});
    if (finish) await conn.closeWrite().catch(() => {/* likewise */});
    return await reading;
  }

  /** What must hold after each case. */
  async check(): Promise<void> {
    const { pid, mode } = this.spec;
    if (pid !== undefined && !isAlive(pid)) throw new Error("The server has ended");
    await this.inTime(echoed(this.#neighbour), "the echo of a client that was there before");
    if (mode !== "echo") await this.inTime(this.#admitted(), "a new client's greeting");
    const other = await this.inTime(this.session(), "a new client's session");
    await this.inTime(echoed(other), "the echo of a new client");
    other.close();
    if (mode !== "auth") return;
    await using second = await this.client();
    const answer = await second.say(`AUTH TOKEN ${this.#token}`);
    if (codeOf(answer) !== "235") throw new Error(`A token is not good any more: ${answer}`);
    this.#token = tokenOf(answer);
  }

  /** Resolves once a new client is greeted: connections of a case count until the server has seen that they are gone. */
  async #admitted(): Promise<void> {
    for (let greeting = "421"; codeOf(greeting) === "421";) {
      await using conn = await this.dialFramed();
      greeting = await conn.receiveText().catch(() => null) ?? "421";
    }
  }

  /** The same witnesses on another server with the same data. */
  async on(port: number): Promise<Target> {
    const target = new Target({ ...this.spec, port });
    target.#names = this.#names;
    target.#witness = this.#witness;
    target.#token = this.#token;
    target.#neighbour = await target.session();
    return target;
  }

  /** Rejects when it takes too long. */
  async inTime<T>(promise: Promise<T>, what: string): Promise<T> {
    try {
      return await deadline(promise, PATIENCE);
    } catch (error) {
      if (error instanceof DOMException) throw new Error(`Timed out waiting for ${what}`);
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#neighbour?.close();
    return Promise.resolve();
  }
}

/** Why the case cannot be tried here, if so. */
export function obstacle(it: HostileCase, { mode, framing, pid, own }: TargetSpec): string | undefined {
  if (it.mode !== "any" && it.mode !== mode) return `mode ${it.mode}`;
  if (it.mode !== "any" && (it.framing ?? "u32") !== framing) return `framing ${it.framing ?? "u32"}`;
  if (it.needs === "pid" && pid === undefined) return "needs --pid";
  if (it.needs === "own" && own === undefined) return "needs a server of its own";
  return undefined;
}

/** Runs the cases one after the other; one line each. */
export async function runCases(
  target: Target,
  cases: readonly HostileCase[],
  print: (line: string) => void,
): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const it of cases) {
    const title = `${it.group}: ${it.name}`;
    const reason = obstacle(it, target.spec);
    if (reason !== undefined) {
      tally.skipped++;
      print(`skip ${title} (${reason})`);
      continue;
    }
    try {
      await target.inTime(it.run(target), it.must);
      await target.check();
      tally.passed++;
      print(`ok   ${title}`);
    } catch (error) {
      tally.failed++;
      print(`FAIL ${title}\n     sends: ${it.sends}\n     must: ${it.must}\n     but: ${reasonOf(error)}`);
    }
  }
  return tally;
}

/** The line a run closes with. */
export function summary({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

async function echoed(conn: FramedConn | undefined): Promise<void> {
  if (conn === undefined) return;
  const message = `still there? ${crypto.randomUUID()}`;
  await conn.send(message);
  // Without boundaries a message may come in parts.
  let answer = "";
  while (answer.length < message.length) answer += await conn.receiveText() ?? throwEnd();
  if (answer !== message) throw new Error(`An echo was altered: ${answer}`);
}

function throwEnd(): never {
  throw new Error("The connection has ended");
}

/** Everything until the end; a reset is an end, too. */
async function readToEnd(conn: Deno.Conn): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
      parts.push(buffer.slice(0, read));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replaceAll("\n", " ").slice(0, 400) : String(error);
}

/** Of every user here. */
export { PASSWORD };
