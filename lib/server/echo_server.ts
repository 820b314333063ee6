/**
 * A server with everything it needs, in one call: for tests and small programs.
 *
 * @module
 */
import { formatVerifier, makeVerifier } from "../auth/verifier.ts";
import { DRAIN_TIMEOUT, MAX_ATTEMPTS, MAX_FRAME, MIN_ITERATIONS, SALT_BYTES } from "../base/limits.ts";
import { type Framing, framingFrom } from "../framing/framing.ts";
import type { TlsIdentity } from "../net/certificate.ts";
import { listen } from "../net/listen.ts";
import type { UserStore } from "../store/store.ts";
import { type Authenticator, type AuthenticatorOptions, openAuthenticator, openIdentifier } from "./authenticator.ts";
import type { LogFields, LogLevel, ServiceLog } from "./log.ts";
import { serve } from "./serve.ts";
import type { ServeLimits } from "./serve_options.ts";
import { Stats } from "./stats.ts";

/** What happened to a server or one of its clients: `connect`, `logged_in`, `disconnect` … */
export interface ServerEvent {
  /** How much it matters. */
  readonly level: LogLevel;
  /** Stable name. */
  readonly event: string;
  /** Values; `peer` is the client's address. */
  readonly fields: LogFields;
}

/** What {@linkcode startEchoServer} can be told. */
export interface EchoServerOptions {
  /** What comes before the echo. Default: `echo`, nothing. */
  readonly mode?: "echo" | "identify" | "auth";
  /** A framing, or its name. Default: `u32`. */
  readonly framing?: Framing | string;
  /** An address or name of this machine, or `unix:/path`. Default: `127.0.0.1`. */
  readonly host?: string;
  /** Default: 0, any free one. A busy port is an error. */
  readonly port?: number;
  /** Largest payload, in bytes. Default: 1 MiB. */
  readonly maxFrame?: number;
  /** Users of mode `auth` with their passwords, made if they do not exist. Their verifiers are cheap: for tests. */
  readonly users?: Readonly<Record<string, string>>;
  /** Directory of users, sessions and hosts; needs permission to read and write it. Default: they are kept in memory. */
  readonly data?: string;
  /** Passwords and tokens may cross an unencrypted network. Default: false. */
  readonly allowInsecure?: boolean;
  /** Certificate and key in PEM, with which every client has to speak TLS. Default: plain text. */
  readonly tls?: TlsIdentity;
  /** What clients are held to. Default: as `echo-server`. */
  readonly limits?: Partial<ServeLimits>;
  /** How long {@linkcode EchoServer.close} lets sessions finish, in ms. Default: 10 s. */
  readonly drainTimeout?: number;
  /** Told what happens. */
  readonly onEvent?: (event: ServerEvent) => void;
}

/** A server that is running. Disposing of it closes it. */
export class EchoServer implements AsyncDisposable {
  /** Where it listens: `127.0.0.1:9090`, `unix:/path`. */
  readonly address: string;
  /** TCP port; 0 for a Unix socket. */
  readonly port: number;
  /** Resolves when the server has ended; rejects with what ended it out of order. */
  readonly finished: Promise<void>;
  readonly #stop: AbortController;

  /** See {@linkcode startEchoServer}. */
  constructor(at: { address: string; port: number }, stop: AbortController, finished: Promise<void>) {
    this.address = at.address;
    this.port = at.port;
    this.#stop = stop;
    this.finished = finished;
  }

  /** Takes no more connections, lets sessions finish what they have received, and resolves when all have ended. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.finished;
  }

  /** {@linkcode EchoServer.close} */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Starts a server; it accepts connections when the promise resolves.
 *
 * @throws {UsageError} `bad_framing`; `bad_value` for a user's name or password that cannot be one.
 * @throws {NetworkError} `port_busy`, `permission`, `address_unavailable`, `host_not_found`
 * @throws {StorageError} when `data` cannot be used.
 *
 * @example A framed echo peer for a test
 * ```ts
 * import { startEchoServer } from "./echo_server.ts";
 * import { FramedConn } from "../framed_conn.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await startEchoServer();
 * await using conn = new FramedConn(await Deno.connect({ port: server.port }));
 * await conn.send("hello");
 * assertEquals(await conn.receiveText(), "hello");
 * ```
 */
export async function startEchoServer(options: EchoServerOptions = {}): Promise<EchoServer> {
  const { framing = "u32", host = "127.0.0.1", port = 0, maxFrame = MAX_FRAME, limits, tls } = options;
  const { drainTimeout = DRAIN_TIMEOUT } = options;
  await using cleanup = new AsyncDisposableStack();
  const stats = new Stats();
  const log = logTo(options.onEvent ?? (() => {}));
  const authenticator = await authenticatorFor(options, { log, stats, cleanup });
  const stop = new AbortController();
  const serving = {
    ...limits,
    framing: typeof framing === "string" ? framingFrom(framing) : framing,
    maxFrame,
    drainTimeout,
    log,
    stats,
    signal: stop.signal,
    ...authenticator && { authenticator },
    ...tls && { identity: () => tls },
  };
  const listeners = await listen({ hosts: [host], port, strictPort: true });
  const owned = cleanup.move();
  const finished = serve(listeners, serving).finally(() => owned.disposeAsync());
  finished.catch(() => {/* whoever awaits it, or closes the server, is told */});
  const [{ address, listener: { addr } } = { address: "", listener: { addr: undefined } }] = listeners;
  return new EchoServer({ address, port: addr !== undefined && "port" in addr ? addr.port : 0 }, stop, finished);
}

async function authenticatorFor(
  { mode = "echo", data, users = {}, allowInsecure = false }: EchoServerOptions,
  { log, stats, cleanup }: Pick<AuthenticatorOptions, "log" | "stats"> & { readonly cleanup: AsyncDisposableStack },
): Promise<Authenticator | undefined> {
  if (mode === "echo") return undefined;
  const store = cleanup.use(await openStore(data));
  for (const [name, password] of Object.entries(users)) {
    const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
    const verifier = formatVerifier(await makeVerifier(password, { salt, iterations: MIN_ITERATIONS }));
    await store.createUser({ name, verifier, createdAt: Date.now() });
  }
  const authenticator = { store, log, stats, language: "en", allowInsecure, maxAttempts: MAX_ATTEMPTS } as const;
  return mode === "auth" ? await openAuthenticator(authenticator) : openIdentifier(authenticator);
}

async function openStore(data: string | undefined): Promise<UserStore> {
  if (data === undefined) return (await import("../store/memory_store.ts")).openMemoryStore();
  const { openSqliteStore } = await import("../store/sqlite_store.ts");
  return await openSqliteStore(data);
}

function logTo(onEvent: (event: ServerEvent) => void): ServiceLog {
  const tell = (level: LogLevel) => (event: string, fields: LogFields = {}): void => onEvent({ level, event, fields });
  return {
    debug: tell("debug"),
    info: tell("info"),
    warn: tell("warn"),
    error: tell("error"),
    reopen: () => {},
    [Symbol.dispose]: () => {},
  };
}
