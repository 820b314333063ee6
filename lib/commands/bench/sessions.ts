/**
 * Where a client that measures connects to, and how it gets in.
 *
 * @module
 */
import type { OnPhase, Source } from "./measure.ts";
import type { Way } from "./thread.ts";
import { AT_ONCE, openMany, type OpenWatch } from "./open_many.ts";
import { connect, type Target, targetText } from "../../net/dial.ts";
import { byteLines } from "../../client/lines.ts";
import { runDialogue } from "../../client/login.ts";
import { KnownServers } from "../../client/known_servers.ts";
import { TokenStore } from "../../client/token_store.ts";
import type { FramedConn } from "../../framed_conn.ts";
import type { RingSockets } from "../../net/uring/sockets.ts";
import { ClientDialogue } from "../../protocol/client_dialogue.ts";
import type { BENCH_OPTIONS, PING_OPTIONS } from "./options.ts";
import { conflict, type SessionConfig, sessionConfig, targetOf } from "../connection/config.ts";
import { GivenCredentials, passwordFrom, readPasswordFile } from "../connection/credentials.ts";
import { environment } from "../../cli/environment.ts";
import { stateDirectory } from "../../cli/state.ts";
import type { CommandLine } from "../../cli/options.ts";
import { SessionOpener } from "../connection/session_opener.ts";
import { standardInput } from "../../cli/output.ts";

type MeasureLine = CommandLine<typeof BENCH_OPTIONS> | CommandLine<typeof PING_OPTIONS>;

/** What {@linkcode Sessions} need beside the configuration. */
interface SessionsOptions {
  readonly password: string | undefined;
  readonly ring: RingSockets | undefined;
  readonly onUnused: (user: string) => void;
}

/** Opens what is measured. */
export class Sessions implements Source, AsyncDisposable {
  readonly config: SessionConfig;
  readonly #opener: SessionOpener;
  /** Opens connections to a server that was found not to ask for the kept session. */
  #silent: SessionOpener | undefined;
  readonly #source: GivenCredentials;
  readonly #tokens: TokenStore | undefined;
  readonly #ring: RingSockets | undefined;

  private constructor(config: SessionConfig, { password, ring, onUnused }: SessionsOptions) {
    this.config = config;
    this.#ring = ring;
    this.#source = new GivenCredentials(password, { register: false });
    const state = stateDirectory(environment);
    this.#tokens = state === undefined ? undefined : new TokenStore(`${state}/sessions`);
    const known = state === undefined ? undefined : new KnownServers(`${state}/known_servers.json`);
    this.#opener = new SessionOpener({
      ...{ config, source: this.#source, tokens: this.#tokens, known, onUnkept: () => {} },
      onUnused: ({ user }) => {
        if (this.#silent === undefined) onUnused(user);
        this.#silent ??= this.#opener.with({ mode: "echo" });
      },
    });
  }

  /**
   * From the command line, and the password from where it says.
   *
   * @param onUnused Told once whose kept session a server does not ask for.
   * @throws {UsageError} `unexpected_argument`, `bad_value`
   * @throws {NetworkError} `no_io_uring`
   */
  static async from(line: MeasureLine, onUnused: (user: string) => void): Promise<Sessions> {
    const { values } = line;
    const config = sessionConfig(values, targetOf(line));
    const password = await passwordOf(values);
    const ring = "engine" in values && values.engine === "io_uring" ? await openRing(config) : undefined;
    return new Sessions({ ...config, sockets: ring }, { password, ring, onUnused });
  }

  /** Ends the ring, where there is one; all its connections have to be closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ring?.[Symbol.asyncDispose]();
  }

  readonly asksKernel = true;

  get targets(): readonly Target[] {
    return [this.config.target];
  }

  get way(): Way {
    const { tls, family, source, proxy } = this.config;
    return { tls, family, source, proxy };
  }

  /** A connection on which echoes can begin. */
  async open(onPhase?: OnPhase): Promise<FramedConn> {
    const opener = this.#silent ?? this.#opener;
    const { conn, result } = await opener.open(onPhase);
    if (this.#silent !== undefined && opener !== this.#silent) {
      // Its read still listens for a greeting: the wire is not free. Later connections need not listen.
      conn.close();
      return await this.open(onPhase);
    }
    if (result !== undefined) onPhase?.("login");
    return conn;
  }

  /** Whether a dialogue comes before the echoes: as told, or because a session is kept. */
  async hasDialogue(): Promise<boolean> {
    const { mode, user, target } = this.config;
    if (mode !== undefined) return mode !== "echo";
    return user !== undefined || await this.#tokens?.find(targetText(target)) !== undefined;
  }

  async openAll(count: number, watch: OpenWatch): Promise<FramedConn[]> {
    const { mode, user } = this.config;
    // Log-ins hand a session token on, each to the next.
    const atOnce = (mode === undefined || mode === "echo") && user === undefined ? AT_ONCE : 1;
    return await openMany(() => this.open(), { count, atOnce, ...watch });
  }

  /** Logs in once and closes, with the token of the time before, which is replaced in `held`. */
  async logIn(held: { token?: string }, onPhase?: OnPhase): Promise<void> {
    const { conn, isSecure } = await connect(this.config.target, { ...this.config, onPhase });
    try {
      const { user: name, allowInsecure } = this.config;
      const dialogue = new ClientDialogue({
        secure: isSecure || allowInsecure,
        proof: this.config.proof,
        source: this.#source,
        randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
        ...name === undefined ? {} : { name },
        ...held.token === undefined ? {} : { token: held.token },
      });
      const { token } = await runDialogue(conn, dialogue, this.config);
      onPhase?.("login");
      if (token !== undefined) held.token = token;
    } finally {
      conn.close();
    }
  }
}

/** `--engine io_uring`; nothing of it is loaded without. */
async function openRing({ tls, source, target }: SessionConfig): Promise<RingSockets> {
  const other = tls !== undefined ? "--tls" : source !== undefined ? "--source" : undefined;
  if (other !== undefined || target.transport === "unix") throw conflict("--engine", "io_uring", other ?? "unix:");
  const { RingSockets } = await import("../../net/uring/sockets.ts");
  return RingSockets.open();
}

async function passwordOf(
  { passwordFile, passwordStdin, maxFrame }: MeasureLine["values"],
): Promise<string | undefined> {
  if (passwordFile !== undefined) return readPasswordFile(passwordFile);
  if (!passwordStdin) return undefined;
  const { value } = await byteLines(standardInput(), maxFrame).next();
  return passwordFrom(value ?? new Uint8Array(0));
}
