/**
 * What the main thread and its workers ask each other. The main thread owns all that there is one of: who may come in,
 * the log, the store, the dialogues, the penalties, the counts, the certificate, the signals. A worker owns connections.
 *
 * @module
 */
import type { Effect, Identity } from "../../protocol/server_dialogue.ts";
import type { ReplyLanguage } from "../../protocol/reply_texts.ts";
import type { TlsIdentity } from "../../net/certificate.ts";
import type { Denial } from "../connection_limiter.ts";
import type { Peer } from "../peer.ts";
import type { ServeLimits } from "../serve_options.ts";
import type { LogFields, LogLevel } from "../log.ts";
import type { OpenTotals, Stats } from "../stats.ts";
import type { Seen } from "../watch.ts";

/** A connection of a worker, by the number the worker has given it. */
export type ClientId = number;

/** What a worker asks of the main thread. */
export interface MainCalls {
  /**
   * May this client come in? `isUnauthenticated`: it has to be admitted first. What a dialogue begins with comes with the
   * answer, where no handshake stands before it: one way there and back for each client, and not two.
   */
  enter(id: ClientId, peer: Peer, isUnauthenticated: boolean): Entry | Promise<Entry>;
  /** The client has been admitted: it counts among those who have not logged in no longer. */
  markAuthenticated(id: ClientId): void;
  /** The client has left, and its descriptor is still in use. */
  strand(id: ClientId): void;
  /** The client has left, and its descriptor is free. */
  leave(id: ClientId, wasStranded: boolean): void;
  /** This process has no descriptor left. */
  learnDescriptorLimit(): void;
  /** The worker accepts no more, and so many of its sessions go on. */
  draining(sessions: number): void;
  log(level: LogLevel, event: string, fields: LogFields): void;

  /** The beginning of a dialogue behind a handshake. */
  greeting(id: ClientId): Promise<readonly Effect[]>;
  /** What a message of the client leads to. */
  receive(id: ClientId, message: Uint8Array): Promise<readonly Effect[]>;
  /** Resolves when it is this client's turn; the turn lasts until `endTurn`. */
  turn(id: ClientId): Promise<void>;
  endTurn(id: ClientId): void;
  /** A log-in failed: resolves when the client has waited long enough. */
  fail(id: ClientId): Promise<void>;
  admit(id: ClientId, identity: Identity): Promise<void>;
  isStillValid(id: ClientId, identity: Identity): Promise<boolean>;
  sessionEnded(identity: Identity): Promise<void>;
}

/** What a client is turned away by, or greeted with. */
interface Entry {
  readonly denial?: Denial;
  readonly greeting?: readonly Effect[];
}

/** What the main thread asks of a worker. */
export interface WorkerCalls {
  /**
   * Listens beside the other workers.
   *
   * @throws {NetworkError} `port_busy` and others.
   */
  listen(places: readonly Place[], how: ListenHow): Promise<void>;
  /**
   * Listens on sockets that the process has inherited, beside the other workers.
   *
   * @throws {UsageError} `socket_usage`
   */
  adopt(descriptors: readonly number[]): void;
  /** Serves until `stop`, and resolves when all sessions have ended. */
  serve(spec: ServeSpec): Promise<void>;
  stop(): void;
  /** From now on clients are greeted with this certificate. */
  renew(identity: TlsIdentity): void;
  /** These sessions have been revoked. */
  revoke(ids: readonly ClientId[]): void;
  /** What was counted since the last time. */
  count(): Counted;
  /** What was seen since the last time, where somebody watches. */
  see(): Seen | undefined;
}

interface ListenHow {
  /** Make sure that nobody else listens there. */
  readonly check: boolean;
  /** With io_uring, not with Deno's own sockets. */
  readonly ring: boolean;
}

/** Where to listen. */
export interface Place {
  readonly hostname: string;
  readonly port: number;
}

/** What a worker serves by. */
export interface ServeSpec extends ServeLimits {
  readonly logLevel: LogLevel;
  /** By its name. */
  readonly framing: string;
  readonly maxFrame: number;
  readonly drainTimeout: number;
  /** Language of the replies; none in mode `echo`. */
  readonly language?: ReplyLanguage;
  readonly identity?: TlsIdentity;
  /** Networks of balancers that tell whose connections they pass on. */
  readonly proxies: readonly string[];
  /** Whether a client that speaks TLS to its balancer counts as encrypted. */
  readonly proxyTls: boolean;
  /** How many workers share the bounds of the process. */
  readonly workers: number;
  /** Frames to be shown to somebody who watches, maybe none. */
  readonly watchedFrames?: number;
}

/** A worker's numbers: what there is now, and what has been since the last time. */
export interface Counted extends Pick<Stats, "ended" | "logins" | "refusals" | "unforeseen"> {
  readonly open: OpenTotals;
}
