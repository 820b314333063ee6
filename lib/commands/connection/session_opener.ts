/**
 * Opens connections on which echoes can begin: connects, and goes through the server's dialogue where it has one.
 *
 * @module
 */
import { connect, type Connection, type DialOptions, targetText } from "../../net/dial.ts";
import { runDialogue } from "../../client/login.ts";
import type { KnownServers } from "../../client/known_servers.ts";
import type { KeptToken, TokenStore } from "../../client/token_store.ts";
import { EchoError, LoginError, StorageError } from "../../base/errors.ts";
import type { FramedConn } from "../../framed_conn.ts";
import { ClientDialogue, type CredentialSource, type DialogueResult } from "../../protocol/client_dialogue.ts";
import type { SessionConfig } from "./config.ts";
import { withTimeout } from "../../base/timeout.ts";

interface SessionOpenerOptions {
  readonly config: SessionConfig;
  readonly source: CredentialSource;
  /** Where tokens are kept; none where there is no home. */
  readonly tokens: TokenStore | undefined;
  /** What servers have asked for before; none where there is no home. */
  readonly known: KnownServers | undefined;
  /** Shows that a connection is waited for, until the result is disposed. */
  readonly showWaiting?: () => Disposable;
  /** Is told that a kept session is not used: the server asks for no log-in. */
  readonly onUnused?: (kept: KeptToken) => void;
  /** Is told why a session is not kept, and the client goes on; without it, that is an error. */
  readonly onUnkept?: ((error: StorageError) => void) | undefined;
  /**
   * How long a greeting is listened for, in ms beyond two round trips, where nothing says that there is one; `undefined`:
   * not at all.
   */
  readonly greetingWait?: number;
}

interface OpenSession {
  readonly conn: FramedConn;
  /** How the dialogue ended; `undefined` where there was none. */
  readonly result: DialogueResult | undefined;
  /** How long the connecting took, in ms, without the dialogue. */
  readonly connectMs: number;
}

/** A server that has a dialogue speaks within this time, in ms, where a session is kept for it; the longest wait for others. */
const SILENCE = 1000;

/** A connection, and how long it took. */
type Connected = Connection & Pick<OpenSession, "connectMs">;

export class SessionOpener {
  readonly #options: SessionOpenerOptions;
  readonly #server: string;

  constructor(options: SessionOpenerOptions) {
    this.#options = options;
    this.#server = targetText(options.config.target);
  }

  /** Whether a session is kept for later commands: there is a place for it. */
  get keeps(): boolean {
    return this.#options.tokens !== undefined;
  }

  /** The same for another framing, or for a server that is known to be of a mode. */
  with(change: Partial<Pick<SessionConfig, "framing" | "mode">>): SessionOpener {
    return new SessionOpener({ ...this.#options, config: { ...this.#options.config, ...change } });
  }

  /** Connects, and talks where the server wants to. A kept token is used silently, and its successor is kept. */
  async open(onPhase?: DialOptions["onPhase"]): Promise<OpenSession> {
    const kept = await this.#kept();
    return await this.#connected(
      async (connection) =>
        await this.#hasDialogue(connection, kept)
          ? await this.#logIn(connection, { kept, onUnkept: this.#options.onUnkept })
          : undefined,
      onPhase,
    );
  }

  /** Connects and goes through the dialogue, whatever the server seems to be. */
  async logIn(): Promise<DialogueResult> {
    const kept = await this.#kept();
    const { conn, result } = await this.#connected((connection) => this.#logIn(connection, { kept }));
    conn.close();
    return result;
  }

  /**
   * Forgets the token of the kept session, and revokes it at the server.
   *
   * @returns Why the server could not be told, where it could not.
   * @throws {LoginError} `not_logged_in`
   */
  async logOut(): Promise<EchoError | undefined> {
    const kept = await this.#mustBeKept();
    await this.#options.tokens?.remove(kept);
    try {
      const { conn } = await this.#connected((connection) =>
        runDialogue(connection.conn, this.#dialogue(connection, kept, "logout"), this.#options.config)
      );
      conn.close();
      return undefined;
    } catch (error) {
      if (error instanceof EchoError) return error;
      throw error;
    }
  }

  /**
   * The kept session, as the server sees it now.
   *
   * @throws {LoginError} `not_logged_in`, or what the server says against the token.
   */
  async whoAmI(): Promise<KeptToken> {
    const kept = await this.#mustBeKept();
    const { expires = kept.expires } = await this.logIn();
    return { ...kept, expires };
  }

  /** Connects and does `what`; where that fails, the connection is closed. */
  async #connected<T>(
    what: (connection: Connected) => Promise<T>,
    onPhase?: DialOptions["onPhase"],
  ): Promise<{ conn: FramedConn; connectMs: number; result: T }> {
    const before = performance.now();
    const connection = await this.#connect(onPhase);
    const connectMs = performance.now() - before;
    try {
      return { conn: connection.conn, connectMs, result: await what({ ...connection, connectMs }) };
    } catch (error) {
      connection.conn.close();
      throw error;
    }
  }

