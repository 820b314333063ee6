/**
 * Who is let in: the access list and the limits, as one question. With `--workers` the main thread answers it for all.
 *
 * @module
 */
import type { Admission, Refusal } from "./admission.ts";
import type { Peer } from "./peer.ts";

/** What a client is turned away by. */
export type Denial = Refusal | "access";

/** Lets clients in and out. */
export interface Entrance {
  /** Takes a client in, or tells what it is turned away by. `isTalking`: it has to be admitted first. */
  enter(peer: Peer, isTalking: boolean): Denial | undefined | Promise<Denial | undefined>;
  /** A client that was let in has been admitted: it counts among those who have not logged in no longer. */
  settle(peer: Peer): void;
  /** Lets a client out that was let in. */
  leave(peer: Peer): void;
  /** The process has no descriptor left for another one. */
  learnDescriptorLimit(): void;
}

/** What a {@linkcode FrontDoor} asks. */
export interface FrontDoorOptions {
  readonly admission: Admission;
  /** Tells whether a client from an address may connect; everybody may when it is left out. */
  readonly permits?: ((address: string) => boolean) | undefined;
}

/** The entrance of one process. */
export class FrontDoor implements Entrance {
  readonly #admission: Admission;
  readonly #permits: FrontDoorOptions["permits"];
  readonly #talking = new Set<Peer>();

  constructor({ admission, permits }: FrontDoorOptions) {
    this.#admission = admission;
    this.#permits = permits;
  }

  enter(peer: Peer, isTalking: boolean): Denial | undefined {
    if (this.#permits?.(peer.address) === false) return "access";
    const refusal = this.#admission.enter(peer, isTalking ? this.#talking.size : 0);
    if (refusal === undefined && isTalking) this.#talking.add(peer);
    return refusal;
  }

  settle(peer: Peer): void {
    this.#talking.delete(peer);
  }

  leave(peer: Peer): void {
    this.#talking.delete(peer);
    this.#admission.leave(peer);
  }

  learnDescriptorLimit(): void {
    this.#admission.learnDescriptorLimit();
  }
}
