/**
 * What explain keeps of what it saw: sums of everything, and as much of the beginning as a page can show.
 *
 * @module
 */
import type { WireEvent } from "./events.ts";

/** Rows of the page that `--html` writes: browsers show a few thousand at once without a pause. */
export const MAX_ROWS = 2000;

/** Characters of text and digits on that page. */
const MAX_CHARACTERS = 8 * 1024 * 1024;

/** Sums over all connections. */
export interface Totals {
  readonly connections: number;
  /** Clients that were closed because the server was not reached. */
  readonly unreachable: number;
  readonly client_bytes: number;
  readonly server_bytes: number;
  /** Whole frames; with `raw`, reads. */
  readonly client_frames: number;
  readonly server_frames: number;
  readonly resets: number;
}

export class Recording {
  readonly #events: WireEvent[] = [];
  readonly #totals = {
    ...{ connections: 0, unreachable: 0, client_bytes: 0, server_bytes: 0 },
    ...{ client_frames: 0, server_frames: 0, resets: 0 },
  };
  #characters = 0;
  #all = 0;

  /** The first events. */
  get events(): readonly WireEvent[] {
    return this.#events;
  }

  get all(): number {
    return this.#all;
  }

  /** Sums so far. */
  get totals(): Totals {
    return { ...this.#totals };
  }

  add(event: WireEvent): void {
    this.#count(event);
    this.#all++;
    if (this.#events.length >= MAX_ROWS || this.#characters >= MAX_CHARACTERS) return;
    this.#events.push(event);
    if (event.event === "frame" || event.event === "datagram") {
      this.#characters += event.payload.hex.length + (event.payload.text?.length ?? 0);
    }
  }

  #count(event: WireEvent): void {
    const totals = this.#totals;
    switch (event.event) {
      case "open":
        totals.connections++;
        break;
      case "unreachable":
        totals.connections++;
        totals.unreachable++;
        break;
      case "frame":
        if (event.complete) totals[`${event.from}_frames`]++;
        break;
      case "datagram":
        totals[`${event.from}_frames`]++;
        break;
      case "end":
        if (event.kind === "reset") totals.resets++;
        break;
      case "close":
        totals.client_bytes += event.client_bytes;
        totals.server_bytes += event.server_bytes;
        break;
    }
  }
}