  async #connect(onPhase: DialOptions["onPhase"]): Promise<Connection> {
    const { config, showWaiting } = this.#options;
    using _waiting = showWaiting?.();
    return await connect(config.target, { ...config, onPhase });
  }

  /** The kept session, where one may be used: not in plain text what came over TLS, nor in place of a given password. */
  async #kept(): Promise<KeptToken | undefined> {
    const { tokens, config } = this.#options;
    if (config.hasPassword) return undefined;
    const kept = await tokens?.find(this.#server, config.user);
    return kept?.tls === true && config.tls === undefined ? undefined : kept;
  }

  async #mustBeKept(): Promise<KeptToken> {
    const kept = await this.#kept();
    if (kept !== undefined) return kept;
    throw new LoginError("not_logged_in", `Cannot go on: there is no saved session for ${this.#server}`, {
      details: { server: this.#server },
    });
  }

  /** Whether the server speaks first: as told, as known from before, or as it turns out. */
  async #hasDialogue({ conn, connectMs }: Connected, kept: KeptToken | undefined): Promise<boolean> {
    const { config, greetingWait, onUnused } = this.#options;
    if (config.mode !== undefined) return config.mode !== "echo";
    if (config.wantsLogin) return true;
    if (kept !== undefined) {
      if (await withTimeout(conn.arrival(), SILENCE) !== undefined) return true;
      onUnused?.(kept);
      return false;
    }
    if (greetingWait === undefined) return false;
    return await withTimeout(conn.arrival(), Math.min(greetingWait + 2 * connectMs, SILENCE)) !== undefined;
  }

  async #logIn(
    connection: Connection,
    { kept, onUnkept }: Pick<SessionOpenerOptions, "onUnkept"> & { readonly kept: KeptToken | undefined },
  ): Promise<DialogueResult> {
    const { config, tokens, known } = this.#options;
    const { conn } = connection;
    const dialogue = this.#dialogue(connection, kept, "login");
    try {
      const result = await runDialogue(conn, dialogue, config);
      const { token, expires, iterations: rounds } = result;
      const user = result.name ?? kept?.user;
      try {
        if (rounds !== undefined && user !== undefined) known?.remember(this.#server, { user, rounds });
        if (token !== undefined && expires !== undefined && user !== undefined) {
          await tokens?.save({ server: this.#server, user, token, expires, tls: config.tls !== undefined });
        }
      } catch (error) {
        if (!(error instanceof StorageError) || onUnkept === undefined) throw error;
        onUnkept(error);
      }
      return user === undefined ? result : { ...result, name: user };
    } catch (error) {
      if (error instanceof LoginError && error.code === "token_invalid" && kept !== undefined) {
        await tokens?.remove(kept);
      }
      throw error;
    }
  }

  /** What the server has proved before; where the file cannot be read, that is told once the log-in is to be kept. */
  #roundsOf(user: string): number | undefined {
    try {
      return this.#options.known?.rounds(this.#server, user);
    } catch (error) {
      if (!(error instanceof StorageError) || this.#options.onUnkept === undefined) throw error;
      return undefined;
    }
  }

  #dialogue(
    { isSecure, isVerified }: Connection,
    kept: KeptToken | undefined,
    intent: "login" | "logout",
  ): ClientDialogue {
    const { config, source } = this.#options;
    const name = config.user ?? kept?.user;
    return new ClientDialogue({
      proof: config.proof,
      minIterations: (user) => this.#roundsOf(user),
      secure: isSecure || config.allowInsecure,
      verified: isVerified,
      source,
      randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
      intent,
      ...name === undefined ? {} : { name },
      // Who registers anew does not want the session of before.
      ...kept === undefined || config.register ? {} : { token: kept.token },
    });
  }
}
