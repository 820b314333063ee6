/**
 * One connection through `echo-client explain`: the way to the server, the relay, and what is told of it.
 *
 * @module
 */
import { addressText } from "../../base/address.ts";
import { EchoError } from "../../base/errors.ts";
import type { Framing } from "../../framing/framing.ts";
import { GREETING_WAIT } from "../../base/limits.ts";
import { escapeText } from "../../base/text.ts";
import { dial, type Dialed, type DialOptions, type Target, targetText } from "../../net/dial.ts";
import type { EndEvent, WireEvent } from "./events.ts";
import { FaultyConn } from "../faults/faulty_conn.ts";
import type { FaultPlan } from "../faults/plan.ts";
import { Observer } from "./observer.ts";
import { relay, type RelayWatcher } from "./relay.ts";
import type { Direction } from "./direction.ts";
import type { Socket } from "../../net/wire.ts";

/** What a proxy is told. */
export interface ProxyOptions extends Omit<DialOptions, "signal"> {
  readonly target: Target;
  /** `undefined`: to be found out. */
  readonly framing: Framing | undefined;
  readonly maxFrame: number;
  /** Payload bytes of each frame to show. */
  readonly most: number;
  readonly showSecrets: boolean;
  /** Says why the server cannot be reached. */
  readonly reasonOf: (error: unknown) => string;
  /** Takes each event; what it throws does not touch the bytes. */
  readonly onEvent: (event: WireEvent) => void;
  /** Waits where the output is behind; nothing where it is not. */
  readonly room: () => Promise<void> | undefined;
  /** Faults on purpose. */
  readonly faults: FaultPlan;
  /** Aborted: every connection is closed at once. */
  readonly stop: AbortSignal;
}

/**
 * Takes a client's connection over, to its end.
 *
 * @param connection Its number.
 * @returns Why the server could not be reached, where it could not.
 */
export async function proxy(
  accepted: Socket,
  connection: number,
  options: ProxyOptions,
): Promise<unknown> {
  const { target, stop, onEvent, faults: plan } = options;
  const began = performance.now();
  const client = new FaultyConn(accepted, { plan, connection, write: "down" });
  const at = (): number => performance.now() - began;
  const names = {
    time: new Date().toISOString(),
    client: addressText(client.remoteAddr),
    server: targetText(target),
  };
  let server: Dialed;
  try {
    if (!await client.accept()) return undefined;
    server = await dial(target, { ...options, signal: stop });
  } catch (error) {
    // With what the client sent left unread: the nearest to the refusal it would have had.
    client.close();
    const reason = escapeText(options.reasonOf(error));
    const code = error instanceof EchoError ? error.code : "failed";
    if (!stop.aborted) onEvent({ event: "unreachable", connection, at_ms: rounded(at()), ...names, code, reason });
    return error;
  }
  client.setNoDelay(true);
  const connect_ms = rounded(at());
  onEvent({ event: "open", connection, at_ms: connect_ms, ...names, connect_ms });
  const faultyServer = new FaultyConn(server, { plan, connection, write: "up" });
  await relay({ client, server: faultyServer }, { stop, watcher: new Watcher(connection, { at, options }) });
  return undefined;
}

/** Stands between the relay and the observer: whatever happens there, the bytes go on. */
class Watcher implements RelayWatcher {
  readonly room: () => Promise<void> | undefined;
  readonly #observer: Observer;
  readonly #at: () => number;
  readonly #onEvent: (event: WireEvent) => void;
  readonly #connection: number;
  readonly #bytes = { client: 0, server: 0 };
  #hasFailed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(connection: number, { at, options }: { readonly at: () => number; readonly options: ProxyOptions }) {
    this.#connection = connection;
    this.#at = at;
    this.#onEvent = options.onEvent;
    this.#observer = new Observer({ ...options, connection, emit: options.onEvent });
    this.room = options.room;
  }

  read(direction: Direction, chunk: Uint8Array): void {
    this.#bytes[direction] += chunk.length;
    const at = this.#at();
    this.#safely(() => {
      this.#observer.read(direction, chunk, at);
      if (!this.#observer.isHolding) clearTimeout(this.#timer);
      else this.#timer ??= setTimeout(() => this.#safely(() => this.#observer.settle()), GREETING_WAIT);
    });
  }

  end(direction: Direction, kind: EndEvent["kind"]): void {
    clearTimeout(this.#timer);
    const at = this.#at();
    this.#safely(() => this.#observer.end(direction, kind, at));
  }

  closed(): void {
    const { client: client_bytes, server: server_bytes } = this.#bytes;
    const moment = { connection: this.#connection, at_ms: rounded(this.#at()) };
    this.#safely(() => this.#onEvent({ event: "close", ...moment, client_bytes, server_bytes }), true);
  }

  /** After a failure of the analysis nothing more of this connection is analyzed. */
  #safely(look: () => void, isPlain = false): void {
    if (this.#hasFailed && !isPlain) return;
    try {
      look();
    } catch (error) {
      this.#hasFailed = true;
      const reason = escapeText(error instanceof Error ? error.message : String(error));
      try {
        this.#onEvent({ event: "failed", connection: this.#connection, at_ms: rounded(this.#at()), reason });
      } catch {
        // Whoever takes events fails at this one, too: there is nobody left to tell.
      }
    }
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
