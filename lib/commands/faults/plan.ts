/**
 * The faults that are set now, for whom, and what is told of them.
 *
 * @module
 */
import type { FramesOptions } from "./frames.ts";
import type { Resetter } from "./hard_reset.ts";
import type { Direction, FaultName, Strike } from "./pieces.ts";
import { Random } from "./random.ts";
import type { FaultSettings, FaultSpec, Way } from "./settings.ts";

/** From when to when a connection is there. */
interface ConnectionLife {
  /** See {@linkcode Direction.closing}. */
  readonly closing: AbortSignal;
  /** See {@linkcode Direction.began}; now, unless given. */
  readonly began?: number | undefined;
}

/** A fault strikes a connection. */
export interface ConnectionStrike extends Strike {
  /** The connection's number, from 1. */
  readonly connection: number;
  readonly way: Way;
  /** Since the connection came. */
  readonly at_ms: number;
}

interface FaultPlanOptions extends FramesOptions {
  readonly specs: readonly FaultSpec[];
  /** Where chance begins. */
  readonly seed: number;
  readonly onStrike: (strike: ConnectionStrike) => void;
  /** Resets a connection; see {@linkcode Resetter}. */
  readonly reset: Resetter;
}

export class FaultPlan {
  readonly options: FaultPlanOptions;
  readonly #listeners = new Set<() => void>();
  #specs: readonly FaultSpec[];

  constructor(options: FaultPlanOptions) {
    this.options = options;
    this.#specs = options.specs;
  }

  /** The faults as they were written. */
  get texts(): readonly string[] {
    return this.#specs.map(({ text }) => text);
  }

  get seed(): number {
    return this.#specs.find(({ seed }) => seed !== undefined)?.seed ?? this.options.seed;
  }

  /** Sets others, for connections that are open as well. */
  change(specs: readonly FaultSpec[]): void {
    this.#specs = specs;
    for (const listener of this.#listeners) listener();
  }

  /** A direction of a connection, as its faults see it. */
  direction(connection: number, way: Way, { closing, began = performance.now() }: ConnectionLife): Direction {
    const settings = (): FaultSettings => this.#settings(connection, way);
    let [seen, current] = [this.#specs, settings()];
    const now = (): FaultSettings => {
      if (seen !== this.#specs) [seen, current] = [this.#specs, settings()];
      return current;
    };
    const strike = (strike: Strike): void =>
      this.options.onStrike({
        connection,
        way,
        at_ms: Math.round((performance.now() - began) * 1000) / 1000,
        ...strike,
      });
    return {
      way,
      get settings() {
        return now();
      },
      onChange: (call) => {
        this.#listeners.add(call);
        return () => this.#listeners.delete(call);
      },
      began,
      closing,
      random: (fault: FaultName) => new Random(`${this.seed} ${connection} ${way} ${fault}`),
      strike,
    };
  }

  /** Those that are for this connection and way; a later one wins. */
  #settings(connection: number, way: Way): FaultSettings {
    const own = this.#specs.filter(({ ways, share }, at) =>
      ways.includes(way) && (share === undefined || this.#isOneOf(connection, { share, at }))
    );
    return Object.assign({}, ...own.map(({ settings }) => settings));
  }

  #isOneOf(connection: number, { share, at }: { readonly share: FaultSpec["share"]; readonly at: number }): boolean {
    return new Random(`${this.seed} ${connection} share ${at}`).hits(share, connection);
  }
}
