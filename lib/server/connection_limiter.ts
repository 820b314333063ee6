/**
 * Who is let in: the access list and the limits, as one question.
 *
 * @module
 */
import type { Admission, Refusal } from "./admission.ts";
import type { Peer } from "./peer.ts";

/** What a client is turned away by. */
export type Denial = Refusal | "access";

/** Lets clients in and out. With `--workers` the main thread's answers for all of them. */
export interface ConnectionLimiter {
  /** Takes a client in, or tells what it is turned away by. `isUnauthenticated`: it has to be admitted first. */
  enter(peer: Peer, isUnauthenticated: boolean): Denial | undefined | Promise<Denial | undefined>;
  /** A client that was let in has been admitted: it counts among those who have not logged in no longer. */
  markAuthenticated(peer: Peer): void;
  /** A client has left or was cut off, and its descriptor is still in use; `leave` follows. */
  strand(peer: Peer): void;
  /** Lets a client out that was let in. */
  leave(peer: Peer, wasStranded?: boolean): void;
  /** The process has no descriptor left for another one. */
  learnDescriptorLimit(): void;
  /** What the next accept has to wait for. */
  hasRoom?(): Promise<void> | undefined;
}

/** What a {@linkcode LocalLimiter} asks. */
export interface LocalLimiterOptions {
  readonly admission: Admission;
  /** Tells whether a client from an address may connect; everybody may when it is left out. */
  readonly permits?: ((address: string) => boolean) | undefined;
  /** Told when the process has no descriptor left. */
  readonly onExhausted?: (() => void) | undefined;
}

/** The limiter of one process. */
export class LocalLimiter implements ConnectionLimiter {
  readonly #options: LocalLimiterOptions;

  constructor(options: LocalLimiterOptions) {
    this.#options = options;
  }

  enter(peer: Peer, isUnauthenticated: boolean): Denial | undefined {
    const { admission, permits } = this.#options;
    return permits?.(peer.address) === false ? "access" : admission.enter(peer, isUnauthenticated);
  }

  markAuthenticated(peer: Peer): void {
    this.#options.admission.markAuthenticated(peer);
  }

  strand(peer: Peer): void {
    this.#options.admission.strand(peer);
  }

  leave(peer: Peer, wasStranded: boolean = false): void {
    this.#options.admission.leave(peer, wasStranded);
  }

  learnDescriptorLimit(): void {
    this.#options.onExhausted?.();
    this.#options.admission.learnDescriptorLimit();
  }
}
