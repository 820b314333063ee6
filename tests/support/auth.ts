/**
 * Clients of mode `auth` as a test needs them: they say any frame, right or wrong. SCRAM is done here by hand and not
 * with the client's state machine, so that each part of a message can be replaced by a bad one.
 *
 * @module
 */
import { parseBase64, utf8 } from "../../lib/base/bytes.ts";
import { hmac, xor } from "../../lib/auth/crypto.ts";
import { deriveKeys, type ScramKeys } from "../../lib/auth/verifier.ts";
import { FramedConn } from "../../lib/framed_conn.ts";
import { decodeText, encodeText } from "../../lib/protocol/commands.ts";
import { parseReply, type Reply } from "../../lib/protocol/replies.ts";
import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import type { UserStore } from "../../lib/store/store.ts";
import { runPython } from "./net.ts";
import { type RunningServer, type ServerSpec, startServer } from "./tools.ts";
import { PASSWORD, QUICK_VERIFIER, VERIFIER } from "./verifiers.ts";

export * from "./verifiers.ts";

const SALT = new Uint8Array(16).fill(7);

/** The one text of every refused password. */
export const INCORRECT = "530 Log-in incorrect. What is your name?";

/** The one text of every refused token. */
export const INVALID = "535 Session token invalid or expired. What is your name?";

/** A server of mode `auth`, and its users. */
export interface AuthSpec extends ServerSpec {
  /** Of every user. Default: {@linkcode QUICK_VERIFIER}. */
  readonly verifier?: string;
}

/** Starts a server of mode `auth` that has these users, all with {@linkcode PASSWORD}. */
export async function startAuth(
  users: readonly string[] = [],
  { verifier, ...spec }: AuthSpec = {},
): Promise<RunningServer> {
  const prepare = async (data: string): Promise<void> => {
    await using store = await openSqliteStore(data);
    for (const name of users) await addUser(store, name, verifier);
  };
  // Beforehand: this runtime's SQLite may put a file that nobody uses at the moment into WAL mode, and the server's, which
  // is older, would keep it so: then users list of the compiled tool is refused.
  return await startServer({
    ...spec,
    ...users.length > 0 && { prepare },
    args: ["--mode", "auth", ...spec.args ?? []],
  });
}

/** Adds a user with {@linkcode PASSWORD}. */
export async function addUser(store: UserStore, name: string, verifier: string = QUICK_VERIFIER): Promise<void> {
  if (await store.createUser({ name, verifier, createdAt: Date.now() }) === "taken") {
    throw new Error(`${name} is taken`);
  }
}

/** One SCRAM exchange after the server's first message. */
export interface Challenge {
  readonly bare: string;
  readonly serverFirst: string;
  /** The whole nonce. */
  readonly nonce: string;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly iterations: number;
}

/** A client-final and what proves that the server knows the verifier. */
export interface Proof {
  readonly message: string;
  readonly serverFinal: string;
}

/** A connection in its dialogue. */
export class AuthClient implements AsyncDisposable {
  readonly conn: FramedConn;
  readonly greeting: string;

  private constructor(conn: FramedConn, greeting: string) {
    this.conn = conn;
    this.greeting = greeting;
  }

  /** Connects, and waits for the greeting. */
  static async to(port: number, hostname = "127.0.0.1"): Promise<AuthClient> {
    const wire = await Deno.connect({ hostname, port });
    wire.setNoDelay(true);
    const conn = new FramedConn(wire);
    try {
      return new AuthClient(conn, await conn.receiveText() ?? "end");
    } catch (error) {
      conn.close();
      throw error;
    }
  }

  /** Sends a frame; the server's answer, or `end`. */
  async say(message: string): Promise<string> {
    await this.conn.send(message);
    return await this.conn.receiveText() ?? "end";
  }

  /** Says all of it, one after the other; the last answer. */
  async sayAll(...messages: readonly string[]): Promise<string> {
    let answer = this.greeting;
    for (const message of messages) answer = await this.say(message);
    return answer;
  }

