/**
 * A client with everything it needs, in one call: for tests and small programs.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { CLIENT_TIMEOUT, MAX_FRAME } from "../base/limits.ts";
import type { FramedConn } from "../framed_conn.ts";
import { type Framing, framingFrom } from "../framing/framing.ts";
import { connect as dial, type Connection, type Target } from "../net/dial.ts";
import { ClientDialogue, type DialogueResult } from "../protocol/client_dialogue.ts";
import { type Echo, EchoMatcher } from "./echo_matcher.ts";
import { runDialogue } from "./login.ts";
import { ReplyTimer } from "./reply_timer.ts";
import { closedByPeer, pipeline, unexpectedData } from "./pipeline.ts";

/** Where to connect to, and how. */
export interface EchoClientOptions {
  /** Default: `127.0.0.1`. */
  readonly hostname?: string;
  /** TCP port. */
  readonly port?: number;
  /** A Unix socket, instead of host and port. */
  readonly path?: string;
  /** The framing, or its name. Default: `u32`. */
  readonly framing?: Framing | string;
  /** Largest payload accepted, in bytes. Default: 1 MiB. */
  readonly maxFrame?: number;
  /** Longest wait for the connection, and for each reply, in ms. Default: 10 s. */
  readonly timeout?: number;
  /** TLS: an authority's certificate in PEM beside those that Deno trusts, a name the certificate is for if not the host's. */
  readonly tls?: { readonly ca?: string; readonly name?: string };
  /** Passwords and tokens may cross an unencrypted network. Default: false. */
  readonly allowInsecure?: boolean;
}

/** Who logs in: by password, by a session token from before, or as a new user. */
export interface Login {
  /** The user; in mode `identify` the name to be known by. */
  readonly name: string;
  /** The password; it never travels where the server offers SCRAM. */
  readonly password?: string;
  /** A token that an earlier log-in returned. */
  readonly token?: string;
  /** Registers `name` with `password`. Default: false. */
  readonly register?: boolean;
  /** For a registration at a server that takes those alone who were invited. */
  readonly invitation?: string;
}

/** An open connection to an echo server. Disposing of it closes it, after what is being sent has been sent. */
export class EchoClient implements AsyncDisposable {
  /** The connection itself, to send and receive anything. */
  readonly conn: FramedConn;
  readonly #isSecure: boolean;
  readonly #isVerified: boolean;
  readonly #options: { readonly framing: Framing; readonly timeout: number };
  readonly #matcher: EchoMatcher;

  /** See {@linkcode connect}. */
  constructor(
    { conn, isSecure, isVerified }: Connection,
    options: { readonly framing: Framing; readonly timeout: number },
  ) {
    this.conn = conn;
    this.#isSecure = isSecure;
    this.#isVerified = isVerified;
    this.#options = options;
    this.#matcher = new EchoMatcher(options.framing);
  }

  /**
   * Goes through the dialogue of modes `identify` and `auth`.
   *
   * @throws {LoginError} what the server said no to.
   * @throws {ProtocolError} when it does not keep to the dialogue.
   * @throws {TimeoutError} when it does not answer.
   */
  async login({ name, password, token, register = false, invitation }: Login): Promise<DialogueResult> {
    const type = register ? "registration" : "password";
    const invited = invitation === undefined ? {} : { invitation };
    const dialogue = new ClientDialogue({
      name,
      ...token !== undefined && { token },
      secure: this.#isSecure,
      verified: this.#isVerified,
      // Who has a password to log in with does not want to be let in by a server that knows nothing of it.
      proof: password === undefined ? "offered" : "mutual",
      source: {
        name: () => Promise.resolve(undefined),
        credential: ({ attempt }) =>
          Promise.resolve(password !== undefined && attempt === 1 ? { type, password, ...invited } : undefined),
      },
      randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    });
    return await runDialogue(this.conn, dialogue, this.#options);
  }

  /**
   * Sends a message and waits for its echo; {@linkcode Echo.differsAt} tells whether it is the same.
   *
   * @throws {ProtocolError} `bad_reply`, when something comes that answers no message.
   * @throws {NetworkError} `closed_by_peer`, `reset`
   * @throws {TimeoutError} when no echo comes in time.
   */
  async echo(message: string | Uint8Array): Promise<Echo> {
    const sent = typeof message === "string" ? new TextEncoder().encode(message) : message;
    this.#options.framing.encode(sent);
    this.#matcher.expect(sent, performance.now());
    // A large message has to be read while it is still being sent.
    const [echo] = await Promise.all([this.#nextEcho(sent), this.conn.send(sent)]);
    return echo;
  }

  /**
   * Sends many messages, without waiting for each echo before the next one, and yields their echoes in order. Closes the
   * connection at the end.
   */
  pipeline(messages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Echo, void> {
    return pipeline(this.conn, messages, this.#options);
  }

  async #nextEcho(sent: Uint8Array): Promise<Echo> {
    const { framing, timeout } = this.#options;
    const replyTimer = new ReplyTimer(this.conn, timeout);
    replyTimer.start();
    try {
      for (;;) {
        const isNothing = sent.length === 0 && !framing.hasBoundaries;
        const payload = isNothing ? sent : await this.conn.receive();
        if (payload === null) throw closedByPeer(this.#matcher.pendingCount);
        const { echoes: [echo], unexpected } = this.#matcher.feed(payload, performance.now());
        if (unexpected.length > 0) throw unexpectedData(unexpected.length);
        if (echo !== undefined) return echo;
      }
    } finally {
      replyTimer.stop();
    }
  }

  /** Closes at once. */
  close(): void {
    this.conn.close();
  }

  /** Closes, after what is being sent has been sent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.conn[Symbol.asyncDispose]();
  }
}

/**
 * Connects to an echo server.
 *
 * @throws {NetworkError} `host_not_found`, `refused`, `unreachable`
 * @throws {TimeoutError} when there is no answer in time.
 * @throws {ProtocolError} with `tls`, when there is no secure connection.
 * @throws {UsageError} `bad_framing`; `bad_value`, without a port or path.
 *
 * @example
 * ```ts
 * import { connect } from "./echo_client.ts";
 * import { startEchoServer } from "../server/echo_server.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await startEchoServer({ mode: "auth", users: { Anna: "correct horse" } });
 * await using client = await connect({ port: server.port });
 * await client.login({ name: "Anna", password: "correct horse" });
 * assertEquals((await client.echo("hello")).differsAt, -1);
 * ```
 */
export async function connect(options: EchoClientOptions): Promise<EchoClient> {
  const { maxFrame = MAX_FRAME, timeout = CLIENT_TIMEOUT, tls, allowInsecure = false } = options;
  const framing = typeof options.framing === "object" ? options.framing : framingFrom(options.framing ?? "u32");
  const trust = tls && {
    ...tls.ca !== undefined && { authority: { path: "tls.ca", pem: tls.ca } },
    ...tls.name !== undefined && { name: tls.name },
  };
  const { conn, isSecure, isVerified } = await dial(targetOf(options), { framing, maxFrame, timeout, tls: trust });
  return new EchoClient({ conn, isSecure: isSecure || allowInsecure, isVerified }, { framing, timeout });
}

function targetOf({ hostname = "127.0.0.1", port, path }: EchoClientOptions): Target {
  if (path !== undefined) return { transport: "unix", path };
  if (port !== undefined) return { transport: "tcp", host: hostname, port };
  throw new UsageError("bad_value", "Cannot connect: there is neither a port nor a path");
}
