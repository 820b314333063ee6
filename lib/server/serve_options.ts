/**
 * What a server is told.
 *
 * @module
 */
import {
  DIALOGUE_TIMEOUT,
  FRAME_TIMEOUT,
  IDLE_TIMEOUT,
  MAX_CONNECTIONS,
  MAX_PENDING,
  MAX_PER_ADDRESS,
  MAX_UNAUTHENTICATED,
  WRITE_TIMEOUT,
} from "../base/limits.ts";
import type { Framing } from "../framing/framing.ts";
import type { BufferPool } from "../net/buffers.ts";
import type { TlsIdentity } from "../net/certificate.ts";
import type { Socket } from "../net/wire.ts";
import type { AdmissionLimits } from "./admission.ts";
import type { Authenticator } from "./authenticator.ts";
import type { ConnectionLimiter } from "./connection_limiter.ts";
import type { DeadlineLimits } from "./deadlines.ts";
import type { ServiceLog } from "./log.ts";
import type { Stats } from "./stats.ts";
import type { Watch } from "./watch.ts";

/** What clients are held to; times in ms, 0 turns a limit off. */
export interface ServeLimits extends AdmissionLimits, DeadlineLimits {
  /** For the whole dialogue. */
  readonly dialogueTimeout: number;
  /** Bytes that may wait for a slow reader. */
  readonly maxPending: number;
}

/** The limits of `lib/base/limits.ts`. */
export const DEFAULT_LIMITS: ServeLimits = {
  maxConnections: MAX_CONNECTIONS,
  maxUnauthenticated: MAX_UNAUTHENTICATED,
  maxPerAddress: MAX_PER_ADDRESS,
  dialogueTimeout: DIALOGUE_TIMEOUT,
  frameTimeout: FRAME_TIMEOUT,
  idleTimeout: IDLE_TIMEOUT,
  writeTimeout: WRITE_TIMEOUT,
  maxPending: MAX_PENDING,
};

/** What `serve` needs beside its listeners. Of the limits, those left out have the default of `lib/base/limits.ts`. */
export interface ServeOptions extends Partial<ServeLimits> {
  readonly framing: Framing;
  /** Largest payload, in bytes. */
  readonly maxFrame: number;
  readonly log: ServiceLog;
  /** Where the server counts; its own numbers when left out. */
  readonly stats?: Stats;
  /** Admits clients before they are echoed; none in mode `echo`. */
  readonly authenticator?: Authenticator;
  /** Tells whether a client from an address may connect; everybody may when it is left out. */
  readonly permits?: (address: string) => boolean;
  /** Tells whether whoever connects from an address is a balancer, which has to tell whose connection it passes on. */
  readonly isProxy?: (address: string) => boolean;
  /** Whether a client that speaks TLS to its balancer counts as encrypted. */
  readonly proxyTls?: boolean;
  /** Lets clients in and out, where somebody else keeps count of them; `permits` and the limits on them are its affair. */
  readonly limiter?: ConnectionLimiter;
  /** Told when the process has no descriptor left for another client. */
  readonly onExhausted?: () => void;
  /** Large buffers lent at once, at most; default: {@linkcode BufferPool}'s own bound. */
  readonly pool?: BufferPool;
  /** Told once no more are accepted, with how many sessions go on; default: the log is. */
  readonly onDraining?: (sessions: number) => void;
  /** From the signal to the last session's end, in ms. */
  readonly drainTimeout: number;
  /** What TLS clients are greeted with now; without it TCP clients are not expected to speak TLS. */
  readonly identity?: () => TlsIdentity;
  /** Puts something between a client that was let in and its session; nothing is there when it is left out. */
  readonly wrap?: (conn: Socket) => Socket;
  /**
   * Of sockets that are served in the order in which they become ready, whatever their number: resolves when whom and what
   * had come before the call has been accepted and read.
   */
  readonly look?: () => Promise<void>;
  /** Looks on, where somebody watches. */
  readonly watch?: Watch;
  /** Ends the server: no new connections, sessions finish what they have received. */
  readonly signal: AbortSignal;
}