  /** The first half of a SCRAM exchange. */
  async challenge(name: string, nonce = `${crypto.randomUUID()}`): Promise<Challenge> {
    const bare = `n=${name},r=${nonce}`;
    const serverFirst = decodeText(replyOf(await this.say(`AUTH SCRAM-SHA-256 ${encodeText(`n,,${bare}`)}`)).text) ??
      "";
    const [, whole = "", salt = "", iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(serverFirst) ?? [];
    return { bare, serverFirst, nonce: whole, salt: parseBase64(salt) ?? SALT, iterations: Number(iterations) };
  }

  /** A whole SCRAM exchange; the answer to the proof. Fails when the server does not prove that it knows the verifier. */
  async scram(name: string, password = PASSWORD): Promise<string> {
    const challenge = await this.challenge(name);
    if (Number.isNaN(challenge.iterations)) throw new Error(`There was no challenge for ${name}`);
    const { message, serverFinal } = await prove(challenge, password);
    const answer = await this.say(message);
    const { code, tags } = replyOf(answer);
    if (code === 235 && decodeText(tags.SCRAM?.[0] ?? "") !== serverFinal) {
      throw new Error("The server's signature is wrong");
    }
    return answer;
  }

  /** Whether the session is open: what is sent comes back. */
  async isEchoed(message = "still there?"): Promise<boolean> {
    return await this.say(message) === message;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.conn[Symbol.asyncDispose]();
  }
}

/** One answer to one dialogue in a connection of its own. */
export async function ask(port: number, ...messages: readonly string[]): Promise<string> {
  await using client = await AuthClient.to(port);
  return await client.sayAll(...messages);
}

/** The answer to a log-in through SCRAM in a connection of its own. */
export async function logIn(port: number, name: string, password?: string): Promise<string> {
  await using client = await AuthClient.to(port);
  return await client.scram(name, password);
}

/** Works on a few items at a time: a server takes no more than a hundred clients that have not logged in. */
export async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of left) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return results;
}

/** A client-final over a challenge; `changed` takes the place of the nonce that belongs there. */
export async function prove(challenge: Challenge, password: string, changed = challenge.nonce): Promise<Proof> {
  const { clientKey, storedKey, serverKey } = await keysOf(password, challenge);
  const withoutProof = `c=biws,r=${changed}`;
  const signed = utf8(`${challenge.bare},${challenge.serverFirst},${withoutProof}`);
  const proof = xor(clientKey, await hmac(storedKey, signed)).toBase64();
  const serverFinal = `v=${(await hmac(serverKey, signed)).toBase64()}`;
  return { message: encodeText(`${withoutProof},p=${proof}`), serverFinal };
}

/** A message that registers a user with {@linkcode PASSWORD}. */
export function registration(name: string, verifier: string = VERIFIER): string {
  return `REGISTER ${encodeText(name)} ${verifier}`;
}

/** A reply with its code, tags and text. */
export function replyOf(answer: string): Reply {
  return parseReply(answer);
}

/** The code of a reply. */
export function codeOf(answer: string): string {
  return answer.slice(0, 3);
}

/** The token in a reply. */
export function tokenOf(answer: string): string {
  const [token] = replyOf(answer).tags.TOKEN ?? [];
  if (token === undefined) throw new Error(`There is no token in: ${answer.slice(0, 3)}`);
  return token;
}

/** Whether a command succeeds: tests that need what it needs are skipped where it does not. */
export function works(command: readonly string[]): boolean {
  const [program = "", ...args] = command;
  try {
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** CPU time a process has used, in ms: utime and stime of /proc/PID/stat, in ticks of 10 ms. */
export function cpuOf(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** What a client at another address of this machine was answered, and after how many ms. */
export interface Answer {
  readonly text: string;
  readonly ms: number;
}

/**
 * A dialogue from a local address of the caller's choice, which `Deno.connect` does not offer. An empty text is the end
 * of the connection.
 */
export async function talkFrom(
  local: string,
  { host = "127.0.0.1", port }: { readonly host?: string; readonly port: number },
  messages: readonly string[],
): Promise<Answer[]> {
  const { code, stdout, stderr } = await runPython(TALK, [local, host, port, ...messages]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const TALK = `
import json, time
local, host, port, *messages = sys.argv[1:]
s = socket.create_connection((host, int(port)), source_address=(local, 0))
stream = s.makefile("rwb")
def receive():
    began = time.monotonic()
    header = stream.read(4)
    text = stream.read(*struct.unpack(">I", header)).decode() if len(header) == 4 else ""
    return {"text": text, "ms": (time.monotonic() - began) * 1000}
answers = [receive()]
for message in messages:
    payload = message.encode()
    stream.write(struct.pack(">I", len(payload)) + payload)
    stream.flush()
    answers.append(receive())
print(json.dumps(answers))
`;

const known = new Map<string, Promise<ScramKeys>>();

/** The keys of a password, derived once: 600,000 rounds take 100 ms. */
function keysOf(password: string, { salt, iterations }: Pick<Challenge, "salt" | "iterations">): Promise<ScramKeys> {
  const id = JSON.stringify([password, salt.toBase64(), iterations]);
  const keys = known.get(id) ?? deriveKeys(password, { salt, iterations });
  known.set(id, keys);
  return keys;
}
